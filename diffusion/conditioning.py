"""What steers a picture: encoded prompts, and where, when and how strongly each of them speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from diffusion.shapes import Embedding, Latents, Mask, Pooled


@dataclass(frozen=True)
class Area:
    """A rectangle of a latent picture, in cells."""

    height: int
    width: int
    y: int
    x: int

    def cells(self, height: int, width: int) -> "Area":
        """This rectangle, cut to what lies within a latent of `height` × `width` cells (at least one cell)."""
        y, x = min(max(self.y, 0), height - 1), min(max(self.x, 0), width - 1)
        return Area(min(max(self.height, 1), height - y), min(max(self.width, 1), width - x), y, x)


@dataclass(frozen=True)
class AreaFraction:
    """A rectangle of a picture of any size, in fractions of its sides."""

    height: float
    width: float
    y: float
    x: float

    def cells(self, height: int, width: int) -> Area:
        """The same rectangle in cells of a latent of `height` × `width` cells."""
        return Area(
            max(1, round(self.height * height)),
            max(1, round(self.width * width)),
            round(self.y * height),
            round(self.x * width),
        ).cells(height, width)


@dataclass(frozen=True, eq=False)
class Condition:
    """One prompt with its place, its time and its weight.

    embedding: (b, n, d); b is 1 or the number of pictures.
    pooled: (b, d) where the text encoder gives one.
    area: the rectangle it speaks for; None is the whole picture.
    strength: its weight where several conditions overlap.
    mask: (b, h, w) of any size, 1 where it speaks; `mask_strength` multiplies it.
    area_from_mask: the network sees only the rectangle around the mask instead of the whole picture.
    start_percent, end_percent: the part of the sampling, 0 its beginning and 1 its end, in which it speaks.
    size: the numbers that SDXL was told at training: (height, width, crop_top, crop_left, target_height,
        target_width), of the refiner (height, width, crop_top, crop_left, aesthetic score).
    concat_latent: (b, c, h, w) in VAE scale and concat_mask: (b, h, w), 1 is to be changed: what inpainting and
        depth networks take as further input channels.
    extra: options with names unknown here; they travel on untouched.
    """

    embedding: Embedding
    pooled: Pooled | None = None
    area: Area | AreaFraction | None = None
    strength: float = 1.0
    mask: Mask | None = None
    mask_strength: float = 1.0
    area_from_mask: bool = False
    start_percent: float = 0.0
    end_percent: float = 1.0
    size: tuple[float, ...] | None = None
    concat_latent: Latents | None = None
    concat_mask: Mask | None = None
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


Conditioning = tuple[Condition, ...]
