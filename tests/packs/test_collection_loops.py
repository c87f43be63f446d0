"""Loops that packs make by expansion, thousands of turns long: they hold one turn's values and stop when asked."""

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import nodes
from graph.events import NodeFailed, NodeStarted
from tests.packs.collected import Collected, step

TURNS = 5_000

WITNESS = """
import sys
import weakref

import torch

alive = weakref.WeakSet()
seen = {"most": 0, "depths": set(), "turns": 0, "at": {}}


class Key:
    pass


class WitnessNext:
    '''A new tensor, one higher than the one that came.'''

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",)}}

    RETURN_TYPES = ("*",)
    FUNCTION = "go"

    def go(self, value):
        made = torch.zeros(16) if isinstance(value, int) else value + 1
        made.witness = Key()
        alive.add(made.witness)
        seen["most"] = max(seen["most"], len(alive))
        seen["turns"] += 1
        frame, depth = sys._getframe(), 0
        while frame is not None:
            frame, depth = frame.f_back, depth + 1
        seen["depths"].add(depth)
        act = seen["at"].get(seen["turns"])
        if act is not None:
            act()
        return (made,)


NODE_CLASS_MAPPINGS = {"WitnessNext": WitnessNext}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collected]:
    before = list(sys.path)
    base = tmp_path_factory.mktemp("loops")
    (base / "none").mkdir()
    one = Collected(base, base / "none", nodes.registry(), {"witness": WITNESS})
    yield one
    one.close()
    sys.path[:] = before


@pytest.fixture
def seen(house: Collected) -> dict[str, Any]:
    found = house.module("witness").seen
    found.update(most=0, depths=set(), turns=0, at={})
    house.cache.clear_memory()
    return found


def loop(turns: int) -> dict[str, Any]:
    return {
        "1": step("WitnessNext", value=0),
        "2": step("FlowForOpen", remaining=turns, value1=["1", 0]),
        "3": step("WitnessNext", value=["2", 2]),
        "4": step("FlowForClose", flow=["2", 0], value1=["3", 0]),
    }


def test_a_loop_of_5000_turns_holds_few_tensors_in_constant_stack(house: Collected, seen: dict[str, Any]) -> None:
    tensor, nothing = house.values(loop(TURNS), "4")
    assert (float(tensor[0]), nothing) == (TURNS, None)
    assert seen["turns"] == TURNS + 1
    assert seen["most"] <= 8
    assert len(seen["depths"]) == 1
    assert max(len(each.node) for each in house.said(NodeStarted)) < 200, "ids do not grow with the turns"
    assert house.go(loop(TURNS), "4").executed == ()


def test_a_stop_request_ends_a_loop_of_a_pack_at_once(house: Collected, seen: dict[str, Any]) -> None:
    stop = threading.Event()
    seen["at"] = {20: stop.set}
    outcome = house.go(loop(TURNS), "4", stop=stop)
    assert (outcome.status, seen["turns"]) == ("interrupted", 20)


def test_an_error_in_a_late_turn_is_told_at_the_nodes_that_were_drawn(house: Collected, seen: dict[str, Any]) -> None:
    def fail() -> None:
        raise ValueError("no more")

    seen["at"] = {50: fail}
    error = house.go(loop(TURNS), "4").error
    assert error is not None
    assert (error.display, error.class_type, error.message) == ("3", "WitnessNext", "no more")
    assert any("witness.py" in line for line in error.traceback)
    [failed] = house.said(NodeFailed)
    assert [each.split(" ")[0] for each in failed.inputs["value"]] == ["Tensor"]


def test_a_gate_that_closes_inside_a_loop_ends_it_quietly(house: Collected, seen: dict[str, Any]) -> None:
    steps = loop(30)
    steps["5"] = step("FlowNumbers", a=["2", 1], b=20, op="a==b")
    steps["6"] = step("FlowNumbers", a=["5", 0], b=0, op="a==b")
    steps["7"] = step("FlowGate", value=["3", 0], open=["6", 0])
    steps["4"]["inputs"]["value1"] = ["7", 0]
    steps["8"] = step("StringyShow", anything=["4", 0])
    outcome = house.go(steps)
    assert outcome.status == "success", outcome.error
    assert outcome.outputs == {}
    assert seen["turns"] == 1 + 30 - 20 + 1


def test_a_branch_inside_a_loop_runs_in_the_turns_that_want_it(house: Collected, seen: dict[str, Any]) -> None:
    steps = {
        "1": step("FlowForOpen", remaining=12, value1=1),
        "2": step("FlowNumbers", a=["1", 1], b=2, op="a%b"),
        "3": step("FlowNumbers", a=["1", 2], b=1, op="a+b"),
        "4": step("FlowNumbers", a=["1", 2], b=100, op="a+b"),
        "5": step("FlowIfElse", condition=["2", 0], on_true=["3", 0], on_false=["4", 0]),
        "6": step("FlowForClose", flow=["1", 0], value1=["5", 0]),
    }
    ran = house.module("Flow-Kit", ".flow.little").ran
    ran.clear()
    assert house.values(steps, "6")[0] == 1 + 6 + 600
    assert ran["a+b"] == 12 + 12, "one of both branches a turn, and the count of the loop"
