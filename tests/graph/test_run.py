"""The laws of a run: what runs, what does not, what is said about it, and how it ends."""

import threading
import weakref
from typing import Any

import pytest

from graph import events
from graph.cache import Cache
from graph.errors import GraphError, Interrupted
from graph.events import NodeCached, NodeFailed, NodeFinished, NodeShown, NodeStarted, Preview, Progress, RunFinished
from graph.results import Shown
from graph.run import Run, current_run
from graph.spec import node

SUM: dict[str, Any] = {
    "1": {"class_type": "Number", "inputs": {"value": 2}},
    "2": {"class_type": "Number", "inputs": {"value": 3}},
    "3": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": ["2", 0]}},
    "4": {"class_type": "Show", "inputs": {"value": ["3", 0]}},
}


def with_input(steps: dict[str, Any], step: str, **inputs: Any) -> dict[str, Any]:
    changed = {**steps[step], "inputs": {**steps[step]["inputs"], **inputs}}
    return {**steps, step: changed}


def test_a_run_computes_what_the_links_say(lab: Any) -> None:
    outcome = lab.go(SUM)
    assert outcome.status == "success"
    assert outcome.outputs["4"].ui == {"text": ["5"]}
    assert sorted(outcome.executed) == ["1", "2", "3", "4"]
    assert set(outcome.seconds) == set(outcome.executed)


def test_a_second_run_of_an_unchanged_workflow_runs_nothing(lab: Any) -> None:
    lab.go(SUM)
    outcome = lab.go(SUM)
    assert outcome.executed == ()
    assert lab.calls == {}
    assert sorted(outcome.cached) == ["1", "2", "3", "4"]


def test_a_cached_terminal_step_tells_again_what_it_showed(lab: Any) -> None:
    lab.go(SUM)
    outcome = lab.go(SUM)
    assert [(shown.node, shown.ui, shown.cached) for shown in lab.said(NodeShown)] == [("4", {"text": ["5"]}, True)]
    assert outcome.outputs["4"].cached


def test_a_changed_literal_runs_that_step_and_what_hangs_on_it_only(lab: Any) -> None:
    lab.go(SUM)
    outcome = lab.go(with_input(SUM, "2", value=40))
    assert outcome.executed == ("2", "3", "4")
    assert outcome.outputs["4"].ui == {"text": ["42"]}


def test_going_back_to_an_earlier_value_runs_nothing(lab: Any) -> None:
    lab.go(SUM)
    lab.go(with_input(SUM, "2", value=40))
    assert lab.go(SUM).executed == ()


def test_a_result_that_comes_out_the_same_by_another_way_is_computed_anew(lab: Any) -> None:
    lab.go(SUM)
    outcome = lab.go(with_input(SUM, "1", value="2"))
    assert outcome.executed == (), "the text 2 is read as the number 2, so nothing has changed"
    swapped = with_input(with_input(SUM, "1", value=3), "2", value=2)
    assert lab.go(swapped).executed == ("3", "4")


def test_two_equal_steps_run_once(lab: Any) -> None:
    steps = {**SUM, "2": SUM["1"], "5": {"class_type": "Show", "inputs": {"value": ["2", 0]}}}
    lab.go(steps)
    assert lab.calls["Number"] == 1


def test_steps_that_no_output_needs_do_not_run(lab: Any) -> None:
    outcome = lab.go({**SUM, "9": {"class_type": "Number", "inputs": {"value": 99}}})
    assert "9" not in outcome.executed


def test_named_targets_give_their_values_and_nothing_else_runs(lab: Any) -> None:
    outcome = lab.go(SUM, targets=["3"])
    assert outcome.results == {"3": (5,)}
    assert "Show" not in lab.calls


def test_named_targets_give_their_values_from_the_cache_too(lab: Any) -> None:
    lab.go(SUM, targets=["3"])
    outcome = lab.go(SUM, targets=["3"])
    assert outcome.results == {"3": (5,)}
    assert outcome.executed == ()


