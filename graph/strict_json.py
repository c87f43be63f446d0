"""Strict JSON: what the standard permits and nothing else, every refusal with its line and column.

The standard library's parser does the work. What it lets pass (duplicate keys, NaN, Infinity, lone surrogates, numbers
beyond a double) is caught by its hooks; only then a second, slower reading finds the place.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final, NoReturn

from graph.errors import WorkflowError
from graph.steps import DEPTH

_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN: Final = re.compile(
    r'[\s,]*(?:("[^"\\]*+(?:\\.[^"\\]*+)*+")(\s*:)?|([\[{])|([\]}])|([^\s,\[\]{}"]+))', re.DOTALL
)


class _Suspect(Exception):
    """The fast parser met something that JSON does not allow."""


def parse(text: str) -> object:
    """The value of a JSON text. Raises WorkflowError with line, column and, where it helps, the path."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        _refuse(text, error.start, "a lone surrogate is no character")
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
        )
    except json.JSONDecodeError as error:
        raise WorkflowError(f"no JSON: {error.msg}", line=error.lineno, column=error.colno) from None
    except (_Suspect, RecursionError):
        _locate(text)
        raise WorkflowError("this JSON text is not allowed, for a reason that could not be placed") from None
    if _ESCAPED_SURROGATE.search(text):
        _locate(text)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Suspect
    return found


def _no_constant(name: str) -> NoReturn:
    raise _Suspect


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise _Suspect
    return number


def _whole(text: str) -> int:
    if len(text) > _DIGITS:
        raise _Suspect
    return int(text)


_DIGITS: Final = 1000
"""How many digits a whole number may have; reading more takes quadratic time."""


@dataclass(slots=True)
class _Level:
    """A list or object that is open while the text is read again."""

    is_object: bool
    keys: set[str] = field(default_factory=set)
    key: str = ""


def _locate(text: str) -> None:
    """Read the text token by token and refuse at the first thing that is not allowed, if there is one."""
    levels: list[_Level] = []
    for match in _TOKEN.finditer(text):
        string, colon, opening, closing, word = match.groups()
        if string is not None:
            value = json.loads(string, strict=False)
            if not _encodable(value):
                _refuse(text, match.start(1), "a lone surrogate is no character", levels)
            if colon is not None and levels:
                if value in levels[-1].keys:
                    _refuse(text, match.start(1), f"the key {value[:80]!r} stands here twice", levels)
                levels[-1].keys.add(value)
                levels[-1].key = value
        elif opening is not None:
            if len(levels) >= DEPTH:
                _refuse(text, match.start(3), f"nested deeper than {DEPTH} levels")
            levels.append(_Level(opening == "{"))
        elif closing is not None:
            if levels:
                levels.pop()
        elif word in ("NaN", "Infinity", "-Infinity"):
            _refuse(text, match.start(5), f"{word} is no JSON number", levels)
        elif word[:1] in "-0123456789" and _beyond(word):
            _refuse(text, match.start(5), f"the number {word[:40]} is too large", levels)


def _beyond(word: str) -> bool:
    if len(word) > _DIGITS:
        return True
    try:
        return float(word) in (float("inf"), float("-inf"))
    except ValueError:
        return False


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(text: str, at: int, message: str, levels: list[_Level] | None = None) -> NoReturn:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    where = ".".join(level.key[:80] for level in levels or () if level.key)
    raise WorkflowError(message, line=line, column=column, where=where)
