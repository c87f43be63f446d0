"""What the given modules are made of: the folders, the nodes, and what else the assembler hands in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from graph.handle import NO_SERVICES, Run, RunContext, current_run
from graph.registry import Registry
from storage import Folders

Part = TypeVar("Part")


@dataclass(frozen=True, eq=False)
class Context:
    """What packs are given is about this installation.

    folders: where files lie. registry: the nodes there are now. services: what nodes may ask for outside any run.
    packs: the folders of packs. version: of this program. parts: what several given modules share, by its kind.
    """

    folders: Folders
    registry: Callable[[], Registry]
    services: Mapping[type, object] = field(default_factory=lambda: NO_SERVICES)
    packs: tuple[Path, ...] = ()
    version: str = ""
    parts: dict[object, Any] = field(default_factory=dict[object, Any])

    def part(self, kind: "Callable[[Context], Part]") -> Part:
        """The one object of this kind that the given modules share, made at the first question."""
        if kind not in self.parts:
            made = kind(self)
            self.parts.setdefault(kind, made)
        return cast(Part, self.parts[kind])

    @property
    def base(self) -> Path:
        """The folder that packs take for the program's own: the one that holds `models`."""
        return self.folders.models.parent

    def run(self) -> Run:
        """The handle of the node that is running here; outside any, one that nobody listens to."""
        return current_run.get() or Run.detached("0", RunContext(services={Folders: self.folders, **self.services}))
