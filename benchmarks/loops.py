"""What does one more turn cost of a loop that a workflow makes by expanding into itself, in time and in memory?

A loop of 5,000 turns, written twice: by native nodes, and in the class convention as a pair that opens and closes,
whose closing node copies what lies between into the graph it returns. Microseconds of processor time a turn come from
a loop over a number, from plan to outcome. For memory a tensor of 1 MiB goes round and is made anew in every turn, in a
process of its own: what the process grows by at its peak, and, in another run, what Python still holds a turn when
the last one ends, by its own accounting.
"""

import argparse
import gc
import json
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import psutil
import torch

from graph.cache import Cache
from graph.plan import plan
from graph.registry import Registry
from graph.results import Expand
from graph.run import Outcome, run
from graph.spec import node
from graph.steps import from_api
from nodes.codecs import size_of
from packs.compat.wires import CompatWires
from packs.convention.graph_builder import GraphBuilder, is_link
from packs.convention.reader import class_reader
from packs.finding import FoundPack

TURNS: Final = 5_000
NUMBERS: Final = 1 << 18
"""Of a tensor of 1 MiB."""
CACHE: Final = 16 << 20
"""Bytes of the memory tier: little beside the 5 GiB that go round."""
MICROSECONDS: Final = 300.0
BYTES: Final = 4096
PEAK: Final = 128.0


@node("Start", category="benchmark")
def start(tensor: bool = False) -> Any:
    """What goes round: a number, or a tensor."""
    return torch.zeros(NUMBERS) if tensor else 0


@node("Increase", category="benchmark")
def increase(value: Any) -> Any:
    """A new one, one higher."""
    return value + 1


@node("Repeat", category="benchmark")
def repeat(value: Any, turns: int) -> Any:
    """Expand into one turn and the rest of them."""
    if turns <= 0:
        return value
    return Expand(  # pyright: ignore[reportReturnType]
        {
            "body": {"class_type": "Increase", "inputs": {"value": value}},
            "rest": {"class_type": "Repeat", "inputs": {"value": ["body", 0], "turns": turns - 1}},
        },
        (["rest", 0],),
    )


class Open:
    """The beginning of a loop."""

    RETURN_TYPES = ("FLOW_CONTROL", "INT", "*")
    FUNCTION = "go"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """How many turns are left, and what goes round."""
        return {"required": {"turns": ("INT", {"default": 1}), "value": ("*",)}}

    def go(self, turns: int, value: object) -> tuple[object, ...]:
        """What goes round, for this turn."""
        return ("flow", turns, value)


