"""A desk with real worker processes that know small nodes, and what is needed to watch it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from graph.interface import ABSENT
from runs.crew import Staffing
from runs.desk import Desk
from runs.records import ENDED, Message, Record, Submission, Told
from tests.runs.toy_worker import toy_nodes

TOY_WORKER = Path(__file__).with_name("toy_worker.py")
SECONDS = 60.0
"""How long anything may take before a test gives up."""

NODES = toy_nodes()

OpenDesk = Callable[..., Any]


@asynccontextmanager
async def opened(folder: Path, *, devices: tuple[str, ...] = ("toy",), **bounds: Any) -> AsyncIterator[Desk]:
    hang_seconds = bounds.pop("hang_seconds", 60.0)
    memory_cache = bounds.pop("memory_cache", 0)
    more: list[str] = bounds.pop("options", [])
    command = [sys.executable, str(TOY_WORKER), f"--output={folder}", f"--memory-cache={memory_cache}", *more]
    staffing = Staffing(
        command=lambda device: command,
        devices=devices,
        line=lambda line: None,
        hang_seconds=hang_seconds,
    )
    desk = await Desk.open(folder / "runs.sqlite", staffing, **bounds)
    try:
        yield desk
    finally:
        await desk.close()


def steps(**nodes: tuple[str, Mapping[str, object]]) -> dict[str, object]:
    """A workflow of `id=(class, inputs)`; what an input usually is needs not be said."""
    return {step: {"class_type": kind, "inputs": usual(kind) | dict(inputs)} for step, (kind, inputs) in nodes.items()}


def usual(kind: str) -> dict[str, object]:
    """The defaults of a node's required inputs."""
    node = NODES.get(kind)
    assert node is not None
    return {each.name: each.default for each in node.inputs if each.default is not ABSENT}


def shows(value: int = 1, **before: tuple[str, Mapping[str, object]]) -> dict[str, object]:
    """A workflow that shows a number at step `9`."""
    return {"9": {"class_type": "ToyShow", "inputs": {"value": ["1", 0]}}} | steps(
        **{"1": ("ToyValue", {"value": value})} | before
    )


def through(kind: str, **inputs: object) -> dict[str, object]:
    """A workflow that shows what one node made."""
    return steps(**{"1": (kind, inputs), "9": ("ToyShow", {"value": ["1", 0]})})


def submission(workflow: Mapping[str, object], **more: Any) -> Submission:
    targets = [name for name, step in workflow.items() if step["class_type"] in ("ToyShow", "ToyWrite")]  # type: ignore[index]
    return Submission(workflow, tuple(targets), **more)


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(SECONDS):
        while True:
            found = holds()
            if found is True or (not isinstance(found, bool) and await found):
                return
            await asyncio.sleep(0.005)


async def ended(desk: Desk, id: str) -> Record:
    """The record of a run once it has ended."""
    async with asyncio.timeout(SECONDS):
        while True:
            record = await desk.record(id)
            assert record is not None
            if record.state in ENDED:
                return record
            await asyncio.sleep(0.005)


def heard(desk: Desk) -> list[Told]:
    """Everything that is told from now on."""
    told: list[Told] = []
    desk.listen(told.append)
    return told


def types(told: list[Told]) -> list[str]:
    return [each.type for each in told if isinstance(each, Message)]
