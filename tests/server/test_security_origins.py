"""Which names and pages may speak to the server: T21 to T24 and T26."""

import socket
from pathlib import Path

import pytest

from server.origins import Authority, host_is_allowed, is_same_origin, read_authority
from server.settings import Settings
from tests.server.small_server import Client, own_origin, raw_exchange, small_server

FRIEND = "http://localhost:5173"
FOREIGN_ORIGINS = (
    "null",
    "http://evil.example",
    "https://evil.example",
    "http://localhost:1",
    "http://127.0.0.1",
    "http://[::1]:8188",
    "chrome-extension://abcdef",
    "file://",
    "http://127.0.0.1.evil.example:8188",
    "http://evil@127.0.0.1",
    "",
    " ",
    "http://",
)
CHANGES = (
    ("POST", "/prompt"),
    ("POST", "/api/queue"),
    ("POST", "/interrupt"),
    ("POST", "/upload/image"),
    ("DELETE", "/userdata/x.json"),
    ("PATCH", "/internal/logs/subscribe"),
    ("PUT", "/nothing"),
)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("localhost", Authority("localhost", None)),
        ("LocalHost:8188", Authority("localhost", 8188)),
        ("[::1]:8188", Authority("::1", 8188)),
        ("[0:0:0:0:0:0:0:1]", Authority("::1", None)),
        ("10.0.0.7:80", Authority("10.0.0.7", 80)),
        ("a-b.example", Authority("a-b.example", None)),
        ("", None),
        (":8188", None),
        ("a:b", None),
        ("a:123456", None),
        ("user@localhost", None),
        ("localhost/x", None),
        ("local host", None),
        ("[::g]", None),
        ("::1", None),
        ("a\r\nb", None),
        ("ä", None),
        ("localhost\n", None),
        (".localhost", None),
    ],
)
def test_an_authority_is_read_strictly(text: str, read: Authority | None) -> None:
    assert read_authority(text) == read


@pytest.mark.parametrize(
    ("host", "settings", "allowed"),
    [
        ("localhost", Settings(), True),
        ("127.0.0.1", Settings(), True),
        ("127.9.9.9", Settings(), True),
        ("::1", Settings(), True),
        ("evil.example", Settings(), False),
        ("localhost.evil.example", Settings(), False),
        ("127.0.0.1.evil.example", Settings(), False),
        ("10.0.0.7", Settings(), False),
        ("0.0.0.0", Settings(), False),
        ("box.lan", Settings(allowed_hosts=frozenset({"Box.lan"})), True),
        ("box.lan", Settings(allowed_hosts=frozenset({"box.lan:9000"})), True),
        ("other.lan", Settings(allowed_hosts=frozenset({"box.lan"})), False),
        ("10.0.0.7", Settings(host="10.0.0.7"), True),
        ("10.0.0.8", Settings(host="10.0.0.7"), False),
        ("10.0.0.8", Settings(host="0.0.0.0"), True),
        ("fe80::1", Settings(host="::"), True),
        (socket.gethostname().lower(), Settings(host="0.0.0.0"), True),
        ("evil.example", Settings(host="0.0.0.0"), False),
    ],
)
def test_t23_only_names_of_this_server_are_answered_to(host: str, settings: Settings, allowed: bool) -> None:
    assert host_is_allowed(host, settings) is allowed


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://localhost:8188", "localhost:8188", True),
        ("https://box.lan", "box.lan", True),
        ("https://box.lan", "box.lan:443", True),
        ("http://box.lan", "box.lan:80", True),
        ("http://[::1]:8188", "[::1]:8188", True),
        ("http://LOCALHOST:8188", "localhost:8188", True),
        ("http://127.0.0.1:8188", "localhost:8188", False),
        ("http://localhost:8189", "localhost:8188", False),
        ("http://localhost", "localhost:8188", False),
        ("https://box.lan", "box.lan:80", False),
        ("ftp://localhost:8188", "localhost:8188", False),
        ("http://localhost:8188/", "localhost:8188", False),
        ("null", "localhost:8188", False),
    ],
)
def test_an_origin_is_ours_only_with_the_same_host_and_port(origin: str, host: str, same: bool) -> None:
    assert is_same_origin(origin, host) is same


@pytest.mark.parametrize("path", ["/", "/api/queue", "/system_stats", "/health", "/ws", "/login", "/nothing/here"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "10.0.0.7", "localhost.evil.example"])
async def test_t23_every_route_refuses_a_foreign_host(open_client: Client, path: str, host: str) -> None:
    answer = await open_client.get(path, headers={"Host": host})
    assert answer.status == 403
    assert "--allow-host" in await answer.text()


