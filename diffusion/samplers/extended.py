"""Extended reverse-time SDE solvers (Cui et al. 2023): how much noise there is along the way is a function's choice."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch

from diffusion.samplers.steps import Quadrature, gauss_legendre
from diffusion.shapes import Denoiser, Latents, NoiseBetween, OnStep, Sigmas, quiet

NoiseScale = Callable[[np.ndarray], np.ndarray]
"""phi of the paper, over sigma: of x a step leaves the share phi(sigma_next) / phi(sigma). phi(s) = s is the ODE."""


def recommended(sigma: np.ndarray) -> np.ndarray:
    """The noise scale that the paper calls SDE 5."""
    return sigma * (np.exp(sigma**0.3) + 10)


@torch.no_grad()
def er_sde(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    s_noise: float = 1.0,
    scale: NoiseScale = recommended,
    order: int = 3,
) -> Latents:
    """The solver of order 1 to 3 in VE form, by a Taylor expansion of x0 in sigma: one model call a step."""
    rule = gauss_legendre(24)
    levels: list[float] = sigmas.tolist()
    x0_before: Latents | None = None
    slope_before: Latents | None = None
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        if sigma_next == 0:
            return x0
        here, there = levels[i], levels[i + 1]
        kept = float(scale(np.array(there)) / scale(np.array(here)))
        x = x0 + (x - x0) * kept
        if x0_before is not None and order > 1:
            first, second = _taylor_weights(here, there, scale, rule)
            slope = (x0 - x0_before) / (here - levels[i - 1])
            x = x + slope * first
            if slope_before is not None and order > 2:
                x = x + (slope - slope_before) * (2 * second / (here - levels[i - 2]))
            slope_before = slope
        x0_before = x0
        variance = there**2 - (here * kept) ** 2
        if variance > 0:
            x = x + noise(sigma, sigma_next) * (variance**0.5 * s_noise)
    return x


def _taylor_weights(here: float, there: float, scale: NoiseScale, rule: Quadrature) -> tuple[float, float]:
    """What the first and the second derivative of x0 in sigma add over a step."""
    places, weights = rule
    half = (here - there) / 2
    at = (here + there) / 2 + half * places
    density = half * weights / scale(at)
    end, step = float(scale(np.array(there))), there - here
    return step + end * float(density.sum()), step**2 / 2 + end * float((density * (at - here)).sum())
