"""The laws of expansion: a node may return a graph, which then runs in its place, as deep as it likes."""

import sys
import weakref
from typing import Annotated, Any

import pytest

from graph import events
from graph.cache import Cache
from graph.events import NodeStarted
from graph.results import Blocker, Expand
from graph.run import Run
from graph.spec import RawLink, node
from graph.steps import Link


def equip(lab: Any) -> None:
    @node("Twice", category="test")
    def twice(value: int) -> int:
        """Double by a graph of two steps."""
        lab.note("Twice")
        return Expand(  # pyright: ignore[reportReturnType]
            {
                "copy": {"class_type": "Number", "inputs": {"value": value}},
                "sum": {"class_type": "Add", "inputs": {"left": ["copy", 0], "right": value}},
            },
            (["sum", 0],),
        )

    @node("CountTo", category="test")
    def count_to(stop: int, value: int = 0) -> int:
        """Count up by expanding into one more of itself."""
        lab.note("CountTo")
        if value >= stop:
            return value
        return Expand(  # pyright: ignore[reportReturnType]
            {
                "step": {"class_type": "Add", "inputs": {"left": value, "right": 1}},
                "next": {"class_type": "CountTo", "inputs": {"stop": stop, "value": ["step", 0]}},
            },
            (Link("next", 0),),
        )

    lab.add(twice)
    lab.add(count_to)


def expanding(lab: Any, steps: dict[str, Any], result: tuple[object, ...]) -> None:
    """Make a node `Grow` that takes a value and expands into these steps."""

    @node("Grow", category="test")
    def grow(value: Annotated[int, RawLink()] = 0) -> int:
        """Expand."""
        return Expand(steps, result)  # pyright: ignore[reportReturnType]

    lab.add(grow)


GROW: dict[str, Any] = {
    "1": {"class_type": "Number", "inputs": {"value": 4}},
    "2": {"class_type": "Grow", "inputs": {"value": ["1", 0]}},
    "3": {"class_type": "Add", "inputs": {"left": ["2", 0], "right": 1}},
    "4": {"class_type": "Show", "inputs": {"value": ["3", 0]}},
}


def test_a_graph_runs_in_the_place_of_the_node_that_returned_it(lab: Any) -> None:
    equip(lab)
    steps = {
        "1": {"class_type": "Twice", "inputs": {"value": 21}},
        "2": {"class_type": "Show", "inputs": {"value": ["1", 0]}},
    }
    assert lab.go(steps).outputs["2"].ui == {"text": ["42"]}


def test_steps_of_an_expansion_are_told_under_the_step_that_was_drawn(lab: Any) -> None:
    equip(lab)
    lab.go({"1": {"class_type": "Twice", "inputs": {"value": 21}}}, targets=["1"])
    inner = [event for event in lab.said(NodeStarted) if event.parent is not None]
    assert {event.node for event in inner} == {"1.0.copy", "1.0.sum"}
    assert {(event.display, event.parent) for event in inner} == {("1", "1")}


def test_a_step_of_an_expansion_can_be_shown_at_another_drawn_step(lab: Any) -> None:
    steps = {
        "a": {"class_type": "Add", "inputs": {"left": 1, "right": 2}, "override_display_id": "3"},
        "b": {"class_type": "Add", "inputs": {"left": ["a", 0], "right": 2}, "override_display_id": "nowhere"},
    }
    expanding(lab, steps, (["b", 0],))
    lab.go(GROW)
    shown = {event.node: event.display for event in lab.said(NodeStarted) if event.parent is not None}
    assert shown == {"2.0.a": "3", "2.0.b": "2"}


def test_an_expanded_node_is_cached_by_its_content(lab: Any) -> None:
    equip(lab)
    steps = {"1": {"class_type": "Twice", "inputs": {"value": 21}}}
    lab.go(steps, targets=["1"])
    again = lab.go(steps, targets=["1"])
    assert (again.executed, again.results) == ((), {"1": (42,)})


def test_expansions_are_made_for_every_item_of_a_list(lab: Any) -> None:
    equip(lab)

    @node("List", category="test")
    def numbers(stop: int = 3) -> list[int]:
        """Numbers."""
        return list(range(stop))

    lab.add(numbers)
    steps = {
        "1": {"class_type": "List", "inputs": {"stop": 4}},
        "2": {"class_type": "Twice", "inputs": {"value": ["1", 0]}},
    }
    assert lab.go(steps, targets=["2"]).results == {"2": ([0, 2, 4, 6],)}


