"""A server for tests over a real desk, whose worker process knows small nodes."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from runs.crew import Staffing
from runs.desk import Desk
from runs.records import ENDED, Record
from server.app import build
from server.log_lines import LogLines
from server.settings import Settings
from storage import Folders
from storage.catalogues import catalogues
from storage.user_files import UserFiles
from tests.runs.toy_desk import TOY_WORKER

SECONDS = 60.0
"""How long anything may take before a test gives up."""

Client = TestClient[web.Request, web.Application]


@dataclass(frozen=True)
class ToyServer:
    """A client of a running server, and the desk behind it."""

    client: Client
    desk: Desk

    async def post(self, path: str, body: object = None, status: int = 200) -> Any:
        """POST JSON; the JSON that comes back, None for an empty answer."""
        answer = await self.client.post(path, json=body)
        text = await answer.text()
        assert answer.status == status, f"{answer.status}: {text[:500]}"
        return await answer.json() if text else None

    async def get(self, path: str, status: int = 200) -> Any:
        """GET JSON."""
        answer = await self.client.get(path)
        assert answer.status == status, f"{answer.status}: {(await answer.text())[:500]}"
        return await answer.json()

    async def ended(self, run: str) -> Record:
        """The record of a run once it has ended."""
        async with asyncio.timeout(SECONDS):
            while True:
                record = await self.desk.record(run)
                assert record is not None
                if record.state in ENDED:
                    return record
                await asyncio.sleep(0.01)

    async def begun(self, run: str) -> None:
        """Wait until a step of a run is at work."""
        async with asyncio.timeout(SECONDS):
            while not self.desk.snapshot(run):
                await asyncio.sleep(0.01)

    async def run(self, workflow: Mapping[str, object], **fields: object) -> Record:
        """Hand a workflow in and wait for its end."""
        answer = await self.post("/prompt", {"prompt": workflow, **fields})
        return await self.ended(answer["prompt_id"])

    async def socket(self, client_id: str, **options: Any) -> ClientWebSocketResponse:
        """A websocket of this client."""
        return await self.client.ws_connect("/ws", params={"clientId": client_id}, **options)


@asynccontextmanager
async def toy_server(folder: Path, settings: Settings | None = None) -> AsyncIterator[ToyServer]:
    """A server over a database in this folder; results are kept in memory, so that a second run finds them."""
    command = [sys.executable, str(TOY_WORKER), f"--output={folder}", "--memory-cache=10000000"]
    desk = await Desk.open(folder / "runs.sqlite", Staffing(lambda device: command, ("toy",), line=lambda line: None))
    try:
        async with TestClient(TestServer(toy_app(folder, desk, settings or Settings()))) as client:
            yield ToyServer(client, desk)
    finally:
        await desk.close()


def toy_app(folder: Path, desk: Desk, settings: Settings) -> web.Application:
    """The whole application over a desk."""
    folders = Folders.under(folder)
    return build(desk, folders, catalogues(folders), UserFiles(folders.user), settings, LogLines())
