"""Text chunks of PNG files."""

import io
import json
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from storage.errors import PictureRefused
from storage.pictures import png_bytes
from storage.png_text import SIGNATURE, TextLimits, read_texts


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> io.BytesIO:
    return io.BytesIO(SIGNATURE + b"".join(chunks) + chunk(b"IEND", b""))


def test_what_is_written_is_read() -> None:
    prompt = json.dumps({"1": {"class_type": "KSampler", "inputs": {"text": "ein Apfel 苹果 🍎\n"}}})
    texts = read_texts(io.BytesIO(png_bytes(1, 1, 3, b"\0\0\0", {"prompt": prompt, "workflow": "{}"})))
    assert texts.prompt == prompt
    assert texts.workflow == "{}"
    assert texts.left_out == ()


def test_all_three_kinds_of_text_are_read() -> None:
    info = PngInfo()
    info.add_text("plain", "latin é")
    info.add_text("packed", "z" * 1000, zip=True)
    info.add_itxt("wide", "苹果", lang="zh", tkey="x")
    info.add_itxt("widepacked", "苹果" * 100, zip=True)
    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG", pnginfo=info)
    out.seek(0)
    assert read_texts(out).texts == {
        "plain": "latin é",
        "packed": "z" * 1000,
        "wide": "苹果",
        "widepacked": "苹果" * 100,
    }


def test_a_picture_without_texts_has_none() -> None:
    texts = read_texts(io.BytesIO(png_bytes(1, 1, 3, b"\0\0\0", {})))
    assert texts.prompt is None and texts.workflow is None


def test_too_large_a_text_is_left_out_by_name() -> None:
    limits = TextLimits(text_bytes=100)
    bomb = b"bomb\0\0" + zlib.compress(b"x" * 10_000_000)
    texts = read_texts(png(chunk(b"tEXt", b"big\0" + b"x" * 200), chunk(b"tEXt", b"a\0b")), limits)
    assert texts.texts == {"a": "b"}
    assert texts.left_out == ("big",)
    assert read_texts(png(chunk(b"zTXt", bomb))).left_out == ("bomb",)


def test_all_texts_together_are_bounded() -> None:
    chunks = [chunk(b"tEXt", f"k{number}\0".encode() + b"x" * 90) for number in range(5)]
    texts = read_texts(png(*chunks), TextLimits(text_bytes=100, all_bytes=200))
    assert list(texts.texts) == ["k0", "k1"]
    assert texts.left_out == ("k2", "k3", "k4")


def test_the_first_of_two_texts_with_one_name_counts() -> None:
    assert read_texts(png(chunk(b"tEXt", b"a\x001"), chunk(b"tEXt", b"a\x002"))).texts == {"a": "1"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        SIGNATURE,
        SIGNATURE + b"\0\0",
        SIGNATURE + struct.pack(">I4s", 2**31, b"tEXt"),
        SIGNATURE + struct.pack(">I4s", 500, b"tEXt") + b"short",
        SIGNATURE + chunk(b"tEXt", b"a\0b"),
    ],
)
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        read_texts(io.BytesIO(data))


def test_the_number_of_chunks_is_bounded() -> None:
    with pytest.raises(PictureRefused, match="more than 10 chunks"):
        read_texts(png(*[chunk(b"zzZz", b"")] * 20), TextLimits(chunks=10))


def test_damaged_packed_text_is_left_out() -> None:
    assert read_texts(png(chunk(b"zTXt", b"k\0\0nonsense"), chunk(b"iTXt", b"i\0\1\0\0\0nonsense"))).left_out == (
        "k",
        "i",
    )
