"""`/object_info`: the nodes there are, as editors read them."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from aiohttp import ETag, web

from graph.describe import Catalogues, object_info
from graph.errors import GraphError
from graph.interface import Node
from server.answers import compact
from server.keys import CATALOGUES, DESK
from storage.errors import StorageError

routes = web.RouteTableDef()

LOG: Final = logging.getLogger("nodeloom.server")

Names = Callable[[], Sequence[str]]


@routes.get("/object_info")
async def get_nodes(request: web.Request) -> web.Response:
    """All nodes by class. Answers 304 to a client that has this very list already."""
    registry = (await request.app[DESK].nodes()).registry
    return await _answer(request, registry)


@routes.get("/object_info/{class}")
async def get_node(request: web.Request) -> web.Response:
    """One node as `{class: info}`, or `{}`."""
    node = (await request.app[DESK].nodes()).registry.get(request.match_info["class"])
    return await _answer(request, () if node is None else (node,))


async def _answer(request: web.Request, nodes: Iterable[Node]) -> web.Response:
    body, digest = await asyncio.to_thread(_written, nodes, request.app[CATALOGUES])
    # The list changes with every file that comes or goes, so it is asked for each time, and sent when it changed.
    headers = {"Cache-Control": "no-cache"}
    etag = ETag(digest, is_weak=True)
    if any(known.value in (digest, "*") for known in request.if_none_match or ()):
        unchanged = web.Response(status=304, headers=headers)
        unchanged.etag = etag
        return unchanged
    response = web.Response(body=body, content_type="application/json", charset="utf-8", headers=headers)
    response.etag = etag
    response.enable_compression()
    return response


def _written(nodes: Iterable[Node], catalogues: Catalogues) -> tuple[bytes, str]:
    """The JSON and its digest."""
    body = compact(described(nodes, catalogues)).encode()
    return body, hashlib.sha256(body).hexdigest()[:32]


def described(nodes: Iterable[Node], catalogues: Catalogues) -> dict[str, object]:
    """What editors read, by class. Every catalogue is read once, however many inputs choose from it."""
    listed = tuple(nodes)
    needed = {each.catalogue for node in listed for each in node.inputs if each.catalogue is not None}
    names = {name: _constant(_named(name, catalogues.get(name))) for name in sorted(needed)}
    return {node.id: object_info(node, names) for node in listed}


def _constant(names: Sequence[str]) -> Names:
    return lambda: names


def _named(name: str, catalogue: Names | None) -> Sequence[str]:
    """The names of a catalogue; none where it cannot be read, so that the other nodes can be used."""
    if catalogue is None:
        LOG.warning("nodes choose from the catalogue %s, which there is not; its list is empty", name)
        return ()
    try:
        return list(catalogue())
    except (OSError, ValueError, GraphError, StorageError) as error:
        LOG.warning("the catalogue %s cannot be read; its list is empty: %s", name, error)
        return ()
