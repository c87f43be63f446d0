"""The disk tier of the cache: results that outlive the process, one folder per key, safe for several processes.

`<folder>/<first two digits>/<key>/` holds `meta.json` and one file per output slot, named by its number. A folder is
written aside and renamed into place, so it is whole or absent; checksums catch what the disk did to it later. Whatever
is wrong with an entry, it is removed and counts as unknown.
"""

import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Literal, Protocol, cast

from graph.attempt import Failure, attempt
from graph.errors import Unpackable
from graph.keys import FORMAT
from graph.results import Blocker, Entry, Written

_LOG: Final = logging.getLogger(__name__)
_ABANDONED_SECONDS: Final = 3600.0
_KEEP_AFTER_EVICTION: Final = 0.9


class Codec(Protocol):
    """How values of one wire type go to disk and come back. Equal values come back; `pack` may raise Unpackable."""

    def pack(self, value: Any) -> bytes:
        """The value as bytes."""
        ...

    def unpack(self, data: bytes) -> Any:
        """The value again. It must trust nothing in the bytes: no pickle."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A result is known: where it lies, and what it showed and wrote."""

    where: Literal["memory", "disk"]
    ui: Mapping[str, object] | None
    files: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """A result was known, but a file it wrote is no longer there."""

    files: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class _Slot:
    """One output on disk: its wire type, the size of each value in bytes and the checksum of its file."""

    type: str
    sizes: tuple[int, ...]
    checksum: str


@dataclass(frozen=True, slots=True)
class _Meta:
    """What `meta.json` says."""

    slots: tuple[_Slot, ...]
    ui: Mapping[str, object] | None
    files: tuple[Written, ...]


