"""What packs import as `comfy_execution.progress`."""

from typing import Any

from packs.compat.context import Context
from packs.compat.progress import Bar


class ProgressRegistry:
    """Tells how far nodes are."""

    def start_progress(self, node_id: str) -> None:
        """Nodes are told as started by the host."""

    def update_progress(self, node_id: str, value: float, max_value: float, image: Any = None) -> None:
        """Tell how far a node is. Raises Interrupted."""
        Bar(max_value, node_id).update_absolute(value, max_value, image)

    def finish_progress(self, node_id: str) -> None:
        """Nodes are told as finished by the host."""


def get_progress_state() -> ProgressRegistry:
    """What tells how far nodes are."""
    return ProgressRegistry()


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {"ProgressRegistry": ProgressRegistry, "get_progress_state": get_progress_state}
