"""CFG++ (Chung et al. 2024): the guided x0, but the noise that the negative prompt sees.

Guidance strengthened as usual drives x off the path of the data; these samplers go on from the guided x0 along the
unguided direction. Their cfg is smaller, mostly below 2.
"""

from itertools import pairwise

import torch

from diffusion.samplers.steps import ancestral_levels, derivative
from diffusion.shapes import GuidedPair, Latents, NoiseBetween, OnStep, Sigma, Sigmas, quiet


@torch.no_grad()
def euler_cfg_pp(denoise: GuidedPair, x: Latents, sigmas: Sigmas, on_step: OnStep = quiet) -> Latents:
    """Algorithm 2 of the paper, in x / sqrt(abar)."""

    def none(sigma: Sigma, sigma_next: Sigma) -> Latents:
        return torch.zeros_like(x)

    return euler_ancestral_cfg_pp(denoise, x, sigmas, on_step, noise=none, eta=0.0)


@torch.no_grad()
def euler_ancestral_cfg_pp(
    denoise: GuidedPair,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    noise: NoiseBetween,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Latents:
    """The same to the lower level of an ancestral step, then noise."""
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0, x0_negative = denoise(x, sigma)
        on_step(i, x0, x)
        down, up = ancestral_levels(sigma, sigma_next, eta)
        x = x0 + derivative(x, x0_negative, sigma) * down
        if up > 0:
            x = x + noise(sigma, sigma_next) * (up * s_noise)
    return x
