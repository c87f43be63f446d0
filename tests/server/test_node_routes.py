"""Editors read the nodes there are from one list, compressed and sent again only when it changed."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest

from graph.spec import ChoiceFrom, node
from server.node_routes import described
from tests.server.toy_server import ToyServer, toy_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ToyServer]:
    async with toy_server(tmp_path) as one:
        yield one


async def test_nodes_are_described_as_editors_read_them(server: ToyServer) -> None:
    nodes = await server.get("/object_info")
    assert nodes["ToySleep"]["input"]["optional"]["steps"][0] == "INT"
    assert nodes["ToyShow"]["output_node"] is True
    assert await server.get("/object_info/ToyShow") == {"ToyShow": nodes["ToyShow"]}
    assert await server.get("/object_info/NoSuchNode") == {}


async def test_the_list_of_nodes_is_compressed_and_sent_once(server: ToyServer) -> None:
    answer = await server.client.get("/object_info", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    etag = answer.headers["ETag"]
    again = await server.client.get("/object_info", headers={"If-None-Match": etag})
    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == etag
    plain = await server.client.get("/object_info", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert await plain.json() == await answer.json()


def test_a_catalogue_that_cannot_be_read_leaves_the_other_nodes_as_they_are() -> None:
    @node("Load", category="test")
    def load(
        model: Annotated[str, ChoiceFrom("models")],
        other: Annotated[str, ChoiceFrom("models")],
        image: Annotated[str, ChoiceFrom("pictures")],
        sound: Annotated[str, ChoiceFrom("sounds")],
    ) -> str:
        """Choose."""
        raise NotImplementedError

    reads: list[str] = []

    def models() -> Sequence[str]:
        reads.append("models")
        return ["a", "b"]

    def pictures() -> Sequence[str]:
        raise PermissionError("no")

    nodes: Any = described([load.node], {"models": models, "pictures": pictures})
    inputs = nodes["Load"]["input"]["required"]
    assert inputs == {"model": [["a", "b"]], "other": [["a", "b"]], "image": [[]], "sound": [[]]}
    assert reads == ["models"]
