"""Latents: made, scaled, kept in files, taken apart and put together."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor

from diffusion.masks import repeat_rows
from diffusion.resize import LATENT_METHODS, crop_to_aspect, missing_side
from graph.marks import Choice, Range
from graph.spec import node
from nodes.sockets import Latent, Mask

CELL = 8
"""Pixels along a side of a latent cell, as sizes in these nodes are given in pixels."""

SMALLEST_SIDE = 64
LARGEST_SIDE = 16384

NewSide = Annotated[int, Range(16, LARGEST_SIDE, step=8)]
Length = Annotated[int, Range(0, LARGEST_SIDE, step=8)]
Method = Annotated[str, Choice(LATENT_METHODS)]
Crop = Annotated[str, Choice(("disabled", "center"))]
Few = Annotated[int, Range(1, 64)]


@node("EmptyLatentImage", category="latent", display_name="Empty Latent Image")
def empty_latent_image(
    width: NewSide = 512, height: NewSide = 512, batch_size: Annotated[int, Range(1, 4096)] = 1
) -> Latent:
    """A latent with nothing in it, to start from.

    width: in pixels.
    height: in pixels.
    batch_size: how many pictures are made at once.
    """
    return Latent(torch.zeros(batch_size, 4, height // CELL, width // CELL))


@node("LatentUpscale", category="latent", display_name="Upscale Latent")
def latent_upscale(
    samples: Latent,
    upscale_method: Method = "nearest-exact",
    width: Length = 512,
    height: Length = 512,
    crop: Crop = "disabled",
) -> Latent:
    """Scale latents to a size in pixels.

    width: 0 keeps the proportions.
    height: 0 keeps the proportions.
    crop: "center" cuts what does not fit the new proportions, "disabled" stretches.
    """
    planes = samples.samples
    old_height, old_width = planes.shape[2] * CELL, planes.shape[3] * CELL
    if width == 0 and height == 0:
        return samples
    height, width = missing_side(height, width, old_height, old_width, SMALLEST_SIDE)
    if crop == "center":
        planes = crop_to_aspect(planes, height, width)
    return replace(samples, samples=LATENT_METHODS[upscale_method](planes, height // CELL, width // CELL))


@node("LatentUpscaleBy", category="latent", display_name="Upscale Latent By")
def latent_upscale_by(
    samples: Latent,
    upscale_method: Method = "nearest-exact",
    scale_by: Annotated[float, Range(0.01, 8.0, step=0.01)] = 1.5,
) -> Latent:
    """Scale latents by a factor."""
    height, width = (max(1, round(side * scale_by)) for side in samples.samples.shape[2:])
    return replace(samples, samples=LATENT_METHODS[upscale_method](samples.samples, height, width))


@node("SetLatentNoiseMask", category="latent/inpaint", display_name="Set Latent Noise Mask")
def set_latent_noise_mask(samples: Latent, mask: Mask) -> Latent:
    """Let the sampler change a region only.

    mask: 1 is to be changed; of any size.
    """
    return replace(samples, noise_mask=mask.reshape(-1, 1, *mask.shape[-2:]))


@node("LatentFromBatch", category="latent/batch", display_name="Latent From Batch")
def latent_from_batch(samples: Latent, batch_index: Annotated[int, Range(0, 63)] = 0, length: Few = 1) -> Latent:
    """Take some latents out of a batch; they keep the noise that was theirs in the batch.

    batch_index: the first one, counted from 0.
    length: how many, as far as there are.
    """
    count = samples.samples.shape[0]
    start = min(batch_index, count - 1)
    part = slice(start, min(start + length, count))
    mask = samples.noise_mask
    if mask is not None and mask.shape[0] > 1:
        mask = repeat_rows(mask, count)[part]
    rows = samples.batch_index or tuple(range(count))
    return replace(samples, samples=samples.samples[part].clone(), noise_mask=mask, batch_index=rows[part])


@node("RepeatLatentBatch", category="latent/batch", display_name="Repeat Latent Batch")
def repeat_latent_batch(samples: Latent, amount: Few = 1) -> Latent:
    """Repeat a batch; every repetition gets noise of its own.

    amount: how often it stands there in the end.
    """
    mask, rows = samples.noise_mask, samples.batch_index
    if mask is not None and mask.shape[0] > 1:
        mask = repeat_rows(mask, samples.samples.shape[0]).repeat(amount, 1, 1, 1)
    if rows is not None:
        reach = max(rows) - min(rows) + 1
        rows = tuple(row + turn * reach for turn in range(amount) for row in rows)
    return replace(samples, samples=samples.samples.repeat(amount, 1, 1, 1), noise_mask=mask, batch_index=rows)


@node("LatentBatch", category="latent/batch")
def latent_batch(samples1: Latent, samples2: Latent) -> Latent:
    """Put two batches into one; the second is scaled to the size of the first."""
    first, second = samples1.samples, _like(samples2.samples, samples1.samples)
    rows1 = samples1.batch_index or tuple(range(first.shape[0]))
    rows2 = samples2.batch_index or tuple(range(second.shape[0]))
    return replace(samples1, samples=torch.cat([first, second]), noise_mask=None, batch_index=rows1 + rows2)


@node("LatentAdd", category="latent/advanced")
def latent_add(samples1: Latent, samples2: Latent) -> Latent:
    """The sum of two latents."""
    return _combined(samples1, samples2, torch.add)


@node("LatentSubtract", category="latent/advanced")
def latent_subtract(samples1: Latent, samples2: Latent) -> Latent:
    """The difference of two latents."""
    return _combined(samples1, samples2, torch.sub)


@node("LatentMultiply", category="latent/advanced")
def latent_multiply(samples: Latent, multiplier: Annotated[float, Range(-10.0, 10.0, step=0.01)] = 1.0) -> Latent:
    """A latent times a number."""
    return replace(samples, samples=samples.samples * multiplier)


@node("LatentInterpolate", category="latent/advanced")
def latent_interpolate(
    samples1: Latent, samples2: Latent, ratio: Annotated[float, Range(0.0, 1.0, step=0.01)] = 1.0
) -> Latent:
    """A mixture of two latents: directions and lengths of the cells are mixed apart.

    ratio: 1 is the first, 0 the second.
    """

    def mixed(a: Tensor, b: Tensor) -> Tensor:
        length_a, length_b = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
        direction = a / length_a.clamp(min=1e-12) * ratio + b / length_b.clamp(min=1e-12) * (1 - ratio)
        unit = direction / direction.norm(dim=1, keepdim=True).clamp(min=1e-12)
        return unit * (length_a * ratio + length_b * (1 - ratio))

    return _combined(samples1, samples2, mixed)


@node("LatentBlend", category="_for_testing", display_name="Latent Blend")
def latent_blend(
    samples1: Latent, samples2: Latent, blend_factor: Annotated[float, Range(0, 1, step=0.01)] = 0.5
) -> Latent:
    """The weighted mean of two latents.

    blend_factor: 1 is the first, 0 the second.
    """
    return _combined(samples1, samples2, lambda a, b: a * blend_factor + b * (1 - blend_factor))


@node("LatentFlip", category="latent/transform", display_name="Flip Latent")
def latent_flip(
    samples: Latent,
    flip_method: Annotated[str, Choice(("x-axis: vertically", "y-axis: horizontally"))] = "x-axis: vertically",
) -> Latent:
    """Mirror latents."""
    return replace(samples, samples=samples.samples.flip(2 if flip_method.startswith("x") else 3))


@node("LatentRotate", category="latent/transform", display_name="Rotate Latent")
def latent_rotate(
    samples: Latent,
    rotation: Annotated[str, Choice(("none", "90 degrees", "180 degrees", "270 degrees"))] = "none",
) -> Latent:
    """Turn latents clockwise."""
    quarters = 0 if rotation == "none" else int(rotation.split()[0]) // 90
    return replace(samples, samples=torch.rot90(samples.samples, -quarters, (2, 3)))


def _combined(first: Latent, second: Latent, operation: Callable[[Tensor, Tensor], Tensor]) -> Latent:
    """The first latent with samples from both; the second is scaled and repeated or cut to fit."""
    other = repeat_rows(_like(second.samples, first.samples), first.samples.shape[0])
    return replace(first, samples=operation(first.samples, other))


def _like(samples: Tensor, target: Tensor) -> Tensor:
    """Samples in the size of others, cut to their proportions."""
    height, width = target.shape[2:]
    if samples.shape[2:] == target.shape[2:]:
        return samples
    return LATENT_METHODS["bicubic"](crop_to_aspect(samples, height, width), height, width)
