"""The laws of long loops: they hold what one turn needs, run in constant stack and stop at once."""

import sys
import threading
import weakref
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from graph.cache import Cache
from graph.engine import Engine
from graph.events import NodeBlocked, NodeFailed, NodeStarted, Progress
from graph.results import Blocker, Expand
from graph.run import Run
from graph.spec import Lazy, RawLink, node

TURNS = 5_000


class Big:
    """Something large that goes round."""

    wire = "BIG"

    def __init__(self, number: int) -> None:
        self.number = number


class Witness:
    """Counts the large things that are alive, and how deep the stack is where they are made."""

    def __init__(self) -> None:
        self.alive: weakref.WeakSet[Big] = weakref.WeakSet()
        self.most = 0
        self.depths: set[int] = set()

    def make(self, number: int) -> Big:
        made = Big(number)
        self.alive.add(made)
        self.most = max(self.most, len(self.alive))
        frame: Any = sys._getframe()
        depth = 0
        while frame is not None:
            frame, depth = frame.f_back, depth + 1
        self.depths.add(depth)
        return made


def looping(lab: Any, body: Callable[[Big, int], dict[str, Any]] | None = None) -> Witness:
    """Nodes `Begin`, `Next` (a new large thing) and `Loop`, which expands into a turn and the rest of them.

    body: the steps of a turn from the value and the turn's number, the last of them `body`; a `Next` unless given.
    """
    witness = Witness()

    @node("Begin", category="test")
    def begin() -> Big:
        """The first."""
        return witness.make(0)

    @node("Next", category="test")
    def following(value: Big) -> Big:
        """Another, one higher."""
        return witness.make(value.number + 1)

    @node("Loop", category="test")
    def loop(value: Big, turns: int = 0) -> Big:
        """Go round."""
        if turns == 0:
            return value
        turn = {"body": {"class_type": "Next", "inputs": {"value": value}}} if body is None else body(value, turns)
        rest = {"class_type": "Loop", "inputs": {"value": ["body", 0], "turns": turns - 1}}
        return Expand({**turn, "rest": rest}, (["rest", 0],))  # pyright: ignore[reportReturnType]

    @node("Read", category="test", terminal=True)
    def read(value: Big) -> int:
        """Its number."""
        return value.number

    for each in (begin, following, loop, read):
        lab.add(each)
    return witness


def steps(turns: int) -> dict[str, Any]:
    return {
        "1": {"class_type": "Begin", "inputs": {}},
        "2": {"class_type": "Loop", "inputs": {"value": ["1", 0], "turns": turns}},
        "3": {"class_type": "Read", "inputs": {"value": ["2", 0]}},
    }


def test_a_loop_of_5000_turns_holds_what_one_turn_needs_in_constant_stack(lab: Any) -> None:
    witness = looping(lab)
    lab.cache = Cache(memory_bytes=0)
    assert lab.go(steps(TURNS), targets=["3"]).results == {"3": (TURNS,)}
    assert witness.most <= 4
    assert len(witness.depths) <= 2, "the first is made by a drawn step, all others by expanded ones"


