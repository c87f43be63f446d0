"""Previews and single channels of pictures."""

import io
from typing import Literal

import pytest
from PIL import Image

from storage.errors import PictureRefused
from storage.picture_views import Preview, View, one_channel, preview, read_preview
from storage.pictures import Limits, decode, png_bytes


def opened(view: View) -> Image.Image:
    image = Image.open(io.BytesIO(view.data))
    image.load()
    assert image.get_format_mimetype() == view.media_type
    return image


def half_red() -> io.BytesIO:
    """2 × 1: red, half and wholly visible."""
    return io.BytesIO(png_bytes(2, 1, 4, b"\xff\0\0\x80\xff\0\0\xff", {}))


@pytest.mark.parametrize(
    ("text", "channel", "wanted"),
    [
        ("webp;90", "", Preview("webp", 90)),
        ("jpeg;80", "", Preview("jpeg", 80)),
        ("jpeg", "", Preview("jpeg", 90)),
        ("jpeg;80", "rgb", Preview("jpeg", 80)),
        ("jpeg;80", "rgba", Preview("webp", 80)),
        ("jpeg;80", "a", Preview("webp", 80)),
        ("gif;7", "", Preview("webp", 7)),
        ("", "", Preview("webp", 90)),
        ("webp;0", "", Preview("webp", 1)),
        ("webp;999", "", Preview("webp", 100)),
        ("webp;-3", "", Preview("webp", 90)),
        ("webp;" + "9" * 100_000, "", Preview("webp", 90)),
        ("<script>", "", Preview("webp", 90)),
    ],
)
def test_what_is_asked_for_is_read_leniently(text: str, channel: str, wanted: Preview) -> None:
    assert read_preview(text, channel) == wanted


@pytest.mark.parametrize(
    ("side", "longest"),
    [("256", 256), ("1", 16), ("999999", 4096), ("", None), ("-5", None), ("2.5", None), ("9" * 100_000, None)],
)
def test_the_longest_side_that_is_asked_for_is_read_leniently(side: str, longest: int | None) -> None:
    assert read_preview("webp;75", "", side) == Preview("webp", 75, longest)
    assert read_preview("<script>", "", side) == Preview("webp", 90, longest)


def test_a_preview_is_scaled_down_to_its_longest_side_and_never_up() -> None:
    noise = io.BytesIO()
    Image.effect_noise((400, 100), 80).save(noise, "PNG")
    assert opened(preview(noise, Preview("webp", 75, 200))).size == (200, 50)
    assert opened(preview(noise, Preview("jpeg", 75, 4096))).size == (400, 100)


def test_a_webp_preview_keeps_alpha_and_a_jpeg_has_none() -> None:
    webp = opened(preview(half_red(), Preview("webp", 90)))
    assert (webp.format, webp.mode, webp.getchannel("A").tobytes()) == ("WEBP", "RGBA", b"\x80\xff")
    jpeg = opened(preview(half_red(), Preview("jpeg", 90)))
    assert (jpeg.format, jpeg.mode, jpeg.size) == ("JPEG", "RGB", (2, 1))


@pytest.mark.parametrize("wanted", ["webp", "jpeg"])
def test_a_lower_quality_is_smaller(wanted: Literal["webp", "jpeg"]) -> None:
    noise = io.BytesIO()
    Image.effect_noise((64, 64), 80).save(noise, "PNG")
    small, large = (len(preview(noise, Preview(wanted, quality)).data) for quality in (10, 90))
    assert small < large < len(noise.getvalue())


def test_the_colours_come_without_alpha() -> None:
    image = opened(one_channel(half_red(), "rgb"))
    assert (image.format, image.mode, image.tobytes()) == ("PNG", "RGB", b"\xff\0\0\xff\0\0")


def test_the_alpha_comes_on_black() -> None:
    image = opened(one_channel(half_red(), "a"))
    assert (image.format, image.mode, image.tobytes()) == ("PNG", "RGBA", b"\0\0\0\x80\0\0\0\xff")
    whole = opened(one_channel(io.BytesIO(png_bytes(1, 1, 3, b"\1\2\3", {})), "a"))
    assert whole.tobytes() == b"\0\0\0\xff"


def test_views_are_of_the_first_frame() -> None:
    frames = [Image.new("RGB", (2, 2), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert opened(one_channel(out, "rgb")).getpixel((0, 0)) == (255, 0, 0)


def test_a_side_that_a_format_cannot_say_is_scaled_down() -> None:
    out = io.BytesIO()
    Image.new("L", (20_000, 4)).save(out, "PNG")
    image = opened(preview(out, Preview("webp", 50)))
    assert image.size[0] == 16_383
    assert decode(out)[0].width == 20_000


def test_what_is_no_picture_or_too_large_has_no_view() -> None:
    """T15, T17."""
    for data in (b"", b"<html>", b"\x89PNG\r\n\x1a\n"):
        with pytest.raises(PictureRefused):
            preview(io.BytesIO(data), Preview())
        with pytest.raises(PictureRefused):
            one_channel(io.BytesIO(data), "a")
    with pytest.raises(PictureRefused):
        preview(half_red(), Preview(), Limits(pixels=1))
