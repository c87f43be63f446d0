"""Listens to everything that happens in a browser unseen: errors of scripts, and requests that leave the machine."""

from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost"})
LOCAL_SCHEMES: Final = frozenset({"blob", "data", "about"})


class Watched:
    """Notes what should not happen in a browser; whoever holds it judges."""

    def __init__(self, context: BrowserContext) -> None:
        self.seen: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.seen.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self.seen.append(f"script error: {error.error}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in LOCAL_SCHEMES and address.hostname not in LOCAL_HOSTS:
            self.seen.append(f"request to another host: {request.url}")
