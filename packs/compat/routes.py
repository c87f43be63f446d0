"""The HTTP routes that packs ask for: written down here, served by whoever is told to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from packs.compat.context import Context
from packs.loading import LoadedPacks


@dataclass(frozen=True, eq=False)
class PackRoute:
    """A route that a pack asks for. file: where its handler is written, so that its pack is known."""

    method: str
    path: str
    handler: Callable[..., Any]
    file: str


class RouteRecord:
    """The tables that packs write their routes into."""

    def __init__(self, context: Context) -> None:
        self.tables: list[Iterable[Any]] = []

    def routes(self) -> tuple[PackRoute, ...]:
        """All routes so far; folders of files are none, since a pack has WEB_DIRECTORY for them."""
        return tuple(
            PackRoute(each.method, each.path, each.handler, file_of(each.handler))
            for table in self.tables
            for each in table
            if hasattr(each, "handler")
        )


def recorded_routes(context: Context) -> tuple[PackRoute, ...]:
    """The routes that packs asked for so far."""
    return context.part(RouteRecord).routes()


def with_routes(loaded: LoadedPacks, context: Context, owner: Callable[[str], str | None]) -> LoadedPacks:
    """The packs with the routes that each of them asks for in its report. owner: the pack that a file belongs to."""
    asked: dict[str, list[str]] = {}
    for route in recorded_routes(context):
        asked.setdefault(owner(route.file) or "", []).append(f"{route.method} {route.path}")
    reports = tuple(replace(report, routes=tuple(asked.get(report.name, ()))) for report in loaded.reports)
    return replace(loaded, reports=reports)


def file_of(handler: object) -> str:
    """The file that a function is written in, empty where that cannot be told."""
    code = getattr(getattr(handler, "__func__", handler), "__code__", None)
    return str(getattr(code, "co_filename", ""))
