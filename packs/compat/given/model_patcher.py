"""What packs import as `comfy.model_patcher`."""

from packs.compat.context import Context
from packs.compat.model_patcher import ModelPatcher


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {"ModelPatcher": ModelPatcher}
