"""Names for what a run writes: a prefix with tokens, a counter that only grows, and no file overwritten."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import cast

from storage.errors import StorageError
from storage.folders import Folders, Kind
from storage.paths import BIDI_MARKS, partial_in, parts_of, resolve

TOKEN = re.compile(r"%([^%\r\n]+)%")
DATE_LETTERS = re.compile(r"yyyy|yy|MM?|dd?|hh?|mm?|ss?")
UNSAFE_IN_VALUES = re.compile(r'[/\\?%*:|"<>\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')

# A prompt put into a file name is cut here, so that the name stays under the 255 bytes of a file system.
LONGEST_VALUE_BYTES = 120

MOST_ATTEMPTS = 1000

EXAMPLE_MOMENT = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Saved:
    """A file that was written: its name, its sub-folder ("" for none) below the root of its kind, and its path."""

    filename: str
    subfolder: str
    kind: Kind
    path: Path


@dataclass(frozen=True)
class SaveTarget:
    """A prefix made ready: its sub-folder and stem below the root of its kind."""

    root: Path
    kind: Kind
    subfolder: str
    stem: str

    def write(self, data: bytes, ending: str) -> Saved:
        """Write the bytes as `stem_00001_.png`, with the counter one above the highest there is.

        The name is taken when the file is whole, and exclusively: of two processes that want the same number, one gets
        the next. A write that fails, or a process that is killed half-way, leaves nothing under a name. Raises
        NameRefused, StorageError and OSError (a full disk).
        """
        counter = self.next_counter()
        with partial_in(self.root, self.subfolder) as partial:
            partial.file.write(data)
            for number in range(counter, counter + MOST_ATTEMPTS):
                filename = f"{self.stem}_{number:05}_{ending}"
                try:
                    partial.publish(filename)
                except FileExistsError:
                    continue
                return Saved(filename, self.subfolder, self.kind, self.root / self.subfolder / filename)
        raise StorageError(
            "a free number for the file name",
            f"{MOST_ATTEMPTS} taken ones from {counter} on in {self.subfolder or 'the folder'}",
            "Choose another prefix.",
        )

    def next_counter(self) -> int:
        """One more than the highest counter in use with this stem, whatever the ending; 1 in an empty folder."""
        folder = resolve(self.root, self.subfolder) if self.subfolder else self.root
        pattern = re.compile(re.escape(self.stem) + r"_([0-9]{1,18})_?(\.[^.]*)?", re.IGNORECASE)
        try:
            names = [entry.name for entry in folder.iterdir()]
        except FileNotFoundError:
            return 1
        except NotADirectoryError:
            raise StorageError(
                "a folder to save into", f"a file named {self.subfolder!r}", "Choose another prefix."
            ) from None
        return max((int(found[1]) for name in names if (found := pattern.fullmatch(name))), default=0) + 1


@dataclass(frozen=True)
class TokenValues:
    """What the tokens of a prefix stand for: the moment, the picture's size, and the run's workflow (API JSON)."""

    now: datetime
    width: int = 0
    height: int = 0
    workflow: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def save_target(folders: Folders, kind: Kind, prefix: str, values: TokenValues) -> SaveTarget:
    """Replace the tokens of a prefix and judge the result; nothing is written yet.

    The prefix may hold sub-folders (`portraits/%date:yyyy-MM-dd%/red`), inside the root of its kind only.
    Raises NameRefused, also for a link that leads out of the root.
    """
    text = expanded(prefix, values)
    subfolder, _, stem = text.rpartition("/")
    parts_of(f"{text}_00001_.png")
    root = folders.root(kind)
    if subfolder:
        resolve(root, subfolder)
    return SaveTarget(root, kind, subfolder, stem)


def judge_prefix(prefix: str) -> None:
    """Judge a prefix before anything has run: what its tokens will stand for is unknown yet, and harmless.

    Raises NameRefused.
    """
    text = TOKEN.sub("x", expanded(prefix, TokenValues(EXAMPLE_MOMENT)))
    parts_of(f"{text}_00001_.png")


def expanded(prefix: str, values: TokenValues) -> str:
    """The prefix with its tokens replaced; a token that means nothing stays as it was written.

    `%width%`, `%height%`, `%year%`, `%month%`, `%day%`, `%hour%`, `%minute%`, `%second%`, `%date:yyyy-MM-dd hh-mm-ss%`,
    `%Node.input%` (the node by its title, else by its type). A replaced value never adds a folder.
    """
    return TOKEN.sub(lambda found: _value(found[1], values) or found[0], prefix)


def _value(token: str, values: TokenValues) -> str | None:
    if token in PLAIN_TOKENS:
        return PLAIN_TOKENS[token](values)
    if token.startswith("date:"):
        return _date(token.removeprefix("date:"), values.now)
    title, dot, name = token.rpartition(".")
    if not dot:
        return None
    value = _literal(values.workflow, title, name)
    return None if value is None else _harmless(str(value))


PLAIN_TOKENS: Mapping[str, Callable[[TokenValues], str]] = {
    "width": lambda values: str(values.width),
    "height": lambda values: str(values.height),
    "year": lambda values: f"{values.now.year:04}",
    "month": lambda values: f"{values.now.month:02}",
    "day": lambda values: f"{values.now.day:02}",
    "hour": lambda values: f"{values.now.hour:02}",
    "minute": lambda values: f"{values.now.minute:02}",
    "second": lambda values: f"{values.now.second:02}",
}


def _date(pattern: str, now: datetime) -> str:
    numbers = {"y": now.year, "M": now.month, "d": now.day, "h": now.hour, "m": now.minute, "s": now.second}

    def written(found: re.Match[str]) -> str:
        letters = found[0]
        number = numbers[letters[0]] % (100 if letters == "yy" else 10_000)
        return f"{number:0{len(letters)}}"

    return DATE_LETTERS.sub(written, pattern)


def _literal(workflow: Mapping[str, object], title: str, name: str) -> object | None:
    """The literal input `name` of the first node with this title, else of the first of this type."""
    for called in (_title, _type):
        for step in map(_mapping, workflow.values()):
            value = _mapping(step.get("inputs")).get(name) if called(step) == title else None
            if isinstance(value, str | int | float):
                return value
    return None


def _title(step: Mapping[object, object]) -> object:
    return _mapping(step.get("_meta")).get("title")


def _type(step: Mapping[object, object]) -> object:
    return step.get("class_type")


def _mapping(value: object) -> Mapping[object, object]:
    """The value if it is an object of the JSON, else an empty one: the file may hold anything."""
    return cast(Mapping[object, object], value) if isinstance(value, Mapping) else {}


def _harmless(value: str) -> str:
    """The value as a piece of a file name: no folders, no dots in front, no marks of direction, cut to length."""
    safe = UNSAFE_IN_VALUES.sub("_", value.strip())
    safe = "".join(character for character in safe if character not in BIDI_MARKS).lstrip(".")
    return safe.encode()[:LONGEST_VALUE_BYTES].decode(errors="ignore").strip() or "_"
