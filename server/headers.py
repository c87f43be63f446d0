"""Headers that go with every answer: what a browser may do with it, and whom it may show it to."""

from typing import Final

from aiohttp import web

from server.keys import SETTINGS

# 'self' of connect-src covers the websocket of this very server (CSP level 3), and no other one.
PAGE_POLICY: Final = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)

# A stock front end starts by inline scripts and builds functions and WebAssembly while it runs; it is served only where
# the operator named its folder. Its pictures, fonts and connections are still held to this server.
FOREIGN_FRONTEND_POLICY: Final = PAGE_POLICY.replace(
    "script-src 'self';", "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; font-src 'self' data:;"
)

ALWAYS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Server", "Nodeloom"),
)

# The referrer policy is not `no-referrer`: with that, browsers send `Origin: null` with the form of the login page.
UNLESS_SET: Final = (
    ("Content-Security-Policy", PAGE_POLICY),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The hook that runs before any answer's headers are sent, also those of streams, websockets and errors."""
    headers = response.headers
    for name, value in ALWAYS:
        headers[name] = value
    for name, value in UNLESS_SET:
        headers.setdefault(name, value)
    origins = request.headers.getall("Origin", [])
    if len(origins) == 1 and origins[0] in request.app[SETTINGS].allowed_origins:
        # Never together with credentials: a listed origin carries the token in its own header.
        headers["Access-Control-Allow-Origin"] = origins[0]
        headers["Vary"] = f"{headers['Vary']}, Origin" if "Vary" in headers else "Origin"
