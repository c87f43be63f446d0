"""Nodes by id, as an object that is handed around."""

import difflib
import time
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from graph.errors import SpecError
from graph.interface import Node

_LONGEST_NAME: Final = 120
_MOST_NAMES: Final = 2000


class Registry:
    """The nodes there are. A second claim to an id raises SpecError."""

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        self._nodes: dict[str, Node] = {}
        for node in nodes:
            self.add(node)

    def add(self, node: Node) -> None:
        """Make a node known. Raises SpecError where its id is taken."""
        other = self._nodes.get(node.id)
        if other is not None:
            raise SpecError(
                f"the node id {node.id!r} is claimed by {other.module} and again by {node.module}; rename one of them"
            )
        self._nodes[node.id] = node

    def get(self, id: str) -> Node | None:
        """The node of this id, or None."""
        return self._nodes.get(id)

    def ids(self) -> Collection[str]:
        """All ids, in the order they were added."""
        return self._nodes.keys()

    def nearest(self, id: str) -> tuple[str, ...]:
        """Up to three ids that look like this one."""
        return Nearest(seconds=0.5).names(id, self._nodes)

    def __contains__(self, id: object) -> bool:
        return id in self._nodes

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)


class Nearest:
    """Finds names that look alike, and stops looking once its time is spent, whatever is asked of it."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._found: dict[tuple[str, int], tuple[str, ...]] = {}
        self._held: list[Collection[object]] = []

    def names(self, name: object, known: Collection[object]) -> tuple[str, ...]:
        """Up to three of the known names, the nearest first; none for what is too long or came too late."""
        if not isinstance(name, str) or len(name) > _LONGEST_NAME:
            return ()
        key = (name, id(known))
        if key not in self._found:
            if self._left <= 0:
                return ()
            self._held.append(known)  # so that no other collection takes over its id
            started = time.perf_counter()
            self._found[key] = _nearest(name, known)
            self._left -= time.perf_counter() - started
        return self._found[key]


def _nearest(name: str, known: Collection[object]) -> tuple[str, ...]:
    lowered: dict[str, str] = {}
    for _, each in zip(range(_MOST_NAMES), known, strict=False):
        if isinstance(each, str) and len(each) <= _LONGEST_NAME:
            lowered.setdefault(each.lower(), each)
    return tuple(lowered[match] for match in difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.6))
