"""The real application over a real desk whose worker loads the packs of a folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runs.desk import Desk
from server.app import build
from server.log_lines import LogLines
from server.pack_folders import WebFolders
from server.settings import Settings
from storage import Folders
from storage.catalogues import catalogues
from storage.user_files import UserFiles
from tests.runs.toy_desk import opened
from tests.server.small_server import Client, serving
from tests.server.v1_server import Api


def put(folder: Path, name: str, text: str) -> Path:
    """Write a file below a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def pack_server(base: Path, packs: Path, *options: str, **settings: Any) -> AsyncIterator[Api]:
    """From nothing to a client whose desk knows the nodes of these packs. options: of the worker."""
    folders = Folders.under(base)
    for folder in (folders.input, folders.output, folders.temp, folders.user, folders.models):
        folder.mkdir(parents=True, exist_ok=True)
    async with (
        opened(base, options=[f"--packs={packs}", *options]) as desk,
        serving_desk(desk, folders, packs, **settings) as client,
    ):
        await desk.nodes()
        yield Api(client, desk, folders)


@asynccontextmanager
async def serving_desk(desk: Desk, folders: Folders, packs: Path, **settings: Any) -> AsyncIterator[Client]:
    """A client of a server over this desk."""
    web_folders = WebFolders(lambda: desk.brought.webs, [packs])
    about = Settings(version="1.2.3", **settings)
    app = build(desk, folders, catalogues(folders), UserFiles(folders.user), about, LogLines(), web_folders)
    async with serving(app) as client:
        yield client
