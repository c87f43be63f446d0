"""Words as bytes and back: one frame on the line between server and worker is one word.

A frame is `u32 length of the header | u32 length of the binary part | header | binary part`, lengths big endian. The
header is UTF-8 JSON, `{"word": "Submit", ...fields}`; the binary part is the image of a `Picture`, else empty.
"""

import asyncio
import json
import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from numbers import Integral, Real
from pathlib import PurePath
from types import UnionType
from typing import Any, BinaryIO, Final, Generic, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from graph.attempt import Failure, attempt
from graph.outcome import describe_value
from runs.errors import RunsError
from runs.words import (
    Answer,
    Ask,
    Cancel,
    Ended,
    Events,
    FromWorker,
    Heartbeat,
    Loading,
    Picture,
    Ready,
    Settled,
    Shutdown,
    Submit,
    ToWorker,
)

Kind = TypeVar("Kind")
Reader = Callable[[object], Any]

MOST_HEADER: Final = 256 * 2**20
"""Bytes of a header at most."""
MOST_BINARY: Final = 64 * 2**20
"""Bytes of a binary part at most."""

_PREFIX: Final = struct.Struct(">II")
_LARGE: Final = 200_000
_DEEPEST: Final = 100


class FrameError(RunsError):
    """What came over the line is no frame, or what should go over it does not fit into one."""


# Out


def encode(word: ToWorker | FromWorker) -> bytes:
    """A word as a frame. Whatever is no JSON in its values arrives as a few words on it (`plain`).

    Raises FrameError for what is larger than a frame may be.
    """
    header: dict[str, object] = {"word": type(word).__name__}
    header.update((name, getattr(word, name)) for name in _SHAPES[type(word).__name__].readers)
    binary = b""
    if isinstance(word, Picture):
        binary = word.image
        del header["image"]
    text = _as_json(header)
    if len(text) > MOST_HEADER or len(binary) > MOST_BINARY:
        raise FrameError(
            f"a {type(word).__name__} may have {MOST_HEADER:,} bytes of values and {MOST_BINARY:,} of picture, "
            f"found {len(text):,} and {len(binary):,}; show and send less at once"
        )
    return b"".join((_PREFIX.pack(len(text), len(binary)), text, binary))


