"""The real application over a real desk with a real worker of small nodes, for the tests of the own API."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from runs.desk import Desk
from server.app import build
from server.log_lines import LogLines
from server.settings import Settings
from storage import Folders
from storage.catalogues import catalogues
from storage.user_files import UserFiles
from tests.runs.toy_desk import ended, opened
from tests.server.small_server import Client, serving


@dataclass(frozen=True)
class Api:
    """A client of the own API, the desk behind it, and its folders."""

    client: Client
    desk: Desk
    folders: Folders

    async def ask(self, method: str, path: str, body: object = None, status: int = 200, **more: Any) -> Any:
        """The JSON of an answer that must have this status."""
        sent = {} if body is None else {"json": body}
        async with self.client.request(method, f"/api/v1/{path}", **sent, **more) as response:
            text = await response.text()
            assert response.status == status, text
            if status >= 400:
                assert response.content_type == "application/problem+json"
            return json.loads(text) if text else None

    async def ended(self, run: str) -> Any:
        """A run once it has ended, as the API tells it."""
        await ended(self.desk, run)
        return await self.ask("GET", f"runs/{run}")

    async def run(self, workflow: Mapping[str, object], **more: Any) -> str:
        """Hand a run in and give its id."""
        return (await self.ask("POST", "runs", {"workflow": workflow} | more, 201))["id"]


@asynccontextmanager
async def v1_server(base: Path) -> AsyncIterator[Api]:
    """From nothing to a client whose desk knows its nodes."""
    folders = Folders.under(base)
    for folder in (folders.input, folders.output, folders.temp, folders.user, folders.models):
        folder.mkdir(parents=True, exist_ok=True)
    async with opened(base) as desk:
        app: web.Application = build(
            desk, folders, catalogues(folders), UserFiles(folders.user), Settings(version="1.2.3"), LogLines()
        )
        async with serving(app) as client:
            await desk.nodes()
            yield Api(client, desk, folders)
