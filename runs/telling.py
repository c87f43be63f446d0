"""What a run does, told in the words of the wire: engine events become messages of the log and of websockets.

The wire repeats the state of all nodes in every `progress_state`, which is quadratic for a large graph. Here a snapshot
is made at most ten times a second, and a node that was told as finished is left out of those that follow.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from graph import events
from graph.events import Event
from runs.places import without_folders
from runs.records import Message

SNAPSHOT_SECONDS: Final = 0.1
"""The least time between two snapshots of a run's progress."""

PROGRESS_SECONDS: Final = 0.02
"""The least time between two `progress` messages of one node; what comes between is overtaken by the next."""

MOST_REPEATED: Final = 1000
"""Nodes up to which the last snapshot of a run repeats all of them."""

LOGGED_SECONDS: Final = 0.5
"""The least time between two `progress` messages of one node that are logged; the others are told live only."""

OWN_WORDS: Final = frozenset(
    {
        "status", "feature_flags", "logs", "progress", "progress_state", "executing", "executed", "execution_start",
        "execution_cached", "execution_success", "execution_error", "execution_interrupted",
    }
)  # fmt: skip
"""Types of messages that say how runs stand; no node may use them for something of its own."""


@dataclass(slots=True)
class _Progress:
    """How far a node is: what was told, and what is still to be told."""

    value: float = 0.0
    total: float = 1.0
    told_at: float = -1.0
    logged_at: float = -1.0
    waiting: bool = False


@dataclass(slots=True)
class _Place:
    """Where a step stands in the graph that was drawn."""

    display: str
    parent: str | None = None
    class_type: str = ""


