"""What packs import as `server`."""

from aiohttp import web

from packs.compat.context import Context
from packs.compat.prompt_server import BinaryEventTypes, server_class


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {"BinaryEventTypes": BinaryEventTypes, "PromptServer": context.part(server_class), "web": web}
