"""What packs import as `comfy_execution.graph`."""

from graph.results import Blocker
from packs.compat.context import Context
from packs.convention.hidden import GrowingGraph


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {"DynamicPrompt": GrowingGraph, "ExecutionBlocker": Blocker}
