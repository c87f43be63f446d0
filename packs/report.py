"""What is told about a pack: whether it was loaded, what it brought, how long that took, and who is to blame."""

from dataclasses import dataclass
from typing import Any, Final, Literal

State = Literal["loaded", "failed", "disabled"]
Convention = Literal["native", "classes", "schema", "mixed", ""]

LONGEST_TRACEBACK: Final = 20_000
"""Characters of a traceback that are kept, its end."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A node of a pack that is not there, though the pack is: its id, why, and what to do."""

    node: str
    problem: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class PackReport:
    """One pack.

    name: of its folder, file or entry point. source: where it comes from, without the server's folders, such as
        `custom_nodes/my_pack` or `my-package 1.2`. convention: how it declares nodes; empty where nothing was read.
    nodes: ids of the nodes that are there. refused: of those that are not. seconds: of its import.
    problem, remedy: one sentence each for why it failed or what is odd about it, empty for nothing; traceback: where.
    missing: requirements that are not installed, as they were written. warnings: what its import did to others, such as
        `changed sys.path`. routes: HTTP routes it asks for, `GET /path`; serves_routes: whether they are served, which
        they are only where the operator allowed it.
    """

    name: str
    state: State
    source: str
    convention: Convention = ""
    version: str = ""
    licence: str = ""
    nodes: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    seconds: float = 0.0
    problem: str = ""
    remedy: str = ""
    traceback: str = ""
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    serves_routes: bool = False


@dataclass(frozen=True, slots=True)
class Web:
    """What a pack brings for the editor: a folder whose files are served under /extensions/<pack>/."""

    pack: str
    folder: str


def report_to_json(report: PackReport) -> dict[str, Any]:
    """A report as JSON, all of its fields; the traceback is its end where it is long."""
    return {
        "name": report.name,
        "state": report.state,
        "source": report.source,
        "convention": report.convention,
        "version": report.version,
        "licence": report.licence,
        "nodes": list(report.nodes),
        "refused": [{"node": each.node, "problem": each.problem, "remedy": each.remedy} for each in report.refused],
        "seconds": report.seconds,
        "problem": report.problem,
        "remedy": report.remedy,
        "traceback": report.traceback[-LONGEST_TRACEBACK:],
        "missing": list(report.missing),
        "warnings": list(report.warnings),
        "routes": list(report.routes),
        "serves_routes": report.serves_routes,
    }


@dataclass(frozen=True, slots=True)
class PackChoice:
    """Which packs the operator wants. only: None is all. safe_mode: none at all.

    seconds: how long the import of one pack may take. routes: packs whose HTTP routes are served.
    """

    disabled: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    safe_mode: bool = False
    seconds: float = 30.0
    routes: frozenset[str] = frozenset()

    def wants(self, name: str) -> bool:
        """Whether a pack is to be loaded."""
        return not self.safe_mode and name not in self.disabled and (self.only is None or name in self.only)
