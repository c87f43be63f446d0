"""Group nodes of older files (`extra.groupNodes`) seen as sub-graphs, so that they run like those."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graph.formats.kinds import NodeKind
from graph.formats.loose import list_of, object_of
from graph.formats.sheet import (
    INPUTS,
    OUTPUTS,
    Body,
    Boundary,
    Drawn,
    Subgraph,
    Wire,
    objects_in,
    read_node,
    whole,
)
from graph.formats.values import completed

_MARKS: Final = ("workflow>", "workflow/")


@dataclass(frozen=True, slots=True)
class _Free:
    """A socket of an inner node that is one of the whole."""

    node: str
    slot: int
    boundary: Boundary


def group_name(type: str) -> str | None:
    """The name in the type of a group node; None for other types."""
    mark = next((each for each in _MARKS if type.startswith(each)), None)
    return None if mark is None else type.removeprefix(mark) or None


def group_as_subgraph(
    type: str, told: Mapping[str, object], where: str, kind_of: Callable[[Drawn], NodeKind | None]
) -> Subgraph:
    """Every free socket of an inner node is one of the whole; inner nodes bear their position as id."""
    nodes: list[Drawn] = []
    for at, (raw, place) in enumerate(objects_in(told, "nodes", where)):
        node = read_node({**raw, "id": at}, place)
        nodes.append(completed(node, kind_of(node), 0))
    wires = _wires(told, nodes)
    inputs = _free_inputs(told, nodes, wires)
    outputs = _free_outputs(told, nodes, wires)
    all_wires = [
        *wires,
        *(Wire(INPUTS, at, each.node, each.slot) for at, each in enumerate(inputs)),
        *(Wire(each.node, each.slot, OUTPUTS, at) for at, each in enumerate(outputs)),
    ]
    return Subgraph(
        id=type,
        name=group_name(type) or type,
        inputs=tuple(each.boundary for each in inputs),
        outputs=tuple(each.boundary for each in outputs),
        body=Body({node.id: node for node in nodes}, all_wires),
    )


def _wires(told: Mapping[str, object], nodes: Sequence[Drawn]) -> list[Wire]:
    found: list[Wire] = []
    for raw in list_of(told.get("links")):
        parts = [_number(each) for each in [*list_of(raw), None, None, None, None][:4]]
        source, source_slot, target, target_slot = parts
        is_there = 0 <= source < len(nodes) and 0 <= source_slot < len(nodes[source].outputs)
        if is_there and 0 <= target < len(nodes) and 0 <= target_slot < len(nodes[target].inputs):
            found.append(Wire(str(source), source_slot, str(target), target_slot))
    return found


def _free_inputs(told: Mapping[str, object], nodes: Sequence[Drawn], wires: Sequence[Wire]) -> list[_Free]:
    taken = {(wire.target, wire.target_slot) for wire in wires}
    used: dict[str | tuple[str, str], int] = {}
    found: list[_Free] = []
    for node in nodes:
        for slot, socket in enumerate(node.inputs):
            name = _told_name(told, "input", node.id, socket.name)
            if (node.id, slot) not in taken and name is not None:
                unique = _unique(name or socket.name, node, used)
                found.append(_Free(node.id, slot, Boundary(unique, socket.type)))
    return found


def _free_outputs(told: Mapping[str, object], nodes: Sequence[Drawn], wires: Sequence[Wire]) -> list[_Free]:
    taken = {(wire.source, wire.source_slot) for wire in wires}
    for raw in list_of(told.get("external")):
        node, slot = ([_number(each) for each in list_of(raw)] + [-1, -1])[:2]
        taken.discard((str(node), slot))
    used: dict[str | tuple[str, str], int] = {}
    found: list[_Free] = []
    for node in nodes:
        for slot, wire_type in enumerate(node.outputs):
            name = _told_name(told, "output", node.id, str(slot))
            if (node.id, slot) not in taken and name is not None:
                found.append(_Free(node.id, slot, Boundary(_unique(name or wire_type, node, used), wire_type)))
    return found


def _told_name(told: Mapping[str, object], side: str, index: str, key: str) -> str | None:
    """What the file calls a socket of an inner node, empty for nothing, None if it hides it."""
    socket = object_of(object_of(object_of(object_of(told.get("config")).get(index)).get(side)).get(key))
    if socket.get("visible") is False:
        return None
    name = socket.get("name")
    return name if isinstance(name, str) else ""


def _unique(name: str, node: Drawn, used: dict[str | tuple[str, str], int]) -> str:
    """The first one of a name keeps it, later ones get the name of their node before it, and a number."""
    shown = node.title if node.title is not None else node.type
    unique = f"{shown} {name}" if name in used else name
    while unique in used:
        used[shown, name] = used.get((shown, name), 0) + 1
        unique = f"{shown} {used[shown, name]} {name}"
    used[unique] = 0
    return unique


def _number(value: object) -> int:
    number = whole(value)
    return -1 if number is None else number
