"""What goes with every answer, and what never does: traces, paths and line breaks of the client's (T44)."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from aiohttp import web

from server.headers import FOREIGN_FRONTEND_POLICY, PAGE_POLICY
from server.settings import Settings
from tests.server.small_server import Client, raw_exchange, serving, small_app, small_server, with_token

EXPECTED: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": PAGE_POLICY,
    "Server": "Nodeloom",
}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("HEAD", "/", {}),
        ("GET", "/health", {}),
        ("GET", "/login", {}),
        ("GET", "/nothing", {}),
        ("GET", "/nothing", {"Accept": "text/html"}),
        ("GET", "/api/v1/nothing", {}),
        ("DELETE", "/system_stats", {}),
        ("GET", "/system_stats", {"Host": "evil.example"}),
        ("POST", "/prompt", {"Origin": "http://evil.example"}),
        ("GET", "/health", {"Expect": "nonsense"}),
    ],
)
async def test_every_answer_carries_the_protecting_headers(
    open_client: Client, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await open_client.request(method, path, headers=headers)
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED


async def test_an_answer_of_the_door_carries_them_too(tmp_path: Path) -> None:
    async with small_server(tmp_path, with_token()) as client:
        answer = await client.get("/system_stats")
        assert answer.status == 401
        assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED


async def test_streams_and_websockets_carry_them(tmp_path: Path) -> None:
    app = small_app(tmp_path)

    async def stream(request: web.Request) -> web.StreamResponse:
        if "Upgrade" in request.headers:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.close()
            return socket
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"x")
        return answer

    app.middlewares.append(web.middleware(lambda request, handler: stream(request)))  # in place of every route
    async with serving(app) as client:
        answer = await client.get("/")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        async with client.ws_connect("/") as socket:
            assert socket._response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_route_may_set_a_stricter_policy(tmp_path: Path) -> None:
    app = small_app(tmp_path)

    async def sandboxed(request: web.Request) -> web.StreamResponse:
        return web.Response(headers={"Content-Security-Policy": "sandbox"})

    app.middlewares.append(web.middleware(lambda request, handler: sandboxed(request)))
    async with serving(app) as client:
        assert (await client.get("/")).headers["Content-Security-Policy"] == "sandbox"


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def test_pages_of_ours_run_no_inline_script_and_no_built_code() -> None:
    found = directives(PAGE_POLICY)
    assert found["script-src"] == found["default-src"] == found["connect-src"] == "'self'"
    assert (found["frame-ancestors"], found["base-uri"], found["object-src"]) == ("'none'", "'none'", "'none'")


def test_a_stock_front_end_may_run_what_it_builds_but_reach_nobody_else() -> None:
    found = directives(FOREIGN_FRONTEND_POLICY)
    assert {name: value for name, value in found.items() if name not in ("script-src", "font-src")} == {
        name: value for name, value in directives(PAGE_POLICY).items() if name != "script-src"
    }
    assert not re.search(r"https?:|\*", FOREIGN_FRONTEND_POLICY)


HOSTILE_VALUES = ("x%0d%0aSet-Cookie:%20a=b", "x%0aX-Evil:%201", "%00", "%e2%80%a8", "x%0d%0a%0d%0a<script>")


@pytest.mark.parametrize("value", HOSTILE_VALUES)
@pytest.mark.parametrize(
    "target",
    [
        "/{}",
        "/api/{}",
        "/api/v1/{}",
        "/docs/{}/en.md",
        "/docs/x/{}.md",
        "/?token={}",
        "/view?filename={}",
        "/view?filename=a.png&subfolder={}&type={}",
        "/ws?clientId={}&token={}",
        "/object_info/{}",
        "/history/{}",
        "/userdata/{}",
        "/view_metadata/checkpoints?filename={}",
        "/models/{}",
        "/api/jobs/{}",
    ],
)
async def test_t44_a_line_break_of_the_client_never_becomes_a_header(tmp_path: Path, target: str, value: str) -> None:
    async with small_server(tmp_path, Settings(allowed_origins=frozenset({"http://friend.example"}))) as client:
        lines = (
            f"GET {target.replace('{}', value)} HTTP/1.1",
            f"Host: {client.host}:{client.port}",
            "Connection: close",
            "",
            "",
        )
        head = (await raw_exchange(client, "\r\n".join(lines).encode())).partition(b"\r\n\r\n")[0].lower()
        assert b"\r\nset-cookie: a=b" not in head
        assert b"\r\nx-evil" not in head
        assert b"<script>" not in head


async def test_t44_a_line_break_in_a_header_is_a_bad_request(open_client: Client) -> None:
    for header in (b"Origin: http://a\rX: y", b"Authorization: Bearer a\x00b", b"Bad Name: x", b"X: a\n b"):
        request = b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\nConnection: close\r\n\r\n"
        assert (await raw_exchange(open_client, request)).split(b" ")[1] in (b"400", b"403")
