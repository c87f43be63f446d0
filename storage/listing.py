"""What lies in a folder, as names that the guard would let through."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from storage.errors import NameRefused, StorageError
from storage.paths import parts_of, resolve


def is_file(status: os.stat_result) -> bool:
    """Whether this is a regular file; the only other things that are listed are folders."""
    return stat.S_ISREG(status.st_mode)


def is_plain(name: str) -> bool:
    """Whether a name is safe as text."""
    try:
        parts_of(name)
    except NameRefused:
        return False
    return True


def entries_below(start: Path, *, recurse: bool = False) -> Iterator[tuple[str, os.stat_result]]:
    """Files and folders in a folder with their state, by name; with `recurse` the files of all folders below it.

    Links, hidden and unsafe names are passed over, and so is what vanishes meanwhile or may not be read.
    """
    waiting = [""]
    while waiting:
        above = waiting.pop()
        with suppress(OSError), os.scandir(start / above) as found:
            below = [entry for entry in sorted(found, key=lambda entry: entry.name) if is_plain(above + entry.name)]
            for entry in below:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    if is_file(status) or (stat.S_ISDIR(status.st_mode) and not recurse):
                        yield above + entry.name, status
            if recurse:
                folders = [entry.name for entry in below if entry.is_dir(follow_symlinks=False)]
                waiting.extend(f"{above}{name}/" for name in reversed(folders))


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file below a root. size: bytes; mtime_ns: nanoseconds since 1970."""

    name: str
    size: int
    mtime_ns: int


def files_below(root: Path, endings: frozenset[str]) -> list[ListedFile]:
    """The files below a root with one of the endings; each folder is read once, so that thousands stay quick.

    Hidden and unsafe names, linked folders, and links that lead out are passed over, and so is what vanishes meanwhile
    or may not be read. A missing root holds nothing.
    """
    found: list[ListedFile] = []
    waiting = [""]
    while waiting:
        above = waiting.pop()
        with suppress(OSError), os.scandir(root / above) as entries:
            for entry in entries:
                name = above + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        waiting.append(f"{name}/")
                elif Path(entry.name).suffix.lower() in endings and is_plain(name):
                    with suppress(OSError, StorageError):
                        status = resolve(root, name).stat() if entry.is_symlink() else entry.stat()
                        if is_file(status):
                            found.append(ListedFile(name, status.st_size, status.st_mtime_ns))
    return found
