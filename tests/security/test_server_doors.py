"""The whole server with a real desk and worker: every route met without the token, read without a change, and where it
may listen at all (T24, T25, T27, T28, T32)."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError
from PIL import Image

from runs.desk import Desk
from server.security import refusal_to_listen
from server.tokens import PUBLIC
from tests.runs.toy_desk import ended, opened, shows, submission, through, until
from tests.server.small_server import TOKEN, Client, own_origin, serving, small_app, with_token

BEARER = {"Authorization": f"Bearer {TOKEN}"}
DATABASE = "runs.sqlite"

# What a GET that changed something might listen to.
TEMPTING: Mapping[str, str] = {
    "clear": "true",
    "delete": "all",
    "interrupt": "1",
    "prompt_id": "waiting",
    "overwrite": "true",
    "unload_models": "true",
    "free_memory": "true",
    "front": "true",
    "enabled": "true",
    "filename": "a.png",
    "type": "output",
    "dir": "workflows",
    "path": "workflows",
    "preview": "webp;50",
    "move": "x",
    "name": "a",
}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with a run that ended, one at work and one that waits."""
    async with opened(tmp_path) as desk:
        first = await desk.submit(submission(shows(), id="ended"))
        await ended(desk, first.id)
        await desk.submit(submission(through("ToySleep", seconds=600.0, steps=60_000), id="running"))
        await desk.submit(submission(shows(2), id="waiting"))
        await until(lambda: _is_running(desk))
        yield desk


async def _is_running(desk: Desk) -> bool:
    record = await desk.record("running")
    return record is not None and record.state == "running"


@pytest.fixture
async def client(tmp_path: Path, desk: Desk) -> AsyncIterator[Client]:
    """A client of the server over this desk and some files, which does not send the token by itself."""
    app = small_app(tmp_path, with_token(), desk)
    for folder in ("input", "output"):
        Image.new("RGB", (4, 4)).save(tmp_path / folder / "a.png")
    workflows = tmp_path / "user" / "files" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "a.json").write_text(json.dumps(shows()))
    async with serving(app) as client:
        yield client


def routes_of(client: Client) -> list[tuple[str, str]]:
    """(method, path with plausible names in it) of every route."""
    assert client.app is not None
    names = {
        "id": "ended",
        "prompt_id": "ended",
        "class": "ToyShow",
        "node": "ToyShow",
        "locale": "en",
        "folder": "checkpoints",
        "category": "checkpoints",
        "type": "output",
        "kind": "output",
        "file": "workflows%2Fa.json",
        "dest": "workflows%2Fb.json",
        "name": "a",
        "index": "0",
        "path": "some/where",
        "pack": "some_pack",
    }
    found: list[tuple[str, str]] = []
    for route in client.app.router.routes():
        assert route.resource is not None
        path = route.resource.canonical
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, path
        found += [(method, path) for method in (("GET", "POST", "DELETE") if route.method == "*" else (route.method,))]
    return found


async def everything(base: Path, desk: Desk) -> tuple[object, ...]:
    """What a change would show in: files, runs, the queue, the counter aside."""
    files = {
        path.relative_to(base): path.read_bytes()
        for path in base.rglob("*")
        if path.is_file() and not path.name.startswith(DATABASE)
    }
    running, waiting = await desk.queue()
    records = {record.id: (record.state, record.attempts) for record in await desk.records()}
    return files, [record.id for record in running], [record.id for record in waiting], records


async def test_t25_no_get_changes_anything(tmp_path: Path, client: Client, desk: Desk) -> None:
    before = await everything(tmp_path, desk)
    assert before[1:3] == (["running"], ["waiting"])
    statuses: dict[str, int] = {}
    for method, path in routes_of(client):
        if method in ("GET", "HEAD"):
            for params in ({}, TEMPTING):
                async with client.request(method, path, params=params, headers=BEARER) as answer:
                    statuses[path] = min(answer.status, statuses.get(path, 999))
    assert {path: status for path, status in statuses.items() if status >= 500} == {}
    assert sum(status == 200 for status in statuses.values()) > 40
    assert await everything(tmp_path, desk) == before


async def test_t25_the_methods_that_change_something_are_never_get(client: Client) -> None:
    changing = (
        "/interrupt",
        "/free",
        "/upload",
        "/move",
        "/cancel",
        "/retry",
        "/run",
        "/subscribe",
        "/validate",
        "/plan",
    )
    reading = [path for method, path in routes_of(client) if method in ("GET", "HEAD")]
    assert [path for path in reading if path.endswith(changing)] == []


