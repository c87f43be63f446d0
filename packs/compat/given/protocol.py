"""What packs import as `protocol`."""

from packs.compat.context import Context
from packs.compat.prompt_server import BinaryEventTypes


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {"BinaryEventTypes": BinaryEventTypes}
