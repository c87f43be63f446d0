"""Masks: made, taken from pictures, and worked on."""

from typing import Annotated

import torch

from diffusion.mask_editing import MASK_OPERATIONS, composite_masks, feather, grow
from graph.handle import Run
from graph.marks import Choice, ChoiceFrom, Options, Range, Upload
from graph.results import Shown
from graph.spec import node
from nodes.errors import InputError
from nodes.fingerprints import of_file, of_folder
from nodes.image import PREVIEW_LEVEL, PREVIEW_PREFIX
from nodes.pictures import channel_of, mask_of, save_pngs
from nodes.sockets import Image, Mask
from storage import Folders
from storage.pictures import decode

LARGEST_SIDE = 16384
COLOURS = ("red", "green", "blue")

Side = Annotated[int, Range(1, LARGEST_SIDE, step=1)]
Place = Annotated[int, Range(0, LARGEST_SIDE, step=1)]
Colour = Annotated[int, Range(0, 0xFFFFFF, step=1), Options({"display": "color"})]


@node("LoadImageMask", category="mask", display_name="Load Image (as Mask)", fingerprint=of_file("image"))
def load_image_mask(
    image: Annotated[str, ChoiceFrom("input_images"), Upload("image")],
    channel: Annotated[str, Choice(("alpha", *COLOURS))] = "alpha",
    *,
    run: Run,
) -> Mask:
    """Read one channel of a picture as a mask.

    image: a name in the input folder, or one like `a.png [output]`.
    channel: alpha counts what is transparent as 1; a colour counts its brightness.
    """
    with run.service(Folders).open_annotated(image) as file:
        frames = decode(file)
    return mask_of(frames) if channel == "alpha" else channel_of(frames, COLOURS.index(channel))


@node("MaskToImage", category="mask", display_name="Convert Mask to Image")
def mask_to_image(mask: Mask) -> Image:
    """Show a mask as a grey picture."""
    return mask.reshape(-1, *mask.shape[-2:], 1).expand(-1, -1, -1, 3).contiguous()


@node("ImageToMask", category="mask", display_name="Convert Image to Mask")
def image_to_mask(image: Image, channel: Annotated[str, Choice((*COLOURS, "alpha"))] = "red") -> Mask:
    """Take one channel of a picture as a mask."""
    index = (*COLOURS, "alpha").index(channel)
    if index >= image.shape[-1]:
        raise InputError(
            f"a picture with the channel {channel}", f"{image.shape[-1]} channels", "Choose red, green or blue."
        )
    return image[..., index].clone()


@node("ImageColorToMask", category="mask", display_name="ImageColorToMask")
def image_color_to_mask(image: Image, color: Colour = 0) -> Mask:
    """A mask of the pixels that have exactly one colour.

    color: red, green and blue as one number, 0xRRGGBB.
    """
    wanted = torch.tensor([color >> 16 & 255, color >> 8 & 255, color & 255])
    pixels = (image[..., :3].clamp(0, 1) * 255).round()
    return (pixels == wanted).all(dim=-1).float()


@node("SolidMask", category="mask", display_name="SolidMask")
def solid_mask(
    value: Annotated[float, Range(0.0, 1.0, step=0.01)] = 1.0, width: Side = 512, height: Side = 512
) -> Mask:
    """A mask of one value."""
    return torch.full((1, height, width), float(value))


@node("InvertMask", category="mask", display_name="InvertMask")
def invert_mask(mask: Mask) -> Mask:
    """Mean what was not meant."""
    return 1.0 - mask


@node("CropMask", category="mask", display_name="CropMask")
def crop_mask(mask: Mask, x: Place = 0, y: Place = 0, width: Side = 512, height: Side = 512) -> Mask:
    """Cut a rectangle out of a mask, as far as it lies inside."""
    x, y = min(x, mask.shape[-1] - 1), min(y, mask.shape[-2] - 1)
    return mask.reshape(-1, *mask.shape[-2:])[:, y : y + height, x : x + width].clone()


@node("MaskComposite", category="mask", display_name="MaskComposite")
def mask_composite(
    destination: Mask,
    source: Mask,
    x: Place = 0,
    y: Place = 0,
    operation: Annotated[str, Choice(MASK_OPERATIONS)] = "multiply",
) -> Mask:
    """Combine a mask with a part of another.

    x: of the left edge, in pixels of the destination.
    y: of the upper edge.
    operation: how the two values of a pixel become one; and, or, xor round them first.
    """
    return composite_masks(destination, source, x, y, MASK_OPERATIONS[operation])


@node("FeatherMask", category="mask", display_name="FeatherMask")
def feather_mask(mask: Mask, left: Place = 0, top: Place = 0, right: Place = 0, bottom: Place = 0) -> Mask:
    """Fade a mask towards its edges, over so many pixels."""
    return feather(mask, left, top, right, bottom)


@node("GrowMask", category="mask", display_name="GrowMask")
def grow_mask(
    mask: Mask, expand: Annotated[int, Range(-LARGEST_SIDE, LARGEST_SIDE, step=1)] = 0, tapered_corners: bool = True
) -> Mask:
    """Make what is meant larger or smaller.

    expand: pixels; below 0 it shrinks.
    tapered_corners: grow to a diamond instead of a square.
    """
    return grow(mask, expand, tapered_corners=tapered_corners)


@node("ThresholdMask", category="mask", display_name="ThresholdMask")
def threshold_mask(mask: Mask, value: Annotated[float, Range(0.0, 1.0, step=0.01)] = 0.5) -> Mask:
    """1 where a mask lies above a value, else 0."""
    return (mask > value).float()


@node("MaskPreview", category="mask", display_name="MaskPreview", terminal=True, fingerprint=of_folder("temp"))
def mask_preview(mask: Mask, *, run: Run) -> Shown:
    """Show masks without keeping them."""
    return save_pngs(mask_to_image(mask), run, "temp", PREVIEW_PREFIX, PREVIEW_LEVEL)
