"""An event loop in a thread of its own, on which asynchronous nodes run side by side."""

import asyncio
import concurrent.futures
import queue
import threading
from collections.abc import Coroutine
from typing import Any, Final, Generic, TypeVar

Returned = TypeVar("Returned")
Tag = TypeVar("Tag")

_WIND_UP_SECONDS: Final = 5.0


class Background(Generic[Tag]):
    """Runs coroutines and hands back the ended ones, each with the tag it was started under."""

    def __init__(self) -> None:
        self.running = 0
        self._ended: queue.SimpleQueue[tuple[Tag, concurrent.futures.Future[Any]]] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asynchronous nodes", daemon=True)
        self._thread.start()

    def start(self, tag: Tag, coroutine: Coroutine[Any, Any, object]) -> None:
        """Let a coroutine run, in a copy of the caller's context."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        self.running += 1
        future.add_done_callback(lambda ended: self._ended.put((tag, ended)))

    def next_ended(self, seconds: float) -> tuple[Tag, concurrent.futures.Future[Any]] | None:
        """One that has ended, waiting at most this long for it."""
        try:
            ended = self._ended.get(timeout=seconds) if seconds > 0 else self._ended.get_nowait()
        except queue.Empty:
            return None
        self.running -= 1
        return ended

    def wait(self, coroutine: Coroutine[Any, Any, Returned]) -> Returned:
        """Run a coroutine and wait for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        """Cancel what still runs, give it a moment to end, and stop the loop.

        A coroutine that never lets go is left behind in its thread, which ends with the process.
        """
        winding_up = asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop)
        try:
            winding_up.result(_WIND_UP_SECONDS + 1)
        except (TimeoutError, concurrent.futures.CancelledError):
            return
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(1)
        if not self._thread.is_alive():
            self._loop.close()


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=_WIND_UP_SECONDS)
