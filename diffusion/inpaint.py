"""Inpainting: by a mask that holds any model's denoiser, and by the channels of networks made for it."""

import torch
from torch import Tensor

from diffusion.conditioning import Condition
from diffusion.masks import mask_like, repeat_rows
from diffusion.model import ConcatRule
from diffusion.shapes import Denoiser, GuidedPair, Latents, Sigma


def masked(denoise: Denoiser, latents: Latents, noise: Latents, mask: Tensor) -> Denoiser:
    """A denoiser that changes only where the mask is 1.

    Before every call the kept region is replaced by the clean latents noised to the level at hand, after it by the
    clean latents themselves.

    latents: the clean (b, c, h, w) in network scale. noise: unit noise of the same shape. mask: see `mask_like`.
    """
    region = _Region(latents, noise, mask)
    return lambda x, sigma: region.restored(denoise(region.noised(x, sigma), sigma))


def masked_pair(denoise: GuidedPair, latents: Latents, noise: Latents, mask: Tensor) -> GuidedPair:
    """As `masked`; the negative's x0 is left as it is, since it only tells what is noise in x."""
    region = _Region(latents, noise, mask)

    def denoise_masked(x: Latents, sigma: Sigma) -> tuple[Latents, Latents]:
        x0, x0_negative = denoise(region.noised(x, sigma), sigma)
        return region.restored(x0), x0_negative

    return denoise_masked


class _Region:
    """What a mask keeps of a picture, and of the noise over it."""

    def __init__(self, latents: Latents, noise: Latents, mask: Tensor) -> None:
        self._mask = mask_like(mask, latents)
        keep = 1 - self._mask
        self._latents, self._noise = latents * keep, noise * keep

    def noised(self, x: Latents, sigma: Sigma) -> Latents:
        return x * self._mask + self._latents + self._noise * sigma

    def restored(self, x0: Latents) -> Latents:
        return x0 * self._mask + self._latents


def inpainting_channels(latent_scale: float) -> ConcatRule:
    """The further channels of an inpainting UNet: (b, 1 + c, h, w), the mask and the picture without its hole.

    A condition that carries no picture asks for a whole one: the mask is 1 and the picture empty.
    """

    def channels(condition: Condition, latents: Latents) -> Latents:
        mask, picture = condition.concat_mask, condition.concat_latent
        if picture is None:
            picture = torch.zeros_like(latents)
        elif picture.shape[-2:] != latents.shape[-2:]:
            raise ValueError(
                f"the picture to be filled has latents of {picture.shape[-1]} × {picture.shape[-2]} cells and those to "
                f"be sampled {latents.shape[-1]} × {latents.shape[-2]}: make them from pictures of one size"
            )
        whole = mask_like(torch.ones(1, 1, 1) if mask is None else mask, latents).round()
        return torch.cat([whole, repeat_rows(picture.to(whole) * latent_scale, whole.shape[0])], dim=1)

    return channels
