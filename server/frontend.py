"""What is at `/`: the front end the operator named, else the built editor, else a page that says what there is.

These routes come last: whatever no other route takes ends here, as a file of the front end or as 404 or 405.
"""

import asyncio
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from aiohttp import web

from runs.words import Ready
from server import pages
from server.errors import Refused, refusal
from server.headers import FOREIGN_FRONTEND_POLICY
from server.keys import DESK, SETTINGS
from server.pack_routes import answer_of_pack
from server.settings import Settings
from storage.errors import Absent, NameRefused
from storage.paths import open_to_read

BUILT_EDITOR: Final = Path(__file__).resolve().parent / "static"
INDEX: Final = "index.html"
PIECE: Final = 256 * 1024

# Said outright: what the system's own table says differs between machines, and browsers refuse modules of a wrong type.
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".ico": "image/vnd.microsoft.icon",
    ".wasm": "application/wasm",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
UNKNOWN: Final = "application/octet-stream"

# Bundlers put a hash of the content into such names, so what a name stands for never changes.
_HASHED: Final = re.compile(r"(?:^|/)assets/(?:[^/]+/)*[^/]+[-.](?=[A-Za-z0-9_-]*[A-Z0-9])[A-Za-z0-9_-]{8,}\.\w+$")
FOREVER: Final = "private, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class Found:
    """An open file of the front end: its size in bytes, a tag that changes with it, whether it is compressed."""

    file: BinaryIO
    size: int
    tag: str
    encoding: str | None


def add_frontend(app: web.Application) -> None:
    """Register the routes that take what no other route took; nothing may be registered after them."""
    app.router.add_get("/", first_page)
    app.router.add_route("*", "/{path:.*}", whatever_else)


def root_of(settings: Settings) -> Path | None:
    """The folder that is served, or None where there is no front end."""
    if settings.frontend is not None:
        return settings.frontend
    return BUILT_EDITOR if (BUILT_EDITOR / INDEX).is_file() else None


async def first_page(request: web.Request) -> web.StreamResponse:
    """The front end's first page, or the one that says that there is none."""
    settings = request.app[SETTINGS]
    root = await asyncio.to_thread(root_of, settings)
    if root is not None:
        return await file_answer(request, root, INDEX)
    desk = request.app[DESK]
    text = pages.welcome(settings.version, desk.remaining(), [_worker(each) for each in desk.workers()])
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers={"Cache-Control": ASK_AGAIN})


async def whatever_else(request: web.Request) -> web.StreamResponse:
    """A file of the front end, else the answer of a pack; else what is wrong: the method, or the address."""
    name = request.match_info["path"]
    root = await asyncio.to_thread(root_of, request.app[SETTINGS])
    if request.method in ("GET", "HEAD") and root is not None and not name.startswith("api/") and name != "api":
        try:
            return await file_answer(request, root, name)
        except (Absent, NameRefused, PermissionError):
            pass  # one answer for all of them, so that nobody learns from it what exists (T14)
    allowed = await _methods_of_ours(request)
    if allowed:
        raise web.HTTPMethodNotAllowed(request.method, allowed)
    return await answer_of_pack(request) or _missing(request)


async def _methods_of_ours(request: web.Request) -> set[str]:
    """The methods that routes of ours take at this address; a pack gets none of such addresses."""
    allowed: set[str] = set()
    for resource in request.app.router.resources():
        _, methods = await resource.resolve(request)
        allowed |= methods
    return allowed - {"*"}


def _missing(request: web.Request) -> web.Response:
    wants_page = "text/html" in request.headers.get("Accept", "") and request.method in ("GET", "HEAD")
    if wants_page and not request.path.startswith("/api"):
        return web.Response(text=pages.missing(), status=404, content_type="text/html", charset="utf-8")
    return refusal(request, Refused(404, "not_found", "there is nothing at this address"))


async def file_answer(request: web.Request, root: Path, name: str) -> web.StreamResponse:
    """A file of the front end, with its media type. Raises Absent and NameRefused."""
    accepted = request.headers.get("Accept-Encoding", "")
    found = await asyncio.to_thread(_open, root, name, accepted)
    try:
        answer = web.StreamResponse(headers=_headers(request.app[SETTINGS], name, found))
        if found.tag in (tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")):
            answer.set_status(304)
            del answer.headers["Content-Type"]
            await answer.prepare(request)
            return answer
        answer.content_length = found.size
        await answer.prepare(request)
        left = 0 if request.method == "HEAD" else found.size
        while left and (piece := await asyncio.to_thread(found.file.read, min(PIECE, left))):
            left -= len(piece)
            await answer.write(piece)
        if left:
            raise ConnectionError("the file became shorter while it was sent")
        await answer.write_eof()
        return answer
    finally:
        found.file.close()


def _open(root: Path, name: str, accepted: str) -> Found:
    """Open a file, or the compressed neighbour a build has put beside it where the client takes that."""
    for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
        if encoding in accepted:
            try:
                return _found(open_to_read(root, name + ending), encoding)
            except Absent:
                continue
    return _found(open_to_read(root, name), None)


def _found(file: BinaryIO, encoding: str | None) -> Found:
    facts = os.fstat(file.fileno())
    return Found(file, facts.st_size, f'"{facts.st_mtime_ns:x}-{facts.st_size:x}{encoding or ""}"', encoding)


def _headers(settings: Settings, name: str, found: Found) -> dict[str, str]:
    headers = {
        "Content-Type": MEDIA_TYPES.get(Path(name).suffix.lower(), UNKNOWN),
        "Cache-Control": FOREVER if _HASHED.search(name) else ASK_AGAIN,
        "ETag": found.tag,
        "Vary": "Accept-Encoding",
    }
    if found.encoding is not None:
        headers["Content-Encoding"] = found.encoding
    if settings.frontend is not None:
        headers["Content-Security-Policy"] = FOREIGN_FRONTEND_POLICY
    return headers


def _worker(ready: Ready) -> str:
    return str(ready.device.get("name", "a worker"))
