"""What the server and its machine are: figures, features, the log, help on nodes."""

import asyncio
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import psutil
from aiohttp import web

from graph.describe import Catalogues, choices_of
from graph.interface import ABSENT, Input, Node, Output
from server.answers import BadBody, empty, json_answer, read_json
from server.keys import CATALOGUES, DESK, LOG_LINES, SETTINGS

SPOKEN_VERSION: Final = "0.3.64"
"""The version of the wire that is spoken here; clients compare it to know what they may ask."""

DEVICE_KEYS: Final = (
    "name",
    "type",
    "index",
    "vram_total",
    "vram_free",
    "torch_vram_total",
    "torch_vram_free",
)
TERMINAL: Final[Mapping[str, int]] = {"cols": 80, "rows": 24}
LISTED_CHOICES: Final = 40
MARKDOWN_CHARACTERS: Final = frozenset("\\`*_{}[]<>#|~")

routes: Final = web.RouteTableDef()


@routes.get("/health")
async def health(request: web.Request) -> web.StreamResponse:
    """That the server answers. Public."""
    return json_answer({"status": "ok"})


@routes.get("/system_stats")
async def system_stats(request: web.Request) -> web.StreamResponse:
    """Memory, versions and devices, in bytes."""
    settings = request.app[SETTINGS]
    workers = request.app[DESK].workers()
    memory = psutil.virtual_memory()
    system = {
        "os": os.name,
        "ram_total": memory.total,
        "ram_free": memory.available,
        "comfyui_version": SPOKEN_VERSION,
        "nodeloom_version": settings.version,
        "required_frontend_version": "",
        "installed_templates_version": "",
        "required_templates_version": "",
        "python_version": f"{platform.python_version()} ({platform.python_implementation()})",
        "pytorch_version": next((ready.versions.get("torch", "") for ready in workers), ""),
        "embedded_python": False,
        "argv": option_names(settings.arguments),
    }
    devices = [{key: ready.device.get(key) for key in DEVICE_KEYS} for ready in workers]
    return json_answer({"system": system, "devices": devices})


def option_names(arguments: Sequence[str]) -> list[str]:
    """The names of the options of a command line; what they were given may be a secret or a path of this machine."""
    return [each.partition("=")[0] for each in arguments if each.startswith("--") and len(each) > 2]


@routes.get("/features")
async def features(request: web.Request) -> web.StreamResponse:
    """What this server can do, as it is also said on the websocket."""
    return json_answer({"supports_preview_metadata": True, "max_upload_size": request.app[SETTINGS].most_upload})


@routes.get("/internal/logs")
async def log_text(request: web.Request) -> web.StreamResponse:
    """The last lines of the log as text."""
    lines = tuple(request.app[LOG_LINES].lines)
    return web.Response(text="".join(f"{_moment(at)} - {line}\n" for at, line in lines), content_type="text/plain")


@routes.get("/internal/logs/raw")
async def log_entries(request: web.Request) -> web.StreamResponse:
    """The same as entries with their time."""
    lines = tuple(request.app[LOG_LINES].lines)
    return json_answer(
        {"entries": [{"t": _moment(at), "m": f"{line}\n"} for at, line in lines], "size": dict(TERMINAL)}
    )


@routes.patch("/internal/logs/subscribe")
async def subscribe_to_log(request: web.Request) -> web.StreamResponse:
    """Front ends say here that they show the log. They read it by the two routes above; nothing is pushed."""
    match await read_json(request):
        case {"enabled": bool()}:
            return empty()
        case _:
            raise BadBody('expected {"enabled": true or false, "clientId": "..."}')


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


@routes.get("/docs/{node}/{locale}.md")
async def node_help(request: web.Request) -> web.StreamResponse:
    """Help on a node as Markdown, from its own description; it is the same in every language."""
    descriptions = await request.app[DESK].nodes()
    node = descriptions.registry.get(request.match_info["node"])
    if node is None:
        raise web.HTTPNotFound
    text = await asyncio.to_thread(help_text, node, request.app[CATALOGUES])  # catalogues read folders
    return web.Response(text=text, content_type="text/markdown", charset="utf-8")


def help_text(node: Node, catalogues: Catalogues) -> str:
    """A page of Markdown on a node. What its author wrote stays text, markup included (T18)."""
    lines = [f"# {plain(node.display_name or node.id)}", "", *_paragraphs(node.description)]
    for title, rows in (
        ("Inputs", [(each.name, _input_words(each, catalogues), each.tooltip) for each in node.inputs]),
        ("Outputs", [(each.name, _output_words(each), each.tooltip) for each in node.outputs]),
    ):
        if rows:
            lines += [f"## {title}", "", "| Name | Type | Meaning |", "|---|---|---|"]
            lines += ["| " + " | ".join(plain(cell) for cell in row) + " |" for row in rows]
            lines.append("")
    return "\n".join(lines)


def plain(text: str) -> str:
    """Text that shows as itself in a line of Markdown."""
    line = " ".join(text.split())
    return "".join(f"\\{character}" if character in MARKDOWN_CHARACTERS else character for character in line)


def _paragraphs(text: str) -> Iterator[str]:
    for part in filter(None, (part.strip() for part in text.split("\n\n"))):
        yield plain(part)
        yield ""


def _input_words(each: Input, catalogues: Catalogues) -> str:
    words = [_type_words(each, catalogues)]
    if each.minimum is not None:
        words.append(f"from {each.minimum}")
    if each.maximum is not None:
        words.append(f"to {each.maximum}")
    if each.default is not ABSENT and each.default is not None:
        words.append(f"default {each.default}")
    if each.section == "optional":
        words.append("may be left out")
    return ", ".join(words)


def _type_words(each: Input, catalogues: Catalogues) -> str:
    if each.type != "COMBO":
        return "any" if each.type == "*" else each.type
    if each.catalogue is not None and each.catalogue not in catalogues:
        return "a choice"
    names = [str(choice) for choice in choices_of(each, catalogues)]
    more = f" and {len(names) - LISTED_CHOICES} more" if len(names) > LISTED_CHOICES else ""
    return f"one of: {', '.join(names[:LISTED_CHOICES])}{more}" if names else "a choice (there is none yet)"


def _output_words(each: Output) -> str:
    return ("any" if each.type == "*" else each.type) + (", a list" if each.is_list else "")


@routes.get("/global_subgraphs")
async def global_subgraphs(request: web.Request) -> web.StreamResponse:
    """Sub-graphs that come with packs, by id; no pack brings any."""
    return json_answer({})


@routes.get("/node_replacements")
async def node_replacements(request: web.Request) -> web.StreamResponse:
    """Nodes that took the place of others, by their old id; none did."""
    return json_answer({})
