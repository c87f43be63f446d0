"""Listen until told to stop: the socket is opened here, so that a port in use is known before anything else begins."""

import asyncio
import errno
import os
import signal
import socket
from collections.abc import Callable
from types import FrameType

from aiohttp import web

from server.access_log import LOG, AccessLog

BACKLOG = 1024
SHUTDOWN_SECONDS = 3.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CannotListen(Exception):
    """The address cannot be used; the text says why and what to do."""


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(
            f"{host} is no address of this machine ({error}); leave --host out to use this one"
        ) from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise CannotListen(_reason(error, host, port)) from None
    listening.setblocking(False)
    return listening


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use, perhaps by another Nodeloom; end that one, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} needs rights this user has not; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine; leave --host out to listen on this machine only"
    return f"{host}:{port} cannot be listened on: {error.strerror or error}"


async def listen(app: web.Application, listening: socket.socket, begun: Callable[[], None], access_log: bool) -> None:
    """Serve until SIGINT or SIGTERM comes. begun: called once requests are answered."""
    runner = web.AppRunner(
        app,
        access_log_class=AccessLog,
        access_log=LOG if access_log else None,
        shutdown_timeout=SHUTDOWN_SECONDS,
        handle_signals=False,
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listening, backlog=BACKLOG).start()
        begun()
        await _asked_to_end()
    finally:
        await runner.cleanup()


async def _asked_to_end() -> None:
    """Wait for a signal. The next one ends the process at once: the database is whole at any moment."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(asked.set)
        for each in SIGNALS:
            signal.signal(each, lambda number, frame: os._exit(128 + number))

    for each in SIGNALS:
        signal.signal(each, ask)
    await asked.wait()
