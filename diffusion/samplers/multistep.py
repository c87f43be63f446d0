"""Samplers that remember: the steps before this one raise the order at one model call a step."""

import math
from collections import deque
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch

from diffusion.samplers.steps import derivative, gauss_legendre, glide, lagrange_integrals, middle, weighted_sum
from diffusion.shapes import Denoiser, Latents, OnStep, Sigma, Sigmas, quiet

ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)
"""Weights of the newest derivative and those before it, for one to four of them at even steps."""


@torch.no_grad()
def lms(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet, *, order: int = 4) -> Latents:
    """Adams-Bashforth in sigma for steps of any size; the order grows from 1 to `order`."""
    levels: list[float] = sigmas.tolist()
    rule = gauss_legendre(order // 2 + 1)
    history: deque[Latents] = deque(maxlen=order)  # newest first
    for i, sigma in enumerate(sigmas[:-1]):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        history.appendleft(derivative(x, x0, sigma))
        known = levels[i + 1 - len(history) : i + 1][::-1]
        x = x + weighted_sum(lagrange_integrals(known, levels[i], levels[i + 1], rule), list(history))
    return x


@torch.no_grad()
def ipndm(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet, *, order: int = 4) -> Latents:
    """Improved PNDM (Zhang & Chen 2023): Adams-Bashforth weights of even steps, the order growing from 1 to `order`."""
    history: deque[Latents] = deque(maxlen=min(order, len(ADAMS_BASHFORTH)))
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        history.appendleft(derivative(x, x0, sigma))
        x = x + weighted_sum(ADAMS_BASHFORTH[len(history) - 1], list(history)) * (sigma_next - sigma)
    return x


@torch.no_grad()
def ipndm_v(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """`ipndm` with weights for steps of different lengths, as published with AMED-Solver (Zhou et al. 2024).

    Kept as they were published and are in use: the weights for three and four derivatives are not quite those of the
    polynomials through them, which `lms` has.
    """
    levels: list[float] = sigmas.tolist()
    history: deque[Latents] = deque(maxlen=4)
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        history.appendleft(derivative(x, x0, sigma))
        lengths = [levels[k + 1] - levels[k] for k in range(i, i - len(history), -1)]
        x = x + weighted_sum(_uneven_weights(lengths), list(history)) * (sigma_next - sigma)
    return x


def _uneven_weights(lengths: list[float]) -> tuple[float, ...]:
    """Weights of the derivatives, newest first, from the lengths of this step and of those before it."""
    if len(lengths) == 1:
        return (1.0,)
    h, h1 = lengths[:2]
    if len(lengths) == 2:
        return 1 + h / (2 * h1), -h / (2 * h1)
    h2 = lengths[2]
    p = h1 / h2
    third = (1 - h**2 / (3 * h1 * (h1 + h2))) / 2
    if len(lengths) == 3:
        return 1 + h / (2 * h1) + third, -h / (2 * h1) - (1 + p) * third, p * third
    h3 = lengths[3]
    q = h1 * (h1 + h2) / (h2 * (h2 + h3))
    fourth = (1 - h / (3 * (h + h1))) / 2 + (1 - h / (2 * (h + h1))) * h / (6 * (h + h1 + h2))
    fourth *= h * (h + h1) * (h + h1 + h2) / (h1 * (h1 + h2) * (h1 + h2 + h3))
    return (
        1 + h / (2 * h1) + third + fourth,
        -h / (2 * h1) - (1 + p) * third - (1 + p + q) * fourth,
        p * third + (p + q * (1 + h2 / h3)) * fourth,
        -p * q * fourth,
    )


@torch.no_grad()
def deis(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet, *, order: int = 3) -> Latents:
    """Diffusion exponential integrator (Zhang & Chen 2023, "tAB"): the derivative is a polynomial in VP time."""
    levels: list[float] = sigmas.tolist()
    rule = gauss_legendre(24)
    history: deque[Latents] = deque(maxlen=order)
    for i, sigma in enumerate(sigmas[:-1]):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        history.appendleft(derivative(x, x0, sigma))
        if levels[i + 1] == 0:
            return x0
        known = _vp_time(np.array(levels[i + 1 - len(history) : i + 1][::-1])).tolist()
        weights = lagrange_integrals(known, levels[i], levels[i + 1], rule, _vp_time)
        x = x + weighted_sum(weights, list(history))
    return x


def _vp_time(sigma: np.ndarray) -> np.ndarray:
    """The time at which a VP diffusion with linear beta that reaches 0.002 at 0.001 and 80 at 1 has this level."""
    first, last = math.log1p(0.002**2), math.log1p(80.0**2)
    slope = 2 * (last - first / 1e-3) / (1 - 1e-3)
    start = last - slope / 2
    return (np.sqrt(start**2 + 2 * slope * np.log1p(sigma**2)) - start) / slope


@torch.no_grad()
def gradient_estimation(
    denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet, *, gamma: float = 2.0
) -> Latents:
    """Euler with a corrected derivative, gamma * d + (1 - gamma) * d of the last step (Permenter & Yuan 2024)."""
    before: Latents | None = None
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        if sigma_next == 0:
            return x0
        d = derivative(x, x0, sigma)
        x = x + (d if before is None else d * gamma + before * (1 - gamma)) * (sigma_next - sigma)
        before = d
    return x


@torch.no_grad()
def plms(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """Pseudo linear multistep (Liu et al. 2022, algorithm 2, started as latent diffusion does).

    Adams-Bashforth weights of even steps, of order 1 to 4 as the history grows. The very first step, which has no
    history, averages its derivative with that of the place it leads to: one further model call.
    """
    history: deque[Latents] = deque(maxlen=len(ADAMS_BASHFORTH))
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        history.appendleft(derivative(x, x0, sigma))
        d = weighted_sum(ADAMS_BASHFORTH[len(history) - 1], list(history))
        if i == 0 and sigma_next > 0:
            guess = x + d * (sigma_next - sigma)
            d = (d + derivative(guess, denoise(guess, sigma_next), sigma_next)) / 2
        x = x + d * (sigma_next - sigma)
    return x


@torch.no_grad()
def pndm(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    between: Callable[[Sigma, Sigma], Sigma] = middle,
) -> Latents:
    """Pseudo numerical methods (Liu et al. 2022, algorithm 2): three Runge-Kutta steps, then linear multistep.

    between: the level in the middle of a Runge-Kutta step. The paper halves timesteps, which a sampler does not know;
    halving log sigma is nearly that.
    """
    history: deque[Latents] = deque(maxlen=len(ADAMS_BASHFORTH))
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        history.appendleft(derivative(x, x0, sigma))
        if i < 3 and sigma_next > 0:
            half = between(sigma, sigma_next)
            d = _runge_kutta(denoise, x, history[0], sigma, half, sigma_next)
        else:
            d = weighted_sum(ADAMS_BASHFORTH[len(history) - 1], list(history))
        x = x + d * (sigma_next - sigma)
    return x


def _runge_kutta(denoise: Denoiser, x: Latents, d1: Latents, sigma: Sigma, half: Sigma, sigma_next: Sigma) -> Latents:
    """The mean derivative of a classical Runge-Kutta step, whose first one is known: three model calls."""

    def slope(d: Latents, level: Sigma) -> Latents:
        there = x + d * (level - sigma)
        return derivative(there, denoise(there, level), level)

    d2 = slope(d1, half)
    d3 = slope(d2, half)
    d4 = slope(d3, sigma_next)
    return (d1 + 2 * d2 + 2 * d3 + d4) / 6


@torch.no_grad()
def dpmpp_2m(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """DPM-Solver++(2M) (Lu et al. 2022b, algorithm 2): x0 is extrapolated by half a step in log sigma; order 2."""
    before: tuple[Latents, Sigma] | None = None  # x0 and sigma of the last step
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        ahead = x0
        if before is not None and sigma_next > 0:
            x0_before, sigma_before = before
            h, h_before = (sigma / sigma_next).log(), (sigma_before / sigma).log()
            ahead = x0 + (x0 - x0_before) * (h / (2 * h_before))
        x = glide(x, ahead, sigma, sigma_next)
        before = x0, sigma
    return x
