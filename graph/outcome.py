"""How a run ended, and how a failure is told."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from graph.events import NodeFailed, Status
from graph.problems import shown
from graph.results import Written

_ENGINE: Final = str(Path(__file__).parent)
_MOST_LINES: Final = 200
_MOST_VALUES: Final = 8
_MOST_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True)
class NodeOutput:
    """What a step showed and wrote; `display` is the drawn step it belongs to, `cached` whether it ran this time."""

    ui: Mapping[str, object]
    files: tuple[Written, ...]
    display: str
    cached: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    executed, cached: the steps that ran and those whose results were known, in order. seconds: by step that ran.
    outputs: what the steps showed. results: for targets the caller named, a value per output (a list where a list
    was mapped or made). error: the failure that ended the run.
    """

    status: Status
    executed: tuple[str, ...]
    cached: tuple[str, ...]
    seconds: Mapping[str, float]
    outputs: Mapping[str, NodeOutput]
    results: Mapping[str, tuple[object, ...]]
    error: NodeFailed | None = None


def summary(values: Sequence[object]) -> tuple[str, ...]:
    """A few words on each of the values of an input, such as `Tensor (1, 4, 16, 16) float32`."""
    words = tuple(describe_value(value) for value in values[:_MOST_VALUES])
    more = len(values) - len(words)
    return (*words, f"… {more} more") if more > 0 else words


def describe_value(value: object) -> str:
    """A value in a few words, whatever it is: shape and type for an array, the beginning of a text."""
    if isinstance(value, str | int | float | bool | None):
        return shown(value)
    name = type(value).__name__
    shape = getattr(value, "shape", None)
    if shape is not None and hasattr(value, "dtype"):
        sides = ", ".join(str(side) for side in shape)
        return f"{name} ({sides}) {str(getattr(value, 'dtype', '')).removeprefix('torch.')}"[:200]
    if isinstance(value, Mapping):
        keys = [str(key)[:40] for key in list(cast(Mapping[object, object], value))[:6]]
        return f"{name} with {', '.join(keys) or 'nothing'}"
    if isinstance(value, list | tuple):
        return f"{name} of {len(cast(Sequence[object], value))}"
    return name


def traceback_lines(error: BaseException) -> tuple[str, ...]:
    """The error as Python tells it, from the first frame outside the engine on, at most a few hundred lines."""
    first = error.__traceback__
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_ENGINE):
        first = first.tb_next
    told = traceback.TracebackException(type(error), error, first or error.__traceback__, compact=True)
    lines = "".join(told.format()).splitlines()
    if len(lines) > _MOST_LINES:
        half = _MOST_LINES // 2
        lines = [*lines[:half], f"… {len(lines) - 2 * half} lines left out …", *lines[-half:]]
    return tuple(line[:_MOST_CHARACTERS] for line in lines)


def message_of(error: BaseException) -> str:
    """What an error says, never nothing and never pages."""
    text = str(error)[:_MOST_CHARACTERS]
    return text or f"{type(error).__name__} without a message"