def test_nothing_is_left_of_an_expansion_when_its_node_is_done(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engines: list[Engine] = []
    before = Engine.__init__

    def begin(engine: Engine, *given: Any) -> None:
        before(engine, *given)
        engines.append(engine)

    monkeypatch.setattr(Engine, "__init__", begin)
    looping(lab)
    assert lab.go(steps(40), targets=["3"]).status == "success"
    [engine] = engines
    assert set(engine.schedule.tasks) == {"1", "2", "3"}
    assert set(engine.schedule.known.keys) == {"1", "2", "3"}
    assert engine._context.expanded == engine._context.origins == {}


def test_values_returned_beside_a_loop_are_let_go_too(lab: Any) -> None:
    def body(value: Big, turn: int) -> dict[str, Any]:
        made = {"class_type": "Next", "inputs": {"value": value}}
        return {"body": made, "aside": {"class_type": "Next", "inputs": {"value": ["body", 0]}}}

    witness = looping(lab, body)
    lab.cache = Cache(memory_bytes=0)
    assert lab.go(steps(60), targets=["3"]).results == {"3": (60,)}
    assert witness.most <= 4, "the step aside is never asked for, and holds nothing"


def test_what_terminal_steps_inside_a_loop_return_is_let_go(lab: Any) -> None:
    witness = looping(lab, lambda value, turn: {
        "body": {"class_type": "Next", "inputs": {"value": value}},
        "look": {"class_type": "Look", "inputs": {"value": ["body", 0]}},
    })  # fmt: skip

    @node("Look", category="test", terminal=True)
    def look(value: Big) -> Big:
        """Another one, shown and handed on."""
        return witness.make(value.number)

    lab.add(look)
    lab.cache = Cache(memory_bytes=0)
    assert lab.go(steps(60), targets=["3"]).status == "success"
    assert len([each for each in lab.said(NodeStarted) if each.class_type == "Look"]) == 60
    assert witness.most <= 5
    order = [each.class_type for each in lab.said(NodeStarted) if each.parent is not None]
    assert order[:6] == ["Next", "Look", "Loop"] * 2, "each turn is shown before the next begins"


def test_lazy_inputs_inside_a_loop_leave_out_what_is_not_wanted(lab: Any) -> None:
    witness = looping(lab, lambda value, turn: {
        "even": {"class_type": "Next", "inputs": {"value": value}},
        "odd": {"class_type": "Never", "inputs": {"value": value}},
        "body": {"class_type": "Choose", "inputs": {"first": True, "yes": ["even", 0], "no": ["odd", 0]}},
    })  # fmt: skip

    @node("Never", category="test")
    def never(value: Big) -> Big:
        """Not wanted."""
        raise AssertionError("nobody asked for it")

    @node("Choose", category="test", lazy_needs=lambda first, **given: ["yes" if first else "no"])
    def choose(first: bool, yes: Annotated[Big | None, Lazy()] = None, no: Annotated[Big | None, Lazy()] = None) -> Big:
        """One of the two."""
        assert yes is not None
        return yes

    lab.add(never)
    lab.add(choose)
    lab.cache = Cache(memory_bytes=0)
    assert lab.go(steps(50), targets=["3"]).results == {"3": (50,)}
    assert witness.most <= 5, "branches that are not taken hold nothing"


def test_a_lazy_step_of_an_expansion_may_ask_late_for_what_was_let_go(lab: Any) -> None:
    """The value of `made` is gone when `late` asks for it, in a graph whose own inputs are values: it is made anew."""
    witness = looping(lab)

    @node("Late", category="test", lazy_needs=lambda first, other=None: ["other"])
    def late(first: int, other: Annotated[Big | None, Lazy()] = None) -> int:
        """The number of the other, asked for in the end."""
        assert other is not None
        return first + other.number

    @node("Grow", category="test")
    def grow(value: Big) -> int:
        """Expand."""
        return Expand(  # pyright: ignore[reportReturnType]
            {
                "made": {"class_type": "Next", "inputs": {"value": value}},
                "read": {"class_type": "Read", "inputs": {"value": ["made", 0]}},
                "late": {"class_type": "Late", "inputs": {"first": ["read", 0], "other": ["made", 0]}},
            },
            (["late", 0],),
        )

    lab.add(late)
    lab.add(grow)
    lab.cache = Cache(memory_bytes=0)
    drawn = {"1": {"class_type": "Begin"}, "2": {"class_type": "Grow", "inputs": {"value": ["1", 0]}}}
    assert lab.go(drawn, targets=["2"]).results == {"2": (2,)}
    assert witness.most <= 3


@pytest.mark.parametrize("message", [None, "enough"])
def test_a_blocker_inside_a_loop_ends_it_and_what_follows(lab: Any, message: str | None) -> None:
    @node("Until", category="test")
    def until(value: int, stop: int = 3) -> int:
        """One more, until it blocks."""
        return Blocker(message) if value >= stop else value + 1  # pyright: ignore[reportReturnType]

    @node("Count", category="test")
    def count(value: int) -> int:
        """Go round until nothing comes any more."""
        return Expand(  # pyright: ignore[reportReturnType]
            {
                "body": {"class_type": "Until", "inputs": {"value": value}},
                "rest": {"class_type": "Count", "inputs": {"value": ["body", 0]}},
            },
            (["rest", 0],),
        )

    lab.add(until)
    lab.add(count)
    drawn = {
        "1": {"class_type": "Count", "inputs": {"value": 0}},
        "2": {"class_type": "Show", "inputs": {"value": ["1", 0]}},
    }
    outcome = lab.go(drawn)
    assert (outcome.status, dict(outcome.outputs)) == ("success", {})
    assert [(each.display, each.message) for each in lab.said(NodeBlocked)] == ([("1", message)] if message else [])


def test_an_error_deep_inside_a_loop_names_the_drawn_step(lab: Any) -> None:
    @node("Fragile", category="test")
    def fragile(value: Big) -> Big:
        """Break at 30."""
        if value.number == 30:
            raise ValueError("too high")
        return Big(value.number + 1)

    looping(lab, lambda value, turn: {"body": {"class_type": "Fragile", "inputs": {"value": value}}})
    lab.add(fragile)
    error = lab.go(steps(100), targets=["3"]).error
    assert (error.display, error.class_type, error.message) == ("2", "Fragile", "too high")
    [failed] = lab.said(NodeFailed)
    assert failed.inputs == {"value": ("Big",)}


def test_a_ring_deep_inside_a_loop_is_told_at_the_drawn_step(lab: Any) -> None:
    ring = {
        "body": {"class_type": "Next", "inputs": {"value": ["other", 0]}},
        "other": {"class_type": "Next", "inputs": {"value": ["body", 0]}},
    }

    def body(value: Big, turn: int) -> dict[str, Any]:
        return ring if turn == 5 else {"body": {"class_type": "Next", "inputs": {"value": value}}}

    looping(lab, body)
    error = lab.go(steps(20), targets=["3"]).error
    assert (error.display, error.exception_type) == ("2", "CycleError")


def test_a_stop_request_ends_a_long_loop_at_once(lab: Any) -> None:
    stop = threading.Event()
    asked: list[int] = []

    @node("Ask", category="test")
    def ask(value: Big) -> Big:
        """Ask the run to stop in the tenth turn."""
        asked.append(value.number)
        if value.number == 10:
            stop.set()
        return Big(value.number + 1)

    looping(lab, lambda value, turn: {"body": {"class_type": "Ask", "inputs": {"value": value}}})
    lab.add(ask)
    assert lab.go(steps(TURNS), targets=["3"], stop=stop).status == "interrupted"
    assert asked == list(range(11))


def test_only_what_a_target_needs_of_two_loops_runs(lab: Any) -> None:
    looping(lab)
    both = {**steps(10), "4": {"class_type": "Loop", "inputs": {"value": ["1", 0], "turns": 20}}}
    outcome = lab.go(both, targets=["3"])
    assert outcome.results == {"3": (10,)}
    assert {each.display for each in lab.said(NodeStarted)} == {"1", "2", "3"}


def test_a_raw_link_into_a_loop_leads_to_a_step_as_long_as_somebody_may_follow_it(lab: Any) -> None:
    found: list[bool] = []

    @node("Follow", category="test")
    def follow(link: Annotated[int, RawLink()], value: Big, run: Run) -> Big:
        """Look whether the step behind a link is there."""
        found.append(run.step(str(link[0])) is not None)  # pyright: ignore[reportIndexIssue]
        return Big(value.number + 1)

    looping(lab, lambda value, turn: {
        "made": {"class_type": "Next", "inputs": {"value": value}},
        "body": {"class_type": "Follow", "inputs": {"link": ["made", 0], "value": value}},
    })  # fmt: skip
    lab.add(follow)
    assert lab.go(steps(5), targets=["3"]).results == {"3": (5,)}
    assert found == [True] * 5


def test_asynchronous_steps_of_an_expansion_run_side_by_side_and_tell_their_own_progress(lab: Any) -> None:
    import asyncio

    guests: list[str] = []
    met = asyncio.Event()

    @node("Meet", category="test")
    async def meet(name: str, run: Run) -> int:
        """Wait for the other."""
        guests.append(name)
        run.progress(1, 2)
        if len(guests) == 2:
            met.set()
        await asyncio.wait_for(met.wait(), 60)
        run.progress(2, 2)
        return len(name)

    @node("Party", category="test")
    def party(size: int = 0) -> int:
        """Expand into two that wait for each other."""
        return Expand(  # pyright: ignore[reportReturnType]
            {
                "a": {"class_type": "Meet", "inputs": {"name": "one"}},
                "b": {"class_type": "Meet", "inputs": {"name": "three"}},
                "sum": {"class_type": "Add", "inputs": {"left": ["a", 0], "right": ["b", 0]}},
            },
            (["sum", 0],),
        )

    lab.add(meet)
    lab.add(party)
    assert lab.go({"7": {"class_type": "Party", "inputs": {"size": 2}}}, targets=["7"]).results == {"7": (8,)}
    told = [(each.node, each.display, each.value) for each in lab.said(Progress)]
    assert sorted(told) == [("7.0.a", "7", 1), ("7.0.a", "7", 2), ("7.0.b", "7", 1), ("7.0.b", "7", 2)]


def test_steps_of_a_loop_over_plain_values_are_found_in_the_cache_by_the_next_run(lab: Any) -> None:
    @node("Sum", category="test")
    def total(stop: int, value: int = 0, at: int = 0) -> int:
        """Add up by expanding."""
        if at == stop:
            return value
        return Expand(  # pyright: ignore[reportReturnType]
            {
                "step": {"class_type": "Add", "inputs": {"left": value, "right": at}},
                "next": {"class_type": "Sum", "inputs": {"stop": stop, "value": ["step", 0], "at": at + 1}},
            },
            (["next", 0],),
        )

    lab.add(total)
    for stop, added in ((20, 20), (30, 10), (30, 0)):
        outcome = lab.go({"1": {"class_type": "Sum", "inputs": {"stop": stop, "value": 0, "at": 0}}}, targets=["1"])
        assert outcome.results == {"1": (sum(range(stop)),)}
        assert lab.calls.get("Add", 0) == added
