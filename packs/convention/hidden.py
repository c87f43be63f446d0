"""What the host fills in: the values of hidden inputs, taken from the handle of the run."""

from collections.abc import Iterable, Mapping
from typing import Final

from graph.handle import Run
from graph.interface import Hidden
from graph.steps import Link, Step, Wrapped

NOT_GIVEN: Final = frozenset({"AUTH_TOKEN_COMFY_ORG", "API_KEY_COMFY_ORG"})
"""Kinds that stand for accounts elsewhere; there are none here."""

HIDDEN_KINDS: Final = frozenset({"PROMPT", "UNIQUE_ID", "EXTRA_PNGINFO", "DYNPROMPT"}) | NOT_GIVEN
"""Kinds the host fills in. Of any other, a pack's own part of the editor gives the value."""


class GrowingGraph:
    """The graph of a run as DYNPROMPT has it: the drawn nodes, and those that came by expansion so far."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def get_node(self, node_id: str) -> dict[str, object]:
        """A node in the API form. Raises KeyError for one that is not there."""
        step = self._run.step(node_id)
        if step is None:
            raise KeyError(f"there is no node {node_id!r} in this run")
        return node_of(step)

    def has_node(self, node_id: str) -> bool:
        """Whether there is such a node."""
        return self._run.step(node_id) is not None

    def get_real_node_id(self, node_id: str) -> str:
        """The drawn node that a node came by, through all expansions; a drawn one itself."""
        parent = self._run.origin(node_id).parent
        while parent is not None:
            node_id, parent = parent, self._run.origin(parent).parent
        return node_id

    def get_display_node_id(self, node_id: str) -> str:
        """The drawn node that a node is shown at."""
        return self._run.origin(node_id).display

    def get_parent_node_id(self, node_id: str) -> str | None:
        """The node whose expansion a node came by, None for a drawn one."""
        return self._run.origin(node_id).parent

    def all_node_ids(self) -> set[str]:
        """The ids of all nodes there are so far."""
        return set(self._run.step_ids())

    def get_original_prompt(self) -> Mapping[str, object]:
        """The drawn graph."""
        return self._run.workflow


def node_of(step: Step) -> dict[str, object]:
    """A step as a node of the API form; the caller may change it."""
    inputs: dict[str, object] = {}
    for name, value in step.inputs.items():
        if isinstance(value, Link):
            inputs[name] = [value.node, value.slot]
        else:
            inputs[name] = value.value if isinstance(value, Wrapped) else value
    return {"class_type": step.class_type, "inputs": inputs, **step.extra}


def hidden_values(hidden: Iterable[Hidden], run: Run) -> dict[str, object]:
    """The values of hidden inputs by name, of the kinds the host fills in; None where it has nothing to give."""
    return {each.name: _value(each.kind, run) for each in hidden if each.kind in HIDDEN_KINDS}


def _value(kind: str, run: Run) -> object:
    match kind:
        case "UNIQUE_ID":
            return run.node_id
        case "PROMPT":
            return run.workflow
        case "EXTRA_PNGINFO":
            return run.extra or None
        case "DYNPROMPT":
            return GrowingGraph(run)
        case _:
            return None