async def test_t28_every_route_asks_for_the_token_and_then_does_nothing(
    tmp_path: Path, client: Client, desk: Desk
) -> None:
    before = await everything(tmp_path, desk)
    for method, path in routes_of(client):
        public = ("GET" if method == "HEAD" else method, path.removeprefix("/api")) in PUBLIC
        if not public:
            async with client.request(method, path, json=None if method in ("GET", "HEAD") else {}) as answer:
                assert answer.status == 401, (method, path)
    assert await everything(tmp_path, desk) == before


async def test_t28_with_the_token_the_routes_answer(client: Client) -> None:
    for path in ("/queue", "/api/history", "/object_info", "/api/v1/runs", "/metrics", "/view?filename=a.png"):
        assert (await client.get(path, headers=BEARER)).status == 200, path


async def test_t28_a_websocket_needs_the_token_in_its_header_its_address_or_its_cookie(client: Client) -> None:
    for path, headers in (("/ws", {}), ("/api/ws?token=wrong", {}), ("/ws", {"Authorization": "Bearer wrong"})):
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(path, headers=headers)
        assert refused.value.status == 401
    for path, headers in (("/ws", BEARER), (f"/ws?token={TOKEN}", {})):
        async with client.ws_connect(path, headers=headers) as socket:
            assert (await socket.receive_json(timeout=20))["type"] == "status"
    await client.post("/login", data={"token": TOKEN})
    async with client.ws_connect("/ws", headers={"Origin": own_origin(client)}) as socket:
        assert (await socket.receive_json(timeout=20))["type"] == "status"


async def test_t24_a_websocket_from_another_page_is_refused_even_with_the_cookie(client: Client) -> None:
    await client.post("/login", data={"token": TOKEN})
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect("/ws", headers=headers)
        assert refused.value.status == 403


async def test_t21_a_form_of_another_page_with_the_cookie_changes_nothing(
    tmp_path: Path, client: Client, desk: Desk
) -> None:
    await client.post("/login", data={"token": TOKEN})
    before = await everything(tmp_path, desk)
    evil = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    for method, path in routes_of(client):
        if method in ("POST", "PUT", "PATCH", "DELETE"):
            for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
                headers = {**evil, "Content-Type": content_type}
                answer = await client.request(method, path, data='{"clear": true}', headers=headers)
                assert answer.status == 403, (method, path)
    assert await everything(tmp_path, desk) == before


@pytest.mark.parametrize(
    "name",
    [
        DATABASE,
        "../runs.sqlite",
        "..%2Fruns.sqlite",
        "%2e%2e/runs.sqlite",
        "settings.json",
        "../settings.json",
        "runs.sqlite-wal",
    ],
)
async def test_t32_the_database_and_the_settings_have_no_name_in_any_file_route(
    tmp_path: Path, client: Client, name: str
) -> None:
    (tmp_path / "user" / DATABASE).write_bytes(b"SQLite format 3\0")
    (tmp_path / "user" / "settings.json").write_text('{"secret": 1}')
    for route in (
        f"/view?filename={name}",
        f"/view?filename={name}&type=input",
        f"/view?filename={name}&subfolder=../user",
        f"/view?filename={name}&type=user",
        f"/userdata/{name}",
        f"/view_metadata/checkpoints?filename={name}",
        f"/{name}",
        f"/user/{name}",
    ):
        answer = await client.get(route, headers=BEARER)
        assert answer.status in (400, 403, 404), route
        assert b"SQLite" not in await answer.read()


async def test_t46_a_thousand_requests_at_once_are_all_answered(client: Client) -> None:
    async def health() -> int:
        async with client.get("/health") as answer:
            return answer.status

    assert set(await asyncio.gather(*(health() for _ in range(1000)))) == {200}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "box.lan", "fe80::1", "localhost.evil.example"])
def test_t27_without_a_token_only_this_machine_is_listened_to(host: str) -> None:
    refusal = refusal_to_listen(host, None, insecure=False)
    assert refusal is not None
    assert "NODELOOM_TOKEN" in refusal and "--insecure" in refusal and "127.0.0.1" in refusal
    assert refusal_to_listen(host, "", insecure=False) is not None
    assert refusal_to_listen(host, TOKEN, insecure=False) is None
    assert refusal_to_listen(host, None, insecure=True) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost", "LOCALHOST"])
def test_t27_on_this_machine_no_token_is_needed(host: str) -> None:
    assert refusal_to_listen(host, None, insecure=False) is None
