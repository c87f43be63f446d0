"""Packs in the own API, as models."""

from typing import Literal

from server.v1_models import Told


class PackRefusal(Told):
    """A node that is not there although its pack is."""

    node: str
    problem: str
    remedy: str


class PackView(Told):
    """A pack of nodes.

    source: where it comes from, without the server's folders. nodes: ids of those that are there; had: of those it
    brought when it last brought any. seconds: of its import. problem, remedy: why it failed or what is odd about it,
    empty for nothing. missing: requirements that are not installed. warnings: what its import did to others. routes:
    HTTP routes it asks for, as `GET /path`; serves_routes: whether they are served.
    """

    name: str
    state: Literal["loaded", "failed", "disabled"]
    source: str
    convention: str
    version: str
    licence: str
    nodes: list[str]
    had: list[str]
    refused: list[PackRefusal]
    seconds: float
    problem: str
    remedy: str
    traceback: str
    missing: list[str]
    warnings: list[str]
    routes: list[str]
    serves_routes: bool


class PacksLoading(Told):
    """How far a worker is that is not ready. pack: which one it loads, empty before the first. seconds: for how
    long."""

    pack: str
    done: int
    of: int
    seconds: float


class PackList(Told):
    """All packs. ready: whether a worker is. loading: what one that is not ready does. dev: whether they can be read
    anew by POST /api/v1/packs/reload."""

    packs: list[PackView]
    ready: bool
    loading: PacksLoading | None
    dev: bool


class PackReload(Told):
    """All packs after they were read anew. done: false where a worker was busy, and will read them when it is not."""

    done: bool
    packs: list[PackView]
