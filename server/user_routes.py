"""The user's settings and files."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TypeVar, cast

from aiohttp import web

from server.answers import BadBody, empty, json_answer, large_json_answer, read_json
from server.errors import Refused
from server.keys import USER_FILES
from server.served_files import manner_of_user_file, send_file
from storage import Absent, NameRefused
from storage.listing import is_plain
from storage.user_files import MOST_FILE_BYTES, UserEntry, UserFile

routes = web.RouteTableDef()

Found = TypeVar("Found")


@routes.get("/users")
async def users(request: web.Request) -> web.Response:
    """There is one user, kept by the server, and nothing to be moved there from the browser."""
    return json_answer({"storage": "server", "migrated": True})


@routes.get("/settings")
async def settings(request: web.Request) -> web.Response:
    """All settings."""
    return await large_json_answer(await asyncio.to_thread(request.app[USER_FILES].settings))


@routes.post("/settings")
async def merge_settings(request: web.Request) -> web.Response:
    """Set some settings."""
    changes = await read_json(request)
    if not isinstance(changes, dict):
        raise BadBody("expected an object of settings by name")
    await asyncio.to_thread(request.app[USER_FILES].merge_settings, cast(dict[str, object], changes))
    return empty()


@routes.get("/settings/{id}")
async def setting(request: web.Request) -> web.Response:
    """One setting, or null."""
    return json_answer(await asyncio.to_thread(request.app[USER_FILES].setting, request.match_info["id"]))


@routes.post("/settings/{id}")
async def set_setting(request: web.Request) -> web.Response:
    """Set one setting."""
    change = {request.match_info["id"]: await read_json(request)}
    await asyncio.to_thread(request.app[USER_FILES].merge_settings, change)
    return empty()


@routes.get("/userdata")
async def files(request: web.Request) -> web.Response:
    """The files of a folder: names, or with `full_info` more of each, or with `split` each path and its parts."""
    folder = request.query.get("dir", "")
    if not folder:
        raise Refused(400, "no_folder", "name the folder in the query, as in ?dir=workflows")
    _judge(folder)
    found = await asyncio.to_thread(
        _hiding_refusals, lambda: request.app[USER_FILES].list(folder, recurse=_says(request, "recurse"))
    )
    return await large_json_answer(_listing(request, folder, found))


def _listing(request: web.Request, folder: str, found: Sequence[UserFile]) -> Sequence[object]:
    if _says(request, "full_info"):
        return [asdict(file) for file in found]
    if _says(request, "split"):
        return [[path, *path.split("/")] for path in (f"{folder}/{file.path}" for file in found)]
    return [file.path for file in found]


@routes.get("/v2/userdata")
async def entries(request: web.Request) -> web.Response:
    """Files and folders of a folder; without one, of the top."""
    folder = request.query.get("path", "")
    if folder:
        _judge(folder)
    found = await asyncio.to_thread(_hiding_refusals, lambda: request.app[USER_FILES].entries(folder))
    return await large_json_answer([_entry(entry) for entry in found])


def _entry(entry: UserEntry) -> Mapping[str, object]:
    told = {"name": entry.name, "path": entry.path, "type": entry.type}
    return told if entry.size is None else {**told, "size": entry.size, "modified": entry.modified}


@routes.get("/userdata/{file}")
async def read_file(request: web.Request) -> web.StreamResponse:
    """A file, as a download."""
    name = _name(request, "file")
    file = await asyncio.to_thread(_hiding_refusals, lambda: request.app[USER_FILES].open(name))
    return await send_file(request, file, name, manner_of_user_file(name))


@routes.post("/userdata/{file}")
async def write_file(request: web.Request) -> web.Response:
    """Keep the body as a file."""
    name = _name(request, "file")
    if (request.content_length or 0) > MOST_FILE_BYTES:
        raise Refused(413, "too_large", f"a file of at most {MOST_FILE_BYTES} bytes", headers={"Connection": "close"})
    data = await request.read()
    try:
        written = await asyncio.to_thread(
            request.app[USER_FILES].write, name, data, overwrite=not _denies(request, "overwrite")
        )
    except FileExistsError:
        return _exists()
    except Absent:
        raise Refused(400, "no_folder", "a part of this name is a file, not a folder; choose another name") from None
    return _told(request, written)


@routes.delete("/userdata/{file}")
async def delete_file(request: web.Request) -> web.Response:
    """Delete a file."""
    name = _name(request, "file")
    await asyncio.to_thread(_hiding_refusals, lambda: request.app[USER_FILES].delete(name))
    return empty(204)


@routes.post("/userdata/{file}/move/{dest}")
async def move_file(request: web.Request) -> web.Response:
    """Give a file another name."""
    name, new_name = _name(request, "file"), _name(request, "dest")
    overwrite = not _denies(request, "overwrite")
    try:
        moved = await asyncio.to_thread(
            _hiding_refusals, lambda: request.app[USER_FILES].move(name, new_name, overwrite=overwrite)
        )
    except FileExistsError:
        return _exists()
    return _told(request, moved)


def _told(request: web.Request, file: UserFile) -> web.Response:
    return json_answer(asdict(file) if _says(request, "full_info") else file.path)


def _exists() -> web.Response:
    return web.Response(status=409, text="File already exists")


def _name(request: web.Request, part: str) -> str:
    name = request.match_info[part]
    _judge(name)
    return name


def _judge(name: str) -> None:
    """Refuse what is no plain name, whether or not there is such a file."""
    if not is_plain(name):
        raise Refused(400, "name_refused", "expected a plain relative name, like 'workflows/portrait.json'")


def _hiding_refusals(look: Callable[[], Found]) -> Found:
    """Look for a plain name; what lies behind a link that leads out is told as if it were absent."""
    try:
        return look()
    except NameRefused:
        raise Absent("an existing file", "none of this name", "Choose one that is listed.") from None


def _says(request: web.Request, option: str) -> bool:
    return request.query.get(option, "").lower() in ("true", "1")


def _denies(request: web.Request, option: str) -> bool:
    return request.query.get(option, "").lower() in ("false", "0")
