"""Who may: one token for every request of a program, and for browsers a cookie that is derived from it."""

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from server import pages
from server.bodies import route_of
from server.errors import OWN_API, Refused
from server.keys import SETTINGS
from server.origins import address_of

COOKIE: Final = "nodeloom_session"
COOKIE_SECONDS: Final = 30 * 24 * 3600
PUBLIC: Final = frozenset({("GET", "/health"), ("GET", "/login"), ("POST", "/login"), ("GET", pages.STYLE_PATH)})
"""Routes that answer without a token. They tell nothing but that a server is here."""

MOST_GUESSES: Final = 10
WINDOW: Final = 60.0
MOST_PEERS: Final = 1024

routes: Final = web.RouteTableDef()


@dataclass(slots=True)
class Guesses:
    """Wrong tokens a peer has tried in the last minute. The same wrong one again is no guess: it is a page or a program
    that was left open when the token changed. The oldest peers are forgotten, so that the table stays small."""

    now: Callable[[], float] = time.monotonic
    peers: OrderedDict[str, OrderedDict[bytes, float]] = field(
        default_factory=OrderedDict[str, OrderedDict[bytes, float]]
    )

    def wait(self, peer: str) -> int:
        """Seconds until this peer is listened to again; 0 if it is."""
        tried = self.peers.get(peer)
        if tried is None:
            return 0
        now = self.now()
        while tried and now - next(iter(tried.values())) >= WINDOW:
            tried.popitem(last=False)
        if not tried:
            del self.peers[peer]
            return 0
        return 0 if len(tried) < MOST_GUESSES else int(WINDOW - (now - next(iter(tried.values())))) + 1

    def note(self, peer: str, wrong: str) -> None:
        """Remember a wrong token, by its digest."""
        tried = self.peers.setdefault(peer, OrderedDict())
        self.peers.move_to_end(peer)
        tried.setdefault(hashlib.sha256(_bytes(wrong)).digest(), self.now())
        while len(self.peers) > MOST_PEERS:
            self.peers.popitem(last=False)


GUESSES: Final = web.AppKey("guesses", Guesses)


@web.middleware
async def check_token(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse whoever does not carry the token, where one is set; public routes aside (T28). Headers in which a client
    says who it is, or a proxy says so of it, are not looked at (T30)."""
    token = request.app[SETTINGS].token
    if token is None or is_public(request):
        return await handler(request)
    peer = peer_of(request)
    _refuse_guessing(request, peer)
    wrong: list[str] = []
    for carried, expected, by_query in _carried(request, token):
        if same(carried, expected):
            return opened(request, token) if by_query and request.path == "/" else await handler(request)
        wrong.append(carried)
    for each in wrong:
        request.app[GUESSES].note(peer, each)
    return _unauthorized(request)


def is_public(request: web.Request) -> bool:
    """Whether a route answers without a token."""
    method = "GET" if request.method == "HEAD" else request.method
    return (method, route_of(request)) in PUBLIC


def session_value(token: str) -> str:
    """What the cookie holds: proof that its bearer knew the token, but not the token."""
    return hmac.new(_bytes(token), b"nodeloom session 1", hashlib.sha256).hexdigest()


def same(carried: str, expected: str) -> bool:
    """Compare in a time that does not tell how much of it was right."""
    return hmac.compare_digest(_bytes(carried), _bytes(expected))


def peer_of(request: web.Request) -> str:
    """The address a request came from; of IPv6 the first half, as whoever has one address there has all of its net."""
    address = address_of(request.remote or "")
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return request.remote or ""


def _carried(request: web.Request, token: str) -> Iterator[tuple[str, str, bool]]:
    """What a request carries, what it should be, and whether it stood in the address, which comes first: there it is to
    be taken away, also from those who have the cookie already."""
    in_address = request.query.get("token")
    if in_address is not None and request.method == "GET" and (request.path == "/" or route_of(request) == "/ws"):
        yield in_address, token, True
    scheme, _, carried = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield carried.strip(), token, False
    if COOKIE in request.cookies:
        yield request.cookies[COOKIE], session_value(token), False


def _refuse_guessing(request: web.Request, peer: str) -> None:
    seconds = request.app[GUESSES].wait(peer)
    if seconds:
        text = f"too many wrong tokens came from this address; try again in {seconds} seconds"
        raise Refused(429, "too_many_attempts", text, headers={"Retry-After": str(seconds)})


def _unauthorized(request: web.Request) -> web.Response:
    if _is_page(request):
        return _login_page(401, "")
    raise Refused(
        401,
        "token_required",
        "this server asks for its token; send it as 'Authorization: Bearer TOKEN'",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _is_page(request: web.Request) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and "text/html" in request.headers.get("Accept", "")
        and not request.path.startswith(("/api/", OWN_API))
        and "Upgrade" not in request.headers
    )


def _login_page(status: int, wrong: str) -> web.Response:
    answer = web.Response(text=pages.login(wrong), status=status, content_type="text/html", charset="utf-8")
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def opened(request: web.Request, token: str) -> web.Response:
    """Give the cookie and go to `/`; the target is fixed, so that no address leads anywhere else (T20)."""
    answer = web.Response(status=303, headers={"Location": "/", "Cache-Control": "no-store"})
    answer.set_cookie(
        COOKIE,
        session_value(token),
        max_age=COOKIE_SECONDS,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.secure,
    )
    return answer


@routes.get("/login")
async def login_page(request: web.Request) -> web.StreamResponse:
    """The page that asks for the token."""
    return _login_page(200, "")


@routes.post("/login")
async def log_in(request: web.Request) -> web.StreamResponse:
    """Take the form of that page: the field `token`."""
    token = request.app[SETTINGS].token
    if token is None:
        return web.Response(status=303, headers={"Location": "/"})
    peer = peer_of(request)
    _refuse_guessing(request, peer)
    given = (await request.post()).get("token")
    if isinstance(given, str) and same(given.strip(), token):
        return opened(request, token)
    if isinstance(given, str) and given:
        request.app[GUESSES].note(peer, given.strip())
    return _login_page(401, "This is not the token of this server.")


@routes.get(pages.STYLE_PATH)
async def style(request: web.Request) -> web.StreamResponse:
    """The style of the small pages."""
    return web.Response(
        text=pages.STYLE, content_type="text/css", charset="utf-8", headers={"Cache-Control": "no-cache"}
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
