"""Pictures from the disk as plain bytes, and back: sizes are judged before anything is decoded.

A picture file is the likeliest thing to come from a stranger. Only raster formats with a decoder of their own are
opened, the header's size and the number of frames are held against `Limits` first, and every way a decoder has of
failing ends in `PictureRefused`.
"""

import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Final, Literal

from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from storage.errors import PictureRefused
from storage.exif_texts import exif_of

PictureFormat = Literal["png", "webp", "jpeg"]

# No vector, script or document format: those run code of their own (PostScript) or load other files.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")

# In these further frames are other views of the same shot (a gain map, a second eye), not frames of an animation.
ONE_FRAME_FORMATS = frozenset({"MPO", "JPEG", "BMP"})

# The longest side that a format can say.
LONGEST_SIDES: Final[Mapping[PictureFormat, int]] = MappingProxyType({"png": 2**31 - 1, "webp": 16383, "jpeg": 65535})

# One segment of a JPEG holds all of its EXIF: 65,535 bytes with the two that give its length.
MOST_JPEG_EXIF_BYTES: Final = 65_533

# What Pillow's decoders are known to raise on broken files.
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True)
class Limits:
    """The largest picture that is opened. pixels: of one frame; all_pixels: of all frames together."""

    file_bytes: int = 256 * 2**20
    pixels: int = 2**26
    all_pixels: int = 2**27
    frames: int = 1024


STANDARD_LIMITS = Limits()


@dataclass(frozen=True)
class Frame:
    """One picture: 8-bit RGB, row by row from the top, and its alpha (one byte a pixel) if the file has any."""

    width: int
    height: int
    rgb: bytes
    alpha: bytes | None


@dataclass(frozen=True)
class PictureFacts:
    """What a header says; the size is that after the EXIF rotation."""

    format: str
    width: int
    height: int


def decode(file: BinaryIO, limits: Limits = STANDARD_LIMITS) -> tuple[Frame, ...]:
    """Every frame of a picture that has the first one's size; rotated as EXIF says, palettes and 16 bit converted.

    Raises PictureRefused for what is no picture, broken or beyond the limits, the latter before decoding.
    """
    image = _open(file, limits)
    try:
        most = _most_frames(image, limits)
        frames: list[Frame] = []
        for index in range(most):
            try:
                image.seek(index)
            except EOFError:
                break
            _judge_size(image, limits)
            frame = _frame(image)
            if not frames or (frame.width, frame.height) == (frames[0].width, frames[0].height):
                frames.append(frame)
        return tuple(frames)
    except DECODER_ERRORS as error:
        raise _broken(error) from error


def facts(file: BinaryIO, limits: Limits = STANDARD_LIMITS) -> PictureFacts:
    """Prove that a file is a picture within the limits by decoding its first frame, and say which.

    Raises PictureRefused, also for an animation of which `decode` would not read every frame.
    """
    image = _open(file, limits)
    try:
        _most_frames(image, limits)
        frame = _frame(image)
    except DECODER_ERRORS as error:
        raise _broken(error) from error
    return PictureFacts(image.format or "", frame.width, frame.height)


def first_frame(file: BinaryIO, limits: Limits = STANDARD_LIMITS) -> Frame:
    """The first frame of a picture, converted as `decode` does. Raises PictureRefused."""
    image = _open(file, limits)
    try:
        return _frame(image)
    except DECODER_ERRORS as error:
        raise _broken(error) from error


def png_bytes(width: int, height: int, channels: int, pixels: bytes, texts: Mapping[str, str], level: int = 4) -> bytes:
    """A PNG of 8-bit pixels (1 gray, 3 RGB, 4 RGBA; row by row) with text chunks. level: zlib's, 0 to 9."""
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    out = io.BytesIO()
    _image(width, height, channels, pixels).save(out, "PNG", pnginfo=info, compress_level=level)
    return out.getvalue()


