"""The small decoder of TAESD (Bohan 2023): latents in network scale to pictures, twenty times cheaper than the VAE.

Its layers are numbered as in the published `taesd_decoder` files; files with diffusers' names (`AutoencoderTiny`) are
read through a key table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.keymap import Rule, apply, ignored, renamed
from diffusion.checkpoints.read import Shapes, read_tensors, shapes_of
from diffusion.preview import block_means, synthetic_pictures
from diffusion.shapes import Latents

WIDTH: Final = 64
DOWNSCALE: Final = 8
LAYERS: Final = 20
RANGE: Final = 3.0
"""Latents are held to ± this, softly."""

FILE_STEMS: Final[Sequence[tuple[float, str]]] = ((0.18215, "taesd_decoder"), (0.13025, "taesdxl_decoder"))
"""Latent scale of a model family -> how the file of its decoder is named, up to the ending and version."""

AGREEMENT: Final = 0.7
"""How strongly the colours of a picture and of what the decoder makes of its latent must correlate, at least."""

KEYS: Final[tuple[Rule, ...]] = (
    # The published numbering counts the clamp at the start; diffusers keeps that one outside of its list of layers.
    *(renamed(f"decoder.layers.{number - 1}.{{rest*}}", f"{number}.{{rest}}") for number in range(1, LAYERS)),
    ignored("encoder.{rest*}"),
    renamed("{number}.{rest*}", "{number}.{rest}"),
)


class Clamp(nn.Module):
    """Hold numbers softly to ± RANGE."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        return torch.tanh(x / RANGE) * RANGE


class Block(nn.Module):
    """Three 3 × 3 convolutions beside a way past them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            convolution(width, width), nn.ReLU(), convolution(width, width), nn.ReLU(), convolution(width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) to the same."""
        return torch.relu(self.conv(x) + x)


class TinyDecoder(nn.Sequential):
    """Clamp, three levels of three blocks that each double the sides, one block more, and three colours."""

    def __init__(self, latent_channels: int) -> None:
        levels: list[nn.Module] = []
        for _ in range(3):
            levels += [Block(WIDTH), Block(WIDTH), Block(WIDTH)]
            levels += [nn.Upsample(scale_factor=2), convolution(WIDTH, WIDTH, bias=False)]
        super().__init__(
            Clamp(),
            convolution(latent_channels, WIDTH),
            nn.ReLU(),
            *levels,
            Block(WIDTH),
            convolution(WIDTH, 3),
        )

    def forward(self, input: Tensor) -> Tensor:
        """(b, c, h, w) in network scale to (b, 3, 8 h, 8 w), about 0..1 and not clamped."""
        return super().forward(input)


def convolution(width_in: int, width_out: int, *, bias: bool = True) -> nn.Conv2d:
    """A 3 × 3 convolution that keeps the sides."""
    return nn.Conv2d(width_in, width_out, 3, padding=1, bias=bias)


@dataclass(frozen=True)
class TinyPreview:
    """A small decoder with its place."""

    network: TinyDecoder
    latent_channels: int
    device: torch.device = torch.device("cpu")

    @torch.no_grad()
    def decode(self, latents: Latents) -> Tensor:
        """(b, c, h, w) in network scale to (b, 8 h, 8 w, 3) in 0..1, float32 on the CPU."""
        pictures = self.network(latents.to(self.device, torch.float32))
        return pictures.clamp(0, 1).movedim(1, -1).cpu().contiguous()


def load_tiny(path: Path, *, device: torch.device | str = "cpu") -> TinyPreview:
    """The small decoder in a file, in float32.

    Raises CheckpointError where the file is unsound, or its tensors are not those of this decoder.
    """
    file = read_tensors(path)
    channels = _latent_channels(file.shapes, path.name)
    with torch.device("meta"):
        network = TinyDecoder(channels)
    tensors = apply(KEYS, file.tensors, shapes_of(network.state_dict()), name=path.name)
    place = torch.device(device)
    network.load_state_dict({name: one.to(place, torch.float32) for name, one in tensors.items()}, assign=True)
    return TinyPreview(network.eval().requires_grad_(False), channels, place)


def file_stem_for(latent_scale: float) -> str | None:
    """How the decoder's file is named for models of this latent scale; None where none is published."""
    return next((stem for scale, stem in FILE_STEMS if abs(latent_scale - scale) < 1e-4), None)


def agrees(tiny: TinyPreview, codec: ImageCodec, latent_scale: float) -> bool:
    """Whether a small decoder was made for the latents of this codec.

    The scale alone does not tell: models trained anew use the scale of another family for latents of their own. So a
    picture goes through the codec into a latent, and must come out of the decoder in about its colours.
    """
    if tiny.latent_channels != codec.latent_channels or codec.downscale != DOWNSCALE:
        return False
    picture = next(synthetic_pictures(8 * DOWNSCALE, 1))
    decoded = tiny.decode(codec.encode(torch.from_numpy(picture)[None]) * latent_scale)[0].numpy()
    shown, seen = (block_means(one, DOWNSCALE).ravel() for one in (picture, decoded))
    if not np.isfinite(seen).all() or seen.std() < 1e-6:
        return False
    return float(np.corrcoef(shown, seen)[0, 1]) >= AGREEMENT


def _latent_channels(shapes: Shapes, name: str) -> int:
    first = shapes.get("1.weight") or shapes.get("decoder.layers.0.weight") or ()
    if len(first) != 4 or not 1 <= first[1] <= WIDTH:
        raise CheckpointError(
            f"{name}: expected a TAESD decoder, whose first convolution is 1.weight or decoder.layers.0.weight, found "
            f"{'the shape ' + str(first) if first else 'none of that name'}: download the decoder's own file"
        )
    return first[1]
