"""Nodes as data, and back: a process that has no code of a node can still list it and check what is drawn with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, NoReturn, cast

from graph.errors import SpecError
from graph.interface import ABSENT, ANY, Hidden, Input, Node, Output
from graph.registry import Registry

_PLAIN: Final = (
    "id",
    "category",
    "display_name",
    "description",
    "module",
    "version",
    "terminal",
    "is_async",
    "deprecated",
    "experimental",
    "keyed_by_step",
)


@dataclass(frozen=True, eq=False)
class Descriptions:
    """Nodes that can be checked and listed, not run; `asks` are those whose own validation only their code can do."""

    registry: Registry
    asks: frozenset[str]


def description(node: Node) -> dict[str, object]:
    """A node as JSON, all that `check` and `object_info` look at; what equals its default is left out."""
    told: dict[str, object] = {name: getattr(node, name) for name in _PLAIN}
    told["inputs"] = [_told(each) for each in node.inputs]
    told["outputs"] = [_told(each) for each in node.outputs]
    told["hidden"] = [[each.name, each.kind] for each in node.hidden]
    told["asks"] = node.validate is not None or node.dynamic is not None
    told["dynamic"] = node.dynamic is not None
    return told


def read_descriptions(described: Iterable[Mapping[str, object]]) -> Descriptions:
    """The nodes of descriptions; calling one raises SpecError."""
    registry = Registry()
    asks: set[str] = set()
    for told in described:
        registry.add(_node(told))
        if told["asks"]:
            asks.add(cast(str, told["id"]))
    return Descriptions(registry, frozenset(asks))


def _told(declared: Input | Output) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in fields(declared):
        value = getattr(declared, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if value is not ABSENT and (default is MISSING or value != default):
            found[field.name] = list(value) if field.name == "choices" else value
    return found


def _node(told: Mapping[str, Any]) -> Node:
    plain = {name: told[name] for name in _PLAIN if name in told}
    inputs = cast(Sequence[Mapping[str, Any]], told["inputs"])
    outputs = cast(Sequence[Mapping[str, Any]], told["outputs"])
    return Node(
        inputs=tuple(Input(**each) for each in inputs),
        outputs=tuple(Output(**each) for each in outputs),
        hidden=tuple(Hidden(name, kind) for name, kind in told["hidden"]),
        call=_elsewhere,
        dynamic=_any_input if told["dynamic"] else None,
        **plain,
    )


def _any_input(name: str, linked: bool) -> Input:
    """An input that only the node's own code can judge."""
    return Input(name, ANY, "optional", literals=True, check_value=False, check_link=False)


def _elsewhere(inputs: Mapping[str, object], run: object) -> NoReturn:
    raise SpecError("this node is known by its description only; its code is in a worker process, which can run it")
