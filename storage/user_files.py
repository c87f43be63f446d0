"""The user's own files and settings: workflows and the like under `files/`, the settings of the editor beside them.

Names are names below `<user>/files`. Whatever else lies in the user folder (databases, caches, logs, the settings) has
no name at all.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

from storage.errors import Absent, StorageError, shown
from storage.listing import entries_below, is_file
from storage.paths import delete_file, move_file, open_to_read, partial_in, parts_of, replace_file, resolve

FILES: Final = "files"
SETTINGS_FILE: Final = "settings.json"
ALWAYS_THERE: Final = frozenset({"", "workflows"})
"""Folders that can be listed before anything was saved in them."""
MOST_FILE_BYTES: Final = 50 * 2**20
MOST_SETTINGS_BYTES: Final = 2**20
DEEPEST_SETTINGS: Final = 64


class TooLarge(StorageError):
    """More bytes than are kept."""


class SettingsRefused(StorageError):
    """Settings that are no JSON or too deep."""


@dataclass(frozen=True, slots=True)
class UserFile:
    """A file: its name below the folder that was listed (or from the top), bytes, and times in seconds since 1970."""

    path: str
    size: int
    modified: float
    created: float


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A file or folder of a listing: its own name, its name from the top, and for a file its bytes."""

    name: str
    path: str
    type: Literal["file", "directory"]
    size: int | None
    modified: float


@dataclass(frozen=True)
class UserFiles:
    """Files and settings below the user folder. Methods look at the disk: call them in a thread from a server."""

    user: Path
    _one_writer: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def root(self) -> Path:
        """Where the files lie."""
        return self.user / FILES

    # Files

    def list(self, folder: str, *, recurse: bool = False) -> tuple[UserFile, ...]:
        """The files of a folder ("" for the top), sorted by name. Raises Absent where there is no such folder."""
        files = (_information(name, status) for name, status in self._walk(folder, recurse) if is_file(status))
        return tuple(sorted(files, key=lambda file: file.path))

    def entries(self, folder: str = "") -> tuple[UserEntry, ...]:
        """Files and folders in a folder, sorted by name. Raises Absent."""
        above = f"{folder}/" if folder else ""
        return tuple(
            UserEntry(
                name,
                above + name,
                "file" if is_file(status) else "directory",
                status.st_size if is_file(status) else None,
                status.st_mtime,
            )
            for name, status in self._walk(folder, recurse=False)
        )

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading. Raises NameRefused and Absent."""
        return open_to_read(self.root, name)

    def information(self, name: str) -> UserFile:
        """Size and times of a file. Raises NameRefused and Absent."""
        with self.open(name) as file:
            return _information(name, os.fstat(file.fileno()))

    def write(self, name: str, data: bytes, *, overwrite: bool = True) -> UserFile:
        """Write a file whole, with the folders it needs.

        Raises FileExistsError where it is not to be overwritten (or a folder has the name), TooLarge and NameRefused.
        """
        if len(data) > MOST_FILE_BYTES:
            raise TooLarge(f"a file of at most {MOST_FILE_BYTES} bytes", str(len(data)), "Keep it in another folder.")
        if overwrite:
            replace_file(self.root, name, data)
        else:
            *folders, last = parts_of(name)
            with partial_in(self.root, "/".join(folders)) as partial:
                partial.file.write(data)
                partial.publish(last)
        return self.information(name)

    def delete(self, name: str) -> None:
        """Delete a file. Raises NameRefused and Absent."""
        delete_file(self.root, name)

    def move(self, name: str, new_name: str, *, overwrite: bool = True) -> UserFile:
        """Give a file another name. Raises FileExistsError where that is taken, NameRefused and Absent."""
        move_file(self.root, name, new_name, overwrite=overwrite)
        return self.information(new_name)

    # Settings

    def settings(self) -> dict[str, object]:
        """All settings. A damaged file is moved aside and counts as empty: nothing is lost, and the server goes on."""
        with self._one_writer:
            return self._read_settings()

    def setting(self, id: str) -> object:
        """One setting; None for one that was never set."""
        return self.settings().get(id)

    def merge_settings(self, changes: Mapping[str, object]) -> None:
        """Set some settings and leave the others. Raises TooLarge and SettingsRefused; then nothing has changed."""
        if _too_deep(changes):
            raise SettingsRefused(f"settings of at most {DEEPEST_SETTINGS} levels", "more", "Send flatter values.")
        with self._one_writer:
            text = _as_json(self._read_settings() | dict(changes))
            if len(text) > MOST_SETTINGS_BYTES:
                raise TooLarge(
                    f"settings of at most {MOST_SETTINGS_BYTES} bytes together", str(len(text)), "Keep it in a file."
                )
            replace_file(self.user, SETTINGS_FILE, text)

    def _read_settings(self) -> dict[str, object]:
        try:
            with open_to_read(self.user, SETTINGS_FILE) as file:
                text = file.read(MOST_SETTINGS_BYTES + 1)
        except Absent:
            return {}
        found = _from_json(text)
        if found is None:
            self._move_settings_aside()
            return {}
        return found

    def _move_settings_aside(self) -> None:
        moment = time.strftime("%Y%m%d-%H%M%S")
        for number in range(1, 1000):
            with suppress(FileExistsError):
                move_file(self.user, SETTINGS_FILE, f"settings.damaged-{moment}-{number}.json", overwrite=False)
                return

    def _walk(self, folder: str, recurse: bool) -> Iterator[tuple[str, os.stat_result]]:
        """Files and folders below a folder by their name from there; links, hidden and unsafe names are passed over."""
        start = resolve(self.root, folder) if folder else self.root
        if not start.is_dir():
            if folder in ALWAYS_THERE:
                return
            raise Absent("an existing folder", f"none named {shown(folder)}", "Choose one that is listed.")
        yield from entries_below(start, recurse=recurse)


def _information(name: str, status: os.stat_result) -> UserFile:
    return UserFile(name, status.st_size, status.st_mtime, status.st_ctime)


def _as_json(settings: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(settings, indent=1, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise SettingsRefused("settings as JSON", type(error).__name__, "Send plain JSON values.") from error


def _from_json(text: bytes) -> dict[str, object] | None:
    """The settings of a file; None where it holds anything else."""
    if len(text) > MOST_SETTINGS_BYTES:
        return None
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, object], found) if isinstance(found, dict) else None


def _too_deep(value: object) -> bool:
    """Whether a value has more levels than are kept; told level by level, without recursion."""
    level: list[object] = [value]
    for _ in range(DEEPEST_SETTINGS):
        level = [below for each in level for below in _below(each)]
        if not level:
            return False
    return True


def _below(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(cast(Mapping[object, object], value).values())
    return list(cast("list[object]", value)) if isinstance(value, list) else []
