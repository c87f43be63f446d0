"""Finds the nodes of a pack in the class convention: the mappings of its module."""

from collections.abc import Mapping
from types import ModuleType
from typing import cast

from graph.attempt import Failure, attempt
from graph.interface import Node
from packs.convention.classes import read_class
from packs.convention.mappings import MAPPINGS, NAMES, told, web_folder
from packs.convention.schema import ENTRY, read_schema, schema_reader
from packs.convention.wires import Wires
from packs.convention.words.schema import ComfyNode
from packs.finding import FoundPack
from packs.importing import SPACE
from packs.reading import Reader, Reading
from packs.report import Refusal

__all__ = ["class_reader", "schema_reader"]


def class_reader(wires: Wires) -> Reader:
    """Reads NODE_CLASS_MAPPINGS. A class that cannot be read is refused alone."""

    def read(module: ModuleType, pack: FoundPack) -> Reading | None:
        classes = getattr(module, MAPPINGS, None)
        web = web_folder(module, pack)
        if not isinstance(classes, Mapping):
            return None if web is None or hasattr(module, ENTRY) else Reading("classes", web=web)
        names = getattr(module, NAMES, None)
        shown = cast(Mapping[object, object], names) if isinstance(names, Mapping) else {}
        nodes: list[Node] = []
        refused: list[Refusal] = []
        for name, kind in cast(Mapping[object, object], classes).items():
            made = attempt(_read, str(name), kind, str(shown.get(name) or ""), f"{SPACE}.{pack.name}", wires)
            if isinstance(made, Failure):
                refused.append(Refusal(str(name), told(made.error), "Its authors can mend it."))
            else:
                nodes.append(made)
        return Reading("classes", tuple(nodes), tuple(refused), web)

    return read


def _read(id: str, kind: object, display_name: str, module: str, wires: Wires) -> Node:
    if not isinstance(kind, type):
        raise TypeError(f"{MAPPINGS}[{id!r}] is a class, found {type(kind).__name__}")
    if issubclass(kind, ComfyNode):
        return read_schema(kind, module, wires, id, display_name)
    return read_class(id, kind, display_name or id, module, wires)
