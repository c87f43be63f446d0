"""Samplers of the reverse-time SDE of DPM-Solver++ (Lu et al. 2022b), driven by a Brownian motion over sigma."""

from collections import deque
from collections.abc import Callable
from itertools import pairwise

import torch

from diffusion.samplers.steps import ancestral_levels, glide, middle
from diffusion.shapes import Denoiser, Latents, NoiseBetween, OnStep, Sigma, Sigmas, quiet

SlopeWeight = Callable[[Sigma, Sigma], Sigma]
"""How much of x0's slope a step takes along, from (what is left of x, the step in log sigma times 1 + eta)."""


@torch.no_grad()
def dpmpp_sde(
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
    """The single-step solver of order 2, with noise at its inner point too: two model calls a step.

    eta: how much noise, 0 is the ODE. s_noise: its deviation. r: where the inner point lies in log sigma.
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        if sigma_next > 0:
            between = middle(sigma, sigma_next, r)
            down, up = ancestral_levels(sigma, between, eta)
            inner = glide(x, x0, sigma, down)
            if up > 0:
                inner = inner + noise(sigma, between) * (up * s_noise)
            x0 = torch.lerp(x0, denoise(inner, between), 1 / (2 * r))
        down, up = ancestral_levels(sigma, sigma_next, eta)
        x = glide(x, x0, sigma, down)
        if up > 0:
            x = x + noise(sigma, sigma_next) * (up * s_noise)
    return x


def midpoint(shrink: Sigma, step: Sigma) -> Sigma:
    """The slope's share by the midpoint rule."""
    return (1 - shrink) / 2


def trapezoid(shrink: Sigma, step: Sigma) -> Sigma:
    """The slope's share integrated exactly, which is what DPM-Solver++ calls the heun type."""
    return 1 - (1 - shrink) / step


@torch.no_grad()
def dpmpp_2m_sde(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
    slope_weight: SlopeWeight = midpoint,
) -> Latents:
    """The multistep solver of order 2: one model call a step."""
    before: tuple[Latents, Sigma] | None = None  # x0 of the last step, and how long that was in log sigma
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        if sigma_next == 0:
            return x0
        h = (sigma / sigma_next).log()
        shrink = (-(1 + eta) * h).exp()
        x = x0 + (x - x0) * shrink
        if before is not None:
            x0_before, h_before = before
            x = x + (x0 - x0_before) * (slope_weight(shrink, (1 + eta) * h) * h / h_before)
        if eta > 0:
            x = x + noise(sigma, sigma_next) * (sigma_next * s_noise * (-(-2 * eta * h).expm1()).sqrt())
        before = x0, h
    return x


@torch.no_grad()
def dpmpp_3m_sde(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Latents:
    """The multistep solver of order 3: one model call a step; x0 is a parabola over log sigma through three steps."""
    before: deque[tuple[Latents, Sigma]] = deque(maxlen=2)  # x0 and length in log sigma of the last steps, newest first
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        if sigma_next == 0:
            return x0
        h = (sigma / sigma_next).log()
        step = (1 + eta) * h
        shrink = (-step).exp()
        x = x0 + (x - x0) * shrink
        phi_2 = 1 - (1 - shrink) / step
        if len(before) == 2:
            (x0_1, h_1), (x0_2, h_2) = before
            r0, r1 = h_1 / h, h_2 / h
            slope, slope_before = (x0 - x0_1) / r0, (x0_1 - x0_2) / r1
            bend = (slope - slope_before) / (r0 + r1)
            x = x + (slope + bend * r0) * phi_2 - bend * (phi_2 / step - 0.5)
        elif before:
            x0_1, h_1 = before[0]
            x = x + (x0 - x0_1) * (phi_2 * h / h_1)
        if eta > 0:
            x = x + noise(sigma, sigma_next) * (sigma_next * s_noise * (-(-2 * eta * h).expm1()).sqrt())
        before.appendleft((x0, h))
    return x