def test_a_loop_of_thousands_of_expansions_runs_in_constant_stack(lab: Any) -> None:
    equip(lab)
    outcome = lab.go({"1": {"class_type": "CountTo", "inputs": {"stop": 2000, "value": 0}}}, targets=["1"])
    assert outcome.results == {"1": (2000,)}
    assert lab.calls["CountTo"] == 2001
    assert max(len(step_id) for step_id in outcome.executed) < 200


def test_a_longer_loop_finds_the_shorter_ones_steps_in_the_cache(lab: Any) -> None:
    equip(lab)
    lab.go({"1": {"class_type": "CountTo", "inputs": {"stop": 50, "value": 0}}}, targets=["1"])
    lab.go({"1": {"class_type": "CountTo", "inputs": {"stop": 51, "value": 0}}}, targets=["1"])
    assert lab.calls["Add"] == 1


def test_the_work_of_a_loop_grows_with_its_length_only(lab: Any) -> None:
    equip(lab)
    calls: list[int] = []
    for stop in (50, 200):
        seen = [0]

        def count(frame: object, event: str, argument: object, seen: list[int] = seen) -> None:
            seen[0] += 1

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            lab.go({"1": {"class_type": "CountTo", "inputs": {"stop": stop, "value": -stop}}}, targets=["1"])
        finally:
            sys.setprofile(before)
        calls.append(seen[0])
    assert calls[1] < 4.5 * calls[0]


