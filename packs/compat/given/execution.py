"""What packs import as `execution`."""

from graph.results import Blocker
from packs.compat.context import Context
from packs.compat.refusing import Refused

RUNS = "Runs are carried out by the host; use the hidden inputs PROMPT, DYNPROMPT and UNIQUE_ID"


def names(context: Context) -> dict[str, object]:
    """The contents of the module; classes of the host's own are there to be named, and refuse to be used."""
    of_the_host = ("ExecutionResult", "PromptExecutor", "PromptQueue", "validate_prompt", "get_input_data")
    refused = {name: Refused(f"execution.{name} is not given to packs here. {RUNS}.") for name in of_the_host}
    return {**refused, "ExecutionBlocker": Blocker}
