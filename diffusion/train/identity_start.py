"""A first stage that starts as a blur: latents are the shrunken picture, decoding enlarges it again.

Group norms make flat colours hard to learn from random weights: thousands of steps pass before backgrounds are right.
So training starts from weights under which a few channels carry the colours, their negatives and a constant unchanged
through every residual path; the other channels start at random and learn the detail. (Residual branches start at zero
as in Goyal et al. 2017.)
"""

import torch
from torch import Tensor, nn

from diffusion.vae import AutoencoderKL
from diffusion.vae.blocks import AttnBlock, Downsample, ResnetBlock, Upsample

CARRIED = 8
"""Channels that carry the picture: three colours, their negatives, a constant and its negative."""

CONSTANT = 2.0
"""The constant; it keeps a group's deviation away from zero where a picture is flat and grey."""


@torch.no_grad()
def start_as_blur(network: AutoencoderKL, pixels: Tensor) -> None:
    """Set the weights in place; `pixels` (b, 3, h, w) in -1..1 is a batch that fixes the scale of the last layer."""
    groups = network.config.norm_groups
    if network.config.channels[0] // groups < CARRIED:
        raise ValueError(
            f"{groups} groups of {network.config.channels[0]} channels are narrower than the {CARRIED} carried ones: "
            "use fewer groups or more channels"
        )
    for module in network.modules():
        match module:
            case ResnetBlock():
                _zero(module.conv2)
                if isinstance(module.nin_shortcut, nn.Conv2d):
                    _carry(module.nin_shortcut, torch.ones(1, 1))
            case AttnBlock():
                _zero(module.proj_out)
            case Downsample():
                _carry(module.conv, torch.tensor([[0.25, 0.25, 0], [0.25, 0.25, 0], [0, 0, 0]]))
            case Upsample():
                row = torch.tensor([0.25, 0.5, 0.25])
                _carry(module.conv, row[:, None] * row)
    for half in (network.encoder, network.decoder):
        _enter(half.conv_in)
        _leave(half.conv_out)
    latents = network.config.latent_channels
    network.encoder.conv_out.weight[latents:] = 0
    network.encoder.conv_out.bias[latents:] = -4.0  # pyright: ignore[reportOptionalSubscript]
    for layer in (network.quant_conv, network.post_quant_conv):
        layer.weight.copy_(torch.eye(layer.weight.shape[0])[:, :, None, None])
        _bias(layer).zero_()
    decoded = network.decode(network.encode(pixels).mean)
    network.decoder.conv_out.weight.mul_((decoded * pixels).sum() / decoded.square().sum())


def _bias(layer: nn.Conv2d) -> Tensor:
    assert layer.bias is not None
    return layer.bias


def _zero(layer: nn.Conv2d) -> None:
    layer.weight.zero_()
    _bias(layer).zero_()


def _carry(layer: nn.Conv2d, kernel: Tensor) -> None:
    """Let the carried channels pass through `kernel`, each for itself."""
    layer.weight[:CARRIED] = 0
    _bias(layer)[:CARRIED] = 0
    for i in range(CARRIED):
        layer.weight[i, i] = kernel


def _enter(layer: nn.Conv2d) -> None:
    """Three channels, their negatives and the constants from the first three of what comes in."""
    layer.weight[:CARRIED] = 0
    _bias(layer)[:CARRIED] = torch.tensor([0.0] * 6 + [CONSTANT, -CONSTANT])
    for i in range(3):
        layer.weight[i, i, 1, 1] = 1
        layer.weight[i + 3, i, 1, 1] = -1


def _leave(layer: nn.Conv2d) -> None:
    """Three channels out of the carried ones: silu(x) - silu(-x) = x undoes the activation before."""
    layer.weight[:3] = 0
    _bias(layer).zero_()
    for i in range(3):
        layer.weight[i, i, 1, 1] = 1
        layer.weight[i, i + 3, 1, 1] = -1
