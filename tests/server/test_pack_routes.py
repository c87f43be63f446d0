"""T48: HTTP routes of packs are off unless the operator allowed the pack, and then they reach nothing of ours."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from packs.compat import pack_routes as in_worker
from server import pack_routes
from tests.packs.conftest import native
from tests.server.pack_desk import pack_server, put
from tests.server.small_server import TOKEN
from tests.server.v1_server import Api

ROUTES = (
    native("Routed")
    + """
import asyncio
from aiohttp import web
from server import PromptServer

routes = PromptServer.instance.routes

@routes.get("/toy/echo/{word}")
async def echo(request):
    return web.json_response(
        {"word": request.match_info["word"], "query": dict(request.query), "headers": dict(request.headers)},
        headers={"X-Toy": "yes", "Set-Cookie": "nodeloom_session=stolen", "Access-Control-Allow-Origin": "*"},
    )

@routes.post("/toy/count")
async def count(request):
    return web.Response(text=str(len(await request.read())))

@routes.get("/toy/slow")
async def slow(request):
    await asyncio.sleep(600)

@routes.get("/toy/away")
async def away(request):
    raise web.HTTPFound("https://example.org/")

@routes.get("/toy/here")
async def here(request):
    raise web.HTTPFound("/toy/echo/again")

@routes.get("/toy/fails")
async def fails(request):
    raise ValueError("as asked")

@routes.get("/toy/stream")
async def stream(request):
    answer = web.StreamResponse()
    await answer.prepare(request)
    for number in range(1000):
        await answer.write(b"x" * 1000)
    return answer

@routes.get("/object_info")
@routes.post("/object_info")
@routes.get("/system_stats")
async def ours(request):
    return web.Response(text="shadowed")

@routes.get("/{anything:.*}")
async def everything(request):
    return web.Response(text="caught " + request.path)
