"""The licence texts of what is built into the editor, gathered from the packages themselves."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

HEAD: Final = """\
The editor holds parts of these packages. Each stands under the licence below it.
"""
RULE: Final = "-" * 79
LICENCE_FILES: Final = ("licen", "copying", "notice")
WITHOUT_FILE: Final = "(The package carries no licence file; it names {licence}.)"

# The bundler writes a few lines of its own into what it builds; all other tools leave nothing of themselves behind.
LEAVES_TRACES: Final = frozenset({"node_modules/vite"})
TYPES_ONLY: Final = "node_modules/@types/"


@dataclass(frozen=True)
class Package:
    """An installed package: its name, its version, the licence it names, and the texts it carries."""

    name: str
    version: str
    licence: str
    text: str


def notices(editor: Path) -> str:
    """The licence texts of all packages that can be in the build; packages with the same text share it."""
    by_text: dict[str, list[Package]] = {}
    for package in packages(editor):
        by_text.setdefault(package.text, []).append(package)
    groups = sorted(by_text.items(), key=lambda each: each[1][0].name)
    return "\n".join([HEAD, *(_paragraph(text, sharing) for text, sharing in groups)])


def _paragraph(text: str, sharing: Sequence[Package]) -> str:
    names = "\n".join(f"{each.name} {each.version} ({each.licence})" for each in sharing)
    return f"{RULE}\n{names}\n\n{text}\n"


def packages(editor: Path) -> Iterator[Package]:
    """The packages that the editor is built from, by name. Raises OSError where one that the lock names is missing."""
    locked = locked_packages(editor / "package-lock.json")
    for path, entry in sorted(locked.items()):
        if is_built_in(path, entry):
            yield read_package(editor / path)


def is_built_in(path: str, entry: Mapping[str, Any]) -> bool:
    """Whether code of a locked package can be in the build."""
    needed_at_work = not any(entry.get(kind) for kind in ("dev", "optional", "devOptional"))
    return path in LEAVES_TRACES or (needed_at_work and not path.startswith(TYPES_ONLY))


def locked_packages(lock: Path) -> Mapping[str, Mapping[str, Any]]:
    """The packages of a lock file by the folders they are installed in; the project itself is none of them."""
    content = cast(Mapping[str, Any], json.loads(lock.read_text(encoding="utf-8")))
    found = cast(Mapping[str, Mapping[str, Any]], content.get("packages", {}))
    return {path: entry for path, entry in found.items() if path}


def read_package(folder: Path) -> Package:
    """What an installed package says of itself."""
    about = cast(Mapping[str, Any], json.loads((folder / "package.json").read_text(encoding="utf-8")))
    licence = str(about.get("license", "no licence"))
    files = sorted(each for each in folder.iterdir() if each.is_file() and each.name.lower().startswith(LICENCE_FILES))
    texts = [each.read_text(encoding="utf-8", errors="replace").strip() for each in files]
    return Package(
        str(about.get("name", folder.name)),
        str(about.get("version", "")),
        licence,
        "\n\n".join(texts) or WITHOUT_FILE.format(licence=licence),
    )
