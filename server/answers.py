"""Bodies in and out: strict JSON with a limit, compact JSON, and the empty answers of the wire."""

import asyncio
import json
from typing import Final

from aiohttp import web

from graph.errors import WorkflowError
from graph.strict_json import parse

LARGE: Final = 200_000
"""Bytes above which JSON is parsed and written in a thread, so that the event loop goes on."""


class BadBody(Exception):
    """The body of a request is no JSON, or not what the route takes; the text says what is."""


def compact(value: object) -> str:
    """A value as JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


def json_answer(value: object, status: int = 200) -> web.Response:
    """A value as the answer."""
    return web.Response(text=compact(value), status=status, content_type="application/json")


async def large_json_answer(value: object, status: int = 200) -> web.Response:
    """The same for values that may be large."""
    text = await asyncio.to_thread(compact, value)
    return web.Response(text=text, status=status, content_type="application/json")


def empty(status: int = 200) -> web.Response:
    """An answer without content."""
    return web.Response(status=status)


async def read_json(request: web.Request) -> object:
    """The JSON of a body; None for an empty one. Raises BadBody; a body that is too large ends in 413 by itself."""
    data = await request.read()
    if not data.strip():
        return None
    try:
        text = data.decode("utf-8-sig")
        return parse(text) if len(text) < LARGE else await asyncio.to_thread(parse, text)
    except UnicodeDecodeError as error:
        raise BadBody(f"the body is not UTF-8 at byte {error.start}; send JSON in UTF-8") from None
    except WorkflowError as error:
        raise BadBody(f"the body is no JSON: {error}") from None
