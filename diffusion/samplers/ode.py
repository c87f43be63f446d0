"""Samplers that follow the probability-flow ODE with what one step alone knows: Euler and Runge-Kutta methods."""

from itertools import pairwise

import torch

from diffusion.samplers.steps import derivative, middle, weighted_sum
from diffusion.shapes import Denoiser, Latents, OnStep, Sigmas, quiet


@torch.no_grad()
def euler(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """Algorithm 2 of Karras et al. (2022) without churn and correction: one model call a step, order 1."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        x = x + derivative(x, x0, sigma) * (sigma_next - sigma)
    return x


@torch.no_grad()
def heun(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """Algorithm 2 of Karras et al. (2022) without churn: two model calls a step, order 2; the step to 0 is Euler's."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        d = derivative(x, x0, sigma)
        if sigma_next > 0:
            guess = x + d * (sigma_next - sigma)
            d = (d + derivative(guess, denoise(guess, sigma_next), sigma_next)) / 2
        x = x + d * (sigma_next - sigma)
    return x


@torch.no_grad()
def dpm_2(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """The midpoint method with the middle in log sigma, after DPM-Solver-2 (Lu et al. 2022): two calls, order 2."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        d = derivative(x, x0, sigma)
        if sigma_next > 0:
            between = middle(sigma, sigma_next)
            guess = x + d * (between - sigma)
            d = derivative(guess, denoise(guess, between), between)
        x = x + d * (sigma_next - sigma)
    return x


@torch.no_grad()
def heunpp2(denoise: Denoiser, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """Heun++ (Carzit 2023): the derivative is averaged over up to three levels, the nearer to 0 the less they weigh.

    The weight of a further level is its sigma over the first sigma of the run times their number. Three model calls a
    step, two in the last but one, one in the last.
    """
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        there, level = x, sigma
        slopes = [derivative(x, x0, sigma)]
        further = [one for one in sigmas[i + 1 : i + 3] if one > 0]
        for ahead in further:
            there = there + slopes[-1] * (ahead - level)
            slopes.append(derivative(there, denoise(there, ahead), ahead))
            level = ahead
        weights = [float(one / (sigmas[0] * len(slopes))) for one in further]
        x = x + weighted_sum([1 - sum(weights), *weights], slopes) * (sigma_next - sigma)
    return x
