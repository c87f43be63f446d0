"""The own API's packs: what became of each, and reading them anew for those who write them."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from runs.brought import Report
from runs.desk import Desk
from runs.places import without_folders
from server.errors import Refused
from server.keys import DESK, SETTINGS
from server.openapi import operation
from server.problem import not_found
from server.v1_exchange import answer, large_answer
from server.v1_pack_models import PackList, PackRefusal, PackReload, PacksLoading, PackView

routes = web.RouteTableDef()

RELOAD_SECONDS: Final = 60.0
"""How long a request waits for workers that are busy."""


@routes.get("/api/v1/packs")
@operation("List packs", tag="packs", answers={200: PackList})
async def list_packs(request: web.Request) -> web.StreamResponse:
    """What became of each pack of nodes. Until a worker is ready, as it was when one last was."""
    desk = request.app[DESK]
    loading = desk.loading()
    told = PackList(
        packs=_views(desk),
        ready=bool(desk.workers()),
        loading=None
        if loading is None
        else PacksLoading(pack=loading.pack, done=loading.done, of=loading.of, seconds=loading.seconds),
        dev=request.app[SETTINGS].dev,
    )
    return await large_answer(told)


@routes.get("/api/v1/packs/{name}")
@operation("Get a pack", tag="packs", answers={200: PackView})
async def get_pack(request: web.Request) -> web.StreamResponse:
    """What became of one pack."""
    name = request.match_info["name"]
    for report in request.app[DESK].brought.reports:
        if report["name"] == name:
            return answer(view_of(report))
    raise not_found("unknown_pack", f"pack {name[:80]!r}", "GET /api/v1/packs lists those there are")


@routes.post("/api/v1/packs/reload")
@operation("Read packs anew", tag="packs", answers={200: PackReload})
async def reload_packs(request: web.Request) -> web.StreamResponse:
    """Read anew what has changed, what is new, and what has failed. Only where the server was started with --dev.

    Workers do it between runs; `done` is false where one is still busy after a minute, and does it later."""
    if not request.app[SETTINGS].dev:
        text = "packs are read anew only by a server for those who write them; start it with --dev"
        raise Refused(403, "not_for_development", text)
    desk = request.app[DESK]
    done = await desk.reload_packs(again=True, seconds=RELOAD_SECONDS)
    return await large_answer(PackReload(done=done, packs=_views(desk)))


def _views(desk: Desk) -> list[PackView]:
    return [view_of(report) for report in desk.brought.reports]


def view_of(report: Report) -> PackView:
    """A report as the API tells it: the folders of this machine are none of a client's business."""
    told: Mapping[str, Any] = {
        name: without_folders(value) if isinstance(value, str) else value for name, value in report.items()
    }
    return PackView(
        name=report["name"],
        state=told["state"],
        source=told["source"],
        convention=told["convention"],
        version=told["version"],
        licence=told["licence"],
        nodes=list(told["nodes"]),
        had=list(told["had"]),
        refused=[
            PackRefusal(
                node=each["node"], problem=without_folders(each["problem"]), remedy=without_folders(each["remedy"])
            )
            for each in told["refused"]
        ],
        seconds=told["seconds"],
        problem=told["problem"],
        remedy=told["remedy"],
        traceback=told["traceback"],
        missing=list(told["missing"]),
        warnings=[without_folders(each) for each in told["warnings"]],
        routes=list(told["routes"]),
        serves_routes=told.get("serves_routes", False),
    )