def test_every_output_of_a_step_can_be_linked(lab: Any) -> None:
    steps = {
        "1": {"class_type": "Divide", "inputs": {"left": 17, "right": 5}},
        "2": {"class_type": "Add", "inputs": {"left": ["1", 1], "right": ["1", 0]}},
    }
    assert lab.go(steps, targets=["2", "1"]).results == {"2": (5,), "1": (3, 2)}


def test_an_optional_input_left_out_has_the_functions_default(lab: Any) -> None:
    assert lab.go({"1": {"class_type": "Scale", "inputs": {"value": 21}}}, targets=["1"]).results == {"1": (42,)}


def test_events_come_in_order(lab: Any) -> None:
    lab.go(
        {
            "1": {"class_type": "Number", "inputs": {"value": 1}},
            "2": {"class_type": "Show", "inputs": {"value": ["1", 0]}},
        }
    )
    assert [(type(event).__name__, getattr(event, "node", None)) for event in lab.events] == [
        ("RunStarted", None),
        ("NodeStarted", "1"),
        ("NodeFinished", "1"),
        ("NodeStarted", "2"),
        ("NodeShown", "2"),
        ("NodeFinished", "2"),
        ("RunFinished", None),
    ]
    times = [event.at for event in lab.events]
    assert times == sorted(times)


def test_a_cached_run_says_which_steps_are_known(lab: Any) -> None:
    lab.go(SUM)
    lab.go(SUM)
    assert [event.node for event in lab.said(NodeCached)] == ["1", "2", "3", "4"]
    assert lab.said(NodeStarted) == lab.said(NodeFinished) == []


def test_a_started_step_says_why_it_runs(lab: Any) -> None:
    lab.go(SUM)
    lab.go(with_input(SUM, "2", value=7))
    assert [(event.node, event.why) for event in lab.said(NodeStarted)] == [
        ("2", "input `value` changed"),
        ("3", "upstream node 2 (Number) changed"),
        ("4", "upstream node 2 (Number) changed"),
    ]


def test_a_branch_is_finished_before_the_next_one_begins(lab: Any) -> None:
    steps: dict[str, Any] = {}
    for branch in ("a", "b", "c"):
        steps[f"{branch}1"] = {"class_type": "Number", "inputs": {"value": ord(branch)}}
        steps[f"{branch}2"] = {"class_type": "Add", "inputs": {"left": [f"{branch}1", 0], "right": 1}}
        steps[f"{branch}3"] = {"class_type": "Show", "inputs": {"value": [f"{branch}2", 0]}}
    assert lab.go(steps).executed == ("a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2", "c3")


def failing(lab: Any) -> None:
    @node("Fail", category="test")
    def fail(value: int, note: str = "") -> int:
        """Fail."""
        raise ValueError(f"cannot take {value}")

    lab.add(fail)


def test_an_error_names_step_inputs_and_the_nodes_own_code(lab: Any) -> None:
    failing(lab)
    steps = {**SUM, "3": {"class_type": "Fail", "inputs": {"value": ["1", 0], "note": "x" * 5000}}}
    outcome = lab.go(steps)
    error = outcome.error
    assert outcome.status == "error"
    assert (error.node, error.class_type, error.exception_type, error.message) == (
        "3",
        "Fail",
        "ValueError",
        "cannot take 2",
    )
    assert error.inputs["value"] == ("2",)
    assert len(error.inputs["note"][0]) < 120
    assert "test_run.py" in error.traceback[1]
    assert not any("engine.py" in line or "spec.py" in line for line in error.traceback[:2])
    assert error.executed == ("1",)


def test_after_an_error_nothing_else_runs_and_nothing_failed_is_kept(lab: Any) -> None:
    failing(lab)
    steps = {
        "1": {"class_type": "Number", "inputs": {"value": 2}},
        "2": {"class_type": "Fail", "inputs": {"value": ["1", 0], "note": ""}},
        "3": {"class_type": "Show", "inputs": {"value": ["2", 0]}},
        "8": {"class_type": "Number", "inputs": {"value": 8}},
        "9": {"class_type": "Show", "inputs": {"value": ["8", 0]}},
    }
    assert lab.go(steps).executed == ("1",)
    again = lab.go(steps)
    assert (again.status, again.executed) == ("error", ())
    assert [event.node for event in lab.said(NodeFailed)] == ["2"]
    assert lab.said(RunFinished)[0].status == "error"


