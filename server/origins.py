"""Which names and pages may speak to this server: the Host header against DNS rebinding, the Origin against other tabs.

A browser lets any page send requests to any address, also to that of this machine. What it cannot do is lie about the
page they come from (`Origin`, `Sec-Fetch-*`) or about the name in its address bar (`Host`).
"""

import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from server.errors import Refused
from server.keys import SETTINGS
from server.settings import Settings

EVERY_ADDRESS: Final = frozenset({"", "0.0.0.0", "::"})
READING: Final = frozenset({"GET", "HEAD"})
SAME_PAGE: Final = frozenset({"same-origin", "none"})
PREFLIGHT_METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE"
PREFLIGHT_HEADERS: Final = "Authorization, Content-Type, Last-Event-ID, Comfy-User"
PREFLIGHT_SECONDS: Final = "600"

_AUTHORITY: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,252}))(?::(?P<port>[0-9]{1,5}))?"
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Authority:
    """Host and port of an address; the host in lower case, an IP literal without brackets; None for no port."""

    host: str
    port: int | None

    def at(self, scheme: str) -> tuple[str, int | None]:
        """Host and port, the latter as it is meant in addresses of this scheme."""
        return self.host, self.port if self.port is not None else _DEFAULT_PORTS.get(scheme)


def read_authority(text: str) -> Authority | None:
    """What `name:port` says; None for what is no such thing."""
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        return None
    host = found["name"]
    if found["six"] is not None:
        address = address_of(found["six"])
        if address is None:
            return None
        host = str(address)
    port = None if found["port"] is None else int(found["port"])
    return Authority(host.lower(), port)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address a text is, or None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a host, as text, is this machine and no other."""
    address = address_of(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def host_is_allowed(host: str, settings: Settings) -> bool:
    """Whether a request may name this host. Rebinding needs a name of the attacker's, so IP literals pass where all
    addresses are listened on."""
    if is_loopback(host) or host == settings.host.lower() or host in _names(settings.allowed_hosts):
        return True
    if settings.host not in EVERY_ADDRESS:
        return False
    return address_of(host) is not None or host == socket.gethostname().lower()


def _names(allowed: Collection[str]) -> set[str]:
    return {each.host for each in map(read_authority, allowed) if each is not None} | {each.lower() for each in allowed}


@web.middleware
async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests to a name that is not this server's (T23), and those that name none or two."""
    hosts = request.headers.getall("Host", [])
    named = read_authority(hosts[0]) if len(hosts) == 1 else None
    if named is None:
        raise Refused(400, "bad_host", "expected one Host header with a name and perhaps a port")
    if not request.raw_path.startswith("/") and request.raw_path != "*":
        raise Refused(400, "bad_target", "this server is no proxy; ask for a path")
    if not host_is_allowed(named.host, request.app[SETTINGS]):
        raise Refused(
            403, "host_refused", "this server does not answer to this name; start it with --allow-host NAME to add one"
        )
    return await handler(request)


@web.middleware
async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what comes from a foreign page (T21, T22, T24). Programs other than browsers send no such headers."""
    origins = request.headers.getall("Origin", [])
    if origins:
        listed = origins[0] in request.app[SETTINGS].allowed_origins
        if len(origins) > 1 or not (listed or is_same_origin(origins[0], request.headers["Host"])):
            return web.Response(status=403)
        if listed and request.method == "OPTIONS":
            return _preflight()
    elif is_from_foreign_page(request):
        return web.Response(status=403)
    return await handler(request)


def is_same_origin(origin: str, host: str) -> bool:
    """Whether an Origin is that of a page which this very host served, with or without TLS in front of it."""
    scheme, _, authority = origin.partition("://")
    there, here = read_authority(authority), read_authority(host)
    return scheme in _DEFAULT_PORTS and there is not None and here is not None and there.at(scheme) == here.at(scheme)


def is_from_foreign_page(request: web.Request) -> bool:
    """Whether a browser says, without an Origin, that another page caused this request. A link that opens one of our
    pages in a tab of its own is no harm: reading changes nothing, and the other page cannot look into it."""
    if request.headers.get("Sec-Fetch-Site", "none") in SAME_PAGE:
        return False
    opens_a_tab = (
        request.headers.get("Sec-Fetch-Mode") == "navigate" and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    return not (request.method in READING and opens_a_tab)


def _preflight() -> web.Response:
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": PREFLIGHT_METHODS,
            "Access-Control-Allow-Headers": PREFLIGHT_HEADERS,
            "Access-Control-Max-Age": PREFLIGHT_SECONDS,
        },
    )
