"""What packs import as `comfy_api.input_impl`."""

from typing import Any

from packs.compat.context import Context
from packs.compat.refusing import Refused

NO_VIDEO = "There are no videos on wires yet; hand pictures on as an IMAGE batch."


def names(context: Context) -> dict[str, Any]:
    """The contents of the module."""
    return {name: Refused(NO_VIDEO) for name in ("VideoFromComponents", "VideoFromFile")}