@pytest.mark.parametrize(
    "lines",
    [b"", b"Host: localhost\r\nHost: localhost\r\n", b"Host: \r\n", b"Host: a b\r\n", b"Host: localhost:x\r\n"],
    ids=["none", "two", "empty", "blank", "port"],
)
async def test_t23_a_host_that_is_missing_or_garbled_is_a_bad_request(open_client: Client, lines: bytes) -> None:
    for version in (b"1.1", b"1.0"):
        request = b"GET /health HTTP/" + version + b"\r\n" + lines + b"Connection: close\r\n\r\n"
        assert (await raw_exchange(open_client, request)).split(b" ")[1] == b"400"


async def test_t23_the_address_in_the_request_line_does_not_stand_in_for_the_host(open_client: Client) -> None:
    request = b"GET http://localhost/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert (await raw_exchange(open_client, request)).split(b" ")[1] in (b"400", b"403")


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize(
    ("method", "path"), [*CHANGES, ("GET", "/system_stats"), ("HEAD", "/"), ("OPTIONS", "/prompt")]
)
async def test_t22_a_foreign_origin_is_refused_with_an_empty_body(
    open_client: Client, method: str, path: str, origin: str
) -> None:
    answer = await open_client.request(method, path, headers={"Origin": origin}, json={})
    assert (answer.status, await answer.read()) == (403, b"")


async def test_t22_two_origins_are_refused(open_client: Client) -> None:
    own = own_origin(open_client)
    answer = await open_client.get("/health", headers=[("Origin", own), ("Origin", own)])
    assert answer.status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense", ""])
@pytest.mark.parametrize(("method", "path"), CHANGES)
async def test_t22_a_change_from_a_foreign_page_is_refused_without_an_origin_too(
    open_client: Client, method: str, path: str, site: str
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await open_client.request(method, path, headers=headers)).status == 403


@pytest.mark.parametrize("mode", ["no-cors", "cors", "websocket"])
async def test_a_foreign_page_cannot_embed_anything(open_client: Client, mode: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "image"}
    assert (await open_client.get("/view?filename=a.png", headers=headers)).status == 403
    frame = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    assert (await open_client.get("/", headers=frame)).status == 403


async def test_a_link_on_another_page_may_open_the_first_page(open_client: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await open_client.get("/", headers=headers)).status == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, {"Sec-Fetch-Site": "none"}],
    ids=["program", "own page", "address bar"],
)
async def test_programs_and_our_own_pages_pass(open_client: Client, headers: dict[str, str]) -> None:
    assert (await open_client.get("/system_stats", headers=headers)).status == 200
    own = {**headers, "Origin": own_origin(open_client)}
    assert (await open_client.get("/system_stats", headers=own)).status == 200


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_t24_a_websocket_from_a_foreign_page_is_refused_at_the_handshake(
    open_client: Client, origin: str
) -> None:
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    answer = await open_client.get("/ws", headers={**handshake, "Origin": origin})
    assert answer.status == 403
    answer = await open_client.get("/api/ws?clientId=x", headers={**handshake, "Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json", None],
)
async def test_t21_a_form_on_another_page_changes_nothing(open_client: Client, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    for browser in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        for method, path in CHANGES:
            sent = {**headers, **browser}
            answer = await open_client.request(
                method, path, headers=sent, data=b"{}", skip_auto_headers=["Content-Type"]
            )
            assert answer.status in (403, 415)


async def test_t26_no_answer_lets_another_page_read_it(open_client: Client) -> None:
    for origin in ("http://evil.example", "null", own_origin(open_client)):
        for method in ("GET", "OPTIONS", "POST"):
            headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer = await open_client.request(method, "/system_stats", headers=headers)
            assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []


async def test_t26_a_listed_origin_may_read_but_never_with_credentials(tmp_path: Path) -> None:
    async with small_server(tmp_path, Settings(allowed_origins=frozenset({FRIEND}))) as client:
        answer = await client.get("/system_stats", headers={"Origin": FRIEND})
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
        assert "Origin" in answer.headers["Vary"]
        preflight = await client.options("/prompt", headers={"Origin": FRIEND, "Access-Control-Request-Method": "POST"})
        assert preflight.status == 204
        assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
        for each in (answer, preflight):
            assert "Access-Control-Allow-Credentials" not in each.headers
        other = await client.get("/system_stats", headers={"Origin": FRIEND + "0"})
        assert (other.status, other.headers.get("Access-Control-Allow-Origin")) == (403, None)
