"""A laboratory for the engine: nodes that note every call, a registry, a cache and everything that was said."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pytest

from graph.cache import Cache, DiskTier
from graph.check import check
from graph.events import Event
from graph.interface import Node
from graph.plan import Plan, plan
from graph.registry import Registry
from graph.results import Shown
from graph.run import Outcome, Run, run
from graph.spec import Optional, Range, node
from graph.steps import Workflow, from_api


class Thing:
    """A value that no codec can write, such as a model."""

    wire = "THING"

    def __init__(self, name: str) -> None:
        self.name = name


class Divided(NamedTuple):
    quotient: int
    remainder: int


class NumberCodec:
    """Numbers as text."""

    def pack(self, value: Any) -> bytes:
        return str(value).encode()

    def unpack(self, data: bytes) -> Any:
        return int(data)


class Laboratory:
    """Runs workflows over and over with one cache; `calls` counts the calls by node id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls: dict[str, int] = {}
        self.events: list[Event] = []
        self.registry = Registry()
        self.cache = Cache(memory_bytes=10_000_000)
        for each in self._basic_nodes():
            self.add(each)

    def add(self, each: Any) -> None:
        """Make a node known; its function's calls are for the function to count."""
        self.registry.add(each if isinstance(each, Node) else each.node)

    def note(self, name: str) -> None:
        """Count one call."""
        self.calls[name] = self.calls.get(name, 0) + 1

    def with_disk(self, memory: int = 0, budget: int = 10_000_000) -> None:
        """Start anew, as a new process would: nothing in memory, results on disk."""
        self.cache = Cache(memory, DiskTier(self.folder / "cache", budget, {"INT": NumberCodec()}))

    def plan(
        self, steps: object, targets: Collection[str] | None = None, services: Mapping[type, object] | None = None
    ) -> Plan:
        """Plan a workflow that must be without errors."""
        workflow = steps if isinstance(steps, Workflow) else from_api(steps)
        problems = [each for each in check(workflow, self.registry, {}, targets) if each.severity == "error"]
        assert problems == []
        return plan(workflow, self.registry, self.cache, services or {}, targets)

    def go(self, steps: object, targets: Collection[str] | None = None, **options: Any) -> Outcome:
        """Check, plan and run; what was said is in `events`."""
        self.events = []
        self.calls = {}
        planned = self.plan(steps, targets, options.get("services"))
        return run(planned, self.cache, emit=self.events.append, **options)

    def said(self, kind: type[Any]) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def _basic_nodes(self) -> list[Any]:
        return [*arithmetic(self), *things(self), *outputs(self)]


def arithmetic(lab: Laboratory) -> list[Any]:
    """Nodes on numbers."""

    @node("Number", category="test")
    def number(value: int = 0) -> int:
        """A number."""
        lab.note("Number")
        return value

    @node("Add", category="test")
    def add(left: int, right: Annotated[int, Range(-(10**9), 10**9)] = 1) -> int:
        """A sum."""
        lab.note("Add")
        return left + right

    @node("Divide", category="test")
    def divide(left: int, right: int = 1) -> Divided:
        """A quotient and a remainder."""
        lab.note("Divide")
        return Divided(*divmod(left, right))

    @node("Scale", category="test")
    def scale(value: int, factor: Annotated[int, Optional()] = 2) -> int:
        """A multiple."""
        lab.note("Scale")
        return value * factor

    return [number, add, divide, scale]


def things(lab: Laboratory) -> list[Any]:
    """Nodes on something that cannot be written."""

    @node("Load", category="test")
    def load(name: str = "model") -> Thing:
        """Something that cannot be written."""
        lab.note("Load")
        return Thing(name)

    @node("Use", category="test")
    def use(thing: Thing, amount: int = 1) -> int:
        """A number made with a thing."""
        lab.note("Use")
        return len(thing.name) * amount

    return [load, use]


def outputs(lab: Laboratory) -> list[Any]:
    """Nodes that are run for their own sake."""

    @node("Show", category="test", terminal=True)
    def show(value: Any) -> Shown:
        """Show a value."""
        lab.note("Show")
        return Shown(ui={"text": [str(value)]})

    @node("Save", category="test", terminal=True)
    def save(value: int, name: str = "number", *, run: Run) -> Shown:
        """Write a number into a file."""
        lab.note("Save")
        path = lab.folder / f"{name}.txt"
        path.write_text(str(value))
        return Shown(ui={"files": [path.name]}, files=(path,))

    return [show, save]


@pytest.fixture
def lab(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path)
