"""`/ws`: what happens, told as it happens; a client that comes back under its id is told what it missed first."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import WSMsgType, web

from graph.errors import WorkflowError
from graph.strict_json import parse
from server.errors import Refused
from server.keys import DESK, SETTINGS
from server.settings import MEGABYTE
from server.sockets import Frame, Hub, Ping, Socket
from server.wire import LONGEST_NAME, NodeText, Picture, Text, is_name

routes = web.RouteTableDef()

HUB: Final = web.AppKey("hub", Hub)

MISTAKE: Final = (1011, "the server made a mistake; reconnect to get what you missed")
LONGEST_WORD: Final = 10_000
"""Characters of a text frame of a client that is looked at."""

FRAMES_AT_A_TIME: Final = 64
"""Frames written to a socket before others get their turn, where the connection takes them without waiting."""


async def connect(app: web.Application) -> AsyncIterator[None]:
    """Hear what the desk tells as long as the application runs; for its `cleanup_ctx`."""
    settings = app[SETTINGS]
    app[HUB] = Hub(app[DESK], settings.most_sockets, settings.most_backlog)
    app.on_shutdown.append(disconnect)  # handlers are waited for before a cleanup begins
    yield
    await disconnect(app)


async def disconnect(app: web.Application) -> None:
    """Close all sockets with 1001."""
    await app[HUB].close()


@routes.get("/ws")
async def events(request: web.Request) -> web.WebSocketResponse:
    """A websocket of the client `clientId`, or of a new one, whose id the first frame names."""
    hub = request.app[HUB]
    client_id = request.query.get("clientId") or uuid.uuid4().hex
    if not is_name(client_id):
        message = f"clientId is text of at most {LONGEST_NAME} characters without control characters"
        raise Refused(400, "bad_client_id", message)
    answer = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=MEGABYTE, timeout=hub.timings.reply)
    if not answer.can_prepare(request):
        raise Refused(400, "websocket_only", "this address speaks websocket; open it with a websocket client")
    if hub.is_full():
        message = "there are too many websockets; close another one, then try again"
        raise Refused(503, "too_many_sockets", message, headers={"Retry-After": "5"})
    socket, missed_after = await hub.enter(client_id)
    try:
        await answer.prepare(request)
        flags = {"supports_preview_metadata": True, "max_upload_size": request.app[SETTINGS].most_upload}
        await _Connection(hub, socket, answer, flags).attend(missed_after)
    finally:
        try:
            await _close(request, answer, socket, hub.timings.reply)
        finally:
            await hub.leave(socket)
    return answer


async def _close(request: web.Request, answer: web.WebSocketResponse, socket: Socket, reply: float) -> None:
    """Close the connection, by force where the client does not answer."""
    socket.end(1000, "")
    if answer.prepared and not answer.closed:
        closing = answer.close(code=socket.code, message=socket.reason.encode(), drain=False)
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(closing, reply + 1)
    transport = request.transport
    if transport is not None and transport.get_write_buffer_size():
        transport.abort()


@dataclass(eq=False, slots=True)
class _Connection:
    """Reads from a websocket and writes to it what its outbox holds. flags: what this server says of itself."""

    hub: Hub
    socket: Socket
    answer: web.WebSocketResponse
    flags: Mapping[str, object]

    async def attend(self, missed_after: int | None) -> None:
        """Go on until the client closes, the connection breaks or the hub ends it."""
        tasks = [
            asyncio.create_task(self._write_all(missed_after)),
            asyncio.create_task(self._read_all()),
            asyncio.create_task(self._end()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, ConnectionError):
                self.socket.end(*MISTAKE)
                raise result

    async def _end(self) -> None:
        await self.socket.ended.wait()

    # Writing

    async def _write_all(self, missed_after: int | None) -> None:
        await self._write(Text("status", {**self.hub.status(), "sid": self.socket.client_id}))
        if missed_after is not None and await self.hub.has_missed(self.socket, missed_after):
            # It is told how it can be told things only by its own first frame, so that one is waited for a little.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.socket.said.wait(), self.hub.timings.flags)
            while (frame := self.socket.outbox.next()) is not None:
                await self._write(frame)
        await self.hub.catch_up(self.socket, missed_after, self._write)
        while True:
            for _ in range(FRAMES_AT_A_TIME):
                await self._write(await self.socket.outbox.take())
            await asyncio.sleep(0)

    async def _write(self, frame: Frame) -> None:
        socket = self.socket
        match frame:
            case Ping():
                await self.answer.ping(socket.written.to_bytes(8, "big"))
            case Picture() | NodeText():
                data = frame.with_metadata() if socket.metadata else frame.plain()
                if data is not None:
                    await self.answer.send_frame(data, WSMsgType.BINARY)
            case Text():
                data = frame.numbered() if socket.numbered else frame.plain()
                await self.answer.send_frame(data, WSMsgType.TEXT)
                socket.written = max(socket.written, frame.position)
                if frame.ends_run:
                    await self._write(Ping())

    # Reading

    async def _read_all(self) -> None:
        while True:
            word = await self.answer.receive()
            match word.type:
                case WSMsgType.PONG:
                    data = bytes(cast(bytes, word.data))
                    self.socket.has_answered(int.from_bytes(data, "big") if len(data) == 8 else 0)
                case WSMsgType.PING:
                    await self.answer.pong(bytes(cast(bytes, word.data)))
                case WSMsgType.TEXT:
                    self._said(cast(str, word.data))
                case WSMsgType.BINARY:
                    pass
                case _:
                    return

    def _said(self, text: str) -> None:
        """A text frame: only what a client says of itself is of interest."""
        if len(text) > LONGEST_WORD:
            return
        try:
            word = parse(text)
        except WorkflowError:
            return
        if not isinstance(word, Mapping):
            return
        fields = cast(Mapping[str, object], word)
        flags = fields.get("data")
        if fields.get("type") != "feature_flags" or not isinstance(flags, Mapping):
            return
        told = cast(Mapping[str, object], flags)
        self.socket.metadata = told.get("supports_preview_metadata") is True
        self.socket.numbered = told.get("event_sequence") is True
        self.socket.put(Text("feature_flags", self.flags))
        self.socket.said.set()
