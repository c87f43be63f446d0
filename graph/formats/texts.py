"""Texts as an editor sends them: choices made, comments cut out, names of files filled with values and dates."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from graph.formats.fitting import as_text

Random = Callable[[], float]
"""Gives 0 ≤ x < 1."""

_LINE_END: Final = re.compile(r"[\n\r]")
_PART: Final = re.compile(r"\\.|[{}|]|[^\\{}|]+|\\$", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\([{}|])")
_TOKEN: Final = re.compile(r"%([^%\r\n]+)%")
_DATE: Final = re.compile(r"yyyy|yy|MM?|dd?|hh?|mm?|ss?")
_UNSAFE: Final = re.compile(r'[/?<>\\:*|"]')


def with_choices_made(text: str, random: Random) -> str:
    """Comments are cut out (in an address as well), each `{a|b}` becomes one of its options, `\\{ \\} \\|` lose the
    backslash."""
    text = _without_comments(text)
    parts: list[str] = _PART.findall(text)
    matched = _matched_braces(parts)
    outer: list[tuple[list[str], list[str]]] = []
    options: list[str] = []
    current: list[str] = []
    for at, part in enumerate(parts):
        if part == "{" and at in matched:
            outer.append((options, current))
            options, current = [], []
        elif part == "|" and outer:
            options.append("".join(current))
            current = []
        elif part == "}" and at in matched:
            options.append("".join(current))
            chosen = options[min(int(random() * len(options)), len(options) - 1)]
            options, current = outer.pop()
            current.append(chosen)
        else:
            current.append(part)
    return _ESCAPED.sub(r"\1", "".join(current))


def _without_comments(text: str) -> str:
    """An opened `/*` without an end is no comment; it is looked for once, so that many of them cost no more."""
    if "/*" not in text and "//" not in text:
        return text
    last_end = text.rfind("*/")
    kept: list[str] = []
    at = 0
    while (start := text.find("/", at)) >= 0:
        mark = text[start : start + 2]
        if mark == "/*" and start + 2 <= last_end:
            end = text.index("*/", start + 2) + 2
        elif mark == "//":
            found = _LINE_END.search(text, start)
            end = len(text) if found is None else found.start()
        else:
            kept.append(text[at : start + 1])
            at = start + 1
            continue
        kept.append(text[at:start])
        at = end
    kept.append(text[at:])
    return "".join(kept)


def _matched_braces(parts: list[str]) -> set[int]:
    """Which braces belong together, by their place among the parts; others are plain text."""
    matched: set[int] = set()
    opened: list[int] = []
    for at, part in enumerate(parts):
        if part == "{":
            opened.append(at)
        elif part == "}" and opened:
            matched |= {opened.pop(), at}
    return matched


def as_plain(text: str) -> str:
    """A text that `with_choices_made` turns into this one, whatever is drawn.

    Marks get a backslash; a slash that would begin a comment stands in a choice of one. A backslash right before a
    brace cannot always be said this way: compare what comes out.
    """

    def same(candidate: str) -> bool:
        return with_choices_made(candidate, lambda: 0.0) == text

    if not re.search(r"[{}|]|//|/\*", text) or ("{" not in text and same(text)):
        return text
    return re.sub(r"/(?=[/*])", "{/}", re.sub(r"([{}|])", r"\\\1", text))


def with_replacements(text: str, value: Callable[[str, str], tuple[object] | None], now: datetime | None) -> str:
    """`%Node.widget%` becomes the value (`value(node, widget)` gives it in a tuple, None where there is none; it adds
    no folder), `%date:…%` the time. A token that means nothing stays, and without a time those of dates do too."""

    def replaced(match: re.Match[str]) -> str:
        token = match[1]
        if token.startswith("date:"):
            return match[0] if now is None else _dated(token.removeprefix("date:"), now)
        node, dot, widget = token.rpartition(".")
        found = value(node, widget) if dot else None
        return match[0] if found is None else _UNSAFE.sub("_", as_text(found[0]) if found[0] is not None else "null")

    return _TOKEN.sub(replaced, text) if "%" in text else text


def _dated(pattern: str, now: datetime) -> str:
    numbers = {"y": now.year, "M": now.month, "d": now.day, "h": now.hour, "m": now.minute, "s": now.second}

    def number(match: re.Match[str]) -> str:
        letters = match[0]
        told = numbers[letters[0]]
        return str(told % 100 if letters == "yy" else told).rjust(len(letters), "0")

    return _DATE.sub(number, pattern)
