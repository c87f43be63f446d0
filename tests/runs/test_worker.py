"""A worker carries out runs one after the other, answers beside them, and never outlives its server."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import psutil
import pytest

from graph import events
from runs.event_json import from_json
from runs.frames import encode, read_frame
from runs.words import (
    Answer,
    Ask,
    Cancel,
    Ended,
    Events,
    FromWorker,
    Heartbeat,
    Picture,
    Question,
    Ready,
    Shutdown,
    Submit,
    ToWorker,
)

TOY = Path(__file__).with_name("toy_worker.py")
PATIENCE = 60.0
Word = TypeVar("Word", Ready, Ended, Answer, Heartbeat, Picture, Events)


class Line:
    """A worker process and the line to it, without any of the server's own code for it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(TOY), "--output", str(folder), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
        )  # fmt: skip
        self.words: list[FromWorker] = []
        self.printed = b""
        self._read = 0
        self._more = threading.Condition()
        self._number = 0
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._listen, self._print)]
        for thread in self._threads:
            thread.start()

    def say(self, word: ToWorker) -> None:
        """Send a word."""
        assert self.process.stdin is not None
        self.process.stdin.write(encode(word))
        self.process.stdin.flush()

    def hear(self, kind: type[Word], suits: Callable[[Word], bool] = lambda word: True) -> Word:
        """The next word of this kind that suits."""
        with self._more:
            while True:
                while self._read < len(self.words):
                    word = self.words[self._read]
                    self._read += 1
                    if isinstance(word, kind) and suits(word):
                        return word
                assert self._more.wait(PATIENCE), f"no {kind.__name__} came; {self.printed.decode()[-2000:]}"

    def hear_event(self, kind: type[events.Event], run: str) -> None:
        """Wait for an event of this kind."""
        self.hear(Events, lambda word: word.run == run and any(each["event"] == kind.__name__ for each in word.events))

    def ask(self, question: Question, payload: dict[str, object]) -> Answer:
        """Ask and wait for the answer."""
        self._number += 1
        number = self._number
        self.say(Ask(number, question, payload))
        return self.hear(Answer, lambda word: word.number == number)

    def told(self, run: str) -> list[events.Event]:
        """All events of a run so far."""
        words = [word for word in self.words if isinstance(word, Events) and word.run == run]
        return [from_json(each) for word in words for each in word.events]

    def end(self) -> int:
        """Wait for the end of the process and all that it said."""
        code = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        return code

    def close(self) -> None:
        """End it whatever it does."""
        self.process.kill()
        self.end()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        while True:
            word = read_frame(cast(Any, self.process.stdout))
            with self._more:
                if word is None:
                    return
                self.words.append(cast(FromWorker, word))
                self._more.notify_all()

    def _print(self) -> None:
        assert self.process.stderr is not None
        while part := os.read(self.process.stderr.fileno(), 65536):
            self.printed += part


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, "--memory-cache", "1000000")
    try:
        made.hear(Ready)
        yield made
    finally:
        made.close()


def shown(class_type: str, checked: bool = True, run: str = "r", **inputs: object) -> Submit:
    """A run of one node whose result is shown."""
    workflow = {
        "1": {"class_type": class_type, "inputs": inputs},
        "2": {"class_type": "ToyShow", "inputs": {"value": ["1", 0]}},
    }
    return Submit(run, workflow, ("2",), checked=checked)


def names(told: list[events.Event]) -> list[str]:
    """The kinds of events in order."""
    return [type(each).__name__ for each in told]


def test_ready_tells_what_the_worker_is_and_knows(line: Line) -> None:
    ready = line.words[0]
    assert isinstance(ready, Ready)
    assert ready.pid == line.process.pid
    assert {"ToyValue", "ToyShow"} <= {node["id"] for node in ready.nodes}
    assert ready.device["type"] == "cpu"
    assert ready.versions == {"toy": "1"}


def test_a_run_is_told_in_order_and_then_ended(line: Line) -> None:
    line.say(shown("ToyAdd", a=1, b=2))
    ended = line.hear(Ended)
    assert ended.status == "success"
    assert ended.executed == ("1", "2")
    assert ended.seconds.keys() == {"1", "2"}
    assert ended.outputs == {"2": {"ui": {"text": ["3"]}, "display": "2", "parent": None, "cached": False}}
    assert names(line.told("r")) == [
        "RunStarted", "NodeStarted", "NodeFinished", "NodeStarted", "NodeShown", "NodeFinished", "RunFinished",
    ]  # fmt: skip
    assert ended.memory["peak"] >= ended.memory["before"] > 0


def test_a_second_run_takes_its_results_from_the_cache(line: Line) -> None:
    line.say(shown("ToyAdd", a=1, b=2))
    line.hear(Ended)
    line.say(shown("ToyAdd", run="s", a=1, b=2))
    ended = line.hear(Ended)
    assert ended.executed == ()
    assert set(ended.cached) == {"1", "2"}
    assert ended.outputs["2"]["cached"] is True
    assert ended.outputs["2"]["ui"] == {"text": ["3"]}


