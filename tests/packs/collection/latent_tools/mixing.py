"""Mixing."""
import torch
from comfy.comfy_types import IO, ComfyNodeABC, InputTypeDict

class LatentMix(ComfyNodeABC):
    @classmethod
    def INPUT_TYPES(cls) -> InputTypeDict:
        return {"required": {"a": (IO.LATENT, {}), "b": (IO.LATENT, {}), "share": (IO.FLOAT, {"default": 0.5})}}
    RETURN_TYPES = (IO.LATENT,)
    FUNCTION = "mix"
    CATEGORY = "latent/tools"
    def mix(self, a, b, share):
        out = a.copy()
        out["samples"] = torch.lerp(a["samples"], b["samples"], share)
        out["made_by"] = "LatentMix"
        return (out,)

NODE_CLASS_MAPPINGS = {"LatentMix": LatentMix}
NODE_DISPLAY_NAME_MAPPINGS = {"LatentMix": "Mix Latents 🧪"}
