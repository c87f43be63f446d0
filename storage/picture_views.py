"""Other views of a picture file: a small preview, its colours without alpha, its alpha alone."""

import io
import re
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

from PIL import Image

from storage.pictures import LONGEST_SIDES, STANDARD_LIMITS, Frame, Limits, first_frame

Channel = Literal["rgba", "rgb", "a"]
PREVIEW: Final = re.compile(r"\s*(?P<format>[A-Za-z]*)\s*(?:;\s*(?P<quality>[0-9]{1,3})\s*)?")
STANDARD_QUALITY: Final = 90
SIDE: Final = re.compile(r"[0-9]{1,6}")
LEAST_SIDE: Final = 16
MOST_SIDE: Final = 4096
MOST_SIDE_OF_ALL: Final = max(LONGEST_SIDES.values())


@dataclass(frozen=True, slots=True)
class Preview:
    """A smaller encoding of a picture. quality: 1 to 100; longest: pixels that the longer side has at most."""

    format: Literal["webp", "jpeg"] = "webp"
    quality: int = STANDARD_QUALITY
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class View:
    """An encoded picture and its media type."""

    data: bytes
    media_type: str


def read_preview(text: str, channel: str = "", side: str = "") -> Preview:
    """What `webp;90` asks for. A format other than WebP and JPEG, and a channel with alpha, becomes WebP.

    side: the longest side in pixels as text; what is no such number asks for the picture's own size.
    """
    longest = min(max(int(side), LEAST_SIDE), MOST_SIDE) if SIDE.fullmatch(side) else None
    found = PREVIEW.fullmatch(text)
    if found is None:
        return Preview(longest=longest)
    quality = min(max(int(found["quality"] or STANDARD_QUALITY), 1), 100)
    is_jpeg = found["format"].lower() == "jpeg" and "a" not in channel
    return Preview("jpeg" if is_jpeg else "webp", quality, longest)


def preview(file: BinaryIO, wanted: Preview, limits: Limits = STANDARD_LIMITS) -> View:
    """The first frame, encoded as wanted; scaled down where that is asked for or the format has no room.

    Raises PictureRefused.
    """
    image = _image(first_frame(file, limits), alpha=wanted.format == "webp")
    longest = min(LONGEST_SIDES[wanted.format], wanted.longest or MOST_SIDE_OF_ALL)
    if max(image.size) > longest:
        image.thumbnail((longest, longest))
    return _encoded(image, wanted.format, quality=wanted.quality)


def one_channel(file: BinaryIO, channel: Literal["rgb", "a"], limits: Limits = STANDARD_LIMITS) -> View:
    """The first frame as PNG: its colours without alpha, or black with its alpha. Raises PictureRefused."""
    frame = first_frame(file, limits)
    if channel == "rgb":
        return _encoded(_image(frame, alpha=False), "png", compress_level=4)
    black = Image.new("RGBA", (frame.width, frame.height), (0, 0, 0, 255))
    if frame.alpha is not None:
        black.putalpha(Image.frombytes("L", black.size, frame.alpha))
    return _encoded(black, "png", compress_level=4)


def _image(frame: Frame, *, alpha: bool) -> Image.Image:
    image = Image.frombytes("RGB", (frame.width, frame.height), frame.rgb)
    if alpha and frame.alpha is not None:
        image.putalpha(Image.frombytes("L", image.size, frame.alpha))
    return image


def _encoded(image: Image.Image, format: Literal["png", "webp", "jpeg"], **options: int) -> View:
    out = io.BytesIO()
    image.save(out, format.upper(), **options)
    return View(out.getvalue(), f"image/{format}")
