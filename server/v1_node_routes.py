"""The own API's nodes: what there is, in a shape that says each thing by its name."""

import asyncio

from aiohttp import web

from graph.describe import Catalogues, choices_of
from graph.errors import SpecError
from graph.interface import ABSENT, Input, Node
from server.keys import CATALOGUES, DESK
from server.openapi import operation
from server.problem import not_found
from server.v1_exchange import answer, large_answer
from server.v1_listing_models import NodeInput, NodeList, NodeOutput, NodeView

routes = web.RouteTableDef()


@routes.get("/api/v1/nodes")
@operation("List nodes", tag="nodes", answers={200: NodeList})
async def list_nodes(request: web.Request) -> web.StreamResponse:
    """All kinds of nodes. Choices of a catalogue are told with the single node, since they change with the files."""
    registry = (await request.app[DESK].nodes()).registry
    nodes = [view_of(node, None) for node in registry]
    return await large_answer(NodeList.model_construct(nodes=nodes))


@routes.get("/api/v1/nodes/{id:.+}")
@operation("Get a node", tag="nodes", answers={200: NodeView})
async def get_node(request: web.Request) -> web.StreamResponse:
    """One kind of node with all its choices."""
    asked = request.match_info["id"]
    node = (await request.app[DESK].nodes()).registry.get(asked)
    if node is None:
        raise not_found("unknown_node", f"node {asked[:80]!r}", "GET /api/v1/nodes lists those there are")
    return answer(await asyncio.to_thread(view_of, node, request.app[CATALOGUES]))


def view_of(node: Node, catalogues: Catalogues | None) -> NodeView:
    """A node as the API tells it; without catalogues, only the choices that are the node's own."""
    return NodeView.model_construct(
        id=node.id,
        display_name=node.display_name or node.id,
        category=node.category,
        description=node.description,
        module=node.module,
        terminal=node.terminal,
        deprecated=node.deprecated,
        experimental=node.experimental,
        inputs=[_input(each, catalogues) for each in node.inputs],
        outputs=[
            NodeOutput.model_construct(name=each.name, type=each.type, is_list=each.is_list, tooltip=each.tooltip)
            for each in node.outputs
        ],
    )


def _input(each: Input, catalogues: Catalogues | None) -> NodeInput:
    return NodeInput.model_construct(
        name=each.name,
        type=each.type,
        required=each.section == "required",
        default=None if each.default is ABSENT else each.default,
        minimum=each.minimum,
        maximum=each.maximum,
        step=each.step,
        choices=_choices(each, catalogues),
        catalogue=each.catalogue,
        multiselect=each.multiselect,
        nullable=each.nullable,
        is_list=each.is_list,
        lazy=each.lazy,
        seed=each.seed,
        multiline=each.multiline,
        label=each.label,
        tooltip=each.tooltip,
    )


def _choices(each: Input, catalogues: Catalogues | None) -> list[object] | None:
    if each.type != "COMBO" or (each.catalogue is not None and catalogues is None):
        return None
    try:
        return list(choices_of(each, catalogues or {}))
    except SpecError:  # a pack's own catalogue, which this process does not have
        return None
