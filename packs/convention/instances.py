"""One instance of a class for each node of a graph, kept from run to run, because packs keep state on `self`."""

import threading
from collections import OrderedDict
from typing import Final

MOST: Final = 10_000
"""Instances of one class that are kept; those that were used longest ago go first."""


class Instances:
    """The instances of one class, by step. Safe to ask from several threads."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._kept: OrderedDict[str, object] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, step: str) -> object:
        """The instance of a step, made where there is none. Raises whatever its class raises."""
        with self._lock:
            found = self._kept.get(step)
            if found is not None:
                self._kept.move_to_end(step)
                return found
        made = self._kind()
        with self._lock:
            kept = self._kept.setdefault(step, made)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return kept
