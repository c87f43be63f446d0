"""The real server in a process of its own with web folders of packs, and the class that tests start it by.

`python tests/editor/pack_server.py --folder FOLDER --port PORT --packs FOLDER`
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runs.crew import Staffing
from runs.desk import Desk
from server.app import build
from server.listening import listen, open_socket
from server.log_lines import LogLines
from server.settings import Settings
from server.v1_template_routes import add_templates
from storage import Folders
from storage.catalogues import catalogues
from storage.user_files import UserFiles
from tests.editor.live_server import START_SECONDS, LiveServer

HERE: Final = Path(__file__).parent
PACKS: Final = HERE / "extension_packs"
WORKER: Final = HERE / "pack_worker.py"
WEB: Final = "web"


class PackServer(LiveServer):
    """The server with the packs of a folder, each with its `web`, and a worker that knows their nodes."""

    def __init__(self, folder: Path, packs: Path = PACKS) -> None:
        super().__init__(folder)
        self.packs = packs

    def start(self) -> None:
        """Begin, and wait until the nodes are known."""
        words = [sys.executable, __file__, f"--folder={self.folder}", f"--port={self.port}", f"--packs={self.packs}"]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(words, cwd=self.folder, stdout=log, stderr=log, env=environment)
        self._await_nodes(time.monotonic() + START_SECONDS)


async def serve(arguments: argparse.Namespace, listening: socket.socket) -> None:
    """Answer requests until the process is ended."""
    folders = Folders.under(arguments.folder)
    for kind in ("input", "output", "temp"):
        folders.root(kind).mkdir(parents=True, exist_ok=True)
    lines = LogLines()
    staffing = Staffing(lambda device: [sys.executable, str(WORKER)], ("toy",), line=lines.add)
    desk = await Desk.open(folders.user / "runs.sqlite", staffing)
    web_folders = {pack.name: pack / WEB for pack in arguments.packs.iterdir() if (pack / WEB).is_dir()}
    try:
        settings = Settings(port=arguments.port, version="packs")
        app = build(desk, folders, catalogues(folders), UserFiles(folders.user), settings, lines, web_folders)
        add_templates(app, PACKS / "workflows")
        await listen(app, listening, lambda: None, access_log=False)
    finally:
        await desk.close()


def main() -> None:
    """Serve as the options say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--packs", type=Path, required=True)
    arguments = parser.parse_args()
    with open_socket("127.0.0.1", arguments.port) as listening:
        asyncio.run(serve(arguments, listening))


if __name__ == "__main__":
    main()
