"""Masks and batches brought to the shape of the latents they go with."""

from torch import Tensor
from torch.nn import functional

from diffusion.shapes import Latents


def mask_like(mask: Tensor, latents: Latents) -> Tensor:
    """A mask of any size as (b, 1, h, w) for latents (b, c, h, w): resized bilinearly, repeated along the batch.

    mask: (h, w), (b, h, w) or (b, 1, h, w) in 0..1. The result has the latents' device and dtype.
    """
    planes = mask.reshape(-1, 1, *mask.shape[-2:]).float()
    if planes.shape[-2:] != latents.shape[-2:]:
        planes = functional.interpolate(planes, size=latents.shape[-2:], mode="bilinear")
    return repeat_rows(planes, latents.shape[0]).to(latents)


def repeat_rows(batch: Tensor, count: int) -> Tensor:
    """The rows of a batch repeated from the first until there are `count` of them; surplus rows are left out."""
    if batch.shape[0] == count:
        return batch
    times = -(-count // batch.shape[0])
    return batch.repeat(times, *[1] * (batch.dim() - 1))[:count]
