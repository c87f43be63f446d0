"""Pictures made from nothing and from other pictures."""

from typing import Annotated, NamedTuple

import torch

from diffusion.mask_editing import resize_mask
from diffusion.masks import repeat_rows
from diffusion.resize import IMAGE_METHODS, crop_to_aspect, missing_side, resize_images
from graph.marks import Choice, Options, Range
from graph.spec import node
from nodes.errors import InputError
from nodes.sockets import Image, Mask

LARGEST_SIDE = 16384
MEGAPIXEL = 1024 * 1024

Method = Annotated[str, Choice(IMAGE_METHODS)]
Crop = Annotated[str, Choice(("disabled", "center"))]
NewSide = Annotated[int, Range(0, LARGEST_SIDE, step=1)]
Side = Annotated[int, Range(1, LARGEST_SIDE, step=1)]
Place = Annotated[int, Range(0, LARGEST_SIDE, step=1)]
Border = Annotated[int, Range(0, LARGEST_SIDE, step=8)]
Colour = Annotated[int, Range(0, 0xFFFFFF, step=1), Options({"display": "color"})]
Many = Annotated[int, Range(1, 4096)]


class Padded(NamedTuple):
    """A picture with a border, and what of it is new, as outputs."""

    IMAGE: Image
    MASK: Mask


class Size(NamedTuple):
    """The size of a batch of pictures, as outputs."""

    width: int
    height: int
    batch_size: int


@node("ImageScale", category="image/upscaling", display_name="Upscale Image")
def image_scale(
    image: Image,
    upscale_method: Method = "nearest-exact",
    width: NewSide = 512,
    height: NewSide = 512,
    crop: Crop = "disabled",
) -> Image:
    """Scale pictures to a size.

    width: 0 keeps the proportions.
    height: 0 keeps the proportions.
    crop: "center" cuts what does not fit the new proportions, "disabled" stretches.
    """
    height, width = missing_side(height, width, image.shape[1], image.shape[2])
    return _scaled(image, height, width, upscale_method, crop)


@node("ImageScaleBy", category="image/upscaling", display_name="Upscale Image By")
def image_scale_by(
    image: Image,
    upscale_method: Method = "nearest-exact",
    scale_by: Annotated[float, Range(0.01, 8.0, step=0.01)] = 1.0,
) -> Image:
    """Scale pictures by a factor."""
    height, width = (max(1, round(side * scale_by)) for side in image.shape[1:3])
    return _scaled(image, height, width, upscale_method)


@node("ImageScaleToTotalPixels", category="image/upscaling")
def image_scale_to_total_pixels(
    image: Image,
    upscale_method: Method = "nearest-exact",
    megapixels: Annotated[float, Range(0.01, 16.0, step=0.01)] = 1.0,
) -> Image:
    """Scale pictures to a number of pixels, whatever their proportions.

    megapixels: in units of 1024 × 1024.
    """
    factor = (megapixels * MEGAPIXEL / (image.shape[1] * image.shape[2])) ** 0.5
    height, width = (max(1, round(side * factor)) for side in image.shape[1:3])
    return _scaled(image, height, width, upscale_method)


@node("ImageInvert", category="image", display_name="Invert Image")
def image_invert(image: Image) -> Image:
    """Turn light into dark and every colour into its opposite."""
    return 1.0 - image


@node("EmptyImage", category="image", display_name="EmptyImage")
def empty_image(width: Side = 512, height: Side = 512, batch_size: Many = 1, color: Colour = 0) -> Image:
    """Pictures of one colour.

    color: red, green and blue as one number, 0xRRGGBB.
    """
    channels = torch.tensor([color >> 16 & 255, color >> 8 & 255, color & 255]) / 255
    return channels.expand(batch_size, height, width, 3).contiguous()


@node("ImageBatch", category="image", display_name="Batch Images")
def image_batch(image1: Image, image2: Image) -> Image:
    """Put two batches of pictures into one; the second is scaled to the size of the first."""
    second = _scaled(image2, image1.shape[1], image1.shape[2], "bilinear", "center")
    channels = max(image1.shape[-1], second.shape[-1])
    return torch.cat([_with_channels(image1, channels), _with_channels(second, channels)])


@node("ImageFromBatch", category="image/batch", display_name="ImageFromBatch")
def image_from_batch(
    image: Image,
    batch_index: Annotated[int, Range(0, 4095)] = 0,
    length: Many = 1,
) -> Image:
    """Take some pictures out of a batch.

    batch_index: the first one, counted from 0.
    length: how many, as far as there are.
    """
    start = min(batch_index, image.shape[0] - 1)
    return image[start : start + length].clone()


@node("RepeatImageBatch", category="image/batch", display_name="RepeatImageBatch")
def repeat_image_batch(image: Image, amount: Many = 1) -> Image:
    """Repeat a batch of pictures."""
    return image.repeat(amount, 1, 1, 1)


