"""A VAE as packs know it."""

from typing import Any, Final

import torch
from torch import Tensor, nn

from diffusion.autoencoder import ImageCodec, crop_to_multiple
from packs.compat.tiling import tiled

COLOURS: Final = 3


class Vae:
    """A picture codec: pictures (b, h, w, 3) in 0..1 on the one side, latents (b, c, h/f, w/f) in VAE scale."""

    output_channels: int = COLOURS
    latent_dim: int = 2
    not_video: bool = True
    crop_input: bool = True

    def __init__(self, codec: ImageCodec) -> None:
        self.codec = codec

    @property
    def first_stage_model(self) -> nn.Module:
        """The network."""
        return self.codec.network

    @property
    def latent_channels(self) -> int:
        """Channels of a latent."""
        return self.codec.latent_channels

    @property
    def downscale_ratio(self) -> int:
        """Pixels along one side of a latent cell."""
        return self.codec.downscale

    @property
    def upscale_ratio(self) -> int:
        """Pixels along one side of a latent cell."""
        return self.codec.downscale

    @property
    def device(self) -> torch.device:
        """Where the network works."""
        return self.codec.device

    @property
    def output_device(self) -> torch.device:
        """Where pictures and latents lie."""
        return torch.device("cpu")

    @property
    def vae_dtype(self) -> torch.dtype:
        """How precisely the network works."""
        return self.codec.dtype

    def spacial_compression_decode(self) -> int:
        """Pixels along one side of a latent cell."""
        return self.codec.downscale

    def spacial_compression_encode(self) -> int:
        """Pixels along one side of a latent cell."""
        return self.codec.downscale

    def temporal_compression_decode(self) -> None:
        """None: pictures have no time."""

    def throw_exception_if_invalid(self) -> None:
        """It is valid."""

    def process_input(self, image: Tensor) -> Tensor:
        """From 0..1 to -1..1."""
        return image * 2.0 - 1.0

    def process_output(self, image: Tensor) -> Tensor:
        """From -1..1 to 0..1."""
        return ((image + 1.0) / 2.0).clamp(0.0, 1.0)

    def vae_encode_crop_pixels(self, pixels: Tensor) -> Tensor:
        """Pictures cut around their centre to whole cells."""
        return crop_to_multiple(pixels, self.codec.downscale)

    def encode(self, pixel_samples: Tensor) -> Tensor:
        """Pictures as latents."""
        return self.codec.encode(pixel_samples)

    def decode(self, samples_in: Tensor, *given: object, **named: object) -> Tensor:
        """Latents as pictures."""
        return self.codec.decode(samples_in)

    def encode_tiled(
        self, pixel_samples: Tensor, tile_x: int | None = None, tile_y: int | None = None, overlap: int | None = None,
        **named: object,
    ) -> Tensor:  # fmt: skip
        """Pictures as latents, piece by piece; sizes in pixels."""
        factor = self.codec.downscale
        pixels = self.vae_encode_crop_pixels(pixel_samples)[..., :COLOURS].movedim(-1, 1)  # (b, 3, h, w)
        tile = [_whole(each or 512, factor) for each in (tile_y, tile_x)]

        def encode(piece: Tensor) -> Tensor:
            return self.codec.encode(piece.movedim(1, -1))

        return tiled(
            pixels, encode, tile, _whole(64 if overlap is None else overlap, factor, 0), 1 / factor,
            self.latent_channels,
        )  # fmt: skip

    def decode_tiled(
        self, samples: Tensor, tile_x: int | None = None, tile_y: int | None = None, overlap: int | None = None,
        **named: object,
    ) -> Tensor:  # fmt: skip
        """Latents as pictures, piece by piece; sizes in latent cells."""

        def decode(piece: Tensor) -> Tensor:
            return self.codec.decode(piece).movedim(-1, 1)

        planes = tiled(
            samples, decode, [tile_y or 64, tile_x or 64], 16 if overlap is None else overlap,
            float(self.codec.downscale), COLOURS,
        )  # fmt: skip
        return planes.movedim(1, -1).contiguous()

    def get_sd(self) -> dict[str, Tensor]:
        """The weights by their names."""
        return dict(self.codec.network.state_dict())

    def __getattr__(self, name: str) -> Any:
        """Say what is not there."""
        raise AttributeError(f"a VAE has no {name} here. docs/plugins.md lists what it has.")


def _whole(length: int, factor: int, least: int = 1) -> int:
    """A length in pixels, cut to whole cells."""
    return max(least, length // factor) * factor
