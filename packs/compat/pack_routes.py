"""The HTTP routes of packs in a small server of their own, inside the worker: only the main server can reach it.

It listens on this machine at a port that the system chooses, and answers whoever knows a secret that is new each time.
Handlers run in the event loop of a thread of their own, so that one that waits holds up no run.
"""

import asyncio
import hmac
import secrets
import threading
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from packs.compat.routes import RecordedRoute, RecordedRoutes

LOOPBACK: Final = "127.0.0.1"
SECRET_HEADER: Final = "X-Nodeloom-Secret"
MOST_BODY: Final = 1 << 30
"""Bytes of a body; the main server has a smaller bound, which counts."""
START_SECONDS: Final = 10.0


class RouteServer:
    """Serves routes while it is open; opened anew, others. For one thread."""

    def __init__(self) -> None:
        self._running: _Running | None = None

    def open(self, routes: Sequence[RecordedRoute]) -> dict[str, object]:
        """Serve these routes and no others from now on; what the server has to know for it, empty for no routes."""
        self.close()
        if not routes:
            return {}
        running = self._running = _Running(routes)
        return {"port": running.port, "secret": running.secret, "routes": [each.to_json() for each in running.served]}

    def close(self) -> None:
        """Serve nothing."""
        if self._running is not None:
            self._running.end()
            self._running = None


class _Running:
    """A server with its thread."""

    def __init__(self, routes: Sequence[RecordedRoute]) -> None:
        self.secret = secrets.token_urlsafe(32)
        self.port = 0
        self.served: list[RecordedRoute] = []
        self._app = self._application(routes)
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._ending = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="routes of packs", daemon=True)
        self._thread.start()
        if not self._listening.wait(START_SECONDS):
            raise TimeoutError("the routes of packs cannot be served: their thread did not begin to listen")

    def _application(self, routes: Sequence[RecordedRoute]) -> web.Application:
        app = web.Application(middlewares=[self._check], client_max_size=MOST_BODY)
        for each in routes:
            try:
                each.route.register(app.router)
            except (ValueError, RuntimeError):  # no pattern, or another pack has this route
                continue
            self.served.append(each)
        return app

    @web.middleware
    async def _check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), self.secret.encode()):
            raise web.HTTPForbidden
        headers = request.headers.copy()
        del headers[SECRET_HEADER]  # it is none of the pack's business
        return await handler(request.clone(headers=headers))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        runner = web.AppRunner(self._app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, LOOPBACK, 0)
            await site.start()
            self.port = next(_ports(runner))
            self._listening.set()
            await self._ending.wait()
        finally:
            await runner.cleanup()

    def end(self) -> None:
        """Answer no more; does not wait for what is being answered."""
        self._loop.call_soon_threadsafe(self._ending.set)


def _ports(runner: web.AppRunner) -> Iterator[int]:
    for address in runner.addresses:
        yield address[1]


def allowed(routes: RecordedRoutes, packs: Collection[str]) -> list[RecordedRoute]:
    """The routes of these packs."""
    return [route for pack in packs for route in routes.of(pack)]
