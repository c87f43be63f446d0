"""The own API's templates: the ready workflows that ship, each with what it shows and a picture of what comes out."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from aiohttp import web

from server.openapi import JSON, operation
from server.problem import not_found
from server.served_files import Manner, manner_of, send_file
from server.v1_exchange import large_answer
from server.v1_models import Told
from storage import Absent, NameRefused
from storage.paths import open_to_read

routes = web.RouteTableDef()

TEMPLATES: Final = web.AppKey("templates", Path)
"""The folder of the ready workflows; where it is not set there are none."""

DESCRIPTIONS: Final = "README.md"
MOST_DESCRIPTION_BYTES: Final = 1_000_000
FIRST: Final = "text_to_image"
"""The template that is listed first: what an editor shows to somebody who has opened nothing yet."""

PICTURES: Final = "pictures"
PICTURE_ENDINGS: Final = (".webp", ".png")
WORKFLOW: Final = Manner(JSON, attachment=False)
REMEDY: Final = "GET /api/v1/templates lists those there are"

# A line of the list in the folder's README: - `name.json`: what it shows
_LINE: Final = re.compile(r"^[-*]\s+`(?P<name>[^`/]+)\.json`:?\s+(?P<text>\S.*)$", re.MULTILINE)


class TemplateView(Told):
    """A ready workflow. title: its name for people. picture: whether `/picture` below it answers with one."""

    name: str
    title: str
    description: str
    picture: bool


class TemplateList(Told):
    """The ready workflows, the simplest first, then by name."""

    templates: list[TemplateView]


def add_templates(app: web.Application, folder: Path) -> None:
    """Name the folder of the ready workflows; before the application starts."""
    app[TEMPLATES] = folder


@routes.get("/api/v1/templates")
@operation("List templates", tag="templates", answers={200: TemplateList})
async def list_templates(request: web.Request) -> web.StreamResponse:
    """The ready workflows; any of them can be fetched, changed and run."""
    folder = request.app.get(TEMPLATES)
    found = [] if folder is None else await asyncio.to_thread(templates_in, folder)
    return await large_answer(TemplateList(templates=found))


@routes.get("/api/v1/templates/{name}")
@operation("Get a template", tag="templates", answers={200: JSON})
async def get_template(request: web.Request) -> web.StreamResponse:
    """The workflow itself, in the form it lies in: that of the API or that of editors."""
    name = request.match_info["name"]
    file = await asyncio.to_thread(_open, request, f"{name}.json")
    if file is None:
        raise not_found("unknown_template", f"template {name[:80]!r}", REMEDY)
    return await send_file(request, file, f"{name}.json", WORKFLOW)


@routes.get("/api/v1/templates/{name}/picture")
@operation("Get the picture of a template", tag="templates", answers={200: "image/webp"})
async def get_template_picture(request: web.Request) -> web.StreamResponse:
    """What comes out of the workflow, as a small picture."""
    name = request.match_info["name"]
    for ending in PICTURE_ENDINGS:
        file = await asyncio.to_thread(_open, request, f"{PICTURES}/{name}{ending}")
        if file is not None:
            return await send_file(request, file, f"{name}{ending}", manner_of(f"{name}{ending}"))
    raise not_found("no_picture", f"picture of a template {name[:80]!r}", REMEDY)


def _open(request: web.Request, path: str) -> BinaryIO | None:
    """The file of a template; None for a name behind which there is none, or which may not be one."""
    folder = request.app.get(TEMPLATES)
    if folder is None or "/" in request.match_info["name"]:
        return None
    try:
        return open_to_read(folder, path)
    except (NameRefused, Absent):
        return None


def templates_in(folder: Path) -> list[TemplateView]:
    """The ready workflows of a folder, described by the lines of its README; none where there is no folder."""
    files = (path for path in folder.glob("*.json") if not path.name.startswith(".") and not path.is_symlink())
    names = [path.stem for path in files]
    described = descriptions_in(folder)
    return [
        TemplateView(
            name=name,
            title=title_of(name),
            description=described.get(name, ""),
            picture=any((folder / PICTURES / f"{name}{ending}").is_file() for ending in PICTURE_ENDINGS),
        )
        for name in sorted(names, key=lambda name: (name != FIRST, name))
    ]


def descriptions_in(folder: Path) -> Mapping[str, str]:
    """What the folder's README says of each workflow, by name; as plain text."""
    try:
        with (folder / DESCRIPTIONS).open("rb") as file:
            text = file.read(MOST_DESCRIPTION_BYTES).decode("utf-8", "replace")
    except OSError:
        return {}
    return {found["name"]: found["text"].strip().replace("`", "") for found in _LINE.finditer(text)}


def title_of(name: str) -> str:
    """A file's name as a title: `text_to_image` is shown as `Text to image`."""
    words = re.sub(r"[_\s]+", " ", name).strip() or name
    return words[0].upper() + words[1:]
