"""Passing files are cleared away: the temporary folder at the start and when it grows, and what killed writers left."""

import os
import shutil
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from storage.errors import StorageError
from storage.paths import PARTIAL, delete_file

DAY: Final = 24 * 60 * 60


def clear_folder(temp: Path, apart_from: Iterable[Path] = ()) -> None:
    """Delete what lies in a folder, not the folder itself; of links the links, never what they lead to.

    apart_from: folders that must not be touched. Raises StorageError, before anything is deleted, where one of them,
    the home folder or the working folder lies in there: then the folder was named by mistake.
    """
    real = Path(os.path.realpath(temp))
    for treasure in (*apart_from, Path("~").expanduser(), Path()):
        if Path(os.path.realpath(treasure)).is_relative_to(real):
            raise StorageError(
                "a folder of its own for temporary files, which are deleted at every start",
                f"{temp}, which holds {treasure}",
                "Name an empty folder.",
            )
    if not real.is_dir():
        return
    for entry in list(os.scandir(real)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            with suppress(OSError):  # somebody else's, or in use on Windows: it stays
                Path(entry.path).unlink()


def bound_folder(temp: Path, most_bytes: int) -> int:
    """Delete the oldest files of a folder until the rest has at most `most_bytes`; how many bytes were deleted."""
    files = sorted((status.st_mtime_ns, status.st_size, path) for path, status in _files(temp))
    surplus = sum(size for _, size, _ in files) - most_bytes
    deleted = 0
    for _, size, path in files:
        if deleted >= surplus:
            break
        if path.name.startswith(PARTIAL):
            continue  # somebody is writing it
        with suppress(StorageError, OSError):
            delete_file(temp, path.relative_to(temp).as_posix())
            deleted += size
    return deleted


def clear_partials(root: Path, older_than: float = DAY) -> int:
    """Delete what writers that were killed left below a root, once it is `older_than` seconds old; how many files."""
    before = time.time() - older_than
    count = 0
    for path, status in _files(root):
        if path.name.startswith(PARTIAL) and status.st_mtime < before:
            with suppress(OSError):
                path.unlink()
                count += 1
    return count


def _files(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The regular files below a root; linked folders are not entered, links not counted."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            with suppress(FileNotFoundError):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    yield path, status
