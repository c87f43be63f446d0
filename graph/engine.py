"""The loop that carries out a plan: one ready step after the other, asynchronous ones beside them."""

import inspect
import time
from collections.abc import Coroutine, Iterable
from typing import Any, Final, cast

from graph import events
from graph.attempt import Failure, attempt
from graph.background import Background
from graph.cache import Cache, Found
from graph.calls import (
    Arguments,
    Piece,
    Values,
    arguments,
    blocked,
    blocker_in,
    call_in_turn,
    call_side_by_side,
    gather,
    merged_ui,
    outputs_of,
)
from graph.errors import CycleError, Interrupted, NodeError
from graph.expansion import expansion, expansion_prefix
from graph.handle import Origin, Run, RunContext, current_run
from graph.outcome import NodeOutput, message_of, summary, traceback_lines
from graph.plan import Plan
from graph.problems import ring
from graph.reasons import EXPANDED
from graph.remembered import components_of
from graph.results import Entry, Expand, Written
from graph.schedule import Schedule
from graph.steps import Link, Step
from graph.tasks import State, Task

_POLL_SECONDS: Final = 0.05
_ASKED: Final = "asked for while running"
_GROWN: Final = Expand({})
"""Stands for the graph of a step whose steps have been put into the run."""


class Engine:
    """One run. What happened so far is in its attributes, whatever ends it."""

    def __init__(self, plan: Plan, cache: Cache, context: RunContext) -> None:
        self.executed: dict[str, float] = {}
        self.cached: dict[str, None] = {}
        self.outputs: dict[str, NodeOutput] = {}
        self.error: events.NodeFailed | None = None
        self.current: Task | None = None
        self._plan = plan
        self._cache = cache
        self._context = context
        self._emit = context.emit
        self._background: Background[Task] | None = None
        self._targets = list(plan.targets)
        keep = plan.targets if plan.requested else ()
        self.schedule = Schedule(context, plan.registry, cache, plan.known, keep, self._found)

    def run(self) -> None:
        """Go on until all targets are done or one step fails. Raises Interrupted when asked to stop."""
        for step_id in self._plan.cached:
            self._say_cached(step_id, step_id)
        self.schedule.demand(self._targets)
        ready = self.schedule.ready
        while self.error is None:
            self.current = None
            if self._context.stop():
                raise Interrupted("the run was asked to stop")
            if self._background is not None and self._background.running:
                self._collect(0 if ready else _POLL_SECONDS)
            if self.error is None and ready:
                self._advance(ready.popleft())
            elif self._background is None or not self._background.running:
                break
        if self.error is None:
            self._all_done()

    def close(self) -> None:
        """Let go of whatever runs beside, and remember what was run."""
        if self._background is not None:
            self._background.close()
        remembered = self._cache.remembered
        for step_id in self._plan.cached:
            before = remembered.get(step_id)
            if before is None or before.key != self._plan.known.keys[step_id]:
                node = self._plan.known.nodes[step_id]
                remembered.put(step_id, components_of(self._plan.workflow.steps[step_id], node, self._plan.known))
        remembered.save()

    # Cached steps

    def _say_cached(self, step_id: str, display: str) -> None:
        self.cached[step_id] = None
        self._emit(events.NodeCached(step_id, display, time.time()))

    def _found(self, task: Task, found: Found) -> None:
        step_id = task.step.id
        if step_id not in self.cached and step_id not in self.executed:
            self._say_cached(step_id, task.origin.display)
        if found.ui or found.files:
            self._show(task, found.ui or {}, found.files, cached=True)

    def _show(self, task: Task, ui: Any, files: tuple[Written, ...], cached: bool) -> None:
        step_id = task.step.id
        self.outputs[step_id] = NodeOutput(ui, files, task.origin.display, cached)
        if ui:
            self._emit(events.NodeShown(step_id, task.origin.display, ui, cached, time.time()))

    def _take_over(self, task: Task, twin: str) -> None:
        """Take the values of a step that has the same key, and show what it shows."""
        self._say_cached(task.step.id, task.origin.display)
        shown = self.outputs.get(twin)
        if shown is not None:
            self._show(task, shown.ui, shown.files, cached=True)
        self.schedule.done(task, self.schedule.tasks[twin].outputs or ())

    # One step

    def _advance(self, task: Task) -> None:
        """Bring a ready task one stage further."""
        self.current = task
        missing = self.schedule.missing(task)
        if missing:
            self.schedule.redo(task, missing)
            return
        if task.twin is not None:
            self._take_over(task, task.twin)
            return
        if task.state is State.EXPANDED:
            self._finish_safely(task)
            return
        if task.node.lazy_needs is not None and self._asks_for_more(task):
            return
        prepared = attempt(self._prepare, task)
        if isinstance(prepared, Failure):
            self._fail(task, prepared.error)
            return
        calls, messages = prepared
        for message in messages:
            origin = task.origin
            self._emit(events.NodeBlocked(task.step.id, origin.display, task.node.id, message, time.time()))
        if all(call is None for call in calls) and calls:
            task.pieces = [blocked(task.node)] * len(calls)
            self._finish(task)
            return
        self._start(task, calls)

    def _prepare(self, task: Task) -> tuple[list[Arguments | None], list[str]]:
        """The arguments of every call, None for one that a blocker keeps from being made, and what blockers say."""
        task.given = gather(task.step, task.node, self.schedule.values)
        calls: list[Arguments | None] = []
        messages: list[str] = []
        for inputs in arguments(task.node, task.given):
            blocker = blocker_in(inputs)
            if blocker is None:
                calls.append(inputs)
                continue
            calls.append(None)
            if blocker.message is not None:
                task.reported = True
                messages.append(blocker.message)
        return calls, messages

    def _start(self, task: Task, calls: list[Arguments | None]) -> None:
        step_id = task.step.id
        origin = task.origin
        reason = self._plan.running.get(step_id)
        why = reason.sentence if reason is not None else EXPANDED if origin.parent is not None else _ASKED
        self._emit(events.NodeStarted(step_id, origin.display, origin.parent, task.node.id, why, time.time()))
        task.started = time.perf_counter()
        handle = Run(self._context, step_id, origin, task.node.id)
        token = current_run.set(handle)
        try:
            if task.node.is_async:
                task.state = State.RUNNING
                self._beside().start(task, call_side_by_side(task.node, calls, handle))
                return
            pieces = attempt(call_in_turn, task.node, calls, handle)
        finally:
            current_run.reset(token)
        self._returned(task, pieces)

    def _beside(self) -> "Background[Task]":
        if self._background is None:
            self._background = Background()
        return self._background

    def _collect(self, seconds: float) -> None:
        """Take in what has ended beside the loop, waiting at most this long for the first."""
        background = self._beside()
        while self.error is None:
            ended = background.next_ended(seconds)
            if ended is None:
                return
            task, future = ended
            self.current = task
            self._returned(task, cast("Failure | list[Piece]", attempt(future.result)))
            seconds = 0

    def _returned(self, task: Task, pieces: "Failure | list[Piece]") -> None:
        """A node has returned: finish it, or go on with the graph it returned."""
        if isinstance(pieces, Failure):
            self._fail(task, pieces.error)
            return
        task.pieces = pieces
        if any(piece.expand is not None for piece in pieces):
            expanded = attempt(self._expand, task)
            if isinstance(expanded, Failure):
                self._fail(task, expanded.error)
            return
        self._finish_safely(task)

    def _finish_safely(self, task: Task) -> None:
        finished = attempt(self._finish, task)
        if isinstance(finished, Failure):
            self._fail(task, finished.error)

    def _finish(self, task: Task) -> None:
        """Put a step's values on its wires, keep them, and tell."""
        step_id = task.step.id
        expanded = task.state is State.EXPANDED
        outputs = outputs_of(task.node, task.pieces, self._linked)
        ui = merged_ui([piece.ui for piece in task.pieces])
        files = tuple(file for piece in task.pieces for file in piece.files)
        ran = task.started > 0
        if ran:
            if ui or files:
                self._show(task, ui or {}, files, cached=False)
            seconds = time.perf_counter() - task.started
            self.executed[step_id] = seconds
            self.cached.pop(step_id, None)
            self._keep(task, outputs, ui, files, expanded)
        self.schedule.done(task, outputs)
        if ran:
            self._emit(events.NodeFinished(step_id, task.origin.display, self.executed[step_id], time.time()))

    def _keep(
        self, task: Task, outputs: tuple[Values, ...], ui: Any, files: tuple[Written, ...], expanded: bool
    ) -> None:
        """Put a result into the cache, unless it can never be asked for again.

        A step that came by expansion and expanded itself is left out: its values are those of its last step.
        """
        known = self.schedule.known
        step_id = task.step.id
        if task.origin.parent is None:
            self._cache.remembered.put(step_id, components_of(task.step, task.node, known))
        if task.reported or step_id in known.volatile or (expanded and task.origin.parent is not None):
            return
        inner = [self.outputs[each] for each in task.inner if each in self.outputs]
        entry = Entry(
            outputs,
            merged_ui([ui or {}, *(each.ui for each in inner)]),
            (*files, *(file for each in inner for file in each.files)),
        )
        self._cache.put(task.key, entry, [output.type for output in task.node.outputs])

    def _linked(self, link: Link) -> Values:
        values = self.schedule.values(link)
        if values is None:
            raise NodeError(f"the result of an expansion is linked to step {link.node}, whose values are not there")
        return values

    # Lazy inputs

    def _asks_for_more(self, task: Task) -> bool:
        """Ask a node which lazy inputs it needs; whether the task now waits for some, or has failed at it."""
        handle = Run(self._context, task.step.id, task.origin, task.node.id)
        token = current_run.set(handle)
        try:
            wanted = attempt(self._lazy_names, task)
        finally:
            current_run.reset(token)
        if isinstance(wanted, Failure):
            self._fail(task, wanted.error)
            return True
        sources: list[str] = []
        for name in wanted:
            value = task.step.inputs.get(name)
            declared = task.node.input(name, True)
            if name not in task.asked and isinstance(value, Link) and declared is not None and declared.lazy:
                task.asked.add(name)
                sources.append(value.node)
        if not sources:
            return False
        task.needs = [*task.needs, *sources]
        self.schedule.wait_for(task, sources)
        return True

    def _lazy_names(self, task: Task) -> Iterable[str]:
        node = task.node
        given = gather(task.step, node, self.schedule.values)
        absent = {each.name: None for each in node.inputs if each.lazy}
        names: dict[str, None] = {}
        for inputs in arguments(node, given):
            if blocker_in(inputs) is not None or node.lazy_needs is None:
                continue
            answer = node.lazy_needs(**{**absent, **inputs})
            if inspect.iscoroutine(answer):
                answer = self._beside().wait(cast(Coroutine[Any, Any, object], answer))
            names.update(dict.fromkeys([answer] if isinstance(answer, str) else cast(Iterable[str], answer or ())))
        return names

    # Expansion

    def _expand(self, task: Task) -> None:
        """Put the graphs a node returned into the run and let the node wait for what it returns of them."""
        context = self._context
        step_id = task.step.id
        pieces: list[Piece] = []
        inner: list[str] = []
        needs: list[str] = []
        grown: list[str] = []
        for index, piece in enumerate(task.pieces):
            if piece.expand is None:
                pieces.append(piece)
                continue
            prefix = expansion_prefix(step_id, task.origin.display, index)
            made = expansion(piece.expand, prefix, lambda other: context.step(other) is not None)
            origins: dict[str, Origin] = {}
            for new_id, step in made.steps.items():
                display = made.displays.get(new_id, task.origin.display)
                self._add_step(step, origins.setdefault(display, Origin(display, step_id)))
                grown.append(new_id)
                node = self._plan.registry.get(step.class_type or "")
                if node is not None and node.terminal:
                    inner.append(new_id)
            needs.extend(value.node for value in made.result if isinstance(value, Link))
            pieces.append(Piece(made.result, piece.ui, piece.files, _GROWN))
        needs = list(dict.fromkeys(needs))
        self.schedule.extend([*needs, *inner])
        task.pieces, task.inner, task.needs = pieces, inner, needs
        task.state = State.EXPANDED
        task.given = {}
        self.schedule.wait_for_expansion(task, grown)

    def _add_step(self, step: Step, origin: Origin) -> None:
        context = self._context
        known = context.step(step.id)
        if known is not None and (step.id not in context.expanded or context.origins[step.id].parent != origin.parent):
            raise NodeError(f"the expansion of step {origin.parent} makes step {step.id}, an id that is taken")
        self.schedule.add(step, origin)

    # Failures

    def _all_done(self) -> None:
        """See that no target is left over: steps that wait for each other are the fault of an expansion."""
        stuck = self.schedule.unfinished(self._targets)
        if stuck:
            members = self.schedule.ring(stuck[0])
            culprit = next((task for task in members if task.state is State.EXPANDED), members[0])
            path = tuple(task.step.id for task in [*members, members[0]])
            self._fail(
                culprit,
                CycleError(f"what step {culprit.step.id} expanded into needs its own result: {ring(path)}", path),
            )

    def _fail(self, task: Task, error: BaseException) -> None:
        """Tell of the error that ends the run."""
        told = attempt(self._told, task, error)
        if isinstance(told, Failure):  # the error or a value cannot even be printed
            origin = task.origin
            told = events.NodeFailed(
                task.step.id, origin.display, task.node.id, type(error).__name__, "an error that cannot be printed",
                (), {}, tuple(self.executed), time.time(),
            )  # fmt: skip
        self.error = told
        self._emit(told)

    def _told(self, task: Task, error: BaseException) -> events.NodeFailed:
        return events.NodeFailed(
            node=task.step.id,
            display=task.origin.display,
            class_type=task.node.id,
            exception_type=type(error).__name__,
            message=message_of(error),
            traceback=traceback_lines(error),
            inputs={name: summary(values) for name, values in task.given.items()},
            executed=tuple(self.executed),
            at=time.time(),
        )
