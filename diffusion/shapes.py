"""The words of the model core: tensor shapes with their units, and the kinds of functions that pass them on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from torch import Tensor


@dataclass(frozen=True)
class Shape:
    """The axes of a tensor, and what its numbers mean."""

    axes: str
    meaning: str


Latents = Annotated[Tensor, Shape("b c h w", "latent pictures; in network scale unless a docstring says VAE scale")]
Sigma = Annotated[Tensor, Shape("", "one noise level: the deviation of the noise over data of about 1; on the CPU")]
Sigmas = Annotated[Tensor, Shape("n", "noise levels of a run, falling, mostly down to 0; float32, on the CPU")]
Timesteps = Annotated[Tensor, Shape("b", "places in the training schedule, 0 is the cleanest")]
Embedding = Annotated[Tensor, Shape("b n d", "a prompt as a sequence of vectors")]
Pooled = Annotated[Tensor, Shape("b d", "a prompt as one vector")]
Mask = Annotated[Tensor, Shape("b h w", "0..1, 1 is the region that is meant")]

Denoiser = Callable[[Latents, Sigma], Latents]
"""From noisy latents and their noise level to the expected clean latents (x0), all in network scale."""

GuidedPair = Callable[[Latents, Sigma], tuple[Latents, Latents]]
"""As a `Denoiser`, with the x0 of the negative alone beside the guided x0."""

NoiseBetween = Callable[[Sigma, Sigma], Latents]
"""Fresh unit noise for the step from one noise level to the next."""

OnStep = Callable[[int, Latents, Latents], None]
"""Told after the first model call of every step: its number, x0 and x. It may raise in order to stop the run."""


def quiet(step: int, x0: Latents, x: Latents) -> None:
    """An `OnStep` that does nothing."""
