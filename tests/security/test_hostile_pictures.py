"""Files that only claim to be pictures, or are too large: T15, T16 and T17 of the list of hostile input."""

import io
import json
import random
import struct
import time
import zlib

import pytest
from PIL import Image

from storage.errors import PictureRefused
from storage.pictures import Limits, decode, facts, png_bytes
from storage.png_text import SIGNATURE, read_texts

NO_PICTURES = {
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "script": b"alert(1)",
    "wasm": b"\0asm\1\0\0\0",
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(%pipe%id) (w) file\n",
    "zip": b"PK\3\4" + b"\0" * 100,
    "pickle": b"\x80\4cos\nsystem\n(S'true'\ntR.",
    "empty": b"",
    "only a signature": SIGNATURE,
}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header_only_png(width: int, height: int) -> bytes:
    """A few bytes that claim a picture of any size."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return SIGNATURE + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_does_not_decode_is_no_picture(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        facts(io.BytesIO(data))


def test_a_png_that_is_also_html_gives_its_pixels_and_nothing_else() -> None:
    data = png_bytes(2, 2, 3, b"\1" * 12, {}) + b"<script>alert(1)</script>"
    assert facts(io.BytesIO(data)).format == "PNG"
    assert decode(io.BytesIO(data))[0].rgb == b"\1" * 12


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(100_000, 100_000), (2**31 - 1, 1), (1, 2**31 - 1), (10_000, 10_000), (0, 5), (5, 0)])
def test_a_decompression_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    started = time.process_time()
    with pytest.raises(PictureRefused):
        decode(io.BytesIO(header_only_png(*size)))
    assert time.process_time() - started < 10


def test_a_bomb_in_other_formats_is_refused_by_its_header() -> None:
    gif = b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    bmp = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 100_000, 100_000, 1, 24, 0, 0, 0, 0, 0, 0)
    for data in (gif, bmp):
        with pytest.raises(PictureRefused):
            decode(io.BytesIO(data))


def test_a_claimed_million_of_frames_is_refused_before_decoding() -> None:
    frames = [Image.new("RGB", (8, 8), (number, 0, 0)) for number in (0, 90)]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    data = out.getvalue()
    start = data.index(b"acTL") - 4
    patched = data[:start] + chunk(b"acTL", struct.pack(">II", 1_000_000, 0)) + data[start + 20 :]
    with pytest.raises(PictureRefused, match="frames"):
        decode(io.BytesIO(patched))


def test_an_animation_of_very_many_frames_is_refused_in_bounded_time() -> None:
    first = b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x80\0\0\0\0\0\xff\xff\xff"
    frame = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    started = time.process_time()
    with pytest.raises(PictureRefused, match="frames"):
        decode(io.BytesIO(first + frame * 100_000 + b";"))
    assert time.process_time() - started < 30


@pytest.mark.filterwarnings("ignore")
def test_cut_and_damaged_pictures_are_refused_or_decoded_but_never_crash() -> None:
    """A thousand random injuries in six formats end in frames or in PictureRefused."""
    source = Image.effect_noise((32, 24), 60).convert("RGB")
    chance = random.Random(1)
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"):
        out = io.BytesIO()
        source.save(out, kind)
        whole = out.getvalue()
        for _ in range(170):
            data = bytearray(whole)
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            if chance.random() < 0.3:
                del data[chance.randrange(len(data)) :]
            try:
                assert decode(io.BytesIO(bytes(data)), Limits(pixels=2**20, all_pixels=2**20, frames=8))
            except PictureRefused:
                continue


def test_script_in_metadata_is_text_and_nothing_more() -> None:
    text = "<script>alert(1)</script>\r\nSet-Cookie: x=1"
    texts = read_texts(io.BytesIO(png_bytes(1, 1, 3, b"\0\0\0", {"prompt": text})))
    assert texts.prompt == text


def test_a_text_chunk_of_100_megabytes_is_left_out_unread() -> None:
    class Counting(io.BytesIO):
        read_bytes = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.read_bytes += len(data)
            return data

    size = 100 * 2**20
    data = SIGNATURE + struct.pack(">I", size) + b"tEXtprompt\0" + bytes(size - 7) + b"\0\0\0\0" + chunk(b"IEND", b"")
    file = Counting(data)
    assert read_texts(file).left_out == ("prompt",)
    assert file.read_bytes < 10 * 2**20


def test_packed_text_that_swells_is_left_out() -> None:
    swelling = zlib.compress(b"\0" * 200 * 2**20, 9)
    data = SIGNATURE + chunk(b"zTXt", b"workflow\0\0" + swelling) + chunk(b"iTXt", b"prompt\0\1\0\0\0" + swelling)
    assert read_texts(io.BytesIO(data + chunk(b"IEND", b""))).left_out == ("workflow", "prompt")


def test_json_of_depth_10000_travels_as_text() -> None:
    text = "[" * 10_000 + "]" * 10_000
    assert read_texts(io.BytesIO(png_bytes(1, 1, 3, b"\0\0\0", {"workflow": text}))).workflow == text
    with pytest.raises((RecursionError, json.JSONDecodeError)):
        json.loads(text)
