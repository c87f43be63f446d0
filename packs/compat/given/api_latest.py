"""What packs import as `comfy_api.latest` and under its numbered versions."""

import importlib
from types import SimpleNamespace
from typing import Any

from packs.compat.context import Context
from packs.compat.given import api_input, api_input_impl, api_types


class ComfyExtension:
    """What a pack's `comfy_entrypoint` returns; it lists the pack's nodes."""

    async def on_load(self) -> None:
        """Called once, before the nodes are listed."""

    async def get_node_list(self) -> list[type]:
        """The classes of the nodes."""
        raise NotImplementedError(f"{type(self).__name__} has no method get_node_list of its own")


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    io: Any = importlib.import_module("packs.convention.words.io")
    ui: Any = importlib.import_module("packs.convention.words.ui")
    api: Any = importlib.import_module("packs.convention.words.api")
    return {
        "ComfyAPI": api.ComfyAPI,
        "ComfyAPISync": api.ComfyAPISync,
        "ComfyExtension": getattr(io, "ComfyExtension", None) or ComfyExtension,
        "IO": io,
        "Input": SimpleNamespace(**api_input.names(context)),
        "InputImpl": SimpleNamespace(**api_input_impl.names(context)),
        "Types": SimpleNamespace(**api_types.names(context)),
        "UI": ui,
        "io": io,
        "ui": ui,
    }
