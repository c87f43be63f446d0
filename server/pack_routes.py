"""Requests to HTTP routes of packs are handed on to the worker that serves them, and its answers handed back (T48).

Workers serve only the routes of packs that the operator allowed by name. Such a request has passed every check that
others pass, and no route of ours and no file of the front end lies at its address. What proves who the client is stays
here: cookies and Authorization are not handed on, and a pack can set no cookie and let no other page in.
"""

from collections.abc import AsyncIterator
from typing import Final

import aiohttp
from aiohttp import web
from aiohttp.typedefs import LooseHeaders, StrOrURL

from runs.brought import Door
from server.errors import RETRY_AFTER, Refused
from server.keys import DESK, SETTINGS

SECRET_HEADER: Final = "X-Nodeloom-Secret"
LOOPBACK: Final = "127.0.0.1"
PREFIX: Final = "/api"
PIECE: Final = 2**16
MOST_ANSWER: Final = 2**30
"""Bytes of an answer; the connection breaks where a pack sends more."""

CONNECT_SECONDS: Final = 5.0
SILENT_SECONDS: Final = 60.0
"""Without a byte of the answer until a pack is too slow."""

# Of one connection only (RFC 9110), or what the next connection says anew.
HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "expect", "host"}
)
NOT_HANDED_ON: Final = HOP_BY_HOP | {"cookie", "authorization", SECRET_HEADER.lower(), "content-length"}
NOT_HANDED_BACK: Final = HOP_BY_HOP | {"set-cookie", "server", "www-authenticate"}
FOREIGN: Final = ("access-control-", "clear-site-data", "service-worker-allowed")

CLIENT: Final = web.AppKey("pack_client", aiohttp.ClientSession)


async def connect(app: web.Application) -> AsyncIterator[None]:
    """Hold a client for the application's `cleanup_ctx`."""
    limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS)
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, timeout=limits, trust_env=False
    ) as session:
        app[CLIENT] = session
        yield


async def answer_of_pack(request: web.Request) -> web.StreamResponse | None:
    """The answer of the pack whose route this is; None for one of no pack.

    Raises Refused: 503 where the worker is gone, 504 where the pack is too slow, 502 where it broke off, 413.
    """
    desk = request.app[DESK]
    doors = desk.brought.doors()
    if doors:
        method = "GET" if request.method == "HEAD" else request.method
        asked = request.clone(method=method, rel_url=_address(request))
        doors = [door for door in doors if await _has_route(door, asked)]
    if not doors:
        return None
    open_doors = [door for door in doors if door.worker in desk.serving()]
    if not open_doors:
        raise _gone()
    return await _handed_on(request, open_doors[0])


async def _has_route(door: Door, asked: web.Request) -> bool:
    """Whether a worker serves what is asked for."""
    for route in door.routes:
        dispatcher = web.UrlDispatcher()
        try:
            dispatcher.add_route(route.method, route.path, _nowhere)
        except ValueError:
            continue
        if (await dispatcher.resolve(asked)).http_exception is None:
            return True
    return False


async def _nowhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound


def _address(request: web.Request, port: int | None = None) -> StrOrURL:
    """What the pack knows as the address: without `/api`. port: of the worker, for the whole address."""
    path = request.rel_url.raw_path
    if path.startswith(f"{PREFIX}/"):
        path = path.removeprefix(PREFIX)
    query = request.rel_url.raw_query_string
    if port is None:
        return request.rel_url.build(path=path, query_string=query, encoded=True)
    return request.rel_url.build(scheme="http", host=LOOPBACK, port=port, path=path, query_string=query, encoded=True)


async def _handed_on(request: web.Request, door: Door) -> web.StreamResponse:
    headers = request.headers.copy()
    for name in {name for name in headers if name.lower() in NOT_HANDED_ON}:
        headers.popall(name, None)
    headers[SECRET_HEADER] = door.secret
    body = _Body(request)
    if request.body_exists and request.content_length is not None:
        headers["Content-Length"] = str(request.content_length)
    begun = False
    try:
        async with request.app[CLIENT].request(
            request.method,
            _address(request, door.port),
            headers=headers,
            data=body.pieces() if request.body_exists else None,
            allow_redirects=False,
        ) as answer:
            response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_back(answer))
            begun = True
            await response.prepare(request)
            await _copy(answer, response)
            return response
    except TimeoutError:
        if begun:
            raise ConnectionError("a pack stopped in the middle of its answer") from None
        text = f"the pack did not answer within {SILENT_SECONDS:g} s; see the server's log, or mend the pack"
        raise Refused(504, "pack_too_slow", text) from None
    except aiohttp.ClientConnectorError:
        raise _gone() from None
    except aiohttp.ClientError as error:
        if body.is_too_long:
            most = request.app[SETTINGS].most_body
            raise Refused(413, "body_too_large", f"the body is longer than {most} bytes") from None
        if begun:
            raise ConnectionError("a pack broke off its answer") from None
        raise Refused(502, "pack_broke_off", f"the pack gave no answer: {type(error).__name__}") from None


def _gone() -> Refused:
    text = "the worker that serves this route is gone and another one takes over; try again in a few seconds"
    return Refused(503, "no_worker", text, headers={"Retry-After": RETRY_AFTER})


class _Body:
    """The body of a request on its way, as long as it keeps to the bound of bodies."""

    def __init__(self, request: web.Request) -> None:
        self.is_too_long = False
        self._request = request

    async def pieces(self) -> AsyncIterator[bytes]:
        """One after the other."""
        left = self._request.app[SETTINGS].most_body
        async for piece in self._request.content.iter_chunked(PIECE):
            left -= len(piece)
            if left < 0:
                self.is_too_long = True
                raise ValueError("the body is too long")
            yield piece


def _back(answer: aiohttp.ClientResponse) -> LooseHeaders:
    """The headers of an answer that reach the client. A redirection stays on this server (T20)."""
    kept = answer.headers.copy()
    for name in set(kept):
        if name.lower() in NOT_HANDED_BACK or name.lower().startswith(FOREIGN):
            kept.popall(name, None)
    target = kept.get("Location", "/")
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        kept.popall("Location")
    return kept


async def _copy(answer: aiohttp.ClientResponse, response: web.StreamResponse) -> None:
    left = MOST_ANSWER
    async for piece in answer.content.iter_chunked(PIECE):
        left -= len(piece)
        if left < 0:
            raise ConnectionError("a pack's answer is larger than this server hands on")
        await response.write(piece)
    await response.write_eof()
