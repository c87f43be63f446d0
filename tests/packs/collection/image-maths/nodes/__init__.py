"""A sub-package with the same name as a module of the host."""
import torch
from .. import shared

class ImageBlendMath:
    OPS = ["add", "multiply", "screen", "difference"]

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "image_a": ("IMAGE",),
                "image_b": ("IMAGE",),
                "op": (s.OPS,),
                "amount": ("FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}),
            },
        }

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "blend"
    CATEGORY = "image/maths"

    def blend(self, image_a, image_b, op, amount):
        a, b = shared.same_size(image_a, image_b)
        if op == "add":
            c = a + b
        elif op == "multiply":
            c = a * b
        elif op == "screen":
            c = 1 - (1 - a) * (1 - b)
        else:
            c = (a - b).abs()
        return (torch.clamp(a * (1 - amount) + c * amount, 0, 1),)


class ImageStatistics:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"image": ("IMAGE",)}}

    RETURN_TYPES = ("FLOAT", "FLOAT", "INT", "INT")
    RETURN_NAMES = ("mean", "std", "width", "height")
    OUTPUT_TOOLTIPS = ("of all numbers",)
    FUNCTION = "measure"
    CATEGORY = "image/maths"

    def measure(self, image):
        _, h, w, _ = image.shape
        return (image.mean().item(), image.std(unbiased=False).item(), w, h)


NODE_CLASS_MAPPINGS = {"ImageBlendMath+": ImageBlendMath, "ImageStatistics+": ImageStatistics}
NODE_DISPLAY_NAME_MAPPINGS = {"ImageBlendMath+": "🧮 Blend Images", "ImageStatistics+": "🧮 Image Statistics"}
