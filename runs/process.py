"""A worker process as the server sees it: started, spoken to, listened to, watched, and always reaped.

Why a worker ended is told in one sentence without a subject, such as `ended by itself with exit code 1`.
"""

import asyncio
import codecs
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from runs.errors import NoWorker, WorkerRefused
from runs.frames import FrameError, encode, read_frame_async
from runs.words import Answer, Ask, FromWorker, Heartbeat, Loading, Question, Ready, Shutdown, Submit, ToWorker

LONGEST_LINE: Final = 2000
"""Characters of a line that a worker prints; the rest of it is left out."""

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_READ_AHEAD: Final = 2**15
"""Bytes read before they are asked for; little, so that a worker notices early that the server is slow."""
_CHUNK: Final = 2**16
_MANY_STEPS: Final = 500
_TICKS: Final = 20
_POLL_SECONDS: Final = 0.01
_LAST_WORDS_SECONDS: Final = 1.0
_TERMINATE_SECONDS: Final = 2.0
_ASKED: Final = "ended as it was asked to"
_TOO_SLOW: Final = "was asked to end, did not in time, and was ended"
_LOG: Final = logging.getLogger(__name__)


class WorkerProcess:
    """One worker process, from its start to its end; for another one, make another object.

    hear: awaited for every word but answers, strictly in order; as long as it takes, nothing more is read from the
    worker, which is what keeps a fast worker from flooding a slow server. It must not wait for an answer of this
    worker. environment: set in addition to the server's own. log: gets each line the worker prints. hang_seconds:
    silence after which a worker is killed; start_seconds: the same before it is ready, where loading libraries and
    packs can keep it silent for minutes.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        hear: Callable[["WorkerProcess", FromWorker], Awaitable[None]],
        *,
        environment: Mapping[str, str] | None = None,
        log: Callable[[str], None],
        hang_seconds: float = 60.0,
        start_seconds: float = 600.0,
    ) -> None:
        self.name = name
        self.ready: Ready | None = None
        self.loading: Loading | None = None
        self.memory = 0
        self._command = tuple(command)
        self._hear = hear
        self._environment = None if environment is None else {**os.environ, **environment}
        self._log = log
        self._hang_seconds = hang_seconds
        self._start_seconds = start_seconds
        self._device: Mapping[str, object] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._life: asyncio.Task[None] | None = None
        self._reason: str | None = None
        self._last_line = ""
        self._waiting = False
        self._heard = 0
        self._number = 0
        self._answers: dict[int, asyncio.Future[object]] = {}
        self._line = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The number of the process, None before the start."""
        return None if self._process is None else self._process.pid

    @property
    def device(self) -> Mapping[str, object]:
        """What the worker last said of its device; empty before it is ready."""
        if self._device is not None:
            return self._device
        return _NOTHING if self.ready is None else self.ready.device

    @property
    def alive(self) -> bool:
        """Whether the process was started and has not been seen to end."""
        return self._life is not None and not self._life.done()

    async def start(self) -> None:
        """Start the process; it says `Ready` through `hear` when it is. Raises NoWorker where it cannot be started."""
        if self._process is not None:
            raise NoWorker(f"worker {self.name} was started before; make a new WorkerProcess for another start")
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_READ_AHEAD,
                env=self._environment,
                start_new_session=True,  # so that an interrupt at the server's terminal does not reach it
            )
        except OSError as error:
            reason = f"could not be started: {error.strerror or error}"
            raise NoWorker(f"worker {self.name} {reason}; check the command it is started with") from error
        self._life = asyncio.create_task(self._live(self._process), name=f"worker {self.name}")

    async def send(self, word: ToWorker) -> None:
        """Say a word. Raises NoWorker if the worker is gone."""
        async with self._line:
            stdin = None if self._process is None else self._process.stdin
            if stdin is None or not self.alive or self._reason is not None:
                raise NoWorker(self._gone())
            large = isinstance(word, Submit | Ask) and _steps(word) > _MANY_STEPS
            frame = await asyncio.to_thread(encode, word) if large else encode(word)
            try:
                stdin.write(frame)
                await stdin.drain()
            except (ConnectionError, RuntimeError):  # its end of the line is closed, or this one since it ended
                raise NoWorker(self._gone()) from None

    async def ask(self, question: Question, payload: Mapping[str, object] = _NOTHING, timeout: float = 10.0) -> object:
        """Ask a question and wait for its answer, at most this many seconds.

        Raises NoWorker where the worker is gone or too slow, WorkerRefused with its reason where it has no answer.
        """
        self._number += 1
        number = self._number
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            async with asyncio.timeout(timeout):
                await self.send(Ask(number, question, payload))
                return await answer
        except TimeoutError:
            raise NoWorker(
                f"worker {self.name} did not answer the question {question!r} within {timeout:g} s; try again later"
            ) from None
        finally:
            del self._answers[number]
            if answer.done() and not answer.cancelled():
                answer.exception()  # seen, also where sending had failed before

    async def stop(self, grace: float = 5.0) -> None:
        """Let the worker end after its current step; if it has not after `grace` seconds, end it. Always reaps."""
        if self._life is None:
            return
        try:
            with suppress(NoWorker, TimeoutError):
                async with asyncio.timeout(grace):
                    await self.send(Shutdown())
                    self._reason = self._reason or _ASKED
                    await asyncio.shield(self._life)
            if self.alive:
                self._reason = _TOO_SLOW if self._reason in (None, _ASKED) else self._reason
                self._signal(signal.SIGTERM)
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(grace, _TERMINATE_SECONDS)):
                        await asyncio.shield(self._life)
        finally:  # also when stopping was itself cancelled
            self.kill(_TOO_SLOW)
        await asyncio.shield(self._life)

    def kill(self, reason: str) -> None:
        """End the process and all it has started at once; the reason becomes that of its death, unless it has one."""
        if self.alive:
            self._reason = self._reason or reason
            self._signal(signal.SIGKILL)

    async def died(self) -> str:
        """Wait until the process has ended, been reaped and been heard out; why it ended. Raises NoWorker if it was
        never started."""
        if self._life is None:
            raise NoWorker(self._gone())
        await asyncio.shield(self._life)
        return self._reason or "ended"

    # Its life

    async def _live(self, process: asyncio.subprocess.Process) -> None:
        """Listen and watch until it has ended, then find out why."""
        listening = asyncio.create_task(self._listen(process))
        printing = asyncio.create_task(self._print(process))
        watching = asyncio.create_task(self._watch(process))
        try:
            await asyncio.wait({listening, watching}, return_when=asyncio.FIRST_COMPLETED)
            self._not_taken_in(listening)
            await self._closed_its_line(process)
            self._sweep(process)
            await self._hear_out(listening)
            await asyncio.wait({printing}, timeout=_LAST_WORDS_SECONDS)
        finally:
            for task in (listening, printing, watching):
                task.cancel()
            await self._reap(process)
            self._reason = self._reason or self._why(process.returncode)
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(NoWorker(self._gone()))
            if process.stdin is not None:
                process.stdin.close()

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Hear every word until the line ends."""
        stdout = process.stdout
        assert stdout is not None
        try:
            while True:
                self._waiting = True
                word = await read_frame_async(stdout)
                self._waiting = False
                self._heard += 1
                if word is None:
                    return
                await self._take(word)
        except FrameError as error:
            self.kill(f"did not keep to the protocol: {error}")
        finally:
            self._waiting = False

    def _not_taken_in(self, listening: asyncio.Task[None]) -> None:
        """An error of `hear` is the server's; without anyone to listen to it, the worker has to end."""
        error = listening.exception() if listening.done() and not listening.cancelled() else None
        if error is not None:
            _LOG.error("a word of worker %s could not be taken in", self.name, exc_info=error)
            self.kill("said something that the server could not take in")

    async def _take(self, word: FromWorker | ToWorker) -> None:
        if not isinstance(word, FromWorker):
            raise FrameError(f"a worker does not say {type(word).__name__}")
        if isinstance(word, Answer):
            answer = self._answers.get(word.number)
            if answer is None or answer.done():
                return
            if word.error is None:
                answer.set_result(word.value)
            else:
                answer.set_exception(WorkerRefused(word.error))
            return
        if isinstance(word, Ready):
            self.ready, self.loading = word, None
        elif isinstance(word, Loading):
            self.loading = word
        elif isinstance(word, Heartbeat):
            self.memory = word.memory
            self._device = word.device
        await self._hear(self, word)

    async def _print(self, process: asyncio.subprocess.Process) -> None:
        """Hand on each line the worker prints, bounded; `\\r` of progress bars ends a line too."""
        stderr = process.stderr
        assert stderr is not None
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        rest = ""
        while chunk := await stderr.read(_CHUNK):
            *lines, rest = (rest + decode(chunk).replace("\r", "\n")).split("\n")
            rest = rest[:LONGEST_LINE]
            for line in lines:
                self._line_printed(line)
        self._line_printed(rest)

    def _line_printed(self, line: str) -> None:
        line = line.rstrip()[:LONGEST_LINE]
        if line:
            self._last_line = line
            self._log(line)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Kill the worker after too long a silence; ends when the process has.

        Silence is counted in ticks during which the server did nothing but wait for a word, so that a server that was
        itself held up or asleep does not take it for the worker's.
        """
        tick = self._hang_seconds / _TICKS
        silent = 0.0
        heard = -1
        while process.returncode is None:
            await asyncio.sleep(tick)
            silent = silent + tick if self._waiting and heard == self._heard else 0.0
            heard = self._heard
            most = self._hang_seconds if self.ready is not None else self._start_seconds
            if silent >= most:
                what = "gave no sign of life" if self.ready is not None else "was not ready"
                self.kill(f"{what} for {most:g} s")

    # Its end

    async def _closed_its_line(self, process: asyncio.subprocess.Process) -> None:
        """Wait for the end of a process whose line has ended; one that lives on without it is ended."""
        ticks = int(_LAST_WORDS_SECONDS / _POLL_SECONDS)
        while process.returncode is None:
            await asyncio.sleep(_POLL_SECONDS)
            ticks -= 1
            if ticks == 0:
                self.kill("closed its line to the server")

    async def _reap(self, process: asyncio.subprocess.Process) -> None:
        """See the process ended, also where the server is ending and cancels all it does."""
        self._signal(signal.SIGKILL)
        while process.returncode is None:
            await asyncio.sleep(_POLL_SECONDS)

    async def _hear_out(self, listening: asyncio.Task[None]) -> None:
        """Let what it said before it ended be heard. Only a process it left behind could still hold the line."""
        while not listening.done():
            heard = self._heard
            await asyncio.wait({listening}, timeout=_LAST_WORDS_SECONDS)
            if self._waiting and heard == self._heard:
                return

    def _sweep(self, process: asyncio.subprocess.Process) -> None:
        """End what the worker has started and left behind."""
        if sys.platform != "win32":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and what it has started, as long as it has not been reaped."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, number)

    def _why(self, code: int | None) -> str:
        """What the exit code says."""
        told = f"; its last words: {self._last_line}" if self._last_line else ""
        if code is None or code >= 0:
            return f"ended by itself with exit code {code}{told}"
        if -code == signal.SIGKILL:
            held = f" (it held {self.memory / 1e9:.1f} GB)" if self.memory else ""
            return f"was killed by the system, most likely because memory ran out{held}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"crashed by {name}{told}"

    def _gone(self) -> str:
        if self._process is None:
            return f"worker {self.name} has not been started; start it first"
        return f"worker {self.name} is gone: it {self._reason or 'closed its line'}; another one has to be asked"


def _steps(word: Submit | Ask) -> int:
    """How many steps a word carries, to guess whether writing it takes long."""
    if isinstance(word, Submit):
        return len(word.workflow)
    workflow = word.payload.get("workflow")
    return len(workflow) if isinstance(workflow, Mapping) else 0  # pyright: ignore[reportUnknownArgumentType]
