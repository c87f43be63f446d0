"""A form with one file, read as it comes in: small ones stay in memory, larger ones go to the disk, all are bounded."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from server.errors import Refused

MOST_FIELDS: Final = 20
MOST_FIELD_BYTES: Final = 2**16
IN_MEMORY_BYTES: Final = 2**22
CHUNK_BYTES: Final = 2**16

# What aiohttp's reader raises on a malformed body.
MALFORMED: Final = (HttpProcessingError, ValueError, RuntimeError, AssertionError, KeyError, EOFError)


@dataclass(frozen=True, slots=True)
class UploadForm:
    """The file and its name as the client calls it, and the other fields."""

    file: BinaryIO
    filename: str
    fields: Mapping[str, str]


@asynccontextmanager
async def read_upload(request: web.Request, file_field: str, most_bytes: int) -> AsyncGenerator[UploadForm]:
    """The form of a request, whose file is gone at the end.

    Raises Refused: 413 for more than `most_bytes` altogether or too long a field, 400 for what is no such form or has
    no file or two.
    """
    if request.content_type != "multipart/form-data":
        raise _bad(f"expected a multipart/form-data body with a file named {file_field!r}")
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as spooled:
        file = cast(BinaryIO, spooled)
        reading = _Reading(request, file_field, most_bytes, file)
        try:
            await reading.read()
        except MALFORMED as error:
            raise _bad(f"the form is malformed ({type(error).__name__}); send it again") from error
        if reading.filename is None:
            raise _bad(f"the form has no file named {file_field!r}; add one")
        file.seek(0)
        yield UploadForm(file, reading.filename, reading.fields)


class _Reading:
    """One form while it is read."""

    def __init__(self, request: web.Request, file_field: str, most_bytes: int, file: BinaryIO) -> None:
        self.request = request
        self.file_field = file_field
        self.most_bytes = most_bytes
        self.file = file
        self.filename: str | None = None
        self.fields: dict[str, str] = {}

    async def read(self) -> None:
        form = await self.request.multipart()
        for _ in range(MOST_FIELDS):
            part = await form.next()
            if part is None:
                return
            if isinstance(part, MultipartReader):
                raise _bad("a form inside the form; send plain fields")
            if part.filename is not None:
                await self._read_file(part)
            elif part.name:
                self.fields[part.name] = await self._read_field(part)
        raise _bad(f"more than {MOST_FIELDS} fields; send what is needed")

    async def _read_file(self, part: BodyPartReader) -> None:
        if part.name != self.file_field or self.filename is not None:
            raise _bad(f"expected one file, named {self.file_field!r}")
        self.filename = part.filename
        while chunk := await part.read_chunk(CHUNK_BYTES):
            self._judge_length()
            if self.file.tell() < IN_MEMORY_BYTES - CHUNK_BYTES:
                self.file.write(chunk)
            else:
                await asyncio.to_thread(self.file.write, chunk)

    async def _read_field(self, part: BodyPartReader) -> str:
        text = bytearray()
        while chunk := await part.read_chunk(CHUNK_BYTES):
            self._judge_length()
            text += chunk
            if len(text) > MOST_FIELD_BYTES:
                raise _too_large(f"a field of the form is longer than {MOST_FIELD_BYTES} bytes")
        return text.decode()

    def _judge_length(self) -> None:
        if self.request.content.total_bytes > self.most_bytes:
            raise _too_large(f"the form is longer than {self.most_bytes} bytes")


def _bad(message: str) -> Refused:
    return Refused(400, "bad_form", message, headers={"Connection": "close"})


def _too_large(message: str) -> Refused:
    return Refused(413, "body_too_large", message, headers={"Connection": "close"})
