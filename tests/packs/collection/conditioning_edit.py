"""Prompts after encoding."""
import torch
import node_helpers
from nodes import ConditioningConcat, MAX_RESOLUTION


class ConditioningScale:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"conditioning": ("CONDITIONING",), "scale": ("FLOAT", {"default": 1.0})}}

    RETURN_TYPES = ("CONDITIONING",)
    FUNCTION = "scale_it"
    CATEGORY = "conditioning/edit"

    def scale_it(self, conditioning, scale):
        c = []
        for t in conditioning:
            n = [t[0] * scale, t[1].copy()]
            if n[1].get("pooled_output") is not None:
                n[1]["pooled_output"] = n[1]["pooled_output"] * scale
            c.append(n)
        return (c,)


class ConditioningTimes:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"conditioning": ("CONDITIONING",), "start": ("FLOAT", {"default": 0.0}),
                             "end": ("FLOAT", {"default": 1.0}), "x": ("INT", {"default": 0, "max": MAX_RESOLUTION})}}

    RETURN_TYPES = ("CONDITIONING",)
    FUNCTION = "times"
    CATEGORY = "conditioning/edit"

    def times(self, conditioning, start, end, x):
        return (node_helpers.conditioning_set_values(
            conditioning, {"start_percent": start, "end_percent": end, "my_own_mark": x}),)


class ConditioningJoin(ConditioningConcat):
    FUNCTION = "join"
    CATEGORY = "conditioning/edit"

    def join(self, conditioning_to, conditioning_from):
        return self.concat(conditioning_to, conditioning_from)


class ConditioningLook:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"conditioning": ("CONDITIONING",)}}

    RETURN_TYPES = ("STRING", "INT")
    FUNCTION = "look"
    CATEGORY = "conditioning/edit"

    def look(self, conditioning):
        return (",".join(sorted(conditioning[0][1])), int(conditioning[0][0].shape[1]))


NODE_CLASS_MAPPINGS = {c.__name__: c for c in (ConditioningScale, ConditioningTimes, ConditioningJoin, ConditioningLook)}
