"""A first stage as a picture codec: pictures in 0..1, latents in VAE scale. This is what travels on a VAE wire."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from diffusion.vae import AutoencoderKL


@dataclass(frozen=True)
class ImageCodec:
    """An autoencoder with the place and the precision in which it works."""

    network: AutoencoderKL
    dtype: torch.dtype = torch.float32
    device: torch.device = torch.device("cpu")

    @property
    def downscale(self) -> int:
        """Pixels along one side of a latent cell."""
        return self.network.config.downscale

    @property
    def latent_channels(self) -> int:
        """Channels of a latent."""
        return self.network.config.latent_channels

    @torch.no_grad()
    def encode(self, pixels: Tensor) -> Tensor:
        """The latent of a picture: the mode of its distribution.

        pixels: (b, h, w, 3 or more) in 0..1; cropped around the centre to a multiple of the downscale factor.
        Returns (b, c, h/f, w/f) float32 on the CPU, in VAE scale.
        """
        pixels = crop_to_multiple(pixels, self.downscale)
        parts = (self.network.encode(self._to_network(one)).mean.float().cpu() for one in _rows(pixels))
        return torch.cat(list(parts))

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """The picture of a latent: (b, c, h, w) in VAE scale to (b, f*h, f*w, 3) in 0..1, float32 on the CPU."""
        parts = (
            self.network.decode(one.to(self.device, self.dtype)).float().add(1).mul(0.5).clamp(0, 1).cpu()
            for one in _rows(latents)
        )
        return torch.cat([one.movedim(1, -1) for one in parts]).contiguous()

    def _to_network(self, pixels: Tensor) -> Tensor:
        planes = pixels[..., :3].movedim(-1, 1)  # (b, 3, h, w)
        return (planes.to(self.device, torch.float32) * 2 - 1).to(self.dtype)


def crop_to_multiple(pixels: Tensor, factor: int) -> Tensor:
    """Cut (b, h, w, c) around its centre so that both sides are multiples of `factor`."""
    height, width = pixels.shape[1:3]
    if height < factor or width < factor:
        raise ValueError(
            f"a picture of {width} × {height} pixels is smaller than one latent cell ({factor} × {factor}): "
            f"scale it up to at least {factor} pixels a side"
        )
    top, left = height % factor // 2, width % factor // 2
    return pixels[:, top : top + height // factor * factor, left : left + width // factor * factor]


def _rows(batch: Tensor) -> Iterator[Tensor]:
    """The items of a batch one by one, so that peak memory does not grow with the batch."""
    for i in range(batch.shape[0]):
        yield batch[i : i + 1]
