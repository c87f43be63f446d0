"""Small pictures of latents, encoded to be sent: shrinking, enlarging, JPEG and PNG."""

import io
import math
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from diffusion.shapes import Latents

LEAST_SIDE: Final = 128
"""Pixels along the longer side to which a linear picture is enlarged."""

TRY_PNG_BELOW: Final = 64 * 64
JPEG_QUALITY: Final = 85


@dataclass(frozen=True)
class PreviewPicture:
    """An encoded picture: `media_type` is image/jpeg or image/png."""

    media_type: str
    data: bytes


def smaller(latents: Latents, most_cells: int) -> Latents:
    """Latents with means of neighbouring cells for cells, so that no side has more than `most_cells`."""
    factor = _factor(latents, most_cells)
    return latents if factor == 1 else F.avg_pool2d(latents, factor, ceil_mode=True)


def cell_count(latents: Latents, most_cells: int) -> int:
    """How many cells `smaller` leaves of one picture."""
    factor = _factor(latents, most_cells)
    return math.prod(math.ceil(side / factor) for side in latents.shape[-2:])


def picture_of(pixels: Tensor) -> Image.Image:
    """The first picture of (b, h, w, 3 or more) in 0..1; what is no number is black."""
    bounded = pixels[0, ..., :3].nan_to_num(0).clamp(0, 1).mul(255).add(0.5)
    return Image.fromarray(bounded.to(torch.uint8).contiguous().numpy())


def enlarged(picture: Image.Image, most_side: int) -> Image.Image:
    """A picture of one pixel a cell, made large enough to be looked at; smoothly, for cells are no pixels."""
    longest = max(picture.size)
    factor = min(math.ceil(LEAST_SIDE / longest), most_side // longest)
    if factor <= 1:
        return picture
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.BICUBIC)


def encoded(picture: Image.Image) -> PreviewPicture:
    """The picture as JPEG, or as PNG where that is smaller, as it can be for very small ones."""
    jpeg = _written(picture, "JPEG", quality=JPEG_QUALITY)
    if picture.width * picture.height <= TRY_PNG_BELOW:
        png = _written(picture, "PNG")
        if len(png) < len(jpeg):
            return PreviewPicture("image/png", png)
    return PreviewPicture("image/jpeg", jpeg)


def _factor(latents: Latents, most_cells: int) -> int:
    return max(1, math.ceil(max(latents.shape[-2:]) / most_cells))


def _written(picture: Image.Image, format: str, **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()
