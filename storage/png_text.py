"""Text chunks of a PNG, read with bounds and without decoding the picture.

A saved picture carries the workflow that made it: `prompt` (API JSON) and `workflow` (the editor's JSON). The texts
are handed on as texts; whoever parses them holds them for hostile. (PNG specification, third edition, 5 and 11.3.3.)
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from storage.errors import PictureRefused

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
LONGEST_CHUNK = 2**31 - 1


@dataclass(frozen=True)
class TextLimits:
    """chunks: how many of any kind are looked at; text_bytes: the largest text; all_bytes: of all together."""

    chunks: int = 100_000
    text_bytes: int = 8 * 2**20
    all_bytes: int = 32 * 2**20


STANDARD_LIMITS = TextLimits()


@dataclass(frozen=True)
class PictureTexts:
    """The texts by keyword (the first of a keyword counts), and the keywords left out because they are too large."""

    texts: Mapping[str, str]
    left_out: tuple[str, ...] = ()

    @property
    def prompt(self) -> str | None:
        """The workflow in API JSON, as text."""
        return self.texts.get("prompt")

    @property
    def workflow(self) -> str | None:
        """The workflow in the editor's JSON, as text."""
        return self.texts.get("workflow")


def read_texts(file: BinaryIO, limits: TextLimits = STANDARD_LIMITS) -> PictureTexts:
    """The text chunks of a PNG. Raises PictureRefused for what is no PNG or breaks off."""
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise PictureRefused("a PNG file", "another beginning", "Choose a picture that was saved as PNG.")
    texts: dict[str, str] = {}
    left_out: list[str] = []
    budget = limits.all_bytes
    for kind, body, whole in _text_chunks(file, limits):
        keyword = body.partition(b"\0")[0][:79].decode("latin-1")
        text = _text(kind, body, min(limits.text_bytes, budget)) if whole else None
        if text is None:
            left_out.append(keyword)
        else:
            budget -= len(text)
            texts.setdefault(keyword, text)
    return PictureTexts(texts, tuple(left_out))


def _text_chunks(file: BinaryIO, limits: TextLimits) -> Iterator[tuple[bytes, bytes, bool]]:
    """(kind, body, whole) of every text chunk; of one that is too long only the beginning, and whole is False."""
    for _ in range(limits.chunks):
        head = file.read(8)
        if len(head) < 8:
            raise _broken("the end of the file")
        length, kind = struct.unpack(">I4s", head)
        if length > LONGEST_CHUNK:
            raise _broken(f"a chunk of {length} bytes")
        if kind == b"IEND":
            return
        if kind not in TEXT_CHUNKS:
            file.seek(length + 4, 1)
            continue
        wanted = min(length, limits.text_bytes)
        body = file.read(wanted)
        if len(body) < wanted:
            raise _broken("the end of the file")
        file.seek(length - wanted + 4, 1)
        yield kind, body, wanted == length
    raise _broken(f"more than {limits.chunks} chunks")


def _text(kind: bytes, body: bytes, most: int) -> str | None:
    """The text of a chunk; None where it is larger than `most` bytes or does not unpack."""
    _, _, rest = body.partition(b"\0")
    if kind == b"tEXt":
        return rest.decode("latin-1") if len(rest) <= most else None
    if kind == b"zTXt":
        unpacked = _inflated(rest[1:], most)
        return None if unpacked is None else unpacked.decode("latin-1")
    packed, rest = rest[:1] == b"\1", rest[2:]
    _, _, rest = rest.partition(b"\0")  # the language
    _, _, rest = rest.partition(b"\0")  # the translated keyword
    unpacked = _inflated(rest, most) if packed else rest
    return None if unpacked is None or len(unpacked) > most else unpacked.decode("utf-8", errors="replace")


def _inflated(data: bytes, most: int) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(data, most + 1)
    except zlib.error:
        return None
    return unpacked if len(unpacked) <= most else None


def _broken(found: str) -> PictureRefused:
    return PictureRefused("PNG chunks up to IEND", found, "The file is damaged; save the picture again.")
