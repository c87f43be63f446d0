"""A worker process is started, spoken to and always reaped, and whatever ends it is told in one sentence."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import psutil
import pytest

from runs.errors import NoWorker, WorkerRefused
from runs.process import LONGEST_LINE, WorkerProcess
from runs.words import Answer, Cancel, Ended, Events, FromWorker, Heartbeat, Picture, Ready, Submit

TOY = Path(__file__).with_name("toy_worker.py")
PATIENCE = 60.0
Word = TypeVar("Word", Ready, Ended, Heartbeat, Picture, Events)


class House:
    """Starts workers and keeps what they say and print."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heard: list[FromWorker] = []
        self.lines: list[str] = []
        self.workers: list[WorkerProcess] = []
        self._read = 0
        self._more = asyncio.Condition()

    async def hear(self, worker: WorkerProcess, word: FromWorker) -> None:
        """What the worker says."""
        async with self._more:
            self.heard.append(word)
            self._more.notify_all()

    async def worker(self, *command: str, ready: bool = True, **options: Any) -> WorkerProcess:
        """A started worker, the toy one unless another command is given."""
        command = command or (sys.executable, str(TOY), "--output", str(self.folder))
        made = WorkerProcess("toy", command, self.hear, log=self.lines.append, **options)
        self.workers.append(made)
        await made.start()
        if ready:
            await self.next(Ready)
        return made

    async def script(self, code: str, **options: Any) -> WorkerProcess:
        """A process that runs this code in the place of a worker."""
        return await self.worker(sys.executable, "-c", code, ready=False, **options)

    async def next(self, kind: type[Word], suits: Callable[[Word], bool] = lambda word: True) -> Word:
        """The next word of this kind that suits."""
        async with asyncio.timeout(PATIENCE), self._more:
            while True:
                while self._read < len(self.heard):
                    word = self.heard[self._read]
                    self._read += 1
                    if isinstance(word, kind) and suits(word):
                        return word
                await self._more.wait()

    async def close(self) -> None:
        """Stop all workers and see that nothing is left of them."""
        for worker in self.workers:
            await worker.stop(1)
            assert worker.pid is None or gone(worker.pid)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path)
    try:
        yield made
    finally:
        await made.close()


def shown(class_type: str, run: str = "r", **inputs: object) -> Submit:
    """A run of one node whose result is shown."""
    workflow = {
        "1": {"class_type": class_type, "inputs": inputs},
        "2": {"class_type": "ToyShow", "inputs": {"value": ["1", 0]}},
    }
    return Submit(run, workflow, ("2",), checked=True)


def gone(pid: int) -> bool:
    """Whether nothing of a process is left, not even a zombie."""
    return not psutil.pid_exists(pid)


async def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)


async def reason_of(worker: WorkerProcess) -> str:
    """Why it died."""
    async with asyncio.timeout(PATIENCE):
        return await worker.died()


async def test_a_worker_gets_ready_runs_and_stops_leaving_nothing_behind(house: House) -> None:
    worker = await house.worker()
    assert worker.ready is not None and worker.ready.pid == worker.pid
    assert worker.device["name"] == "toy"
    await worker.send(shown("ToyAdd", a=1, b=2))
    assert (await house.next(Ended)).outputs["2"]["ui"] == {"text": ["3"]}
    await worker.stop()
    assert await reason_of(worker) == "ended as it was asked to"
    assert worker.pid is not None and gone(worker.pid)
    with pytest.raises(NoWorker, match="gone"):
        await worker.send(Cancel("r"))
    with pytest.raises(NoWorker, match="gone"):
        await worker.ask("describe")
    await worker.stop()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("exit", "ended by itself with exit code 7; its last words: dying by exit"),
        ("kill", "was killed by the system, most likely because memory ran out (it held 0."),
        ("segv", "crashed by SIGSEGV; its last words: dying by segv"),
    ],
)
async def test_a_crash_is_told_with_its_reason(house: House, how: str, reason: str) -> None:
    worker = await house.worker()
    await house.next(Heartbeat)
    await worker.send(shown("ToyDie", how=how))
    assert (await reason_of(worker)).startswith(reason)
    assert worker.pid is not None and gone(worker.pid)
    assert f"dying by {how}" in house.lines


async def test_a_frozen_worker_is_killed_after_its_silence(house: House) -> None:
    worker = await house.worker(hang_seconds=3.0)
    await worker.send(shown("ToyDie", how="freeze"))
    assert await reason_of(worker) == "gave no sign of life for 3 s"
    assert worker.pid is not None and gone(worker.pid)


