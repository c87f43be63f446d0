"""Builds graphs while a node runs: what packs know as GraphBuilder.

Ids are the same in every run, so that what an expansion made is found again: they count the builders of one call, and
the engine puts the expanding node and the call before them. Ids of the drawn graph in links stay what they are.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from packs.convention.calling import builders, is_link

__all__ = ["GraphBuilder", "Node", "add_graph_prefix", "is_link"]

_FIRST: Final = "~"


class Node:
    """A node of a graph that is being built. Its inputs may hold values of any kind and links."""

    def __init__(self, id: str, class_type: str, inputs: dict[str, object]) -> None:
        self.id = id
        self.class_type = class_type
        self.inputs = inputs
        self.override_display_id: str | None = None

    def out(self, index: int) -> list[object]:
        """A link to one of its outputs."""
        return [self.id, index]

    def get_input(self, name: str) -> object:
        """The value or link of an input, None where there is none."""
        return self.inputs.get(name)

    def set_input(self, name: str, value: object) -> None:
        """Give an input a value or a link; None takes it away."""
        if value is None:
            self.inputs.pop(name, None)
        else:
            self.inputs[name] = value

    def set_override_display_id(self, override_display_id: str) -> None:
        """Show what this node does at another node than the one that expands."""
        self.override_display_id = override_display_id

    def serialize(self) -> dict[str, object]:
        """The node in the API form."""
        told: dict[str, object] = {"class_type": self.class_type, "inputs": dict(self.inputs)}
        if self.override_display_id is not None:
            told["override_display_id"] = self.override_display_id
        return told


class GraphBuilder:
    """A graph in the making; `finalize` gives what a node returns as `expand`."""

    def __init__(self, prefix: str | None = None) -> None:
        self.prefix = self.alloc_prefix() if prefix is None else prefix
        self.nodes: dict[str, Node] = {}
        self._ids: Iterator[int] = itertools.count(1)

    @classmethod
    def alloc_prefix(cls) -> str:
        """What the ids of one builder begin with, so that those of another are different."""
        counter = builders.get()
        return f"{_FIRST}{0 if counter is None else next(counter)}."

    def node(self, class_type: str, id: str | None = None, **kwargs: object) -> Node:
        """Add a node; of an id that is there already, give that one."""
        full = self.prefix + (str(next(self._ids)) if id is None else id)
        known = self.nodes.get(full)
        if known is not None:
            return known
        made = Node(full, class_type, {name: value for name, value in kwargs.items() if value is not None})
        self.nodes[full] = made
        return made

    def lookup_node(self, id: str) -> Node | None:
        """A node by the id it was added under."""
        return self.nodes.get(self.prefix + id)

    def remove_node(self, id: str) -> None:
        """Take a node away."""
        del self.nodes[self.prefix + id]

    def replace_node_output(self, node_id: str, index: int, new_value: object) -> None:
        """Let all that link to an output of a node have another value or link instead; None takes the link away."""
        link = [self.prefix + node_id, index]
        for node in self.nodes.values():
            for name in [name for name, value in node.inputs.items() if is_link(value) and value == link]:
                node.set_input(name, new_value)

    def finalize(self) -> dict[str, dict[str, object]]:
        """The graph in the API form."""
        return {name: node.serialize() for name, node in self.nodes.items()}


def add_graph_prefix(
    graph: Mapping[str, Mapping[str, object]], outputs: Sequence[object], prefix: str
) -> tuple[dict[str, dict[str, object]], tuple[object, ...]]:
    """A graph in the API form and links into it with a prefix before all ids of its nodes."""

    def renamed(value: object) -> object:
        if not is_link(value):
            return value
        step, slot = cast("list[object]", value)
        return [f"{prefix}{step}" if step in graph else step, slot]

    nodes: dict[str, dict[str, object]] = {}
    for step_id, node in graph.items():
        inputs = cast(Mapping[str, object], node.get("inputs") or {})
        nodes[prefix + step_id] = {**node, "inputs": {name: renamed(value) for name, value in inputs.items()}}
    return nodes, tuple(renamed(value) for value in outputs)
