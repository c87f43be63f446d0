"""Conditions placed, timed, weighed and mixed by nodes."""

from collections.abc import Callable

import pytest
import torch

from diffusion.conditioning import Area, AreaFraction, Condition
from nodes import conditioning
from nodes.errors import InputError
from nodes.sockets import Conditioning


def condition(length: int = 77, seed: int = 1, pooled: bool = True) -> Condition:
    generator = torch.Generator().manual_seed(seed)
    embedding = torch.randn(1, length, 8, generator=generator)
    return Condition(embedding, torch.randn(1, 8, generator=generator) if pooled else None)


ONE, OTHER = (condition(seed=1),), (condition(seed=2),)


def test_combining_keeps_both() -> None:
    assert conditioning.conditioning_combine(ONE, OTHER) == (*ONE, *OTHER)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_averaging_mixes_embeddings_and_pooled_vectors(share: float) -> None:
    (mixed,) = conditioning.conditioning_average(ONE, OTHER, share)
    assert torch.allclose(mixed.embedding, ONE[0].embedding * share + OTHER[0].embedding * (1 - share))
    assert mixed.pooled is not None and ONE[0].pooled is not None and OTHER[0].pooled is not None
    assert torch.allclose(mixed.pooled, ONE[0].pooled * share + OTHER[0].pooled * (1 - share))


def test_averaging_fits_other_lengths_to_the_first() -> None:
    longer, shorter = (condition(154, 3),), (condition(20, 4),)
    (cut,) = conditioning.conditioning_average(ONE, longer, 0.0)
    assert torch.equal(cut.embedding, longer[0].embedding[:, :77])
    (filled,) = conditioning.conditioning_average(ONE, shorter, 0.0)
    assert torch.equal(filled.embedding[:, :20], shorter[0].embedding)
    assert filled.embedding.shape[1] == 77 and filled.embedding[:, 20:].abs().sum() == 0


def test_averaging_takes_the_only_pooled_vector_there_is() -> None:
    without = (condition(pooled=False),)
    assert conditioning.conditioning_average(without, OTHER, 0.5)[0].pooled is OTHER[0].pooled
    assert conditioning.conditioning_average(ONE, without, 0.5)[0].pooled is ONE[0].pooled


def test_concatenating_appends_the_sequence() -> None:
    (joined, _) = conditioning.conditioning_concat((*ONE, *ONE), OTHER)
    assert torch.equal(joined.embedding, torch.cat([ONE[0].embedding, OTHER[0].embedding], dim=1))


@pytest.mark.parametrize(
    "mix",
    [lambda empty: conditioning.conditioning_concat(ONE, empty), lambda e: conditioning.conditioning_average(ONE, e)],
)
def test_an_empty_conditioning_has_nothing_to_give(mix: Callable[[Conditioning], Conditioning]) -> None:
    with pytest.raises(InputError, match="at least one entry"):
        mix(())


def test_an_area_in_pixels_is_one_in_cells() -> None:
    (placed,) = conditioning.conditioning_set_area(ONE, 128, 64, 24, 8, 0.5)
    assert (placed.area, placed.strength) == (Area(height=8, width=16, y=1, x=3), 0.5)


def test_an_area_in_fractions_stays_one() -> None:
    (placed,) = conditioning.conditioning_set_area_percentage(ONE, 0.5, 0.25, 0.1, 0.2, 2.0)
    assert (placed.area, placed.strength) == (AreaFraction(height=0.25, width=0.5, y=0.2, x=0.1), 2.0)


def test_strength_mask_and_time_are_set_and_the_rest_stays() -> None:
    (weighed,) = conditioning.conditioning_set_area_strength(ONE, 3.0)
    (timed,) = conditioning.conditioning_set_timestep_range((weighed,), 0.25, 0.75)
    (masked,) = conditioning.conditioning_set_mask((timed,), torch.ones(4, 4), 0.5, "mask bounds")
    assert masked.mask is not None and masked.mask.shape == (1, 4, 4)
    assert (masked.strength, masked.mask_strength, masked.area_from_mask) == (3.0, 0.5, True)
    assert (masked.start_percent, masked.end_percent) == (0.25, 0.75)
    assert masked.embedding is ONE[0].embedding
    assert not conditioning.conditioning_set_mask(ONE, torch.ones(1, 4, 4))[0].area_from_mask


def test_zeroing_leaves_shapes_only() -> None:
    (zero,) = conditioning.conditioning_zero_out(ONE)
    assert zero.pooled is not None
    assert zero.embedding.shape == ONE[0].embedding.shape
    assert zero.embedding.abs().sum() == zero.pooled.abs().sum() == 0
    assert ONE[0].embedding.abs().sum() > 0
