"""A real worker without a model library: small nodes to try what may happen to a worker, ready in a moment.

`python tests/runs/toy_worker.py [--memory-cache BYTES] [--output FOLDER] [--packs FOLDER] [--allow-routes PACK]` speaks
the words of `runs.words` on its standard streams, from any folder.
"""

import argparse
import asyncio
import base64
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from graph.cache import Cache
from graph.interface import Node
from graph.registry import Registry
from graph.results import Expand, Shown
from graph.spec import Optional, Range, Run, Seed, node
from graph.steps import Link

JPEG: Final = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8"
    "ybqmx5moq6T/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z"
)
"""A grey picture of 8 × 8 pixels."""


Number = Annotated[int, Optional()]
Seconds = Annotated[float, Optional()]


@dataclass(frozen=True)
class ToyPicture:
    """A preview as a worker understands it."""

    media_type: str
    data: bytes


@dataclass(frozen=True)
class Output:
    """Where nodes write."""

    folder: Path


@node("ToyValue", category="toy")
def toy_value(value: int, seed: Annotated[int, Range(0, 2**64 - 1), Seed(), Optional()] = 0) -> int:
    """A number; another seed makes it a new result."""
    return value


@node("ToyAdd", category="toy")
def toy_add(a: int, b: int) -> int:
    """A sum."""
    return a + b


@node("ToySleep", category="toy")
def toy_sleep(
    seconds: Seconds = 1.0, steps: Annotated[int, Range(1, 1_000_000), Optional()] = 10, value: Number = 0, *, run: Run
) -> int:
    """Sleep in steps, telling how far it is and looking whether it should stop."""
    for step in range(steps):
        run.check_stop()
        time.sleep(seconds / steps)
        run.progress(step + 1, steps)
    return value


@node("ToyShow", category="toy", terminal=True)
def toy_show(value: Any) -> Shown:
    """Show a value as text."""
    return Shown(ui={"text": [str(value)]})


@node("ToyFail", category="toy")
def toy_fail(message: Annotated[str, Optional()] = "as asked", value: Number = 0) -> int:
    """Fail with a message."""
    raise ValueError(message)


@node("ToyDie", category="toy")
def toy_die(
    how: Annotated[Literal["exit", "kill", "segv", "freeze"], Optional()] = "exit",
    once: Annotated[str, Optional()] = "",
    value: Number = 0,
    *,
    run: Run,
) -> int:
    """End or freeze the whole process.

    once: a file in the output folder; made before dying, and where it is there already, nothing dies.
    """
    if once:
        marker = run.service(Output).folder / once
        if marker.exists():
            return value
        marker.touch()
    sys.stderr.write(f"dying by {how}\n")
    sys.stderr.flush()
    if how == "exit":
        os._exit(7)
    signals = {"kill": signal.SIGKILL, "segv": signal.SIGSEGV, "freeze": signal.SIGSTOP}
    os.kill(os.getpid(), signals[how])
    time.sleep(60)
    return value


@node("ToyPreview", category="toy")
def toy_preview(
    count: Annotated[int, Range(0, 1_000_000), Optional()] = 3, seconds: Seconds = 0.0, value: Number = 0, *, run: Run
) -> int:
    """Show small pictures on the way, with `seconds` between them."""
    for step in range(count):
        run.check_stop()
        run.preview(ToyPicture("image/jpeg", JPEG))
        run.progress(step + 1, count)
        if seconds:
            time.sleep(seconds)
    return value


@node("ToyChatter", category="toy")
def toy_chatter(count: Annotated[int, Range(0, 10_000_000), Optional()] = 1000, value: Number = 0, *, run: Run) -> int:
    """Tell of progress as fast as it can."""
    for step in range(count):
        run.progress(step + 1, count)
    return value


@node("ToySay", category="toy")
def toy_say(
    text: str, seconds: Seconds = 0.0, count: Annotated[int, Range(1, 1000), Optional()] = 1, *, run: Run
) -> int:
    """Say something, again and again with its number."""
    for step in range(count):
        run.check_stop()
        run.text(f"{text} {step + 1}")
        time.sleep(seconds / count)
    return count


