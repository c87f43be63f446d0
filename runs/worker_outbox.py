"""What a worker says, in order and never more than is news: the only writer of its line to the server.

What waits is written in one go: events of a run share a frame, and of a node's progress and pictures only the newest is
kept. So a node that tells a million times costs the line nothing, and nothing waits for company.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from graph.attempt import Failure, attempt
from graph.events import Event, NodeText, Progress
from runs.event_json import to_json
from runs.frames import encode
from runs.words import Ended, Events, FromWorker, Heartbeat, Picture
from runs.worker_memory import ProcessMemory

SERVER_GONE: Final = 3
"""Exit code of a worker whose line to the server broke."""
BROKEN: Final = 5
"""Exit code of a worker in which one of our own threads failed."""

HEARTBEAT_SECONDS: Final = 1.0
MOST_EVENTS: Final = 1000
"""Events of one frame at most."""

Device = Callable[[], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class _Told:
    """An event that waits."""

    run: str
    event: Event


class Outbox:
    """Takes words from any thread and writes them from its own, with a heartbeat every second in between."""

    def __init__(self, outgoing: BinaryIO, device: Device, memory: ProcessMemory) -> None:
        self.busy_with: str | None = None
        self._outgoing = outgoing
        self._device = device
        self._memory = memory
        self._device_seen: Mapping[str, object] = {}
        self._waiting: dict[object, _Told | FromWorker] = {}
        self._count = 0
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=carefully, args=(self._write_all,), name="outbox", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def event(self, run: str, event: Event) -> None:
        """Tell an event of a run; progress and texts take the place of what waits of the same node, at the end."""
        key = (type(event).__name__, run, event.node) if isinstance(event, Progress | NodeText) else None
        self._put(key, _Told(run, event))

    def picture(self, picture: Picture) -> None:
        """Show a picture in the place of one that waits of the same node."""
        self._put(("picture", picture.run, picture.node), picture)

    def say(self, word: FromWorker) -> None:
        """Say anything else. The end of a run drops its pictures that still wait."""
        self._put(None, word)

    def close(self) -> None:
        """Write what waits and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _put(self, key: tuple[str, str, str] | None, item: _Told | FromWorker) -> None:
        with self._changed:
            if key is None:
                self._count += 1
            else:
                self._waiting.pop(key, None)
            if isinstance(item, Ended):
                for other in [each for each, kept in self._waiting.items() if isinstance(kept, Picture)]:
                    del self._waiting[other]
            self._waiting[self._count if key is None else key] = item
            self._changed.notify()

    def _write_all(self) -> None:
        next_beat = time.monotonic()
        while True:
            with self._changed:
                left = next_beat - time.monotonic()
                while not self._waiting and not self._closing and left > 0:
                    self._changed.wait(left)
                    left = next_beat - time.monotonic()
                waiting, self._waiting = self._waiting, {}
                closing = self._closing
            self._write_items([*waiting.values()])
            if closing and not waiting:
                return
            if left <= 0:
                self._write(self._heartbeat())
                next_beat = time.monotonic() + HEARTBEAT_SECONDS

    def _write_items(self, items: list[_Told | FromWorker]) -> None:
        """Write in order, neighbouring events of one run as one frame."""
        batch: list[_Told] = []
        for item in items:
            if batch and (not isinstance(item, _Told) or item.run != batch[0].run or len(batch) >= MOST_EVENTS):
                self._write_batch(batch)
                batch = []
            if isinstance(item, _Told):
                batch.append(item)
            else:
                self._write(item)
        if batch:
            self._write_batch(batch)

    def _write_batch(self, batch: list[_Told]) -> None:
        self._write(Events(batch[0].run, [to_json(told.event) for told in batch]))

    def _write(self, word: FromWorker) -> None:
        left = memoryview(encode(word))
        try:
            while left:
                left = left[self._outgoing.write(left) :]
            self._outgoing.flush()
        except (OSError, ValueError):  # the server has closed its end, or this process is closing its own
            leave(SERVER_GONE, "the line to the server is closed")

    def _heartbeat(self) -> Heartbeat:
        run = self.busy_with
        device = attempt(self._device)
        if not isinstance(device, Failure):
            self._device_seen = device
        elif run is None:  # a device that cannot even be asked is of no use; a fresh process may do better
            raise device.error
        return Heartbeat(run, self._memory.resident(), self._device_seen, time.time())


def carefully(work: Callable[[], None]) -> None:
    """Do a thread's work; an error in it is one of ours, and a worker without that thread would hang, so it ends."""
    done = attempt(work)
    if isinstance(done, Failure):
        leave(BROKEN, "".join(traceback.format_exception(done.error)).rstrip())


def leave(code: int, last_words: str) -> None:
    """End the process at once, whatever its threads are doing."""
    try:
        sys.stderr.write(f"{last_words}\n")
        sys.stderr.flush()
    finally:  # nobody may be there to read it
        os._exit(code)
