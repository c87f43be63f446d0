"""The header of a safetensors file, checked before anything trusts it.

Format: 8 bytes little-endian length n, n bytes of JSON `{name: {dtype, shape, data_offsets}}`, then the data of the
tensors one behind the other. Only what the format allows passes: names once, known number types, offsets that fill the
data exactly.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from diffusion.checkpoints.errors import CheckpointError

LENGTH_BYTES = 8
LONGEST_HEADER = 32 * 2**20
MOST_AXES = 16
ITEM_BYTES = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "U16": 2,
    "I16": 2,
    "F16": 2,
    "BF16": 2,
    "U32": 4,
    "I32": 4,
    "F32": 4,
    "U64": 8,
    "I64": 8,
    "F64": 8,
}  # fmt: skip
REMEDY = "download the file again or ask its maker for a sound one"


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of the header: its number type, its shape, and the bytes it takes of the data."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """The tensors in the order of their data, and what the file says about itself."""

    entries: tuple[Entry, ...]
    metadata: dict[str, str]


def read_header(path: Path) -> Header:
    """The checked header of a file. Raises CheckpointError, which names the file and what is wrong with it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(LENGTH_BYTES)
        if looks_like_pickle(start):
            raise CheckpointError(
                f"{path.name} is named .safetensors but holds a pickle or a zip archive of one, which can run any "
                f"program when it is opened: it was not opened; ask its maker for a real .safetensors file"
            )
        length = int.from_bytes(start, "little") if len(start) == LENGTH_BYTES else 0
        if length < 2 or LENGTH_BYTES + length > size:
            raise _unsound(path, f"it says its header has {length} bytes, the file has {size}; it may be cut short")
        if length > LONGEST_HEADER:
            raise _unsound(path, f"its header has {length} bytes, at most {LONGEST_HEADER} are read")
        text = file.read(length)
    try:
        content = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _unsound(path, f"its header is no valid JSON ({error})") from error
    if not isinstance(content, dict):
        raise _unsound(path, "its header is no JSON object")
    metadata = _metadata(path, content.pop("__metadata__", {}))
    entries = [_entry(path, name, value) for name, value in content.items()]
    entries.sort(key=lambda entry: (entry.begin, entry.end))
    _check_layout(path, entries, size - LENGTH_BYTES - length)
    return Header(tuple(entries), metadata)


def looks_like_pickle(start: bytes) -> bool:
    """Whether a file starts as zip archives or binary pickles do."""
    return start[:4] in (b"PK\x03\x04", b"PK\x05\x06") or start[:2] in (
        b"\x80\x02",
        b"\x80\x03",
        b"\x80\x04",
        b"\x80\x05",
    )


def _unsound(path: Path, reason: str) -> CheckpointError:
    return CheckpointError(f"{path.name} is not a sound .safetensors file: {reason}; {REMEDY}")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise ValueError(f"the name {twice[:80]!r} is given twice")
    return content


def _metadata(path: Path, content: object) -> dict[str, str]:
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise _unsound(path, "its __metadata__ is no object of strings")
    return content


def _entry(path: Path, name: str, value: object) -> Entry:
    where = f"tensor {name[:120]!r}"
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"}:
        raise _unsound(path, f"{where} needs exactly dtype, shape and data_offsets")
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise _unsound(path, f"{where} has the unknown number type {str(dtype)[:40]!r}")
    if not _counts(shape) or len(shape) > MOST_AXES:
        raise _unsound(path, f"{where} has the shape {str(shape)[:80]}, expected up to {MOST_AXES} sizes of 0 or more")
    if not _counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise _unsound(path, f"{where} has the data_offsets {str(offsets)[:80]}, expected a begin and an end behind it")
    begin, end = offsets
    if end - begin != math.prod(shape) * ITEM_BYTES[dtype]:
        raise _unsound(path, f"{where} of {dtype} {str(shape)[:80]} cannot take {end - begin} bytes")
    return Entry(name, dtype, tuple(shape), begin, end)


def _counts(value: object) -> bool:
    return isinstance(value, list) and all(type(one) is int and one >= 0 for one in value)


def _check_layout(path: Path, entries: list[Entry], data_bytes: int) -> None:
    """The tensors fill the data exactly: no gap, no overlap, nothing outside. They come sorted by offset."""
    at = 0
    for entry in entries:
        if entry.end > data_bytes:
            raise _unsound(
                path, f"tensor {entry.name[:120]!r} ends at byte {entry.end} of {data_bytes}; it may be cut short"
            )
        if entry.begin != at:
            fault = "overlaps another" if entry.begin < at else "leaves a gap before it"
            raise _unsound(path, f"tensor {entry.name[:120]!r} at byte {entry.begin} {fault} (expected {at})")
        if any(size > data_bytes for size in entry.shape):
            raise _unsound(path, f"tensor {entry.name[:120]!r} is empty and claims the shape {list(entry.shape)}")
        at = entry.end
    if at != data_bytes:
        raise _unsound(path, f"{data_bytes - at} bytes at its end belong to no tensor")