class DiskTier:
    """Results in a folder, at most `budget_bytes` of them; those not used for longest go first.

    codecs: by wire type. A result is kept only if every one of its outputs has one.
    """

    def __init__(self, folder: str | Path, budget_bytes: int, codecs: Mapping[str, Codec]) -> None:
        self.folder = Path(folder)
        self._budget = budget_bytes
        self._codecs = codecs
        self._used: int | None = None

    def look(self, key: str) -> Found | Gone | None:
        """Whether the result is there, without reading its values."""
        meta = self._meta(key)
        if meta is None:
            return None
        folder = self._entry(key)
        for number, slot in enumerate(meta.slots):
            if slot.type not in self._codecs:
                return None
            if _size(folder / str(number)) != sum(slot.sizes):
                self.remove(key)
                return None
        gone = tuple(file for file in meta.files if not file.exists())
        return Gone(gone) if gone else Found("disk", meta.ui, meta.files)

    def load(self, key: str) -> Entry | None:
        """The result with its values, or None where it is absent or damaged."""
        meta = self._meta(key)
        if meta is None:
            return None
        outputs: list[Sequence[object]] = []
        for number, slot in enumerate(meta.slots):
            values = self._load_slot(key, number, slot)
            if values is None:
                return None
            outputs.append(values)
        self._touch(key)
        return Entry(tuple(outputs), meta.ui, meta.files)

    def store(self, key: str, entry: Entry, types: Sequence[str]) -> bool:
        """Keep a result whose outputs have these wire types; False where it cannot be kept."""
        packed = self._pack(entry, types)
        if packed is None:
            return False
        blobs, meta = packed
        size = len(meta) + sum(len(blob) for blob in blobs)
        if size > self._budget:
            return False
        aside = self.folder / f"tmp-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            aside.mkdir(parents=True)
            for number, blob in enumerate(blobs):
                (aside / str(number)).write_bytes(blob)
            (aside / "meta.json").write_bytes(meta)
            self._move_in(aside, key)
        except OSError as error:
            _LOG.warning("the result %s could not be kept in %s: %s", key, self.folder, error)
            shutil.rmtree(aside, ignore_errors=True)
            return False
        self._used = self._measure() if self._used is None else self._used + size
        if self._used > self._budget:
            self._evict()
        return True

    def remove(self, key: str) -> None:
        """Forget a result."""
        aside = self.folder / f"tmp-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            self._entry(key).replace(aside)
        except OSError:
            return
        shutil.rmtree(aside, ignore_errors=True)

    def clear(self) -> None:
        """Forget all results."""
        for _, _, key in self._entries():
            self.remove(key)
        self._used = 0

    def _entry(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _pack(self, entry: Entry, types: Sequence[str]) -> tuple[list[bytes], bytes] | None:
        if any(wire not in self._codecs for wire in types):
            return None
        blobs: list[bytes] = []
        slots: list[dict[str, object]] = []
        for wire, values in zip(types, entry.outputs, strict=True):
            parts: list[bytes] = []
            for value in values:
                part = Failure(Unpackable()) if isinstance(value, Blocker) else attempt(self._codecs[wire].pack, value)
                if isinstance(part, Failure):
                    if not isinstance(part.error, Unpackable):
                        _LOG.warning("a value of type %s could not be packed", wire, exc_info=part.error)
                    return None
                parts.append(part)
            blob = parts[0] if len(parts) == 1 else b"".join(parts)
            blobs.append(blob)
            slots.append({"type": wire, "sizes": [len(part) for part in parts], "checksum": _checksum(blob)})
        files = [[file.path, file.size] for file in entry.files]
        body = {"format": FORMAT, "slots": slots, "ui": entry.ui, "files": files}
        try:
            text = _canonical(body)
        except (TypeError, ValueError, RecursionError) as error:
            _LOG.warning("what a node shows is no JSON, so its result is not kept on disk: %s", error)
            return None
        return blobs, _canonical({"body": body, "checksum": _checksum(text)})

    def _move_in(self, aside: Path, key: str) -> None:
        target = self._entry(key)
        target.parent.mkdir(exist_ok=True)
        try:
            aside.replace(target)
        except OSError:
            self.remove(key)  # an older result, or that of another process, gives way
            try:
                aside.replace(target)
            except OSError:
                if not target.is_dir():
                    raise
                shutil.rmtree(aside, ignore_errors=True)  # another process was faster; its result is as good

    def _meta(self, key: str) -> _Meta | None:
        try:
            written = (self._entry(key) / "meta.json").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _LOG.warning("the result %s cannot be read: %s", key, error)
            return None
        meta = _read_meta(written)
        if meta is None:
            self._damaged(key, "its description is damaged")
        return meta

    def _load_slot(self, key: str, number: int, slot: _Slot) -> tuple[object, ...] | None:
        codec = self._codecs.get(slot.type)
        if codec is None:
            return None
        try:
            data = (self._entry(key) / str(number)).read_bytes()
        except OSError as error:
            self._damaged(key, str(error))
            return None
        if len(data) != sum(slot.sizes) or _checksum(data) != slot.checksum:
            self._damaged(key, f"the checksum of output {number} differs")
            return None
        values: list[object] = []
        start = 0
        for size in slot.sizes:
            value = attempt(codec.unpack, data if len(slot.sizes) == 1 else data[start : start + size])
            if isinstance(value, Failure):
                self._damaged(key, f"output {number} cannot be unpacked: {value.error}")
                return None
            values.append(value)
            start += size
        return tuple(values)

    def _damaged(self, key: str, reason: str) -> None:
        _LOG.warning("the kept result %s is removed: %s", key, reason)
        self.remove(key)

    def _touch(self, key: str) -> None:
        try:
            os.utime(self._entry(key) / "meta.json")
        except OSError:
            _LOG.debug("the result %s cannot be marked as used", key)

    def _entries(self) -> list[tuple[float, int, str]]:
        """All results as (time of last use, size in bytes, key); leftovers of dead processes are swept away."""
        found: list[tuple[float, int, str]] = []
        if not self.folder.is_dir():
            return found
        for shelf in self.folder.iterdir():
            if shelf.name.startswith("tmp-"):
                if time.time() - _modified(shelf) > _ABANDONED_SECONDS:
                    shutil.rmtree(shelf, ignore_errors=True)
            elif len(shelf.name) == 2 and shelf.is_dir():
                for entry in shelf.iterdir():
                    size = sum(max(_size(file), 0) for file in entry.iterdir()) if entry.is_dir() else 0
                    found.append((_modified(entry / "meta.json"), size, entry.name))
        return found

    def _measure(self) -> int:
        return sum(size for _, size, _ in self._entries())

    def _evict(self) -> None:
        entries = sorted(self._entries())
        self._used = sum(size for _, size, _ in entries)
        for _, size, key in entries:
            if self._used <= self._budget * _KEEP_AFTER_EVICTION:
                return
            self.remove(key)
            self._used -= size


def _read_meta(written: bytes) -> _Meta | None:
    """The description of an entry, or None where it is not what `store` wrote."""
    try:
        outer = json.loads(written)
        body = outer["body"]
        if outer["checksum"] != _checksum(_canonical(body)) or body["format"] != FORMAT:
            return None
        slots = tuple(_Slot(slot["type"], tuple(slot["sizes"]), slot["checksum"]) for slot in body["slots"])
        files = tuple(Written(path, size) for path, size in body["files"])
        return _Meta(slots, cast(Mapping[str, object] | None, body["ui"]), files)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _canonical(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _checksum(data: bytes) -> str:
    return blake2b(data, digest_size=20).hexdigest()


def _size(path: Path) -> int:
    """The size of a file in bytes, -1 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
