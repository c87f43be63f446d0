"""Texts in EXIF, as WebP and JPEG files of this field carry their workflow: `key:text` in tags of the first directory.

Make holds `workflow:{json}`, Model `prompt:{json}`, further texts lie in the tags below. The layout is that of TIFF
6.0, section 2: a header, a directory of 12-byte entries in the order of their tags, and the values.
"""

import json
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Final

EXIF_HEADER: Final = b"Exif\0\0"
TIFF_HEADER: Final = b"II*\0" + struct.pack("<I", 8)
ASCII: Final = 2

WORKFLOW_TAG: Final = 0x010F
PROMPT_TAG: Final = 0x0110

# From ImageDescription downwards; the tags below these say how the pixels lie, and no text must be put there.
FURTHER_TAGS: Final = (0x010E, 0x010D, 0x010C, 0x010B, 0x010A, 0x0109, 0x0108, 0x0107)

MOST_ENTRIES: Final = 200
KEY: Final = re.compile(rb"[A-Za-z0-9_.\- ]{1,79}")
BEYOND_ASCII: Final = re.compile("[^\0-\x7f]")


def exif_of(texts: Mapping[str, str], most_bytes: int | None = None) -> bytes:
    """An EXIF block with the texts; the largest are left out until it has at most `most_bytes`. Empty without texts."""
    entries = _entries(texts)
    while entries:
        block = _block(entries)
        if most_bytes is None or len(block) <= most_bytes:
            return block
        del entries[max(entries, key=lambda tag: len(entries[tag]))]
    return b""


def texts_of_exif(block: bytes, text_bytes: int, all_bytes: int) -> tuple[dict[str, str], tuple[str, ...]]:
    """The texts in the first directory of an EXIF block, and the keys of those left out because they are too large.

    The block is held for hostile: whatever points outside it is passed over, and values that overlap count each time.
    """
    texts: dict[str, str] = {}
    left_out: list[str] = []
    tiff = block.removeprefix(EXIF_HEADER)
    for offset, length in _ascii_values(tiff):
        value = memoryview(tiff)[offset : offset + length]
        key, colon, _ = bytes(value[:80]).partition(b":")
        if not colon or not KEY.fullmatch(key):
            continue
        name = key.decode("ascii")
        if length > min(text_bytes, all_bytes):
            left_out.append(name)
            continue
        all_bytes -= length
        text = bytes(value[len(key) + 1 :]).split(b"\0", 1)[0]
        texts.setdefault(name, text.decode("utf-8", errors="replace"))
    return texts, tuple(left_out)


def _entries(texts: Mapping[str, str]) -> dict[int, bytes]:
    """The values by tag. More texts than there are tags, and keys that no reader would know, are left out."""
    further = iter(FURTHER_TAGS)
    found: dict[int, bytes] = {}
    for key, text in texts.items():
        if not KEY.fullmatch(key.encode(errors="replace")):
            continue
        tag = {"workflow": WORKFLOW_TAG, "prompt": PROMPT_TAG}.get(key) or next(further, None)
        if tag is not None:
            found[tag] = f"{key}:{_plain(text)}".encode(errors="replace") + b"\0"
    return found


def _plain(text: str) -> str:
    """The text without NUL; if it is JSON, the same JSON in ASCII, for readers that take the field for ASCII."""
    text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _block(entries: Mapping[int, bytes]) -> bytes:
    directory = struct.pack("<H", len(entries))
    values = b""
    start = len(TIFF_HEADER) + 2 + 12 * len(entries) + 4
    for tag in sorted(entries):
        value = entries[tag]
        if len(value) <= 4:
            place = value.ljust(4, b"\0")
        else:
            place = struct.pack("<I", start + len(values))
            values += value + b"\0" * (len(value) % 2)
        directory += struct.pack("<HHI", tag, ASCII, len(value)) + place
    return EXIF_HEADER + TIFF_HEADER + directory + struct.pack("<I", 0) + values


def _ascii_values(tiff: bytes) -> Iterator[tuple[int, int]]:
    """(offset, length) of every text in the first directory that lies inside the block."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for index in range(min(count, MOST_ENTRIES)):
        place = start + 2 + 12 * index
        if place + 12 > len(tiff):
            return
        _, kind, length, offset = struct.unpack_from(order + "HHII", tiff, place)
        if length <= 4:
            offset = place + 8
        if kind == ASCII and offset + length <= len(tiff):
            yield offset, length
