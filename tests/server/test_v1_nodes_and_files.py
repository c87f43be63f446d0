"""The own API's nodes, models and files."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from graph.described import description
from server.v1_listing_models import FileList, ModelList, NodeList, NodeView
from storage.pictures import png_bytes
from tests.runs.toy_desk import NODES
from tests.server.small_server import SmallDesk, small_server
from tests.server.v1_server import Api, v1_server


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with v1_server(tmp_path) as api:
        yield api


async def test_all_nodes_are_listed_with_their_inputs_and_outputs(api: Api) -> None:
    found = NodeList.model_validate(await api.ask("GET", "nodes"))
    assert {node.id for node in found.nodes} == set(NODES.ids())
    sleep = next(node for node in found.nodes if node.id == "ToySleep")
    assert (sleep.category, sleep.terminal, sleep.display_name) == ("toy", False, "ToySleep")
    steps = next(each for each in sleep.inputs if each.name == "steps")
    assert (steps.type, steps.required, steps.default) == ("INT", False, 10)
    assert (steps.minimum, steps.maximum) == (1, 1_000_000)
    assert [each.type for each in sleep.outputs] == ["INT"]
    assert NodeView.model_validate(await api.ask("GET", "nodes/ToySleep")) == sleep


async def test_a_node_that_there_is_not_is_told(api: Api) -> None:
    for path in ("nodes/None", "nodes/a%2Fb", "nodes/%3Cscript%3E"):
        refused = await api.ask("GET", path, None, 404)
        assert refused["code"] == "unknown_node"


async def test_the_choices_of_a_node_are_the_files_of_now_and_its_id_may_hold_anything(tmp_path: Path) -> None:
    from dataclasses import replace
    from typing import Annotated, Literal

    from graph.marks import ChoiceFrom
    from graph.spec import node

    @node("Load", category="test")
    def load(name: Annotated[str, ChoiceFrom("checkpoints")], kind: Literal["a", "b"] = "a") -> int:
        """Load."""
        return 1

    desk = SmallDesk([description(replace(load.node, id="Load / ü|pack"))])
    async with small_server(tmp_path, desk=desk) as client:
        folder = tmp_path / "models" / "checkpoints"
        folder.mkdir(parents=True)
        for names in ([], ["one.safetensors"]):
            for name in names:
                (folder / name).write_bytes(b"x")
            async with client.get("/api/v1/nodes/Load%20%2F%20%C3%BC%7Cpack") as response:
                assert response.status == 200
                told = NodeView.model_validate(await response.json())
            assert [each.choices for each in told.inputs] == [names, ["a", "b"]]
        async with client.get("/api/v1/nodes") as response:
            listed = NodeList.model_validate(await response.json()).nodes[0]
        assert [(each.catalogue, each.choices) for each in listed.inputs] == [("checkpoints", None), (None, ["a", "b"])]


async def test_models_are_listed_by_category(api: Api) -> None:
    categories: Any = await api.ask("GET", "models")
    assert {"checkpoints", "loras", "vae"} <= set(categories["categories"])
    assert (await api.ask("GET", "models/vae")) == {"category": "vae", "models": []}
    folder = api.folders.models / "text_encoders" / "sub"
    folder.mkdir(parents=True)
    (folder / "a.safetensors").write_bytes(b"12345")
    (folder / "notes.txt").write_bytes(b"no model")
    for name in ("text_encoders", "clip"):
        found = ModelList.model_validate(await api.ask("GET", f"models/{name}"))
        assert found.category == "text_encoders"
        assert [(model.name, model.size) for model in found.models] == [("sub/a.safetensors", 5)]
        assert found.models[0].modified > 0
    for name in ("configs", "..%2Fuser", "."):
        assert (await api.ask("GET", f"models/{name}", None, 404))["code"] in ("unknown_category", "not_found")


async def test_files_are_listed_newest_first_in_pages_with_an_address_that_works(api: Api) -> None:
    for number, name in enumerate(["a.png", "sub/b ü&=#.png", "c.png"]):
        path = api.folders.output / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * (number + 1))
        os.utime(path, (1000 + number, 1000 + number))
    (api.folders.output / ".hidden.png").write_bytes(b"x")
    (api.folders.output / "program.exe").write_bytes(b"x")
    (api.folders.output / "out.png").symlink_to("/etc/hostname")
    found = FileList.model_validate(await api.ask("GET", "files/output"))
    assert [(file.name, file.size, file.modified) for file in found.files] == [
        ("c.png", 3, 1002.0),
        ("sub/b ü&=#.png", 2, 1001.0),
        ("a.png", 1, 1000.0),
    ]
    for file in found.files:
        async with api.client.get(file.url) as response:
            assert response.status == 200
            assert len(await response.read()) == file.size
    page = await api.ask("GET", "files/output?limit=1&offset=1")
    assert ([file["name"] for file in page["files"]], page["total"]) == (["sub/b ü&=#.png"], 3)
    assert (await api.ask("GET", "files/temp"))["files"] == []


async def test_files_are_listed_in_the_order_and_of_the_kind_that_is_asked_for(api: Api) -> None:
    for number, name in enumerate(["b.png", "A.png", "c.latent", "d.json", "e.webp"]):
        path = api.folders.output / name
        path.write_bytes(b"x")
        os.utime(path, (1000 + number, 1000 + number))

    async def told(query: str) -> list[str]:
        return [file["name"] for file in (await api.ask("GET", f"files/output?{query}"))["files"]]

    assert await told("order=oldest") == ["b.png", "A.png", "c.latent", "d.json", "e.webp"]
    assert await told("order=name&limit=3") == ["A.png", "b.png", "c.latent"]
    assert await told("media=image") == ["e.webp", "A.png", "b.png"]
    for query in ("order=size", "media=film", "search=" + "x" * 201, "limit=0", "page=1"):
        assert (await api.ask("GET", f"files/output?{query}", None, 400))["code"] == "bad_query"


async def test_files_are_found_by_their_name_and_by_the_words_that_drew_them(api: Api) -> None:
    for number, text in enumerate(["a red apple", "a green Apple", "a yellow star"]):
        prompt = json.dumps({"1": {"class_type": "Encode", "inputs": {"text": text, "seed": 90 + number}}})
        path = api.folders.output / f"picture_{number}.png"
        path.write_bytes(png_bytes(1, 1, 3, b"\0\0\0", {"prompt": prompt}))
        os.utime(path, (1000 + number, 1000 + number))

    async def found(search: str, more: str = "") -> tuple[list[str], int, int]:
        told = await api.ask("GET", f"files/output?search={quote(search)}{more}")
        return [file["name"] for file in told["files"]], told["total"], told["unread"]

    assert await found("APPLE") == (["picture_1.png", "picture_0.png"], 2, 0)
    assert await found("apple", "&limit=1&offset=1") == (["picture_0.png"], 2, 0)
    assert await found("apple red") == (["picture_0.png"], 1, 0)
    assert await found('"apple red"') == ([], 0, 0)
    assert await found("92") == (["picture_2.png"], 1, 0)
    assert await found("ture_2") == (["picture_2.png"], 1, 0)
    assert await found("  ") == (["picture_2.png", "picture_1.png", "picture_0.png"], 3, 0)


async def test_no_other_folder_is_listed(api: Api) -> None:
    for kind in ("user", "models", "..", "%2Fetc", "output%2F..%2Fuser"):
        refused = await api.ask("GET", f"files/{kind}", None, 404)
        assert refused["code"] in ("unknown_kind", "not_found")
        assert str(api.folders.user) not in refused["detail"]


async def test_embeddings_are_listed_with_their_number_of_vectors(api: Api) -> None:
    assert await api.ask("GET", "embeddings") == {"embeddings": []}
    folder = api.folders.models / "embeddings" / "art"
    folder.mkdir(parents=True)
    header = b'{"emb_params":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}'
    (folder / "ink.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    (folder / "old.pt").write_bytes(b"not read")
    found = await api.ask("GET", "embeddings")
    assert found == {"embeddings": [{"name": "art/ink", "vectors": 2}, {"name": "art/old", "vectors": None}]}
