"""What a node may return besides plain values, and what is kept of a finished node."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Shown:
    """A result with something to look at.

    ui: what the editor shows, lists by kind, such as `{"images": [{"filename": ..., "subfolder": ..., "type": ...}]}`.
    result: the values that flow on, one per output.
    files: the files that were written; a kept result counts only while all of them exist.
    """

    ui: Mapping[str, object] = field(default_factory=dict[str, object])
    result: tuple[object, ...] = ()
    files: Iterable[str | Path] = ()


@dataclass(frozen=True, slots=True)
class Expand:
    """A result that is itself a graph, to be run in the place of the node that returned it.

    steps: the graph in the API form, `{id: {"class_type": ..., "inputs": {...}}}`; ids are local, links may also
        name steps outside. Inputs may hold any value, not only JSON.
    result: one entry per output: a value, a `Link` or a `[id, slot]` pair into the graph.
    """

    steps: Mapping[str, Mapping[str, object]]
    result: tuple[object, ...] = ()
    ui: Mapping[str, object] = field(default_factory=dict[str, object])


class Blocker:
    """A value that keeps whatever depends on it from running; with a message, the first one reached reports it."""

    __slots__ = ("message",)

    def __init__(self, message: str | None = None) -> None:
        self.message = message

    def __repr__(self) -> str:
        return f"Blocker({self.message!r})"


@dataclass(frozen=True, slots=True)
class Written:
    """A file a node wrote, with its size in bytes when the node ended."""

    path: str
    size: int

    def exists(self) -> bool:
        """Whether the file is still there, as large as it was."""
        try:
            return Path(self.path).stat().st_size == self.size
        except (OSError, ValueError):
            return False


@dataclass(frozen=True, slots=True)
class Entry:
    """The kept result of one node: per output slot the list of its values, and what it showed and wrote."""

    outputs: tuple[Sequence[object], ...]
    ui: Mapping[str, object] | None = None
    files: tuple[Written, ...] = ()
