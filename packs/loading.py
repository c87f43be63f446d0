"""Loads the packs that are wanted, one after the other; none can keep the others or the program from going on."""

import hashlib
import importlib.util
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Final

from graph.errors import SpecError
from graph.interface import Node
from graph.registry import Registry
from packs.errors import PackError
from packs.finding import FoundPack
from packs.guarding import Guarded, guarded
from packs.importing import SPACE, PackImporter
from packs.reading import Reader, Reading
from packs.report import Convention, PackChoice, PackReport, Refusal, Web
from packs.requirements import missing

MIXED: Final[Convention] = "mixed"
LOG: Final = logging.getLogger("nodeloom.packs")

Progress = Callable[[str, int, int], None]
"""Told before each pack: its name, how many were read before it, and how many there are."""


def quiet(name: str, done: int, of: int) -> None:
    """Nobody wants to know how far it is."""


@dataclass(frozen=True, eq=False)
class LoadedPacks:
    """All nodes there are, the built-in ones first; a report for every pack; and what packs bring for the editor."""

    registry: Registry
    reports: tuple[PackReport, ...]
    webs: tuple[Web, ...]


@dataclass(frozen=True, eq=False)
class ReadPack:
    """A pack that was imported, or why it could not be. Its nodes are in no registry yet.

    digest: of its sources as they were just before the import.
    """

    pack: FoundPack
    digest: str
    report: PackReport
    readings: tuple[Reading, ...] = ()

    @property
    def web(self) -> Web | None:
        """What it brings for the editor."""
        folders = (reading.web for reading in self.readings if reading.web is not None)
        return next((Web(self.pack.name, str(folder)) for folder in folders), None)


def load_packs(
    found: Sequence[FoundPack],
    choice: PackChoice,
    builtin: Registry,
    readers: Sequence[Reader],
    importer: PackImporter,
    progress: Progress = quiet,
) -> LoadedPacks:
    """Load packs into a registry of their own that begins with the built-in nodes. Raises nothing a pack does.

    importer: opened by the caller, who closes it when the nodes are not needed any more.
    """
    registry = Registry(builtin)
    reports: list[PackReport] = []
    webs: list[Web] = []
    for number, pack in enumerate(found):
        progress(pack.name, number, len(found))
        done = read_pack(pack, choice, readers, importer)
        reports.append(add_nodes(done, registry))
        webs += [] if done.web is None else [done.web]
    return LoadedPacks(registry, tuple(reports), tuple(webs))


def read_pack(pack: FoundPack, choice: PackChoice, readers: Sequence[Reader], importer: PackImporter) -> ReadPack:
    """Import a pack, if it is wanted, and find its nodes. Raises nothing it does."""
    about = _about(pack)
    digest = source_digest(pack)
    if not choice.wants(pack.name):
        return ReadPack(pack, digest, replace(about, state="disabled"))
    if pack.problem is not None:
        return ReadPack(pack, digest, replace(about, problem=pack.problem.problem, remedy=pack.problem.remedy))
    lacking = missing(pack.manifest.requirements)
    done = guarded(lambda: _read(pack, readers, importer), pack.name, choice.seconds)
    about = replace(about, seconds=done.seconds, warnings=done.changed, missing=lacking)
    if done.value is None:
        if pack.path is not None:
            importer.forget(pack.name)
        problem, remedy = _blame(pack, done, lacking, choice.seconds)
        return ReadPack(pack, digest, replace(about, problem=problem, remedy=remedy, traceback=done.traceback))
    conventions = {reading.convention for reading in done.value}
    about = replace(about, state="loaded", convention=next(iter(conventions)) if len(conventions) == 1 else MIXED)
    if lacking:
        about = replace(
            about,
            problem=f"it asks for packages that are not installed: {', '.join(lacking)}.",
            remedy=f"Install them with: pip install {' '.join(repr(each) for each in lacking)}",
        )
    return ReadPack(pack, digest, about, done.value)


def add_nodes(done: ReadPack, registry: Registry) -> PackReport:
    """Make the nodes of a pack known; of one whose id is taken only a refusal. The whole report, which is logged."""
    added, refused = _add(done, registry)
    report = replace(done.report, nodes=added, refused=refused)
    _log(report)
    return report


