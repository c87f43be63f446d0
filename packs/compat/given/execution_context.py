"""What packs import as `comfy_execution.utils`: which node runs here."""

import importlib
from typing import Any

from packs.compat.context import Context


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    words: Any = importlib.import_module("packs.convention.words.context")
    return {"ExecutionContext": words.ExecutionContext, "get_executing_context": words.get_executing_context}
