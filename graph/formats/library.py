"""The sub-graphs and group nodes of a file, and of what kind each of its nodes is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from graph.formats.group_nodes import group_as_subgraph, group_name
from graph.formats.kinds import KindInput, KindOutput, NodeKind, NodeTable, Widget, control_of
from graph.formats.loose import list_of, object_of
from graph.formats.sheet import (
    INPUTS,
    Body,
    Boundary,
    Drawn,
    Subgraph,
    objects_in,
    read_body,
    type_name,
)
from graph.formats.values import PRIMITIVE, PRIMITIVE_VALUE, completed, is_own
from graph.formats.words import FormatError, Hear

MOST_NESTED: Final = 32
MOST_SOCKETS: Final = 2000
"""How many inputs and widgets a sub-graph may have."""
_ITSELF: Final = "-1"
"""The name of a sub-graph's own input in `proxyWidgets` stands with this in place of a node."""
_CONTROL: Final = "control_after_generate"
_TEXT: Final = Widget("text", "text", "", multiline=True)
_NOTES: Final[Mapping[str, NodeKind]] = {
    each: NodeKind(each, each, widgets=(_TEXT,)) for each in ("Note", "MarkdownNote")
}

Inner = tuple[str, str]
"""A widget inside a sub-graph: the id of its node, and its name."""


@dataclass(frozen=True, slots=True)
class Promoted:
    """A widget of an instance: it stands for an input of the sub-graph (`input`: which), or for a widget inside."""

    widget: Widget
    input: int | None
    inner: Inner


@dataclass(frozen=True, eq=False)
class Instance:
    """What a node stands for that is a sub-graph, and its widgets by what they lead to."""

    subgraph: Subgraph
    kind: NodeKind
    by_inner: Mapping[Inner, str]
    by_input: Mapping[int, str]


