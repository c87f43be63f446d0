"""Pictures decoded within limits, and written with their texts."""

import io

import pytest
from PIL import Image

from storage.errors import PictureRefused
from storage.pictures import Limits, decode, facts, png_bytes


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> io.BytesIO:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out


def two_colours() -> Image.Image:
    """2 × 1: red, then blue."""
    image = Image.new("RGB", (2, 1), "red")
    image.putpixel((1, 0), (0, 0, 255))
    return image


def test_colours_come_as_rgb_rows() -> None:
    (frame,) = decode(encoded(two_colours()))
    assert (frame.width, frame.height, frame.rgb, frame.alpha) == (2, 1, b"\xff\0\0\0\0\xff", None)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "PA", "RGBA", "CMYK", "1"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = Image.new("RGB", (3, 2), "white").convert(mode) if mode != "PA" else Image.new("PA", (3, 2))
    (frame,) = decode(encoded(image, "TIFF" if mode in ("CMYK", "PA") else "PNG"))
    assert len(frame.rgb) == 3 * 3 * 2
    assert (frame.alpha is not None) == (mode in ("LA", "PA", "RGBA"))


def test_alpha_is_kept_apart() -> None:
    image = Image.new("RGBA", (2, 1), (10, 20, 30, 40))
    (frame,) = decode(encoded(image))
    assert frame.rgb == bytes([10, 20, 30] * 2)
    assert frame.alpha == b"\x28\x28"


def test_a_palette_with_a_transparent_colour_has_alpha() -> None:
    image = two_colours().quantize(2)
    index = image.getpixel((0, 0))
    (frame,) = decode(encoded(image, transparency=index))
    assert frame.alpha == b"\0\xff"


def test_sixteen_bit_gray_keeps_its_scale() -> None:
    image = Image.new("I;16", (3, 1))
    for x, value in enumerate((0, 32768, 65535)):
        image.putpixel((x, 0), value)
    (frame,) = decode(encoded(image))
    assert frame.rgb[::3] == bytes([0, 128, 255])


def test_exif_rotation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    (frame,) = decode(encoded(two_colours(), exif=exif.tobytes()))
    assert (frame.width, frame.height, frame.rgb) == (1, 2, b"\xff\0\0\0\0\xff")
    assert facts(encoded(two_colours(), exif=exif.tobytes())).height == 2


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_gives_its_frames(format: str) -> None:
    frames = [Image.new("RGB", (4, 3), colour) for colour in ("red", "green", "blue")]
    file = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    decoded = decode(file)
    assert [frame.rgb[:3].index(max(frame.rgb[:3])) for frame in decoded] == [0, 1, 2]


def test_frames_of_another_size_are_passed_over() -> None:
    frames = [Image.new("RGB", size) for size in ((4, 3), (2, 2), (4, 3))]
    assert len(decode(encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:]))) == 2


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_with_too_many_frames_is_refused(format: str) -> None:
    frames = [Image.new("RGB", (2, 2), (number * 40, 0, 0)) for number in range(6)]
    file = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    assert len(decode(file, Limits(frames=6))) == 6
    with pytest.raises(PictureRefused, match="at most 5 frames"):
        decode(file, Limits(frames=5))
    with pytest.raises(PictureRefused, match="at most 5 frames"):
        decode(file, Limits(all_pixels=20))


def test_a_picture_beyond_the_limits_is_refused_by_its_size() -> None:
    file = encoded(Image.new("1", (300, 200)))
    with pytest.raises(PictureRefused, match="300 × 200"):
        decode(file, Limits(pixels=59_999))
    with pytest.raises(PictureRefused, match="bytes"):
        decode(file, Limits(file_bytes=10))
    assert decode(file, Limits(pixels=60_000))


@pytest.mark.parametrize("data", [b"", b"<html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"%!PS\n"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureRefused, match="a picture"):
        decode(io.BytesIO(data))


def test_written_pixels_come_back() -> None:
    data = png_bytes(2, 1, 3, b"\xff\0\0\0\0\xff", {})
    assert decode(io.BytesIO(data))[0].rgb == b"\xff\0\0\0\0\xff"
    with pytest.raises(PictureRefused, match="channels"):
        png_bytes(1, 1, 2, b"\0\0", {})
