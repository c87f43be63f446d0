"""Reads packs that declare nodes as our own are declared: typed functions under `@node`."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from graph.interface import Node
from packs.finding import FoundPack
from packs.reading import Reading

WEB: Final = "web"
"""The folder of a native pack whose files the editor may load."""


def read_native(module: ModuleType, pack: FoundPack) -> Reading | None:
    """The nodes that a pack's module declares, or those of its manifest do; None where there are none.

    A node that a module only imports from another pack or from us is not its own.
    """
    modules = [module, *(importlib.import_module(f"{module.__name__}.{name}") for name in pack.manifest.modules)]
    found = dict.fromkeys(node for each in modules for node in declared(each))
    if not found and not pack.manifest.modules:
        return None
    web = None if pack.path is None or not pack.path.is_dir() else pack.path / WEB
    return Reading("native", tuple(found), web=web if web is not None and Path(web).is_dir() else None)


def declared(module: ModuleType) -> Iterator[Node]:
    """The nodes among a module's names that were declared in it or below it."""
    for value in list(vars(module).values()):
        node = getattr(value, "node", None)
        if isinstance(node, Node) and (node.module == module.__name__ or node.module.startswith(f"{module.__name__}.")):
            yield node
