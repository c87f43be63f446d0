"""How the own API reads bodies and queries as models, and answers with models."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar, cast, get_args, get_origin
from urllib.parse import quote, urlencode

from aiohttp import web
from pydantic import BaseModel, ValidationError

from server.answers import LARGE, BadBody, read_json
from server.errors import Refused

AModel = TypeVar("AModel", bound=BaseModel)
JSON: Final = "application/json"
DEPTH: Final = 120
"""Levels of a body: those of a workflow and a few around them."""


async def read_body(request: web.Request, model: type[AModel]) -> AModel:
    """The body as a model. Raises BadBody and pydantic's ValidationError."""
    data = await read_json(request)
    if data is None:
        raise BadBody("the body is empty; send a JSON object")
    if await asyncio.to_thread(is_deep, data) if _is_large(request) else is_deep(data):
        raise BadBody(f"the body is nested deeper than {DEPTH} levels; nothing that is sent here needs that")
    return model.model_validate(data)


def is_deep(value: object) -> bool:
    """Whether a value of JSON has more levels than are taken; told level by level, without recursion."""
    level = [value]
    for _ in range(DEPTH):
        level = [below for each in level for below in _below(each)]
        if not level:
            return False
    return True


def _below(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast(dict[str, object], value).values()
    return cast(list[object], value) if isinstance(value, list) else ()


def _is_large(request: web.Request) -> bool:
    return request.content_length is None or request.content_length > LARGE


def read_query(request: web.Request, model: type[AModel]) -> AModel:
    """The query as a model; a list is given by repeating its name, or with commas. Raises Refused."""
    found: dict[str, Any] = {}
    for name in request.query:
        values = request.query.getall(name)
        known = model.model_fields.get(name)
        is_list = known is not None and _is_list(known.annotation)
        found[name] = [part for value in values for part in value.split(",")] if is_list else values[-1]
    try:
        return model.model_validate(found)
    except ValidationError as error:
        told = [
            {"where": ".".join(map(str, each["loc"])), "message": each["msg"]}
            for each in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        text = "; ".join(f"{each['where']}: {each['message']}" for each in told[:5])
        raise Refused(400, "bad_query", f"the query does not fit: {text}", more={"errors": told[:50]}) from None


def _is_list(annotation: object) -> bool:
    return any(get_origin(part) is list for part in (annotation, *get_args(annotation)))


def answer(
    model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None, *, unset: bool = True
) -> web.Response:
    """A model as the answer. unset: whether what was not set is told with its default."""
    text = model.model_dump_json(exclude_unset=not unset)
    return web.Response(text=text, status=status, headers=headers, content_type=JSON)


async def large_answer(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """The same for a model that may be large: it is written in a thread."""
    text = await asyncio.to_thread(model.model_dump_json)
    return web.Response(text=text, status=status, headers=headers, content_type=JSON)


def path_of(*parts: str) -> str:
    """A path of the own API, each part quoted as a whole."""
    return "/api/v1/" + "/".join(quote(part, safe="") for part in parts)


def view_url(filename: str, subfolder: str, kind: str) -> str:
    """Where a file can be looked at."""
    return "/api/view?" + urlencode({"filename": filename, "subfolder": subfolder, "type": kind}, quote_via=quote)


def as_mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object of JSON, else an empty one."""
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}
