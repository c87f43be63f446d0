"""A house with packs: toy packs in the convention's style, loaded with what they import, on the real engine."""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
import torch

import nodes
from graph import events
from graph.cache import Cache
from graph.outcome import Outcome
from graph.plan import plan
from graph.registry import Registry
from graph.run import run
from graph.workflow import from_api
from nodes.codecs import size_of
from packs.compat.context import Context
from packs.compat.giving import Giver, given
from packs.compat.wires import CompatWires
from packs.convention.reader import class_reader
from packs.finding import find_packs
from packs.importing import PackImporter
from packs.loading import LoadedPacks, load_packs
from packs.report import PackChoice
from storage import Digests, Folders

LOAD = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny.safetensors"}}


@pytest.fixture(scope="session")
def builtin() -> Registry:
    return nodes.registry()


class PackHouse:
    """Packs are written into it, loaded, and their nodes run; it remembers what it heard."""

    def __init__(self, base: Path, models: Path, builtin: Registry) -> None:
        self.folders = replace(Folders.under(base), models=models)
        self.packs = base / "custom_nodes"
        self.packs.mkdir()
        self.services: dict[type, object] = {
            Folders: self.folders,
            Digests: Digests.in_user_folder(self.folders.user),
            torch.device: torch.device("cpu"),
        }
        self.registry = builtin
        self.context = Context(self.folders, lambda: self.registry, self.services, (self.packs,), "1.2")
        self.given: Giver = given(self.context)
        self.importer = PackImporter(self.given)
        self.heard: list[events.Event] = []
        self.stop = threading.Event()

    def load(self, sources: Mapping[str, str]) -> LoadedPacks:
        """Write packs and load them."""
        for name, source in sources.items():
            (self.packs / f"{name}.py").write_text(dedent(source), encoding="utf-8")
        loaded = load_packs(
            find_packs([self.packs], installed=()),
            PackChoice(seconds=120),
            self.registry,
            [class_reader(CompatWires())],
            self.importer,
        )
        self.registry = loaded.registry
        return loaded

    def module(self, source: str) -> ModuleType:
        """The module of a pack that has no nodes."""
        path = self.packs / "scratch.py"
        path.write_text(dedent(source), encoding="utf-8")
        self.importer.forget("scratch")
        return self.importer.load("scratch", path)

    def outcome(self, workflow: Mapping[str, Any], target: str) -> Outcome:
        """Run a workflow."""
        cache = Cache(2**28, None, size_of)
        planned = plan(from_api(dict(workflow)), self.registry, cache, self.services, (target,))
        return run(planned, cache, self.services, self.heard.append, self.stop)

    def values(self, workflow: Mapping[str, Any], target: str) -> tuple[Any, ...]:
        """Run a workflow that ends well; the values of a step."""
        outcome = self.outcome(workflow, target)
        assert outcome.status == "success", outcome.error
        return tuple(outcome.results[target])


@pytest.fixture
def house(tmp_path: Path, tiny_models: Path, builtin: Registry) -> Iterator[PackHouse]:
    before = list(sys.path)
    one = PackHouse(tmp_path, tiny_models, builtin)
    one.importer.open()
    yield one
    one.importer.close()
    sys.path[:] = before


def step(class_type: str, **inputs: object) -> dict[str, object]:
    return {"class_type": class_type, "inputs": inputs}


def picture_graph(**last: Any) -> dict[str, Any]:
    """A checkpoint, two prompts and an empty latent as steps 1 to 4."""
    return {
        "1": LOAD,
        "2": step("CLIPTextEncode", text="a (red:1.2) fox", clip=["1", 1]),
        "3": step("CLIPTextEncode", text="blue", clip=["1", 1]),
        "4": step("EmptyLatentImage", width=64, height=64, batch_size=1),
        **last,
    }


@pytest.fixture
def graph() -> Callable[..., dict[str, Any]]:
    return picture_graph


NODE = """
class Node:
    @classmethod
    def INPUT_TYPES(cls):
        return {{"required": {{{inputs}}}}}

    RETURN_TYPES = ({outputs},)
    FUNCTION = "go"
    CATEGORY = "toy"

    def go(self, {names}):
{body}

NODE_CLASS_MAPPINGS = {{"{id}": Node}}
"""


def toy(id: str, inputs: Mapping[str, str], outputs: str, body: str, before: str = "") -> str:
    """The source of a pack with one node. outputs: types, with commas between."""
    told = ", ".join(f'"{name}": ("{wire}",)' for name, wire in inputs.items())
    indented = "\n".join(f"        {line}" for line in dedent(body).strip().splitlines())
    returned = ", ".join(f'"{each.strip()}"' for each in outputs.split(","))
    return dedent(before) + NODE.format(id=id, inputs=told, outputs=returned, names=", ".join(inputs), body=indented)


@pytest.fixture
def toy_pack() -> Callable[..., str]:
    return toy
