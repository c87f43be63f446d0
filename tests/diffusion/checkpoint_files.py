"""Tiny checkpoints with random weights, in the layouts people exchange, for the tests of loading."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from diffusion.unet import UNet, UNetConfig
from diffusion.vae import AutoencoderKL, VAEConfig

UNET = UNetConfig(
    model_channels=16,
    channel_mult=(1, 2, 2),
    res_blocks=(1, 1, 1),
    transformer_depth=(1, 1, 0),
    context_dim=32,
    num_heads=4,
    norm_groups=8,
)
VAE = VAEConfig(channels=(8, 16, 16), res_blocks=1, norm_groups=4)
METADATA = {
    "nodeloom.unet.heads": "4",
    "nodeloom.unet.norm_groups": "8",
    "nodeloom.vae.norm_groups": "4",
    "nodeloom.clip.heads": "2",
}
LDM_UNET, LDM_VAE, LDM_CLIP = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer.text_model."


@dataclass(frozen=True)
class TinyNetworks:
    """The parts of a Stable Diffusion 1 in miniature."""

    unet: UNet
    vae: AutoencoderKL
    clip: CLIPTextModel

    def ldm_tensors(self) -> dict[str, Tensor]:
        """The tensors of the three under the names of the original layout."""
        parts = ((LDM_UNET, self.unet), (LDM_VAE, self.vae), (LDM_CLIP, self.clip))
        return {prefix + name: tensor for prefix, part in parts for name, tensor in part.state_dict().items()}


def tiny_networks(unet: UNetConfig = UNET, vae: VAEConfig = VAE) -> TinyNetworks:
    """Networks of these configurations with weights large enough that a mistake shows."""
    torch.manual_seed(0)
    networks = TinyNetworks(UNet(unet), AutoencoderKL(vae), CLIPTextModel(text_config(unet.context_dim)))
    for network in (networks.unet, networks.vae, networks.clip):
        randomise(network)
    return networks


def text_config(width: int) -> CLIPTextConfig:
    """The configuration of a two-layer text model."""
    return CLIPTextConfig(
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=2,
        eos_token_id=49407,
        projection_dim=width,
    )


@torch.no_grad()
def randomise(network: nn.Module) -> None:
    """Give every tensor of a network random values, those of norms around 1."""
    for name, weight in network.named_parameters():
        weight.copy_(torch.randn_like(weight) / max(1, weight[0].numel()) ** 0.5)
        if "norm" in name and name.endswith("weight"):
            weight.add_(1)
    network.eval().requires_grad_(False)


def write(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> Path:
    """A .safetensors file."""
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, dict(metadata or {}))
    return path


def write_json(path: Path, content: object) -> Path:
    """A JSON file, its folder made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
