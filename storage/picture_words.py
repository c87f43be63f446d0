"""What pictures say of how they were made, as words to search in: read once, remembered until the file changes."""

import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final, cast

from storage.errors import PictureRefused, StorageError
from storage.listing import ListedFile
from storage.paths import open_to_read
from storage.picture_texts import read_picture_texts
from storage.png_text import PictureTexts, TextLimits

ENDINGS: Final = (".png", ".webp", ".jpg", ".jpeg")
"""Files that may carry texts."""

LIMITS: Final = TextLimits(chunks=10_000, text_bytes=2 * 2**20, all_bytes=4 * 2**20)
MOST_CHARACTERS_OF_ONE: Final = 20_000
MOST_CHARACTERS: Final = 32 * 2**20
MOST_READ: Final = 1000
"""Pictures that one search opens; the next one goes on with the others."""


class PictureWords:
    """The words of pictures by path, size and time of change; for use by several threads.

    most_characters: of all that is remembered; what was used longest ago is forgotten first.
    """

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self._most = most_characters
        self._held = 0
        self._known: OrderedDict[str, tuple[int, int, str]] = OrderedDict()
        self._lock = Lock()

    def search(
        self, root: Path, files: Sequence[ListedFile], words: Sequence[str], most_read: int = MOST_READ
    ) -> tuple[list[ListedFile], int]:
        """Those of the files under a root that hold every word (in lower case) in their name or in what they say.

        Also tells how many were passed over because this search had opened `most_read` pictures already.
        """
        found: list[ListedFile] = []
        unread = 0
        for file in files:
            said = file.name.casefold()
            if not all(word in said for word in words):
                told = self._recalled(root, file)
                if told is None and most_read > 0:
                    told = self._read(root, file)
                    most_read -= 1
                if told is None:
                    unread += 1
                    continue
                said = f"{said}\n{told}"
            if all(word in said for word in words):
                found.append(file)
        return found, unread

    def _recalled(self, root: Path, file: ListedFile) -> str | None:
        """What is known of a file in this very state; None where it has to be read."""
        if not file.name.lower().endswith(ENDINGS):
            return ""
        path = str(root / file.name)
        with self._lock:
            known = self._known.get(path)
            if known is None or known[:2] != (file.size, file.mtime_ns):
                return None
            self._known.move_to_end(path)
            return known[2]

    def _read(self, root: Path, file: ListedFile) -> str:
        try:
            with open_to_read(root, file.name) as opened:
                said = words_in(read_picture_texts(opened, LIMITS))
        except PictureRefused:
            said = ""
        except (StorageError, OSError):
            return ""  # gone, or not to be read now: another search may find it
        self._remember(str(root / file.name), file, said)
        return said

    def _remember(self, path: str, file: ListedFile, said: str) -> None:
        with self._lock:
            before = self._known.pop(path, None)
            self._known[path] = (file.size, file.mtime_ns, said)
            self._held += _cost(path, said) - (0 if before is None else _cost(path, before[2]))
            while self._held > self._most and len(self._known) > 1:
                forgotten, (_, _, text) = self._known.popitem(last=False)
                self._held -= _cost(forgotten, text)


def _cost(path: str, said: str) -> int:
    return len(path) + len(said)


def words_in(texts: PictureTexts) -> str:
    """The values a picture was made with, and its other texts, in lower case and one a line; links are left out."""
    told = list(_values_of_prompt(_parsed(texts.prompt)))
    if not told:
        told = list(_values_of_workflow(_parsed(texts.workflow)))
    told += [text for key, text in texts.texts.items() if key not in ("prompt", "workflow")]
    return "\n".join(told)[:MOST_CHARACTERS_OF_ONE].casefold()


def _parsed(text: str | None) -> object:
    """JSON of a stranger; None for what is none or nested too deep to be read."""
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


def _values_of_prompt(prompt: object) -> Iterator[str]:
    for step in _mapping(prompt).values():
        yield from _scalars(list(_mapping(_mapping(step).get("inputs")).values()))


def _values_of_workflow(workflow: object) -> Iterator[str]:
    nodes = _mapping(workflow).get("nodes")
    for node in cast(list[object], nodes) if isinstance(nodes, list) else []:
        values = _mapping(node).get("widgets_values")
        if isinstance(values, dict):
            values = list(cast(dict[str, object], values).values())
        yield from _scalars(cast(list[object], values) if isinstance(values, list) else [])


def _scalars(values: Sequence[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield repr(value)


def _mapping(value: object) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
