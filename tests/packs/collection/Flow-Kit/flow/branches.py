"""Branches."""
from comfy_execution.graph import ExecutionBlocker

from .types import ANY


class FlowIfElse:
    TITLE = "🔀 If / Else"

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"condition": ("BOOLEAN", {"default": True})},
            "optional": {"on_true": (ANY, {"lazy": True}), "on_false": (ANY, {"lazy": True})},
        }

    RETURN_TYPES = (ANY,)
    RETURN_NAMES = ("value",)
    FUNCTION = "choose"
    CATEGORY = "flow 🔁"

    def check_lazy_status(self, condition, on_true=None, on_false=None):
        if condition and on_true is None:
            return ["on_true"]
        if not condition and on_false is None:
            return ["on_false"]

    def choose(self, condition, on_true=None, on_false=None):
        return (on_true if condition else on_false,)


class FlowGate:
    TITLE = "🚧 Gate"

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"value": (ANY,), "open": ("BOOLEAN", {"default": True})},
            "optional": {"message": ("STRING", {"default": ""})},
        }

    RETURN_TYPES = (ANY,)
    FUNCTION = "gate"
    CATEGORY = "flow 🔁"

    def gate(self, value, open, message=""):
        return (value if open else ExecutionBlocker(message or None),)


CLASSES = {"FlowIfElse": FlowIfElse, "FlowGate": FlowGate}
