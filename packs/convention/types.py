"""Types as packs write them: plain texts, and texts that compare in their own way, which only `!=` is asked of."""

from typing import Final

from graph.errors import SpecError
from graph.interface import ANY

_PROBES: Final = ("\0neither this", "nor that\0")


def plain_type(kind: object) -> str:
    """A type as a plain text; one that differs from nothing is `*`. Raises SpecError for what is no text."""
    if not isinstance(kind, str):
        raise SpecError(f"a type is a text or a list of choices, found {kind!r:.80}")
    if compares_itself(kind) and not any(kind != probe for probe in _PROBES):
        return ANY
    return str.__str__(kind)


def compares_itself(kind: object) -> bool:
    """Whether a type has an idea of its own of what differs from it."""
    return isinstance(kind, str) and type(kind).__ne__ is not str.__ne__


def fits(received: str, kind: str) -> bool:
    """Whether a received type will do for one that compares itself."""
    return received == ANY or not kind != received  # noqa: SIM202 - its own `!=` is meant


def answers_for_any(container: object) -> bool:
    """Whether a dictionary says of every name that it is in it."""
    return isinstance(container, dict) and type(container) is not dict and all(each in container for each in _PROBES)
