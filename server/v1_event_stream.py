"""The events of one run, without gap or repetition: what is in the log first, then what is told live.

A listener is begun before the log is read, and what it hears waits in a bounded line. A reader too slow for the line
loses nothing: the line is dropped and reading goes on from the log.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Final

from runs.desk import Desk
from runs.records import ENDED, Message, Told
from server.answers import compact

HEARTBEAT_SECONDS: Final = 15.0
MOST_WAITING: Final = 1000
MOST_STREAMS: Final = 256
"""Event streams at once; each holds a connection and listens to everything that is told."""

PAGE: Final = 1000
"""Messages that are read from the log at once."""
HEARTBEAT: Final = b": still here\n\n"
GREETING: Final = b"retry: 2000\n\n"
"""After how many milliseconds a browser connects again."""


class Ear:
    """Hears what is told of one run; `behind` says that the log has more than what waits here."""

    def __init__(self, run: str, most: int = MOST_WAITING) -> None:
        self.waiting: deque[Message] = deque()
        self.behind = True
        self._run = run
        self._most = most
        self._heard = asyncio.Event()

    def __call__(self, told: Told) -> None:
        """Hear one message."""
        if not isinstance(told, Message) or told.run != self._run:
            return
        if len(self.waiting) >= self._most:
            self.waiting.clear()
            self.behind = True
        self.waiting.append(told)
        self._heard.set()

    async def wait(self, seconds: float) -> bool:
        """Wait until something was heard; False once the time is over."""
        try:
            await asyncio.wait_for(self._heard.wait(), seconds)
        except TimeoutError:
            return False
        self._heard.clear()
        return True


async def follow(
    desk: Desk, run: str, since: int = 0, *, heartbeat: float = HEARTBEAT_SECONDS, most: int = MOST_WAITING
) -> AsyncGenerator[Message | None]:
    """Every message of a run after a number, then those to come, until its last one; None where all is quiet.

    Raises UnknownRun.
    """
    ear = Ear(run, most)
    end = desk.listen(ear)
    last = since
    quiet = True
    try:
        while True:
            if ear.behind:
                ear.behind = False
                logged = await desk.events(run, last, PAGE)
                for message in logged:
                    yield message
                    last = message.seq
                    if is_last(message):
                        return
                ear.behind = ear.behind or len(logged) == PAGE
            while ear.waiting and not ear.behind:
                message = ear.waiting.popleft()
                if message.seq > last + 1:
                    ear.behind = True  # the log has what lies between, and this one
                elif message.seq in (0, last + 1):
                    yield message
                    last = max(last, message.seq)
                    if is_last(message):
                        return
            if ear.behind:
                continue
            # A run that ended before this began tells nothing any more; one that was deleted never will.
            if quiet:
                record = await desk.record(run)
                if record is None or (record.state in ENDED and not await desk.events(run, last, 1)):
                    return
            quiet = not await ear.wait(heartbeat)
            if quiet:
                yield None
    finally:
        end()


def is_last(message: Message) -> bool:
    """Whether a message is the last one of its run."""
    return message.type == "executing" and message.seq > 0 and message.data.get("node") is None


def as_text(message: Message) -> bytes:
    """A message as a server-sent event; one that is told live only has no number to go on from."""
    number = f"id: {message.seq}\n" if message.seq else ""
    return f"{number}event: {message.type}\ndata: {compact(message.data)}\n\n".encode()
