"""A server for tests: the real application over a desk that knows only what the routes at hand ask it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from graph.described import Descriptions, read_descriptions
from runs.brought import Brought
from runs.desk import Desk, Hear
from runs.words import Ready
from server.app import build
from server.log_lines import LogLines
from server.settings import Settings
from storage import Folders
from storage.catalogues import catalogues
from storage.user_files import UserFiles

TOKEN = "correct horse battery staple"
Client = TestClient[web.Request, web.Application]

DEVICE: Mapping[str, object] = {
    "name": "cpu",
    "type": "cpu",
    "index": None,
    "vram_total": 8_000,
    "vram_free": 4_000,
    "torch_vram_total": 8_000,
    "torch_vram_free": 4_000,
}


class SmallDesk:
    """A desk without runs: one worker, or none while it starts, and the nodes handed in."""

    def __init__(self, nodes: Sequence[Mapping[str, object]] = (), ready: bool = True) -> None:
        self._nodes = nodes
        self._ready = ready

    async def nodes(self) -> Descriptions:
        return read_descriptions(self._nodes)

    def workers(self) -> Sequence[Ready]:
        return [Ready(1, self._nodes, DEVICE, {"torch": "2.9.0+cpu"})] if self._ready else []

    @property
    def brought(self) -> Brought:
        return Brought()

    def loading(self) -> None:
        return None

    def remaining(self) -> int:
        return 3

    def listen(self, hear: Hear) -> Callable[[], None]:
        return lambda: None

    def position(self) -> int:
        return 0

    def running_of(self, client_id: str) -> Sequence[str]:
        return ()

    async def heard_up_to(self, client_id: str) -> int | None:
        return None

    async def set_heard(self, client_id: str, position: int) -> None:
        pass


def small_app(
    base: Path,
    settings: Settings | None = None,
    desk: SmallDesk | Desk | None = None,
    log_lines: LogLines | None = None,
    extensions: Mapping[str, Path] | None = None,
) -> web.Application:
    """The application over folders below `base`."""
    folders = Folders.under(base)
    for folder in (folders.input, folders.output, folders.temp, folders.user):
        folder.mkdir(parents=True, exist_ok=True)
    return build(
        cast(Desk, desk or SmallDesk()),
        folders,
        catalogues(folders),
        UserFiles(folders.user),
        settings or Settings(version="1.2.3"),
        log_lines or LogLines(),
        extensions,
    )


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[Client]:
    """A client of the running application; requests carry no Origin, as those of programs."""
    async with TestClient(TestServer(app)) as client:
        yield client


@asynccontextmanager
async def small_server(
    base: Path, settings: Settings | None = None, desk: SmallDesk | None = None
) -> AsyncIterator[Client]:
    """The same from the beginning."""
    async with serving(small_app(base, settings, desk)) as client:
        yield client


def with_token(**more: object) -> Settings:
    """Settings with the token."""
    return replace(Settings(token=TOKEN, version="1.2.3"), **more)


def own_origin(client: Client) -> str:
    """The Origin that a page of this server has."""
    return f"http://{client.host}:{client.port}"


async def raw_exchange(client: Client, request: bytes, most: int = 2**20) -> bytes:
    """Send bytes as they are and read what comes back until the server closes."""
    reader, writer = await asyncio.open_connection(client.host, client.port, family=socket.AF_INET)
    try:
        writer.write(request)
        await writer.drain()
        return await asyncio.wait_for(reader.read(most) if most < 2**20 else reader.read(), 20)
    finally:
        writer.close()


async def raw_status(client: Client, target: str, *headers: str, method: str = "GET") -> int:
    """The status of a request whose target nobody has tidied up."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {client.host}:{client.port}", "Connection: close", *headers, "", ""]
    answer = await raw_exchange(client, "\r\n".join(lines).encode("latin-1"))
    return int(answer.split(b" ", 2)[1])
