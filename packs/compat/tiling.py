"""Large tensors through a function piece by piece; pieces overlap, and are blended where they do."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

Progress = Callable[[int], object]


def tile_starts(length: int, tile: int, overlap: int) -> list[int]:
    """Where pieces of a side begin: so far apart that they overlap, the last one at the end."""
    if length <= tile:
        return [0]
    stride = max(1, tile - overlap)
    return [*(start for start in range(0, length - tile, stride)), length - tile]


def tiled(
    samples: Tensor,
    function: Callable[[Tensor], Tensor],
    tile: Sequence[int],
    overlap: int,
    scale: float,
    channels: int,
    device: torch.device | str = "cpu",
    told: Progress | None = None,
) -> Tensor:
    """samples (b, c, *sides) in pieces of `tile` through `function`, which scales sides: (b, channels, *sides * scale).

    overlap: how many cells neighbours share; over these the one fades into the other. told: hears 1 after each piece.
    """
    sides = samples.shape[2:]
    result = torch.zeros(samples.shape[0], channels, *(round(side * scale) for side in sides), device=device)
    for row in range(samples.shape[0]):
        one = samples[row : row + 1]
        total = torch.zeros(1, 1, *result.shape[2:], device=device)
        for starts in _places(sides, tile, overlap):
            piece = one
            for axis, (start, length) in enumerate(zip(starts, tile, strict=True)):
                piece = piece.narrow(axis + 2, start, min(length, sides[axis]))
            made = function(piece).to(device, torch.float32)
            weight = _weight(made, starts, sides, tile, overlap, scale)
            where = (slice(row, row + 1), slice(None), *(
                slice(round(start * scale), round(start * scale) + length)
                for start, length in zip(starts, made.shape[2:], strict=True)
            ))  # fmt: skip
            result[where] += made * weight
            total[(slice(None), slice(None), *where[2:])] += weight
            if told is not None:
                told(1)
        result[row : row + 1] /= total
    return result


def _places(sides: Sequence[int], tile: Sequence[int], overlap: int) -> Iterator[tuple[int, ...]]:
    return itertools.product(*(tile_starts(side, each, overlap) for side, each in zip(sides, tile, strict=True)))


def _weight(
    made: Tensor, starts: Sequence[int], sides: Sequence[int], tile: Sequence[int], overlap: int, scale: float
) -> Tensor:
    """1 in the middle, falling over the overlap towards each border that lies inside."""
    weight = torch.ones(1, 1, *made.shape[2:], device=made.device)
    reach = max(1, round(overlap * scale))
    for axis, (start, side, each) in enumerate(zip(starts, sides, tile, strict=True)):
        length = made.shape[axis + 2]
        rise = (torch.arange(1, length + 1, device=made.device) / (reach + 1)).clamp(max=1)
        ramp = torch.ones(length, device=made.device)
        if start > 0:
            ramp = ramp * rise
        if start + each < side:
            ramp = ramp * rise.flip(0)
        weight = weight * ramp.reshape(1, 1, *(length if k == axis else 1 for k in range(len(sides))))
    return weight


def count_tiles(height: int, width: int, tile_y: int, tile_x: int, overlap: int) -> int:
    """How many pieces a picture is cut into."""
    return math.prod(len(tile_starts(side, tile, overlap)) for side, tile in ((height, tile_y), (width, tile_x)))