def test_an_expansion_may_link_to_steps_outside(lab: Any) -> None:
    expanding(lab, {"a": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": 100}}}, (["a", 0],))
    outcome = lab.go(GROW)
    assert outcome.outputs["4"].ui == {"text": ["105"]}
    assert "1" in outcome.executed


def test_an_expansion_may_return_a_step_outside_or_a_plain_value(lab: Any) -> None:
    expanding(lab, {}, (["1", 0],))
    assert lab.go(GROW).outputs["4"].ui == {"text": ["5"]}


def test_a_pair_that_names_no_step_is_a_value(lab: Any) -> None:
    expanding(lab, {}, (["nowhere", 0],))
    outcome = lab.go(GROW, targets=["2"])
    assert outcome.results == {"2": (["nowhere", 0],)}


def test_a_terminal_step_inside_an_expansion_runs_and_shows(lab: Any) -> None:
    expanding(
        lab,
        {
            "a": {"class_type": "Number", "inputs": {"value": 7}},
            "b": {"class_type": "Show", "inputs": {"value": ["a", 0]}},
        },
        (1,),
    )
    outcome = lab.go(GROW)
    assert outcome.outputs["2.0.b"].ui == {"text": ["7"]}
    assert outcome.outputs["2.0.b"].display == "2"


def test_an_error_inside_an_expansion_names_the_drawn_step(lab: Any) -> None:
    @node("Fail", category="test")
    def fail(value: int = 0) -> int:
        """Fail."""
        raise ValueError("inside")

    lab.add(fail)
    expanding(lab, {"a": {"class_type": "Fail", "inputs": {"value": 1}}}, (["a", 0],))
    error = lab.go(GROW).error
    assert (error.node, error.display, error.class_type, error.message) == ("2.0.a", "2", "Fail", "inside")


def test_a_step_of_an_expansion_that_needs_the_expanding_step_is_an_error_there(lab: Any) -> None:
    expanding(lab, {"a": {"class_type": "Add", "inputs": {"left": ["2", 0], "right": 1}}}, (["a", 0],))
    error = lab.go(GROW).error
    assert (error.node, error.exception_type) == ("2", "CycleError")
    assert "needs its own result" in error.message


def test_a_step_of_an_expansion_that_needs_a_follower_is_an_error_there(lab: Any) -> None:
    expanding(lab, {"a": {"class_type": "Add", "inputs": {"left": ["3", 0], "right": 1}}}, (["a", 0],))
    assert lab.go(GROW).error.node == "2"


def test_a_ring_inside_an_expansion_is_an_error_at_the_expanding_step(lab: Any) -> None:
    ring = {
        "a": {"class_type": "Add", "inputs": {"left": ["b", 0], "right": 1}},
        "b": {"class_type": "Add", "inputs": {"left": ["a", 0], "right": 1}},
    }
    expanding(lab, ring, (["a", 0],))
    error = lab.go(GROW).error
    assert (error.node, error.exception_type) == ("2", "CycleError")


@pytest.mark.parametrize(
    ("steps", "result", "message"),
    [
        ({"a": {"class_type": "Nothing", "inputs": {}}}, (["a", 0],), "names the node 'Nothing', which does not exist"),
        ({"a": {"class_type": "Add", "inputs": {"left": ["z", 0]}}}, (["a", 0],), "step z, which does not exist"),
        ({"a": 5}, (["a", 0],), "is an object with class_type and inputs"),
        ({"a": {"inputs": {}}}, (["a", 0],), "has no class_type"),
        ({}, (Link("z", 0),), "step z, which does not exist"),
        ({}, (), "returned 0 values for 1 outputs"),
        ({"a": {"class_type": "Number", "inputs": {"value": 1}}}, (["a", 5],), "linked to output 5"),
        ({"a": {"class_type": "Number", "inputs": {"value": "x"}}}, (["a", 0],), "invalid literal for int"),
    ],
)
def test_a_graph_that_is_none_is_an_error_that_says_what_is_wrong(
    lab: Any, steps: dict[str, Any], result: tuple[object, ...], message: str
) -> None:
    expanding(lab, steps, result)
    error = lab.go(GROW).error
    assert error.display == "2"
    assert message in error.message


def test_an_expansion_may_hold_any_value_as_a_literal(lab: Any) -> None:
    thing = object()
    seen: list[object] = []

    @node("Take", category="test")
    def take(value: Any = None) -> int:
        """Take anything."""
        seen.append(value)
        return 1

    lab.add(take)
    expanding(lab, {"a": {"class_type": "Take", "inputs": {"value": thing}}}, (["a", 0],))
    assert lab.go(GROW).status == "success"
    assert seen == [thing]


def test_a_blocker_can_be_the_result_of_an_expansion(lab: Any) -> None:
    expanding(lab, {}, (Blocker(),))
    outcome = lab.go(GROW)
    assert outcome.status == "success"
    assert "4" not in outcome.outputs


def test_a_node_can_look_up_where_an_expanded_step_comes_from(lab: Any) -> None:
    seen: list[Any] = []

    @node("Look", category="test")
    def look(value: int = 0, *, run: Run) -> int:
        """Look at the run."""
        seen.append(
            (run.node_id, run.display_id, run.parent_id, run.origin(run.node_id).parent, run.step("1") is not None)
        )
        return value

    lab.add(look)
    expanding(lab, {"a": {"class_type": "Look", "inputs": {"value": 1}}}, (["a", 0],))
    lab.go(GROW)
    assert seen == [("2.0.a", "2", "2", "2", True)]


def test_values_inside_a_loop_are_let_go_while_it_runs(lab: Any) -> None:
    alive: list[Any] = []
    most: list[int] = []

    class Big:
        wire = "BIG"

    @node("Big", category="test")
    def big(before: Big | None = None, number: int = 0) -> Big:
        """Something big."""
        made = Big()
        alive.append(weakref.ref(made))
        most.append(sum(reference() is not None for reference in alive))
        return made

    @node("Loop", category="test")
    def loop(before: Big, left: int = 0) -> Big:
        """Go round."""
        if left == 0:
            return before
        return Expand(  # pyright: ignore[reportReturnType]
            {
                "body": {"class_type": "Big", "inputs": {"before": before, "number": left}},
                "loop": {"class_type": "Loop", "inputs": {"before": ["body", 0], "left": left - 1}},
            },
            (["loop", 0],),
        )

    lab.add(big)
    lab.add(loop)
    lab.cache = Cache(memory_bytes=0)
    steps = {
        "1": {"class_type": "Big", "inputs": {"number": -1}},
        "2": {"class_type": "Loop", "inputs": {"before": ["1", 0], "left": 12}},
    }
    assert lab.go(steps, targets=["2"]).status == "success"
    assert max(most) <= 13, "values that stand in the graph as literals stay, no others do"
    assert lab.said(events.NodeFailed) == []
