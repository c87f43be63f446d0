"""Samplers that step below the next level and add fresh noise up to it."""

from itertools import pairwise

import torch

from diffusion.samplers.steps import ancestral_levels, derivative, glide, middle
from diffusion.shapes import Denoiser, Latents, NoiseBetween, OnStep, Sigmas, quiet


@torch.no_grad()
def euler_ancestral(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Latents:
    """Euler's step down, then noise. eta: how much of it, 0 is the ODE. s_noise: the deviation of that noise."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        down, up = ancestral_levels(sigma, sigma_next, eta)
        x = x + derivative(x, x0, sigma) * (down - sigma)
        if up > 0:
            x = x + noise(sigma, sigma_next) * (up * s_noise)
    return x


@torch.no_grad()
def ddim(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 0.0,
) -> Latents:
    """Denoising diffusion implicit models (Song et al. 2021, equation 12).

    In x / sqrt(abar) its step is Euler's, and its variance that of an ancestral step. eta: 0 is deterministic, 1 is
    the DDPM.
    """
    return euler_ancestral(denoise, x, sigmas, on_step, noise=noise, eta=eta)


@torch.no_grad()
def ddpm(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet, *, noise: NoiseBetween) -> Latents:
    """A draw from the posterior q(x_next | x, x0) (Ho et al. 2020, equations 6 and 7, in x / sqrt(abar))."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        share = (sigma_next / sigma) ** 2
        x = x0 + (x - x0) * share
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * (sigma_next * (1 - share).sqrt())
    return x


@torch.no_grad()
def dpm_2_ancestral(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Latents:
    """The midpoint method of `dpm_2` down, then noise: two model calls a step."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        down, up = ancestral_levels(sigma, sigma_next, eta)
        d = derivative(x, x0, sigma)
        if down > 0:
            between = middle(sigma, down)
            guess = x + d * (between - sigma)
            d = derivative(guess, denoise(guess, between), between)
        x = x + d * (down - sigma)
        if up > 0:
            x = x + noise(sigma, sigma_next) * (up * s_noise)
    return x


@torch.no_grad()
def dpmpp_2s_ancestral(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Latents:
    """DPM-Solver++(2S) (Lu et al. 2022b, algorithm 1, r = 1/2) down, then noise: two model calls a step."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        down, up = ancestral_levels(sigma, sigma_next, eta)
        if down > 0:
            between = middle(sigma, down)
            x0 = denoise(glide(x, x0, sigma, between), between)
        x = glide(x, x0, sigma, down)
        if up > 0:
            x = x + noise(sigma, sigma_next) * (up * s_noise)
    return x


@torch.no_grad()
def lcm(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    s_noise: float = 1.0,
) -> Latents:
    """Multistep consistency sampling (Luo et al. 2023): jump to x0, then noise it to the next level."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        x = x0
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * (sigma_next * s_noise)
    return x
