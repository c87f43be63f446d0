"""DPM-Solver (Lu et al. 2022) of orders 1 to 3: with a fixed budget of model calls, and with steps of adapted length.

Both walk from the first level to the last one above 0 in steps of their own, even in log sigma or as long as the error
allows, and end there. Where the first level is the only one, they answer with x0.
"""

import math
from dataclasses import dataclass

import torch

from diffusion.samplers.steps import ancestral_levels, derivative
from diffusion.shapes import Denoiser, Latents, NoiseBetween, OnStep, Sigma, Sigmas, quiet


@torch.no_grad()
def dpm_fast(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Latents:
    """DPM-Solver-fast: as many model calls as the run has steps, most of them in steps of order 3."""
    positive = sigmas[sigmas > 0]
    if len(positive) == 1:
        return _jump(denoise, x, positive[0], on_step)
    calls = len(sigmas) - 1
    count = calls // 3 + 1
    orders = [3] * (count - 2) + [2, 1] if calls % 3 == 0 else [3] * (count - 1) + [calls % 3]
    levels = torch.linspace(float(positive[0].log()), float(positive[-1].log()), count + 1, dtype=torch.float64).exp()
    levels = levels.to(sigmas.dtype)
    for i, order in enumerate(orders):
        sigma, sigma_next = levels[i], levels[i + 1]
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        down, up = _lowered(sigma, sigma_next, levels[-1], eta)
        x = _Step(denoise, x, derivative(x, x0, sigma), sigma, down).of_order(order)
        if up > 0:
            x = x + noise(sigma, sigma_next) * (up * s_noise)
    return x


@dataclass
class _Step:
    """One step of DPM-Solver from sigma to sigma_next; d is the derivative at its beginning."""

    denoise: Denoiser
    x: Latents
    d: Latents
    sigma: Sigma
    sigma_next: Sigma

    def of_order(self, order: int) -> Latents:
        """The solution of order 1, 2 or 3, by as many model calls less one."""
        if order == 1:
            return self.first()
        if order == 2:
            return self.second(0.5, self.inner(0.5, self.d, 0.0))
        return self.third(self.inner(1 / 3, self.d, 0.0))

    def first(self) -> Latents:
        """Euler's step."""
        return self.x + self.d * (self.sigma_next - self.sigma)

    def second(self, r: float, d_r: Latents) -> Latents:
        """From the derivative at r, a share of the way in log sigma."""
        return self.first() + (d_r - self.d) * ((self.sigma_next - self.sigma) / (2 * r))

    def third(self, d_1: Latents) -> Latents:
        """From the derivative at 1/3; asks for that at 2/3."""
        d_2 = self.inner(2 / 3, d_1, 2.0)
        return self.first() + (d_2 - self.d) * (self._bent(1.0) * 3 / 2)

    def inner(self, r: float, d_before: Latents, weight: float) -> Latents:
        """The derivative at r, reached with the change of derivatives before it."""
        level = self.sigma * (self.sigma_next / self.sigma) ** r
        there = self.x + self.d * (level - self.sigma)
        if weight:
            there = there + (d_before - self.d) * (self._bent(r) * weight)
        return derivative(there, self.denoise(there, level), level)

    def _bent(self, r: float) -> Sigma:
        """-sigma_r * (expm1(r h) / (r h) - 1): what a slope of the derivative adds up to r."""
        level = self.sigma * (self.sigma_next / self.sigma) ** r
        h = (self.sigma / level).log()
        return -level * (torch.expm1(h) / h - 1)


@torch.no_grad()
def dpm_adaptive(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    order: int = 3,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    pcoeff: float = 0.0,
    icoeff: float = 1.0,
    dcoeff: float = 0.0,
    accept_safety: float = 0.81,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Latents:
    """DPM-Solver-12 (order 2) or -23 (order 3): steps in log sigma as long as two orders agree.

    rtol, atol: the tolerated difference. h_init: the first step. pcoeff, icoeff, dcoeff: the coefficients of the PID
    controller of step lengths (Söderlind 2003); accept_safety: how much shorter than this one the next step may be
    before this one is done again. Of the run's levels only the first and the last count.
    """
    if order not in (2, 3):
        raise ValueError(f"dpm_adaptive compares orders 1 and 2 or 2 and 3: order is 2 or 3, and not {order}")
    positive = sigmas[sigmas > 0]
    if len(positive) == 1:
        return _jump(denoise, x, positive[0], on_step)
    sigma, last = positive[0], positive[-1]
    control = _StepControl(h_init, pcoeff, icoeff, dcoeff, 1.5 if eta else order, accept_safety)
    x_before, i = x, 0
    while sigma > last * (1 + 1e-5):
        sigma_next = torch.maximum(last, sigma * math.exp(-control.h))
        down, up = _lowered(sigma, sigma_next, last, eta)
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        step = _Step(denoise, x, derivative(x, x0, sigma), sigma, down)
        if order == 2:
            low, high = step.first(), step.of_order(2)
        else:
            d_1 = step.inner(1 / 3, step.d, 0.0)
            low, high = step.second(1 / 3, d_1), step.third(d_1)
        allowed = (torch.maximum(low.abs(), x_before.abs()) * rtol).clamp(min=atol)
        error = float(torch.linalg.vector_norm((low - high) / allowed)) / x.numel() ** 0.5
        if control.accepts(error):
            x_before, x, sigma = low, high, sigma_next
            if up > 0:
                x = x + noise(sigma, sigma_next) * (up * s_noise)
        i += 1
    return x


class _StepControl:
    """A PID controller of step lengths."""

    def __init__(
        self, h: float, pcoeff: float, icoeff: float, dcoeff: float, order: float, accept_safety: float
    ) -> None:
        self.h = h
        self._powers = (pcoeff + icoeff + dcoeff) / order, -(pcoeff + 2 * dcoeff) / order, dcoeff / order
        self._safety = accept_safety
        self._inverse_errors: list[float] = []  # of this step and of the two accepted before it

    def accepts(self, error: float) -> bool:
        """Whether a step with this error (1 is just tolerated) stands; sets the length of the next."""
        inverse = 1 / (error + 1e-8)
        before = self._inverse_errors or [inverse, inverse]
        factor = math.prod(one**power for one, power in zip((inverse, *before), self._powers, strict=True))
        factor = 1 + math.atan(factor - 1)
        self.h *= factor
        accepted = factor >= self._safety
        self._inverse_errors = [inverse, before[0]] if accepted else before
        return accepted


def _lowered(sigma: Sigma, sigma_next: Sigma, last: Sigma, eta: float) -> tuple[Sigma, Sigma]:
    """As `ancestral_levels`, but never below the last level."""
    if eta == 0:
        return sigma_next, torch.zeros_like(sigma_next)
    down = torch.maximum(last, ancestral_levels(sigma, sigma_next, eta)[0])
    return down, (sigma_next**2 - down**2).clamp(min=0).sqrt()


def _jump(denoise: Denoiser, x: Latents, sigma: Sigma, on_step: OnStep) -> Latents:
    x0 = denoise(x, sigma)
    on_step(0, x0, x)
    return x0
