"""The packs of a worker without a model library, and what they are given under names they expect."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from aiohttp import web

from graph.registry import Registry
from packs.compat.pack_routes import RouteServer, allowed
from packs.compat.routes import RecordedRoutes
from packs.convention.reader import class_reader
from packs.convention.wires import PlainWires
from packs.importing import PackImporter
from packs.loading import LoadedPacks, Progress
from packs.native import read_native
from packs.reloading import LivePacks
from packs.report import PackChoice, report_to_json
from runs.worker import Reloaded


class ToyServerModule:
    """Packs that import `server` find `PromptServer.instance.routes`: a table for each pack that is being imported."""

    def __init__(self) -> None:
        self.tables: dict[str, web.RouteTableDef] = {}
        self.importing = ""
        self._module = ModuleType("server")
        toy = self

        class Instance:
            @property
            def routes(self) -> web.RouteTableDef:
                return toy.tables.setdefault(toy.importing, web.RouteTableDef())

        self._module.__dict__["PromptServer"] = type("PromptServer", (), {"instance": Instance()})

    def recorded(self) -> Mapping[str, web.RouteTableDef]:
        return self.tables

    def module(self, name: str) -> ModuleType | None:
        return self._module if name == "server" else None

    def missing(self, module: str, name: str) -> str:
        return f"{module} has no {name}"

    def may_shadow(self, name: str) -> bool:
        return name == "server"


class ToyPacks:
    """Loads the packs of a folder, and serves the routes of those that may."""

    def __init__(self, folder: Path, routes: frozenset[str], seconds: float, builtin: Registry) -> None:
        self._given = ToyServerModule()
        importer = PackImporter(self._given)
        importer.open()
        readers = (read_native, class_reader(PlainWires()))
        self._recorded = RecordedRoutes(self._given.recorded)
        self._server = RouteServer()
        choice = PackChoice(routes=routes, seconds=seconds)
        self._packs = LivePacks([folder], choice, builtin, readers, importer, self._recorded)

    def load(self, progress: Progress) -> Reloaded:
        """For the first time."""

        def begin(name: str, done: int, of: int) -> None:
            self._given.importing = name
            progress(name, done, of)

        return self._told(self._packs.load(begin))

    def reload(self, again: bool) -> Reloaded:
        """What has changed since."""

        def begin(name: str, done: int, of: int) -> None:
            self._given.importing = name

        return self._told(self._packs.load(begin, again=again))

    def _told(self, now: LoadedPacks) -> Reloaded:
        serving = [report.name for report in now.reports if report.serves_routes]
        return Reloaded(
            now.registry,
            tuple(report_to_json(report) for report in now.reports),
            tuple({"pack": web.pack, "folder": web.folder} for web in now.webs),
            self._server.open(allowed(self._recorded, serving)),
        )
