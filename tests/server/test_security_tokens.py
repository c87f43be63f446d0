"""Who may: T20, T28 and T30 at the token's door."""

from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from aiohttp import web

from server import tokens
from server.keys import SETTINGS
from server.tokens import COOKIE, MOST_GUESSES, MOST_PEERS, PUBLIC, WINDOW, Guesses, session_value
from tests.server.small_server import (
    TOKEN,
    Client,
    own_origin,
    raw_exchange,
    serving,
    small_app,
    small_server,
    with_token,
)

BEARER = {"Authorization": f"Bearer {TOKEN}"}
PAGE = {"Accept": "text/html,application/xhtml+xml"}


def cookie_of(answer: web.Response | object) -> SimpleCookie:
    return SimpleCookie(getattr(answer, "headers")["Set-Cookie"])  # noqa: B009 - client answers of two kinds


@pytest.mark.parametrize("headers", [BEARER, {"Authorization": f"bearer  {TOKEN}"}])
async def test_the_token_opens(guarded_client: Client, headers: dict[str, str]) -> None:
    assert (await guarded_client.get("/system_stats", headers=headers)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": "Bearer ä€"},
        {"Cookie": f"{COOKIE}={TOKEN.replace(' ', '_')}"},
        {"Cookie": f"{COOKIE}="},
        {"Cookie": f"{COOKIE}={'0' * 64}"},
    ],
)
async def test_t28_without_the_token_there_is_401(guarded_client: Client, headers: dict[str, str]) -> None:
    answer = await guarded_client.get("/system_stats", headers=headers)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert TOKEN not in await answer.text()


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Real-IP", "X-Forwarded-User", "Remote-User", "Comfy-User", "X-Forwarded-Host", "Forwarded"],
)
async def test_t30_identity_headers_do_not_open(guarded_client: Client, header: str) -> None:
    for value in ("127.0.0.1", "admin", "default", "localhost", f"for=127.0.0.1;host=localhost;by={TOKEN}"):
        assert (await guarded_client.get("/system_stats", headers={header: value})).status == 401


async def test_t30_identity_headers_do_not_hide_who_guesses(guarded_client: Client) -> None:
    for guess in range(MOST_GUESSES):
        headers = {
            "Authorization": f"Bearer {guess}",
            "X-Forwarded-For": f"10.0.0.{guess}",
            "X-Real-IP": f"10.1.0.{guess}",
        }
        assert (await guarded_client.get("/system_stats", headers=headers)).status == 401
    assert (await guarded_client.get("/system_stats", headers=BEARER)).status == 429


async def test_t28_every_route_asks_for_the_token_unless_it_is_listed_as_public(guarded_client: Client) -> None:
    assert guarded_client.app is not None
    seen: set[tuple[str, str]] = set()
    for route in guarded_client.app.router.routes():
        assert route.resource is not None
        written = route.resource.canonical
        path = written.replace("{path}", "some/where").replace("{", "").replace("}", "")
        for method in ("GET", "POST", "DELETE", "PUT", "PATCH") if route.method == "*" else (route.method,):
            answer = await guarded_client.request(method, path, allow_redirects=False)
            public = ("GET" if method == "HEAD" else method, written.removeprefix("/api")) in PUBLIC
            if public:
                seen.add((method, written.removeprefix("/api")))
            else:
                assert answer.status == 401, (method, path)
    assert seen >= PUBLIC


async def test_an_unknown_address_is_401_too(guarded_client: Client) -> None:
    for path in ("/nothing", "/api/nothing", "/api/v1/nothing", "/..%2f", "/assets/x.js"):
        assert (await guarded_client.get(path)).status == 401


async def test_the_token_in_an_address_opens_only_the_first_page_and_the_websocket(guarded_client: Client) -> None:
    for path in ("/system_stats", "/api/queue", "/view", "/login/x"):
        assert (await guarded_client.get(path, params={"token": TOKEN})).status == 401
    assert (await guarded_client.post("/", params={"token": TOKEN})).status == 401
    for path in ("/ws", "/api/ws"):
        assert (await guarded_client.get(path, params={"token": TOKEN})).status != 401
        assert (await guarded_client.get(path, params={"token": "x"})).status == 401


async def test_the_token_in_the_address_of_the_first_page_becomes_a_cookie(guarded_client: Client) -> None:
    answer = await guarded_client.get(
        "/", params={"token": TOKEN, "next": "http://evil.example"}, allow_redirects=False
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    morsel = cookie_of(answer)[COOKIE]
    assert morsel.value == session_value(TOKEN)
    assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["secure"]) == (True, "Strict", "/", "")
    assert TOKEN not in str(answer.headers)
    assert (await guarded_client.get("/system_stats")).status == 200  # the client keeps the cookie
    again = await guarded_client.get("/", params={"token": TOKEN}, allow_redirects=False)
    assert (again.status, again.headers["Location"]) == (303, "/")


async def test_a_cookie_of_another_token_does_not_open(guarded_client: Client) -> None:
    headers = {"Cookie": f"{COOKIE}={session_value('another')}"}
    assert (await guarded_client.get("/system_stats", headers=headers)).status == 401


