"""What packs import as `comfy_api.latest.io`."""

import importlib

from packs.compat.context import Context


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    words = importlib.import_module("packs.convention.words.io")
    return {name: value for name, value in vars(words).items() if not name.startswith("__")}
