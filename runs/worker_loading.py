"""Signs of life of a worker that is not ready yet: libraries and packs can take minutes to load."""

import threading
import time
from types import TracebackType
from typing import BinaryIO, Final

from runs.frames import encode
from runs.words import Loading
from runs.worker_outbox import SERVER_GONE, carefully, leave

EVERY_SECONDS: Final = 1.0


class SignsOfLife:
    """Says every second what is being loaded, from a thread of its own, until the worker is ready to speak itself."""

    def __init__(self, outgoing: BinaryIO, every: float = EVERY_SECONDS) -> None:
        self._outgoing = outgoing
        self._every = every
        self._now = ("", 0, 0, time.monotonic())
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=carefully, args=(self._say_all,), name="signs of life", daemon=True)

    def loads(self, pack: str, done: int, of: int) -> None:
        """A pack is begun with."""
        self._now = (pack, done, of, time.monotonic())

    def __enter__(self) -> "SignsOfLife":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say nothing any more: from now on the line belongs to others."""
        self._is_over.set()
        self._thread.join()

    def _say_all(self) -> None:
        while not self._is_over.wait(self._every):
            pack, done, of, since = self._now
            left = memoryview(encode(Loading(pack, done, of, time.monotonic() - since)))
            try:
                while left:
                    left = left[self._outgoing.write(left) :]
                self._outgoing.flush()
            except (OSError, ValueError):
                leave(SERVER_GONE, "the line to the server is closed")
