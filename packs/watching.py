"""What the files of packs are like now, so that a change can be seen: by their times and sizes, without reading one."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from packs.manifest import PACK, PROJECT, REQUIREMENTS

DESCRIBING: Final = frozenset({PACK, PROJECT, REQUIREMENTS})
SKIPPED: Final = frozenset({"__pycache__", "node_modules"})

State = tuple[int, int]
"""Time of the last change in nanoseconds, and size in bytes."""


def source_state(folders: Sequence[Path]) -> Mapping[str, State]:
    """Every source file of the packs in these folders. What cannot be read is left out."""
    return {entry.path: state for folder in folders for entry, state in _below(str(folder), frozenset())}


def _below(folder: str, outer: frozenset[str]) -> Iterator[tuple["os.DirEntry[str]", State]]:
    """The files of a folder and of those below it; a link back to one that it lies in is not followed."""
    real = os.path.realpath(folder)
    if real in outer:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name in SKIPPED:
            continue
        try:
            if entry.is_dir():
                yield from _below(entry.path, outer | {real})
            elif name.endswith(".py") or name in DESCRIBING:
                about = entry.stat()
                yield entry, (about.st_mtime_ns, about.st_size)
        except OSError:
            continue