"""
)


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "custom_nodes"
    put(folder, "routed/__init__.py", ROUTES)
    return folder


@pytest.fixture
async def api(packs: Path, tmp_path: Path) -> AsyncIterator[Api]:
    async with pack_server(tmp_path / "base", packs, "--allow-routes=routed", most_body=10_000) as api:
        yield api


async def test_t48_without_a_word_of_the_operator_no_route_of_a_pack_is_served(packs: Path, tmp_path: Path) -> None:
    async with pack_server(tmp_path / "base", packs) as api:
        assert (await api.client.get("/toy/echo/a")).status == 404
        assert (await api.client.get("/api/toy/echo/a")).status == 404
        told = await api.ask("GET", "packs/routed")
        assert (told["state"], told["serves_routes"]) == ("loaded", False)
        assert "GET /toy/echo/{word}" in told["routes"]
        assert told["remedy"] == "If you trust it, start the server with --allow-routes routed."
        assert not api.desk.brought.doors(), "nothing listens"


async def test_an_allowed_route_is_answered_with_and_without_the_prefix(api: Api) -> None:
    for prefix in ("", "/api"):
        answer = await api.client.get(f"{prefix}/toy/echo/a%2Fb?x=1&y=%20")
        told = await answer.json()
        assert (answer.status, told["word"], told["query"]) == (200, "a/b", {"x": "1", "y": " "})
    assert (await api.ask("GET", "packs/routed"))["serves_routes"] is True
    counted = await api.client.post("/toy/count", data=b"x" * 9999)
    assert await counted.text() == "9999"
    head = await api.client.head("/toy/echo/a")
    assert (head.status, head.headers["X-Toy"]) == (200, "yes")


async def test_what_proves_who_a_client_is_stays_here_and_a_pack_lets_nobody_in(packs: Path, tmp_path: Path) -> None:
    async with pack_server(tmp_path / "base", packs, "--allow-routes=routed", token=TOKEN) as api:
        assert (await api.client.get("/toy/echo/a")).status == 401
        headers = {"Authorization": f"Bearer {TOKEN}", "Cookie": "nodeloom_session=x", "X-Mine": "1", "TE": "trailers"}
        answer = await api.client.get("/toy/echo/a", headers=headers)
        text = await answer.text()
        sent = {name.lower() for name in json.loads(text)["headers"]}
        assert "x-mine" in sent
        assert not sent & {"authorization", "cookie", "te"}
        assert TOKEN not in text
        assert answer.headers["X-Toy"] == "yes"
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_t22_t23_hosts_and_origins_are_checked_as_for_every_route(api: Api) -> None:
    assert (await api.client.get("/toy/echo/a", headers={"Host": "evil.example"})).status == 403
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await api.client.post("/toy/count", headers=headers)).status == 403


async def test_no_route_of_a_pack_takes_the_place_of_one_of_ours(api: Api) -> None:
    assert "Routed" in await (await api.client.get("/object_info")).json()
    assert "system" in await (await api.client.get("/api/system_stats")).json()
    assert (await api.client.post("/object_info", json={})).status == 405
    assert await (await api.client.get("/api/v1/packs")).json()
    page = await (await api.client.get("/")).text()
    assert "caught" not in page
    assert await (await api.client.get("/toy/else")).text() == "caught /toy/else"


async def test_t46_a_body_that_is_too_long_is_refused_also_when_it_does_not_say_so(api: Api) -> None:
    assert (await api.client.post("/toy/count", data=b"x" * 20_000)).status == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 1000

    assert (await api.client.post("/toy/count", data=pieces())).status == 413
    assert await (await api.client.post("/toy/count", data=b"xx")).text() == "2"


async def test_a_long_answer_comes_whole_and_one_beyond_the_bound_breaks(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await api.client.get("/toy/stream")
    assert len(await answer.read()) == 1_000_000
    monkeypatch.setattr(pack_routes, "MOST_ANSWER", 500_000)
    with pytest.raises(aiohttp.ClientError):
        await (await api.client.get("/toy/stream")).read()


async def test_t20_a_pack_redirects_within_this_server_only(api: Api) -> None:
    here = await api.client.get("/toy/here", allow_redirects=False)
    assert (here.status, here.headers["Location"]) == (302, "/toy/echo/again")
    away = await api.client.get("/toy/away", allow_redirects=False)
    assert "Location" not in away.headers


async def test_a_pack_that_fails_or_is_too_slow_is_said_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await api.client.get("/toy/fails")).status == 500
    client = api.client.server.app[pack_routes.CLIENT]  # type: ignore[union-attr]
    impatient = aiohttp.ClientTimeout(total=None, sock_read=0.2)
    monkeypatch.setattr(client, "_timeout", impatient)
    slow = await api.client.get("/toy/slow")
    assert (slow.status, (await slow.json())["error"]["type"]) == (504, "pack_too_slow")


async def test_while_no_worker_is_there_the_answer_is_503_and_then_it_works_again(api: Api) -> None:
    (worker,) = api.desk.workers()
    os.kill(worker.pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        while (answer := await api.client.get("/toy/echo/a")).status != 503:
            pass
        assert (await answer.json())["error"]["type"] == "no_worker"
        assert answer.headers["Retry-After"]
        while (await api.client.get("/toy/echo/a")).status != 200:
            await asyncio.sleep(0.05)


async def test_only_the_server_is_answered_by_the_worker(api: Api) -> None:
    (door,) = api.desk.brought.doors()
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {in_worker.SECRET_HEADER: "guessed"}):
            async with session.get(f"http://127.0.0.1:{door.port}/toy/echo/a", headers=headers) as answer:
                assert answer.status == 403
    assert in_worker.SECRET_HEADER == pack_routes.SECRET_HEADER
    assert door.secret not in await (await api.client.get("/toy/echo/a")).text(), "the pack is told the secret"


async def test_routes_follow_the_pack_when_it_is_read_anew(packs: Path, tmp_path: Path) -> None:
    async with pack_server(tmp_path / "base", packs, "--allow-routes=routed", dev=True) as api:
        put(
            packs, "routed/__init__.py", ROUTES.replace("/toy/echo/", "/toy/other/").replace('"/{anything:.*}"', '"/x"')
        )
        await api.ask("POST", "packs/reload")
        assert (await api.client.get("/toy/echo/a")).status == 404
        assert (await (await api.client.get("/toy/other/a")).json())["word"] == "a"
        assert "GET /toy/echo/{word}" not in (await api.ask("GET", "packs/routed"))["routes"]
