"""Pictures written as PNG, WebP and JPEG with the texts they carry, and those texts read again with bounds."""

import io
import json
import random
import struct
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from storage.errors import PictureRefused
from storage.exif_texts import EXIF_HEADER, exif_of, texts_of_exif
from storage.picture_texts import read_picture_texts
from storage.pictures import PictureFormat, decode, encode_picture
from storage.png_text import TextLimits

FORMATS = get_args(PictureFormat)
MIB = 2**20
TEXTS = {
    "prompt": json.dumps({"1": {"class_type": "T", "inputs": {"text": "a: b"}}}),
    "workflow": json.dumps({"nodes": []}),
    "parameters": "steps: 20, seed: 3",
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_format_gives_size_pixels_and_texts_back(format: PictureFormat, channels: int) -> None:
    pixels = (b"\xc8" if channels == 1 else b"\xc8\xc8\xc8" if channels == 3 else b"\xc8\xc8\xc8\xff") * 64
    file = io.BytesIO(encode_picture(8, 8, channels, pixels, format, 90, TEXTS))
    (frame,) = decode(file)
    assert (frame.width, frame.height) == (8, 8)
    assert all(abs(value - 200) <= 3 for value in frame.rgb)
    texts = read_picture_texts(file)
    assert (texts.texts, texts.left_out) == (TEXTS, ())


@pytest.mark.parametrize("format", FORMATS)
def test_a_picture_without_texts_has_none(format: PictureFormat) -> None:
    assert read_picture_texts(io.BytesIO(encode_picture(1, 1, 3, b"\0\0\0", format, 90, {}))).texts == {}


@pytest.mark.parametrize("format", ["webp", "jpeg"])
def test_texts_lie_in_the_tags_where_other_programs_look(format: PictureFormat) -> None:
    image = Image.open(io.BytesIO(encode_picture(1, 1, 3, b"\0\0\0", format, 90, TEXTS)))
    exif = image.getexif()
    assert exif[0x010F] == f"workflow:{TEXTS['workflow']}"
    assert exif[0x0110] == f"prompt:{TEXTS['prompt']}"
    assert exif[0x010E] == f"parameters:{TEXTS['parameters']}"


@pytest.mark.parametrize("format", ["webp", "jpeg"])
def test_texts_that_another_program_wrote_are_read(format: str) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "workflow:{}", 'prompt:{"a": 1}', "Camera without a key"
    out = io.BytesIO()
    Image.new("RGB", (1, 1)).save(out, format, exif=exif)
    assert read_picture_texts(out).texts == {"workflow": "{}", "prompt": '{"a": 1}'}


@pytest.mark.parametrize("format", ["webp", "jpeg"])
@pytest.mark.parametrize("text", [json.dumps({"text": "苹果 🍎 é\n"}, ensure_ascii=False), "plain 苹果 🍎"])
def test_texts_beyond_ascii_mean_the_same(format: PictureFormat, text: str) -> None:
    texts = read_picture_texts(io.BytesIO(encode_picture(1, 1, 3, b"\0\0\0", format, 90, {"prompt": text})))
    assert texts.prompt is not None
    if text.startswith("{"):
        assert json.loads(texts.prompt) == json.loads(text)
        assert texts.prompt.isascii()
    else:
        assert texts.prompt == text


def test_a_jpeg_leaves_out_the_largest_text_when_they_do_not_fit() -> None:
    texts = {"workflow": "w" * 60_000, "prompt": "p" * 20_000}
    file = io.BytesIO(encode_picture(1, 1, 3, b"\0\0\0", "jpeg", 90, texts))
    assert read_picture_texts(file).texts == {"prompt": texts["prompt"]}
    file = io.BytesIO(encode_picture(1, 1, 3, b"\0\0\0", "jpeg", 90, {"prompt": "p" * 100_000}))
    assert read_picture_texts(file).texts == {}
    file = io.BytesIO(encode_picture(1, 1, 3, b"\0\0\0", "webp", 90, texts))
    assert read_picture_texts(file).texts == texts


@pytest.mark.parametrize("length", range(65_533 - 50, 65_533 - 30))
def test_the_room_of_a_jpeg_is_used_to_the_last_byte_and_never_beyond(length: int) -> None:
    block = exif_of({"prompt": "p" * length}, 65_533)
    assert len(block) <= 65_533
    encode_picture(1, 1, 3, b"\0\0\0", "jpeg", 90, {"prompt": "p" * length})
    assert bool(block) == (len(exif_of({"prompt": "p" * length})) <= 65_533)


def test_more_texts_than_tags_are_left_out() -> None:
    texts = {f"key{number}": str(number) for number in range(30)} | {"workflow": "{}"}
    found, _ = texts_of_exif(exif_of(texts), MIB, MIB)
    assert found == {**{f"key{number}": str(number) for number in range(8)}, "workflow": "{}"}


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,20}", fullmatch=True), st.text(st.characters(codec="ascii")), max_size=8)
)
def test_exif_texts_in_ascii_are_given_back(texts: dict[str, str]) -> None:
    found, left_out = texts_of_exif(exif_of(texts), MIB, MIB)
    assert found == {key: text.replace("\0", "") for key, text in texts.items()}
    assert left_out == ()