async def test_a_server_that_takes_long_over_a_word_does_not_blame_the_worker(tmp_path: Path) -> None:
    heard: list[FromWorker] = []

    async def slowly(worker: WorkerProcess, word: FromWorker) -> None:
        if isinstance(word, Ended):
            await asyncio.sleep(4.0)
        heard.append(word)

    worker = WorkerProcess("toy", [sys.executable, str(TOY)], slowly, log=lambda line: None, hang_seconds=3.0)
    await worker.start()
    await worker.send(shown("ToyAdd", a=1, b=2))
    await until(lambda: any(isinstance(word, Ended) for word in heard))
    await until(lambda: isinstance(heard[-1], Heartbeat))
    await worker.stop()
    assert await worker.died() == "ended as it was asked to"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("time.sleep(600)", "was not ready for 0.5 s"),
        ("print('hello, no frame', flush=True); time.sleep(600)", "did not keep to the protocol: a frame may have"),
        ("os.close(1); time.sleep(600)", "closed its line to the server"),
        ("raise SystemExit('no folder')", "ended by itself with exit code 1; its last words: no folder"),
    ],
)
async def test_one_that_never_gets_to_work_is_ended_and_reaped(house: House, code: str, reason: str) -> None:
    patience = 0.5 if "not ready" in reason else PATIENCE
    worker = await house.script(f"import os, time; {code}", hang_seconds=1.0, start_seconds=patience)
    assert (await reason_of(worker)).startswith(reason)
    assert worker.pid is not None and gone(worker.pid)


async def test_one_that_says_a_word_of_the_server_is_killed(house: House) -> None:
    root = str(TOY.parents[2])
    code = (
        f"import sys, time; sys.path.insert(0, {root!r})\n"
        "from runs.frames import encode; from runs.words import Cancel\n"
        "sys.stdout.buffer.write(encode(Cancel('r'))); sys.stdout.flush(); time.sleep(600)"
    )
    assert "does not say Cancel" in await reason_of(await house.script(code))


async def test_a_command_that_does_not_exist_is_no_worker(house: House) -> None:
    worker = WorkerProcess("toy", ["/no/such/command"], house.hear, log=house.lines.append)
    with pytest.raises(NoWorker, match="could not be started"):
        await worker.start()
    with pytest.raises(NoWorker, match="not been started"):
        await worker.send(Cancel("r"))
    await worker.stop()


async def test_an_error_of_the_listener_ends_the_worker_instead_of_leaving_it_unheard(tmp_path: Path) -> None:
    async def hear(worker: WorkerProcess, word: FromWorker) -> None:
        raise RuntimeError("the disk is full")

    worker = WorkerProcess("toy", [sys.executable, str(TOY)], hear, log=lambda line: None)
    await worker.start()
    assert await reason_of(worker) == "said something that the server could not take in"


async def test_words_are_heard_in_order_and_one_at_a_time(house: House) -> None:
    order: list[FromWorker] = []
    inside = 0

    async def hear(worker: WorkerProcess, word: FromWorker) -> None:
        nonlocal inside
        inside += 1
        assert inside == 1
        await asyncio.sleep(0.001)
        order.append(word)
        inside -= 1
        await house.hear(worker, word)

    worker = WorkerProcess("toy", [sys.executable, str(TOY)], hear, log=house.lines.append)
    house.workers.append(worker)
    await worker.start()
    for number in range(30):
        await worker.send(shown("ToyAdd", str(number), a=number, b=1))
    for number in range(30):
        assert (await house.next(Ended)).run == str(number)
    runs = [word.run for word in order if isinstance(word, Events | Ended)]
    assert runs == sorted(runs, key=int)
    assert not any(isinstance(word, Answer) for word in order)


async def test_questions_are_answered_refused_or_given_up(house: House) -> None:
    worker = await house.worker()
    workflow = shown("ToyChecked", value=13).workflow
    await worker.send(shown("ToySleep", seconds=600, steps=60_000))
    problems = cast(Any, await worker.ask("check", {"workflow": workflow, "targets": None}))
    assert [each["code"] for each in problems] == ["custom_validation"]
    described, planned = await asyncio.gather(worker.ask("describe"), worker.ask("plan", {"workflow": workflow}))
    assert len(cast(list[object], described)) > 10
    assert [each["node"] for each in cast(list[Mapping[str, object]], planned)] == ["1", "2"]
    with pytest.raises(WorkerRefused, match="wanted and does not exist"):
        await worker.ask("plan", {"workflow": workflow, "targets": ["99"]})
    with pytest.raises(NoWorker, match="did not answer"):
        await worker.ask("free", {"free_memory": True}, timeout=0.2)
    waiting = asyncio.create_task(worker.ask("free", {"free_memory": True}, timeout=PATIENCE))
    await asyncio.sleep(0.05)
    worker.kill("had to make room")
    with pytest.raises(NoWorker, match="had to make room"):
        await waiting
    assert await reason_of(worker) == "had to make room"


async def test_frames_of_16_megabytes_go_both_ways(house: House) -> None:
    worker = await house.worker()
    text = "ä" * 2**23
    workflow = {
        "1": {"class_type": "ToyPrint", "inputs": {"text": "short"}},
        "2": {"class_type": "ToyFail", "inputs": {"message": text}},
        "3": {"class_type": "ToyShow", "inputs": {"value": {"__value__": text}}},
    }
    await worker.send(Submit("r", workflow, ("3",), checked=True))
    assert (await house.next(Ended)).outputs["3"]["ui"] == {"text": [text]}


