"""Published workflows on disk: one JSON file each, written whole or not at all."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.errors import Absent, NameRefused, StorageError, shown
from storage.paths import delete_file, open_to_read, parts_of, replace_file

NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
ENDING: Final = ".json"
MOST_BYTES: Final = 50_000_000


@dataclass(frozen=True)
class Published:
    """The workflows in a folder, by name. The folder is made with the first of them."""

    folder: Path

    @classmethod
    def in_user_folder(cls, user: Path) -> "Published":
        """The usual place of the folder."""
        return cls(user / "workflows")

    def names(self) -> tuple[str, ...]:
        """The names there are, sorted; none where there is no folder yet."""
        try:
            entries = list(os.scandir(self.folder))
        except FileNotFoundError:
            return ()
        found = (
            entry.name.removesuffix(ENDING)
            for entry in entries
            if entry.name.endswith(ENDING) and entry.is_file(follow_symlinks=False)
        )
        return tuple(sorted(name for name in found if is_name(name)))

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or not is_name(name):
            return False
        path = self.folder / file_of(name)
        return path.is_file() and not path.is_symlink()

    def read(self, name: str) -> object:
        """The JSON under a name. Raises NameRefused, Absent, and StorageError for a file that is no JSON."""
        try:
            with open_to_read(self.folder, file_of(name)) as file:
                data = file.read(MOST_BYTES + 1)
        except Absent:
            raise _absent(name) from None
        try:
            return json.loads(data[:MOST_BYTES])
        except (ValueError, RecursionError):
            raise StorageError(
                f"a published workflow named {shown(name)}", "a file that is no JSON", "Publish it anew, or delete it."
            ) from None

    def write(self, name: str, value: object) -> bool:
        """Put JSON under a name, in place of what was there; whether the name is new.

        The file has its old content or the new one at every moment, also when the process dies. Raises NameRefused,
        StorageError where a folder has the name, and OSError (a full disk).
        """
        file_name = file_of(name)
        text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
        new = not (self.folder / file_name).exists()
        try:
            replace_file(self.folder, file_name, text.encode())
        except FileExistsError:
            raise StorageError("a free name", f"a folder named {shown(file_name)}", "Choose another name.") from None
        return new

    def remove(self, name: str) -> None:
        """Delete what is under a name; of a link, the link alone. Raises NameRefused and Absent."""
        try:
            delete_file(self.folder, file_of(name))
        except Absent:
            raise _absent(name) from None


def is_name(name: str) -> bool:
    """Whether a workflow can be published under this name."""
    try:
        file_of(name)
    except NameRefused:
        return False
    return True


def file_of(name: str) -> str:
    """The name of the file of a published workflow. Raises NameRefused."""
    if not NAME.fullmatch(name):
        raise NameRefused(
            "a name of 1 to 100 letters, digits, '.', '_' and '-'", shown(name), "Choose such a name, like 'portrait'."
        )
    file_name = f"{name}{ENDING}"
    parts_of(file_name)
    return file_name


def _absent(name: str) -> Absent:
    return Absent("a published workflow", f"none named {shown(name)}", "Choose one of the names that are listed.")