async def test_a_right_token_opens_beside_a_stale_cookie(guarded_client: Client) -> None:
    headers = {"Cookie": f"{COOKIE}={session_value('another')}", **BEARER}
    assert (await guarded_client.get("/system_stats", headers=headers)).status == 200


async def test_a_browser_is_shown_where_to_give_the_token(guarded_client: Client) -> None:
    answer = await guarded_client.get("/", headers=PAGE)
    text = await answer.text()
    assert (answer.status, answer.content_type) == (401, "text/html")
    assert '<form method="post" action="/login">' in text
    assert "<script" not in text
    assert (await guarded_client.get("/api/queue", headers=PAGE)).content_type == "application/json"


async def test_the_form_opens_with_the_token(guarded_client: Client) -> None:
    browser = {"Origin": own_origin(guarded_client)}
    wrong = await guarded_client.post("/login", data={"token": "<b>"}, headers=browser)
    assert wrong.status == 401
    assert "not the token" in await wrong.text()
    assert "<b>" not in await wrong.text()
    right = await guarded_client.post("/login", data={"token": TOKEN}, headers=browser, allow_redirects=False)
    assert (right.status, right.headers["Location"]) == (303, "/")
    assert (await guarded_client.get("/", headers=PAGE)).status == 200


async def test_the_form_without_the_field_is_refused(guarded_client: Client) -> None:
    for data in ({}, {"token": ""}, {"other": TOKEN}):
        assert (await guarded_client.post("/login", data=data)).status == 401
    assert (await guarded_client.post("/login", data=b"x" * 5000)).status == 413


async def test_ten_guesses_in_a_minute_close_the_door_for_all_ways_in(guarded_client: Client) -> None:
    for guess in range(MOST_GUESSES // 2):
        assert (await guarded_client.get("/queue", headers={"Authorization": f"Bearer {guess}"})).status == 401
        assert (await guarded_client.post("/login", data={"token": f"form {guess}"})).status == 401
    for answer in (
        await guarded_client.get("/queue", headers=BEARER),
        await guarded_client.post("/login", data={"token": TOKEN}),
        await guarded_client.get("/", params={"token": TOKEN}),
    ):
        assert answer.status == 429
        assert 0 < int(answer.headers["Retry-After"]) <= WINDOW + 1
    assert (await guarded_client.get("/health")).status == 200


async def test_a_page_left_open_with_an_old_cookie_does_not_close_the_door(guarded_client: Client) -> None:
    for _ in range(3 * MOST_GUESSES):
        headers = {"Cookie": f"{COOKIE}={session_value('old')}"}
        assert (await guarded_client.get("/queue", headers=headers)).status == 401
        assert (await guarded_client.get("/queue")).status == 401
    assert (await guarded_client.get("/system_stats", headers=BEARER)).status == 200


def test_guesses_are_forgotten_after_a_minute() -> None:
    now = [100.0]
    guesses = Guesses(lambda: now[0])
    for guess in range(MOST_GUESSES):
        assert guesses.wait("a") == 0
        guesses.note("a", str(guess))
        now[0] += 1
    assert guesses.wait("a") == int(WINDOW) - MOST_GUESSES + 1
    assert guesses.wait("b") == 0
    now[0] = 100.0 + WINDOW
    assert guesses.wait("a") == 0


def test_the_table_of_guesses_stays_small() -> None:
    guesses = Guesses(lambda: 0.0)
    for peer in range(3 * MOST_PEERS):
        guesses.note(str(peer), "x")
    assert len(guesses.peers) == MOST_PEERS
    assert str(3 * MOST_PEERS - 1) in guesses.peers


async def test_without_a_token_the_form_leads_to_the_first_page(open_client: Client) -> None:
    answer = await open_client.post("/login", data={"token": "x"}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "/%2f%2fevil.example", "/?token=x&next=//evil", "/login?next=//evil"],
)
async def test_t20_no_address_redirects_to_another_host(tmp_path: Path, target: str) -> None:
    for settings in (with_token(), with_token(token=None)):
        async with small_server(tmp_path, settings) as client:
            lines = (f"GET {target} HTTP/1.1", f"Host: {client.host}:{client.port}", "Connection: close", "", "")
            head = (await raw_exchange(client, "\r\n".join(lines).encode())).partition(b"\r\n\r\n")[0]
            assert int(head.split(b" ")[1]) in (200, 401, 404)
            assert b"location:" not in head.lower()


async def test_over_tls_the_cookie_is_for_tls_only(tmp_path: Path) -> None:
    app = small_app(tmp_path, with_token())
    seen: list[str] = []

    async def secure_login(request: web.Request) -> web.StreamResponse:
        secure = request.clone(scheme="https")
        answer = tokens.opened(secure, request.app[SETTINGS].token or "")
        seen.append(answer.cookies[COOKIE].OutputString())
        return web.Response()

    app.middlewares.append(web.middleware(lambda request, handler: secure_login(request)))  # in place of every route
    async with serving(app) as client:
        await client.get("/", headers=BEARER)
    assert "Secure" in seen[0]
