"""What a pack says of itself: pack.toml, or what a pyproject.toml and a requirements.txt beside it say."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

from packs.errors import PackError

PACK: Final = "pack.toml"
PROJECT: Final = "pyproject.toml"
REQUIREMENTS: Final = "requirements.txt"

KEYS: Final = ("name", "version", "licence", "description", "requirements", "permissions", "modules")
PERMISSIONS: Final = ("routes",)
"""What a pack may ask for: HTTP routes of its own."""

_LARGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """A pack in its own words; empty where it says nothing.

    requirements: of other packages, such as `scipy>=1.11`. permissions: of `PERMISSIONS`. modules: those with nodes,
    as names inside the pack; none stands for the pack's own module.
    """

    name: str = ""
    version: str = ""
    licence: str = ""
    description: str = ""
    requirements: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a pack's folder. Raises PackError for a pack.toml that does not say what one says."""
    own = folder / PACK
    if own.is_file():
        manifest = _from_pack(_toml(own))
    else:
        manifest = _from_project(folder / PROJECT)
    listed = folder / REQUIREMENTS
    if not manifest.requirements and listed.is_file():
        manifest = replace(manifest, requirements=tuple(requirement_lines(_text(listed))))
    return manifest


def requirement_lines(text: str) -> Iterator[str]:
    """The requirements in a requirements.txt: without comments, options, and what is no named requirement."""
    for line in text.replace("\\\n", " ").splitlines():
        plain = line.partition(" #")[0].strip()
        if plain and plain[0] not in "#-./\\" and "://" not in plain.partition("@")[0]:
            yield plain.partition(" --")[0].strip()


def _from_pack(data: Mapping[str, object]) -> Manifest:
    table = data.get("pack")
    if not isinstance(table, dict):
        raise PackError(f"{PACK} has a table [pack]; this one has none.", f"Write [pack] above {', '.join(KEYS)}.")
    said = cast(dict[str, object], table)
    unknown = [name for name in said if name not in KEYS]
    if unknown:
        raise PackError(
            f"{PACK} says {unknown[0]!r}, which is not known; known are {', '.join(KEYS)}.", "Correct the name."
        )
    manifest = Manifest(
        name=_word(said, "name"),
        version=_word(said, "version"),
        licence=_word(said, "licence"),
        description=_word(said, "description"),
        requirements=_words(said, "requirements"),
        permissions=_words(said, "permissions"),
        modules=_words(said, "modules"),
    )
    for permission in manifest.permissions:
        if permission not in PERMISSIONS:
            raise PackError(
                f"{PACK} asks for the permission {permission!r}; there are {', '.join(PERMISSIONS)}.", "Correct it."
            )
    return manifest


def _from_project(path: Path) -> Manifest:
    """What a pyproject.toml says, made for installers and not for us: what is odd in it counts as not said."""
    if not path.is_file():
        return Manifest()
    try:
        table = _toml(path).get("project")
    except PackError:
        return Manifest()
    if not isinstance(table, dict):
        return Manifest()
    said = cast(dict[str, object], table)
    licence = said.get("license")
    if isinstance(licence, dict):
        licence = cast(dict[str, object], licence).get("text")
    needed = said.get("dependencies")
    listed = cast(list[object], needed) if isinstance(needed, list) else []
    name, version, description = (said.get(each) for each in ("name", "version", "description"))
    return Manifest(
        name=name if isinstance(name, str) else "",
        version=version if isinstance(version, str) else "",
        licence=licence if isinstance(licence, str) else "",
        description=description if isinstance(description, str) else "",
        requirements=tuple(each for each in listed if isinstance(each, str)),
    )


def _toml(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{path.name} is not TOML: {error}.", "Correct it at the line it names.") from None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise PackError(f"{path.name} is larger than 1 MiB.", "It holds a few lines about the pack.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise PackError(f"{path.name} is not text in UTF-8.", "Save it as UTF-8.") from None
    except OSError as error:
        raise PackError(f"{path.name} cannot be read: {error.strerror or error}.", "Check its rights.") from None


def _word(said: Mapping[str, object], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str):
        raise PackError(f"{PACK}: {name} is a text, found {value!r:.80}.", "Put it in quotes.")
    return value


def _words(said: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = said.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in cast(list[object], value)):
        raise PackError(f"{PACK}: {name} is a list of texts, found {value!r:.80}.", f'Write {name} = ["..."].')
    return tuple(cast(list[str], value))