def test_an_expanded_step_names_the_step_it_belongs_to(line: Line) -> None:
    line.say(shown("ToyExpand", count=3, value=4))
    assert line.hear(Ended).outputs["2"]["ui"] == {"text": ["7"]}
    inner = [each for each in line.told("r") if isinstance(each, events.NodeStarted) and each.parent is not None]
    assert {(each.display, each.parent) for each in inner} == {("1", "1")}


def test_an_asynchronous_node_tells_its_progress(line: Line) -> None:
    line.say(shown("ToyAsync", seconds=0.01, value=5))
    assert line.hear(Ended).outputs["2"]["ui"] == {"text": ["5"]}
    assert "Progress" in names(line.told("r"))


def test_a_failing_node_ends_its_run_and_not_the_worker(line: Line) -> None:
    line.say(shown("ToyFail", message="as planned"))
    ended = line.hear(Ended)
    assert ended.status == "error"
    failed = next(each for each in line.told("r") if isinstance(each, events.NodeFailed))
    assert (failed.exception_type, failed.message) == ("ValueError", "as planned")
    line.say(shown("ToyAdd", run="s", a=1, b=1))
    assert line.hear(Ended).status == "success"


def test_a_workflow_with_errors_is_refused_with_all_of_them_unless_it_was_checked(line: Line) -> None:
    line.say(shown("ToyChecked", checked=False, value=13, unknown=1))
    ended = line.hear(Ended)
    assert ended.status == "refused"
    assert {each["code"] for each in ended.problems} == {"custom_validation", "unknown_input"}
    line.say(shown("ToyChecked", run="s", checked=True, value=13))
    assert line.hear(Ended).status == "success"


@pytest.mark.parametrize(
    ("workflow", "code"),
    [
        ({"1": {"class_type": "Nothing", "inputs": {}}}, "cannot_plan"),
        ({"1": {"class_type": "ToyAdd", "inputs": {"a": ["1", 0], "b": 1}}}, "cycle"),
        ({"1": 3}, "bad_workflow"),
    ],
)
def test_what_cannot_be_planned_is_refused_although_it_is_said_to_be_checked(
    line: Line, workflow: dict[str, object], code: str
) -> None:
    line.say(Submit("r", workflow, ("1",), checked=True))
    ended = line.hear(Ended)
    assert ended.status == "refused"
    assert [each["code"] for each in ended.problems] == [code]
    assert ended.problems[0].keys() == {"severity", "node", "input", "code", "message", "remedy", "details"}


def test_a_run_is_stopped_in_the_middle(line: Line) -> None:
    line.say(shown("ToySleep", seconds=PATIENCE * 10, steps=60_000))
    line.hear_event(events.Progress, "r")
    line.say(Cancel("r"))
    assert line.hear(Ended).status == "interrupted"
    assert names(line.told("r"))[-2:] == ["Interrupted", "RunFinished"]


def test_a_run_that_waits_is_stopped_before_its_turn(line: Line) -> None:
    line.say(shown("ToySleep", run="first", seconds=PATIENCE * 10, steps=60_000))
    line.hear_event(events.Progress, "first")
    line.say(shown("ToyWrite", run="second", name="never"))
    line.say(shown("ToyAdd", run="third", a=1, b=1))
    line.say(Cancel("second"))
    line.say(Cancel("unheard of"))
    line.say(Cancel("first"))
    ends = [line.hear(Ended) for _ in range(3)]
    assert [(each.run, each.status) for each in ends] == [
        ("first", "interrupted"), ("second", "interrupted"), ("third", "success"),
    ]  # fmt: skip
    assert names(line.told("second")) == ["RunStarted", "Interrupted", "RunFinished"]


def test_questions_are_answered_while_a_run_goes_on(line: Line) -> None:
    line.say(shown("ToySleep", seconds=PATIENCE * 10, steps=60_000))
    line.hear_event(events.Progress, "r")
    workflow = shown("ToyChecked", value=13).workflow
    problems = cast(Any, line.ask("check", {"workflow": workflow, "targets": None}).value)
    assert [(each["code"], each["node"]) for each in problems] == [("custom_validation", "1")]
    plan = cast(Any, line.ask("plan", {"workflow": workflow, "targets": ["2"]}).value)
    assert [(each["node"], each["action"], each["why"]) for each in plan] == [
        ("1", "run", "first run"), ("2", "run", "first run"),
    ]  # fmt: skip
    described = cast(Any, line.ask("describe", {}).value)
    assert "ToyChecked" in {each["id"] for each in described}
    assert not any(isinstance(word, Ended) for word in line.words)


def test_a_question_without_an_answer_says_why(line: Line) -> None:
    assert "does not exist" in str(line.ask("plan", {"workflow": {"1": {"class_type": "No"}}, "targets": ["1"]}).error)
    assert "object of steps" in str(line.ask("check", {}).error)


def test_memory_is_freed_after_the_run_that_goes_on(line: Line) -> None:
    line.say(shown("ToySleep", seconds=0.2, value=1))
    assert line.ask("free", {"unload_models": True, "free_memory": True}).value is True
    assert any(isinstance(word, Ended) for word in line.words)
    line.say(shown("ToySleep", run="s", seconds=0.2, value=1))
    assert line.hear(Ended, lambda word: word.run == "s").executed == ("1", "2")


