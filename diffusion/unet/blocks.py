"""Convolutional blocks of the UNet, named as latent-diffusion checkpoints name their tensors."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.activations import silu_
from diffusion.unet.attention import SpatialTransformer


def timestep_embedding(timesteps: Tensor, width: int, max_period: float = 10_000) -> Tensor:
    """Sinusoids of the timestep (Vaswani et al. 2017, as Ho et al. 2020 use them), cosines first.

    timesteps: (b,) in training steps, fractions allowed. Returns (b, width) float32; width is even.
    """
    half = width // 2
    steps = torch.arange(half, dtype=torch.float32, device=timesteps.device)
    angles = timesteps.float()[:, None] * torch.exp(steps * (-math.log(max_period) / half))
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


class ResBlock(nn.Module):
    """Two convolutions that the time embedding shifts in between."""

    def __init__(self, channels_in: int, channels_out: int, time_channels: int, groups: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(groups, channels_in), nn.SiLU(), nn.Conv2d(channels_in, channels_out, 3, padding=1)
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(time_channels, channels_out))
        # The third place is a dropout that checkpoints count.
        self.out_layers = nn.Sequential(
            nn.GroupNorm(groups, channels_out),
            nn.SiLU(),
            nn.Identity(),
            nn.Conv2d(channels_out, channels_out, 3, padding=1),
        )
        same = channels_in == channels_out
        self.skip_connection = nn.Identity() if same else nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """(b, c_in, h, w), (b, time_channels) to (b, c_out, h, w)."""
        norm, _, convolve = self.in_layers
        h = convolve(silu_(norm(x))).add_(self.emb_layers(embedding)[:, :, None, None])
        norm, _, _, convolve = self.out_layers
        return convolve(silu_(norm(h))).add_(self.skip_connection(x))


class Downsample(nn.Module):
    """Halve height and width (rounded up) by a strided convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) to (b, c, h/2, w/2)."""
        return self.op(x)


class Upsample(nn.Module):
    """Grow to a given size by repetition, then smooth by a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        """(b, c, h, w) to (b, c, *size); the size is that of the skip connection, so odd sizes fit."""
        return self.conv(F.interpolate(x, size=size, mode="nearest"))


class Stage(nn.ModuleList):
    """What runs between two skip connections: a residual block, a transformer, a change of size, in this order."""

    def forward(self, x: Tensor, embedding: Tensor, context: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Run the parts; `size` is where an upsampling goes, None keeps doubling."""
        for part in self:
            if isinstance(part, ResBlock):
                x = part(x, embedding)
            elif isinstance(part, SpatialTransformer):
                x = part(x, context)
            elif isinstance(part, Upsample):
                x = part(x, size or (2 * x.shape[2], 2 * x.shape[3]))
            else:
                x = part(x)
        return x
