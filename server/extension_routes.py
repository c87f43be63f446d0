"""What packs bring for editors: the list of their scripts, the files of their web folders, and pages on their nodes.

A pack's folder is given to the application by name; nothing beside it is served, and no file of one pack under the
name of another. Scripts, styles, pictures and fonts come as what they are. Pages and drawings could run what a stranger
put into them, so pages are downloads, and every answer carries a policy under which nothing runs (T15).
"""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final
from urllib.parse import quote

from aiohttp import web

from server.answers import empty, large_json_answer
from server.keys import EXTENSIONS
from server.served_files import ANY_BYTES, SHOWN, Manner, send_file
from storage import Absent, NameRefused
from storage.listing import entries_below, is_plain
from storage.paths import open_to_read

routes = web.RouteTableDef()

SCRIPT: Final = ".js"
PAGE: Final = ".md"
DOCUMENTATION: Final = "docs"
USUAL_LOCALE: Final = "en"

# Said outright: browsers refuse modules and styles of a wrong type, and what systems say differs between machines.
MEDIA_TYPES: Final[Mapping[str, str]] = {
    **SHOWN,
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/vnd.microsoft.icon",
    ".wasm": "application/wasm",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
}


@routes.get("/extensions")
async def extensions(request: web.Request) -> web.Response:
    """The addresses of all scripts that packs bring, by pack and name."""
    return await large_json_answer(await asyncio.to_thread(_scripts, request.app[EXTENSIONS]))


@routes.get("/extensions/{pack}/docs/{node}/{locale}.md")
async def node_page(request: web.Request) -> web.StreamResponse:
    """What a pack says of a node: in this language, else in English, else its only page, `<node>.md`."""
    asked = request.match_info
    names = (f"{asked['node']}/{asked['locale']}", f"{asked['node']}/{USUAL_LOCALE}", asked["node"])
    for name in dict.fromkeys(names):
        page = f"{DOCUMENTATION}/{name}{PAGE}"
        file = await asyncio.to_thread(_open, request.app[EXTENSIONS], asked["pack"], page)
        if file is not None:
            return await send_file(request, file, page, manner_of_extension_file(page))
    return empty(404)


@routes.get("/extensions/{pack}/{path:.+}")
async def extension_file(request: web.Request) -> web.StreamResponse:
    """A file of a pack's web folder; one answer for what is absent and what is forbidden (T14)."""
    asked = request.match_info
    file = await asyncio.to_thread(_open, request.app[EXTENSIONS], asked["pack"], asked["path"])
    if file is None:
        return empty(404)
    return await send_file(request, file, asked["path"], manner_of_extension_file(asked["path"]))


def manner_of_extension_file(name: str) -> Manner:
    """How a file of a web folder is sent, by its ending: what browsers might open as a page is a download."""
    media_type = MEDIA_TYPES.get(PurePosixPath(name).suffix.lower())
    return Manner(media_type or ANY_BYTES, attachment=media_type is None)


def _scripts(folders: Mapping[str, Path]) -> list[str]:
    return [
        quote(f"/extensions/{pack}/{name}")
        for pack, folder in sorted(folders.items())
        if is_plain(pack) and "/" not in pack
        for name in _scripts_in(folder)
    ]


def _scripts_in(folder: Path) -> Iterator[str]:
    """Links are not listed: where they may be followed, they stand for a file that is listed already."""
    for name, _ in entries_below(folder, recurse=True):
        if PurePosixPath(name).suffix.lower() == SCRIPT:
            yield name


def _open(folders: Mapping[str, Path], pack: str, name: str) -> BinaryIO | None:
    """The open file, None for one that is not there or lies outside."""
    folder = folders.get(pack)
    if folder is None:
        return None
    try:
        return open_to_read(folder, name)
    except (Absent, NameRefused, PermissionError):
        return None