class Close:
    """The end of a loop: it copies what lies between into a graph, as long as turns are left."""

    RETURN_TYPES = ("*",)
    FUNCTION = "go"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The beginning it belongs to, and what came out of this turn."""
        return {
            "required": {"flow": ("FLOW_CONTROL", {"rawLink": True}), "value": ("*",)},
            "hidden": {"graph": "DYNPROMPT", "me": "UNIQUE_ID"},
        }

    def go(self, flow: list[Any], value: object, graph: Any, me: str) -> Any:
        """The value, or a graph of the next turn."""
        opened = str(flow[0])
        left = graph.get_node(opened)["inputs"]["turns"] - 1
        if left <= 0:
            return (value,)
        inside = between(graph, opened, me)
        builder = GraphBuilder()
        copies = {name: builder.node(graph.get_node(name)["class_type"], name) for name in inside}
        for name, copy in copies.items():
            for key, given in graph.get_node(name)["inputs"].items():
                linked = copies.get(given[0]) if is_link(given) else None
                copy.set_input(key, given if linked is None else linked.out(given[1]))
        copies[opened].set_input("turns", left)
        copies[opened].set_input("value", value)
        return {"result": (copies[me].out(0),), "expand": builder.finalize()}


def between(graph: Any, opened: str, closed: str) -> list[str]:
    """The nodes on the way from the beginning of a loop to its end, walked upwards from the end."""
    found = {closed: False, opened: True}
    users: dict[str, list[str]] = {}
    stack = [closed]
    while stack:
        name = stack.pop()
        for given in graph.get_node(name)["inputs"].values():
            if is_link(given):
                users.setdefault(given[0], []).append(name)
                if given[0] not in found:
                    found[given[0]] = False
                    stack.append(given[0])
    stack = [opened]
    while stack:
        for user in users.get(stack.pop(), ()):
            if not found[user]:
                found[user] = True
                stack.append(user)
    return [name for name, inside in found.items() if inside]


def registry() -> Registry:
    """The nodes of both ways."""
    known = Registry([start.node, increase.node, repeat.node])
    pack = ModuleType("loops")
    vars(pack)["NODE_CLASS_MAPPINGS"] = {"Open": Open, "Close": Close}
    reading = class_reader(CompatWires())(pack, FoundPack("loops", "benchmarks/loops"))
    for each in () if reading is None else reading.nodes:
        known.add(each)
    return known


def native(turns: int, tensor: bool) -> Mapping[str, object]:
    """A loop that native nodes make."""
    return {
        "1": {"class_type": "Start", "inputs": {"tensor": tensor}},
        "2": {"class_type": "Repeat", "inputs": {"value": ["1", 0], "turns": turns}},
    }


def classes(turns: int, tensor: bool) -> Mapping[str, object]:
    """A loop that classes make."""
    return {
        "1": {"class_type": "Start", "inputs": {"tensor": tensor}},
        "3": {"class_type": "Open", "inputs": {"turns": turns, "value": ["1", 0]}},
        "4": {"class_type": "Increase", "inputs": {"value": ["3", 2]}},
        "2": {"class_type": "Close", "inputs": {"flow": ["3", 0], "value": ["4", 0]}},
    }


WAYS: Final[Mapping[str, Callable[[int, bool], Mapping[str, object]]]] = {"native nodes": native, "classes": classes}


def loop(way: str, turns: int, tensor: bool) -> Outcome:
    """Run one loop to its end, which must be the right one."""
    cache = Cache(CACHE, size_of=size_of)
    known = registry()
    outcome = run(plan(from_api(WAYS[way](turns, tensor)), known, cache, targets=("2",)), cache)
    if outcome.status != "success":
        raise SystemExit(f"the loop by {way} did not run as it should: {outcome.error}")
    (result,) = outcome.results["2"]
    found = float(result.flatten()[0]) if isinstance(result, torch.Tensor) else result
    if found != turns:
        raise SystemExit(f"the loop by {way} came to {found} and not to {turns}")
    return outcome


def microseconds(way: str) -> float:
    """Processor time a turn, the better of three."""
    loop(way, 100, False)  # pays for what Python sets up once
    times: list[float] = []
    for _ in range(3):
        gc.collect()
        started = time.process_time()
        loop(way, TURNS, False)
        times.append((time.process_time() - started) / TURNS * 1e6)
    return min(times)


def resident(way: str) -> float:
    """MiB that this process grows by at its peak."""
    loop(way, 100, True)
    gc.collect()
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")  # begins the peak anew (Linux)
    before = psutil.Process().memory_info().rss
    loop(way, TURNS, True)
    return (peak() - before) / (1 << 20)


def peak() -> int:
    """The most memory this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def traced(way: str) -> float:
    """Bytes of Python objects that a further turn leaves alive until the loop ends, its outcome among them."""
    held: list[int] = []
    for turns in (TURNS // 5, TURNS):
        loop(way, 100, True)
        gc.collect()
        tracemalloc.start()
        outcome = loop(way, turns, True)
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        del outcome
    return (held[1] - held[0]) / (TURNS - TURNS // 5)


MEASURES: Final[Mapping[str, Callable[[str], float]]] = {"resident": resident, "traced": traced}


def apart(measure: str, way: str) -> float:
    """One measurement in a process of its own."""
    words = [sys.executable, __file__, "--measure", measure, "--way", way]
    return float(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)


def say(question: str, value: float, unit: str, target: float, setting: str) -> None:
    """One result as `run_all.py` reads it."""
    met = value <= target
    line = {"question": question, "value": round(value, 2), "unit": unit, "target": f"at most {target:g}", "met": met}
    print(json.dumps({**line, "setting": setting}, ensure_ascii=False), flush=True)


def main() -> None:
    """Measure both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", choices=sorted(MEASURES), help="measure this alone and print the number")
    parser.add_argument("--way", choices=sorted(WAYS), default="classes")
    arguments = parser.parse_args()
    if arguments.measure:
        print(MEASURES[arguments.measure](arguments.way))
        return
    for way in WAYS:
        turns = f"{TURNS} turns, each by an expansion"
        say(f"A turn of a loop by {way}", microseconds(way), "µs", MICROSECONDS, f"{turns}; processor time")
        grown = apart("resident", way)
        say(f"Peak memory of a loop by {way}, 1 MiB going round", grown, "MiB", PEAK, turns)
        held = apart("traced", way)
        say(
            f"Memory a turn leaves until a loop by {way} ends", held, "bytes", BYTES, f"{turns}; Python objects at peak"
        )


if __name__ == "__main__":
    main()
