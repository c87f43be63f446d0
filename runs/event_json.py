"""The events of a run as JSON and back, as they travel from worker to server; previews travel as pictures instead."""

import math
from collections.abc import Mapping
from typing import Any, Final

from graph.attempt import Failure, attempt
from graph.events import (
    Event,
    Interrupted,
    NodeBlocked,
    NodeCached,
    NodeFailed,
    NodeFinished,
    NodeSaid,
    NodeShown,
    NodeStarted,
    NodeText,
    Preview,
    Progress,
    RunFinished,
    RunStarted,
)
from runs.frames import FrameError, Shape, shape_of

_SHAPES: Final[Mapping[str, Shape[Any]]] = {
    kind.__name__: shape_of(kind)
    for kind in (
        RunStarted,
        NodeCached,
        NodeStarted,
        Progress,
        NodeText,
        NodeShown,
        NodeBlocked,
        NodeSaid,
        NodeFinished,
        NodeFailed,
        Interrupted,
        RunFinished,
    )
}


LONGEST_TEXT: Final = 10_000
"""Characters of what a node says while it runs."""


def to_json(event: Event) -> dict[str, object]:
    """An event as an object: `event` is its kind, the rest its fields. Raises FrameError for a preview.

    What a node handed in becomes what the field is for: a number that is none counts as 0.
    """
    kind = type(event).__name__
    if isinstance(event, Preview):
        raise FrameError("a preview is sent as a Picture; it has no JSON form")
    told: dict[str, object] = {"event": kind}
    told.update((name, getattr(event, name)) for name in _SHAPES[kind].readers)
    if isinstance(event, Progress):
        told["value"], told["total"] = _finite(event.value), _finite(event.total)
    elif isinstance(event, NodeBlocked):
        told["message"] = _text(event.message)
    elif isinstance(event, NodeText):
        told["text"] = _text(event.text)[:LONGEST_TEXT]
    elif isinstance(event, NodeShown):
        told["ui"] = dict(event.ui)
    elif isinstance(event, NodeSaid):
        told["data"] = dict(event.data)
    return told


def from_json(data: Mapping[str, object]) -> Event:
    """The event of an object that `to_json` made. Raises FrameError for anything else."""
    values = dict(data)
    name = values.pop("event", None)
    shape = _SHAPES.get(name) if isinstance(name, str) else None
    if shape is None:
        raise FrameError(f"an event is one of {', '.join(_SHAPES)}, found {str(name)[:80]!r}")
    return shape.read(values)


def _finite(value: object) -> float:
    """What a node said it has done, a whole number staying one."""
    if value.__class__ is int:
        return int(value)  # pyright: ignore[reportArgumentType]
    number = attempt(float, value)  # pyright: ignore[reportArgumentType]
    return number if not isinstance(number, Failure) and math.isfinite(number) else 0.0


def _text(value: object) -> str:
    told = attempt(str, value)
    return type(value).__name__ if isinstance(told, Failure) else told
