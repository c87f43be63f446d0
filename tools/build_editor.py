"""Builds the browser editor into server/static/, where its sources have changed since the last time.

`python -m tools.build_editor` does nothing where the build is current; `--check` only says whether it is. A build that
fails leaves the one before it as it was, says what to do, and ends with 1.
"""

import argparse
import gzip
import hashlib
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.node import Node, NoNode, find_node, ran
from tools.notices import locked_packages, notices

ROOT: Final = Path(__file__).resolve().parents[1]

SOURCE_FOLDERS: Final = ("src", "public")
SOURCE_FILES: Final = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
BUILDERS: Final = ("build_editor.py", "notices.py")
SHARED: Final = ("diffusion/clip/vocabulary/bpe_simple_vocab_16e6.txt.gz",)
"""Files beside the editor that the bundler reads: the table with which the browser counts tokens."""

STAMP: Final = ".stamp"
INDEX: Final = "index.html"
NOTICES: Final = "THIRD-PARTY.txt"
UNFINISHED: Final = ".static-"
"""What folders and files beside the build are called while it goes on."""

TEXTS: Final = frozenset({".html", ".js", ".css", ".json", ".svg", ".txt"})
WORTH_COMPRESSING: Final = 1000
"""Bytes from which a text gets compressed neighbours."""

