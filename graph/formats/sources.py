"""Where an input gets what it takes: along its link through reroutes, bypassed nodes and sub-graphs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from graph.formats.kinds import NodeKind
from graph.formats.library import Instance, Library
from graph.formats.sheet import BYPASSED, INPUTS, MUTED, OUTPUTS, Body, Drawn, types_fit
from graph.formats.values import PRIMITIVE, PRIMITIVE_VALUE, REROUTE, is_own
from graph.formats.words import FormatError

MOST_NODES: Final = 200_000
"""How many nodes a file may stand for once its sub-graphs are unfolded."""


@dataclass(frozen=True, eq=False)
class Outer:
    """An instance of a sub-graph, seen from inside."""

    scope: "Scope"
    node: Drawn
    instance: Instance


@dataclass(frozen=True, eq=False)
class Scope:
    """The nodes of a workflow or of one instance of a sub-graph. path: the nodes around, from the outside in."""

    body: Body
    path: tuple[str, ...] = ()
    outer: Outer | None = None
    by_name: dict[str, Drawn] = field(default_factory=dict[str, Drawn])
    """Its nodes by the names that texts may call them by; filled when one is first looked for."""

    def id_of(self, node: str) -> str:
        """The id of one of its nodes in what runs."""
        return ":".join((*self.path, node))


@dataclass(frozen=True, slots=True)
class Output:
    """An input takes what a step puts out."""

    id: str
    slot: int


@dataclass(frozen=True, slots=True)
class Given:
    """An input takes the value that an instance has; several may get the same one (`by` names it)."""

    value: object
    by: str


@dataclass(frozen=True, slots=True)
class Primitive:
    """An input takes what a primitive node holds."""

    value: object
    node: Drawn
    scope: Scope


Source = Output | Given | Primitive | None
_Spot = tuple[Scope, str, int]
_Key = tuple[tuple[str, ...], str, int, str, bool]


class Sources:
    """Follows links; what was found on a way is remembered, so that all ways together take linear time."""

    def __init__(self, library: Library, body: Body) -> None:
        self._library = library
        self.outermost = Scope(body)
        self._scopes: dict[tuple[str, ...], Scope] = {(): self.outermost}
        self._known: dict[_Key, Source] = {}
        self._unfolded = len(body.nodes)

    def inside(self, scope: Scope, node: Drawn, instance: Instance) -> Scope:
        """The inside of an instance. Raises FormatError where there are too many."""
        path = (*scope.path, node.id)
        if path not in self._scopes:
            self._unfolded += 1 + len(instance.subgraph.body.nodes)
            if self._unfolded > MOST_NODES:
                message = f"with its sub-graphs unfolded it has more than {MOST_NODES:,} nodes; use fewer in each other"
                raise FormatError(message, where="definitions.subgraphs", field="nodes")
            self._scopes[path] = Scope(instance.subgraph.body, path, Outer(scope, node, instance))
        return self._scopes[path]

    def running(self) -> Iterator[tuple[Scope, Drawn]]:
        """Every node that runs, those of sub-graphs in place of their instances."""
        waiting = [(self.outermost, iter(self.outermost.body.nodes.values()))]
        while waiting:
            scope, nodes = waiting[-1]
            node = next(nodes, None)
            if node is None:
                waiting.pop()
            elif node.mode not in (MUTED, BYPASSED) and not is_own(node.type):
                instance = self._library.instance(node)
                if instance is None:
                    yield scope, node
                else:
                    inner = self.inside(scope, node, instance)
                    waiting.append((inner, iter(inner.body.nodes.values())))

    def value(self, scope: Scope, node: Drawn, name: str) -> tuple[object] | None:
        """A widget's value, in a tuple: what an instance around says of it, else the node's own; None for none."""
        own = (node.values[name],) if name in node.values else None
        if scope.outer is None:
            return own
        promoted = scope.outer.instance.by_inner.get((node.id, name))
        told = None if promoted is None else self.value(scope.outer.scope, scope.outer.node, promoted)
        return own if told is None or told[0] is None else told

    def of(self, scope: Scope, node: Drawn, slot: int, type: str) -> Source:
        """What comes in at an input, None for nothing. type: that of the input. Raises FormatError for a ring."""
        spot = self._into(scope, node, slot)
        is_direct = True
        passed: list[tuple[_Key, int]] = []
        seen: set[_Key] = set()
        fallbacks: list[Given | None] = []
        found: Source = None
        while spot is not None:
            key = (spot[0].path, spot[1], spot[2], type, is_direct)
            if key in seen:
                raise self._ring(passed, key)
            if key in self._known:
                found = self._known[key]
                break
            seen.add(key)
            passed.append((key, len(fallbacks)))
            inner, source, at = spot
            if source == INPUTS and inner.outer is not None:
                fallbacks.append(self._given(inner.outer, at))
                spot = self._outside(inner.outer, at)
                continue
            drawn = inner.body.nodes.get(source)
            if drawn is None:
                break
            if drawn.type == PRIMITIVE:
                found = self._primitive(inner, drawn) if is_direct else None
                break
            found, spot = self._through(inner, drawn, at, type)
            is_direct = False
        for key, before in reversed(passed):
            while len(fallbacks) > before:
                other = fallbacks.pop()
                found = other if found is None else found
            self._known[key] = found
        return found

    def _through(self, scope: Scope, node: Drawn, slot: int, type: str) -> tuple[Source, _Spot | None]:
        """What an output of a node stands for, or where to look further."""
        if node.mode == MUTED:
            return None, None
        if node.type == REROUTE:
            return None, self._into(scope, node, 0)
        if is_own(node.type):
            return None, None
        if node.mode == BYPASSED:
            return None, self._bypassed(scope, node, slot, type)
        instance = self._library.instance(node)
        if instance is None:
            return Output(scope.id_of(node.id), slot), None
        inner = self.inside(scope, node, instance)
        wire = inner.body.into(OUTPUTS, slot)
        return None, None if wire is None else (inner, wire.source, wire.source_slot)

    def _bypassed(self, scope: Scope, node: Drawn, slot: int, consumer: str) -> _Spot | None:
        kind = self._library.kind(node, scope.body)
        inputs = [(each.name, each.type) for each in (node.inputs if kind is None else kind.inputs)]
        outputs = list(node.outputs) if kind is None else [each.type for each in kind.outputs]
        outputs += node.outputs[len(outputs) :]
        output = outputs[slot] if 0 <= slot < len(outputs) else "*"
        chosen = chosen_input(inputs, slot, output, consumer)
        at = None if chosen is None else node.places.get(chosen)
        return None if at is None else self._into(scope, node, at)

    def _into(self, scope: Scope, node: Drawn, slot: int) -> _Spot | None:
        wire = scope.body.into(node.id, slot)
        return None if wire is None else (scope, wire.source, wire.source_slot)

    def _outside(self, outer: Outer, slot: int) -> _Spot | None:
        inputs = outer.instance.subgraph.inputs
        at = outer.node.places.get(inputs[slot].name) if 0 <= slot < len(inputs) else None
        return None if at is None else self._into(outer.scope, outer.node, at)

    def _given(self, outer: Outer, slot: int) -> Given | None:
        name = outer.instance.by_input.get(slot)
        told = None if name is None else self.value(outer.scope, outer.node, name)
        return None if told is None else Given(told[0], f"{outer.scope.id_of(outer.node.id)}.{slot}")

    def _primitive(self, scope: Scope, node: Drawn) -> Source:
        told = self.value(scope, node, PRIMITIVE_VALUE)
        return None if told is None else Primitive(told[0], node, scope)

    def _ring(self, passed: Sequence[tuple[_Key, int]], key: _Key) -> FormatError:
        ring = [each for each, _ in passed]
        ids = [":".join((*path, node)) for path, node, _, _, _ in (*ring[ring.index(key) :], key)]
        shown = " → ".join(ids if len(ids) <= 8 else [*ids[:4], "…", *ids[-3:]])
        message = f"links lead in a ring through nodes that only pass on: {shown}; take one of these links away"
        return FormatError(message, where=f"nodes.{ids[0]}", node=ids[0], field="inputs")


def chosen_input(inputs: Sequence[tuple[str, str]], slot: int, output: str, consumer: str) -> str | None:
    """Which input (name, type) of a bypassed node one of its outputs stands for."""
    opposite = inputs[slot] if 0 <= slot < len(inputs) else None
    if consumer == "*":
        chosen = opposite or next(iter(inputs), None)
        return None if chosen is None else chosen[0]
    if opposite is not None and types_fit(opposite[1], consumer) and types_fit(opposite[1], output):
        return opposite[0]
    exact = (name for name, told in inputs if told == consumer)
    return next(exact, next((name for name, told in inputs if types_fit(told, consumer)), None))


def kind_types(kind: NodeKind | None, node: Drawn, name: str) -> str:
    """The type of an input: as its kind says, else as it was drawn."""
    told = None if kind is None else kind.types.get(name)
    if told is not None:
        return told
    at = node.places.get(name)
    return "*" if at is None else node.inputs[at].type
