"""Words go through frames unchanged, and nothing that is no frame gets through."""

import asyncio
import io
import json
import struct
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.frames import MOST_BINARY, MOST_HEADER, FrameError, decode, encode, read_frame, read_frame_async
from runs.words import (
    Answer,
    Ask,
    Cancel,
    Ended,
    Events,
    FromWorker,
    Heartbeat,
    Picture,
    Ready,
    Shutdown,
    Submit,
    ToWorker,
)

WORKFLOW = {"1": {"class_type": "ToyValue", "inputs": {"value": 3, "text": "grün 日本 \U0001f600"}}}
WORDS: list[ToWorker | FromWorker] = [
    Submit("a", WORKFLOW, ("1", "2"), {"extra_pnginfo": {"workflow": {}}}, True),
    Submit("b", {}, ()),
    Cancel("a"),
    Ask(7, "check", {"workflow": WORKFLOW, "targets": None}),
    Ask(8, "describe"),
    Shutdown(),
    Ready(12, ({"id": "A"}, {"id": "B"}), {"name": "cpu", "vram_total": 0}, {"torch": "2.6"}, 2, ({"name": "pack"},)),
    Events("a", ({"event": "NodeStarted", "node": "1"}, {"event": "Progress", "value": 0.5})),
    Picture("a", "1", "1", None, "image/jpeg", b"\xff\xd8\x00\xff"),
    Picture("a", "1.0.x", "1", "1", "image/png", b""),
    Ended(
        "a",
        "error",
        {"9": {"ui": {"images": []}, "display": "9", "parent": None, "cached": False}},
        ("1",),
        ("2", "3"),
        {"1": 0.25},
        ({"code": "cycle"},),
        {"before": 1, "after": 2, "peak": 3},
    ),
    Answer(7, [1, None, {"a": True}]),
    Answer(8, None, "no such thing"),
    Heartbeat(None, 123, {"vram_free": 5}, 1.5),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def through(word: ToWorker | FromWorker) -> Any:
    """What arrives of a word."""
    return read_frame(io.BytesIO(encode(word)))


async def through_loop(data: bytes) -> Any:
    """What an event loop reads of these bytes."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await read_frame_async(reader)


def frame(header: bytes, binary: bytes = b"") -> bytes:
    """A frame made by hand."""
    return struct.pack(">II", len(header), len(binary)) + header + binary


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
async def test_every_word_arrives_as_it_was_sent(word: ToWorker | FromWorker) -> None:
    assert through(word) == word
    assert await through_loop(encode(word)) == word


@given(JSON)
def test_any_json_value_arrives_as_it_was_sent(value: object) -> None:
    assert through(Answer(1, value)).value == value


@given(st.binary(max_size=2000))
def test_any_picture_arrives_as_it_was_sent(image: bytes) -> None:
    assert through(Picture("r", "n", "d", "p", "image/webp", image)).image == image


def test_frames_follow_each_other_without_a_gap() -> None:
    stream = io.BytesIO(b"".join(encode(word) for word in WORDS))
    assert [read_frame(stream) for _ in WORDS] == WORDS
    assert read_frame(stream) is None


async def test_a_frame_of_16_megabytes_arrives() -> None:
    image = bytes(range(256)) * 2**16
    word = Picture("r", "n", "d", None, "image/png", image)
    assert through(word) == word
    long = Answer(1, "ä" * 2**23)
    assert await through_loop(encode(long)) == long


class Odd:
    """Nothing that JSON knows."""

    def __repr__(self) -> str:
        raise RuntimeError("cannot even be printed")


class Array:
    """Looks like a tensor."""

    shape = (1, 4)
    dtype = "torch.float32"


class Broken:
    """Looks like a tensor and is none."""

    @property
    def shape(self) -> object:
        raise RuntimeError("no")


def test_what_is_no_json_arrives_as_a_few_words() -> None:
    value = {"bytes": b"abc", "array": Array(), "odd": Odd(), "broken": Broken(), "path": Path("a/b"), "set": {1}}
    value["view"] = MappingProxyType({"a": 1})
    assert through(Answer(1, value)).value == {
        "bytes": "bytes", "array": "Array (1, 4) float32", "odd": "Odd", "broken": "Broken", "path": "a/b", "set": [1],
        "view": {"a": 1},
    }  # fmt: skip


def test_values_that_break_json_encoders_arrive_as_something_that_is_json() -> None:
    ring: list[object] = []
    ring.append(ring)
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    odd = {(1, 2): 1, 3: 2, None: 3, "nan": float("nan"), "inf": [float("inf")], "alone": "\ud800", "big": 10**5000}
    value = through(Answer(1, {"ring": ring, "deep": deep, "odd": odd})).value
    assert value["odd"]["nan"] is None
    assert value["odd"]["inf"] == [None]
    assert value["odd"]["alone"] == "?"
    assert value["odd"]["3"] == 2
    assert "digits" in value["odd"]["big"]
    assert value["ring"][0][0] and value["deep"][0][0]
    json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("header", "binary", "says"),
    [
        (b"{}", b"", "one of the words"),
        (b'{"word": "Pickle"}', b"", "one of the words"),
        (b'{"word": ["Cancel"]}', b"", "one of the words"),
        (b"[]", b"", "is an object"),
        (b"\xff\xfe\x00", b"", "is JSON"),
        (b'{"word": "Cancel"', b"", "is JSON"),
        (b"[" * 100_000, b"", "is JSON"),
        (b'{"word": "Cancel"}', b"", "run"),
        (b'{"word": "Cancel", "run": 3}', b"", "Cancel.run"),
        (b'{"word": "Cancel", "run": "a", "more": 1}', b"", "more"),
        (b'{"word": "Cancel", "run": "a"}', b"x", "only a Picture"),
        (b'{"word": "Ask", "number": true, "question": "check"}', b"", "Ask.number"),
        (b'{"word": "Ask", "number": 1, "question": "shell"}', b"", "Ask.question"),
        (b'{"word": "Submit", "run": "a", "workflow": [], "targets": []}', b"", "Submit.workflow"),
        (b'{"word": "Submit", "run": "a", "workflow": {}, "targets": ["a", 1]}', b"", "Submit.targets"),
        (b'{"word": "Heartbeat", "run": null, "memory": 1, "device": {}, "at": "now"}', b"", "Heartbeat.at"),
        (b'{"word": "Events", "run": "a", "events": [1]}', b"", "Events.events"),
    ],
)
def test_a_frame_that_holds_no_word_is_refused_and_says_why(header: bytes, binary: bytes, says: str) -> None:
    with pytest.raises(FrameError, match=says):
        decode(header, binary)
    with pytest.raises(FrameError, match=says):
        read_frame(io.BytesIO(frame(header, binary)))


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
async def test_a_frame_cut_off_anywhere_is_refused(word: ToWorker | FromWorker) -> None:
    whole = encode(word)
    for end in range(1, len(whole)):
        with pytest.raises(FrameError, match="ended within a frame"):
            read_frame(io.BytesIO(whole[:end]))
        with pytest.raises(FrameError, match="ended within a frame"):
            await through_loop(whole[:end])
    assert read_frame(io.BytesIO(b"")) is None
    assert await through_loop(b"") is None


@pytest.mark.parametrize("lengths", [(MOST_HEADER + 1, 0), (2, MOST_BINARY + 1), (2**32 - 1, 2**32 - 1)])
async def test_an_oversized_frame_is_refused_before_it_is_read(lengths: tuple[int, int]) -> None:
    start = struct.pack(">II", *lengths)
    with pytest.raises(FrameError, match="writing into the line"):
        read_frame(io.BytesIO(start))
    with pytest.raises(FrameError, match="writing into the line"):
        await through_loop(start)


def test_a_word_that_is_too_large_is_not_written() -> None:
    with pytest.raises(FrameError, match="Picture may have"):
        encode(Picture("r", "n", "d", None, "image/png", bytes(MOST_BINARY + 1)))


@given(st.binary(max_size=200))
def test_garbage_is_refused_and_nothing_else_happens(data: bytes) -> None:
    try:
        word = read_frame(io.BytesIO(data))
    except FrameError:
        return
    assert word is None or encode(word) == data
