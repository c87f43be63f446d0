"""The nodes."""
class AnyType(str):
    def __ne__(self, other):
        return False

any_type = AnyType("*")

class FlexibleOptionalInputType(dict):
    """Takes any name."""
    def __init__(self, type):
        super().__init__()
        self.type = type
    def __getitem__(self, key):
        return (self.type,)
    def __contains__(self, key):
        return True

class StringyJoin:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"separator": ("STRING", {"default": ", "})},
                "optional": FlexibleOptionalInputType(any_type)}
    RETURN_TYPES = ("STRING",)
    FUNCTION = "join"
    CATEGORY = "📝 stringy"
    def join(self, separator, **kwargs):
        keys = sorted(k for k in kwargs if k.startswith("text_"))
        return (separator.join(str(kwargs[k]) for k in keys),)

class StringyReplace:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {
            "text": ("STRING", {"multiline": True, "dynamicPrompts": False}),
            "find": ("STRING", {"default": ""}),
            "replace": ("STRING", {"default": ""}),
            "mode": (["plain", "regex"],),
        }}
    RETURN_TYPES = ("STRING", "INT")
    RETURN_NAMES = ("text", "count")
    FUNCTION = "run"
    CATEGORY = "📝 stringy"
    @classmethod
    def VALIDATE_INPUTS(cls, find, mode):
        import re
        if mode == "regex":
            try:
                re.compile(find)
            except re.error as e:
                return f"not a regular expression: {e}"
        return True
    def run(self, text, find, replace, mode):
        import re
        return re.subn(find if mode == "regex" else re.escape(find), replace, text)

class StringyShow:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"anything": (any_type, {})}, "hidden": {"unique_id": "UNIQUE_ID", "prompt": "PROMPT"}}
    RETURN_TYPES = (any_type,)
    RETURN_NAMES = ("same",)
    OUTPUT_NODE = True
    FUNCTION = "show"
    CATEGORY = "📝 stringy"
    def show(self, anything, unique_id=None, prompt=None):
        return {"ui": {"text": (str(anything), prompt[unique_id]["class_type"])}, "result": (anything,)}

NODES = {c.__name__: c for c in (StringyJoin, StringyReplace, StringyShow)}
