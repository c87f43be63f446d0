"""What a request may carry: the media types of T21 and the sizes of T46."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.bodies import MOST_LOGIN, most_bytes
from server.settings import Settings
from tests.server.small_server import Client, own_origin, raw_exchange, small_server

SUBSCRIBE = "/internal/logs/subscribe"
BODY = json.dumps({"enabled": True, "clientId": "x"})


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/vnd.x+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonx", 415),
        ("", 415),
        (None, 415),
    ],
)
async def test_t21_a_page_sends_json_as_json(open_client: Client, content_type: str | None, status: int) -> None:
    headers = {"Origin": own_origin(open_client)}
    if content_type is not None:
        headers["Content-Type"] = content_type
    for path in (SUBSCRIBE, "/api" + SUBSCRIBE):
        answer = await open_client.patch(path, data=BODY, headers=headers, skip_auto_headers=["Content-Type"])
        assert answer.status == status


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", None])
async def test_a_script_may_send_json_under_any_type(open_client: Client, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await open_client.patch(SUBSCRIBE, data=BODY, headers=headers, skip_auto_headers=["Content-Type"])
    assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "content_type", "passes"),
    [
        ("/upload/image", "multipart/form-data; boundary=x", True),
        ("/upload/image", "application/json", False),
        ("/userdata/a.json", "application/octet-stream", True),
        ("/userdata/a.json", "text/plain", True),
        ("/settings", "text/plain;charset=UTF-8", True),
        ("/settings", "application/x-www-form-urlencoded", False),
        ("/login", "application/x-www-form-urlencoded", True),
        ("/login", "text/plain", False),
        ("/prompt", "text/plain", False),
        ("/api/v1/runs", "text/plain", False),
    ],
)
async def test_each_route_takes_its_own_types_from_a_page(
    open_client: Client, path: str, content_type: str, passes: bool
) -> None:
    headers = {"Origin": own_origin(open_client), "Content-Type": content_type}
    answer = await open_client.post(path, data=b"x", headers=headers, allow_redirects=False)
    assert (answer.status != 415) is passes


async def test_a_page_may_send_nothing_without_a_type(open_client: Client) -> None:
    headers = {"Origin": own_origin(open_client)}
    answer = await open_client.patch(SUBSCRIBE, headers=headers)
    assert answer.status == 400  # the route itself asks for its body


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/prompt", "most_body"),
        ("/api/prompt", "most_body"),
        ("/upload/image", "most_upload"),
        ("/userdata/a", "most_upload"),
    ],
)
def test_each_kind_of_route_has_its_limit(path: str, most: str) -> None:
    settings = Settings()
    assert most_bytes(path.removeprefix("/api"), settings) == getattr(settings, most)
    assert most_bytes("/login", settings) == MOST_LOGIN


@pytest.mark.parametrize("path", ["/prompt", "/api/queue", "/upload/image", "/userdata/x.json", "/login", "/nothing"])
async def test_t46_a_gigabyte_is_refused_before_it_is_sent(open_client: Client, path: str) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {open_client.host}:{open_client.port}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n"
    )
    answer = await raw_exchange(open_client, head.encode(), most=4096)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


async def test_t46_a_body_that_does_not_say_its_length_is_cut_at_the_limit(tmp_path: Path) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 2**30:
            sent += 2**16
            yield b" " * 2**16
            await asyncio.sleep(0)

    async with small_server(tmp_path, Settings(most_body=2**20)) as client:
        try:
            answer = await client.patch(SUBSCRIBE, data=endless())
            assert answer.status == 413
        except ConnectionError:
            pass  # the server has closed while this client was still sending
        assert sent < 2**28
        assert (await client.get("/health")).status == 200


async def test_t46_a_compressed_body_is_cut_at_the_limit_of_what_it_holds(tmp_path: Path) -> None:
    import zlib

    async with small_server(tmp_path, Settings(most_body=2**20)) as client:
        bomb = zlib.compress(b" " * 2**26)
        assert len(bomb) < 2**20
        answer = await client.patch(SUBSCRIBE, data=bomb, headers={"Content-Encoding": "deflate"})
        assert answer.status == 413


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b'"\\ud800"',
        b"null",
        b"[]",
        b'{"enabled": 1}',
    ],
)
async def test_a_body_that_is_not_what_a_route_takes_is_a_bad_request(open_client: Client, body: bytes) -> None:
    answer = await open_client.patch(SUBSCRIBE, data=body)
    error = (await answer.json())["error"]
    assert (answer.status, error["type"]) == (400, "bad_body")
    assert error["message"]
