"""The packs of a worker as it tells of them: its nodes, reports, folders for editors, and where routes are served."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cli.assembly import House, loaded
from packs.loading import LoadedPacks
from packs.report import report_to_json
from runs.worker import Reloaded

if TYPE_CHECKING:
    from packs.compat.pack_routes import RouteServer


class WorkerPacks:
    """The packs that a worker loaded at its start, and reads anew when it is asked to. For its main thread."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._server: RouteServer | None = None
        self.first = self._told(house.packs)

    def reload(self, again: bool) -> Reloaded:
        """Read anew what has changed. again: also what failed."""
        return self._told(loaded(self._house.live_packs, again=again))

    def _told(self, now: LoadedPacks) -> Reloaded:
        return Reloaded(
            registry=now.registry,
            packs=tuple(report_to_json(report) for report in now.reports),
            webs=tuple({"pack": web.pack, "folder": web.folder} for web in now.webs),
            routes=self._routes(now),
        )

    def _routes(self, now: LoadedPacks) -> Mapping[str, object]:
        """Serve the routes of the packs that may, and no others from now on."""
        serving = [report.name for report in now.reports if report.serves_routes]
        if not serving and self._server is None:
            return {}
        from packs.compat.pack_routes import RouteServer, allowed

        self._server = self._server or RouteServer()
        return self._server.open(allowed(self._house.routes, serving))