@dataclass(eq=False)
class Teller:
    """Tells one run. `seq` is the number of the last logged message, so a second attempt goes on from the first's."""

    run: str
    client_id: str | None
    seq: int = 0
    clock: Callable[[], float] = time.monotonic
    outputs: dict[str, dict[str, object]] = field(default_factory=dict[str, dict[str, object]])
    error: Mapping[str, object] | None = None
    seconds_by_class: dict[str, float] = field(default_factory=dict[str, float])
    cached: dict[str, None] = field(default_factory=dict[str, None])
    _places: dict[str, _Place] = field(default_factory=dict[str, _Place])
    _running: dict[str, _Progress] = field(default_factory=dict[str, _Progress])
    _finished: dict[str, float] = field(default_factory=dict[str, float])
    _seconds: dict[str, float] = field(default_factory=dict[str, float])
    _untold: dict[str, None] = field(default_factory=dict[str, None])
    _current: str | None = None
    _cached_told: bool = True
    _snapshot_at: float = -1.0
    _snapshot_due: bool = False

    # From the engine

    def hear(self, happened: Iterable[Event]) -> list[Message]:
        """The messages for what happened, in order."""
        told: list[Message] = []
        for event in happened:
            if not self._cached_told and not isinstance(event, events.NodeCached):
                self._tell_cached(told, event.at)
            self._hear(event, told)
        self._snapshot_if_due(told)
        return told

    def _hear(self, event: Event, told: list[Message]) -> None:
        match event:
            case events.RunStarted():
                self._cached_told = False
                about = {"timestamp": _milliseconds(event.at), "to_run": event.to_run}
                told.append(self._message("execution_start", about, event.at))
            case events.NodeCached():
                self.cached[event.node] = None
                self._places.setdefault(event.node, _Place(event.display))
            case events.NodeStarted():
                self._started(event, told)
            case events.Progress():
                self._progress(event, told)
            case events.NodeShown():
                self._places.setdefault(event.node, _Place(event.display))
                self.outputs[event.node] = dict(event.ui)
                about = {"node": event.node, "display_node": event.display, "output": event.ui}
                told.append(self._message("executed", about, event.at))
                if event.cached:
                    self._finish(event.node)
            case events.NodeFinished():
                self._ended(event)
            case events.NodeBlocked():
                told.append(self._message("execution_error", self._blocked(event), event.at))
            case events.NodeSaid():
                self._said(event, told)
            case events.NodeFailed():
                self.error = self._failed(event)
                told.append(self._message("execution_error", self.error, event.at))
            case events.Interrupted():
                about = {
                    "node_id": event.display,
                    "node_type": event.class_type,
                    "executed": list(event.executed),
                    "timestamp": _milliseconds(event.at),
                }
                told.append(self._message("execution_interrupted", about, event.at))
            case _:
                pass

    def _said(self, event: events.NodeSaid, told: list[Message]) -> None:
        """Hand on what a node says, live only; it cannot speak in the words that the server itself uses."""
        if event.kind not in OWN_WORDS and event.kind:
            about = {"node": event.node, "display_node": event.display, **event.data}
            told.append(self._message(event.kind, about, event.at, logged=False))

    def _tell_cached(self, told: list[Message], at: float) -> None:
        """The one list of results that were known at the begin."""
        self._cached_told = True
        about = {"nodes": list(self.cached), "timestamp": _milliseconds(at)}
        told.append(self._message("execution_cached", about, at))

    def _started(self, event: events.NodeStarted, told: list[Message]) -> None:
        self._places[event.node] = _Place(event.display, event.parent, event.class_type)
        self._running[event.node] = _Progress()
        self._current = event.node
        self._snapshot_due = True
        self._snapshot_if_due(told)
        about = {"node": event.node, "display_node": event.display}
        told.append(self._message("executing", about, event.at))

    def _progress(self, event: events.Progress, told: list[Message]) -> None:
        progress = self._running.get(event.node)
        if progress is None:
            return
        progress.value, progress.total = event.value, event.total
        progress.waiting = True
        self._snapshot_due = True
        if event.value >= event.total or self.clock() - progress.told_at >= PROGRESS_SECONDS:
            self._tell_progress(event.node, progress, event.at, told)

    def _tell_progress(self, node: str, progress: _Progress, at: float, told: list[Message]) -> None:
        now = self.clock()
        logged = progress.value >= progress.total or now - progress.logged_at >= LOGGED_SECONDS
        progress.waiting = False
        progress.told_at = now
        if logged:
            progress.logged_at = now
        self._snapshot_if_due(told)
        about = {
            "value": _number(progress.value),
            "max": _number(progress.total),
            "prompt_id": self.run,
            "node": self._places[node].display,
        }
        told.append(self._message("progress", about, at, logged))

    def _ended(self, event: events.NodeFinished) -> None:
        class_type = self._places[event.node].class_type
        self.seconds_by_class[class_type] = self.seconds_by_class.get(class_type, 0.0) + event.seconds
        self._seconds[event.node] = event.seconds
        self._finish(event.node)

    def _finish(self, node: str) -> None:
        progress = self._running.pop(node, None)
        self._finished[node] = progress.total if progress is not None else 1.0
        self._untold[node] = None
        self._snapshot_due = True
        if self._current == node:
            self._current = None

    # Snapshots

    def due(self) -> float | None:
        """In how many seconds `overdue` has something to tell, None if nothing waits."""
        now = self.clock()
        waits = [each.told_at + PROGRESS_SECONDS - now for each in self._running.values() if each.waiting]
        if self._snapshot_due:
            waits.append(self._snapshot_at + SNAPSHOT_SECONDS - now)
        return max(0.0, min(waits)) if waits else None

    def overdue(self) -> list[Message]:
        """What was held back and may be told now."""
        told: list[Message] = []
        now = self.clock()
        for node, progress in self._running.items():
            if progress.waiting and now - progress.told_at >= PROGRESS_SECONDS:
                self._tell_progress(node, progress, time.time(), told)
        self._snapshot_if_due(told)
        return told

    def last_snapshot(self) -> list[Message]:
        """The snapshot at the end of a run, which is logged, so that whoever was away learns what has finished.

        It says so of every node; in a very large graph only of those that were not told as finished yet.
        """
        if not (self._snapshot_due or self._untold or self.seconds_by_class):
            return []
        return [self._snapshot(self._finished if len(self._finished) <= MOST_REPEATED else self._untold, logged=True)]

    def joined(self) -> list[Message]:
        """What a listener that comes later has to know: every node that began so far, and the one at work."""
        if not self._running and not self._finished:
            return []
        at = time.time()
        entries = self._entries(self._finished)
        told = [self._message("progress_state", {"prompt_id": self.run, "nodes": entries}, at, logged=False)]
        current = self._current or next(reversed(self._running), None)
        if current is not None:
            about = {"node": current, "display_node": self._places[current].display}
            told.append(self._message("executing", about, at, logged=False))
        return told

    def _snapshot_if_due(self, told: list[Message]) -> None:
        if self._snapshot_due and self.clock() - self._snapshot_at >= SNAPSHOT_SECONDS:
            told.append(self._snapshot(self._untold))

    def _snapshot(self, finished: Iterable[str], logged: bool = False) -> Message:
        entries = self._entries(finished)
        self._untold.clear()
        self._snapshot_due = False
        self._snapshot_at = self.clock()
        return self._message("progress_state", {"prompt_id": self.run, "nodes": entries}, time.time(), logged)

    def _entries(self, finished: Iterable[str]) -> dict[str, object]:
        entries: dict[str, object] = {}
        for node in finished:
            total = self._finished[node]
            entry = self._entry(node, total, total, "finished")
            if node in self._seconds:
                entry["seconds"] = round(self._seconds[node], 6)
            entries[node] = entry
        for node, progress in self._running.items():
            entries[node] = self._entry(node, progress.value, progress.total, "running")
        return entries

    def _entry(self, node: str, value: float, total: float, state: str) -> dict[str, object]:
        place = self._places[node]
        return {
            "value": float(value),
            "max": float(total),
            "state": state,
            "node_id": node,
            "prompt_id": self.run,
            "display_node_id": place.display,
            "parent_node_id": place.parent,
            "real_node_id": node,
        }

    # Messages

    def message(self, type: str, about: Mapping[str, object], at: float) -> Message:
        """A logged message about this run."""
        return self._message(type, about, at)

    def _message(self, type: str, about: Mapping[str, object], at: float, logged: bool = True) -> Message:
        if logged:
            self.seq += 1
        data = dict(about) if "prompt_id" in about else {**about, "prompt_id": self.run}
        return Message(self.run, self.client_id, self.seq if logged else 0, type, data, at)

    def _failed(self, event: events.NodeFailed) -> dict[str, object]:
        executed = list(event.executed)
        return {
            "prompt_id": self.run,
            "node_id": event.display,
            "real_node_id": event.node,
            "node_type": event.class_type,
            "executed": executed,
            "exception_message": without_folders(event.message),
            "exception_type": event.exception_type,
            "traceback": [without_folders(line) for line in event.traceback],
            "current_inputs": {name: list(values) for name, values in event.inputs.items()},
            "current_outputs": executed,
            "timestamp": _milliseconds(event.at),
        }

    def _blocked(self, event: events.NodeBlocked) -> dict[str, object]:
        return {
            "prompt_id": self.run,
            "node_id": event.display,
            "real_node_id": event.node,
            "node_type": event.class_type,
            "executed": [],
            "exception_message": without_folders(event.message),
            "exception_type": "ExecutionBlocked",
            "traceback": [],
            "current_inputs": {},
            "current_outputs": [],
            "timestamp": _milliseconds(event.at),
        }

    def meta(self) -> dict[str, dict[str, object]]:
        """Where each step that showed something stands in the graph that was drawn."""
        return {
            node: {
                "node_id": node,
                "display_node": self._places[node].display,
                "parent_node": self._places[node].parent,
                "real_node_id": node,
            }
            for node in self.outputs
        }


def _milliseconds(at: float) -> int:
    return int(at * 1000)


def _number(value: float) -> float | int:
    """A whole number without its point, as clients expect steps to be counted."""
    return int(value) if float(value).is_integer() else value
