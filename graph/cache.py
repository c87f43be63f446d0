"""Results by content address: in memory up to a budget, on disk where the value can be written."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graph.disk import Codec, DiskTier, Found, Gone
from graph.remembered import Remembered
from graph.results import Entry

__all__ = ["Cache", "Codec", "DiskTier", "Found", "Gone"]

_ENTRY_BYTES = 300
"""What keeping a result costs besides its values."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A result in memory, what `look` says of it, and its size in bytes."""

    entry: Entry
    found: Found
    size: int


class Cache:
    """Two tiers of results, those not used for longest leaving first.

    memory_bytes: the budget of the memory tier, 0 for none. size_of: the size of one value in bytes.
    remembered: what each step was like when it last ran, to say what has changed.
    """

    def __init__(
        self, memory_bytes: int = 0, disk: DiskTier | None = None, size_of: Callable[[object], int] = sys.getsizeof
    ) -> None:
        self.disk = disk
        self.remembered = Remembered(None if disk is None else disk.folder / "remembered.json")
        self._budget = memory_bytes
        self._size_of = size_of
        self._memory: OrderedDict[str, _Kept] = OrderedDict()
        self._used = 0

    @property
    def memory_used(self) -> int:
        """The size of what is held in memory, in bytes."""
        return self._used

    def look(self, key: str) -> Found | Gone | None:
        """Whether a result is known, without reading it from disk."""
        kept = self._memory.get(key)
        if kept is not None:
            if kept.entry.files:
                gone = tuple(file for file in kept.entry.files if not file.exists())
                if gone:
                    return Gone(gone)
            return kept.found
        return None if self.disk is None else self.disk.look(key)

    def in_memory(self, key: str) -> bool:
        """Whether a result is held in memory."""
        return key in self._memory

    def get(self, key: str) -> Entry | None:
        """A result with its values, which from now on counts as used; None where it is not known."""
        kept = self._memory.get(key)
        if kept is not None:
            self._memory.move_to_end(key)
            return kept.entry
        if self.disk is None:
            return None
        entry = self.disk.load(key)
        if entry is not None:
            self._keep(key, entry)
        return entry

    def put(self, key: str, entry: Entry, types: Sequence[str]) -> None:
        """Keep a result whose outputs have these wire types, wherever there is room and a codec."""
        self._keep(key, entry)
        if self.disk is not None:
            self.disk.store(key, entry, types)

    def drop(self, key: str) -> None:
        """Forget a result."""
        kept = self._memory.pop(key, None)
        if kept is not None:
            self._used -= kept.size
        if self.disk is not None:
            self.disk.remove(key)

    def clear_memory(self) -> None:
        """Give the memory back; what is on disk stays."""
        self._memory.clear()
        self._used = 0

    def _keep(self, key: str, entry: Entry) -> None:
        if self._budget <= 0:
            return
        size = _ENTRY_BYTES + sum(self._size_of(value) for values in entry.outputs for value in values)
        old = self._memory.pop(key, None)
        if old is not None:
            self._used -= old.size
        if size > self._budget:
            return
        self._memory[key] = _Kept(entry, Found("memory", entry.ui, entry.files), size)
        self._used += size
        while self._used > self._budget:
            _, oldest = self._memory.popitem(last=False)
            self._used -= oldest.size