def _read(pack: FoundPack, readers: Sequence[Reader], importer: PackImporter) -> tuple[Reading, ...]:
    """Import a pack and read its nodes. Raises whatever its code raises, PackError for one without nodes."""
    module = _module(pack, importer)
    readings = tuple(reading for reader in readers if (reading := reader(module, pack)) is not None)
    if not readings:
        raise PackError(
            "it declares no nodes: no function under @node, no NODE_CLASS_MAPPINGS and no comfy_entrypoint.",
            "Look at docs/plugins.md, or take it out of the folder.",
        )
    return readings


def _module(pack: FoundPack, importer: PackImporter) -> ModuleType:
    if pack.path is not None:
        return importer.load(pack.name, pack.path)
    assert pack.entry is not None
    loaded = pack.entry.load()
    if not isinstance(loaded, ModuleType):
        raise PackError(
            f"its entry point {pack.entry.value!r} is no module, found {type(loaded).__name__}.",
            f'Write {pack.entry.name} = "package.module" in the entry points of the package.',
        )
    return loaded


def _add(done: ReadPack, registry: Registry) -> tuple[tuple[str, ...], tuple[Refusal, ...]]:
    added: list[str] = []
    refused = [refusal for reading in done.readings for refusal in reading.refused]
    for node in (each for reading in done.readings for each in reading.nodes):
        other = registry.get(node.id)
        if other is not None:
            refused.append(
                Refusal(node.id, f"the id is taken by {other.module}, which stays.", "Rename the node in the pack.")
            )
            continue
        try:
            registry.add(_owned(node, done.pack, done.digest))
        except SpecError as error:
            refused.append(Refusal(node.id, str(error)))
        else:
            added.append(node.id)
    return tuple(added), tuple(refused)


def _owned(node: Node, pack: FoundPack, version: str) -> Node:
    """The node under its pack's name; its version changes with the pack's source, so that no old result is taken."""
    module = node.module if pack.path is None else f"{SPACE}.{pack.name}"
    return replace(node, module=module, version=f"{node.version}.{version}")


def source_digest(pack: FoundPack) -> str:
    """A hash of all Python files of a pack; of an installed package its version counts instead."""
    told = hashlib.sha256()
    if pack.path is None:
        told.update(pack.source.encode())
    else:
        for path in source_files(pack.path):
            told.update(f"{path.relative_to(pack.path.parent).as_posix()}\0".encode())
            told.update(hashlib.sha256(_bytes(path)).digest())
    return told.hexdigest()[:16]


def _bytes(path: Path) -> bytes:
    """What a file holds; nothing for one that vanished or may not be read, which its import will tell of."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def source_files(path: Path) -> Iterator[Path]:
    """The Python files of a pack, in a fixed order."""
    if path.is_file():
        yield path
        return
    yield from sorted(
        each
        for each in path.rglob("*.py")
        if each.is_file() and not any(part.startswith(".") for part in each.relative_to(path).parts)
    )


def _about(pack: FoundPack) -> PackReport:
    manifest = pack.manifest
    return PackReport(
        name=pack.name,
        state="failed",
        source=pack.source,
        version=manifest.version,
        licence=manifest.licence,
    )


def _blame(
    pack: FoundPack, done: Guarded[tuple[Reading, ...]], lacking: Sequence[str], seconds: float
) -> tuple[str, str]:
    """Why a pack is not there, and what to do."""
    error = done.error
    if isinstance(error, PackError):
        return error.problem, error.remedy
    if done.timed_out:
        return f"its import did not end within {seconds:g} s.", "Mend what it waits for, or disable the pack."
    if lacking:
        needed = " ".join(repr(each) for each in lacking)
        return f"it needs packages that are not installed: {', '.join(lacking)}.", f"pip install {needed}"
    package = _absent_package(error)
    if package:
        return f"it imports {package}, which is not installed.", f"Install the package that brings {package}."
    sentence = f"{type(error).__name__}: {error}".strip().rstrip(":.")
    return f"its import failed: {sentence}.", "Look at the traceback; its authors can mend it."


def _absent_package(error: BaseException | None) -> str:
    """The top-level name that an import did not find, empty where that is not what went wrong."""
    if not isinstance(error, ModuleNotFoundError) or not error.name or error.name.startswith(SPACE):
        return ""
    package = error.name.partition(".")[0]
    return package if importlib.util.find_spec(package) is None else ""


def _log(report: PackReport) -> None:
    if report.state == "failed":
        LOG.warning("pack %s was not loaded: %s %s", report.name, report.problem, report.remedy)
    for refusal in report.refused:
        LOG.warning("pack %s: node %s is left out: %s", report.name, refusal.node, refusal.problem)
