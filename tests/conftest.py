"""Fixtures that several folders of tests share."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packs.importing import PackImporter

TINY_CHECKPOINT = "tiny.safetensors"


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder whose checkpoint has random weights: Stable Diffusion 1's layout, f8 latents, a few channels."""
    import torch

    from diffusion.clip import ClipConfig, text_tensor_shapes
    from diffusion.train.export import write_checkpoint
    from diffusion.unet import UNet, UNetConfig
    from diffusion.vae import AutoencoderKL, VAEConfig

    unet = UNetConfig(
        model_channels=16,
        channel_mult=(1, 2),
        res_blocks=(1, 1),
        transformer_depth=(0, 1),
        context_dim=16,
        num_heads=2,
        norm_groups=4,
    )
    vae = VAEConfig(channels=(8, 8, 8, 8), res_blocks=1, norm_groups=4)
    text = ClipConfig(width=16, layers=2, heads=2, mlp_width=32)
    folder = tmp_path_factory.mktemp("models")
    path = folder / "checkpoints" / TINY_CHECKPOINT
    path.parent.mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        parts = {
            "unet": UNet(unet).state_dict(),
            "vae": AutoencoderKL(vae).state_dict(),
            "text": {name: torch.randn(shape) * 0.1 for name, shape in text_tensor_shapes(text).items()},
        }
    write_checkpoint(path, parts, unet, vae, text, "Tiny")
    return folder


@pytest.fixture(autouse=True)
def close_importers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Commands open an importer of packs until their process ends; here the next test shares the process."""
    yield
    if "packs" not in request.path.parts:
        for finder in list(sys.meta_path):
            if isinstance(finder, PackImporter):
                finder.close()
