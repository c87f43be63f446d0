"""The KL autoencoder of latent diffusion (Rombach et al. 2022): pictures in -1..1 to latents and back."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from diffusion.activations import silu_
from diffusion.vae.blocks import DownLevel, Middle, UpLevel, group_norm
from diffusion.vae.config import VAEConfig


@dataclass(frozen=True)
class Gaussian:
    """A diagonal normal distribution over latents: mean and log-variance, each (b, c, h, w)."""

    mean: Tensor
    logvar: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """The latent that standard normal `noise` of the same shape picks."""
        return self.mean + torch.exp(0.5 * self.logvar) * noise

    def divergence(self) -> Tensor:
        """Kullback–Leibler divergence from the standard normal, in nats per latent number."""
        return 0.5 * (self.mean.square() + self.logvar.exp() - 1 - self.logvar).mean()


class Encoder(nn.Module):
    """Picture to moments."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        widths, groups = config.channels, config.norm_groups
        self.conv_in = nn.Conv2d(config.in_channels, widths[0], 3, padding=1)
        self.down = nn.ModuleList()
        for i, (before, width) in enumerate(pairwise((widths[0], *widths))):
            blocks = [(before, width)] + [(width, width)] * (config.res_blocks - 1)
            self.down.append(DownLevel(blocks, groups, last=i == len(widths) - 1))
        self.mid = Middle(widths[-1], groups)
        self.norm_out = group_norm(widths[-1], groups)
        self.conv_out = nn.Conv2d(widths[-1], 2 * config.latent_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, 3, h, w) to (b, 2 * latent_channels, h/f, w/f)."""
        x = self.conv_in(x)
        for level in self.down:
            x = level(x)
        return self.conv_out(silu_(self.norm_out(self.mid(x))))


class Decoder(nn.Module):
    """Latent to picture. `up` counts levels from the full resolution, as the checkpoints do; they run backwards."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        widths, groups = config.channels, config.norm_groups
        self.conv_in = nn.Conv2d(config.latent_channels, widths[-1], 3, padding=1)
        self.mid = Middle(widths[-1], groups)
        self.up = nn.ModuleList()
        for i, (width, above) in enumerate(pairwise((*widths, widths[-1]))):
            blocks = [(above, width)] + [(width, width)] * config.res_blocks
            self.up.append(UpLevel(blocks, groups, first=i == 0))
        self.norm_out = group_norm(widths[0], groups)
        self.conv_out = nn.Conv2d(widths[0], config.out_channels, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        """(b, latent_channels, h/f, w/f) to (b, 3, h, w)."""
        x = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            x = level(x)
        return self.conv_out(silu_(self.norm_out(x)))


class AutoencoderKL(nn.Module):
    """Encoder, decoder and the two 1 × 1 convolutions between them and the latent space."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quant_conv = nn.Conv2d(2 * config.latent_channels, 2 * config.latent_channels, 1)
        self.post_quant_conv = nn.Conv2d(config.latent_channels, config.latent_channels, 1)

    def encode(self, pixels: Tensor) -> Gaussian:
        """(b, 3, h, w) in -1..1 to the distribution of its latent; h and w are multiples of the downscale factor."""
        mean, logvar = self.quant_conv(self.encoder(pixels)).chunk(2, dim=1)
        return Gaussian(mean, logvar.clamp(-30, 20))

    def decode(self, latents: Tensor) -> Tensor:
        """(b, c, h/f, w/f) to (b, 3, h, w), about -1..1 and not clamped."""
        return self.decoder(self.post_quant_conv(latents))
