"""What packs import as `comfy.options`."""

from packs.compat.context import Context
from packs.compat.devices import nothing_to_do


def names(context: Context) -> dict[str, object]:
    """The contents of the module; options have been read already."""
    return {"args_parsing": True, "enable_args_parsing": nothing_to_do}
