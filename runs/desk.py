"""The desk where runs are handed in and asked after: queue, workers and event log behind one object.

Everything is asynchronous and belongs to one event loop. What is told was written first, so nothing that a listener
has heard is lost when a process dies.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from graph.check import check
from graph.describe import Catalogues
from graph.described import Descriptions, read_descriptions
from graph.problems import Problem, problem_from_json
from graph.workflow import Workflow, to_api
from runs.board import Board, Hear
from runs.brought import Brought, changed
from runs.crew import Staffing
from runs.endings import stopped
from runs.errors import NoWorker, StillOpen, UnknownRun
from runs.floor import Floor
from runs.journal import Journal
from runs.records import ENDED, OPEN, Message, QueueChanged, Record, State, Submission
from runs.store import Store
from runs.telling import Teller
from runs.words import Loading, Ready

NODES: Final = "nodes"
PACKS: Final = "packs"
"""Under these names is kept across restarts what workers described: nodes, and what became of packs."""

LARGE_WORKFLOW: Final = 300
"""Steps from which a workflow is checked in a thread, so that the event loop goes on."""

CHECK_SECONDS: Final = 5.0
PLAN_SECONDS: Final = 60.0
FIRST_WORKER_SECONDS: Final = 120.0


class Desk:
    """Takes runs in, hands them to the floor, and answers what is asked about them.

    staffing: how workers are begun. most_runs, most_bytes: the bound of the history. patience: seconds a run that was
    asked to stop may go on before its worker is ended.
    """

    def __init__(
        self,
        journal: Journal,
        staffing: Staffing,
        *,
        most_runs: int = 10_000,
        most_bytes: int = 2 * 2**30,
        patience: float = 30.0,
    ) -> None:
        self._journal = journal
        self._board = Board()
        self._floor = Floor(journal, self._board, staffing, self._worker_is_ready, self._prune, patience)
        self._most_runs = most_runs
        self._most_bytes = most_bytes
        self._described: Descriptions | None = None
        self._raw_nodes: Sequence[Mapping[str, Any]] = ()
        self._brought = Brought()
        self._first_nodes = asyncio.Event()

    @classmethod
    async def open(
        cls,
        database: Path,
        staffing: Staffing,
        *,
        most_runs: int = 10_000,
        most_bytes: int = 2 * 2**30,
        patience: float = 30.0,
    ) -> "Desk":
        """A desk over this database, its workers begun in the background. Raises StoreError."""
        journal = Journal.open(database)
        desk = cls(journal, staffing, most_runs=most_runs, most_bytes=most_bytes, patience=patience)
        async with contextlib.AsyncExitStack() as undone:
            undone.push_async_callback(journal.close)
            await desk._take_up()
            undone.pop_all()
        desk._floor.open()
        return desk

    async def close(self, grace: float = 5.0) -> None:
        """End the workers and close the database; running runs go back into the queue, the attempt not counted."""
        await self._floor.close(grace)
        await self._journal.close()

    async def _take_up(self) -> None:
        """Go on where the last process stopped, however it stopped."""
        described, packs = await self._journal.do(lambda store: (store.value(NODES), store.value(PACKS)))
        self._brought.remember(packs)
        if described is not None:
            self._know_nodes(cast(Sequence[Mapping[str, Any]], described))
        await self._floor.take_up(await self._journal.do(lambda store: store.recover()))
        for state in OPEN:
            self._board.counts[state] = await self.count((state,))
        self._board.position = await self._journal.do(lambda store: store.last_position())
        await self._prune()

    # Handing in

    async def submit(self, submission: Submission) -> Record:
        """Queue a run and return its record once it is written. The same id with the same workflow gives the first
        submission's record; with another one raises IdTaken."""
        at = time.time()
        record, is_new = await self._journal.do(lambda store: store.submit(submission, at))
        if is_new:
            self._board.moved(None, "queued")
            self._floor.arrived()
        return record

    async def take_number(self) -> int:
        """The next number of the counter, which refused requests use up too."""
        return await self._journal.do(lambda store: store.take_number())

    async def retry(self, id: str, client_id: str | None = None) -> Record:
        """Queue the workflow of an ended run again, under a new id. client_id: who hears of it, left out the one that
        heard of the first. Raises UnknownRun, StillOpen."""
        record = await self._known(id)
        if record.state not in ENDED:
            raise StillOpen(id)
        return await self.submit(
            Submission(
                record.workflow,
                record.targets,
                client_id=client_id or record.client_id,
                extra=record.extra,
                checked=record.checked,
                function=record.function,
                deadline=record.deadline,
            )
        )

    async def move(self, id: str, before: str | None) -> Record:
        """Put a queued run just before another one, or at the end of the queue for None; listeners hear that the queue
        changed. Raises UnknownRun, and NotQueued where one of the two no longer waits."""
        record, is_news = await self._journal.do(lambda store: store.move(id, before))
        if is_news:
            self._board.tell(QueueChanged(self._board.remaining))
        return record

    # Asking after

    async def record(self, id: str) -> Record | None:
        """One run."""
        return await self._journal.do(lambda store: store.record(id))

    async def records(
        self,
        states: Collection[State] | None = None,
        *,
        limit: int | None = None,
        offset: int = 0,
        newest_first: bool = True,
        begun: bool = False,
    ) -> Sequence[Record]:
        """Runs in the order of their ending (open ones: of submission). begun: only those that were ever begun."""
        return await self._journal.do(
            lambda store: store.records(states, limit=limit, offset=offset, newest_first=newest_first, begun=begun)
        )

    async def count(self, states: Collection[State] | None = None) -> int:
        """How many runs there are in these states."""
        return await self._journal.do(lambda store: store.count(states))

    async def queue(self) -> tuple[Sequence[Record], Sequence[Record]]:
        """The running runs, and the queued ones in the order in which they will run."""
        return await self._journal.do(lambda store: (store.records(("running",), newest_first=False), store.queued()))

    def remaining(self) -> int:
        """How many runs are queued or running."""
        return self._board.remaining

    async def events(self, id: str, since: int = 0, limit: int = 10_000) -> Sequence[Message]:
        """What was logged of a run after the sequence number. Raises UnknownRun."""
        found = await self._journal.do(lambda store: store.events(id, since, limit))
        if not found:
            await self._known(id)
        return found

    async def missed(self, client_id: str, after: int, limit: int = 10_000) -> Sequence[Message]:
        """What was logged of all runs of a client after a position of the whole log."""
        return await self._journal.do(lambda store: store.events_of_client(client_id, after, limit))

    def position(self) -> int:
        """The position of the last message in the whole log."""
        return self._board.position

    async def heard_up_to(self, client_id: str) -> int | None:
        """The position up to which this client is known to have heard; None for one never seen."""
        return await self._journal.do(lambda store: store.heard(client_id))

    async def set_heard(self, client_id: str, position: int) -> None:
        """Remember the position up to which a client has heard."""
        at = time.time()
        await self._journal.do(lambda store: store.set_heard(client_id, position, at))

    def snapshot(self, id: str) -> Sequence[Message]:
        """What a client that joins a running run should be told first: the current `progress_state`, `executing`."""
        live = self._floor.live(id)
        return () if live is None else live.teller.joined()

    def running_of(self, client_id: str) -> Sequence[str]:
        """The ids of the runs of this client that are at work now."""
        return [live.record.id for live in self._floor.lives() if live.record.client_id == client_id]

    def listen(self, hear: Hear) -> Callable[[], None]:
        """Hear all that is told from now on; the answer ends it. `hear` is called in the loop and must not wait."""
        return self._board.listen(hear)

    # Ending

    async def cancel(self, id: str) -> bool:
        """End a queued run, ask a running one to stop; False for one that has ended. Raises UnknownRun."""
        live = self._floor.live(id)
        if live is None:
            if await self.drop([id]):
                return True
            await self._known(id)
            live = self._floor.live(id)  # it may have been begun meanwhile
        if live is not None:
            await self._floor.ask_to_stop(live)
        return live is not None

    async def interrupt(self, id: str | None = None) -> None:
        """Ask running runs to stop: all of them, or this one if it runs."""
        for live in self._floor.lives():
            if id is None or live.record.id == id:
                await self._floor.ask_to_stop(live)

    async def drop(self, ids: Collection[str] | None = None) -> int:
        """Take queued runs out of the queue, all of them for None; how many there were."""
        told: list[Message] = []

        def work(store: Store) -> list[Record]:
            dropped = store.drop(ids, time.time())
            for record in dropped:
                _, messages = stopped(Teller(record.id, record.client_id, store.last_seq(record.id)))
                told.extend(store.log(messages))
            return dropped

        dropped = await self._journal.do(work)
        if dropped:
            self._floor.figures.states["interrupted"] += len(dropped)
            self._board.tell_all(told)
            self._board.moved("queued", "interrupted", len(dropped))
        return len(dropped)

    async def forget(self, ids: Collection[str] | None = None) -> int:
        """Delete ended runs with their events, all of them for None; how many there were."""
        return await self._journal.do(lambda store: store.forget(ids))

    # Nodes and workers

    async def nodes(self) -> Descriptions:
        """The nodes there are, remembered from the last start until a worker is ready. Raises NoWorker."""
        if self._described is None:
            try:
                await asyncio.wait_for(self._first_nodes.wait(), FIRST_WORKER_SECONDS)
            except TimeoutError:
                reason = self._floor.crew.last_reason
                why = f"; the last one {reason}" if reason else ""
                raise NoWorker(f"no worker is ready to say which nodes there are{why}; see the server's log") from None
        assert self._described is not None
        return self._described

    async def check(
        self, workflow: Workflow, catalogues: Catalogues, targets: Collection[str] | None = None
    ) -> tuple[tuple[Problem, ...], bool]:
        """All problems of a workflow, and whether the nodes' own validation has been asked too. Raises NoWorker."""
        described = await self.nodes()
        if any(step.class_type in described.asks for step in workflow.steps.values()):
            with contextlib.suppress(NoWorker):
                wanted = None if targets is None else list(targets)
                payload = {"workflow": to_api(workflow), "targets": wanted}
                told = await self._floor.somebody().ask("check", payload, CHECK_SECONDS)
                return tuple(problem_from_json(each) for each in cast(Sequence[Mapping[str, Any]], told)), True
            asked = False
        else:
            asked = True
        if len(workflow.steps) < LARGE_WORKFLOW:
            return check(workflow, described.registry, catalogues, targets), asked
        return await asyncio.to_thread(check, workflow, described.registry, catalogues, targets), asked

    async def plan(self, workflow: Workflow, targets: Collection[str] | None = None) -> Sequence[Mapping[str, object]]:
        """What would run: `{"node", "class_type", "action", "why", "key"}` a step. Raises NoWorker, WorkerRefused."""
        payload = {"workflow": to_api(workflow), "targets": None if targets is None else list(targets)}
        return cast(Sequence[Mapping[str, object]], await self._floor.somebody().ask("plan", payload, PLAN_SECONDS))

    async def free(self, unload_models: bool, free_memory: bool) -> None:
        """Ask every worker to give memory back when it is next idle; does not wait for it."""
        self._floor.free({"unload_models": unload_models, "free_memory": free_memory})

    def workers(self) -> Sequence[Ready]:
        """What the workers that are ready said of themselves, with their devices as of the last heartbeat."""
        return self._floor.workers()

    def figures(self) -> Mapping[str, float]:
        """Numbers for `/metrics`, by name with labels, such as `nodeloom_runs{state="done"}`."""
        floor = self._floor
        return floor.figures.all(self._board.counts, floor.crew.workers, floor.crew.restarts)

    # Packs

    @property
    def brought(self) -> Brought:
        """What packs have brought, remembered from the last start until a worker is ready."""
        return self._brought

    def serving(self) -> Collection[str]:
        """The names of the workers that are ready, and live."""
        return [worker.name for worker in self._floor.crew.ready]

    def loading(self) -> Loading | None:
        """How far a worker is that is not ready yet; None where none says so."""
        return next((each.loading for each in self._floor.crew.workers if each.loading is not None), None)

    async def reload_packs(self, again: bool = False, seconds: float = 0.0) -> bool:
        """Have workers read packs anew that have changed, each when it is next idle; whether all have within this time.

        again: also those that failed. Listeners hear `NodesChanged`.
        """
        return await self._floor.reload(again, seconds)

    async def _worker_is_ready(self, worker: str, ready: Ready) -> None:
        nodes = list(ready.nodes)
        before, is_first = self._raw_nodes, self._described is None
        is_news = self._brought.hear(worker, ready)
        if is_news or is_first:
            kept = self._brought.to_json()
            await self._journal.do(lambda store: store.set_value(PACKS, kept))
        if nodes != before or is_first:
            self._know_nodes(nodes)
            await self._journal.do(lambda store: store.set_value(NODES, nodes))
        if not is_first and (is_news or nodes != before):
            self._board.tell(changed(before, nodes, self._brought.failed))

    def _know_nodes(self, nodes: Sequence[Mapping[str, Any]]) -> None:
        self._raw_nodes = nodes
        self._described = read_descriptions(nodes)
        self._first_nodes.set()

    async def _prune(self) -> None:
        await self._journal.do(lambda store: store.prune(self._most_runs, self._most_bytes))

    async def _known(self, id: str) -> Record:
        record = await self.record(id)
        if record is None:
            raise UnknownRun(id)
        return record
