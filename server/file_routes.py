"""Files of the input, output and temporary folder: shown, listed and taken in."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import BinaryIO, Final, cast

from aiohttp import web

from graph.errors import WorkflowError
from graph.strict_json import parse
from server.answers import empty, json_answer, large_json_answer
from server.errors import Refused
from server.keys import FOLDERS, SETTINGS
from server.served_files import Manner, Version, headers_of, manner_of, not_modified, send_file
from server.upload_form import UploadForm, read_upload
from storage import Folders, Kind, PictureRefused, Saved, StorageError
from storage.folders import CATEGORIES, KINDS, annotated
from storage.listing import entries_below, is_file, is_plain
from storage.picture_views import View, one_channel, preview, read_preview
from storage.uploads import store_mask, store_upload

routes = web.RouteTableDef()

TRUE: Final = frozenset({"true", "1"})


@routes.get("/view")
async def view(request: web.Request) -> web.StreamResponse:
    """A file, or a preview or one channel of a picture. Refusals are empty, as clients of this field know them."""
    query = request.query
    if not (asked := query.get("filename")):
        return empty(404)
    kind, filename = annotated(asked, cast(Kind, query.get("type", "output")))
    subfolder = query.get("subfolder", "")
    if kind not in KINDS or not is_plain(filename):
        return empty(400)
    if subfolder and not is_plain(subfolder):
        return empty(403)
    name = f"{subfolder}/{filename}" if subfolder else filename
    try:
        file = await asyncio.to_thread(request.app[FOLDERS].open, kind, name)
    except StorageError:  # absent, or behind a link that leads out: which of them is nobody's business
        return empty(404)
    channel = query.get("channel", "")
    if "preview" in query or channel in ("rgb", "a"):
        return await _send_view(request, file, name, channel)
    return await send_file(request, file, name, manner_of(name))


async def _send_view(request: web.Request, file: BinaryIO, name: str, channel: str) -> web.StreamResponse:
    query = request.query
    wanted = read_preview(query["preview"], channel, query.get("longest", "")) if "preview" in query else None
    with file:
        variant = f"-{channel}" if wanted is None else f"-{wanted.format}{wanted.quality}-{wanted.longest or ''}"
        version = Version.of(file, variant)
        if version.is_known(request):
            return not_modified(headers_of(name, version, Manner("", attachment=False)))
        try:
            if wanted is not None:
                made = await asyncio.to_thread(preview, file, wanted)
            else:
                made = await asyncio.to_thread(one_channel, file, "rgb" if channel == "rgb" else "a")
        except PictureRefused:
            return empty(400)
    return _answer(made, name, version)


def _answer(made: View, name: str, version: Version) -> web.Response:
    return web.Response(body=made.data, headers=headers_of(name, version, Manner(made.media_type, attachment=False)))


@routes.post("/upload/image")
async def upload_image(request: web.Request) -> web.Response:
    """Take a picture in."""
    async with _form(request) as form:
        kind, subfolder, overwrite = _options(form)
        saved = await asyncio.to_thread(
            store_upload, request.app[FOLDERS], kind, subfolder, form.filename, form.file, overwrite=overwrite
        )
    return _told(saved)


@routes.post("/upload/mask")
async def upload_mask(request: web.Request) -> web.Response:
    """Take a mask in: its alpha goes onto the picture that `original_ref` names, and that is kept under a new name."""
    async with _form(request) as form:
        kind, subfolder, overwrite = _options(form)
        original = _original(form.fields.get("original_ref", ""))
        saved = await asyncio.to_thread(
            store_mask, request.app[FOLDERS], kind, subfolder, form.filename, form.file, original, overwrite=overwrite
        )
    return _told(saved)


def _form(request: web.Request) -> AbstractAsyncContextManager[UploadForm]:
    return read_upload(request, "image", request.app[SETTINGS].most_upload)


def _options(form: UploadForm) -> tuple[str, str, bool]:
    """Kind, sub-folder, and whether to overwrite; an empty kind is the input folder."""
    fields = form.fields
    return fields.get("type") or "input", fields.get("subfolder", ""), fields.get("overwrite", "").lower() in TRUE


def _original(text: str) -> tuple[Kind, str]:
    try:
        said = parse(text)
    except WorkflowError as error:
        raise _bad_original(str(error)) from None
    if not isinstance(said, dict):
        raise _bad_original("it is no object")
    parts = cast(dict[str, object], said)
    filename, kind, subfolder = parts.get("filename"), parts.get("type", "output"), parts.get("subfolder", "")
    if not (isinstance(filename, str) and isinstance(kind, str) and isinstance(subfolder, str)):
        raise _bad_original("its parts are no texts")
    real_kind, name = annotated(filename, cast(Kind, kind))
    return real_kind, f"{subfolder}/{name}" if subfolder else name


def _bad_original(found: str) -> Refused:
    message = f'original_ref must be JSON like {{"filename": "a.png", "type": "input", "subfolder": ""}}: {found}'
    return Refused(400, "bad_original_ref", message)


def _told(saved: Saved) -> web.Response:
    return json_answer({"name": saved.filename, "subfolder": saved.subfolder, "type": saved.kind})


@routes.get("/internal/files/{type}")
async def files(request: web.Request) -> web.Response:
    """Names of the files at the top of a folder, the newest first."""
    kind = request.match_info["type"]
    if kind not in KINDS:
        return empty(400)
    return await large_json_answer(await asyncio.to_thread(_newest_first, request.app[FOLDERS], kind))


@routes.get("/internal/folder_paths")
async def folder_paths(request: web.Request) -> web.Response:
    """The model categories with their folders, named from the installation on: where that lies is not told."""
    return json_answer({category: [f"models/{name}" for name in names] for category, names in CATEGORIES.items()})


def _newest_first(folders: Folders, kind: str) -> Sequence[str]:
    files = [(status.st_mtime_ns, name) for name, status in entries_below(folders.root(kind)) if is_file(status)]
    return [name for _, name in sorted(files, reverse=True)]
