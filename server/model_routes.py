"""Models by category: their names, what they say of themselves, the pictures beside them. And what no pack adds yet."""

import asyncio
from pathlib import PurePosixPath
from typing import Final

from aiohttp import web

from server.answers import empty, json_answer, large_json_answer
from server.keys import FOLDERS
from server.served_files import Manner, Version, headers_of, not_modified
from storage import Absent, NameRefused, PictureRefused
from storage.embeddings import prompt_name
from storage.folders import CATEGORIES
from storage.model_files import model_files, model_metadata, open_model_picture
from storage.picture_views import Preview, preview

routes = web.RouteTableDef()

AS_WEBP: Final = Manner("image/webp", attachment=False)


@routes.get("/models")
async def categories(request: web.Request) -> web.Response:
    """The names of the categories."""
    return json_answer(list(CATEGORIES))


@routes.get("/models/{folder}")
async def names(request: web.Request) -> web.Response:
    """The models of a category by name."""
    try:
        found = await asyncio.to_thread(request.app[FOLDERS].model_names, request.match_info["folder"])
    except NameRefused:
        return empty(404)
    return await large_json_answer(found)


@routes.get("/embeddings")
async def embeddings(request: web.Request) -> web.Response:
    """The embeddings as prompts name them: without their endings."""
    found = await asyncio.to_thread(request.app[FOLDERS].model_names, "embeddings")
    return await large_json_answer([prompt_name(name) for name in found])


@routes.get("/view_metadata/{folder}")
async def metadata(request: web.Request) -> web.Response:
    """The texts in the header of a safetensors file."""
    folder, filename = request.match_info["folder"], request.query.get("filename", "")
    try:
        found = await asyncio.to_thread(model_metadata, request.app[FOLDERS], folder, filename)
    except (NameRefused, Absent):
        return empty(404)
    return await large_json_answer(found)


@routes.get("/experiment/models")
async def folders(request: web.Request) -> web.Response:
    """The categories with their folders, named from the installation on."""
    return json_answer(
        [{"name": name, "folders": [f"models/{folder}" for folder in below]} for name, below in CATEGORIES.items()]
    )


@routes.get("/experiment/models/{folder}")
async def models(request: web.Request) -> web.Response:
    """The models of a category with size and times."""
    try:
        found = await asyncio.to_thread(model_files, request.app[FOLDERS], request.match_info["folder"])
    except NameRefused:
        return empty(404)
    return await large_json_answer(
        [
            {
                "name": file.name,
                "pathIndex": file.root,
                "modified": file.modified,
                "created": file.created,
                "size": file.size,
            }
            for file in found
        ]
    )


@routes.get("/experiment/models/preview/{folder}/{index:[0-9]{1,3}}/{file:.+}")
async def model_picture(request: web.Request) -> web.Response:
    """The picture that lies beside a model, as WebP."""
    asked = request.match_info
    try:
        file = await asyncio.to_thread(
            open_model_picture, request.app[FOLDERS], asked["folder"], int(asked["index"]), asked["file"]
        )
        with file:
            version = Version.of(file)
            headers = headers_of(str(PurePosixPath(asked["file"]).with_suffix(".webp")), version, AS_WEBP)
            if version.is_known(request):
                return not_modified(headers)
            made = await asyncio.to_thread(preview, file, Preview())
    except (NameRefused, Absent, PictureRefused):
        return empty(404)
    return web.Response(body=made.data, headers=headers)


@routes.get("/i18n")
async def translations(request: web.Request) -> web.Response:
    """Translations that packs bring: none."""
    return json_answer({})


@routes.get("/workflow_templates")
async def templates(request: web.Request) -> web.Response:
    """Workflow templates that packs bring: none."""
    return json_answer({})
