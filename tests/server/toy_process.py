"""The real server in a process of its own, with workers that know small nodes: to be killed, loaded and measured.

`python tests/server/toy_process.py --folder FOLDER --port PORT [--memory-cache BYTES] [--devices one,two]`
"""

import argparse
import asyncio
import socket
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runs.crew import Staffing
from runs.desk import Desk
from server.app import build
from server.listening import listen, open_socket
from server.log_lines import LogLines
from server.settings import Settings
from storage import Folders
from storage.catalogues import catalogues
from storage.user_files import UserFiles

TOY_WORKER = Path(__file__).resolve().parents[1] / "runs" / "toy_worker.py"


async def serve(arguments: argparse.Namespace, listening: socket.socket) -> None:
    folders = Folders.under(arguments.folder)
    for kind in ("input", "output", "temp"):
        folders.root(kind).mkdir(parents=True, exist_ok=True)
    worker = [sys.executable, str(TOY_WORKER), f"--output={folders.output}", f"--memory-cache={arguments.memory_cache}"]
    lines = LogLines()
    staffing = Staffing(lambda device: worker, tuple(arguments.devices.split(",")), line=lines.add, hang_seconds=20)
    desk = await Desk.open(folders.user / "runs.sqlite", staffing, patience=2.0)
    try:
        settings = Settings(port=arguments.port, version="toy")
        app = build(desk, folders, catalogues(folders), UserFiles(folders.user), settings, lines)
        await listen(app, listening, begun, access_log=False)
    finally:
        await desk.close()


def begun() -> None:
    sys.stdout.write("listening\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--memory-cache", type=int, default=0)
    parser.add_argument("--devices", default="toy")
    arguments = parser.parse_args()
    with open_socket("127.0.0.1", arguments.port) as listening:
        asyncio.run(serve(arguments, listening))


if __name__ == "__main__":
    main()
