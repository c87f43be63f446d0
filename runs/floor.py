"""The floor where runs are carried out: idle workers are given queued runs, and what they say is written and told.

What is told was written first, so nothing that a listener has heard is lost when a process dies. A run whose worker
dies goes back into the queue once; then it is lost. A run that was asked to stop and goes on is ended with its worker.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar, cast

from graph.events import NodeText
from runs.board import Board
from runs.crew import Crew, Staffing
from runs.endings import ending_of, lost, retried, stopped
from runs.errors import NoWorker, StoreError, WorkerRefused
from runs.event_json import from_json
from runs.figures import Figures
from runs.journal import Journal
from runs.live import Live
from runs.process import WorkerProcess
from runs.records import MOST_ATTEMPTS, Ending, Message, PreviewFrame, Record, TextFrame
from runs.store import Store
from runs.telling import Teller
from runs.words import Cancel, Ended, Events, FromWorker, Picture, Ready, Settled, Submit

PRUNE_EVERY: Final = 50
"""Ended runs after which old ones are looked for."""

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0
"""Seconds between two attempts to write to a database that refuses."""

WHEN_IDLE_SECONDS: Final = 24 * 3600.0
"""How long a worker may be busy before it gets to what it is to do between runs."""

Written = TypeVar("Written")

_log = logging.getLogger("nodeloom.runs")


class Floor:
    """The workers and the runs they are at.

    is_ready: told the name of a worker that has become ready or has read packs anew, and what it said. prune: looks
    for old runs, now and then. patience: seconds a run that was asked to stop may go on before its worker is ended.
    """

    def __init__(
        self,
        journal: Journal,
        board: Board,
        staffing: Staffing,
        is_ready: Callable[[str, Ready], Coroutine[Any, Any, None]],
        prune: Callable[[], Coroutine[Any, Any, None]],
        patience: float,
    ) -> None:
        self.figures = Figures()
        self.crew = Crew(staffing, self._heard, self._died)
        self._journal = journal
        self._board = board
        self._is_ready = is_ready
        self._prune = prune
        self._patience = patience
        self._live: dict[str, Live] = {}
        self._taken: set[WorkerProcess] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrivals = 0
        self._ended_since_prune = 0
        self._closing = False

    def open(self) -> None:
        """Begin the workers; returns at once."""
        self.crew.open()

    async def close(self, grace: float) -> None:
        """End the workers; running runs go back into the queue, the attempt not counted."""
        self._closing = True
        await self.crew.close(grace)
        for live in list(self._live.values()):
            live.close()
            await self._journal.do(lambda store, run=live.record.id: store.requeue(run, uncounted=True))
        self._live.clear()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def take_up(self, interrupted: Sequence[Record]) -> None:
        """Decide on the runs that were running when the last server ended."""
        for record in interrupted:
            seq = await self._journal.do(lambda store, run=record.id: store.last_seq(run))
            await self._again_or_lost(record, Teller(record.id, record.client_id, seq), "the server ended while it ran")

    # Looking

    def live(self, id: str) -> Live | None:
        """The run of this id, if a worker is at it."""
        return self._live.get(id)

    def lives(self) -> Sequence[Live]:
        """All runs that workers are at."""
        return tuple(self._live.values())

    def somebody(self) -> WorkerProcess:
        """A worker to be asked something, one that is idle if there is one. Raises NoWorker."""
        ready = self.crew.ready
        if not ready:
            raise NoWorker("no worker is ready yet; try again in a few seconds, or see the server's log")
        return next((worker for worker in ready if worker not in self._taken), ready[0])

    def workers(self) -> Sequence[Ready]:
        """What the workers that are ready said of themselves, with their devices as of the last heartbeat."""
        return [replace(worker.ready, device=worker.device) for worker in self.crew.ready if worker.ready is not None]

    def free(self, payload: Mapping[str, object]) -> None:
        """Ask every worker to give memory back when it is next idle."""
        for worker in self.crew.ready:
            self._begin(_freed(worker, payload))

    async def reload(self, again: bool, seconds: float) -> bool:
        """Have each worker read packs anew when it is next idle; whether all have within this time. The rest go on."""
        begun = [self._begin(self._reloaded(worker, again)) for worker in self.crew.ready]
        if not begun:
            return True
        _, late = await asyncio.wait(begun, timeout=seconds)
        return not late

    async def _reloaded(self, worker: WorkerProcess, again: bool) -> None:
        try:
            told = await worker.ask("reload", {"again": again}, WHEN_IDLE_SECONDS)
        except NoWorker:
            return  # another one takes over, and loads packs as they are then
        except WorkerRefused as error:
            _log.error("worker %s could not read packs anew: %s", worker.name, error)
            return
        if worker.ready is not None:
            worker.ready = replace(worker.ready, **cast(dict[str, Any], told))
            await self._is_ready(worker.name, worker.ready)

    # From the queue to workers

    def arrived(self) -> None:
        """A run was queued."""
        self._arrivals += 1
        self._hand_out()

    def _hand_out(self) -> None:
        """Give each idle worker a run, as long as there are any."""
        if self._closing:
            return
        idle = [worker for worker in self.crew.ready if worker not in self._taken]
        for worker in idle[: self._board.counts["queued"]]:
            self._taken.add(worker)
            self._begin(self._hand_to(worker))

    async def _hand_to(self, worker: WorkerProcess) -> None:
        at = time.time()

        def work(store: Store) -> tuple[Record, int] | None:
            found = store.next_queued()
            return None if found is None else (store.start(found.id, worker.name, at), store.last_seq(found.id))

        arrivals = self._arrivals
        begun = await self._written(work)
        if begun is None:
            self._taken.discard(worker)
            if self._arrivals != arrivals:  # one came in while the queue was looked at
                self._hand_out()
            return
        record, seq = begun
        live = Live(record, worker, Teller(record.id, record.client_id, seq))
        self._live[record.id] = live
        self._board.moved("queued", "running")
        if record.deadline is not None:
            live.deadline = asyncio.get_running_loop().call_later(record.deadline, self._over_deadline, live)
        with contextlib.suppress(NoWorker):  # its death is told by the crew, which puts the run back
            await worker.send(Submit(record.id, record.workflow, record.targets, for_pictures(record), record.checked))
        if live.asked_to_stop:
            await self.ask_to_stop(live)

    def _over_deadline(self, live: Live) -> None:
        live.over_deadline = True
        self._begin(self.ask_to_stop(live))

    async def ask_to_stop(self, live: Live) -> None:
        """Ask a run to stop, and end its worker if it goes on for too long after that."""
        live.asked_to_stop = True
        if live.patience is None and live.record.id in self._live:
            reason = f"did not stop within {self._patience:g} seconds of being asked"
            loop = asyncio.get_running_loop()
            live.patience = loop.call_later(self._patience, lambda: live.worker.kill(reason))
        with contextlib.suppress(NoWorker):
            await live.worker.send(Cancel(live.record.id))

    # What workers say

    async def _heard(self, worker: WorkerProcess, word: FromWorker) -> None:
        match word:
            case Ready():
                _log.info("worker %s is ready (process %d)", worker.name, word.pid)
                await self._is_ready(worker.name, word)
                self.crew.grow(word.devices)
                self._hand_out()
            case Events():
                await self._happened(word)
            case Picture():
                self._pictured(word)
            case Ended():
                await self._ended(worker, word)
            case Settled():
                await self._written(lambda store, run=word.run, memory=word.memory: store.settle(run, memory))
            case _:
                pass

    async def _happened(self, word: Events) -> None:
        live = self._live.get(word.run)
        if live is None:
            return
        happened = [from_json(each) for each in word.events]
        await self._write_and_tell(live.teller.hear(happened))
        for event in happened:
            if isinstance(event, NodeText):
                self._board.tell(TextFrame(word.run, live.record.client_id, event.display, event.text))
        self._hold_back(live)

    async def _write_and_tell(self, messages: Sequence[Message]) -> None:
        if any(message.seq for message in messages):
            messages = await self._written(lambda store, told=messages: store.log(told))
        self._board.tell_all(messages)

    def _hold_back(self, live: Live) -> None:
        """See that what was held back is told when its time has come, should nothing else happen until then."""
        seconds = live.teller.due()
        if seconds is None or live.held_back is not None or live.record.id not in self._live:
            return

        def now() -> None:
            live.held_back = None
            self._begin(self._let_go(live))

        live.held_back = asyncio.get_running_loop().call_later(seconds, now)

    async def _let_go(self, live: Live) -> None:
        if self._live.get(live.record.id) is live:
            await self._write_and_tell(live.teller.overdue())
            self._hold_back(live)

    def _pictured(self, word: Picture) -> None:
        live = self._live.get(word.run)
        if live is not None:
            self.figures.previews += 1
            about = (word.node, word.display, word.parent, word.media_type, word.image)
            self._board.tell(PreviewFrame(word.run, live.record.client_id, *about))

    async def _ended(self, worker: WorkerProcess, word: Ended) -> None:
        live = self._live.get(word.run)
        if live is not None and self._closing and word.status == "interrupted" and not live.asked_to_stop:
            return  # interrupted because the server ends: it goes back into the queue
        if live is not None:
            self.figures.ended(live.teller, word)
            await self._put_away(live, *ending_of(word, live.teller, live.over_deadline, live.record.deadline))
        self._taken.discard(worker)
        self._hand_out()

    async def _put_away(self, live: Live, ending: Ending, told: Sequence[Message]) -> None:
        """Write how a run ended, and tell it: its record is whole before anybody hears of the end."""
        live.close()
        run = live.record.id

        def work(store: Store) -> list[Message]:
            store.end(run, ending)
            return store.log(told)

        written = await self._written(work)
        self._live.pop(run, None)
        self.figures.states[ending.state] += 1
        self._board.tell_all(written[:-1])
        self._board.moved("running", ending.state)
        self._board.tell_all(written[-1:])
        self._ended_since_prune += 1
        if self._ended_since_prune >= PRUNE_EVERY:
            self._ended_since_prune = 0
            self._begin(self._prune())

    async def _died(self, worker: WorkerProcess, reason: str) -> None:
        self._taken.discard(worker)
        for live in [each for each in self._live.values() if each.worker is worker]:
            live.close()
            if live.asked_to_stop:
                deadline = live.record.deadline if live.over_deadline else None
                await self._put_away(live, *stopped(live.teller, deadline))
                continue
            self._live.pop(live.record.id, None)
            again = await self._again_or_lost(live.record, live.teller, f"worker {worker.name} {reason}")
            self._board.moved("running", "queued" if again else "lost")
        self._hand_out()

    async def _again_or_lost(self, record: Record, teller: Teller, reason: str) -> bool:
        """Put a run whose worker died back into the queue, or give it up; whether it will be tried again."""
        again = record.attempts < MOST_ATTEMPTS
        ending, told = (None, [retried(teller, record, reason)]) if again else lost(teller, reason)

        def work(store: Store) -> list[Message]:
            if ending is None:
                store.requeue(record.id)
            else:
                store.end(record.id, ending)
            return store.log(told)

        self._board.tell_all(await self._written(work))
        if not again:
            self.figures.states["lost"] += 1
        return again

    # Writing, and what goes on beside

    async def _written(self, work: Callable[[Store], Written]) -> Written:
        """Have something written, again and again while the disk is full: until then the workers wait."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._journal.do(work)
            except StoreError as error:
                if self._closing:
                    raise
                _log.error("the database cannot be written: %s; trying again in %g s", error, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let something go on beside; its failure is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None and not self._closing:
            _log.error("something that was begun beside has failed", exc_info=task.exception())


def for_pictures(record: Record) -> Mapping[str, object]:
    """What came along to be written into pictures: `extra_pnginfo` of the wire."""
    found = record.extra.get("extra_pnginfo")
    return cast(Mapping[str, object], found) if isinstance(found, Mapping) else {}


async def _freed(worker: WorkerProcess, payload: Mapping[str, object]) -> None:
    with contextlib.suppress(NoWorker, WorkerRefused):
        await worker.ask("free", payload, WHEN_IDLE_SECONDS)