def _as_json(value: object) -> bytes:
    """A value as JSON that every reader takes; the usual case is left to the fast encoder."""
    try:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain_leaf)
        return text.encode()
    except (TypeError, ValueError, RuntimeError):  # odd keys, rings, NaN, lone surrogates, nested too deeply
        return json.dumps(plain(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def plain(value: object, depth: int = 0) -> object:
    """A value as JSON, whatever it was: NaN and infinities become null, foreign objects a few words on them."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int):
        return int(value) if abs(value) < 10**1000 else describe_value(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        pairs = list(cast(Mapping[object, object], value).items())
        return {_key(key): plain(each, depth + 1) for key, each in pairs}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each, depth + 1) for each in list(cast(Iterable[object], value))]
    return plain(_plain_leaf(value), depth + 1)


def _key(key: object) -> str:
    told = plain(key, _DEEPEST)
    return told if isinstance(told, str) else json.dumps(told)


def _plain_leaf(value: object) -> object:
    """What stands for a value that the JSON encoder does not know."""
    told = attempt(_told, value)
    return type(value).__name__ if isinstance(told, Failure) else told


def _told(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast(Mapping[object, object], value))
    if isinstance(value, set | frozenset):
        return list(cast(Iterable[object], value))
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    return str(value) if isinstance(value, PurePath) else describe_value(value)


# In


def decode(header: bytes, binary: bytes) -> ToWorker | FromWorker:
    """The word of a frame's two parts. Raises FrameError for an unknown word and for wrong, missing or odd fields."""
    if len(header) > MOST_HEADER or len(binary) > MOST_BINARY:
        raise _too_large(len(header), len(binary))
    try:
        told = cast(object, json.loads(header))
    except (ValueError, RecursionError) as error:
        raise FrameError(f"the header of a frame is JSON, found {header[:40]!r}: {str(error)[:200]}") from None
    if not isinstance(told, dict):
        raise FrameError(f"the header of a frame is an object, found {type(told).__name__}")
    values = cast(dict[str, object], told)
    name = values.pop("word", None)
    shape = _SHAPES.get(name) if isinstance(name, str) else None
    if shape is None:
        raise FrameError(f"a frame holds one of the words {', '.join(_SHAPES)}, found {str(name)[:80]!r}")
    if shape.kind is Picture:
        values["image"] = binary
    elif binary:
        raise FrameError(f"only a Picture has a binary part, found {len(binary):,} bytes at {name}")
    return shape.read(values)


def read_frame(stream: BinaryIO) -> ToWorker | FromWorker | None:
    """The next word of a stream, waiting for it; None at its end. Raises FrameError, also for an end within a frame."""
    prefix = _exactly(stream, _PREFIX.size)
    if not prefix:
        return None
    header, binary = _lengths(prefix)
    return decode(_exactly(stream, header, whole=True), _exactly(stream, binary, whole=True))


async def read_frame_async(reader: asyncio.StreamReader) -> ToWorker | FromWorker | None:
    """The same from a stream of an event loop; large headers are read in a thread, so that the loop goes on."""
    try:
        prefix = await reader.readexactly(_PREFIX.size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise _cut_off(len(error.partial), _PREFIX.size) from None
        return None
    lengths = _lengths(prefix)
    try:
        header, binary = [await reader.readexactly(length) for length in lengths]
    except asyncio.IncompleteReadError as error:
        raise _cut_off(len(error.partial), error.expected or 0) from None
    return await asyncio.to_thread(decode, header, binary) if len(header) > _LARGE else decode(header, binary)


def _exactly(stream: BinaryIO, size: int, whole: bool = False) -> bytes:
    """So many bytes, in as many reads as it takes; none where the stream has ended before the first."""
    parts: list[bytes] = []
    missing = size
    while missing:
        part = stream.read(min(missing, 2**20))
        if not part:
            if whole or parts:
                raise _cut_off(size - missing, size)
            return b""
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _lengths(prefix: bytes) -> tuple[int, int]:
    header, binary = cast(tuple[int, int], _PREFIX.unpack(prefix))
    if header > MOST_HEADER or binary > MOST_BINARY:
        raise _too_large(header, binary)
    return header, binary


def _too_large(header: int, binary: int) -> FrameError:
    return FrameError(
        f"a frame may have {MOST_HEADER:,} bytes of header and {MOST_BINARY:,} of picture, "
        f"found {header:,} and {binary:,}; is something else writing into the line?"
    )


def _cut_off(found: int, expected: int) -> FrameError:
    return FrameError(f"the line ended within a frame, after {found:,} of {expected:,} bytes")


# Fields of words and events


@dataclass(frozen=True, slots=True)
class Shape(Generic[Kind]):
    """The fields of a dataclass: how each is read from JSON, and which must be there."""

    kind: type[Kind]
    readers: Mapping[str, Reader]
    required: frozenset[str]

    def read(self, values: Mapping[str, object]) -> Kind:
        """The object of these values. Raises FrameError for wrong, missing and unknown ones."""
        if not self.required <= values.keys() <= self.readers.keys():
            odd = sorted((self.required - values.keys()) | (values.keys() - self.readers.keys()))
            raise FrameError(
                f"{self.kind.__name__} has the fields {', '.join(self.readers)}; odd or missing: {odd[:8]}"
            )
        read: dict[str, Any] = {}
        for name, value in values.items():
            try:
                read[name] = self.readers[name](value)
            except TypeError as error:
                raise FrameError(f"{self.kind.__name__}.{name}: {error}") from None
        return self.kind(**read)


def shape_of(kind: type[Kind]) -> Shape[Kind]:
    """How a dataclass is read from JSON, by its annotations."""
    declared = fields(cast(Any, kind))
    hints = get_type_hints(kind)
    required = frozenset(each.name for each in declared if each.default is MISSING and each.default_factory is MISSING)
    return Shape(kind, {each.name: _reader(hints[each.name]) for each in declared}, required)


def _reader(hint: Any) -> Reader:
    """Reads a value of this type: lists become tuples, whole numbers pass for floats. Raises TypeError."""
    origin = get_origin(hint)
    if hint is object:
        return _as_it_is
    if origin is Literal:
        return _one_of(get_args(hint))
    if origin is UnionType:
        return _or_none(_reader(next(each for each in get_args(hint) if each is not type(None))))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_reader(get_args(hint)[1]))
    if origin is not None and issubclass(origin, Sequence):
        return _sequence(_reader(get_args(hint)[0]))
    return _number if hint is float else _instance(hint)


def _as_it_is(value: object) -> object:
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, found {describe_value(value)}")
    return value


def _instance(kind: type) -> Reader:
    def read(value: object) -> object:
        if value.__class__ is not kind:
            raise TypeError(f"expected {kind.__name__}, found {describe_value(value)}")
        return value

    return read


def _one_of(allowed: tuple[object, ...]) -> Reader:
    def read(value: object) -> object:
        if value not in allowed:
            raise TypeError(f"expected one of {allowed}, found {describe_value(value)}")
        return value

    return read


def _or_none(inner: Reader) -> Reader:
    def read(value: object) -> object:
        return None if value is None else inner(value)

    return read


def _mapping(inner: Reader) -> Reader:
    def read(value: object) -> object:
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, found {describe_value(value)}")
        held = cast(dict[str, object], value)
        return held if inner is _as_it_is else {key: inner(each) for key, each in held.items()}

    return read


def _sequence(inner: Reader) -> Reader:
    def read(value: object) -> object:
        if not isinstance(value, list):
            raise TypeError(f"expected a list, found {describe_value(value)}")
        return tuple([inner(each) for each in cast(list[object], value)])

    return read


_SHAPES: Final[Mapping[str, Shape[Any]]] = {
    word.__name__: shape_of(word)
    for word in (Submit, Cancel, Ask, Shutdown, Loading, Ready, Events, Picture, Ended, Settled, Answer, Heartbeat)
}
