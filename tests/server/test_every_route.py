"""Every route there is answers in a real server process, with and without /api, and the table here knows them all."""

import asyncio
import re
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from benchmarks.server_load import server, trivial
from tests.server.small_server import small_app

API = "/api"
OWN = "/api/v1/"
FOR_PEOPLE = {"/login", "/nodeloom/pages.css", "/", "/{path}"}
SECONDS = 120.0


class Call(NamedTuple):
    """One request: the route as the router knows it, the path that is asked, what is sent and what is answered."""

    method: str
    route: str
    path: str
    status: int
    body: Any = None


WIRE = (
    Call("GET", "/prompt", "/prompt", 200),
    Call("POST", "/prompt", "/prompt", 200, {"prompt": trivial(1)}),
    Call("GET", "/queue", "/queue", 200),
    Call("POST", "/queue", "/queue", 200, {"delete": ["nobody"]}),
    Call("POST", "/interrupt", "/interrupt", 200, {}),
    Call("POST", "/free", "/free", 200, {"free_memory": True}),
    Call("GET", "/history", "/history", 200),
    Call("GET", "/history/{id}", "/history/nobody", 200),
    Call("POST", "/history", "/history", 200, {"delete": ["nobody"]}),
    Call("GET", "/jobs", "/jobs", 200),
    Call("GET", "/jobs/{id}", "/jobs/nobody", 404),
    Call("GET", "/object_info", "/object_info", 200),
    Call("GET", "/object_info/{class}", "/object_info/ToyShow", 200),
    Call("GET", "/view", "/view?filename=absent.png", 404),
    Call("POST", "/upload/image", "/upload/image", 400, {}),
    Call("POST", "/upload/mask", "/upload/mask", 400, {}),
    Call("GET", "/internal/files/{type}", "/internal/files/output", 200),
    Call("GET", "/internal/folder_paths", "/internal/folder_paths", 200),
    Call("GET", "/users", "/users", 200),
    Call("GET", "/settings", "/settings", 200),
    Call("POST", "/settings", "/settings", 200, {"a.b": 1}),
    Call("GET", "/settings/{id}", "/settings/a.b", 200),
    Call("POST", "/settings/{id}", "/settings/a.b", 200, 2),
    Call("GET", "/userdata", "/userdata?dir=workflows", 200),
    Call("GET", "/v2/userdata", "/v2/userdata", 200),
    Call("POST", "/userdata/{file}", "/userdata/a.json?overwrite=true", 200, {}),
    Call("GET", "/userdata/{file}", "/userdata/a.json", 200),
    Call("POST", "/userdata/{file}/move/{dest}", "/userdata/a.json/move/b.json?overwrite=true", 200),
    Call("DELETE", "/userdata/{file}", "/userdata/b.json", 204),
    Call("GET", "/models", "/models", 200),
    Call("GET", "/models/{folder}", "/models/checkpoints", 200),
    Call("GET", "/embeddings", "/embeddings", 200),
    Call("GET", "/view_metadata/{folder}", "/view_metadata/checkpoints?filename=absent.safetensors", 404),
    Call("GET", "/experiment/models", "/experiment/models", 200),
    Call("GET", "/experiment/models/{folder}", "/experiment/models/checkpoints", 200),
    Call(
        "GET",
        "/experiment/models/preview/{folder}/{index}/{file}",
        "/experiment/models/preview/checkpoints/0/absent.png",
        404,
    ),
    Call("GET", "/i18n", "/i18n", 200),
    Call("GET", "/workflow_templates", "/workflow_templates", 200),
    Call("GET", "/extensions", "/extensions", 200),
    Call("GET", "/extensions/{pack}/docs/{node}/{locale}.md", "/extensions/absent/docs/Node/en.md", 404),
    Call("GET", "/extensions/{pack}/{path}", "/extensions/absent/a.js", 404),
    Call("GET", "/health", "/health", 200),
    Call("GET", "/system_stats", "/system_stats", 200),
    Call("GET", "/features", "/features", 200),
    Call("GET", "/internal/logs", "/internal/logs", 200),
    Call("GET", "/internal/logs/raw", "/internal/logs/raw", 200),
    Call("PATCH", "/internal/logs/subscribe", "/internal/logs/subscribe", 200, {"enabled": False, "clientId": "a"}),
    Call("GET", "/docs/{node}/{locale}.md", "/docs/ToyShow/en.md", 200),
    Call("GET", "/global_subgraphs", "/global_subgraphs", 200),
    Call("GET", "/node_replacements", "/node_replacements", 200),
    Call("GET", "/ws", "/ws?clientId=everybody", 101),
)

