"""The OpenAPI document of the own API, made from the route table: each handler says what it takes and answers."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from server.v1_models import Refusal

PREFIX: Final = "/api/v1/"
API_VERSION: Final = "1.0.0"
EVENT_STREAM: Final = "text/event-stream"
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"

_ATTRIBUTE: Final = "__operation__"
_PARAMETER: Final = re.compile(r"\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::[^{}]*)?\}")
_MEANINGS: Final[Mapping[int, str]] = {
    200: "Done",
    201: "Made; Location says where it is",
    204: "Done; nothing to say",
    304: "Unchanged",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
AHandler = TypeVar("AHandler", bound=Handler)
Answer = type[BaseModel] | str | None
"""What an answer holds: a model as JSON, something of a media type, or nothing."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a handler takes and answers.

    id: unique, from the handler's name. body, query: models of the request. answers: by status, a model, a media type,
    or None for an empty answer. headers: by name what they mean. streams: 200 may also be an event stream.
    """

    id: str
    summary: str
    tag: str
    description: str = ""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answers: Mapping[int, Answer] = field(default_factory=dict[int, Answer])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    streams: bool = False


def operation(
    summary: str,
    *,
    tag: str,
    answers: Mapping[int, Answer],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    headers: Mapping[str, str] | None = None,
    streams: bool = False,
) -> Callable[[AHandler], AHandler]:
    """Say of a handler what it takes and answers; the handler stays as it is. streams: 200 may be an event stream."""

    def tell(handler: AHandler) -> AHandler:
        name = cast(str, getattr(handler, "__name__", ""))
        description = " ".join((handler.__doc__ or "").split())
        told = Operation(name, summary, tag, description, body, query, answers, headers or {}, streams)
        setattr(handler, _ATTRIBUTE, told)
        return handler

    return tell


def operation_of(handler: object) -> Operation | None:
    """What a handler says of itself; None for one without the decorator."""
    return getattr(handler, _ATTRIBUTE, None)


Routed = tuple[str, str, object]
"""Method, path as it is written in the table, and handler."""


def routed(table: Iterable[web.AbstractRouteDef]) -> Iterator[Routed]:
    """The routes of a table of definitions."""
    for route in table:
        if isinstance(route, web.RouteDef):
            yield route.method, route.path, route.handler


def routed_in(app: web.Application) -> Iterator[Routed]:
    """The routes of an application that runs."""
    for route in app.router.routes():
        if route.resource is not None and route.method != "HEAD":  # HEAD comes with every GET
            yield route.method, route.resource.canonical, route.handler


def document(routes: Iterable[Routed]) -> dict[str, object]:
    """The OpenAPI 3.1 document of those of the routes that belong to the own API.

    Raises LookupError for one whose handler does not say what it takes.
    """
    operations: list[tuple[str, str, Operation]] = []
    for method, path, handler in routes:
        if path.startswith(PREFIX):
            told = operation_of(handler)
            if told is None:
                raise LookupError(f"the handler of {method} {path} does not say what it takes; decorate it")
            operations.append((plain(path), method.lower(), told))
    operations.sort(key=lambda each: (each[0], _METHODS.index(each[1])))
    schemas, references = _schemas([each for _, _, each in operations])
    paths: dict[str, dict[str, object]] = {}
    for path, method, told in operations:
        paths.setdefault(path, {})[method] = _operation(path, told, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nodeloom",
            "version": API_VERSION,
            "description": "Runs, workflows as functions, nodes, models and files of a Nodeloom server. Times are in "
            "seconds since 1970, sizes in bytes.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Asked for only where the server was started with a token.",
                }
            },
            "responses": {
                "Refusal": {
                    "description": "Refused; `code` is stable, `detail` says what to do (RFC 9457)",
                    "content": {PROBLEM: {"schema": references[Refusal]}},
                }
            },
        },
    }


def plain(path: str) -> str:
    """A path with its parameters by name alone."""
    return _PARAMETER.sub(r"{\g<name>}", path)


_METHODS: Final = ("get", "put", "post", "patch", "delete")

References = Mapping[type[BaseModel], Mapping[str, object]]


def _schemas(operations: Iterable[Operation]) -> tuple[dict[str, object], References]:
    """The schemas of all models by name, and how each model is referred to."""
    bodies: dict[type[BaseModel], None] = {}
    answers: dict[type[BaseModel], None] = {Refusal: None}
    for told in operations:
        if told.body is not None:
            bodies[told.body] = None
        answers.update({each: None for each in told.answers.values() if isinstance(each, type)})
    wanted = [*((model, "validation") for model in bodies), *((model, "serialization") for model in answers)]
    found, definitions = models_json_schema(cast(Any, wanted), ref_template="#/components/schemas/{model}")
    schemas = dict(sorted(cast(dict[str, object], definitions.get("$defs", {})).items()))
    references: dict[type[BaseModel], Mapping[str, object]] = {}
    for (model, _), schema in found.items():
        references[cast(type[BaseModel], model)] = schema
    return schemas, references


def _operation(path: str, told: Operation, references: References) -> dict[str, object]:
    parameters = [*_path_parameters(path), *_query_parameters(told.query), *_header_parameters(told.headers)]
    found: dict[str, object] = {"operationId": told.id, "summary": told.summary, "tags": [told.tag]}
    if told.description:
        found["description"] = told.description
    if parameters:
        found["parameters"] = parameters
    if told.body is not None:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": references[told.body]}}}
    responses: dict[str, object] = {
        str(status): _response(status, answer, told.streams, references) for status, answer in told.answers.items()
    }
    found["responses"] = responses | {"default": {"$ref": "#/components/responses/Refusal"}}
    return found


def _response(status: int, answer: Answer, streams: bool, references: References) -> dict[str, object]:
    content: dict[str, object] = {}
    if isinstance(answer, str):
        content[answer] = {"schema": {"type": "object"} if answer == JSON else {"type": "string"}}
    elif answer is not None:
        content[JSON] = {"schema": references[answer]}
    if streams and status == 200:
        content[EVENT_STREAM] = {"schema": {"type": "string"}}
    found: dict[str, object] = {"description": _MEANINGS[status]}
    if status == 201:
        found["headers"] = {"Location": {"description": "The path of what was made", "schema": {"type": "string"}}}
    return found | ({"content": content} if content else {})


def _path_parameters(path: str) -> Iterator[dict[str, object]]:
    for name in _PARAMETER.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(model: type[BaseModel] | None) -> Iterator[dict[str, object]]:
    if model is None:
        return
    schema = model.model_json_schema()
    required = cast(list[str], schema.get("required", []))
    for name, told in cast(dict[str, dict[str, Any]], schema.get("properties", {})).items():
        kept = {key: value for key, value in told.items() if key not in ("title", "description")}
        found: dict[str, object] = {"name": name, "in": "query", "required": name in required, "schema": kept}
        yield found | ({"description": told["description"]} if "description" in told else {})


def _header_parameters(headers: Mapping[str, str]) -> Iterator[dict[str, object]]:
    for name, meaning in headers.items():
        yield {"name": name, "in": "header", "required": False, "description": meaning, "schema": {"type": "string"}}
