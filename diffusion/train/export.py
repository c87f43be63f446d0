"""Write what was trained as one file in the layout of Stable Diffusion 1, which any reader of that layout knows."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from diffusion.clip import ClipConfig
from diffusion.unet import UNetConfig
from diffusion.vae import VAEConfig

PREFIXES = {
    "unet": "model.diffusion_model.",
    "vae": "first_stage_model.",
    "text": "cond_stage_model.transformer.text_model.",
}
"""Where the layout keeps the parts."""


def write_checkpoint(
    path: Path, parts: dict[str, dict[str, Tensor]], unet: UNetConfig, vae: VAEConfig, text: ClipConfig, title: str
) -> None:
    """Write a single-file checkpoint in half precision.

    parts: tensors of "unet", "vae" and "text" by their names within the part. What shapes cannot tell goes into the
    file's metadata: heads, groups and the kind of prediction (velocity).
    """
    tensors = {
        PREFIXES[part] + name.removeprefix("text_model."): value.to(torch.float16).contiguous()
        for part, weights in parts.items()
        for name, value in weights.items()
        if not name.endswith("position_ids")
    }
    metadata = {
        "nodeloom.family": "sd1",
        "nodeloom.prediction": "v",
        "nodeloom.unet.heads": str(unet.num_heads),
        "nodeloom.unet.norm_groups": str(unet.norm_groups),
        "nodeloom.vae.norm_groups": str(vae.norm_groups),
        "nodeloom.clip.heads": str(text.heads),
        "modelspec.title": title,
        "modelspec.prediction_type": "v",
    }
    temporary = path.with_suffix(".part")
    save_file(tensors, temporary, metadata)
    temporary.replace(path)
