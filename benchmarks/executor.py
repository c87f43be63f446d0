"""What does the engine itself cost per node? Trivial nodes, wide and as one chain, at three sizes.

Prints one JSON line per shape and size: microseconds of processor time per node for a first run and for a re-run in
which everything is cached, each from a parsed workflow to the outcome (check, plan and run), and for the parts alone.
"""

import gc
import json
import time
from collections.abc import Callable
from typing import TypeVar

from graph.cache import Cache
from graph.check import check
from graph.plan import plan
from graph.registry import Registry
from graph.run import run
from graph.spec import node
from graph.steps import Workflow, from_api

Returned = TypeVar("Returned")


@node("Number", category="benchmark")
def number(value: int = 0) -> int:
    """A number."""
    return value


@node("Add", category="benchmark")
def add(left: int, right: int = 1) -> int:
    """The sum of two numbers."""
    return left + right


@node("Show", category="benchmark", terminal=True)
def show(value: int) -> None:
    """Take a number and do nothing with it."""


REGISTRY = Registry([number.node, add.node, show.node])


def chain(nodes: int) -> Workflow:
    """One number, then sums one after the other, then the end."""
    steps: dict[str, object] = {"0": {"class_type": "Number", "inputs": {"value": 0}}}
    for index in range(1, nodes - 1):
        steps[str(index)] = {"class_type": "Add", "inputs": {"left": [str(index - 1), 0], "right": index}}
    steps[str(nodes - 1)] = {"class_type": "Show", "inputs": {"value": [str(nodes - 2), 0]}}
    return from_api(steps)


def wide(nodes: int) -> Workflow:
    """Many branches of a number, a sum and an end side by side, all from one number."""
    steps: dict[str, object] = {"0": {"class_type": "Number", "inputs": {"value": 0}}}
    for index in range(1, nodes - 1, 2):
        steps[str(index)] = {"class_type": "Add", "inputs": {"left": ["0", 0], "right": index}}
        steps[str(index + 1)] = {"class_type": "Show", "inputs": {"value": [str(index), 0]}}
    return from_api(steps)


def timed(function: Callable[[], Returned], nodes: int) -> tuple[float, Returned]:
    """Microseconds of processor time per node, and the result."""
    started = time.process_time()
    result = function()
    return (time.process_time() - started) / nodes * 1e6, result


def measure(shape: str, workflow: Workflow) -> dict[str, object]:
    """All numbers for one workflow."""
    nodes = len(workflow.steps)
    cache = Cache(memory_bytes=1 << 30)
    answer: dict[str, object] = {"shape": shape, "nodes": nodes}
    for name in ("first", "cached"):
        gc.collect()
        checking, problems = timed(lambda: check(workflow, REGISTRY, {}), nodes)
        planning, planned = timed(lambda: plan(workflow, REGISTRY, cache), nodes)
        running, outcome = timed(lambda: run(planned, cache), nodes)  # noqa: B023 - called at once
        if problems or outcome.status != "success" or (name == "cached" and outcome.executed):
            raise SystemExit(f"{shape} with {nodes} nodes did not run as it should: {problems} {outcome.error}")
        answer[f"{name}_run_microseconds"] = round(checking + planning + running, 2)
        answer[f"{name}_parts"] = {
            "check": round(checking, 2), "plan": round(planning, 2), "run": round(running, 2)
        }  # fmt: skip
    return answer


TARGETS = {"first": 100.0, "cached": 20.0}
"""Microseconds a node."""


def main() -> None:
    """Measure every shape at every size."""
    measure("chain", chain(100))  # the first run pays for what Python sets up once
    for shape, make in (("chain", chain), ("wide", wide)):
        for nodes in (100, 1_000, 10_000):
            measured = measure(shape, make(nodes))
            for name, target in TARGETS.items():
                print(json.dumps(line(name, target, measured)))


def line(name: str, target: float, measured: dict[str, object]) -> dict[str, object]:
    """One result as `run_all.py` reads it, with all that was measured beside it."""
    value = measured[f"{name}_run_microseconds"]
    assert isinstance(value, float)
    return {
        "question": f"Overhead a node, {name} run of a {measured['shape']} graph of {measured['nodes']} nodes",
        "value": value,
        "unit": "µs",
        "target": f"at most {target:g}",
        "met": value <= target,
        "setting": "check, plan and run of trivial nodes, processor time",
        **measured,
    }


if __name__ == "__main__":
    main()
