"""Classes of the newer convention, made for tests."""

import asyncio
from typing import Any

from graph.interface import Node
from packs.convention.words import io
from tests.packs.convention.conftest import Bench, survives_json


def made(schema: Any, work: Any = lambda cls, **given: io.NodeOutput(0), **methods: Any) -> type[io.ComfyNode]:
    """A class with this schema, whose `execute` is `work(cls, ...)`."""
    body = {"define_schema": lambda cls: schema() if callable(schema) else schema, "execute": work} | methods
    return type("Made", (io.ComfyNode,), {name: classmethod(method) for name, method in body.items()})


def extension(*kinds: Any) -> Any:
    class Extension(io.ComfyExtension):
        loaded = 0

        async def on_load(self) -> None:
            Extension.loaded += 1

        async def get_node_list(self) -> list[Any]:
            await asyncio.sleep(0)
            assert Extension.loaded == 1
            return list(kinds)

    async def comfy_entrypoint() -> Extension:
        await asyncio.sleep(0)
        return Extension()

    return comfy_entrypoint


def add(bench: Bench, *kinds: type[io.ComfyNode]) -> Node:
    """Make nodes of an extension known; gives the last."""
    reading = bench.read_entry(comfy_entrypoint=extension(*kinds))
    assert reading is not None
    assert (reading.refused, reading.convention) == ((), "schema")
    for node in reading.nodes:
        bench.registry.add(node)
        survives_json(node)
    return reading.nodes[-1]


def schema(node_id: str = "Toy", inputs: Any = (), outputs: Any = None, **further: Any) -> io.Schema:
    return io.Schema(
        node_id, inputs=list(inputs), outputs=[io.Int.Output()] if outputs is None else list(outputs), **further
    )
