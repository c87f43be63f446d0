"""What stands in an editor's file, read strictly where it means something: nodes, links, sub-graphs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graph.formats.words import FormatError, Hear, Notice

INPUTS: Final = "-10"
"""The node inside a sub-graph at which the links from its inputs begin."""
OUTPUTS: Final = "-20"
"""The node inside a sub-graph at which the links to its outputs end."""
MUTED: Final = 2
BYPASSED: Final = 4

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}")
_EXACT: Final = 2**53
_RENAMED: Final[Mapping[str, str]] = {
    "T2IAdapterLoader": "ControlNetLoader",
    "ConditioningAverage ": "ConditioningAverage",
    "SDV_img2vid_Conditioning": "SVD_img2vid_Conditioning",
}


@dataclass(frozen=True, slots=True)
class Socket:
    """An input. widget: the name of the widget it belongs to, None for a plain socket."""

    name: str
    type: str
    widget: str | None = None


@dataclass(frozen=True, eq=False)
class Drawn:
    """A node as it was drawn. values: by the name of the widget, where its kind is known; stored: as the file has them.

    where: its place in the file, for messages.
    """

    id: str
    type: str
    where: str
    title: str | None = None
    mode: int = 0
    inputs: tuple[Socket, ...] = ()
    outputs: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    stored: object = None
    properties: Mapping[str, object] = field(default_factory=dict[str, object])
    places: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places: dict[str, int] = {}
        for at, each in enumerate(self.inputs):
            places.setdefault(each.name, at)
        object.__setattr__(self, "places", places)


@dataclass(frozen=True, slots=True)
class Wire:
    """A link between two sockets, given by their positions."""

    source: str
    source_slot: int
    target: str
    target_slot: int


class Body:
    """Nodes by id in the order of the file, and the links between them."""

    def __init__(self, nodes: Mapping[str, Drawn], wires: Sequence[Wire]) -> None:
        self.nodes = nodes
        self.wires = wires
        self._into = {(wire.target, wire.target_slot): wire for wire in reversed(wires)}
        self._out: dict[str, list[Wire]] = {}
        for wire in wires:
            self._out.setdefault(wire.source, []).append(wire)

    def into(self, node: str, slot: int) -> Wire | None:
        """The link that ends at an input."""
        return self._into.get((node, slot))

    def out_of(self, node: str) -> Sequence[Wire]:
        """The links that begin at a node, in the order of the file."""
        return self._out.get(node, ())


@dataclass(frozen=True, slots=True)
class Boundary:
    """An input or output of a sub-graph as a whole."""

    name: str
    type: str


@dataclass(frozen=True, eq=False)
class Subgraph:
    """Nodes that are used as one; `id` is the type of the nodes that stand for it."""

    id: str
    name: str
    inputs: tuple[Boundary, ...]
    outputs: tuple[Boundary, ...]
    body: Body


def read_body(raw: Mapping[str, object], where: str, is_inside: bool, hear: Hear) -> Body:
    """The structure alone: values and sockets that the file lacks come with the kinds. Raises FormatError."""
    nodes: dict[str, Drawn] = {}
    named: dict[str, list[int | None]] = {}
    listed = list(_objects(raw, "nodes", where))
    greatest = max((number for each, _ in listed if (number := whole(each.get("id"))) is not None), default=0)
    for told, place in listed:
        node, links = _node_and_links(told, place)
        if not node.id or node.id in nodes or (is_inside and node.id in (INPUTS, OUTPUTS)):
            greatest += 1
            if node.id:
                hear(_renumbered(node.id, str(greatest), place))
            node = Drawn(
                str(greatest), node.type, place, node.title, node.mode, node.inputs, node.outputs,
                stored=node.stored, properties=node.properties,
            )  # fmt: skip
        nodes[node.id] = node
        named[node.id] = links
    return Body(nodes, _settled(_wires(raw, where), named, is_inside))


def _node_and_links(raw: Mapping[str, object], where: str) -> tuple[Drawn, list[int | None]]:
    """A node and what its inputs say of links. Raises FormatError that names the node."""
    try:
        return read_node(raw, where), _links_named(raw, where)
    except FormatError as error:
        told = raw.get("id")
        if isinstance(told, bool) or not isinstance(told, int | str):
            raise
        named = f"node {str(told)[:80]}: {error.message}"
        raise FormatError(named, where=error.where, node=str(told), field=error.field) from None


def _renumbered(id: str, new: str, place: str) -> Notice:
    message = f"{place}: the id {id} is taken by an earlier node; this one is called {new} in the result"
    return Notice(new, "duplicate_id", message, "Open the file in the editor and save it again.")


def read_node(raw: Mapping[str, object], where: str) -> Drawn:
    """One node, without values by name. Raises FormatError."""
    told = raw.get("type")
    if not isinstance(told, str):
        raise _wrong("type is the name of a kind of node", told, where, "type")
    mode = raw.get("mode", 0)
    if mode is not None and whole(mode) is None:
        raise _wrong("mode is a number from 0 to 4", mode, where, "mode")
    stored = raw.get("widgets_values")
    if not isinstance(stored, list | Mapping | None):
        raise _wrong("widgets_values is a list or an object", stored, where, "widgets_values")
    title = raw.get("title")
    properties = raw.get("properties")
    return Drawn(
        id=read_id(raw.get("id"), where),
        type=_RENAMED.get(told, told),
        where=where,
        title=title if isinstance(title, str) else None,
        mode=whole(mode) or 0,
        inputs=tuple(_socket(each, place) for each, place in _objects(raw, "inputs", where)),
        outputs=tuple(type_name(each.get("type")) for each, _ in _objects(raw, "outputs", where)),
        stored=cast(object, stored),
        properties=cast(Mapping[str, object], properties) if isinstance(properties, Mapping) else {},
    )


def _socket(raw: Mapping[str, object], where: str) -> Socket:
    name = raw.get("name", "")
    if not isinstance(name, str):
        raise FormatError(f"the name of an input is text, found {kind_of(name)}", where=f"{where}.name", field="name")
    widget = raw.get("widget")
    told = cast(Mapping[str, object], widget).get("name") if isinstance(widget, Mapping) else None
    return Socket(name, type_name(raw.get("type")), told if isinstance(told, str) else None)


def _links_named(raw: Mapping[str, object], where: str) -> list[int | None]:
    """For each input the link it names, -1 for none, None where it says nothing of links."""
    found: list[int | None] = []
    for each, place in _objects(raw, "inputs", where):
        link = each.get("link")
        number = whole(link)
        if link is not None and number is None:
            raise FormatError(
                f"an input names its link by a number, found {kind_of(link)}", where=f"{place}.link", field="link"
            )
        found.append(number if number is not None else -1 if "link" in each else None)
    return found


def _wires(raw: Mapping[str, object], where: str) -> dict[int, Wire]:
    """Links by id, of several with one id the first; lists and objects may stand side by side."""
    links = raw.get("links")
    if links is None:
        return {}
    if not isinstance(links, list | Mapping):
        raise FormatError(f"links is a list, found {kind_of(links)}", where=f"{where}links", field="links")
    told = cast(Mapping[str, object], links).values() if isinstance(links, Mapping) else cast(Sequence[object], links)
    found: dict[int, Wire] = {}
    for at, each in enumerate(told):
        if each is None:
            continue  # old files keep the places of links that are gone
        place = f"{where}links.{at}"
        if isinstance(each, list):
            fields = cast(Sequence[object], each)
        elif isinstance(each, Mapping):
            link = cast(Mapping[str, object], each)
            fields = [link.get(key) for key in ("id", "origin_id", "origin_slot", "target_id", "target_slot")]
        else:
            raise FormatError(f"a link is a list or an object, found {kind_of(each)}", where=place, field="links")
        number = whole(fields[0]) if fields else None
        if number is None or len(fields) < 5:
            raise FormatError("a link says id, node, slot, node, slot", where=place, field="links")
        slots = whole(fields[2]), whole(fields[4])
        wire = Wire(read_id(fields[1], place), slots[0] or 0, read_id(fields[3], place), slots[1] or 0)
        found.setdefault(number, wire)
    return found


def _settled(wires: Mapping[int, Wire], named: Mapping[str, Sequence[int | None]], is_inside: bool) -> list[Wire]:
    """The links that count: an input says which link it has, whatever position the link names; a link that no input
    names counts only where the input says nothing. At most one goes into each input."""
    claimed: dict[int, tuple[str, int]] = {}
    for node, links in named.items():
        for slot, link in enumerate(links):
            if link is not None and link >= 0:
                claimed.setdefault(link, (node, slot))
    taken: set[tuple[str, int]] = set()
    settled: list[Wire] = []
    for number, wire in wires.items():
        if wire.source not in named and not (is_inside and wire.source == INPUTS):
            continue
        place = claimed.get(number)
        if place is None and ((is_inside and wire.target == OUTPUTS) or _is_silent(named, wire)):
            place = (wire.target, wire.target_slot)
        if place is None or place in taken:
            continue
        taken.add(place)
        settled.append(Wire(wire.source, wire.source_slot, *place))
    return settled


def _is_silent(named: Mapping[str, Sequence[int | None]], wire: Wire) -> bool:
    links = named.get(wire.target)
    if links is None:
        return False
    return not 0 <= wire.target_slot < len(links) or links[wire.target_slot] is None


def read_id(value: object, where: str) -> str:
    """The id of a node as text; empty where there is none. Raises FormatError for what is no id."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise FormatError(f"the id of a node is a number or text, found {kind_of(value)}", where=f"{where}.id", field="id")


