"""An application with the routes of files alone, as the whole one registers them, for tests of these routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server import file_routes, model_routes, user_routes
from server.app import add_twice
from server.bodies import check_length
from server.errors import answer_errors
from server.keys import FOLDERS, SETTINGS, USER_FILES
from server.settings import Settings
from storage import Folders
from storage.user_files import UserFiles

Client = TestClient[web.Request, web.Application]


@dataclass(frozen=True)
class Place:
    """A running server and what it serves."""

    client: Client
    folders: Folders
    user_files: UserFiles


@asynccontextmanager
async def file_server(base: Path, settings: Settings | None = None) -> AsyncIterator[Place]:
    """A client of the routes of files, models and the user."""
    folders = Folders.under(base)
    app = web.Application(middlewares=[answer_errors, check_length])
    app[FOLDERS] = folders
    app[SETTINGS] = settings or Settings()
    app[USER_FILES] = UserFiles(folders.user)
    for module in (file_routes, user_routes, model_routes):
        add_twice(app, module.routes)
    async with TestClient(TestServer(app)) as client:
        yield Place(client, folders, app[USER_FILES])


def put(path: Path, data: bytes = b"x") -> Path:
    """A file with the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
