"""Between pictures and latents."""

from typing import Annotated

from diffusion.autoencoder import crop_to_multiple
from diffusion.mask_editing import grow_to_blocks, resize_mask
from graph.marks import Range
from graph.spec import node
from nodes.sockets import Image, Latent, Mask, Vae

GREY = 0.5
"""What stands in the region to be inpainted, so that nothing of the old picture is encoded there."""


@node("VAEDecode", category="latent", display_name="VAE Decode")
def vae_decode(samples: Latent, vae: Vae) -> Image:
    """Turn latents into pictures."""
    return vae.decode(samples.samples)


@node("VAEEncode", category="latent", display_name="VAE Encode")
def vae_encode(pixels: Image, vae: Vae) -> Latent:
    """Turn pictures into latents; sides are cut to a multiple of the VAE's cell."""
    return Latent(vae.encode(pixels[..., :3]))


@node("VAEEncodeForInpaint", category="latent/inpaint", display_name="VAE Encode (for Inpainting)")
def vae_encode_for_inpaint(
    pixels: Image, vae: Vae, mask: Mask, grow_mask_by: Annotated[int, Range(0, 64, step=1)] = 6
) -> Latent:
    """Turn pictures into latents with the masked region greyed out, to be filled anew.

    mask: 1 is to be filled; it is scaled to the picture.
    grow_mask_by: pixels by which the region that the sampler may change is larger than the grey one.
    """
    planes = resize_mask(mask, pixels.shape[1], pixels.shape[2]).unsqueeze(-1)  # (b, h, w, 1)
    pictures = crop_to_multiple(pixels[..., :3], vae.downscale)
    hole = crop_to_multiple(planes, vae.downscale)[..., 0]  # (b, h, w)
    keep = 1 - hole.round().unsqueeze(-1)
    greyed = (pictures - GREY) * keep + GREY
    return Latent(vae.encode(greyed), noise_mask=grow_to_blocks(hole, grow_mask_by).unsqueeze(1))
