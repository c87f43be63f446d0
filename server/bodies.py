"""What a request may carry: the media types a page can send to a route, and how many bytes."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from server.errors import Refused
from server.keys import SETTINGS
from server.settings import Settings

ANYTHING: Final = "*/*"
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"

# By the beginning of a route; the first that fits counts. Stock front ends send settings without naming a type, and a
# browser then says text/plain.
_TAKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "/upload/": (MULTIPART,),
    "/userdata/": (ANYTHING,),
    "/settings": (JSON, "text/plain"),
    "/login": (FORM,),
    "/": (JSON,),
}
UPLOADS: Final = ("/upload/", "/userdata/")
MOST_LOGIN: Final = 4096
"""Bytes of the login form."""


def route_of(request: web.Request) -> str:
    """The route of a request as it was written, such as `/upload/image`, without `/api` before it."""
    resource = request.match_info.route.resource
    written = request.path if resource is None else resource.canonical
    return written.removeprefix("/api")


@web.middleware
async def check_content_type(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what an HTML form could send to a route that takes JSON (T21). Only browsers are asked: the example
    scripts of this field send JSON under whatever type their library puts in."""
    if _is_browser(request) and request.body_exists and request.content_length != 0:
        taken = next(types for begin, types in _TAKEN.items() if route_of(request).startswith(begin))
        sent = request.content_type if "Content-Type" in request.headers else ""
        if sent.endswith("+json"):
            sent = JSON
        if ANYTHING not in taken and sent not in taken:
            raise Refused(415, "unsupported_media_type", f"send the body as {taken[0]}")
    return await handler(request)


def _is_browser(request: web.Request) -> bool:
    return any(name in request.headers for name in ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"))


@web.middleware
async def check_length(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a body that says it is too long before a byte is read; one that does not say is cut while it is read."""
    most = most_bytes(route_of(request), request.app[SETTINGS])
    if request.content_length is not None and request.content_length > most:
        raise Refused(413, "body_too_large", f"the body is longer than {most} bytes", headers={"Connection": "close"})
    if request.body_exists and request.client_max_size != most:
        request = request.clone(client_max_size=most)
    return await handler(request)


def most_bytes(route: str, settings: Settings) -> int:
    """How many bytes a route takes."""
    if route == "/login":
        return MOST_LOGIN
    return settings.most_upload if route.startswith(UPLOADS) else settings.most_body