def whole(value: object) -> int | None:
    """A whole number that counts something, also one written as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and abs(value) < _EXACT else None


def type_name(value: object) -> str:
    """The type of a socket; old files have numbers and lists of choices there."""
    if isinstance(value, str):
        return value
    return "COMBO" if isinstance(value, list) else "*"


def types_fit(output: str, input: str) -> bool:
    """Whether an output of one type may go into an input of another; `*` fits all, `A,B` is either."""
    if output == input:
        return True
    wanted = _names(input)
    return any(name in ("*", "") or name in wanted for name in _names(output)) or not wanted.isdisjoint(("*", ""))


def _names(type: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in type.split(","))


def _objects(raw: Mapping[str, object], key: str, where: str) -> Iterator[tuple[Mapping[str, object], str]]:
    """The objects of a list with their places. Raises FormatError for another thing; an absent list is empty."""
    dot = "" if not where or where.endswith(".") else "."
    place = f"{where}{dot}{key}"
    value = raw.get(key)
    if value is None:
        return
    if not isinstance(value, list):
        raise FormatError(f"{key} is a list of objects, found {kind_of(value)}", where=place, field=key)
    for at, each in enumerate(cast(list[object], value)):
        if not isinstance(each, Mapping):
            raise FormatError(f"{key} is a list of objects, found {kind_of(each)}", where=f"{place}.{at}", field=key)
        yield cast(Mapping[str, object], each), f"{place}.{at}"


objects_in = _objects


def kind_of(value: object) -> str:
    """What a value is, in the words of a file."""
    if value is None:
        return "nothing"
    words = (
        (bool, "true or false"),
        (int | float, "a number"),
        (str, "text"),
        (list, "a list"),
        (Mapping, "an object"),
    )
    return next((word for kind, word in words if isinstance(value, kind)), type(value).__name__)


def _wrong(expected: str, found: object, where: str, field: str) -> FormatError:
    return FormatError(f"{expected}, found {kind_of(found)}", where=f"{where}.{field}", field=field)