@pytest.mark.parametrize("error", [SystemExit(3), RecursionError("deep"), MemoryError(), AssertionError()])
def test_whatever_a_node_raises_is_its_failure(lab: Any, error: BaseException) -> None:
    @node("Raise", category="test", terminal=True)
    def raise_it() -> None:
        """Raise."""
        raise error

    lab.add(raise_it)
    outcome = lab.go({"1": {"class_type": "Raise", "inputs": {}}})
    assert outcome.error is not None
    assert outcome.error.exception_type == type(error).__name__
    assert outcome.error.message


def test_an_error_that_cannot_be_printed_is_told_all_the_same(lab: Any) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    @node("Mute", category="test", terminal=True)
    def mute() -> None:
        """Raise."""
        raise Mute

    lab.add(mute)
    assert lab.go({"1": {"class_type": "Mute", "inputs": {}}}).error.exception_type == "Mute"


def test_tensors_are_summed_up_by_shape_and_type(lab: Any) -> None:
    class Array:
        wire = "ARRAY"
        shape = (1, 4, 16, 16)
        dtype = "torch.float32"

    @node("MakeArray", category="test")
    def make() -> Array:
        """Make."""
        return Array()

    @node("Break", category="test", terminal=True)
    def broken(array: Array) -> None:
        """Break."""
        raise ValueError

    lab.add(make)
    lab.add(broken)
    steps = {"1": {"class_type": "MakeArray"}, "2": {"class_type": "Break", "inputs": {"array": ["1", 0]}}}
    assert lab.go(steps).error.inputs["array"] == ("Array (1, 4, 16, 16) float32",)


def test_a_result_of_the_wrong_length_is_the_nodes_error(lab: Any) -> None:
    @node("Short", category="test", terminal=True)
    def short(value: int = 0) -> int:
        """Too little."""
        return Shown(result=())  # pyright: ignore[reportReturnType]

    lab.add(short)
    error = lab.go({"1": {"class_type": "Short", "inputs": {"value": 1}}}).error
    assert "returned 0 values for 1 outputs" in error.message


def test_a_file_that_was_not_written_is_the_nodes_error(lab: Any) -> None:
    @node("Liar", category="test", terminal=True)
    def liar() -> Shown:
        """Say what is not."""
        return Shown(files=(lab.folder / "nothing",))

    lab.add(liar)
    assert "there is no such file" in lab.go({"1": {"class_type": "Liar"}}).error.message


def test_a_stop_request_ends_the_run_before_the_next_step(lab: Any) -> None:
    stop = threading.Event()

    @node("Stopper", category="test")
    def stopper(value: int = 0) -> int:
        """Ask the run to stop."""
        stop.set()
        return value

    lab.add(stopper)
    steps = {**SUM, "1": {"class_type": "Stopper", "inputs": {"value": 1}}}
    outcome = lab.go(steps, stop=stop)
    assert outcome.status == "interrupted"
    assert outcome.executed == ("1",)
    assert [type(event).__name__ for event in lab.events[-2:]] == ["Interrupted", "RunFinished"]


def test_a_node_can_stop_half_way(lab: Any) -> None:
    asked: list[int] = []

    @node("Steps", category="test", terminal=True)
    def steps(*, run: Run) -> None:
        """Go on until the run is asked to stop."""
        for index in range(10):
            run.check_stop()
            asked.append(index)

    lab.add(steps)
    outcome = lab.go({"1": {"class_type": "Steps"}}, stop=lambda: len(asked) >= 3)
    assert (outcome.status, len(asked)) == ("interrupted", 3)
    assert lab.said(events.Interrupted)[0].node == "1"


