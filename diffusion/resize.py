"""Pictures and latents in another size: torch's interpolations, Lanczos through Pillow, and bislerp for latents."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import torch
from PIL import Image as PillowImage
from torch import Tensor
from torch.nn import functional

Resize = Callable[[Tensor, int, int], Tensor]
"""(b, c, h, w), the new height and the new width → (b, c, height, width)."""


def _interpolated(planes: Tensor, height: int, width: int, *, mode: str) -> Tensor:
    return functional.interpolate(planes, size=(height, width), mode=mode)


def lanczos(planes: Tensor, height: int, width: int) -> Tensor:
    """Pillow's Lanczos filter on 8-bit pictures; planes (b, 1, 3 or 4, h, w) in 0..1."""
    pictures = planes.movedim(1, -1).clamp(0, 1).mul(255).to(torch.uint8).cpu().numpy()  # (b, h, w, c)
    if pictures.shape[-1] == 1:
        pictures = pictures[..., 0]
    resized = [
        np.asarray(PillowImage.fromarray(one).resize((width, height), PillowImage.Resampling.LANCZOS))
        for one in pictures
    ]
    stacked = torch.from_numpy(np.stack(resized)).reshape(len(resized), height, width, -1)
    return stacked.movedim(-1, 1).to(planes.device, planes.dtype) / 255


def bislerp(planes: Tensor, height: int, width: int) -> Tensor:
    """Interpolate direction and length of the channel vectors apart, along rows and then along columns.

    Between two latents a straight line passes through vectors that are too short, which a decoder shows as blur
    and grey; on the sphere (Shoemake, 1985) they keep their length. A latent has one direction per cell.
    """
    along_rows = _slerp_last_axis(planes.float(), width)
    return _slerp_last_axis(along_rows.transpose(2, 3), height).transpose(2, 3).to(planes.dtype)


def _slerp_last_axis(x: Tensor, length: int) -> Tensor:
    """(b, c, h, w) → (b, c, h, length), sampled at the centres of the new cells."""
    old = x.shape[-1]
    places = ((torch.arange(length, device=x.device) + 0.5) * (old / length) - 0.5).clamp(0, old - 1)
    below = places.floor().long()
    above = (below + 1).clamp(max=old - 1)
    return slerp(x[..., below], x[..., above], places - below)


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """From a (t = 0) to b (t = 1) along the sphere; vectors lie on axis 1. Lengths are interpolated linearly.

    Where the vectors are nearly parallel or opposite, or one is zero, the straight line is taken.
    """
    length_a, length_b = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    unit_a, unit_b = a / length_a.clamp(min=1e-12), b / length_b.clamp(min=1e-12)
    cosine = (unit_a * unit_b).sum(dim=1, keepdim=True).clamp(-1, 1)
    angle = cosine.acos()
    direction = (torch.sin((1 - t) * angle) * unit_a + torch.sin(t * angle) * unit_b) / angle.sin().clamp(min=1e-12)
    curved = direction * (length_a * (1 - t) + length_b * t)
    straight = a * (1 - t) + b * t
    degenerate = (cosine.abs() > 1 - 1e-5) | (length_a == 0) | (length_b == 0)
    return torch.where(degenerate, straight, curved)


_TORCH: Mapping[str, Resize] = {
    name: partial(_interpolated, mode=name) for name in ("nearest-exact", "bilinear", "area", "bicubic")
}
IMAGE_METHODS: Mapping[str, Resize] = MappingProxyType({**_TORCH, "lanczos": lanczos})
LATENT_METHODS: Mapping[str, Resize] = MappingProxyType({**_TORCH, "bislerp": bislerp})


def crop_to_aspect(planes: Tensor, height: int, width: int) -> Tensor:
    """Cut (b, c, h, w) on both sides of its longer direction, so that it has the shape of height × width."""
    old_height, old_width = planes.shape[-2:]
    x = y = 0
    if old_width * height > width * old_height:
        x = round((old_width - old_height * width / height) / 2)
    elif old_width * height < width * old_height:
        y = round((old_height - old_width * height / width) / 2)
    x, y = min(x, (old_width - 1) // 2), min(y, (old_height - 1) // 2)
    return planes[..., y : old_height - y, x : old_width - x]


def resize_images(images: Tensor, height: int, width: int, resize: Resize) -> Tensor:
    """Pictures (b, h, w, c) in 0..1 → (b, height, width, c) in 0..1."""
    resized = resize(images.movedim(-1, 1), height, width)
    return resized.clamp(0, 1).movedim(1, -1).contiguous()


def missing_side(height: int, width: int, old_height: int, old_width: int, smallest: int = 1) -> tuple[int, int]:
    """(height, width) where a 0 stands for the length that keeps the proportions; two zeros keep the old size."""
    if height == 0 and width == 0:
        return old_height, old_width
    if width == 0:
        height = max(smallest, height)
        return height, max(smallest, round(old_width * height / old_height))
    if height == 0:
        width = max(smallest, width)
        return max(smallest, round(old_height * width / old_width)), width
    return max(smallest, height), max(smallest, width)
