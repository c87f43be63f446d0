"""The worker's side of the line: takes runs from the server and carries them out, one after the other.

Four threads share the work. The calling one runs nodes, and between runs gives memory back and reads packs anew. The
reader takes words, so that a stop request is heard at once. One answers questions beside a run: `check` and `plan` only
read what they share with it (a registry never changes and is replaced as a whole, looking into the cache moves nothing,
and each of its steps is one operation on a dictionary). The outbox writes.

A worker never outlives its server: the end of its incoming line ends the process at once, so that no second worker
works beside a new one.
"""

import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from typing import BinaryIO, Final, Protocol, cast, runtime_checkable

from graph import events
from graph.attempt import Failure, attempt
from graph.cache import Cache
from graph.check import check
from graph.describe import Catalogues
from graph.described import description
from graph.errors import CycleError, GraphError, PlanError, SpecError, WorkflowError
from graph.outcome import Outcome, message_of
from graph.plan import Plan, plan
from graph.problems import problem_to_json
from graph.registry import Registry
from graph.run import run
from graph.workflow import Workflow, from_api
from runs.frames import FrameError, read_frame
from runs.words import Answer, Ask, Cancel, Ended, Picture, Ready, Settled, Shutdown, Submit, ToWorker
from runs.worker_memory import ProcessMemory
from runs.worker_outbox import SERVER_GONE, Outbox, carefully, leave

NO_SENSE: Final = 4
"""Exit code of a worker that could not understand its server."""

_IDLE_SECONDS: Final = 2.0


def _nothing() -> None:
    """There is no device whose memory could be given back."""


@dataclass(frozen=True)
class Workshop:
    """What a worker works with.

    registry: the nodes. catalogues: the names inputs choose from. cache: for all runs. services: for the nodes, by
    type. device: says what the device is and how much of it is free, as in `Ready`; called every second from a thread
    of its own. versions: by package. devices: how many accelerators the machine has. packs, webs, routes: as in
    `Ready`. reload: reads packs anew; None where there are none. empty_device_cache: gives the device's unused memory
    back.
    """

    registry: Registry
    catalogues: Catalogues
    cache: Cache
    services: Mapping[type, object]
    device: Callable[[], Mapping[str, object]]
    versions: Mapping[str, str]
    devices: int = 0
    packs: Sequence[Mapping[str, object]] = ()
    webs: Sequence[Mapping[str, object]] = ()
    routes: Mapping[str, object] = field(default_factory=dict[str, object])
    reload: "Callable[[bool], Reloaded] | None" = None
    empty_device_cache: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Reloaded:
    """What there is after packs were read anew; fields as those of the workshop, whose place they take."""

    registry: Registry
    packs: Sequence[Mapping[str, object]] = ()
    webs: Sequence[Mapping[str, object]] = ()
    routes: Mapping[str, object] = field(default_factory=dict[str, object])


@runtime_checkable
class Encoded(Protocol):
    """A preview that can be sent: `data` are the bytes of a picture of this type, such as `image/jpeg`."""

    @property
    def media_type(self) -> str:
        """The type of the bytes."""
        ...

    @property
    def data(self) -> bytes:
        """The picture."""
        ...


def standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """The line to the server over standard input and output, which from then on are an empty input and standard error.

    To be called before anything is imported that might print. What nodes print, and processes they start, thus cannot
    come between the frames, and none of those processes holds the line open.
    """
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    outgoing = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")
    return cast(BinaryIO, incoming), cast(BinaryIO, outgoing)


