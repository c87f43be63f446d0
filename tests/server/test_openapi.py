"""The OpenAPI document: it says what the route table does, is well-formed, and the file in docs is current."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import BaseModel

from cli.openapi import api_document
from main import main
from server.openapi import PREFIX, document, operation, plain, routed, routed_in
from tests.server.small_server import small_app, small_server

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "openapi.json"
DOCUMENT: Any = api_document()
METHODS = {"get", "put", "post", "delete", "patch"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, told in item.items():
            yield path, method, told


def every(value: Any, key: str) -> Iterator[Any]:
    """Each value that stands under a key, anywhere."""
    if isinstance(value, dict):
        for name, below in value.items():
            if name == key:
                yield below
            yield from every(below, key)
    elif isinstance(value, list):
        for below in value:
            yield from every(below, key)


def test_every_route_of_the_own_api_stands_in_the_document_and_nothing_else(tmp_path: Path) -> None:
    table = {
        (plain(path), method.lower()) for method, path, _ in routed_in(small_app(tmp_path)) if path.startswith(PREFIX)
    }
    assert table == {(path, method) for path, method, _ in operations()}
    assert len(table) >= 23


async def test_the_server_answers_with_the_document_of_its_own_routes(tmp_path: Path) -> None:
    async with small_server(tmp_path) as client, client.get("/api/v1/openapi.json") as response:
        assert response.content_type == "application/json"
        assert await response.json() == DOCUMENT


def test_the_file_in_docs_is_current() -> None:
    text = json.dumps(DOCUMENT, ensure_ascii=False, indent=2) + "\n"
    assert FILE.read_text(encoding="utf-8") == text, "write it anew: python main.py openapi > docs/openapi.json"


def test_the_command_prints_what_the_file_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi"]) == 0
    assert capsys.readouterr().out == FILE.read_text(encoding="utf-8")


def test_the_document_has_the_parts_that_openapi_asks_for() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    for path, method, told in operations():
        assert path.startswith("/")
        assert method in METHODS
        assert told["summary"]
        assert told["description"]
        assert len(told["tags"]) == 1
        assert any(status.startswith("2") for status in told["responses"])
        assert all(response.get("description") or "$ref" in response for response in told["responses"].values())
        for content in every(told, "content"):
            assert all("/" in media_type and "schema" in each for media_type, each in content.items())


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    references = set(every(DOCUMENT, "$ref"))
    for reference in references:
        found = DOCUMENT
        assert reference.startswith("#/")
        for part in reference[2:].split("/"):
            found = found[part]
    unused = DOCUMENT["components"]["schemas"].keys() - {reference.rpartition("/")[2] for reference in references}
    assert unused == set()


def test_ids_of_operations_are_unique() -> None:
    ids = [told["operationId"] for _, _, told in operations()]
    assert len(ids) == len(set(ids))


def test_the_parameters_of_a_path_are_declared_and_no_others() -> None:
    for path, _, told in operations():
        declared = [each["name"] for each in told.get("parameters", []) if each["in"] == "path"]
        assert sorted(declared) == sorted(part[1:-1] for part in path.split("/") if part.startswith("{"))
        assert all(each["required"] for each in told.get("parameters", []) if each["in"] == "path")
        names = [(each["in"], each["name"]) for each in told.get("parameters", [])]
        assert len(names) == len(set(names))


def test_reading_changes_nothing_and_so_takes_no_body() -> None:
    for _, method, told in operations():
        assert ("requestBody" in told) <= (method in ("put", "post"))


def test_a_handler_that_does_not_say_what_it_takes_is_told() -> None:
    async def silent(request: web.Request) -> web.Response:
        return web.Response()

    with pytest.raises(LookupError, match="/api/v1/silent does not say"):
        document(routed([web.get("/api/v1/silent", silent)]))
    assert document(routed([web.get("/silent", silent)]))["paths"] == {}


def test_what_a_model_says_stands_in_the_document() -> None:
    class Small(BaseModel):
        """A small thing."""

        name: str
        size: int = 3

    @operation("Make", tag="things", body=Small, query=Small, answers={201: Small, 204: None})
    async def make(request: web.Request) -> web.Response:
        """Make it."""
        return web.Response()

    told: Any = document(routed([web.post("/api/v1/things/{id:.+}", make)]))
    found = told["paths"]["/api/v1/things/{id}"]["post"]
    assert found["operationId"] == "make"
    assert [(each["in"], each["name"], each["required"]) for each in found["parameters"]] == [
        ("path", "id", True),
        ("query", "name", True),
        ("query", "size", False),
    ]
    assert found["responses"]["204"] == {"description": "Done; nothing to say"}
    body = found["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert told["components"]["schemas"][body]["required"] == ["name"]
