"""Lists, in one file."""


class MakeNumbers:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"start": ("INT", {"default": 0}), "count": ("INT", {"default": 3, "min": 0})}}

    RETURN_TYPES = ("INT",)
    OUTPUT_IS_LIST = (True,)
    FUNCTION = "make"
    CATEGORY = "lists"

    def make(self, start, count):
        return (list(range(start, start + count)),)


class TimesPlus:
    """Called once for every item."""

    calls = 0

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"x": ("INT", {"forceInput": True}), "y": ("INT", {"forceInput": True})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "go"
    CATEGORY = "lists"

    def go(self, x, y):
        TimesPlus.calls += 1
        return (x * 10 + y,)


class SumList:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"values": ("INT", {"forceInput": True}), "factor": ("INT", {"default": 1})}}

    INPUT_IS_LIST = True
    RETURN_TYPES = ("INT", "INT")
    OUTPUT_IS_LIST = (False, True)
    RETURN_NAMES = ("sum", "reversed")
    FUNCTION = "sum"
    CATEGORY = "lists"

    def sum(self, values, factor):
        return (sum(values) * factor[0], values[::-1])


class SelectImages:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"images": ("IMAGE",), "indexes": ("STRING", {"default": "0"})}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "select"
    CATEGORY = "lists"
    OUTPUT_IS_LIST = (True)  # the author forgot the comma

    def select(self, images, indexes):
        return ([images[int(i)].unsqueeze(0) for i in indexes.split(",")],)


NODE_CLASS_MAPPINGS = {
    "MakeNumbers": MakeNumbers,
    "TimesPlus": TimesPlus,
    "SumList": SumList,
    "SelectImages": SelectImages,
}