# Without a network this ends after seconds, not minutes: the server waits for it.
HASTY: Final = ("--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
INSTALL: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", *HASTY)
BROTLI: Final = (
    "const fs = require('fs'), zlib = require('zlib');"
    "for (const file of process.argv.slice(1))"
    "fs.writeFileSync(file + '.br', zlib.brotliCompressSync(fs.readFileSync(file)));"
)
LINES_TOLD: Final = 20
"""Lines of a failing program that are shown, its inner calls aside."""
_COLOURS: Final = re.compile("\x1b\\[[0-9;]*m")
_INNER: Final = re.compile(r"(npm error)?\s+at ")


class BuildFailed(Exception):
    """The editor could not be built; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class Places:
    """Where the sources of the editor lie, and where its build goes."""

    editor: Path
    built: Path


HERE: Final = Places(ROOT / "editor", ROOT / "server" / "static")


def is_current(places: Places) -> bool:
    """Whether the build is that of the sources as they are."""
    try:
        stamp = (places.built / STAMP).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return False
    return stamp == digest(places.editor) and (places.built / INDEX).is_file()


def digest(editor: Path) -> str:
    """A hash of everything that the build depends on: sources, settings, locked packages, and what builds."""
    told = hashlib.sha256()
    for name, path in sources(editor):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        told.update(f"{name}\n{content}\n".encode())
    return told.hexdigest()


def sources(editor: Path) -> Iterator[tuple[str, Path]]:
    """The files that the build depends on, each with the name that it is hashed under, in a fixed order."""
    listed = [editor / name for name in SOURCE_FILES]
    for folder in SOURCE_FOLDERS:
        listed.extend((editor / folder).rglob("*"))
    found = {path.relative_to(editor).as_posix(): path for path in listed if path.is_file()}
    yield from sorted(found.items())
    yield from ((name, path) for name in SHARED if (path := editor.parent / name).is_file())
    yield from ((f"tools/{name}", Path(__file__).with_name(name)) for name in BUILDERS)


def build(places: Places) -> bool:
    """Build what is not current; whether there was anything to do. Raises BuildFailed and NoNode."""
    if is_current(places):
        return False
    if not (places.editor / INDEX).is_file():
        raise BuildFailed(f"there are no sources of the editor in {places.editor}; fetch the whole repository.")
    with _alone(places):
        if is_current(places):  # another build ended while this one waited for its turn
            return False
        node = find_node()
        install_packages(node, places.editor)
        _build(node, places)
    return True


def _build(node: Node, places: Places) -> None:
    stamp = digest(places.editor)  # taken first: what is changed during the build is built the next time
    parent = places.built.parent
    for left in parent.glob(f"{UNFINISHED}new-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{UNFINISHED}new-", dir=parent, ignore_cleanup_errors=True) as folder:
        fresh = Path(folder) / "static"
        bundle(node, places.editor, fresh)
        (fresh / NOTICES).write_text(notices(places.editor), encoding="utf-8")
        compress(node, fresh)
        (fresh / STAMP).write_text(f"{stamp}\n", encoding="ascii")
        swap(fresh, places.built)


def install_packages(node: Node, editor: Path) -> None:
    """Install the locked packages, unless exactly those are there. Raises BuildFailed."""
    if packages_are_current(editor):
        return
    print("Installing the editor's packages (once) …", file=sys.stderr)
    remedy = "connect to the network and run 'make editor' again"
    _run(node, [*node.npm, *INSTALL], editor, f"the editor's packages could not be installed; {remedy}.")


def packages_are_current(editor: Path) -> bool:
    """Whether the installed packages are those of the lock file; optional ones may be missing."""
    try:
        locked = locked_packages(editor / "package-lock.json")
        installed = locked_packages(editor / "node_modules" / ".package-lock.json")
    except (OSError, ValueError):
        return False
    wanted = {path for path, entry in locked.items() if not entry.get("optional")}
    return wanted <= installed.keys() and all(
        path in locked and entry.get("integrity") == locked[path].get("integrity") for path, entry in installed.items()
    )


def bundle(node: Node, editor: Path, target: Path) -> None:
    """Let the bundler write the editor into a new folder. Raises BuildFailed."""
    bundler = editor / "node_modules" / "vite" / "bin" / "vite.js"
    words = [str(node.program), str(bundler), "build", "--outDir", str(target), "--emptyOutDir", "--logLevel", "warn"]
    _run(node, words, editor, "the editor could not be built; mend what is named above and run 'make editor' again.")
    if not (target / INDEX).is_file():
        raise BuildFailed("the bundler wrote no index.html; look at editor/vite.config.ts.")


def compress(node: Node, folder: Path) -> None:
    """Put neighbours compressed by gzip and brotli beside the larger texts of a build. Raises BuildFailed."""
    texts = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in TEXTS and path.stat().st_size > WORTH_COMPRESSING
    ]
    for path in texts:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    words = [str(node.program), "-e", BROTLI, "--", *(str(path) for path in texts)]
    _run(node, words, folder, "the editor could not be compressed; run 'make editor' again.")


def swap(fresh: Path, built: Path) -> None:
    """Put a new build in the place of the old one, which comes back where that fails. Raises OSError."""
    old = fresh.with_name("old")
    if built.exists():
        built.rename(old)
    try:
        fresh.rename(built)
    except OSError:
        if old.exists():
            old.rename(built)
        raise


@contextmanager
def _alone(places: Places) -> Generator[None]:
    """Keep other builds waiting, where the system has locks for that."""
    with (places.built.parent / f"{UNFINISHED}lock").open("w", encoding="ascii") as held:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _run(node: Node, words: Sequence[str], folder: Path, remedy: str) -> None:
    ended = ran(node, words, folder)
    if ended.returncode != 0:
        said = [line for line in _COLOURS.sub("", ended.stdout).splitlines() if line.strip() and not _INNER.match(line)]
        print("\n".join(said[-LINES_TOLD:]), file=sys.stderr)
        raise BuildFailed(remedy)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, or say whether that is needed."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_editor", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the build is current (0) or not (1)")
    parser.add_argument("--quiet", action="store_true", help="say nothing where there is nothing to do")
    wanted = parser.parse_args(arguments)
    if wanted.check:
        current = is_current(HERE)
        print("The editor's build is current." if current else "The editor's build is not current: run 'make editor'.")
        return 0 if current else 1
    began = time.monotonic()
    try:
        was_built = build(HERE)
    except (BuildFailed, NoNode) as error:
        print(f"No new editor: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"No new editor: {error}; mend that and run 'make editor' again.", file=sys.stderr)
        return 1
    if was_built:
        print(f"Built the editor in {time.monotonic() - began:.0f} s.", file=sys.stderr)
    elif not wanted.quiet:
        print("The editor's build is current.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
