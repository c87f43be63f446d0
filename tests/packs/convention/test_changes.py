"""IS_CHANGED joins what a result is known by; one instance of a class serves one node of a graph, run after run."""

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packs.convention.conftest import Bench, step, toy

TWO: dict[str, Any] = {"required": {"a": ("INT",)}, "optional": {"b": ("INT",)}}


def runs(bench: Bench, changed: Callable[..., Any] | None, times: int = 3) -> int:
    """How often a node runs that is asked for several times."""
    calls: list[int] = []

    def work(self: object, **given: object) -> tuple[int]:
        calls.append(1)
        return (0,)

    attributes = {} if changed is None else {"IS_CHANGED": changed}
    bench.add(Toy=toy(TWO, work, **attributes))
    for _ in range(times):
        bench.value({"1": step("Toy", a=1, b=["2", 0]), "2": step("Source")}, "1")
    return len(calls)


class Fresh:
    """Equals nothing else."""


SAME: list[Any] = [None, "", True, 5, 1.5, "text", b"digest", [1, "a"], {"a": (1, 2)}, {1, 2}, math.inf, Path("a")]
NEVER: list[Any] = [math.nan, float("nan"), [math.nan], {"deep": {"deeper": math.nan}}]


@pytest.mark.parametrize("answer", SAME, ids=repr)
def test_a_node_whose_answer_is_the_same_does_not_run_again(bench: Bench, answer: object) -> None:
    assert runs(bench, classmethod(lambda cls, **given: answer)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", NEVER, ids=repr)
def test_nan_never_equals_itself_so_the_node_always_runs(bench: Bench, answer: object) -> None:
    assert runs(bench, classmethod(lambda cls, **given: answer)) == 3  # type: ignore[arg-type]


def test_an_answer_that_equals_no_other_counts_as_changed(bench: Bench) -> None:
    assert runs(bench, classmethod(lambda cls, **given: Fresh())) == 3  # type: ignore[arg-type]
    assert runs(Bench(), classmethod(lambda cls, **given: hashlib.sha256())) == 3  # type: ignore[arg-type]


def test_an_exception_counts_as_changed(bench: Bench) -> None:
    assert runs(bench, classmethod(lambda cls, **given: 1 / 0)) == 3  # type: ignore[arg-type]


def test_another_answer_runs_the_node_again_and_an_old_one_finds_its_result(bench: Bench) -> None:
    answers = iter(["a", "b", "a", "b"])
    assert runs(bench, classmethod(lambda cls, **given: next(answers)), times=4) == 2  # type: ignore[arg-type]


def test_answers_that_look_alike_are_told_apart(bench: Bench) -> None:
    answers: list[Any] = [1, 1.0, True, "1", b"1", ["1"], ("1", "1"), {"1": 1}, {1: 1}, {1}, None, "", Path("1")]
    left = iter(answers)
    changed = classmethod(lambda cls, **given: next(left))
    assert runs(bench, changed, times=len(answers)) == len(answers)  # type: ignore[arg-type]


def test_asynchronous_answers_are_waited_for(bench: Bench) -> None:
    async def changed(cls: type, **given: object) -> str:
        return "the same"

    assert runs(bench, classmethod(changed)) == 1  # type: ignore[arg-type]


def test_constants_are_given_and_none_for_links(bench: Bench) -> None:
    seen: list[dict[str, object]] = []

    def changed(cls: type, **given: object) -> int:
        seen.append(given)
        return 0

    runs(bench, classmethod(changed), times=1)  # type: ignore[arg-type]
    assert seen == [{"a": 1, "b": None}]


@pytest.mark.parametrize(
    "changed",
    [
        classmethod(lambda cls, a: a),
        staticmethod(lambda a: a),
        classmethod(lambda cls, a, missing: missing),
        classmethod(lambda cls: "nothing"),
        lambda self, a: a,
    ],
    ids=["classmethod", "staticmethod", "a name that is not there", "no name at all", "no decorator"],
)
def test_it_is_asked_with_what_it_can_take(bench: Bench, changed: Any) -> None:
    assert runs(bench, changed) == 1


def test_where_all_inputs_are_lists_the_constants_are_too(bench: Bench) -> None:
    seen: list[object] = []

    def changed(cls: type, a: list[int]) -> int:
        seen.append(a)
        return 0

    bench.add(Toy=toy(TWO, lambda self, a, b=None: (0,), INPUT_IS_LIST=True, IS_CHANGED=classmethod(changed)))
    bench.value({"1": step("Toy", a=1)}, "1")
    assert seen == [[1]]


def test_a_changed_node_runs_those_that_follow_it_again(bench: Bench) -> None:
    bench.add(
        Dice=toy({"required": {}}, lambda self: (4,), IS_CHANGED=classmethod(lambda cls: math.nan)),
    )
    steps = {
        "1": step("Dice"),
        "2": step("Show", value=["1", 0]),
        "3": step("Source"),
        "4": step("Show", value=["3", 0]),
    }
    bench.go(steps)
    assert bench.go(steps).executed == ("1", "2")


class Counting:
    """Counts on itself."""

    made = 0

    def __init__(self) -> None:
        Counting.made += 1
        self.count = 0

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"a": ("INT",)}}

    @classmethod
    def IS_CHANGED(cls, a: int) -> float:
        return math.nan

    RETURN_TYPES = ("INT",)
    FUNCTION = "work"

    def work(self, a: int) -> tuple[int]:
        self.count += 1
        return (self.count,)


def test_one_instance_serves_one_node_across_runs(bench: Bench) -> None:
    Counting.made = 0
    bench.add(Counting=Counting)
    steps = {"1": step("Counting", a=0), "2": step("Counting", a=0)}
    for expected in (1, 2, 3):
        assert bench.go(steps, ["1", "2"]).results == {"1": (expected,), "2": (expected,)}
    assert Counting.made == 2


def test_one_instance_serves_all_items_of_a_list(bench: Bench) -> None:
    bench.add(Counting=Counting)
    assert bench.value({"1": step("Numbers", count=3), "2": step("Counting", a=["1", 0])}, "2") == [1, 2, 3]


def test_a_class_that_cannot_be_made_ends_the_run_at_its_node(bench: Bench) -> None:
    def broken(self: object) -> None:
        raise OSError("no weights")

    bench.add(Toy=toy({"required": {}}, lambda self: (0,), __init__=broken))
    outcome = bench.go({"1": step("Toy")}, ["1"])
    assert outcome.error is not None
    assert (outcome.error.node, outcome.error.message) == ("1", "no weights")


def test_equal_nodes_share_a_result_unless_they_say_that_they_do_not(bench: Bench) -> None:
    calls: list[str] = []
    bench.add(
        Same=toy({"required": {}}, lambda self: (calls.append("same"),)),
        Own=toy({"required": {}}, lambda self: (calls.append("own"),), NOT_IDEMPOTENT=True),
        Named=toy({"hidden": {"me": "UNIQUE_ID"}}, lambda self, me: (calls.append("named"),)),
    )
    steps = {f"{name}{index}": step(name) for name in ("Same", "Own", "Named") for index in range(2)}
    bench.go(steps, list(steps))
    assert sorted(calls) == ["named", "named", "own", "own", "same"]
