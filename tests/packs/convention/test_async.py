"""Asynchronous nodes run side by side while ordinary ones go on; each knows which node it is."""

import asyncio
import threading
from typing import Any

from graph.events import Interrupted, Preview, Progress
from graph.handle import current_run
from packs.convention.words.api import ComfyAPI, ComfyAPISync
from packs.convention.words.context import get_executing_context
from packs.convention.words.pictures import Pictures
from tests.packs.convention.conftest import Bench, step, toy

NAME: dict[str, Any] = {"required": {"name": ("STRING",)}}


class Meeting:
    """Lets nodes go on when all of them are there."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.met = asyncio.Event()

    async def arrive(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.met.set()
        await asyncio.wait_for(self.met.wait(), 60)


def test_asynchronous_nodes_meet_and_each_tells_its_own_progress(bench: Bench) -> None:
    meeting = Meeting(2)
    api = ComfyAPI()

    async def work(self: object, name: str) -> tuple[Any]:
        before = get_executing_context()
        await meeting.arrive()
        await api.execution.set_progress(value=1, max_value=2)
        return ((before, get_executing_context()),)

    bench.add(Meet=toy(NAME, work, ("*",)))
    assert bench.registry.get("Meet").is_async  # type: ignore[union-attr]
    outcome = bench.go({"1": step("Meet", name="a"), "2": step("Meet", name="b")}, ["1", "2"], id="run-7")
    for node in ("1", "2"):
        before, after = outcome.results[node][0]  # type: ignore[misc]
        assert before == after == ("run-7", node, 0)
    assert sorted(each.node for each in bench.said(Progress)) == ["1", "2"]
    assert bench.go({"1": step("Meet", name="a")}, ["1"]).executed == ()


def test_ordinary_nodes_go_on_while_asynchronous_ones_wait(bench: Bench) -> None:
    free = threading.Event()

    async def wait(self: object, name: str) -> tuple[str]:
        await asyncio.to_thread(free.wait, 60)
        return (name,)

    def let_go(self: object, name: str) -> tuple[str]:
        free.set()
        return (name,)

    bench.add(Wait=toy(NAME, wait, ("STRING",)), LetGo=toy(NAME, let_go, ("STRING",)))
    outcome = bench.go({"1": step("Wait", name="a"), "2": step("LetGo", name="b")}, ["1", "2"])
    assert outcome.results == {"1": ("a",), "2": ("b",)}
    assert outcome.executed == ("2", "1")


def test_the_items_of_a_list_run_side_by_side_and_know_their_place(bench: Bench) -> None:
    meeting = Meeting(3)

    async def work(self: object, x: int) -> tuple[Any]:
        await meeting.arrive()
        context = get_executing_context()
        assert context is not None
        return (context.list_index,)

    bench.add(
        Meet=toy({"required": {"x": ("INT",)}}, work, ("*",)),
        Place=toy({"required": {"x": ("INT",)}}, lambda self, x: (get_executing_context().list_index,), ("*",)),  # type: ignore[union-attr]
    )
    assert bench.value({"1": step("Numbers"), "2": step("Meet", x=["1", 0])}, "2") == [0, 1, 2]
    assert bench.value({"1": step("Numbers"), "2": step("Place", x=["1", 0])}, "2") == [0, 1, 2]
    assert get_executing_context() is None


def test_a_failing_node_ends_the_run_and_the_others_are_cancelled(bench: Bench) -> None:
    cancelled = threading.Event()
    meeting = Meeting(2)

    async def wait(self: object, name: str) -> tuple[str]:
        await meeting.arrive()
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return (name,)

    async def fail(self: object, name: str) -> tuple[str]:
        await meeting.arrive()
        raise ValueError("oh no")

    bench.add(Wait=toy(NAME, wait, ("STRING",)), Fail=toy(NAME, fail, ("STRING",)))
    outcome = bench.go({"1": step("Wait", name="a"), "2": step("Fail", name="b")}, ["1", "2"])
    assert outcome.error is not None
    assert (outcome.error.node, outcome.error.message) == ("2", "oh no")
    assert cancelled.wait(60)
    assert "1" not in outcome.results


def test_an_interrupt_reaches_asynchronous_nodes(bench: Bench) -> None:
    stop, cancelled = threading.Event(), threading.Event()

    async def wait(self: object, name: str) -> tuple[str]:
        stop.set()
        try:
            await asyncio.sleep(600)
        finally:
            cancelled.set()
        return (name,)

    bench.add(Wait=toy(NAME, wait, ("STRING",)))
    outcome = bench.go({"1": step("Wait", name="a")}, ["1"], stop=stop)
    assert outcome.status == "interrupted"
    assert cancelled.wait(60)
    assert bench.said(Interrupted)


def test_telling_progress_hears_the_interrupt(bench: Bench) -> None:
    stop = threading.Event()

    def work(self: object, name: str) -> tuple[str]:
        stop.set()
        ComfyAPISync().execution.set_progress(value=1, max_value=9)
        raise AssertionError("it should have been stopped")

    bench.add(Work=toy(NAME, work, ("STRING",)))
    assert bench.go({"1": step("Work", name="a")}, ["1"], stop=stop).status == "interrupted"


def test_an_asynchronous_function_behind_an_ordinary_one_is_waited_for(bench: Bench) -> None:
    async def later(name: str) -> tuple[str]:
        await asyncio.sleep(0)
        run = current_run.get()
        assert run is not None
        return (f"{name} at {run.node_id}",)

    bench.add(Toy=toy(NAME, lambda self, name: later(name), ("STRING",)))
    assert bench.value({"1": step("Toy", name="a")}, "1") == "a at 1"


class Drawn(Pictures):
    """Notes what it is asked for."""

    def preview(self, image: object, largest: int | None) -> object:
        return ("drawn", image, largest)

    def save(self, images: object, prefix: str, folder: str, run: Any, options: Any) -> Any:
        raise NotImplementedError

    def save_sound(self, audio: object, prefix: str, folder: str, run: Any, options: Any) -> Any:
        raise NotImplementedError


def test_a_preview_goes_through_what_was_handed_in(bench: Bench) -> None:
    def work(self: object, name: str) -> tuple[str]:
        tell = ComfyAPISync().execution.set_progress
        tell(value=1, max_value=2, preview_image="picture")
        tell(value=2, max_value=2, preview_image="picture", ignore_size_limit=True, node_id="other")
        return (name,)

    bench.add(Toy=toy(NAME, work, ("STRING",)))
    drawn = {"1": step("Toy", name="a"), "other": step("Toy", name=["1", 0])}
    bench.go(drawn, ["1"], run_services={Drawn: Drawn()})
    assert [(each.node, each.image) for each in bench.said(Preview)] == [
        ("1", ("drawn", "picture", 512)),
        ("other", ("drawn", "picture", None)),
    ]
    assert [(each.node, each.value, each.total) for each in bench.said(Progress)] == [("1", 1, 2), ("other", 2, 2)]


def test_progress_of_a_node_that_is_not_there_or_outside_a_run_is_told_in_a_sentence(bench: Bench) -> None:
    bench.add(
        Toy=toy(NAME, lambda self, name: ComfyAPISync().execution.set_progress(value=1, max_value=2, node_id=name))
    )
    error = bench.go({"1": step("Toy", name="gone")}, ["1"]).error
    assert error is not None
    assert "there is no step 'gone' in this run" in error.message
    try:
        ComfyAPISync().execution.set_progress(value=1, max_value=2)
    except RuntimeError as raised:
        assert "no node is running here" in str(raised)
    else:
        raise AssertionError("it should have been refused")
