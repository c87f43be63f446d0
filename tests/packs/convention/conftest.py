"""A bench for classes of the convention: read as a pack's are, checked, planned and run by the real engine."""

import json
from collections.abc import Callable, Collection, Mapping
from types import ModuleType
from typing import Any

import pytest

from graph.cache import Cache
from graph.check import check
from graph.describe import object_info
from graph.described import description, read_descriptions
from graph.events import Event
from graph.interface import Node
from graph.plan import plan
from graph.problems import Problem
from graph.registry import Registry
from graph.run import Outcome, run
from graph.steps import from_api
from packs.convention.reader import class_reader, schema_reader
from packs.convention.wires import PlainWires, Wires
from packs.finding import FoundPack
from packs.reading import Reading

PACK = FoundPack("toys", "custom_nodes/toys")


class Source:
    """Gives the value of its literal, of any type."""

    calls = 0

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"optional": {"value": ("INT", {"default": 0})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "give"
    CATEGORY = "toys"

    def give(self, value: int = 0) -> tuple[int]:
        Source.calls += 1
        return (value,)


class Numbers:
    """Gives a list."""

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"optional": {"count": ("INT", {"default": 3})}}

    RETURN_TYPES = ("INT",)
    OUTPUT_IS_LIST = (True,)
    FUNCTION = "give"

    def give(self, count: int = 3) -> tuple[list[int]]:
        return (list(range(count)),)


class Show:
    """Shows whatever comes."""

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"value": ("*",)}}

    RETURN_TYPES = ()
    OUTPUT_NODE = True
    FUNCTION = "show"

    def show(self, value: object) -> dict[str, Any]:
        return {"ui": {"text": [str(value)]}}


class Bench:
    """Runs workflows over and over with one cache in memory; every node is also told as data and read back."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.cache = Cache(memory_bytes=10_000_000)
        self.events: list[Event] = []
        self.wires: Wires = PlainWires()
        Source.calls = 0
        self.add(Source=Source, Numbers=Numbers, Show=Show)

    def read(self, **module: object) -> Reading | None:
        """Read what the module of a pack holds in the older convention."""
        return class_reader(self.wires)(_module(module), PACK)

    def read_entry(self, **module: object) -> Reading | None:
        """Read what the module of a pack holds in the newer convention."""
        return schema_reader(self.wires)(_module(module), PACK)

    def add(self, **classes: type) -> Node:
        """Make classes known; gives the node of the last."""
        reading = self.read(NODE_CLASS_MAPPINGS=classes)
        assert reading is not None
        assert reading.refused == ()
        for node in reading.nodes:
            self.registry.add(node)
            survives_json(node)
        return reading.nodes[-1]

    def check(self, steps: Mapping[str, object], targets: Collection[str] | None = None) -> tuple[Problem, ...]:
        """The problems of a workflow."""
        return check(from_api(steps), self.registry, {}, targets)

    def go(self, steps: Mapping[str, object], targets: Collection[str] | None = None, **options: Any) -> Outcome:
        """Check, plan and run; what was said is in `events`."""
        self.events = []
        problems = [each for each in self.check(steps, targets) if each.severity == "error"]
        assert problems == []
        planned = plan(from_api(steps), self.registry, self.cache, options.pop("services", {}), targets)
        services = options.pop("run_services", {})
        return run(planned, self.cache, services, emit=self.events.append, **options)

    def value(self, steps: Mapping[str, object], target: str, **options: Any) -> object:
        """The first output of a step, after a run that went well."""
        outcome = self.go(steps, [target], **options)
        assert outcome.error is None, outcome.error
        assert outcome.status == "success"
        return outcome.results[target][0]

    def said(self, kind: type[Any]) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def refusal(self, kind: type) -> str:
        """Why a class is refused."""
        reading = self.read(NODE_CLASS_MAPPINGS={"Bad": kind, "Source": Source})
        assert reading is not None
        assert [node.id for node in reading.nodes] == ["Source"]
        [refused] = reading.refused
        return refused.problem


def survives_json(node: Node) -> None:
    """Say that a node is the same to the editor after its description went through JSON."""
    told = json.dumps(description(node), allow_nan=False)
    read = read_descriptions([json.loads(told)]).registry.get(node.id)
    assert read is not None
    assert json.dumps(object_info(read, {}), allow_nan=False) == json.dumps(object_info(node, {}), allow_nan=False)


def _module(names: Mapping[str, object]) -> ModuleType:
    module = ModuleType("custom_nodes.toys")
    vars(module).update(names)
    return module


def toy(
    inputs: Mapping[str, Any] | Callable[[], Mapping[str, Any]],
    work: Callable[..., Any],
    returns: Any = ("INT",),
    **attributes: Any,
) -> type:
    """A class of the convention whose FUNCTION is `work(self, ...)`."""

    def input_types(cls: type) -> Mapping[str, Any]:
        return inputs() if callable(inputs) else inputs

    body = {"INPUT_TYPES": classmethod(input_types), "RETURN_TYPES": returns, "FUNCTION": "work", "work": work}
    return type("Toy", (), body | attributes)


def step(class_type: str, **inputs: object) -> dict[str, object]:
    """A step of a workflow."""
    return {"class_type": class_type, "inputs": inputs}


@pytest.fixture
def bench() -> Bench:
    return Bench()
