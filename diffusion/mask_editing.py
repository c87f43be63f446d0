"""Masks (b, h, w) in 0..1: growing, feathering, and putting one thing onto another."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn import functional

from diffusion.masks import repeat_rows

MaskOperation = Callable[[Tensor, Tensor], Tensor]
"""Two masks of one size to one; the caller clamps the result to 0..1."""


def _logical(operation: Callable[[Tensor, Tensor], Tensor]) -> MaskOperation:
    def rounded(destination: Tensor, source: Tensor) -> Tensor:
        return operation(destination.round().bool(), source.round().bool()).to(destination.dtype)

    return rounded


MASK_OPERATIONS: Mapping[str, MaskOperation] = MappingProxyType(
    {
        "multiply": torch.mul,
        "add": torch.add,
        "subtract": torch.sub,
        "and": _logical(torch.logical_and),
        "or": _logical(torch.logical_or),
        "xor": _logical(torch.logical_xor),
    }
)


def grow(mask: Tensor, distance: int, *, tapered_corners: bool) -> Tensor:
    """Grey dilation by `distance` pixels, erosion where it is negative.

    mask: (b, h, w). Tapered corners grow to a diamond (steps up, down, left and right), others to a square.
    """
    if distance == 0:
        return mask.clone()
    if distance < 0:
        return -grow(-mask, -distance, tapered_corners=tapered_corners)
    planes = mask.unsqueeze(1)  # (b, 1, h, w)
    distance = min(distance, mask.shape[-2] + mask.shape[-1])  # farther than corner to corner nothing is left to reach
    if tapered_corners:
        for _ in range(distance):
            planes = torch.maximum(_highest(planes, 1, 0), _highest(planes, 0, 1))
    else:
        planes = _highest(_highest(planes, distance, 0), 0, distance)
    return planes.squeeze(1)


def _highest(planes: Tensor, vertical: int, horizontal: int) -> Tensor:
    """The maximum over a window that reaches so far in each direction."""
    vertical, horizontal = min(vertical, planes.shape[-2]), min(horizontal, planes.shape[-1])
    window = (2 * vertical + 1, 2 * horizontal + 1)
    return functional.max_pool2d(planes, window, stride=1, padding=(vertical, horizontal))


def grow_to_blocks(mask: Tensor, size: int) -> Tensor:
    """A hard mask (b, h, w) of 0 and 1 grown by a square window of `size` pixels; even windows reach up and left."""
    if size <= 1:
        return mask.round()
    planes = functional.max_pool2d(mask.round().unsqueeze(1), size, stride=1, padding=size // 2)
    return planes[:, 0, : mask.shape[-2], : mask.shape[-1]]


def feather(mask: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    """Fade a mask (b, h, w) towards its edges: the outermost of n pixels keeps 1/n."""
    height, width = mask.shape[-2:]
    across = _fade(width, left) * _fade(width, right).flip(0)  # (w,)
    down = _fade(height, top) * _fade(height, bottom).flip(0)  # (h,)
    return mask * (down[:, None] * across[None, :]).to(mask)


def _fade(length: int, reach: int) -> Tensor:
    """Ones, but for the first `reach` places, which rise linearly."""
    fade = torch.ones(length)
    reach = min(reach, length)
    fade[:reach] = torch.arange(1, reach + 1) / max(reach, 1)
    return fade


def composite_masks(destination: Tensor, source: Tensor, x: int, y: int, operation: MaskOperation) -> Tensor:
    """Combine `source` with the part of `destination` whose upper left corner is (x, y); both (b, h, w).

    What hangs over the edge is cut. The shorter batch is repeated to the length of the longer.
    """
    count = max(destination.shape[0], source.shape[0])
    result = repeat_rows(destination, count).clone()
    part = result[:, y : y + source.shape[-2], x : x + source.shape[-1]]
    if part.numel():
        cut = repeat_rows(source, count)[:, : part.shape[-2], : part.shape[-1]]
        part.copy_(operation(part, cut.to(part)).clamp(0, 1))
    return result


def resize_mask(mask: Tensor, height: int, width: int) -> Tensor:
    """A mask (b, h, w) in another size, bilinearly."""
    if mask.shape[-2:] == (height, width):
        return mask
    return functional.interpolate(mask.unsqueeze(1), size=(height, width), mode="bilinear").squeeze(1)