def work(workshop: Workshop, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Say `Ready`, then carry out what comes until `Shutdown`. Nodes run on the calling thread.

    Ends the whole process with exit code 3 when the server is gone. Errors of nodes are told; an error of the engine
    itself is raised, and ends the process.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides what an interrupt at its terminal means
    Worker(workshop, incoming, outgoing).work()


@dataclass(frozen=True, slots=True)
class _Job:
    """A run that waits or is going on, and its stop request."""

    submit: Submit
    stop: threading.Event


class Worker:
    """One worker at work."""

    def __init__(self, workshop: Workshop, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._workshop = workshop
        self._incoming = incoming
        self._memory = ProcessMemory()
        self._outbox = Outbox(outgoing, workshop.device, self._memory)
        self._to_do: queue.SimpleQueue[_Job | Ask | None] = queue.SimpleQueue()
        self._questions: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._closed = threading.Event()

    def work(self) -> None:
        """Work until told to end."""
        shop = self._workshop
        shop.cache.remembered.get("")  # read now, so that no two threads read it at the same time later
        nodes = [description(node) for node in shop.registry]
        about = (nodes, shop.device(), shop.versions, shop.devices, shop.packs, shop.webs, shop.routes)
        self._outbox.say(Ready(os.getpid(), *about))
        self._outbox.start()
        for name, target in (("reader", self._read), ("answers", self._answer_all)):
            threading.Thread(target=carefully, args=(target,), name=name, daemon=True).start()
        while not self._closing.is_set():
            try:
                item = self._to_do.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                self._memory.when_idle()
                continue
            if isinstance(item, _Job) and not self._closing.is_set():
                self._do(item)
            elif isinstance(item, Ask):
                self._between_runs(item)
        self._closed.set()
        self._outbox.close()

    # Reading

    def _read(self) -> None:
        while True:
            try:
                word = read_frame(self._incoming)
            except (FrameError, OSError, ValueError) as error:
                if not self._closed.is_set():
                    leave(NO_SENSE, f"the server cannot be understood: {error}")
                return
            if word is None:
                if not self._closed.is_set():
                    leave(SERVER_GONE, "the server is gone")
                return
            self._take(cast(ToWorker, word))

    def _take(self, word: ToWorker) -> None:
        match word:
            case Submit():
                job = _Job(word, threading.Event())
                with self._lock:
                    self._jobs[word.run] = job
                self._to_do.put(job)
            case Cancel(run=id):
                with self._lock:
                    job = self._jobs.get(id)
                if job is not None:
                    job.stop.set()
            case Ask(question="free" | "reload"):
                self._to_do.put(word)
            case Ask():
                self._questions.put(word)
            case Shutdown():
                self._closing.set()
                with self._lock:
                    for job in self._jobs.values():
                        job.stop.set()
                self._to_do.put(None)

    # Answering

    def _answer_all(self) -> None:
        while True:
            ask = self._questions.get()
            value = attempt(self._answer, ask)
            if isinstance(value, Failure):
                self._outbox.say(Answer(ask.number, None, message_of(value.error)))
            else:
                self._outbox.say(Answer(ask.number, value))

    def _answer(self, ask: Ask) -> object:
        shop = self._workshop
        if ask.question == "describe":
            return [description(node) for node in shop.registry]
        workflow = from_api(ask.payload.get("workflow"))
        targets = cast(Collection[str] | None, ask.payload.get("targets"))
        if ask.question == "check":
            return self._problems(workflow, targets)
        planned = plan(workflow, shop.registry, shop.cache, shop.services, targets)
        return [
            {"node": each.node, "class_type": each.class_type, "action": each.action, "why": each.why, "key": each.key}
            for each in planned.entries
        ]

    def _between_runs(self, ask: Ask) -> None:
        """Answer a question whose answer changes what runs share."""
        if ask.question == "free":
            self._free(ask)
        else:
            self._reload(ask)

    def _reload(self, ask: Ask) -> None:
        """Put the nodes of changed packs in the place of the old ones; whatever holds the old registry keeps it."""
        if self._workshop.reload is None:
            self._outbox.say(Answer(ask.number, None, "this worker has no packs that it could read anew"))
            return
        now = attempt(self._workshop.reload, ask.payload.get("again") is True)
        if isinstance(now, Failure):
            self._outbox.say(Answer(ask.number, None, message_of(now.error)))
            return
        self._workshop = replace(
            self._workshop, registry=now.registry, packs=now.packs, webs=now.webs, routes=now.routes
        )
        nodes = [description(node) for node in now.registry]
        told = {"nodes": nodes, "packs": now.packs, "webs": now.webs, "routes": now.routes}
        self._outbox.say(Answer(ask.number, told))

    def _free(self, ask: Ask) -> None:
        if ask.payload.get("free_memory") or ask.payload.get("unload_models"):
            self._workshop.cache.clear_memory()
            self._memory.give_back()
        if ask.payload.get("unload_models"):
            self._workshop.empty_device_cache()
        self._outbox.say(Answer(ask.number, True))

    # Running

    def _do(self, job: _Job) -> None:
        """Carry out one run, tell its end, and then give memory back, which can take a while."""
        run_id = job.submit.run
        self._outbox.busy_with = run_id
        before = self._memory.begin_run()
        ended = self._ended(job)
        peak = self._memory.peak()
        resident = self._memory.resident()
        with self._lock:
            if self._jobs.get(run_id) is job:
                del self._jobs[run_id]
        self._outbox.busy_with = None
        self._outbox.say(replace(ended, memory={"before": before, "after": resident, "peak": peak}))
        settled = self._memory.after_run()
        if settled < resident:
            self._outbox.say(Settled(run_id, settled))

    def _ended(self, job: _Job) -> Ended:
        submit = job.submit
        if job.stop.is_set():
            return self._never_begun(submit)
        try:
            workflow = from_api(submit.workflow)
            problems = [] if submit.checked else self._problems(workflow, submit.targets)
            if any(each["severity"] == "error" for each in problems):
                return Ended(submit.run, "refused", problems=problems)
            shop = self._workshop
            planned = plan(workflow, shop.registry, shop.cache, shop.services, submit.targets)
        except (PlanError, SpecError, WorkflowError) as error:
            return Ended(submit.run, "refused", problems=[_as_problem(error)])
        return self._run(planned, job)

    def _problems(self, workflow: Workflow, targets: Collection[str] | None) -> list[dict[str, object]]:
        """All problems of a workflow. What a node's own validation raises is one, not the end of this process."""
        shop = self._workshop
        found = attempt(check, workflow, shop.registry, shop.catalogues, targets)
        if not isinstance(found, Failure):
            return [problem_to_json(each) for each in found]
        if isinstance(found.error, GraphError):
            raise found.error
        sys.stderr.write("".join(traceback.format_exception(found.error)))
        message = f"a node's own validation failed: {type(found.error).__name__}: {message_of(found.error)}"
        return [_problem("custom_validation", message, "Mend the node, or leave it out.")]

    def _never_begun(self, submit: Submit) -> Ended:
        """A run that was cancelled before its turn came, told in the words of one that was stopped."""
        at = time.time()
        self._outbox.event(submit.run, events.RunStarted(tuple(submit.targets), 0, at))
        self._outbox.event(submit.run, events.Interrupted(None, None, None, (), at))
        self._outbox.event(submit.run, events.RunFinished("interrupted", 0.0, at))
        return Ended(submit.run, "interrupted")

    def _run(self, planned: Plan, job: _Job) -> Ended:
        """Run a plan. Nobody asks for the values of its targets, so they are not kept for the outcome."""
        shop = self._workshop
        run_id = job.submit.run
        parents: dict[str, str] = {}

        def hear(event: events.Event) -> None:
            if isinstance(event, events.Preview):
                picture = _picture(run_id, event, parents)
                if picture is not None:
                    self._outbox.picture(picture)
                return
            if isinstance(event, events.NodeStarted) and event.parent is not None:
                parents[event.node] = event.parent
            self._outbox.event(run_id, event)

        planned = replace(planned, requested=False)
        outcome = run(planned, shop.cache, shop.services, hear, job.stop, job.submit.extra, run_id)
        return _ended_with(run_id, outcome, parents)


def _picture(run_id: str, event: events.Preview, parents: Mapping[str, str]) -> Picture | None:
    """A preview as it can be sent; None for one that is not encoded."""
    image = event.image
    if not isinstance(image, Encoded) or image.data.__class__ is not bytes or image.media_type.__class__ is not str:
        return None
    return Picture(run_id, event.node, event.display, parents.get(event.node), image.media_type, image.data)


def _ended_with(run_id: str, outcome: Outcome, parents: Mapping[str, str]) -> Ended:
    outputs = {
        step_id: {"ui": shown.ui, "display": shown.display, "parent": parents.get(step_id), "cached": shown.cached}
        for step_id, shown in outcome.outputs.items()
    }
    return Ended(run_id, outcome.status, outputs, outcome.executed, outcome.cached, outcome.seconds)


def _as_problem(error: GraphError) -> dict[str, object]:
    """Why a workflow could not even be planned, in the form of a problem."""
    remedy = "Check the workflow, correct what is named there, and hand it in again."
    message = message_of(error)
    match error:
        case CycleError(path=path):
            return _problem("cycle", message, remedy, path[0], {"path": list(path)})
        case PlanError():
            return _problem("cannot_plan", message, remedy)
        case SpecError():
            return _problem("bad_node", message, remedy)
        case _:
            return _problem("bad_workflow", message, remedy)


def _problem(
    code: str, message: str, remedy: str, node: str | None = None, details: Mapping[str, object] | None = None
) -> dict[str, object]:
    """The keys of `graph.problems.problem_to_json`, with a code that `check` itself may not know."""
    return {
        "severity": "error",
        "node": node,
        "input": None,
        "code": code,
        "message": message,
        "remedy": remedy,
        "details": dict(details or {}),
    }
