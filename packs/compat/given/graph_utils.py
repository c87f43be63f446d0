"""What packs import as `comfy_execution.graph_utils`."""

from collections.abc import Mapping
from typing import Any

from graph.results import Blocker
from packs.compat.context import Context
from packs.convention.graph_builder import GraphBuilder, Node, is_link


def add_graph_prefix(
    graph: Mapping[str, Mapping[str, Any]], outputs: tuple[Any, ...], prefix: str
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """A graph whose ids, and the links to them, begin with a text."""

    def moved(value: Any) -> Any:
        return [prefix + str(value[0]), value[1]] if is_link(value) else value

    steps: dict[str, Any] = {}
    for name, node in graph.items():
        inputs = {key: moved(value) for key, value in node.get("inputs", {}).items()}
        steps[prefix + name] = {**node, "inputs": inputs}
    return steps, tuple(moved(value) for value in outputs)


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {
        "ExecutionBlocker": Blocker,
        "GraphBuilder": GraphBuilder,
        "Node": Node,
        "add_graph_prefix": add_graph_prefix,
        "is_link": is_link,
    }
