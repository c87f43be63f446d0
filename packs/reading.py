"""What a reader of packs answers: the nodes that it found in a pack's module."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from graph.interface import Node
from packs.finding import FoundPack
from packs.report import Convention, Refusal


@dataclass(frozen=True, eq=False)
class Reading:
    """Nodes of a pack in the one or the other convention. web: the folder whose files the editor may load."""

    convention: Convention
    nodes: tuple[Node, ...] = ()
    refused: tuple[Refusal, ...] = ()
    web: Path | None = None


Reader = Callable[[ModuleType, FoundPack], Reading | None]
"""Finds the nodes in the module of a pack; None where there is none of its kind. It may raise: the pack is to blame."""
