"""Finds the nodes of a pack in the class convention: the mappings of its module, and those of its extension."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import cast

from graph.attempt import Failure, attempt
from graph.interface import Node
from packs.convention.classes import read_class
from packs.convention.wires import Wires
from packs.finding import FoundPack
from packs.importing import SPACE
from packs.reading import Reader, Reading
from packs.report import Refusal

MAPPINGS = "NODE_CLASS_MAPPINGS"
NAMES = "NODE_DISPLAY_NAME_MAPPINGS"
WEB = "WEB_DIRECTORY"


def class_reader(wires: Wires) -> Reader:
    """Reads NODE_CLASS_MAPPINGS. A class that cannot be read is refused alone."""

    def read(module: ModuleType, pack: FoundPack) -> Reading | None:
        classes = getattr(module, MAPPINGS, None)
        web = web_folder(module, pack)
        if not isinstance(classes, Mapping):
            return None if web is None else Reading("classes", web=web)
        names = getattr(module, NAMES, None)
        shown = cast(Mapping[object, object], names) if isinstance(names, Mapping) else {}
        nodes: list[Node] = []
        refused: list[Refusal] = []
        for name, kind in cast(Mapping[object, object], classes).items():
            made = attempt(_read, str(name), kind, str(shown.get(name) or name), f"{SPACE}.{pack.name}", wires)
            if isinstance(made, Failure):
                refused.append(Refusal(str(name), told(made.error), "Its authors can mend it."))
            else:
                nodes.append(made)
        return Reading("classes", tuple(nodes), tuple(refused), web)

    return read


def _read(id: str, kind: object, display_name: str, module: str, wires: Wires) -> Node:
    if not isinstance(kind, type):
        raise TypeError(f"{MAPPINGS}[{id!r}] is a class, found {type(kind).__name__}")
    return read_class(id, kind, display_name, module, wires)


def told(error: BaseException) -> str:
    """An error in one sentence."""
    name = type(error).__name__
    text = str(error).strip().rstrip(".")
    return f"{text}." if name == "SpecError" else f"{name}: {text}."


def web_folder(module: ModuleType, pack: FoundPack) -> Path | None:
    """The folder that WEB_DIRECTORY names, inside the pack; None where there is none."""
    said = getattr(module, WEB, None)
    if not isinstance(said, str) or pack.path is None or not pack.path.is_dir():
        return None
    folder = (pack.path / said).resolve()
    return folder if folder.is_dir() and folder.is_relative_to(pack.path.resolve()) else None