def encode_picture(
    width: int,
    height: int,
    channels: int,
    pixels: bytes,
    format: PictureFormat,
    quality: int,
    texts: Mapping[str, str],
) -> bytes:
    """A picture file of 8-bit pixels (1 gray, 3 RGB, 4 RGBA; row by row) that carries texts.

    quality: 1 to 100, for WebP and JPEG. PNG carries the texts in text chunks, the others in EXIF, where a JPEG has
    room for 64 kB: the largest texts are left out until the rest fits. A JPEG has no alpha; it is dropped. Raises
    PictureRefused for sides that the format cannot say.
    """
    longest = LONGEST_SIDES[format]
    if max(width, height) > longest:
        raise PictureRefused(f"sides of at most {longest} for {format}", f"{width} × {height}", "Save it as PNG.")
    if format == "png":
        return png_bytes(width, height, channels, pixels, texts)
    image = _image(width, height, channels, pixels)
    options: dict[str, object] = {"quality": min(max(quality, 1), 100)}
    if exif := exif_of(texts, MOST_JPEG_EXIF_BYTES if format == "jpeg" else None):
        options["exif"] = exif
    if format == "jpeg" and channels == 4:
        image = image.convert("RGB")
    out = io.BytesIO()
    image.save(out, format.upper(), **options)
    return out.getvalue()


def _image(width: int, height: int, channels: int, pixels: bytes) -> Image.Image:
    modes = {1: "L", 3: "RGB", 4: "RGBA"}
    if channels not in modes:
        raise PictureRefused("1, 3 or 4 channels", str(channels), "Convert the picture to RGB before saving.")
    return Image.frombytes(modes[channels], (width, height), pixels)


def _open(file: BinaryIO, limits: Limits) -> Image.Image:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > limits.file_bytes:
        raise PictureRefused(f"at most {limits.file_bytes} bytes", f"{size}", "Save the picture smaller.")
    try:
        image = Image.open(file, formats=FORMATS)
    except DECODER_ERRORS as error:
        if isinstance(error, Image.DecompressionBombError):
            raise _too_large(limits, str(error)) from error
        raise PictureRefused(
            f"a picture ({', '.join(FORMATS)})", f"{type(error).__name__}", "Convert it to PNG with a picture program."
        ) from error
    _judge_size(image, limits)
    return image


def _judge_size(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width < 1 or height < 1 or width * height > limits.pixels:
        raise _too_large(limits, f"{width} × {height}")


def _most_frames(image: Image.Image, limits: Limits) -> int:
    """How many frames will be read; refused, before a frame is decoded, where a file declares or holds too many.

    PNG and WebP declare their count. For the others a step to the first frame too many has to fail.
    """
    if image.format in ONE_FRAME_FORMATS:
        return 1
    most = max(1, min(limits.frames, limits.all_pixels // (image.width * image.height)))
    refusal = PictureRefused(
        f"at most {most} frames of {image.width} × {image.height}", "more", "Split the animation into shorter ones."
    )
    if image.format in ("PNG", "WEBP"):
        declared = int(getattr(image, "n_frames", 1))
        if declared > most:
            raise refusal
        return declared
    try:
        image.seek(most)
    except EOFError:
        image.seek(0)
        return most
    raise refusal


def _frame(image: Image.Image) -> Frame:
    turned = ImageOps.exif_transpose(image)
    if turned.mode.startswith("I"):  # 16 or 32 bit gray: the full scale of 16 bit becomes that of 8
        turned = turned.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    elif turned.mode == "F":
        turned = turned.point(lambda value: value * 255 + 0.5).convert("L")
    alpha = None
    if turned.has_transparency_data:
        turned = turned.convert("RGBA")
        alpha = turned.getchannel("A").tobytes()
    colour = turned.convert("RGB")
    return Frame(colour.width, colour.height, colour.tobytes(), alpha)


def _too_large(limits: Limits, found: str) -> PictureRefused:
    return PictureRefused(f"a picture of 1 to {limits.pixels} pixels", found, "Scale the picture down first.")


def _broken(error: BaseException) -> PictureRefused:
    if isinstance(error, PictureRefused):
        return error
    return PictureRefused(
        "a whole picture", f"one that does not decode ({type(error).__name__})", "Save it again from its source."
    )
