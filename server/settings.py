"""How a server was started: where it listens, whom it trusts, how much it takes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MEGABYTE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Settings:
    """host, port: where it listens. token: what every request must carry; None for no token.

    allowed_hosts: names of the Host header beside those of the loopback and of `host`. allowed_origins: origins
    (`http://localhost:5173`) that may drive the server beside its own. frontend: a folder served at `/` in place of the
    built editor. most_body, most_upload: bytes of a JSON body and of an upload. most_sockets: websockets at once.
    most_backlog: bytes that wait for one slow websocket before it is closed. arguments: the command line, for
    `/system_stats`. version: of Nodeloom. dev: for those who write packs, whose packs can be read anew.
    """

    host: str = "127.0.0.1"
    port: int = 8188
    token: str | None = None
    allowed_hosts: frozenset[str] = frozenset()
    allowed_origins: frozenset[str] = frozenset()
    frontend: Path | None = None
    most_body: int = 50_000_000
    most_upload: int = 100 * MEGABYTE
    most_sockets: int = 1024
    most_backlog: int = 8 * MEGABYTE
    arguments: tuple[str, ...] = field(default_factory=tuple)
    version: str = "0"
    dev: bool = False