async def test_a_worker_that_ignores_the_request_is_terminated(house: House) -> None:
    worker = await house.worker()
    await worker.send(shown("ToySleep", seconds=600, steps=1))
    await house.next(Events)
    await worker.stop(0.3)
    assert await reason_of(worker) == "was asked to end, did not in time, and was ended"


async def test_a_frozen_worker_that_cannot_even_be_terminated_is_killed(house: House) -> None:
    worker = await house.worker()
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)
    await worker.stop(0.3)
    assert gone(worker.pid)


async def test_stopping_that_is_cancelled_leaves_nothing_behind_either(house: House) -> None:
    worker = await house.worker()
    await worker.send(shown("ToySleep", seconds=600, steps=1))
    await house.next(Events)
    stopping = asyncio.create_task(worker.stop(600))
    await asyncio.sleep(0.05)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    await reason_of(worker)
    assert worker.pid is not None and gone(worker.pid)


async def test_what_a_worker_has_started_ends_with_it(house: House) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, file=sys.stderr, flush=True)\n"
        "time.sleep({seconds})"
    )
    for seconds in (0, 600):
        worker = await house.script(code.format(seconds=seconds))
        await until(lambda: bool(house.lines))
        child = int(house.lines.pop())
        if seconds:
            worker.kill("was in the way")
        await reason_of(worker)
        await until(lambda child=child: gone(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


async def test_printed_lines_are_handed_on_whole_bounded_and_whatever_their_bytes(house: House) -> None:
    code = (
        "import os, time\n"
        "os.write(2, 'grün\\n'.encode()[:3]); time.sleep(0.2); os.write(2, 'grün\\n'.encode()[3:])\n"
        "os.write(2, b'10%\\r20%\\r\\n\\xff\\n'); os.write(2, b'x' * 3_000_000); os.write(2, b'\\nlast')"
    )
    worker = await house.script(code)
    assert (await reason_of(worker)).endswith("its last words: last")
    assert house.lines == ["grün", "10%", "20%", "\ufffd", "x" * LONGEST_LINE, "last"]


async def test_a_worker_gets_the_environment_on_top_of_the_servers(house: House) -> None:
    worker = await house.script(
        "import os, sys; sys.exit(os.environ['TOY'] + ' ' + str('PATH' in os.environ))", environment={"TOY": "yes"}
    )
    assert (await reason_of(worker)).endswith("yes True")


async def test_nodes_that_tell_a_million_times_reach_a_slow_listener_in_few_words(house: House) -> None:
    count = 0

    async def slowly(worker: WorkerProcess, word: FromWorker) -> None:
        nonlocal count
        if isinstance(word, Events):
            count += len(word.events)
            await asyncio.sleep(0.005)
        await house.hear(worker, word)

    worker = WorkerProcess("toy", [sys.executable, str(TOY)], slowly, log=house.lines.append)
    house.workers.append(worker)
    await worker.start()
    before = (await house.next(Heartbeat)).memory
    chatter = {
        str(number): {"class_type": "ToyChatter", "inputs": {"count": 10_000, "value": number}} for number in range(100)
    }
    shows = {f"show {number}": {"class_type": "ToyShow", "inputs": {"value": [number, 0]}} for number in chatter}
    await worker.send(Submit("r", chatter | shows, tuple(shows), checked=True))
    ended = await house.next(Ended)
    assert ended.status == "success" and len(ended.executed) == 200
    assert ended.memory["peak"] - before < 50 * 2**20
    assert count < 100_000


async def test_a_killed_server_takes_its_worker_with_it(tmp_path: Path) -> None:
    root = str(TOY.parents[2])
    server = (
        f"import asyncio, sys; sys.path.insert(0, {root!r})\n"
        "from runs.process import WorkerProcess; from runs.words import Submit, Ready, Events\n"
        "async def hear(worker, word):\n"
        "    if isinstance(word, Ready):\n"
        "        workflow = {'1': {'class_type': 'ToySleep', 'inputs': {'seconds': 600, 'steps': 1}}}\n"
        "        await worker.send(Submit('r', workflow, ('1',), checked=True))\n"
        "    if isinstance(word, Events): print(worker.pid, flush=True)\n"
        "async def main():\n"
        f"    worker = WorkerProcess('toy', [sys.executable, {str(TOY)!r}], hear, log=lambda line: None)\n"
        "    await worker.start(); await worker.died()\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(await asyncio.to_thread(process.stdout.readline))
        assert psutil.pid_exists(pid)
        process.kill()
    await until(lambda: gone(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


async def test_the_end_of_the_event_loop_ends_and_reaps_the_worker(tmp_path: Path) -> None:
    pids: list[int] = []

    async def hear(worker: WorkerProcess, word: FromWorker) -> None:
        return

    async def serve() -> None:
        worker = WorkerProcess("toy", [sys.executable, str(TOY)], hear, log=lambda line: None)
        await worker.start()
        assert worker.pid is not None
        pids.append(worker.pid)

    await asyncio.to_thread(asyncio.run, serve())
    assert gone(pids[0])
