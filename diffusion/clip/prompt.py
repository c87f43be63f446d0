"""The little language of prompts: how strongly each part of a text counts.

`(text)` multiplies the weight of what it holds by 1.1, `(text:1.3)` by 1.3, nested groups multiply, `\\(` and `\\)` are
plain parentheses. A parenthesis without a partner is plain text too: nothing a person types is an error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

GROUP_FACTOR = 1.1
HEAVIEST = (
    1000.0  # weights are kept within +-1000, so that thousands of nested groups stay finite numbers in half precision
)

_SIGN = re.compile(r"\\[()]|[():]")
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\s*")
_EMBEDDING_PREFIX = re.compile(r"(?:^|[\s(,])embedding\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text and its weight (1 = as it is)."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Group:
    """A matched pair: where its text ends (at a colon or at the closing sign), where it closes, its factor."""

    content_end: int
    close: int
    factor: float


@dataclass(slots=True)
class _Frame:
    """A parenthesis that is still open, and the last colon in it that might start a number."""

    open: int
    colon: int | None = None


def parse(prompt: str) -> tuple[Span, ...]:
    """The spans of a prompt in order; empty ones are left out. Takes time proportional to the prompt's length."""
    groups = _match(prompt)
    spans: list[Span] = []
    text: list[str] = []
    nested: list[tuple[_Group, float]] = []
    weight = 1.0
    at = 0

    def finish() -> None:
        if any(text):
            spans.append(Span("".join(text), weight))
        text.clear()

    for sign in _SIGN.finditer(prompt):
        where = sign.start()
        if where < at:  # inside the number of a group that has been closed
            continue
        text.append(prompt[at:where])
        at = sign.end()
        if where in groups:
            finish()
            nested.append((groups[where], weight))
            weight = _bounded(weight * groups[where].factor)
        elif nested and where == nested[-1][0].content_end:
            finish()
            group, weight = nested.pop()
            at = group.close + 1
        else:
            text.append(sign.group()[-1])  # an escape stands for its second character
    text.append(prompt[at:])
    finish()
    return tuple(spans)


def escape(text: str) -> str:
    """The text as a prompt that means exactly it."""
    return text.replace("(", r"\(").replace(")", r"\)")


def _match(prompt: str) -> Mapping[int, _Group]:
    """The groups of a prompt by the place where they open; parentheses without partner are not among them."""
    groups: dict[int, _Group] = {}
    frames: list[_Frame] = []
    for sign in _SIGN.finditer(prompt):
        where = sign.start()
        match sign.group():
            case "(":
                if frames:
                    frames[-1].colon = None  # what follows the colon holds a group, so it is no number
                frames.append(_Frame(where))
            case ")" if frames:
                frame = frames.pop()
                groups[frame.open] = _close(prompt, frame, where)
            case ":" if frames and _may_precede_number(prompt, frames[-1].open, where):
                frames[-1].colon = where
    return groups


def _close(prompt: str, frame: _Frame, close: int) -> _Group:
    if frame.colon is not None and _NUMBER.fullmatch(prompt, frame.colon + 1, close):
        return _Group(frame.colon, close, _bounded(float(prompt[frame.colon + 1 : close])))
    return _Group(close, close, GROUP_FACTOR)


def _may_precede_number(prompt: str, opened: int, colon: int) -> bool:
    """A number needs text before its colon, and the colon of `embedding:7` belongs to a name."""
    if not prompt[max(opened + 1, colon - 1) : colon]:
        return False
    return not _EMBEDDING_PREFIX.search(prompt, max(opened, colon - len("embedding") - 1), colon)


def _bounded(weight: float) -> float:
    return max(-HEAVIEST, min(HEAVIEST, weight))