@node("ImageCrop", category="image/transform", display_name="Image Crop")
def image_crop(image: Image, width: Side = 512, height: Side = 512, x: Place = 0, y: Place = 0) -> Image:
    """Cut a rectangle out of pictures, as far as it lies inside."""
    x, y = min(x, image.shape[2] - 1), min(y, image.shape[1] - 1)
    return image[:, y : y + height, x : x + width].clone()


@node("ImageFlip", category="image/transform", display_name="ImageFlip")
def image_flip(
    image: Image,
    flip_method: Annotated[str, Choice(("x-axis: vertically", "y-axis: horizontally"))] = "x-axis: vertically",
) -> Image:
    """Mirror pictures."""
    return image.flip(1 if flip_method.startswith("x") else 2)


@node("ImageRotate", category="image/transform", display_name="ImageRotate")
def image_rotate(
    image: Image,
    rotation: Annotated[str, Choice(("none", "90 degrees", "180 degrees", "270 degrees"))] = "none",
) -> Image:
    """Turn pictures clockwise."""
    quarters = 0 if rotation == "none" else int(rotation.split()[0]) // 90
    return torch.rot90(image, -quarters, (1, 2)).contiguous()


@node("ImageCompositeMasked", category="image", display_name="ImageCompositeMasked")
def image_composite_masked(
    destination: Image,
    source: Image,
    x: Place = 0,
    y: Place = 0,
    resize_source: bool = False,
    mask: Mask | None = None,
) -> Image:
    """Put pictures onto others.

    x: of the left edge, in pixels of the destination.
    y: of the upper edge.
    resize_source: scale the source to the size of the destination first.
    mask: where the source shows; scaled to it.
    """
    if resize_source:
        source = _scaled(source, destination.shape[1], destination.shape[2], "bilinear")
    result = destination.clone()
    part = result[:, y : y + source.shape[1], x : x + source.shape[2]]
    if not part.numel():
        return result
    shown = torch.ones(1, *source.shape[1:3]) if mask is None else resize_mask(mask, *source.shape[1:3])
    count, height, width, channels = part.shape
    share = repeat_rows(shown, count)[:, :height, :width, None]
    placed = repeat_rows(_with_channels(source, channels), count)[:, :height, :width]
    part.copy_(placed * share + part * (1 - share))
    return result


@node("ImagePadForOutpaint", category="image", display_name="Pad Image for Outpainting")
def image_pad_for_outpaint(
    image: Image,
    left: Border = 0,
    top: Border = 0,
    right: Border = 0,
    bottom: Border = 0,
    feathering: Annotated[int, Range(0, LARGEST_SIDE, step=1)] = 40,
) -> Padded:
    """Add a grey border to be painted, and say where it is.

    feathering: pixels of the old picture, next to the border, over which the mask fades.
    """
    count, height, width, channels = image.shape
    padded = torch.full((count, height + top + bottom, width + left + right, channels), 0.5)
    padded[:, top : top + height, left : left + width] = image
    inside = torch.zeros(height, width)
    if feathering > 0 and feathering * 2 < height and feathering * 2 < width:
        inside = _fading(height, width, (left, top, right, bottom), feathering)
    mask = torch.ones(1, *padded.shape[1:3])
    mask[0, top : top + height, left : left + width] = inside
    return Padded(padded, mask)


@node("GetImageSize", category="image", display_name="Get Image Size")
def get_image_size(image: Image) -> Size:
    """The size of pictures, as numbers."""
    return Size(image.shape[2], image.shape[1], image.shape[0])


def _scaled(image: Image, height: int, width: int, method: str, crop: str = "disabled") -> Image:
    if image.shape[1:3] == (height, width):
        return image
    if crop == "center":
        image = crop_to_aspect(image.movedim(-1, 1), height, width).movedim(1, -1)
    return resize_images(image, height, width, IMAGE_METHODS[method])


def _with_channels(image: Image, channels: int) -> Image:
    """RGB with a full alpha, or RGBA without its alpha, as the number of channels asks."""
    if image.shape[-1] >= channels:
        return image[..., :channels]
    if image.shape[-1] != 3:
        raise InputError("a picture of 3 or 4 channels", f"{image.shape[-1]}", "Convert it to RGB first.")
    return torch.cat([image, torch.ones(*image.shape[:-1], channels - 3)], dim=-1)


def _fading(height: int, width: int, added: tuple[int, int, int, int], reach: int) -> Mask:
    """(h, w): falls from 1 at each edge that got a border (left, top, right, bottom) to 0, quadratically."""
    left, top, right, bottom = added
    far = torch.full((1,), float(reach))
    rows, columns = torch.arange(height).float()[:, None], torch.arange(width).float()[None, :]
    distances = [rows if top else far, height - rows if bottom else far]
    distances += [columns if left else far, width - columns if right else far]
    nearest = torch.full((height, width), float(reach))
    for distance in distances:
        nearest = torch.minimum(nearest, distance)
    return ((reach - nearest) / reach) ** 2
