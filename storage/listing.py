"""What lies in a folder, as names that the guard would let through."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from storage.errors import NameRefused
from storage.paths import parts_of


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
