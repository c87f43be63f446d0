"""The HTTP routes that packs ask for: written down here by pack, served by whoever is told to.

What a pack registers at `PromptServer.instance.routes` is aiohttp's own route definition; nothing of aiohttp is loaded
here, since most packs ask for none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packs.compat.context import Context

Tables = Mapping[str, Sequence[Any]]
"""The definitions of routes by pack, in the order they were registered."""


class RouteRecord:
    """The tables that packs write their routes into."""

    def __init__(self, context: Context) -> None:
        self.tables: list[Iterable[Any]] = []


def tables_by_pack(context: Context, owner: Callable[[str], str | None]) -> Tables:
    """What packs registered so far; whose a route is tells the file of its handler. owner: the pack of a file."""
    found: dict[str, list[Any]] = {}
    for each in (route for table in context.part(RouteRecord).tables for route in table):
        pack = owner(file_of(getattr(each, "handler", None)))
        if pack is not None:
            found.setdefault(pack, []).append(each)
    return found


@dataclass(frozen=True, slots=True)
class RecordedRoute:
    """A route that a pack registered, as aiohttp defines it."""

    pack: str
    route: Any

    def to_json(self) -> dict[str, str]:
        """As it is told to the server."""
        return {"pack": self.pack, "method": self.route.method, "path": self.route.path}


class RecordedRoutes:
    """What packs registered at the tables they were given. A pack that is read anew registers its routes once more at
    the same table, so what came before its import counts no longer."""

    def __init__(self, tables: Callable[[], Tables]) -> None:
        self._tables = tables
        self._begin: dict[str, int] = {}

    def forget(self, pack: str) -> None:
        """What this pack has registered so far no longer counts."""
        self._begin[pack] = len(self._tables().get(pack, ()))

    def of(self, pack: str) -> Sequence[RecordedRoute]:
        """The routes of a pack; of two for one method and path the later one counts. Folders of files are none."""
        table = list(self._tables().get(pack, ()))[self._begin.get(pack, 0) :]
        kept = {(each.method, each.path): each for each in table if hasattr(each, "handler")}
        return [RecordedRoute(pack, route) for route in kept.values()]

    def as_text(self) -> Mapping[str, Sequence[str]]:
        """All routes as `GET /path`, by pack, as `packs.reloading` asks for them."""
        tables = self._tables()
        return {pack: [f"{each.route.method} {each.route.path}" for each in self.of(pack)] for pack in tables}


def file_of(handler: object) -> str:
    """The file that a function is written in, empty where that cannot be told."""
    code = getattr(getattr(handler, "__func__", handler), "__code__", None)
    return str(getattr(code, "co_filename", ""))