@pytest.mark.parametrize("error", [KeyboardInterrupt, Interrupted])
def test_an_interrupt_inside_a_node_ends_the_run_as_interrupted(lab: Any, error: type[BaseException]) -> None:
    @node("Interrupt", category="test", terminal=True)
    def interrupt() -> None:
        """As if the keyboard had been pressed."""
        raise error

    lab.add(interrupt)
    outcome = lab.go({"1": {"class_type": "Interrupt"}})
    assert (outcome.status, outcome.error) == ("interrupted", None)


def test_the_handle_tells_progress_and_previews_and_knows_its_step(lab: Any) -> None:
    class Clock:
        hours = 12

    seen: dict[str, Any] = {}

    @node("Handle", category="test", terminal=True)
    def handle(*, run: Run) -> None:
        """Use all of it."""
        run.progress(1, 4)
        run.preview("picture")
        seen.update(id=run.node_id, workflow=run.workflow, extra=run.extra, hours=run.service(Clock).hours)
        seen.update(current=current_run.get() is run, steps=list(run.step_ids()), origin=run.origin("7").display)

    lab.add(handle)
    steps = {"7": {"class_type": "Handle", "inputs": {}, "_meta": {"title": "seven"}}}
    lab.go(steps, services={Clock: Clock()}, extra={"workflow": 1})
    assert seen == {
        "id": "7", "workflow": steps, "extra": {"workflow": 1}, "hours": 12, "current": True,
        "steps": ["7"], "origin": "7",
    }  # fmt: skip
    assert [(event.node, event.value, event.total) for event in lab.said(Progress)] == [("7", 1, 4)]
    assert [event.image for event in lab.said(Preview)] == ["picture"]
    assert current_run.get() is None


def test_a_service_that_was_not_handed_in_is_named() -> None:
    with pytest.raises(GraphError, match="asks for a service of type int; handed in: none"):
        Run.detached().service(int)


def test_values_are_let_go_when_nothing_needs_them_any_more(lab: Any) -> None:
    alive: list[Any] = []
    most: list[int] = []

    class Big:
        wire = "BIG"

    @node("Big", category="test")
    def big(number: int = 0, before: Big | None = None) -> Big:
        """Make something big of something big."""
        made = Big()
        alive.append(weakref.ref(made))
        most.append(sum(reference() is not None for reference in alive))
        return made

    lab.add(big)
    lab.cache = Cache(memory_bytes=0)
    steps: dict[str, Any] = {"0": {"class_type": "Big", "inputs": {"number": 0}}}
    for index in range(1, 20):
        steps[str(index)] = {"class_type": "Big", "inputs": {"number": index, "before": [str(index - 1), 0]}}
    steps["show"] = {"class_type": "Show", "inputs": {"value": ["19", 0]}}
    assert lab.go(steps).status == "success"
    assert max(most) == 2
    assert not any(reference() is not None for reference in alive)


def test_without_any_memory_every_run_is_a_first_run(lab: Any) -> None:
    lab.cache = Cache(memory_bytes=0)
    lab.go(SUM)
    assert len(lab.go(SUM).executed) == 4


def test_a_chain_of_ten_thousand_steps_runs(lab: Any) -> None:
    steps: dict[str, Any] = {"0": {"class_type": "Number", "inputs": {"value": 0}}}
    for index in range(1, 10_000):
        steps[str(index)] = {"class_type": "Add", "inputs": {"left": [str(index - 1), 0], "right": 1}}
    assert lab.go(steps, targets=["9999"]).results == {"9999": (9999,)}


def test_a_listener_may_come_from_any_thread_and_hears_nothing_after_the_end(lab: Any) -> None:
    handles: list[Run] = []

    @node("Keep", category="test", terminal=True)
    def keep(*, run: Run) -> None:
        """Keep the handle."""
        handles.append(run)

    lab.add(keep)
    lab.go({"1": {"class_type": "Keep"}})
    before = len(lab.events)
    handles[0].progress(1, 1)
    assert len(lab.events) == before