@pytest.mark.parametrize("format", ["webp", "jpeg"])
def test_sides_that_a_format_cannot_say_are_refused(format: PictureFormat) -> None:
    with pytest.raises(PictureRefused, match="sides"):
        encode_picture(70_000, 1, 1, bytes(70_000), format, 90, {})


def exif_with(*entries: tuple[int, int, int, int], tail: bytes = b"", order: str = "<") -> bytes:
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(entries))
    return EXIF_HEADER + head + b"".join(struct.pack(order + "HHII", *entry) for entry in entries) + tail


def test_values_that_lie_outside_the_block_are_passed_over() -> None:
    """T16."""
    tail = b"prompt:{}\0"
    good = (0x0110, 2, len(tail), 8 + 2 + 12 * 3)
    for order in "<>":
        block = exif_with(good, (1, 2, 2**32 - 1, 0), (2, 2, 10, 2**32 - 1), tail=tail, order=order)
        assert texts_of_exif(block, MIB, MIB) == ({"prompt": "{}"}, ())


def test_many_entries_that_share_one_large_value_are_bounded() -> None:
    """T16."""
    start = 8 + 2 + 12 * 60_000
    value = b"key:" + b"x" * 100_000
    block = exif_with(*[(0x0110, 2, len(value), start)] * 60_000, tail=value)
    texts, left_out = texts_of_exif(block, 2 * MIB, 250_000)
    assert list(texts) == ["key"]
    assert set(left_out) == {"key"} and len(left_out) < 200


def test_large_texts_are_left_out_by_name() -> None:
    """T16."""
    file = io.BytesIO(encode_picture(1, 1, 3, b"\0\0\0", "webp", 90, {"prompt": "p" * 1000, "workflow": "{}"}))
    texts = read_picture_texts(file, TextLimits(text_bytes=100))
    assert (texts.texts, texts.left_out) == ({"workflow": "{}"}, ("prompt",))
    assert read_picture_texts(file, TextLimits(all_bytes=100)).left_out == ("EXIF",)


def test_json_of_great_depth_travels_as_text() -> None:
    """T16."""
    text = "[" * 10_000 + "é" + "]" * 10_000
    for each in FORMATS:
        file = io.BytesIO(encode_picture(1, 1, 3, b"\0\0\0", each, 90, {"workflow": text}))
        assert read_picture_texts(file).workflow == text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\0\1",
        b"\xff\xd8\xff\xe1\xff\xffshort",
        b"\xff\xd8nonsense",
        b"RIFF\0\0\0\0WEBPEXIF\xff\0\0\0short",
    ],
)
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        read_picture_texts(io.BytesIO(data))


def test_the_number_of_segments_is_bounded() -> None:
    """T16."""
    jpeg = b"\xff\xd8" + b"\xff\xe0\0\2" * 50
    webp = b"RIFF\0\0\0\0WEBP" + b"JUNK\0\0\0\0" * 50
    for data in (jpeg, webp):
        with pytest.raises(PictureRefused, match="more than 10"):
            read_picture_texts(io.BytesIO(data), TextLimits(chunks=10))


def test_damaged_files_are_refused_or_read_and_never_crash() -> None:
    """T16: a thousand random injuries."""
    chance = random.Random(3)
    for each in FORMATS:
        whole = encode_picture(4, 4, 3, bytes(48), each, 90, TEXTS)
        for _ in range(350):
            data = bytearray(whole)
            for _ in range(chance.randint(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                read_picture_texts(io.BytesIO(bytes(data[: chance.randint(len(data) // 2, len(data))])))
            except PictureRefused:
                continue
