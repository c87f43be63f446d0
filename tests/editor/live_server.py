"""The real server as a process of its own, over folders of its own and with the model that ships."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("input", "output", "temp", "user")
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.1


class LiveServer:
    """A server that can be stopped, killed and started again on the same port over the same folders."""

    def __init__(self, folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._options = options
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server has said so far, over all its starts."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Begin, and wait until the nodes are known, so that a page that is opened now has everything."""
        folders = [f"--{name}={self.folder / name}" for name in FOLDERS]
        words = [sys.executable, str(ROOT / "main.py"), "serve", f"--port={self.port}", *folders, *self._options]
        environment = os.environ | {"OMP_NUM_THREADS": "1"} | self._environment
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(words, cwd=self.folder, stdout=log, stderr=log, env=environment)
        self._await_nodes(time.monotonic() + START_SECONDS)

    def stop(self) -> None:
        """End it as Ctrl-C does; by force where it does not end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)

    def saved(self) -> list[Path]:
        """The pictures that were saved into the output folder, the oldest first."""
        found = (self.folder / "output").rglob("*.png")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def _await_nodes(self, until: float) -> None:
        while True:
            assert self._process is not None
            assert self._process.poll() is None, f"the server ended:\n{self.log.read_text(errors='replace')}"
            assert time.monotonic() < until, f"the server is not ready:\n{self.log.read_text(errors='replace')}"
            try:
                with urllib.request.urlopen(f"{self.url}/api/object_info", timeout=START_SECONDS) as answer:
                    answer.read()
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(POLL_SECONDS)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