@node("ToyPrint", category="toy")
def toy_print(text: Annotated[str, Optional()] = "hello", value: Number = 0) -> int:
    """Write to standard output in all ways there are."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    os.write(1, b"straight to the descriptor\n")
    return value


@node("ToyWrite", category="toy", terminal=True)
def toy_write(name: str, value: Number = 0, *, run: Run) -> Shown:
    """Append a line to a file, so that it can be counted how often this ran."""
    path = run.service(Output).folder / name
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{value}\n")
    return Shown(ui={"files": [path.name]}, files=(path,))


@node("ToyGrow", category="toy")
def toy_grow(megabytes: Annotated[int, Range(0, 10_000), Optional()] = 100, value: Number = 0) -> int:
    """Hold memory for a moment and give it back."""
    held = bytearray(megabytes * 2**20)
    for at in range(0, len(held), 4096):
        held[at] = 1
    return value


@node("ToyExpand", category="toy")
def toy_expand(count: Annotated[int, Range(1, 10_000), Optional()] = 3, value: Number = 0) -> int | Expand:
    """Add 1 so many times, each in a node of its own."""
    steps: dict[str, Mapping[str, object]] = {}
    for number in range(count):
        before: object = Link(str(number - 1), 0) if number else value
        steps[str(number)] = {"class_type": "ToyAdd", "inputs": {"a": before, "b": 1}}
    return Expand(steps, (Link(str(count - 1), 0),))


def refuse_13(literals: Mapping[str, object], linked: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
    """Any number but one is fine."""
    if literals.get("value") == 13:
        yield "value", "13 brings bad luck"


@node("ToyChecked", category="toy", validate=refuse_13)
def toy_checked(value: Number = 0) -> int:
    """A number that only the node's own code can judge."""
    return value


@node("ToyAsync", category="toy")
async def toy_async(seconds: Seconds = 0.1, value: Number = 0, *, run: Run) -> int:
    """Wait beside the loop."""
    await asyncio.sleep(seconds)
    run.progress(1, 1)
    return value


def toy_nodes() -> Registry:
    """All of them."""
    functions = (
        toy_value, toy_add, toy_sleep, toy_show, toy_fail, toy_die, toy_preview, toy_chatter, toy_print, toy_write,
        toy_grow, toy_expand, toy_checked, toy_async, toy_say,
    )  # fmt: skip
    nodes: list[Node] = [each.node for each in functions]
    return Registry(nodes)


def main() -> None:
    """Work until the line ends."""
    from runs.worker import Reloaded, Workshop, standard_streams, work
    from runs.worker_loading import SignsOfLife

    incoming, outgoing = standard_streams()
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory-cache", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path())
    parser.add_argument("--packs", type=Path)
    parser.add_argument("--allow-routes", action="append", default=[])
    parser.add_argument("--pack-seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    packs = None
    if arguments.packs is not None:
        from tests.runs.toy_packs import ToyPacks

        packs = ToyPacks(arguments.packs, frozenset(arguments.allow_routes), arguments.pack_seconds, toy_nodes())
    with SignsOfLife(outgoing, 0.05) as signs:
        first = Reloaded(toy_nodes()) if packs is None else packs.load(signs.loads)
    workshop = Workshop(
        registry=first.registry,
        packs=first.packs,
        webs=first.webs,
        routes=first.routes,
        reload=None if packs is None else packs.reload,
        catalogues={},
        cache=Cache(arguments.memory_cache),
        services={Output: Output(arguments.output)},
        device=toy_device,
        versions={"toy": "1"},
        devices=0,
        empty_device_cache=lambda: None,
    )
    work(workshop, incoming, outgoing)


def toy_device() -> Mapping[str, object]:
    """No accelerator, said in the words of one."""
    return {
        "name": "toy", "type": "cpu", "index": None, "vram_total": 0, "vram_free": 0, "torch_vram_total": 0,
        "torch_vram_free": 0,
    }  # fmt: skip


if __name__ == "__main__":
    main()
