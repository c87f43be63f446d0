"""The first stage against diffusers' in double precision, where a wrong epsilon shows."""

from typing import Any

import pytest
import torch
from torch import Tensor

from diffusion.checkpoints.diffusers_names import vae_rules
from diffusion.checkpoints.keymap import account, rename
from diffusion.checkpoints.read import shapes_of
from diffusion.vae import AutoencoderKL, VAEConfig
from tests.diffusion.tiny_pipeline import tiny_vae


@pytest.fixture(scope="module")
def networks() -> tuple[AutoencoderKL, Any]:
    """Ours and theirs with the same weights, in double precision."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        theirs = tiny_vae().double()
    ours = AutoencoderKL(VAEConfig(channels=(32, 32, 64, 64))).double()
    weights = theirs.state_dict()
    mapped = rename(vae_rules(shapes_of(weights)), weights)
    tensors = account(mapped, shapes_of(ours.state_dict()), source="diffusers")
    ours.load_state_dict(tensors)
    return ours.eval(), theirs


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


@torch.no_grad()
@pytest.mark.parametrize("cells", [(4, 4), (5, 3), (1, 2)])
def test_it_decodes_as_diffusers_does(cells: tuple[int, int], networks: tuple[AutoencoderKL, Any]) -> None:
    ours, theirs = networks
    latents = drawn(2, 4, *cells)
    torch.testing.assert_close(ours.decode(latents), theirs.decode(latents).sample, rtol=1e-9, atol=1e-9)


@torch.no_grad()
@pytest.mark.parametrize("size", [(32, 32), (40, 24), (8, 16)])
def test_it_encodes_as_diffusers_does(size: tuple[int, int], networks: tuple[AutoencoderKL, Any]) -> None:
    ours, theirs = networks
    pixels = drawn(2, 3, *size)
    found, wanted = ours.encode(pixels), theirs.encode(pixels).latent_dist
    torch.testing.assert_close(found.mean, wanted.mean, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(found.logvar, wanted.logvar, rtol=1e-9, atol=1e-9)
    noise = drawn(*found.mean.shape)
    torch.testing.assert_close(found.sample(noise), wanted.mean + wanted.std * noise, rtol=1e-9, atol=1e-9)
