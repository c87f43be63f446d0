"""Windows: how words of any number are laid into the fixed length a text model reads.

A window is start mark, text, end mark, padding. Words stay whole: one that does not fit opens the next window. Only a
word of eight or more tokens may be split.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from torch import Tensor

SPLITTABLE = 8


@dataclass(frozen=True, slots=True)
class Token:
    """One position of a window: a vocabulary id, or a vector (d,) put in its place by a textual inversion."""

    id: int
    piece: str
    weight: float = 1.0
    vector: Tensor | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens of one window and where its end mark stands, whose state is the pooled one."""

    tokens: tuple[Token, ...]
    end: int

    @property
    def ids(self) -> tuple[int, ...]:
        """The vocabulary ids; a textual inversion shows the padding id in its places."""
        return tuple(token.id for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Marks:
    """The tokens a window is framed with, and its length."""

    start: Token
    end: Token
    padding: Token
    length: int


def lay_out(words: Iterable[tuple[Token, ...]], marks: Marks) -> tuple[Window, ...]:
    """The windows that hold some words, in order; no words at all give one empty window."""
    room = marks.length - 2
    filled: list[list[Token]] = [[]]
    for word in words:
        rest = word
        while rest:
            free = room - len(filled[-1])
            if len(rest) <= free:
                filled[-1].extend(rest)
                break
            if len(word) >= min(SPLITTABLE, room + 1):
                filled[-1].extend(rest[:free])
                rest = rest[free:]
            filled.append([])
    return tuple(_frame(text, marks) for text in filled)


def _frame(text: list[Token], marks: Marks) -> Window:
    padding = (marks.padding,) * (marks.length - 2 - len(text))
    return Window((marks.start, *text, marks.end, *padding), end=len(text) + 1)
