"""Files as answers: sent from the handle that the guard opened, as what they are or as a download, never as a page.

aiohttp's own file answer opens by path, after the guard has looked; here the file that was judged is the one that is
sent. Whatever a stranger may have put into a folder meets `nosniff` and a policy that lets it run and load nothing.
"""

import asyncio
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import BinaryIO, Final
from urllib.parse import quote

from aiohttp import web

from server.answers import empty

CHUNK_BYTES: Final = 2**18
POLICY: Final = "sandbox; default-src 'none'"
ANY_BYTES: Final = "application/octet-stream"
ANY_ETAG: Final = "*"

UNQUOTABLE: Final = re.compile(r"[^ !#-\[\]-~]")  # beyond printable ASCII, and the two that end or escape a quote
RANGE: Final = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})", re.IGNORECASE)

# What browsers may show in their own viewers: raster pictures, film and sound. None of these can hold a script.
SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".webp": "image/webp",
        ".gif": "image/gif",
        ".bmp": "image/bmp",
        ".tif": "image/tiff",
        ".tiff": "image/tiff",
        ".mp4": "video/mp4",
        ".webm": "video/webm",
        ".mp3": "audio/mpeg",
        ".wav": "audio/wav",
        ".flac": "audio/flac",
        ".ogg": "audio/ogg",
    }
)
PLAIN_TEXT: Final = "text/plain; charset=utf-8"
TEXTS: Final[Mapping[str, str]] = MappingProxyType({".json": PLAIN_TEXT, ".txt": PLAIN_TEXT})
USER_TEXTS: Final[Mapping[str, str]] = MappingProxyType({".json": "application/json", ".txt": PLAIN_TEXT})


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is announced: its media type, and whether it is a download."""

    media_type: str
    attachment: bool


def manner_of(name: str) -> Manner:
    """How a file of the input, output or temporary folder is sent, by its ending."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in SHOWN:
        return Manner(SHOWN[ending], attachment=False)
    return Manner(TEXTS.get(ending, ANY_BYTES), attachment=True)


def manner_of_user_file(name: str) -> Manner:
    """How a file of the user is sent: always as a download."""
    return Manner(USER_TEXTS.get(PurePosixPath(name).suffix.lower(), ANY_BYTES), attachment=True)


def disposition(name: str, *, attachment: bool) -> str:
    """The value of Content-Disposition for a file's last name; nothing in it can end the quotes or the header."""
    fallback = UNQUOTABLE.sub("_", name)
    parts = ["attachment"] if attachment else []
    parts.append(f'filename="{fallback}"')
    if fallback != name:
        parts.append(f"filename*=UTF-8''{quote(name, safe='', errors='replace')}")
    return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Version:
    """Which state of a file an answer shows. modified: seconds since 1970."""

    etag: str
    modified: float
    size: int

    @classmethod
    def of(cls, file: BinaryIO, variant: str = "") -> "Version":
        """The state of an open file; `variant` tells other encodings of the same file apart."""
        status = os.fstat(file.fileno())
        return cls(f"{status.st_mtime_ns:x}-{status.st_size:x}{variant}", status.st_mtime, status.st_size)

    def is_known(self, request: web.Request) -> bool:
        """Whether the client says that it has this state already."""
        if (known := request.if_none_match) is not None:
            return any(etag.value in (self.etag, ANY_ETAG) for etag in known)
        since = request.if_modified_since
        return since is not None and int(self.modified) <= since.timestamp()


def headers_of(name: str, version: Version, manner: Manner) -> dict[str, str]:
    """The headers of a file's answer. Browsers ask again each time and mostly hear that nothing has changed."""
    return {
        "Content-Type": manner.media_type,
        "Content-Disposition": disposition(PurePosixPath(name).name, attachment=manner.attachment),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
        "ETag": f'"{version.etag}"',
        "Last-Modified": format_datetime(_moment(version), usegmt=True),
    }


async def send_file(request: web.Request, file: BinaryIO, name: str, manner: Manner) -> web.StreamResponse:
    """The open file as the answer, or the part of it that is asked for; closes it."""
    with file:
        version = Version.of(file)
        headers = headers_of(name, version, manner) | {"Accept-Ranges": "bytes"}
        if version.is_known(request):
            return not_modified(headers)
        part = _wanted_part(request, version)
        if part is None:
            refused = empty(416)
            refused.headers["Content-Range"] = f"bytes */{version.size}"
            return refused
        response = web.StreamResponse(status=200, headers=headers)
        if len(part) < version.size:
            response.set_status(206)
            response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{version.size}"
        response.content_length = len(part)
        await response.prepare(request)
        if request.method != "HEAD":
            await _stream(request, response, file, part)
        await response.write_eof()
        return response


def not_modified(headers: Mapping[str, str]) -> web.Response:
    """The answer to a client that has this state already."""
    kept = {name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Disposition")}
    return web.Response(status=304, headers=kept)


async def _stream(request: web.Request, response: web.StreamResponse, file: BinaryIO, part: range) -> None:
    file.seek(part.start)
    left = len(part)
    while left:
        chunk = await asyncio.to_thread(file.read, min(CHUNK_BYTES, left))
        if not chunk:  # the file has shrunk: the promised length cannot be kept, and only the end of the line says so
            raise ConnectionAbortedError("the file became shorter while it was sent")
        await response.write(chunk)
        left -= len(chunk)


def _wanted_part(request: web.Request, version: Version) -> range | None:
    """The bytes that are asked for; None for a range beyond the end. What is no single range asks for everything."""
    whole = range(version.size)
    found = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or not (found["first"] or found["last"]) or not _range_is_current(request, version):
        return whole
    if not found["first"]:
        suffix = int(found["last"])
        return whole[-suffix:] if suffix and version.size else None
    first = int(found["first"])
    last = int(found["last"]) if found["last"] else version.size - 1
    if found["last"] and last < first:
        return whole  # malformed, so it counts as not said
    return whole[first : last + 1] if first < version.size else None


def _range_is_current(request: web.Request, version: Version) -> bool:
    """Whether a range is of this very state; a client that resumes says in If-Range which one it has begun."""
    said = request.headers.get("If-Range")
    return said is None or said in (f'"{version.etag}"', format_datetime(_moment(version), usegmt=True))


def _moment(version: Version) -> datetime:
    return datetime.fromtimestamp(int(version.modified), UTC)
