"""What a node returns: a tuple, what it shows, and blockers; what is odd about it is told in a sentence."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graph.events import NodeBlocked, NodeShown
from graph.results import Blocker
from tests.packs.convention.conftest import Bench, step, toy

Work = Callable[..., Any]
NOTHING: dict[str, Any] = {"required": {}}


@pytest.mark.parametrize(
    ("returned", "value"),
    [
        ((5,), 5),
        ([5], 5),
        ((5, "one too many"), 5),
        ({"result": (5,)}, 5),
        ({"ui": {"text": ["a"]}, "result": (5,)}, 5),
        ({"ui": {"text": ["a"]}}, None),
        (((5, 6),), (5, 6)),
        (([5, 6],), [5, 6]),
        (({"ui": 1},), {"ui": 1}),
    ],
)
def test_a_node_returns_a_tuple_or_what_it_shows_beside_one(bench: Bench, returned: Any, value: object) -> None:
    bench.add(Toy=toy(NOTHING, lambda self: returned))
    assert bench.value({"1": step("Toy")}, "1") == value


@pytest.mark.parametrize("returned", [None, (), {}, {"ui": {"text": ["a"]}}, {"ui": {}, "result": ()}])
def test_a_node_without_outputs_may_return_nothing(bench: Bench, returned: Any) -> None:
    bench.add(Toy=toy(NOTHING, lambda self: returned, (), OUTPUT_NODE=True))
    assert bench.go({"1": step("Toy")}).status == "success"


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (None, "it returned NoneType; a node returns a tuple with a value for each of its 1 outputs"),
        (5, "it returned int"),
        ("text", "it returned str"),
        ({"result": 5}, "it returned int"),
        ({"expand": [], "result": ()}, "'expand' is a graph as GraphBuilder.finalize() gives it, found list"),
        ({"expand": {"a": 5}, "result": ()}, "node a of 'expand' is a dictionary, found int"),
        ({"expand": {}, "result": 5}, "the 'result' beside 'expand' is a tuple"),
    ],
)
def test_what_is_no_result_ends_the_run_with_a_sentence(bench: Bench, returned: Any, sentence: str) -> None:
    bench.add(Toy=toy(NOTHING, lambda self: returned, OUTPUT_NODE=True))
    outcome = bench.go({"1": step("Toy")})
    assert outcome.error is not None
    assert (outcome.error.node, sentence in outcome.error.message) == ("1", True)


def test_an_output_that_the_node_left_out_keeps_only_its_followers_from_running(bench: Bench) -> None:
    bench.add(Toy=toy(NOTHING, lambda self: (5,), ("INT", "INT"), RETURN_NAMES=("one", "other")))
    outcome = bench.go({"1": step("Toy"), "2": step("Show", value=["1", 0]), "3": step("Show", value=["1", 1])})
    assert outcome.status == "success"
    assert outcome.outputs["2"].ui == {"text": ["5"]}
    assert "3" not in outcome.outputs
    [blocked] = bench.said(NodeBlocked)
    assert (blocked.node, blocked.message) == ("3", "nothing came out of other: the node returned 1 values")


def test_what_is_shown_is_json_and_is_shown_again_from_the_cache(bench: Bench) -> None:
    shown = {"text": ("a", 1), "odd": {1: {2}, "path": Bench}, "number": 1.5}
    bench.add(Toy=toy(NOTHING, lambda self: {"ui": shown, "result": (1,)}, OUTPUT_NODE=True))
    steps = {"1": step("Toy")}
    first = bench.go(steps)
    assert first.outputs["1"].ui == {"text": ["a", 1], "odd": {"1": [2], "path": str(Bench)}, "number": 1.5}
    second = bench.go(steps)
    assert (second.executed, second.outputs["1"].ui) == ((), first.outputs["1"].ui)
    [told] = bench.said(NodeShown)
    assert told.cached


def test_a_node_that_raises_ends_the_run_with_its_traceback(bench: Bench) -> None:
    def work(self: object) -> Any:
        raise ValueError("oh no")

    bench.add(Toy=toy(NOTHING, work, OUTPUT_NODE=True))
    outcome = bench.go({"1": step("Toy")})
    assert outcome.error is not None
    assert (outcome.error.exception_type, outcome.error.message) == ("ValueError", "oh no")
    assert any('raise ValueError("oh no")' in line for line in outcome.error.traceback)


BLOCKED: list[Any] = [
    Blocker(None),
    (Blocker(None),),
    {"result": (Blocker(None),)},
    {"result": Blocker(None)},
    {"expand": {}, "result": (Blocker(None),)},
    {"expand": {}, "result": Blocker(None)},
]


@pytest.mark.parametrize("returned", BLOCKED)
def test_a_blocker_without_a_message_keeps_followers_from_running_in_silence(bench: Bench, returned: Any) -> None:
    bench.add(Toy=toy(NOTHING, lambda self: returned))
    steps = {
        "1": step("Toy"),
        "2": step("Show", value=["1", 0]),
        "3": step("Source"),
        "4": step("Show", value=["3", 0]),
    }
    for _ in range(2):
        outcome = bench.go(steps)
        assert outcome.status == "success"
        assert "2" not in outcome.outputs
        assert outcome.outputs["4"].ui == {"text": ["0"]}
        assert bench.said(NodeBlocked) == []


@pytest.mark.parametrize("wrap", [lambda blocker: blocker, lambda blocker: (blocker,), lambda b: {"result": (b,)}])
def test_a_blocker_with_a_message_is_reported_by_the_first_it_stops(bench: Bench, wrap: Work) -> None:
    bench.add(
        Toy=toy(NOTHING, lambda self: wrap(Blocker("not today"))),
        Pass=toy({"required": {"x": ("INT",)}}, lambda self, x: (x,)),
    )
    steps = {"1": step("Toy"), "2": step("Pass", x=["1", 0]), "3": step("Show", value=["2", 0])}
    for _ in range(2):
        assert bench.go(steps).status == "success"
        [blocked] = bench.said(NodeBlocked)
        assert (blocked.node, blocked.message) == ("2", "not today")


def test_a_blocker_stops_the_items_it_stands_for_and_no_others(bench: Bench) -> None:
    bench.add(
        Odd=toy({"required": {"x": ("INT",)}}, lambda self, x: (x if x % 2 else Blocker(f"{x} is even"),)),
        Sum=toy({"required": {"x": ("INT",)}}, lambda self, x: (sum(x),), INPUT_IS_LIST=True),
        Double=toy({"required": {"x": ("INT",)}}, lambda self, x: (2 * x,)),
    )
    steps = {"1": step("Numbers", count=4), "2": step("Odd", x=["1", 0]), "3": step("Double", x=["2", 0])}
    outcome = bench.go(steps, ["3"])
    values = outcome.results["3"][0]
    assert isinstance(values, list)
    assert [each for each in values if not isinstance(each, Blocker)] == [2, 6]
    assert [each.message for each in bench.said(NodeBlocked)] == ["0 is even", "2 is even"]
    steps["4"] = step("Sum", x=["3", 0])
    assert isinstance(bench.value(steps, "4"), Blocker)


def test_an_output_that_is_a_list_may_be_anything_that_has_items(bench: Bench) -> None:
    def items() -> Iterator[int]:
        yield from (1, 2)

    for index, returned in enumerate(([1, 2], (1, 2), range(1, 3), items(), {1: "a", 2: "b"}.keys())):
        bench.add(**{f"Toy{index}": toy(NOTHING, lambda self, returned=returned: (returned,), OUTPUT_IS_LIST=(True,))})
        assert bench.value({"1": step(f"Toy{index}")}, "1") == [1, 2]


def test_an_output_that_is_a_list_and_is_given_none_is_told(bench: Bench) -> None:
    bench.add(Toy=toy(NOTHING, lambda self: (5,), OUTPUT_IS_LIST=(True,), OUTPUT_NODE=True))
    error = bench.go({"1": step("Toy")}).error
    assert error is not None
    assert "its output INT is a list, and it returned int" in error.message


class Marked:
    """Wires that mark what goes out and in."""

    def outward(self, value: object) -> object:
        return f"out {value}"

    def inward(self, value: object, type: str) -> object:
        return f"in {value} {type}"


def test_values_go_through_the_wires_both_ways_and_blockers_and_hidden_values_do_not(bench: Bench) -> None:
    bench.wires = Marked()
    bench.add(
        Toy=toy(
            {"required": {"x": ("STRING",)}, "hidden": {"me": "UNIQUE_ID"}},
            lambda self, x, me: (f"{x} {me}", Blocker("no")),
            ("THING", "THING"),
        ),
        Lists=toy(
            {"required": {"x": ("STRING",)}}, lambda self, x: (x,), ("A",), INPUT_IS_LIST=True, OUTPUT_IS_LIST=(True,)
        ),
    )
    outcome = bench.go({"7": step("Toy", x="a")}, ["7"])
    assert outcome.results["7"][0] == "in out a 7 THING"
    assert isinstance(outcome.results["7"][1], Blocker)
    assert bench.value({"7": step("Lists", x={"__value__": ["a", "b"]})}, "7") == ["in out a A", "in out b A"]
