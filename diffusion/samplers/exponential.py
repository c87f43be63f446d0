"""Exponential integrators: the part of a step that is linear in x is solved exactly, x0 is a polynomial in log sigma.

With time t = -log sigma and noise of strength eta the mean moves as dx/dt = (1 + eta) (x0 - x), so that over a step of
length h, H = (1 + eta) h, the exact mean is exp(-H) x + H * integral over v of exp(-H (1 - v)) x0(t + v h).
"""

from itertools import pairwise

import torch

from diffusion.samplers.steps import ancestral_levels, glide
from diffusion.shapes import Denoiser, Latents, NoiseBetween, OnStep, Sigma, Sigmas, quiet


def slope_share(step: Sigma) -> Sigma:
    """H * integral of exp(-H (1 - v)) v dv: what a slope of x0 adds to a step; called phi_2."""
    return 1 + torch.expm1(-step) / step


@torch.no_grad()
def res_multistep(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """The multistep refined exponential solver of order 2 (Zhang et al. 2023): one model call a step."""

    def none(sigma: Sigma, sigma_next: Sigma) -> Latents:
        return torch.zeros_like(x)

    return res_multistep_ancestral(denoise, x, sigmas, on_step, noise=none, eta=0.0)


@torch.no_grad()
def res_multistep_ancestral(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Latents:
    """`res_multistep` to the lower level of an ancestral step, then noise."""
    before: tuple[Latents, Sigma] | None = None  # x0 and sigma of the last step
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        down, up = ancestral_levels(sigma, sigma_next, eta)
        x = glide(x, x0, sigma, down)
        if before is not None and down > 0:
            x0_before, sigma_before = before
            h = (sigma / down).log()
            x = x + (x0 - x0_before) * (slope_share(h) * h / (sigma_before / sigma).log())
        if up > 0:
            x = x + noise(sigma, sigma_next) * (up * s_noise)
        before = x0, sigma
    return x


class _Path:
    """The noise of the stochastic integral along one step, for solvers that look at it in several places."""

    def __init__(self, like: Latents, sigma: Sigma, eta: float, s_noise: float, noise: NoiseBetween) -> None:
        self._sigma, self._eta, self._s_noise, self._noise = sigma, eta, s_noise, noise
        self._level = sigma
        self._sum = torch.zeros_like(like)

    def at(self, level: Sigma) -> Latents:
        """The noise that has come in by `level`; levels are asked for in falling order."""
        if self._eta > 0:
            ratio = level / self._level
            kept = ratio ** (1 + self._eta)
            fresh = level * (1 - ratio ** (2 * self._eta)).sqrt()
            self._sum = self._sum * kept + self._noise(self._level, level) * (fresh * self._s_noise)
            self._level = level
        return self._sum


@torch.no_grad()
def seeds_2(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r: float = 0.5,
) -> Latents:
    """SEEDS-2 (Gonzalez et al. 2023): the stochastic exponential midpoint method; two model calls a step."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        if sigma_next == 0:
            return x0
        h = (sigma / sigma_next).log()
        step = (1 + eta) * h
        path = _Path(x, sigma, eta, s_noise, noise)
        inner = sigma * (-r * h).exp()
        x0_2 = denoise(_moved(x, x0, r * step) + path.at(inner), inner)
        x = _moved(x, torch.lerp(x0, x0_2, 1 / (2 * r)), step) + path.at(sigma_next)
    return x


@torch.no_grad()
def seeds_3(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r: tuple[float, float] = (1 / 3, 2 / 3),
) -> Latents:
    """SEEDS-3 (Gonzalez et al. 2023): three model calls a step, of order 3 without noise."""
    r1, r2 = r
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        if sigma_next == 0:
            return x0
        h = (sigma / sigma_next).log()
        step = (1 + eta) * h
        path = _Path(x, sigma, eta, s_noise, noise)
        first, second = sigma * (-r1 * h).exp(), sigma * (-r2 * h).exp()
        x0_2 = denoise(_moved(x, x0, r1 * step) + path.at(first), first)
        sloped = _moved(x, x0, r2 * step) + (x0_2 - x0) * (slope_share(r2 * step) * r2 / r1)
        x0_3 = denoise(sloped + path.at(second), second)
        x = _moved(x, x0, step) + (x0_3 - x0) * (slope_share(step) / r2) + path.at(sigma_next)
    return x


def _moved(x: Latents, x0: Latents, step: Sigma) -> Latents:
    """The mean after a step of H = (1 + eta) h during which x0 stays."""
    return x0 + (x - x0) * (-step).exp()