NAMED = OWN + "workflows/one"
PUBLISHED = {"workflow": trivial(3), "outputs": {"shown": {"node": "1"}}}
OURS = (
    Call("POST", OWN + "runs", OWN + "runs", 201, {"id": "mine", "workflow": trivial(2)}),
    Call("GET", OWN + "runs", OWN + "runs", 200),
    Call("GET", OWN + "runs/{id}", OWN + "runs/mine", 200),
    Call("GET", OWN + "runs/{id}/outputs", OWN + "runs/mine/outputs", 200),
    Call("GET", OWN + "runs/{id}/events", OWN + "runs/mine/events", 200),
    Call("GET", OWN + "runs/{id}/events/stream", OWN + "runs/mine/events/stream", 200),
    Call("POST", OWN + "runs/{id}/cancel", OWN + "runs/mine/cancel", 200),
    Call("POST", OWN + "runs/{id}/move", OWN + "runs/mine/move", 409, {"before": None}),
    Call("POST", OWN + "runs/{id}/retry", OWN + "runs/mine/retry", 201),
    Call("DELETE", OWN + "runs/{id}", OWN + "runs/nobody", 404),
    Call("POST", OWN + "validate", OWN + "validate", 200, {"workflow": trivial(1)}),
    Call("POST", OWN + "plan", OWN + "plan", 200, {"workflow": trivial(1)}),
    Call("PUT", OWN + "workflows/{name}", NAMED, 201, PUBLISHED),
    Call("GET", OWN + "workflows", OWN + "workflows", 200),
    Call("GET", OWN + "workflows/{name}", NAMED, 200),
    Call("GET", OWN + "workflows/{name}/schema", NAMED + "/schema", 200),
    Call("POST", OWN + "workflows/{name}/run", NAMED + "/run", 201, {}),
    Call("DELETE", OWN + "workflows/{name}", NAMED, 204),
    Call("GET", OWN + "templates", OWN + "templates", 200),
    Call("GET", OWN + "templates/{name}", OWN + "templates/absent", 404),
    Call("GET", OWN + "templates/{name}/picture", OWN + "templates/absent/picture", 404),
    Call("GET", OWN + "nodes", OWN + "nodes", 200),
    Call("GET", OWN + "nodes/{id}", OWN + "nodes/ToyShow", 200),
    Call("GET", OWN + "packs", OWN + "packs", 200),
    Call("GET", OWN + "packs/{name}", OWN + "packs/absent", 404),
    Call("POST", OWN + "packs/reload", OWN + "packs/reload", 403),
    Call("GET", OWN + "embeddings", OWN + "embeddings", 200),
    Call("GET", "/metrics", "/metrics", 200),
    Call("GET", OWN + "openapi.json", OWN + "openapi.json", 200),
    Call("GET", OWN + "models", OWN + "models", 200),
    Call("GET", OWN + "models/{category}", OWN + "models/checkpoints", 200),
    Call("GET", OWN + "files/{kind}", OWN + "files/output", 200),
)


def test_the_table_knows_every_route(tmp_path: Path) -> None:
    routes = {
        (route.method, route.resource.canonical)
        for route in small_app(tmp_path).router.routes()
        if route.method != "HEAD" and route.resource is not None
    }
    known = {(call.method, prefix + call.route) for call in WIRE for prefix in ("", API)}
    known |= {(call.method, call.route) for call in OURS}
    assert {(method, path) for method, path in routes - known if path not in FOR_PEOPLE} == set()
    assert known <= routes


@pytest.mark.parametrize("prefix", ["", API], ids=["plain", "api"])
async def test_every_wire_route_answers(tmp_path: Path, prefix: str) -> None:
    assert await wrong_answers(tmp_path, [call._replace(path=prefix + call.path) for call in WIRE]) == []


async def test_every_route_of_our_own_answers(tmp_path: Path) -> None:
    assert await wrong_answers(tmp_path, OURS) == []


async def wrong_answers(folder: Path, calls: Any) -> list[str]:
    """What was answered otherwise than the table says, in the order of the calls."""
    found: list[str] = []
    async with asyncio.timeout(SECONDS), server(folder) as (url, _), aiohttp.ClientSession() as session:
        for call in calls:
            status, text = await answered(session, url, call)
            if status != call.status:
                found.append(f"{call.method} {call.path}: {status} instead of {call.status}: {text[:200]}")
            if call.route == OWN + "runs":
                await over(session, url)
    return found


async def answered(session: aiohttp.ClientSession, url: str, call: Call) -> tuple[int, str]:
    """The status of a call and the text of its answer, nothing of a stream or of a websocket."""
    if call.status == 101:
        async with session.ws_connect(url + call.path) as line:
            assert (await line.receive_json())["type"] == "status"
        return 101, ""
    async with session.request(call.method, url + call.path, json=call.body) as answer:
        return answer.status, "" if re.search(r"stream$", call.path) else await answer.text()


async def over(session: aiohttp.ClientSession, url: str) -> None:
    """Wait until nothing waits or runs."""
    while True:
        async with session.get(f"{url}/prompt") as answer:
            if (await answer.json())["exec_info"]["queue_remaining"] == 0:
                return
        await asyncio.sleep(0.01)
