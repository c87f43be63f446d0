"""Noise."""
import torch

class LatentNoiseAdd:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"latent": ("LATENT",), "seed": ("INT", {"default": 0}), "strength": ("FLOAT", {"default": 1.0})},
                "optional": {"mask": ("MASK",)}}
    RETURN_TYPES = ("LATENT", "STRING")
    FUNCTION = "add"
    CATEGORY = "latent/tools"
    def add(self, latent, seed, strength, mask=None):
        generator = torch.manual_seed(seed)
        noise = torch.randn(latent["samples"].size(), generator=generator, device="cpu")
        out = {**latent, "samples": latent["samples"] + noise * strength}
        if mask is not None:
            out["noise_mask"] = mask.reshape((-1, 1, mask.shape[-2], mask.shape[-1]))
        return (out, out.get("made_by", "nobody"))

NODE_CLASS_MAPPINGS = {"LatentNoiseAdd": LatentNoiseAdd}
