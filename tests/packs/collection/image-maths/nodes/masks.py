"""Masks."""
import numpy as np
import torch

class MaskFromBrightness:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",), "threshold": ("FLOAT", {"default": .5, "min": 0, "max": 1})},
                "optional": {"invert": ("BOOLEAN", {"default": False})}}
    RETURN_TYPES = ("MASK",)
    FUNCTION = "go"
    CATEGORY = "image/maths"
    def go(self, image, threshold, invert=False):
        pixels = image.cpu().numpy()
        m = (pixels.mean(-1) > threshold).astype(np.float32)
        if invert:
            m = 1 - m
        return (torch.from_numpy(m),)

NODE_CLASS_MAPPINGS = {"MaskFromBrightness+": MaskFromBrightness}
NODE_DISPLAY_NAME_MAPPINGS = {"MaskFromBrightness+": "🧮 Mask From Brightness"}
