"""The own API's models, files and description of itself, and the figures for those who watch the server."""

import asyncio
from typing import cast

import psutil
from aiohttp import web

from server.answers import compact
from server.file_lists import list_of_files
from server.keys import DESK, FOLDERS, PICTURE_WORDS
from server.metrics import CONTENT_TYPE, exposition
from server.openapi import JSON, document, operation, routed_in
from server.problem import not_found
from server.v1_exchange import answer, large_answer, read_query
from server.v1_listing_models import (
    FileKind,
    FileList,
    FileQuery,
    ModelCategories,
    ModelFile,
    ModelList,
)
from storage import Absent, Folders, NameRefused
from storage.folders import CATEGORIES, KINDS, OTHER_NAMES

routes = web.RouteTableDef()


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.StreamResponse:
    """Figures in the text format of Prometheus."""
    figures = dict(request.app[DESK].figures())
    figures["nodeloom_server_memory_bytes"] = psutil.Process().memory_info().rss
    return web.Response(body=exposition(figures).encode(), headers={"Content-Type": CONTENT_TYPE})


@routes.get("/api/v1/openapi.json")
@operation("This description", tag="description", answers={200: JSON})
async def openapi_document(request: web.Request) -> web.StreamResponse:
    """The OpenAPI document, made from the routes of this very server."""
    told = await asyncio.to_thread(lambda: compact(document(routed_in(request.app))))
    return web.Response(text=told, content_type=JSON)


@routes.get("/api/v1/models")
@operation("List model categories", tag="models", answers={200: ModelCategories})
async def list_categories(request: web.Request) -> web.StreamResponse:
    """The names under which models are listed."""
    return answer(ModelCategories(categories=list(CATEGORIES)))


@routes.get("/api/v1/models/{category}")
@operation("List models", tag="models", answers={200: ModelList})
async def list_models(request: web.Request) -> web.StreamResponse:
    """The models of a category, by name."""
    asked = request.match_info["category"]
    category = OTHER_NAMES.get(asked, asked)
    if category not in CATEGORIES:
        raise not_found("unknown_category", f"model category {asked[:80]!r}", f"there are {', '.join(CATEGORIES)}")
    models = await asyncio.to_thread(models_of, request.app[FOLDERS], category)
    return await large_answer(ModelList(category=category, models=models))


@routes.get("/api/v1/files/{kind}")
@operation("List files", tag="files", query=FileQuery, answers={200: FileList})
async def list_files(request: web.Request) -> web.StreamResponse:
    """Pictures and other files that workflows load or save, the newest first; `url` is where each can be had.
    A search also looks into what pictures say of how they were made. Files are sent by POST /upload/image."""
    kind = request.match_info["kind"]
    if kind not in KINDS:
        raise not_found("unknown_kind", f"folder {kind[:80]!r}", f"there are {', '.join(KINDS)}")
    query = read_query(request, FileQuery)
    root, words = request.app[FOLDERS].root(kind), request.app[PICTURE_WORDS]
    return await large_answer(await asyncio.to_thread(list_of_files, root, cast(FileKind, kind), query, words))


def models_of(folders: Folders, category: str) -> list[ModelFile]:
    """The models of a category with their sizes; one that vanishes meanwhile is left out."""
    found: list[ModelFile] = []
    for name in folders.model_names(category):
        try:
            path = folders.model_path(category, name)
            about = path.stat()
        except (Absent, NameRefused, OSError):
            continue
        size = None if path.is_dir() else about.st_size
        found.append(ModelFile(name=name, size=size, modified=about.st_mtime))
    return found