class Library:
    """Sub-graphs by the type of the nodes that stand for them, each read when it is first used."""

    def __init__(self, document: Mapping[str, object], table: NodeTable, hear: Hear) -> None:
        self._table = table
        self._hear = hear
        self._raw = {key: (told, place) for told, place, key in _definitions(document)}
        self._groups = object_of(object_of(document.get("extra")).get("groupNodes"))
        self._read: dict[str, Subgraph | None] = {}
        self._opening: list[str] = []
        self._behind: dict[str, Sequence[Inner | None]] = {}
        self._instances: dict[tuple[str, int], Instance | None] = {}

    def subgraph(self, type: str) -> Subgraph | None:
        """The sub-graph of this id, or the group node of this type. Raises FormatError for one that holds itself."""
        if type in self._read:
            return self._read[type]
        if type not in self._raw and not isinstance(self._groups.get(group_name(type) or ""), Mapping):
            return None
        if type in self._opening:
            around = [*self._opening[self._opening.index(type) :], type]
            shown = " in ".join(f"'{self._name(each)}'" for each in reversed(around[-6:]))
            raise FormatError(f"a sub-graph cannot hold itself: {shown}", where=self._place(type), field="nodes")
        if len(self._opening) >= MOST_NESTED:
            message = f"sub-graphs may lie {MOST_NESTED} levels deep in each other; this one lies deeper"
            raise FormatError(message, where=self._place(type), field="nodes")
        self._opening.append(type)
        self._read[type] = self._made(type)
        self._opening.pop()
        return self._read[type]

    def instance(self, node: Drawn) -> Instance | None:
        """What an instance of a sub-graph (or a group node) stands for; None for every other node."""
        proxies = list_of(node.properties.get("proxyWidgets"))
        key = (node.type, id(proxies) if proxies else 0)
        if key not in self._instances:
            subgraph = self.subgraph(node.type)
            self._instances[key] = None if subgraph is None else self._instance(subgraph, proxies)
        return self._instances[key]

    def kind(self, node: Drawn, body: Body | None) -> NodeKind | None:
        """What is known of a node in this body."""
        if node.type == PRIMITIVE:
            return self._primitive(node, body)
        known = _NOTES.get(node.type) or self._table.get(node.type)
        if known is None:
            instance = self.instance(node)
            known = None if instance is None else instance.kind
        return known

    def complete(self, body: Body) -> Body:
        """A body with the values and sockets that the kinds give to its nodes."""
        needed: dict[str, int] = {}
        for wire in body.wires:
            needed[wire.source] = max(needed.get(wire.source, 0), wire.source_slot + 1)
        nodes: dict[str, Drawn] = {}
        for key, node in body.nodes.items():
            kind = None if is_own(node.type) else self.kind(node, None)
            nodes[key] = completed(node, kind, needed.get(key, 0))

        def is_sound(source: str, source_slot: int, target: str, target_slot: int) -> bool:
            ends = ((source, source_slot, "outputs"), (target, target_slot, "inputs"))
            return all(key not in nodes or 0 <= slot < len(getattr(nodes[key], side)) for key, slot, side in ends)

        wires = [each for each in body.wires if is_sound(each.source, each.source_slot, each.target, each.target_slot)]
        return Body(nodes, wires)

    def shown(self, path: Iterable[Drawn]) -> str:
        """Where a node lies, in words: the sub-graphs around it, from the outside in."""
        return " in ".join(f"'{self._name(each.type)}' (node {each.id})" for each in reversed(list(path)))

    def _name(self, type: str) -> str:
        told = self._raw.get(type)
        name = None if told is None else told[0].get("name")
        return name if isinstance(name, str) and name else group_name(type) or type

    def _place(self, type: str) -> str:
        return self._raw[type][1] if type in self._raw else f"extra.groupNodes.{group_name(type)}"

    def _made(self, type: str) -> Subgraph:
        if type not in self._raw:
            told = object_of(self._groups.get(group_name(type) or ""))
            made = group_as_subgraph(type, told, self._place(type), lambda node: self.kind(node, None))
        else:
            told, place = self._raw[type]
            made = Subgraph(
                id=type,
                name=self._name(type),
                inputs=_boundaries(told, "inputs", place),
                outputs=_boundaries(told, "outputs", place),
                body=self.complete(read_body(told, place, True, self._hear)),
            )
        if len(made.inputs) > MOST_SOCKETS or len(made.outputs) > MOST_SOCKETS:
            message = f"a sub-graph may have {MOST_SOCKETS:,} inputs and as many outputs"
            raise FormatError(message, where=self._place(type), field="inputs")
        return made

    def _instance(self, subgraph: Subgraph, proxies: Sequence[object]) -> Instance:
        if subgraph.id in self._raw:
            promoted = self._promoted(subgraph, proxies)
        else:
            promoted = self._promoted_of_group(subgraph)
        if len(promoted) > MOST_SOCKETS:
            message = f"a sub-graph may have {MOST_SOCKETS:,} widgets"
            raise FormatError(message, where=self._place(subgraph.id), field="proxyWidgets")
        by_inner: dict[Inner, str] = {}
        by_input: dict[int, str] = {}
        widgets: dict[int, Widget] = {}
        for each in promoted:
            if each.input is None:
                by_inner.setdefault(each.inner, each.widget.name)
            else:
                by_input.setdefault(each.input, each.widget.name)
                widgets[each.input] = each.widget
        kind = NodeKind(
            id=subgraph.id,
            display_name=subgraph.name,
            inputs=tuple(KindInput(each.name, each.type, widgets.get(at)) for at, each in enumerate(subgraph.inputs)),
            outputs=tuple(KindOutput(each.name, each.type) for each in subgraph.outputs),
            widgets=tuple(each.widget for each in promoted),
            is_subgraph=True,
        )
        return Instance(subgraph, kind, by_inner, by_input)

    def _promoted(self, subgraph: Subgraph, proxies: Sequence[object]) -> Sequence[Promoted]:
        """In the order of the instance's values: as `proxyWidgets` says, then the inputs that it leaves out."""
        behind = self._behind_inputs(subgraph)
        by_inner: dict[Inner, int] = {}
        by_name: dict[str, int] = {}
        for at, inner in enumerate(behind):
            by_name.setdefault(subgraph.inputs[at].name, at)
            if inner is not None:
                by_inner.setdefault(inner, at)
        found: dict[str, Promoted] = {}
        for told in proxies[: 2 * MOST_SOCKETS]:
            pair = cast(list[object], told) if isinstance(told, list) else []
            node, name = (["" if each is None else str(each) for each in pair] + ["", ""])[:2]
            if node == _ITSELF:
                each = self._promoted_input(subgraph, by_name[name]) if name in by_name else None
            else:
                inner = (node, self._inner_name(subgraph, node, name))
                at = by_inner.get(inner)
                each = self._promoted_widget(subgraph, inner) if at is None else self._promoted_input(subgraph, at)
            if each is not None:
                found.setdefault(each.widget.name, each)
        for at in range(len(subgraph.inputs)):
            each = self._promoted_input(subgraph, at)
            if each is not None:
                found.setdefault(each.widget.name, each)
        return list(found.values())

    def _promoted_of_group(self, subgraph: Subgraph) -> Sequence[Promoted]:
        """Of a group node every widget inside, node by node."""
        found: list[Promoted] = []
        for node in subgraph.body.nodes.values():
            kind = self.kind(node, subgraph.body)
            for widget in () if kind is None else kind.widgets:
                each = None if widget.kind == "upload" else self._promoted_widget(subgraph, (node.id, widget.name))
                if each is not None:
                    found.append(each)
        return found

    def _promoted_input(self, subgraph: Subgraph, at: int) -> Promoted | None:
        inner = self._behind_inputs(subgraph)[at]
        widget = None if inner is None else self._widget_within(subgraph, inner)
        if inner is None or widget is None:
            return None
        return Promoted(replace(widget, name=subgraph.inputs[at].name, has_control=False), at, inner)

    def _promoted_widget(self, subgraph: Subgraph, inner: Inner) -> Promoted | None:
        widget = self._widget_within(subgraph, inner)
        return None if widget is None else Promoted(replace(widget, name=".".join(inner)), None, inner)

    def _widget_within(self, subgraph: Subgraph, inner: Inner) -> Widget | None:
        node = subgraph.body.nodes.get(inner[0])
        kind = None if node is None else self.kind(node, subgraph.body)
        return None if kind is None else kind.by_name.get(inner[1])

    def _inner_name(self, subgraph: Subgraph, node: str, told: str) -> str:
        """The control of a seed is called by its own name in `proxyWidgets`."""
        drawn = subgraph.body.nodes.get(node)
        if drawn is None or told != _CONTROL:
            return told
        kind = self.kind(drawn, subgraph.body)
        if kind is None or told in kind.by_name:
            return told
        return next((each.name for each in kind.widgets if each.kind == "control"), told)

    def _behind_inputs(self, subgraph: Subgraph) -> Sequence[Inner | None]:
        """For each input the first widget it leads to; None where it leads to plain sockets too."""
        if subgraph.id not in self._behind:
            found: list[Inner | None] = [None] * len(subgraph.inputs)
            plain: set[int] = set()
            for wire in subgraph.body.out_of(INPUTS):
                target = subgraph.body.nodes.get(wire.target)
                widget = target.inputs[wire.target_slot].widget if target is not None else None
                if not 0 <= wire.source_slot < len(found):
                    continue
                if widget is None:
                    plain.add(wire.source_slot)
                    found[wire.source_slot] = None
                elif found[wire.source_slot] is None and wire.source_slot not in plain:
                    found[wire.source_slot] = (wire.target, widget)
            self._behind[subgraph.id] = found
        return self._behind[subgraph.id]

    def _primitive(self, node: Drawn, body: Body | None) -> NodeKind | None:
        """A primitive has the widget of the first input that it leads to, and a control if its file gave it one."""
        for wire in () if body is None else body.out_of(node.id):
            target = body.nodes.get(wire.target) if body is not None else None
            socket = None if target is None else target.inputs[wire.target_slot]
            if target is None or socket is None or socket.widget is None or target.type == PRIMITIVE:
                continue
            kind = self.kind(target, None)
            widget = None if kind is None else kind.by_name.get(socket.widget)
            if widget is not None:
                value = replace(widget, name=PRIMITIVE_VALUE, has_control=False, uploads=False)
                control = control_of(PRIMITIVE_VALUE)
                further = (Widget(control, "control", "fixed"),) if control in node.values else ()
                return NodeKind(PRIMITIVE, "Primitive", widgets=(value, *further))
        return NodeKind(PRIMITIVE, "Primitive")


def _definitions(document: Mapping[str, object]) -> Iterable[tuple[Mapping[str, object], str, str]]:
    definitions = document.get("definitions")
    if definitions is None:
        return
    if not isinstance(definitions, Mapping):
        raise FormatError("definitions is an object", where="definitions", field="definitions")
    for told, place in objects_in(cast(Mapping[str, object], definitions), "subgraphs", "definitions"):
        key = told.get("id")
        if not isinstance(key, str):
            raise FormatError("a sub-graph has an id, which is text", where=f"{place}.id", field="id")
        yield told, place, key


def _boundaries(told: Mapping[str, object], key: str, where: str) -> tuple[Boundary, ...]:
    found: list[Boundary] = []
    for each, place in objects_in(told, key, where):
        name = each.get("name", "")
        if not isinstance(name, str):
            raise FormatError("the name of an input or output is text", where=f"{place}.name", field="name")
        found.append(Boundary(name, type_name(each.get("type"))))
    return tuple(found)
