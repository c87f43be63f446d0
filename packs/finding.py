"""Which packs there are: folders and files below `custom_nodes`, and installed packages with an entry point."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from packs.errors import PackError
from packs.manifest import PACK, Manifest, read_manifest

GROUP: Final = "nodeloom.nodes"
"""The entry points of installed packages that bring nodes."""

_OFF: Final = ".disabled"
_NAME: Final = re.compile(r"[^\W_][\w .+()\[\]-]{0,119}")


@dataclass(frozen=True, eq=False)
class FoundPack:
    """A pack that has not been loaded.

    name: of its folder, file or entry point. source: where it comes from, without the folders of this machine.
    path: its folder, or its one file; None for an entry point. problem: why it cannot be loaded, None for most.
    """

    name: str
    source: str
    path: Path | None = None
    entry: EntryPoint | None = None
    manifest: Manifest = field(default_factory=Manifest)
    problem: PackError | None = None


def find_packs(folders: Sequence[Path], installed: Iterable[EntryPoint] | None = None) -> tuple[FoundPack, ...]:
    """All packs, by name: those in these folders first, then installed ones. Of two with one name the first counts.

    installed: the entry points to take; those of this environment unless given.
    """
    found: dict[str, FoundPack] = {}
    for pack in (*(each for folder in folders for each in _in_folder(folder)), *_installed(installed)):
        first = found.setdefault(pack.name, pack)
        if first is not pack:
            problem = PackError(
                f"there are two packs named {pack.name!r}: {first.source} is taken, {pack.source} is not.",
                "Rename one of them, or take it away.",
            )
            found[f"{pack.name} ({pack.source})"] = FoundPack(
                f"{pack.name} ({pack.source})", pack.source, problem=problem
            )
    return tuple(found.values())


def _in_folder(folder: Path) -> Iterator[FoundPack]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name.lower())
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        name = entry.name
        if name.startswith((".", "_")) or name.lower().endswith(_OFF):
            continue
        if entry.is_dir():
            if (entry / "__init__.py").is_file() or (entry / PACK).is_file():
                yield _found(name, entry, f"{folder.name}/{name}")
        elif entry.suffix == ".py" and entry.is_file():
            yield _found(entry.stem, entry, f"{folder.name}/{name}")


def _found(name: str, path: Path, source: str) -> FoundPack:
    if not _NAME.fullmatch(name):
        problem = PackError(f"a pack cannot be named {name!r:.140}.", "Use letters, digits, spaces and - _ . + ( ).")
        return FoundPack(name, source, path, problem=problem)
    if not path.is_dir():
        return FoundPack(name, source, path)
    try:
        manifest = read_manifest(path)
    except PackError as error:
        return FoundPack(name, source, path, problem=error)
    problem = None
    if not (path / "__init__.py").is_file():
        problem = PackError(f"it has a {PACK} and no __init__.py.", "Add an __init__.py; it may be empty.")
    return FoundPack(name, source, path, manifest=manifest, problem=problem)


def _installed(points: Iterable[EntryPoint] | None) -> Iterator[FoundPack]:
    chosen = entry_points(group=GROUP) if points is None else points
    for point in sorted(chosen, key=lambda each: each.name):
        package = point.dist
        if package is None:
            yield FoundPack(point.name, f"entry point {point.name}", entry=point)
            continue
        about = package.metadata.json
        manifest = Manifest(
            name=package.name,
            version=package.version,
            licence=str(about.get("license_expression") or about.get("license") or ""),
            description=str(about.get("summary") or ""),
            requirements=tuple(package.requires or ()),
        )
        yield FoundPack(point.name, f"{package.name} {package.version}", entry=point, manifest=manifest)
