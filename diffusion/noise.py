"""Noise: what a run starts from, and what random samplers draw on the way."""

from collections.abc import Sequence

import torch
import torchsde

from diffusion.shapes import Latents, NoiseBetween, Sigma, Sigmas


def initial_noise(shape: Sequence[int], seed: int, batch_index: Sequence[int] | None = None) -> Latents:
    """The unit noise a run starts from: (b, c, h, w) float32 on the CPU, the same on every machine.

    It is one draw for the whole batch, so that every seed is one stream. batch_index: which rows of that stream the
    latents are, where a batch was taken apart; item k of a batch then gets the noise that it had in the batch.
    """
    rows = shape[0] if batch_index is None else max(batch_index) + 1
    if batch_index is not None and len(batch_index) != shape[0]:
        raise ValueError(f"batch_index needs one number for each of {shape[0]} latents, and got {len(batch_index)}")
    generator = torch.Generator("cpu").manual_seed(seed)
    noise = torch.randn((rows, *shape[1:]), generator=generator, dtype=torch.float32)
    return noise if batch_index is None else noise[list(batch_index)]


def generator_noise(like: Latents, seed: int) -> NoiseBetween:
    """Independent draws shaped as `like`, from a generator on its device."""
    generator = torch.Generator(like.device).manual_seed(seed)

    def draw(sigma: Sigma, sigma_next: Sigma) -> Latents:
        return torch.randn(like.shape, generator=generator, dtype=like.dtype, device=like.device)

    return draw


def brownian_noise(like: Latents, sigmas: Sigmas, seed: int, device: torch.device) -> NoiseBetween:
    """The increments of one Brownian motion over sigma, each divided by sqrt(|sigma_next - sigma|).

    A run of more steps sees the same motion more finely, so pictures settle when steps grow. like: the latents that
    the draws are shaped as and moved to. sigmas: the levels of the run. device: where the motion is drawn.
    """
    low, high = _rounded(sigmas[sigmas > 0].min()), _rounded(sigmas.max())
    tree: torchsde.BrownianTree | None = None

    def draw(sigma: Sigma, sigma_next: Sigma) -> Latents:
        nonlocal tree
        if tree is None:  # only now, since a run of one step has no interval to draw over
            start = torch.zeros(like.shape, dtype=like.dtype, device=device)
            tree = torchsde.BrownianTree(low, start, high, entropy=seed)
        step = -((float(sigma) - float(sigma_next)) ** 0.5)  # negative: the motion runs upwards
        return (tree(_rounded(sigma_next), _rounded(sigma)) / step).to(like.device)

    return draw


def _rounded(sigma: Sigma) -> float:
    """A level as the tree keeps it, to its tolerance of 1e-6; unrounded ends would lie outside its interval."""
    return round(float(sigma), 6)
