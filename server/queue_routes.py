"""`/queue`, `/interrupt`, `/free`: what waits and runs, and how to end it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

from aiohttp import web

from runs.records import Record
from server.answers import BadBody, empty, large_json_answer, read_json
from server.keys import DESK
from server.wire import queue_item

routes = web.RouteTableDef()


@routes.get("/queue")
async def get_queue(request: web.Request) -> web.Response:
    """The runs at work, and those that wait in the order in which they will run."""
    running, waiting = await request.app[DESK].queue()
    return await large_json_answer(await asyncio.to_thread(_queue, running, waiting))


def _queue(running: Sequence[Record], waiting: Sequence[Record]) -> dict[str, object]:
    return {
        "queue_running": [queue_item(record) for record in running],
        "queue_pending": [queue_item(record) for record in waiting],
    }


@routes.post("/queue")
async def post_queue(request: web.Request) -> web.Response:
    """Take runs out of the queue: `{"clear": true}` all that wait, `{"delete": [ids]}` these, if they wait."""
    clear, ids = read_removal(await read_json(request))
    desk = request.app[DESK]
    if clear:
        await desk.drop()
    if ids:
        await desk.drop(ids)
    return empty()


@routes.post("/interrupt")
async def post_interrupt(request: web.Request) -> web.Response:
    """Stop what runs; with `{"prompt_id": id}` only that run, if it runs."""
    run = _fields(await read_json(request)).get("prompt_id") or None
    if run is not None and not isinstance(run, str):
        raise BadBody("prompt_id is the id of a run as text; leave the body empty to stop whatever runs")
    await request.app[DESK].interrupt(run)
    return empty()


@routes.post("/free")
async def post_free(request: web.Request) -> web.Response:
    """Give memory back: `{"unload_models": bool, "free_memory": bool}`; done when a worker is next idle."""
    fields = _fields(await read_json(request))
    unload_models, free_memory = fields.get("unload_models", False), fields.get("free_memory", False)
    if not isinstance(unload_models, bool) or not isinstance(free_memory, bool):
        raise BadBody("unload_models and free_memory are true or false")
    if unload_models or free_memory:
        await request.app[DESK].free(unload_models, free_memory)
    return empty()


def _fields(body: object) -> Mapping[str, object]:
    """The fields of a body that may be left out."""
    return cast(Mapping[str, object], body) if isinstance(body, Mapping) else {}


def read_removal(body: object) -> tuple[bool, tuple[str, ...]]:
    """What `{"clear": true}` and `{"delete": [ids]}` ask for: whether all, and which. Raises BadBody."""
    if not isinstance(body, Mapping):
        raise BadBody('send {"clear": true} or {"delete": [ids]}')
    fields = cast(Mapping[str, object], body)
    clear, listed = fields.get("clear", False), fields.get("delete", [])
    if not isinstance(clear, bool):
        raise BadBody("clear is true or false")
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in cast(list[object], listed)):
        raise BadBody("delete is a list of ids of runs as text")
    return clear, tuple(dict.fromkeys(cast(list[str], listed)))
