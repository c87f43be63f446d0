"""What waits in the outbox is written in one go, in order, and only as far as it is news."""

import gc
import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from graph import events
from runs.event_json import from_json
from runs.frames import read_frame
from runs.words import Answer, Ended, Events, FromWorker, Heartbeat, Picture
from runs.worker_memory import WORTH_IT, ProcessMemory
from runs.worker_outbox import MOST_EVENTS, Outbox

PATIENCE = 30.0


class Gate(io.RawIOBase):
    """A line that takes nothing until it is opened, and then a few bytes at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.reached.set()
        assert self.opened.wait(PATIENCE)
        part = bytes(data[:1000])
        self.held += part
        return len(part)

    def words(self) -> list[FromWorker]:
        """What was written, but heartbeats."""
        stream = io.BytesIO(bytes(self.held))
        found: list[FromWorker] = []
        while (word := read_frame(stream)) is not None:
            if not isinstance(word, Heartbeat):
                found.append(cast(FromWorker, word))
        return found


def device() -> Mapping[str, object]:
    return {"name": "none"}


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


@pytest.fixture
def outbox(gate: Gate) -> Outbox:
    """An outbox whose thread is held up writing an answer, so that all that follows has to wait."""
    made = Outbox(cast(Any, gate), device, ProcessMemory())
    made.say(Answer(0))
    made.start()
    assert gate.reached.wait(PATIENCE)
    return made


def let_through(gate: Gate, outbox: Outbox) -> list[FromWorker]:
    """What is written once the line is open, without the answer that was first."""
    gate.opened.set()
    outbox.close()
    first, *others = gate.words()
    assert first == Answer(0)
    return others


def progress(node: str, value: int) -> events.Progress:
    return events.Progress(node, node, value, 100, 0.0)


def picture(node: str, image: bytes, run: str = "r") -> Picture:
    return Picture(run, node, node, None, "image/jpeg", image)


def events_in(word: FromWorker) -> list[events.Event]:
    assert isinstance(word, Events)
    return [from_json(each) for each in word.events]


def test_all_events_that_wait_share_one_frame_in_their_order(gate: Gate, outbox: Outbox) -> None:
    told: list[events.Event] = [events.NodeFinished(str(number), str(number), 0.5, 0.0) for number in range(50)]
    for event in told:
        outbox.event("r", event)
    words = let_through(gate, outbox)
    assert len(words) == 1
    assert events_in(words[0]) == told


def test_progress_that_waits_gives_way_to_newer_progress_of_its_node(gate: Gate, outbox: Outbox) -> None:
    for value in range(1000):
        outbox.event("r", progress("a", value))
        outbox.event("r", progress("b", 2 * value))
    words = let_through(gate, outbox)
    assert [events_in(word) for word in words] == [[progress("a", 999), progress("b", 1998)]]


def test_newer_progress_never_overtakes_what_was_told_before_it(gate: Gate, outbox: Outbox) -> None:
    finished, again = events.NodeFinished("a", "a", 0.5, 0.0), events.NodeStarted("a", "a", None, "A", "again", 0.0)
    for event in (progress("a", 1), finished, again, progress("a", 2)):
        outbox.event("r", event)
    assert events_in(let_through(gate, outbox)[0]) == [finished, again, progress("a", 2)]


def test_progress_of_another_run_stays(gate: Gate, outbox: Outbox) -> None:
    outbox.event("r", progress("a", 1))
    outbox.event("s", progress("a", 2))
    words = let_through(gate, outbox)
    assert [(cast(Events, word).run, events_in(word)) for word in words] == [
        ("r", [progress("a", 1)]),
        ("s", [progress("a", 2)]),
    ]


def test_of_each_node_only_the_newest_picture_waits(gate: Gate, outbox: Outbox) -> None:
    for number in range(100):
        outbox.picture(picture("a", b"a%d" % number))
        outbox.picture(picture("b", b"b%d" % number))
    assert let_through(gate, outbox) == [picture("a", b"a99"), picture("b", b"b99")]


def test_the_end_of_a_run_stands_after_its_events_and_drops_its_pictures(gate: Gate, outbox: Outbox) -> None:
    started, finished = events.NodeStarted("a", "a", None, "A", "", 0.0), events.NodeFinished("a", "a", 0.5, 0.0)
    outbox.event("r", started)
    outbox.picture(picture("a", b"1"))
    outbox.event("r", finished)
    outbox.say(Ended("r", "success"))
    outbox.event("s", started)
    outbox.picture(picture("a", b"2", run="s"))
    words = let_through(gate, outbox)
    assert events_in(words[0]) == [started, finished]
    assert words[1] == Ended("r", "success")
    assert events_in(words[2]) == [started]
    assert words[3] == picture("a", b"2", run="s")


def test_a_frame_holds_a_bounded_number_of_events(gate: Gate, outbox: Outbox) -> None:
    for number in range(2 * MOST_EVENTS + 1):
        outbox.event("r", events.NodeCached(str(number), str(number), 0.0))
    words = let_through(gate, outbox)
    assert [len(events_in(word)) for word in words] == [MOST_EVENTS, MOST_EVENTS, 1]
    assert [each.node for word in words for each in events_in(word) if isinstance(each, events.NodeCached)] == [
        str(number) for number in range(2 * MOST_EVENTS + 1)
    ]


def test_a_device_that_fails_while_a_run_goes_on_is_told_as_it_was_last_seen() -> None:
    gate = Gate()
    gate.opened.set()
    beaten = threading.Event()

    def failing() -> Mapping[str, object]:
        beaten.set()
        raise RuntimeError("device lost")

    outbox = Outbox(cast(Any, gate), failing, ProcessMemory())
    outbox.busy_with = "r"
    outbox.start()
    assert beaten.wait(PATIENCE)
    outbox.close()
    beat = read_frame(io.BytesIO(bytes(gate.held)))
    assert isinstance(beat, Heartbeat)
    assert (beat.run, beat.device) == ("r", {})


def test_a_device_that_fails_between_runs_ends_the_worker_with_the_reason() -> None:
    code = (
        "import os, time\n"
        "from runs.worker_memory import ProcessMemory\n"
        "from runs.worker_outbox import Outbox\n"
        "def device(): raise RuntimeError('device lost')\n"
        "Outbox(os.fdopen(os.open(os.devnull, os.O_WRONLY), 'wb'), device, ProcessMemory()).start()\n"
        "time.sleep(60)\n"
    )
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 5
    assert ended.stderr.splitlines()[-1] == "RuntimeError: device lost"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the exact peak")
def test_the_peak_counts_from_the_beginning_of_the_run() -> None:
    memory = ProcessMemory()
    large = 100 * 2**20
    before = memory.begin_run()
    held = bytearray(os.urandom(1)) * large
    del held
    assert memory.peak() - before > 0.9 * large
    again = memory.begin_run()
    assert memory.peak() - again < 0.5 * large


def grow_by_garbage(megabytes: int, memory: ProcessMemory) -> int:
    """Leave unreachable rings behind, which only the collector finds; bytes resident with them."""
    gc.disable()
    for _ in range(megabytes):
        ring: list[Any] = [bytearray(b"x") * 2**20]
        ring.append(ring)
    grown = memory.resident()
    gc.enable()
    return grown


def test_memory_is_given_back_once_the_process_has_grown_enough() -> None:
    memory = ProcessMemory()
    memory.give_back()
    grown = grow_by_garbage(2 * WORTH_IT // 2**20, memory)
    assert grown - memory.after_run() > WORTH_IT
