"""The UNet against diffusers' in double precision, where a wrong epsilon or another kind of GELU shows."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from diffusion.checkpoints.diffusers_names import unet_rules
from diffusion.checkpoints.keymap import account, rename
from diffusion.checkpoints.read import shapes_of
from diffusion.unet import UNet, UNetConfig
from diffusion.unet.blocks import timestep_embedding
from tests.diffusion.tiny_pipeline import TEXT_WIDTH, tiny_unet


@pytest.fixture(scope="module")
def networks() -> tuple[UNet, Any]:
    """Ours and theirs with the same weights, in double precision."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        theirs = tiny_unet().double()
    ours = UNet(UNetConfig(model_channels=32, channel_mult=(1, 2, 3, 3), context_dim=TEXT_WIDTH)).double()
    weights = theirs.state_dict()
    mapped = rename(unet_rules(shapes_of(weights)), weights)
    ours.load_state_dict(account(mapped, shapes_of(ours.state_dict()), source="diffusers"))
    return ours.eval(), theirs


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


@torch.no_grad()
@pytest.mark.parametrize("cells", [(8, 8), (9, 7), (13, 16), (8, 1)])
@pytest.mark.parametrize("words", [77, 154])
def test_it_computes_what_diffusers_computes_at_any_size(
    cells: tuple[int, int], words: int, networks: tuple[UNet, Any]
) -> None:
    ours, theirs = networks
    x, context = drawn(2, 4, *cells), drawn(2, words, TEXT_WIDTH)
    t = torch.tensor([0, 0])  # elsewhere the sinusoids, in single precision on both sides, differ in their last bits
    torch.testing.assert_close(ours(x, t, context), theirs(x, t, context).sample, rtol=1e-9, atol=1e-9)


@torch.no_grad()
def test_timesteps_of_a_batch_are_its_own(networks: tuple[UNet, Any]) -> None:
    ours, theirs = networks
    x, context, t = drawn(3, 4, 8, 8), drawn(3, 77, TEXT_WIDTH), torch.tensor([999, 500, 1])
    torch.testing.assert_close(ours(x, t, context), theirs(x, t, context).sample, rtol=1e-4, atol=1e-4)


def test_sinusoids_are_those_of_the_formula() -> None:
    found = timestep_embedding(torch.tensor([0.0, 1.0, 250.5, 999.0]), 320)
    wanted = [
        [wave(t * 10_000 ** (-k / 160)) for wave in (math.cos, math.sin) for k in range(160)]
        for t in (0.0, 1.0, 250.5, 999.0)
    ]
    torch.testing.assert_close(found, torch.tensor(wanted), rtol=0, atol=2e-4)
