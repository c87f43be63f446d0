"""What packs import as `comfyui_version`: the version of this program, which is another one."""

from packs.compat.context import Context


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {"__version__": context.version or "0"}
