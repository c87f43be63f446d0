"""The laws of asynchronous nodes: they run side by side, synchronous ones go on, and they share one fate."""

import asyncio
import threading
import time
from typing import Any

from graph.events import Progress
from graph.results import Blocker, Expand
from graph.run import Run, current_run
from graph.spec import node


def equip(lab: Any) -> None:
    @node("Wait", category="test")
    async def wait(value: int = 0, seconds: float = 0.05) -> int:
        """Hand on a value after a while."""
        lab.note("Wait")
        await asyncio.sleep(seconds)
        return value

    lab.add(wait)


def waiting(seconds: float, *values: int) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    for value in values:
        steps[f"wait{value}"] = {"class_type": "Wait", "inputs": {"value": value, "seconds": seconds}}
        steps[f"show{value}"] = {"class_type": "Show", "inputs": {"value": [f"wait{value}", 0]}}
    return steps


def test_an_asynchronous_node_gives_its_value(lab: Any) -> None:
    equip(lab)
    assert lab.go(waiting(0, 7)).outputs["show7"].ui == {"text": ["7"]}


def test_no_thread_is_made_without_an_asynchronous_node(lab: Any) -> None:
    seen: list[int] = []

    @node("Threads", category="test", terminal=True)
    def threads() -> None:
        """Count threads."""
        seen.append(threading.active_count())

    lab.add(threads)
    before = threading.active_count()
    lab.go({"1": {"class_type": "Threads"}})
    assert seen == [before]


def test_the_thread_is_gone_after_the_run(lab: Any) -> None:
    equip(lab)
    before = threading.active_count()
    lab.go(waiting(0, 1, 2))
    assert threading.active_count() == before


def meeting(lab: Any, guests: int) -> None:
    """A node `Meet` whose calls end only when this many of them are under way at once."""
    arrived: list[int] = []

    @node("Meet", category="test")
    async def meet(value: int = 0) -> int:
        """Wait for the others."""
        arrived.append(value)
        for _ in range(6000):
            if len(arrived) == guests:
                return value
            await asyncio.sleep(0.005)
        raise TimeoutError("the others never came")

    lab.add(meet)


def test_asynchronous_nodes_wait_side_by_side(lab: Any) -> None:
    meeting(lab, 8)
    steps = {str(value): {"class_type": "Meet", "inputs": {"value": value}} for value in range(8)}
    outcome = lab.go(steps, targets=list(steps))
    assert outcome.results == {str(value): (value,) for value in range(8)}


def test_synchronous_nodes_go_on_meanwhile(lab: Any) -> None:
    order: list[str] = []
    go_on = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    @node("Slow", category="test", terminal=True)
    async def slow() -> None:
        """Wait until the synchronous node has run."""
        loops.append(asyncio.get_running_loop())
        await asyncio.wait_for(go_on.wait(), 10)
        order.append("slow")

    @node("Quick", category="test", terminal=True)
    def quick() -> None:
        """Run while the other waits."""
        while not loops:
            time.sleep(0.001)
        order.append("quick")
        loops[0].call_soon_threadsafe(go_on.set)

    lab.add(slow)
    lab.add(quick)
    assert lab.go({"1": {"class_type": "Slow"}, "2": {"class_type": "Quick"}}).status == "success"
    assert order == ["quick", "slow"]


def test_items_of_a_list_wait_side_by_side_and_keep_their_order(lab: Any) -> None:
    meeting(lab, 5)

    @node("Count", category="test")
    def count(stop: int = 5) -> list[int]:
        """Numbers."""
        return list(range(stop))

    lab.add(count)
    steps = {
        "1": {"class_type": "Count", "inputs": {"stop": 5}},
        "2": {"class_type": "Meet", "inputs": {"value": ["1", 0]}},
    }
    assert lab.go(steps, targets=["2"]).results == {"2": ([0, 1, 2, 3, 4],)}


def test_a_failing_node_ends_the_others(lab: Any) -> None:
    ended: list[str] = []

    @node("Patient", category="test", terminal=True)
    async def patient() -> None:
        """Wait for ever."""
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    @node("Hasty", category="test", terminal=True)
    async def hasty() -> None:
        """Fail soon."""
        await asyncio.sleep(0.05)
        raise ValueError("soon")

    lab.add(patient)
    lab.add(hasty)
    started = time.perf_counter()
    outcome = lab.go({"1": {"class_type": "Patient"}, "2": {"class_type": "Hasty"}})
    assert (outcome.status, outcome.error.node, outcome.error.message) == ("error", "2", "soon")
    assert outcome.executed == ()
    assert ended == ["cancelled"]
    assert time.perf_counter() - started < 50
    assert any("test_run_async.py" in line for line in outcome.error.traceback)


def test_a_stop_request_reaches_waiting_nodes(lab: Any) -> None:
    equip(lab)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    started = time.perf_counter()
    outcome = lab.go(waiting(60, 1), stop=stop)
    assert outcome.status == "interrupted"
    assert time.perf_counter() - started < 50


def test_an_asynchronous_node_can_see_its_handle_and_tell_progress(lab: Any) -> None:
    seen: list[Any] = []

    @node("Own", category="test", terminal=True)
    async def own(*, run: Run) -> None:
        """Look at the handle."""
        await asyncio.sleep(0)
        current = current_run.get()
        seen.append(current is run and run.node_id)
        run.progress(1, 2)

    lab.add(own)
    lab.go({"5": {"class_type": "Own"}})
    assert seen == ["5"]
    assert [event.node for event in lab.said(Progress)] == ["5"]


def test_an_asynchronous_node_can_expand_and_block(lab: Any) -> None:
    @node("Grow", category="test")
    async def grow(value: int = 1) -> int:
        """Expand, or block."""
        if value < 0:
            return Blocker()  # pyright: ignore[reportReturnType]
        return Expand({"a": {"class_type": "Add", "inputs": {"left": value, "right": 1}}}, (["a", 0],))  # pyright: ignore[reportReturnType]

    lab.add(grow)
    assert lab.go({"1": {"class_type": "Grow", "inputs": {"value": 4}}}, targets=["1"]).results == {"1": (5,)}
    steps = {
        "1": {"class_type": "Grow", "inputs": {"value": -1}},
        "2": {"class_type": "Show", "inputs": {"value": ["1", 0]}},
    }
    assert lab.go(steps).executed == ("1",)


def test_an_unchanged_asynchronous_workflow_runs_nothing_again(lab: Any) -> None:
    equip(lab)
    lab.go(waiting(0, 1, 2))
    assert lab.go(waiting(0, 1, 2)).executed == ()
