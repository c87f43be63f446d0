"""Carry out a plan: `run` is the whole door; what happens behind it is in `graph.engine`."""

import threading
import time
from collections.abc import Callable, Mapping

from graph import events
from graph.cache import Cache
from graph.engine import Engine
from graph.errors import Interrupted
from graph.events import Emit, Event, Status, unheard
from graph.handle import NO_SERVICES, Run, RunContext, Stop, current_run, never
from graph.outcome import NodeOutput, Outcome
from graph.plan import Plan
from graph.schedule import results_of

__all__ = ["NodeOutput", "Outcome", "Run", "RunContext", "current_run", "run"]


def run(
    plan: Plan,
    cache: Cache,
    services: Mapping[type, object] = NO_SERVICES,
    emit: Emit = unheard,
    stop: threading.Event | Callable[[], bool] | None = None,
    extra: Mapping[str, object] | None = None,
    id: str = "",
) -> Outcome:
    """Run what the plan says and tell how it ended. Errors of nodes are in the outcome; none are raised.

    services: objects for the nodes, by type. emit: hears every event, one at a time, from any thread. stop: asked
    before every node, and by nodes. extra: what came along with the workflow, handed to the nodes.
    id: of the run, for nodes that ask for it.
    """
    speaker = _Speaker(emit)
    context = RunContext(plan.workflow, extra or {}, services, speaker.say, _stop(stop), id=id)
    engine = Engine(plan, cache, context)
    started = time.perf_counter()
    speaker.say(events.RunStarted(plan.targets, len(plan.running), time.time()))
    status: Status = "success"
    try:
        engine.run()
    except (Interrupted, KeyboardInterrupt):
        status = "interrupted"
    finally:
        engine.close()
    if engine.error is not None:
        status = "error"
    elif status == "interrupted":
        speaker.say(_interrupted(engine))
    speaker.say(events.RunFinished(status, time.perf_counter() - started, time.time()))
    speaker.fall_silent()
    return Outcome(
        status=status,
        executed=tuple(engine.executed),
        cached=tuple(engine.cached),
        seconds=dict(engine.executed),
        outputs=engine.outputs,
        results=results_of(engine.schedule.tasks, plan.targets if plan.requested else ()),
        error=engine.error,
    )


class _Speaker:
    """Hands events on one at a time, and none after the run has ended."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._lock = threading.RLock()

    def say(self, event: Event) -> None:
        """Tell the listener."""
        with self._lock:
            self._emit(event)

    def fall_silent(self) -> None:
        """A node that was left behind in its thread is not heard any more."""
        with self._lock:
            self._emit = unheard


def _stop(stop: threading.Event | Callable[[], bool] | None) -> Stop:
    if stop is None:
        return never
    return stop.is_set if isinstance(stop, threading.Event) else stop


def _interrupted(engine: Engine) -> events.Interrupted:
    task = engine.current
    executed = tuple(engine.executed)
    if task is None:
        return events.Interrupted(None, None, None, executed, time.time())
    return events.Interrupted(task.step.id, task.origin.display, task.node.id, executed, time.time())
