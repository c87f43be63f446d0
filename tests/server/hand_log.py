"""An event log that is written by hand, a server that has its websockets and nothing else, and what they tell."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from aiohttp import ClientWebSocketResponse, TCPConnector, web
from aiohttp.test_utils import TestClient, TestServer

from runs.desk import Hear
from runs.records import Message, QueueChanged, Told
from server.errors import answer_errors
from server.events_socket import HUB, disconnect, routes
from server.keys import SETTINGS
from server.settings import Settings
from server.sockets import Hub, Timings

SECONDS = 30.0
FAST = Timings(look=0.02, flags=0.05)
Client = TestClient[web.Request, web.Application]


class HandLog:
    """An event log that is written by hand, so that tests decide what is told when."""

    def __init__(self) -> None:
        self.rows: list[Message] = []
        self.hearers: list[Hear] = []
        self.heard: dict[str, int] = {}
        self.queue = 0
        self.at_work: dict[str, list[str]] = {}
        self.snapshots: dict[str, list[Message]] = {}
        self.look: Callable[[], None] = lambda: None

    def listen(self, hear: Hear) -> Callable[[], None]:
        self.hearers.append(hear)
        return lambda: self.hearers.remove(hear)

    def position(self) -> int:
        return len(self.rows)

    def remaining(self) -> int:
        return self.queue

    def snapshot(self, id: str) -> Sequence[Message]:
        return self.snapshots.get(id, [])

    def running_of(self, client_id: str) -> Sequence[str]:
        return self.at_work.get(client_id, [])

    async def missed(self, client_id: str, after: int, limit: int = 10_000) -> Sequence[Message]:
        found = [row for row in self.rows if row.client_id == client_id and row.position > after][:limit]
        if limit > 1:  # not where it is only asked whether there is anything
            self.look()
        await asyncio.sleep(0)
        return found

    async def heard_up_to(self, client_id: str) -> int | None:
        found = self.heard.get(client_id)
        await asyncio.sleep(2 * FAST.look)
        return found

    async def set_heard(self, client_id: str, position: int) -> None:
        self.heard[client_id] = position

    def tell(self, told: Told) -> None:
        """Write what is logged, then tell it."""
        if isinstance(told, Message) and told.seq:
            told = replace(told, position=len(self.rows) + 1)
            self.rows.append(told)
        for hear in tuple(self.hearers):
            hear(told)

    def say(self, type: str, client_id: str | None = "me", seq: int = 1, run: str = "r", **data: object) -> None:
        """Tell a message of a run."""
        self.tell(Message(run, client_id, seq, type, {"prompt_id": run, **data}, 0.0))

    def change_queue(self, remaining: int) -> None:
        self.queue = remaining
        self.tell(QueueChanged(remaining))


@asynccontextmanager
async def listening(log: HandLog, settings: Settings | None = None, timings: Timings = FAST) -> AsyncIterator[Client]:
    """A client of a server that has websockets and nothing else."""
    settings = settings or Settings()

    async def connect(app: web.Application) -> AsyncIterator[None]:
        app[HUB] = Hub(log, settings.most_sockets, settings.most_backlog, timings)
        app.on_shutdown.append(disconnect)
        yield

    app = web.Application(middlewares=[answer_errors])
    app[SETTINGS] = settings
    app.add_routes(routes)
    app.cleanup_ctx.append(connect)
    async with TestClient(TestServer(app), connector=TCPConnector(limit=0)) as client:
        yield client


async def joined(
    client: Client, client_id: str = "me", flags: object = None, **options: Any
) -> ClientWebSocketResponse:
    """A websocket that has had its greeting and is told what happens from now on."""
    socket = await client.ws_connect("/ws", params={"clientId": client_id}, **options)
    if flags is not None:
        await socket.send_json({"type": "feature_flags", "data": flags})
    greeting = await frame(socket)
    assert greeting["type"] == "status"
    assert greeting["data"]["sid"] == client_id
    if flags is not None:
        assert (await frame(socket))["type"] == "feature_flags"
    await is_live(client, client_id)
    return socket


async def is_live(client: Client, client_id: str) -> None:
    hub = client.app[HUB]
    await until(lambda: all(each.live for each in hub._audience(client_id, is_shared=False)))  # pyright: ignore[reportPrivateUsage]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():
            await asyncio.sleep(0.005)


async def frame(socket: ClientWebSocketResponse) -> Any:
    """The next text frame."""
    return json.loads(await socket.receive_str(timeout=SECONDS))


async def frames(socket: ClientWebSocketResponse, count: int) -> list[Any]:
    return [await frame(socket) for _ in range(count)]


async def silent(socket: ClientWebSocketResponse) -> bool:
    """Whether nothing more comes: what is told last comes next."""
    try:
        await socket.receive(timeout=0.2)
    except TimeoutError:
        return True
    return False


def types(told: list[Any]) -> list[str]:
    return [each["type"] for each in told]
