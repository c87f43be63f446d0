"""The packs of a process that runs on: loaded at its start, and read anew where their files have changed since."""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from graph.registry import Registry
from packs.allowing import with_routes
from packs.finding import FoundPack, find_packs
from packs.importing import PackImporter
from packs.loading import LoadedPacks, Progress, ReadPack, add_nodes, quiet, read_pack, source_digest
from packs.reading import Reader
from packs.report import PackChoice, PackReport


class RouteRecorder(Protocol):
    """Knows the HTTP routes that packs asked for when they were imported."""

    def as_text(self) -> Mapping[str, Sequence[str]]:
        """Each as `GET /path`, by pack."""
        ...

    def forget(self, pack: str) -> None:
        """A pack is gone, or will be imported once more: what it asked for counts no longer."""
        ...


class NothingRecorded:
    """Packs have nothing to register routes at."""

    def as_text(self) -> Mapping[str, Sequence[str]]:
        """None."""
        return {}

    def forget(self, pack: str) -> None:
        """There is nothing to forget."""


class LivePacks:
    """The packs of these folders and of installed packages. For one thread.

    Each load makes a registry of its own, which takes the place of the last one as a whole: whoever holds that goes on
    with the nodes as they were. importer: opened by the caller, who closes it when no node is needed any more.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        choice: PackChoice,
        builtin: Registry,
        readers: Sequence[Reader],
        importer: PackImporter,
        recorder: RouteRecorder | None = None,
    ) -> None:
        self.registry = builtin
        self._folders = tuple(folders)
        self._choice = choice
        self._builtin = builtin
        self._readers = tuple(readers)
        self._importer = importer
        self._recorder: RouteRecorder = recorder or NothingRecorded()
        self._read: dict[str, ReadPack] = {}

    def load(self, progress: Progress = quiet, *, again: bool = False) -> LoadedPacks:
        """Read packs that are new or have changed, forget those that are gone, and keep the others.

        again: read those too that failed, as what they lacked may be there now. `registry` is filled as packs are
        read, so that the later ones see the nodes of the earlier ones. Raises nothing a pack does.
        """
        importlib.invalidate_caches()
        found = find_packs(self._folders)
        for name in self._read.keys() - {pack.name for pack in found}:
            self._forget(name)
        before, self._read = self._read, {}
        self.registry = Registry(self._builtin)
        reports: list[PackReport] = []
        for number, pack in enumerate(found):
            progress(pack.name, number, len(found))
            done = self._read[pack.name] = self._known_or_read(pack, before.get(pack.name), again)
            reports.append(add_nodes(done, self.registry))
        routes = self._recorder.as_text()
        told = (
            with_routes(report, pack, routes.get(pack.name, ()), self._choice)
            for report, pack in zip(reports, found, strict=True)
        )
        webs = tuple(done.web for done in self._read.values() if done.web is not None)
        return LoadedPacks(self.registry, tuple(told), webs)

    def _known_or_read(self, pack: FoundPack, before: ReadPack | None, again: bool) -> ReadPack:
        if before is not None:
            failed = before.report.state == "failed"
            if _is_same(pack, before) and not (again and failed):
                return before
            self._forget(pack.name)
        return read_pack(pack, self._choice, self._readers, self._importer)

    def _forget(self, name: str) -> None:
        self._importer.forget(name)
        self._recorder.forget(name)


def _is_same(pack: FoundPack, before: ReadPack) -> bool:
    """Whether a pack is as it was when it was read."""
    known = before.pack
    is_found_alike = (pack.path, pack.manifest, str(pack.problem)) == (known.path, known.manifest, str(known.problem))
    return is_found_alike and source_digest(pack) == before.digest