def test_a_million_tellings_are_few_words_and_end_with_the_newest(line: Line) -> None:
    line.say(shown("ToyChatter", count=1_000_000))
    assert line.hear(Ended).status == "success"
    told = line.told("r")
    assert len(told) < 100_000
    last = [each for each in told if isinstance(each, events.Progress)][-1]
    assert (last.value, last.total) == (1_000_000, 1_000_000)
    assert names(told).index("NodeFinished") > max(at for at, name in enumerate(names(told)) if name == "Progress")


def test_pictures_come_while_the_run_goes_on_and_none_after_its_end(line: Line) -> None:
    line.say(shown("ToyPreview", count=20, seconds=0.01))
    line.hear(Ended)
    line.say(shown("ToyAdd", run="s", a=1, b=1))
    line.hear(Ended)
    pictures = [word for word in line.words if isinstance(word, Picture)]
    assert pictures
    assert all(word.image.startswith(b"\xff\xd8") and (word.run, word.node) == ("r", "1") for word in pictures)
    end = next(at for at, word in enumerate(line.words) if isinstance(word, Ended))
    assert not any(isinstance(word, Picture) for word in line.words[end:])


def test_what_nodes_print_does_not_come_between_the_words(line: Line) -> None:
    line.say(shown("ToyPrint", text="printed by a node"))
    assert line.hear(Ended).status == "success"
    line.say(Shutdown())
    assert line.end() == 0
    assert b"printed by a node\n" in line.printed
    assert b"straight to the descriptor\n" in line.printed


def test_a_heartbeat_says_what_the_worker_is_busy_with(line: Line) -> None:
    idle = line.hear(Heartbeat)
    assert idle.run is None and idle.memory > 0 and idle.device["name"] == "toy"
    line.say(shown("ToySleep", seconds=PATIENCE * 10, steps=60_000))
    busy = line.hear(Heartbeat, lambda word: word.run is not None)
    assert busy.run == "r"


def test_the_peak_of_memory_is_that_of_the_run(line: Line) -> None:
    line.say(shown("ToyGrow", megabytes=150))
    grown = line.hear(Ended).memory
    assert grown["peak"] - grown["before"] > 140 * 2**20
    assert grown["after"] - grown["before"] < 50 * 2**20
    line.say(shown("ToyAdd", run="s", a=1, b=1))
    if sys.platform == "linux":
        small = line.hear(Ended).memory
        assert small["peak"] - small["before"] < 50 * 2**20


def test_shutdown_stops_the_run_that_goes_on_and_begins_none_of_those_that_wait(line: Line, tmp_path: Path) -> None:
    line.say(shown("ToySleep", seconds=PATIENCE * 10, steps=60_000))
    line.hear_event(events.Progress, "r")
    line.say(shown("ToyWrite", run="s", name="never"))
    line.say(Shutdown())
    assert line.end() == 0
    assert [(word.run, word.status) for word in line.words if isinstance(word, Ended)] == [("r", "interrupted")]
    assert not (tmp_path / "never").exists()


def test_an_interrupt_at_the_terminal_does_not_reach_the_run(line: Line) -> None:
    line.say(shown("ToySleep", seconds=0.3))
    line.hear_event(events.Progress, "r")
    line.process.send_signal(signal.SIGINT)
    assert line.hear(Ended).status == "success"


def test_a_worker_whose_server_is_gone_ends_at_once_also_within_a_node(line: Line) -> None:
    line.say(shown("ToySleep", seconds=PATIENCE * 10, steps=1))
    line.hear_event(events.NodeStarted, "r")
    assert line.process.stdin is not None
    line.process.stdin.close()
    assert line.end() == 3
    assert not psutil.pid_exists(line.process.pid)


def test_a_worker_that_cannot_understand_its_server_ends_and_says_so(line: Line) -> None:
    assert line.process.stdin is not None
    line.process.stdin.write(b"GET / HTTP/1.1\r\n\r\n")
    line.process.stdin.flush()
    assert line.end() == 4
    assert b"cannot be understood" in line.printed


def test_many_runs_in_a_row_are_each_carried_out_once(line: Line, tmp_path: Path) -> None:
    for number in range(200):
        workflow = {"1": {"class_type": "ToyWrite", "inputs": {"name": "lines", "value": number}}}
        line.say(Submit(str(number), workflow, ("1",)))
    ends = [line.hear(Ended) for _ in range(200)]
    assert [each.run for each in ends] == [str(number) for number in range(200)]
    assert (tmp_path / "lines").read_text().split() == [str(number) for number in range(200)]


def test_a_worker_starts_without_the_model_library(tmp_path: Path) -> None:
    code = f"import runpy, sys; runpy.run_path({str(TOY)!r}); import runs.worker; print('torch' in sys.modules)"
    root = TOY.parents[2]
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=PATIENCE)
    assert answer.stdout.strip() == "False", answer.stderr
