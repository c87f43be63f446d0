"""Stable Diffusion 1.5 at its real size, with random weights: every tensor of such a file finds its place and works.

Takes 2.2 GB of disk, 6.5 GB of memory and about a minute of one core.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL as DiffusersVAE
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from safetensors import safe_open
from torch import Tensor, nn

from diffusion.checkpoints import Checkpoint, load_checkpoint
from diffusion.clip import ClipConfig
from diffusion.prediction import epsilon
from diffusion.sampling import ksample
from diffusion.unet import UNet, UNetConfig
from diffusion.vae import VAEConfig
from tests.diffusion.checkpoint_files import LDM_CLIP, LDM_UNET, LDM_VAE, write
from tests.diffusion.test_checkpoint_sd1 import LEFTOVERS, published_shapes

PROMPT, NEGATIVE = "a watercolor of a lighthouse by the sea", "blurry"


def random_weights(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Half-precision tensors under which signals keep their size: layers divide by their fan-in, norms do little."""
    generator = torch.Generator().manual_seed(0)

    def drawn(name: str, shape: tuple[int, ...]) -> Tensor:
        if len(shape) == 1:
            values = torch.randn(shape, generator=generator) * 0.02
            return (values + 1 if name.endswith("weight") else values).half()
        fan_in = torch.Size(shape[1:]).numel()
        return torch.randn(shape, generator=generator).mul_(fan_in**-0.5).half()

    return {name: drawn(name, shape) for name, shape in shapes.items()}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A file as v1-5-pruned-emaonly is: the three networks in half precision, and what training left over."""
    path = write(tmp_path / "v1-5.safetensors", random_weights(published_shapes()) | LEFTOVERS)
    yield path
    path.unlink()  # gigabytes that nobody should find later


def loaded_tensors(checkpoint: Checkpoint) -> Iterator[tuple[str, Tensor]]:
    """Every tensor of the checkpoint's networks with its name in the file."""
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    parts: tuple[tuple[str, nn.Module], ...] = (
        (LDM_UNET, checkpoint.model.network),
        (LDM_VAE, checkpoint.vae.network),
        (LDM_CLIP, getattr(checkpoint.clip.network, "text_model", checkpoint.clip.network)),
    )
    for prefix, network in parts:
        yield from ((prefix + name, tensor) for name, tensor in network.state_dict().items())


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_file_of_the_published_size_loads_samples_and_decodes(file: Path) -> None:
    checkpoint = load_checkpoint(file)
    assert_is_stable_diffusion_1(checkpoint)
    assert_tensors_are_those_of(file, checkpoint)
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    latents = ksample(
        checkpoint.model,
        (checkpoint.clip.encode(PROMPT),),
        (checkpoint.clip.encode(NEGATIVE),),
        torch.zeros(1, 4, 32, 32),
        seed=0,
        steps=1,
        cfg=7.0,
        sampler="euler",
        scheduler="normal",
    )
    assert latents.shape == (1, 4, 32, 32)
    assert latents.isfinite().all()
    assert latents.std() > 0.1
    picture = checkpoint.vae.decode(latents[..., :8, :8] / latents.std())
    assert picture.shape == (1, 64, 64, 3)
    assert picture.isfinite().all()
    assert picture.std() > 0.01
    assert_networks_compute_what_diffusers_computes(checkpoint)


def assert_is_stable_diffusion_1(checkpoint: Checkpoint) -> None:
    """Nothing told beside the shapes, and the configurations are the published ones."""
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    assert isinstance(checkpoint.model.network, UNet)
    assert checkpoint.model.network.config == UNetConfig()
    assert checkpoint.vae.network.config == VAEConfig()
    assert checkpoint.clip.config == ClipConfig()
    assert checkpoint.model.prediction is epsilon
    assert checkpoint.model.latent_scale == 0.18215
    assert (checkpoint.model.dtype, checkpoint.clip.dtype, checkpoint.vae.dtype) == (torch.float32,) * 3


def assert_tensors_are_those_of(file: Path, checkpoint: Checkpoint) -> None:
    """All tensors of the file but the leftovers are in the networks, with their numbers."""
    found = dict(loaded_tensors(checkpoint))
    with safe_open(file, framework="pt") as stored:
        assert set(stored.keys()) == found.keys() | LEFTOVERS.keys()
        assert len(found) == 686 + 248 + 196
        for name, tensor in found.items():
            assert torch.equal(tensor, stored.get_tensor(name).float()), name


@torch.no_grad()
def assert_networks_compute_what_diffusers_computes(checkpoint: Checkpoint) -> None:
    """diffusers' networks at their own default size, which share our tensors under the names its conversion gives."""
    assert checkpoint.vae is not None
    tensors = dict(loaded_tensors(checkpoint))
    first_stage: dict[str, Any] = {
        "block_out_channels": (128, 256, 512, 512),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "layers_per_block": 2,
    }
    with torch.device("meta"):
        unet = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8)
        vae = DiffusersVAE(**first_stage)
    their_unet: Any = sharing(unet, convert_ldm_unet_checkpoint(dict(tensors), dict(unet.config)))
    their_vae: Any = sharing(vae, convert_ldm_vae_checkpoint(dict(tensors), dict(vae.config)))
    generator = torch.Generator().manual_seed(1)
    x, context = torch.randn(1, 4, 9, 7, generator=generator), torch.randn(1, 77, 768, generator=generator)
    t = torch.tensor([981])
    assert_close(checkpoint.model.network(x, t, context), their_unet(x, t, context).sample)
    assert_close(checkpoint.vae.network.decode(x), their_vae.decode(x).sample)
    pixels = torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1
    assert_close(checkpoint.vae.network.encode(pixels).mean, their_vae.encode(pixels).latent_dist.mode())


def sharing(network: nn.Module, tensors: dict[str, Tensor]) -> nn.Module:
    """A network without memory, given tensors."""
    shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
    network.load_state_dict({name: tensor.reshape(shapes[name]) for name, tensor in tensors.items()}, assign=True)
    return network.eval()


def assert_close(found: Tensor, wanted: Tensor) -> None:
    """Equal within 1e-4 of the largest number."""
    assert found.shape == wanted.shape
    assert (found - wanted).abs().max() <= 1e-4 * wanted.abs().max()
