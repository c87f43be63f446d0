"""Texts that a picture file carries, read with bounds and without decoding the picture: PNG, WebP and JPEG.

The texts are handed on as texts; whoever parses them holds them for hostile. (Sources: PNG third edition; JPEG
ITU-T T.81 annex B for segments; the RIFF container as WebP describes it, RFC 9649.)
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from storage.errors import PictureRefused
from storage.exif_texts import EXIF_HEADER, texts_of_exif
from storage.png_text import SIGNATURE, STANDARD_LIMITS, PictureTexts, TextLimits, read_texts

JPEG_START: Final = b"\xff\xd8"
APP1: Final = 0xE1

# Markers after which no metadata comes (start of scan, end of image), and markers that stand alone.
JPEG_ENDS: Final = frozenset({0xDA, 0xD9})
JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})


def read_picture_texts(file: BinaryIO, limits: TextLimits = STANDARD_LIMITS) -> PictureTexts:
    """The texts of a PNG, WebP or JPEG file. Raises PictureRefused for other files and those that break off."""
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    if head.startswith(SIGNATURE):
        return read_texts(file, limits)
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return _from_blocks(_webp_blocks(file, limits), limits)
    if head.startswith(JPEG_START):
        return _from_blocks(_jpeg_blocks(file, limits), limits)
    raise PictureRefused("a PNG, WebP or JPEG file", "another beginning", "Choose a picture of one of these formats.")


def _from_blocks(blocks: Iterator[bytes | None], limits: TextLimits) -> PictureTexts:
    """The texts of the first EXIF block: a picture has one. None stands for one that is too large."""
    block = next(blocks, b"")
    if block is None:
        return PictureTexts({}, ("EXIF",))
    return PictureTexts(*texts_of_exif(block, limits.text_bytes, limits.all_bytes))


def _webp_blocks(file: BinaryIO, limits: TextLimits) -> Iterator[bytes | None]:
    file.seek(12)
    for _ in range(limits.chunks):
        head = file.read(8)
        if len(head) < 8:
            return
        kind, length = struct.unpack("<4sI", head)
        if kind == b"EXIF":
            yield _body(file, length) if length <= limits.all_bytes else None
            return
        file.seek(length + length % 2, 1)
    raise _broken(f"more than {limits.chunks} chunks")


def _jpeg_blocks(file: BinaryIO, limits: TextLimits) -> Iterator[bytes | None]:
    file.seek(2)
    for _ in range(limits.chunks):
        head = file.read(2)
        while head == b"\xff\xff":  # fill bytes may precede a marker
            head = b"\xff" + file.read(1)
        if len(head) < 2 or head[0] != 0xFF:
            raise _broken("no marker where one must be")
        if head[1] in JPEG_ENDS:
            return
        if head[1] in JPEG_ALONE:
            continue
        (length,) = struct.unpack(">H", _body(file, 2))
        if length < 2:
            raise _broken(f"a segment of {length} bytes")
        body = _body(file, length - 2)
        if head[1] == APP1 and body.startswith(EXIF_HEADER):
            yield body
            return
    raise _broken(f"more than {limits.chunks} segments")


def _body(file: BinaryIO, length: int) -> bytes:
    body = file.read(length)
    if len(body) < length:
        raise _broken("the end of the file")
    return body


def _broken(found: str) -> PictureRefused:
    return PictureRefused("a whole picture file", found, "The file is damaged; save the picture again.")
