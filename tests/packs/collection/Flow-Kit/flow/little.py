"""Small nodes that loops are made of, and that count how often they ran."""
from .types import ANY

ran = {}


def note(name):
    ran[name] = ran.get(name, 0) + 1


class FlowNumbers:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "a": ("INT,FLOAT", {"default": 0}),
                "b": ("INT,FLOAT", {"default": 0}),
                "op": (["a+b", "a*b", "a<b", "a==b", "a%b"],),
            }
        }

    RETURN_TYPES = ("INT,FLOAT,BOOLEAN",)
    FUNCTION = "calculate"
    CATEGORY = "flow 🔁"

    def calculate(self, a, b, op):
        note(op)
        return ({"a+b": a + b, "a*b": a * b, "a<b": a < b, "a==b": a == b, "a%b": a % (b or 1)}[op],)


class FlowAccumulate:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"to_add": (ANY,)}, "optional": {"accumulation": ("ACCUMULATION",)}}

    RETURN_TYPES = ("ACCUMULATION",)
    FUNCTION = "accumulate"
    CATEGORY = "flow 🔁"

    def accumulate(self, to_add, accumulation=None):
        return ({"accum": [*(accumulation["accum"] if accumulation else []), to_add]},)


class FlowAccumulationToList:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"accumulation": ("ACCUMULATION",)}}

    RETURN_TYPES = (ANY,)
    OUTPUT_IS_LIST = (True,)
    FUNCTION = "to_list"
    CATEGORY = "flow 🔁"

    def to_list(self, accumulation):
        return (accumulation["accum"],)


CLASSES = {c.__name__: c for c in (FlowNumbers, FlowAccumulate, FlowAccumulationToList)}
