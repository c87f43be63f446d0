"""Which node runs here, for code that was not told."""

from typing import NamedTuple

from graph.handle import call_index, current_run


class ExecutionContext(NamedTuple):
    """The run, the node, and for which item of a mapped list it is called, from 0."""

    prompt_id: str
    node_id: str
    list_index: int | None


def get_executing_context() -> ExecutionContext | None:
    """The node that runs here, of many at the same time the one whose task this is; None where none does."""
    run = current_run.get()
    return None if run is None else ExecutionContext(run.run_id, run.node_id, call_index.get())
