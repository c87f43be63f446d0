"""Websockets as views of the event log: who hears what, in which order, and how a slow reader harms nobody.

The hub hears what the desk tells and puts it into the outboxes of the sockets it is for; it never waits. Each socket
has a task that writes its outbox to the wire. What does not fit into an outbox ends that socket, and nothing is lost by
it: the log has all messages, and a client that comes back is told what it missed from the position it was known to have
heard. A client has heard what was written before a ping that it answered.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from runs.desk import Hear
from runs.errors import RunsError
from runs.records import Message, NodesChanged, PreviewFrame, QueueChanged, TextFrame, Told
from server.wire import NodeText, Passing, Picture, Text, nodes_changed, passing_of, text_of

LOG: Final = logging.getLogger("nodeloom.server")

GOING_AWAY: Final = 1001
TRY_AGAIN: Final = 1013
TOO_SLOW: Final = "too slow; reconnect to get what you missed"
STALE: Final = "no pong; reconnect to get what you missed"
SERVER_ENDS: Final = "the server ends; reconnect later"

FOR_EVERYBODY: Final = frozenset({"progress", "progress_state", "execution_interrupted"})
"""Of a run that no client is named for, all clients are told this much, and its previews."""

STATUS_PER_SECOND: Final = 20
"""Above this, only the newest of several lengths of the queue is told."""

MEMORY_OF_CLOSED: Final = 120.0
"""Seconds for which the position of a socket that closed counts, since its client may come back with it."""

PAGE: Final = 200
"""Messages of the log that are read at once for a client that catches up."""


class Log(Protocol):
    """What the hub asks of the desk."""

    def listen(self, hear: Hear) -> Callable[[], None]: ...
    def position(self) -> int: ...
    def remaining(self) -> int: ...
    def snapshot(self, id: str) -> Sequence[Message]: ...
    def running_of(self, client_id: str) -> Sequence[str]: ...
    async def missed(self, client_id: str, after: int, limit: int = 10_000) -> Sequence[Message]: ...
    async def heard_up_to(self, client_id: str) -> int | None: ...
    async def set_heard(self, client_id: str, position: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds: between pings; without a pong until a socket is closed; between two looks; for an answer to a close;
    for a client that comes back to say what it understands before it is told what it missed."""

    ping: float = 20.0
    stale: float = 180.0
    look: float = 1.0
    reply: float = 3.0
    flags: float = 0.25


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping in its place among the frames."""


Frame = Text | Passing | Ping
Write = Callable[[Frame], Awaitable[None]]


class Outbox:
    """What waits to be written to one socket, in order, with how many bytes it is."""

    def __init__(self) -> None:
        self.size = 0
        self._waiting: deque[Text | Ping | tuple[str, str, str]] = deque()
        self._passing: dict[tuple[str, str, str], Passing] = {}
        self._filled = asyncio.Event()

    def put(self, frame: Frame) -> None:
        """Add a frame; what a node shows takes the place of what it showed before, a second ping that of the first."""
        match frame:
            case Picture() | NodeText():
                older = self._passing.get(frame.key)
                self._passing[frame.key] = frame
                self.size += frame.size - (0 if older is None else older.size)
                if older is None:
                    self._waiting.append(frame.key)
            case Text():
                self.size += len(frame.plain())
                self._waiting.append(frame)
            case Ping():
                if not self._waiting or self._waiting[-1].__class__ is not Ping:
                    self._waiting.append(frame)
        self._filled.set()

    def next(self) -> Frame | None:
        """Take the next frame, None where nothing waits."""
        if not self._waiting:
            self._filled.clear()
            return None
        first = self._waiting.popleft()
        if isinstance(first, tuple):
            shown = self._passing.pop(first)
            self.size -= shown.size
            return shown
        if isinstance(first, Text):
            self.size -= len(first.plain())
        return first

    async def take(self) -> Frame:
        """Take the next frame as soon as there is one."""
        while (frame := self.next()) is None:
            await self._filled.wait()
        return frame

    def clear(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()
        self._passing.clear()
        self.size = 0


@dataclass(eq=False)
class Socket:
    """One connection of a client.

    numbered: it wants `seq` and `run` in text frames. metadata: it knows previews with metadata. said: set once it said
    what of that it wants. live: it has caught up with the log and hears what is told. owed_status, newest: whether the
    queue changed while it was not, and the position of the last message that was told then. written: the position of
    the last message written to it. heard: of the last one it is known to have. ended: set with a close code and a
    reason when the connection has to end.
    """

    client_id: str
    most_backlog: int
    outbox: Outbox = field(default_factory=Outbox)
    numbered: bool = False
    metadata: bool = False
    said: asyncio.Event = field(default_factory=asyncio.Event)
    live: bool = False
    owed_status: bool = False
    newest: int = 0
    written: int = 0
    heard: int = 0
    alive_at: float = field(default_factory=time.monotonic)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    code: int = 1000
    reason: str = ""

    def give(self, frame: Text | Passing) -> None:
        """Tell it something; while it catches up, the log keeps what it has to hear."""
        if self.ended.is_set():
            return
        if not self.live:
            if isinstance(frame, Text):
                self.newest = max(self.newest, frame.position)
                self.owed_status = self.owed_status or frame.type == "status"
            return
        if isinstance(frame, Text) and 0 < frame.position <= self.newest:
            return  # it came with what was missed
        self.put(frame)

    def put(self, frame: Frame) -> None:
        """Add a frame to its outbox, unless that holds too much; then the connection has to end."""
        self.outbox.put(frame)
        if self.outbox.size > self.most_backlog:
            self.end(TRY_AGAIN, TOO_SLOW)

    def has_answered(self, position: int) -> None:
        """A pong came: the client has all that was written up to the ping."""
        self.alive_at = time.monotonic()
        if position <= self.written:
            self.heard = max(self.heard, position)

    def end(self, code: int, reason: str) -> None:
        """The connection has to end, for this reason."""
        if not self.ended.is_set():
            self.code, self.reason = code, reason
            self.outbox.clear()
            self.ended.set()


@dataclass(eq=False)
class _Client:
    """The sockets of a client, and the positions of those that closed lately with the time until which they count.

    stored: the position that is written down; None until it was read.
    """

    sockets: list[Socket] = field(default_factory=list[Socket])
    closed: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    stored: int | None = None

    def position(self) -> int:
        """Up to which position the client has certainly heard: with several sockets, the last of them."""
        now = time.monotonic()
        self.closed = [each for each in self.closed if each[0] > now]
        heard = [socket.heard for socket in self.sockets] + [position for _, position in self.closed]
        return min(heard, default=self.stored or 0)


class Hub:
    """All sockets. `close` before the desk closes."""

    def __init__(self, log: Log, most_sockets: int, most_backlog: int, timings: Timings | None = None) -> None:
        self.timings = timings or Timings()
        self.most_backlog = most_backlog
        self._log = log
        self._most_sockets = most_sockets
        self._clients: dict[str, _Client] = {}
        self._count = 0
        self._all_gone = asyncio.Event()
        self._all_gone.set()
        self._statuses = float(STATUS_PER_SECOND)
        self._status_at = time.monotonic()
        self._status_timer: asyncio.TimerHandle | None = None
        self._closing = False
        self._deaf = log.listen(self.hear)
        self._looking = asyncio.create_task(self._look())

    def is_full(self) -> bool:
        """Whether no further socket is taken."""
        return self._closing or self._count >= self._most_sockets

    # What the desk tells

    def hear(self, told: Told) -> None:
        """Pass on what the desk tells to those it is for."""
        match told:
            case QueueChanged():
                self._queue_changed()
            case NodesChanged():
                news = nodes_changed(told)  # of no run, so it needs no place among what was missed
                for socket in self._audience(None, is_shared=True):
                    if not socket.ended.is_set():
                        socket.put(news)
            case PreviewFrame() | TextFrame():
                shown = passing_of(told)
                for socket in self._audience(told.client_id, is_shared=True):
                    if socket.metadata or shown.plain() is not None:
                        socket.give(shown)
            case Message():
                text = text_of(told)
                for socket in self._audience(told.client_id, told.type in FOR_EVERYBODY):
                    socket.give(text)

    def _audience(self, client_id: str | None, is_shared: bool) -> Iterator[Socket]:
        """The sockets of the client; without one all of them for what is shared, and none for the rest."""
        if client_id is None:
            return (socket for client in self._clients.values() for socket in client.sockets if is_shared)
        client = self._clients.get(client_id)
        return iter(() if client is None else client.sockets)

    def _queue_changed(self) -> None:
        """Tell the length of the queue at once, or a little later where it changes very often."""
        if self._status_timer is not None:
            return
        now = time.monotonic()
        self._statuses = min(STATUS_PER_SECOND, self._statuses + (now - self._status_at) * STATUS_PER_SECOND)
        self._status_at = now
        if self._statuses >= 1:
            self._tell_status()
        else:
            wait = (1 - self._statuses) / STATUS_PER_SECOND
            self._status_timer = asyncio.get_running_loop().call_later(wait, self._tell_status_late)

    def _tell_status_late(self) -> None:
        self._status_timer = None
        self._queue_changed()

    def _tell_status(self) -> None:
        self._statuses -= 1
        status = Text("status", self.status())
        for socket in self._audience(None, is_shared=True):
            socket.give(status)

    def status(self) -> dict[str, object]:
        """The data of a `status` frame."""
        return {"status": {"exec_info": {"queue_remaining": self._log.remaining()}}}

    # Coming and going

    async def enter(self, client_id: str) -> tuple[Socket, int | None]:
        """Take a socket in; the position from which on it has missed something, None for a client never seen."""
        socket = Socket(client_id, self.most_backlog)
        begin = self._log.position()
        client = self._clients.setdefault(client_id, _Client())
        known = None if client.stored is None else client.position()
        socket.heard = socket.written = begin if known is None else known
        client.sockets.append(socket)
        self._count += 1
        self._all_gone.clear()
        if known is not None:
            client.closed.clear()  # whoever it was has come back, and begins there
            return socket, known
        is_known = False
        try:
            known = await self._log.heard_up_to(client_id)
            if known is None:
                await self._log.set_heard(client_id, begin)
            is_known = True
        finally:
            if not is_known:
                await self.leave(socket)
        socket.heard = socket.written = begin if known is None else known
        client.stored = socket.heard if client.stored is None else min(client.stored, socket.heard)
        return socket, known

    async def leave(self, socket: Socket) -> None:
        """A socket has closed: what it heard is remembered, in case its client comes back."""
        client = self._clients[socket.client_id]
        client.sockets.remove(socket)
        client.closed.append((time.monotonic() + MEMORY_OF_CLOSED, socket.heard))
        try:
            await self._store(socket.client_id, client)
        finally:
            if not client.sockets and self._clients.get(socket.client_id) is client:
                del self._clients[socket.client_id]
            self._count -= 1
            if not self._count:
                self._all_gone.set()

    async def has_missed(self, socket: Socket, after: int) -> bool:
        """Whether the log holds something for this client after a position."""
        return bool(await self._log.missed(socket.client_id, after, 1))

    async def catch_up(self, socket: Socket, after: int | None, write: Write) -> None:
        """Tell a client what it missed, then what its runs are at now; from then on the socket is live.

        The last look into the log finds nothing, and nothing was told while it went on: so nothing lies between.
        """
        position = socket.written if after is None else after
        while not socket.ended.is_set():
            newest = socket.newest
            page = await self._log.missed(socket.client_id, position, PAGE)
            for message in page:
                await write(text_of(message))
                position = message.position
            if page:
                await write(Ping())  # so that a long way back is gone only once, however slow it is
            elif newest == socket.newest:
                break
        socket.newest = max(socket.newest, position)
        if socket.owed_status:
            socket.put(Text("status", self.status()))
        for run in self._log.running_of(socket.client_id):
            for message in self._log.snapshot(run):
                socket.put(text_of(message))
        socket.live = True

    # Looking after them

    async def _look(self) -> None:
        """Ping, find the stale, and write down what was heard, again and again."""
        pinged_at = time.monotonic()
        while True:
            await asyncio.sleep(self.timings.look)
            now = time.monotonic()
            is_time = now - pinged_at >= self.timings.ping
            if is_time:
                pinged_at = now
            for socket in tuple(self._audience(None, is_shared=True)):
                if now - socket.alive_at > self.timings.stale:
                    socket.end(TRY_AGAIN, STALE)
                elif is_time:
                    socket.put(Ping())
            for client_id, client in tuple(self._clients.items()):
                await self._store(client_id, client)

    async def _store(self, client_id: str, client: _Client) -> None:
        position = client.position()
        if client.stored in (None, position):
            return  # None: what an earlier connection left has not been read yet, and must not be written over
        try:
            await self._log.set_heard(client_id, position)
        except RunsError as error:
            LOG.warning("what a client has heard cannot be written, so it may hear it again: %s", error)
        else:
            client.stored = position

    async def close(self) -> None:
        """Close all sockets and wait until they are gone."""
        if self._closing:
            return
        self._closing = True
        self._deaf()
        if self._status_timer is not None:
            self._status_timer.cancel()
        self._looking.cancel()
        for socket in tuple(self._audience(None, is_shared=True)):
            socket.end(GOING_AWAY, SERVER_ENDS)
        await self._all_gone.wait()
