"""A diffusion model as it travels on a MODEL wire: the network, and everything one must know to call it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from diffusion.autoencoder import ImageCodec
from diffusion.conditioning import Condition
from diffusion.hooks import NO_HOOKS, Hooks
from diffusion.prediction import Prediction
from diffusion.schedules import NoiseTable
from diffusion.shapes import Latents

VectorRule = Callable[[Condition, Latents], Tensor | None]
"""The vector y (b, d) that a network takes beside the prompt, from a condition and the latents to be denoised."""

ConcatRule = Callable[[Condition, Latents], Latents | None]
"""The further input channels (b, c, h, w) of a network, in network scale, from a condition and the latents."""


def nothing(condition: Condition, latents: Latents) -> None:
    """The rule of networks that take no such input."""


@dataclass(frozen=True, eq=False)
class DiffusionModel:
    """A network with its noise schedule, its kind of prediction, and its place.

    network: called as `network(x, timesteps, context, y=None)`; x is scaled to unit variance. Patches wrap it
        (`dataclasses.replace(model, network=...)`) and never change it.
    table: the noise levels it was trained at.
    latent_scale: latents on a wire (VAE scale) times this are in network scale.
    latent_channels: channels of a latent, which the network may see with others beside them.
    dtype, device: where and how precisely the network works.
    vector, concat: how a condition becomes the network's further inputs.
    first_stage: the VAE that came with it, by which its latents can be looked at while they are made. It takes no part
        in sampling; None where the file had none.
    hooks: functions that others have hung into it.
    """

    network: nn.Module
    table: NoiseTable
    prediction: Prediction
    latent_scale: float
    latent_channels: int
    dtype: torch.dtype = torch.float32
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    vector: VectorRule = nothing
    concat: ConcatRule = nothing
    first_stage: ImageCodec | None = field(default=None, repr=False)
    hooks: Hooks = field(default=NO_HOOKS, repr=False)
