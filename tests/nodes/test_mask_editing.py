"""Growing, feathering and combining masks."""

import pytest
import torch
from scipy import ndimage

from diffusion.mask_editing import (
    MASK_OPERATIONS,
    composite_masks,
    feather,
    grow,
    grow_to_blocks,
    resize_mask,
)


def masks(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("tapered", [True, False])
@pytest.mark.parametrize("distance", [-3, -1, 0, 1, 2, 5])
def test_growing_is_scipys_grey_dilation_step_by_step(distance: int, tapered: bool) -> None:
    mask = masks(2, 9, 11)
    corner = 0 if tapered else 1
    footprint = [[corner, 1, corner], [1, 1, 1], [corner, 1, corner]]
    step = ndimage.grey_dilation if distance > 0 else ndimage.grey_erosion
    expected = mask.numpy()
    for _ in range(abs(distance)):
        expected = [step(one, footprint=footprint) for one in expected]
    assert torch.equal(
        grow(mask, distance, tapered_corners=tapered), torch.stack([torch.as_tensor(x) for x in expected])
    )


@pytest.mark.parametrize("tapered", [True, False])
def test_growing_without_end_fills_the_picture_in_bounded_time(tapered: bool) -> None:
    mask = torch.zeros(1, 20, 30)
    mask[0, 3, 4] = 0.7
    assert torch.equal(grow(mask, 16384, tapered_corners=tapered), torch.full_like(mask, 0.7))


def test_growing_leaves_its_input_alone() -> None:
    mask = masks(1, 6, 6)
    before = mask.clone()
    for distance in (0, 2, -2):
        grow(mask, distance, tapered_corners=True).zero_()
    assert torch.equal(mask, before)


def test_blocks_grow_a_hard_mask_by_a_square() -> None:
    mask = torch.zeros(1, 9, 9)
    mask[0, 4, 4] = 0.9
    assert grow_to_blocks(mask, 0).sum() == 1
    assert grow_to_blocks(mask, 3).sum() == 9
    even = grow_to_blocks(mask, 6)
    assert even.shape == mask.shape
    assert even.sum() == 36
    assert set(even.unique().tolist()) == {0.0, 1.0}


def test_feathering_fades_towards_each_edge() -> None:
    faded = feather(torch.ones(1, 4, 6), left=4, top=0, right=2, bottom=0)
    assert torch.allclose(faded[0, 0], torch.tensor([0.25, 0.5, 0.75, 1, 1, 0.5]))
    down = feather(torch.ones(1, 4, 6), left=0, top=2, right=0, bottom=100)
    assert torch.allclose(down[0, :, 0], torch.tensor([0.5, 1, 1, 1]) * torch.tensor([1, 0.75, 0.5, 0.25]))


@pytest.mark.parametrize(
    ("name", "result"),
    [("multiply", 0.24), ("add", 1.0), ("subtract", 0.2), ("and", 0.0), ("or", 1.0), ("xor", 1.0)],
)
def test_two_masks_become_one(name: str, result: float) -> None:
    destination, source = torch.full((1, 3, 3), 0.6), torch.full((1, 1, 2), 0.4)
    combined = composite_masks(destination, source, 1, 1, MASK_OPERATIONS[name])
    assert torch.allclose(combined[0, 1, 1:], torch.full((2,), result))
    combined[0, 1, 1:] = 0.6
    assert torch.equal(combined, destination)


def test_what_hangs_over_the_edge_is_cut() -> None:
    destination, source = torch.zeros(1, 3, 3), torch.ones(1, 5, 5)
    assert composite_masks(destination, source, 2, 2, torch.add).sum() == 1
    assert composite_masks(destination, source, 3, 0, torch.add).sum() == 0
    assert composite_masks(destination, source, 9000, 9000, torch.add).sum() == 0
    assert destination.sum() == 0


def test_the_shorter_batch_is_repeated() -> None:
    assert composite_masks(torch.zeros(1, 2, 2), torch.ones(3, 1, 1), 0, 0, torch.add).sum() == 3
    assert composite_masks(torch.zeros(3, 2, 2), torch.ones(1, 1, 1), 0, 0, torch.add).sum() == 3


def test_masks_are_scaled_bilinearly() -> None:
    mask = torch.tensor([[[0.0, 1.0]]])
    assert torch.allclose(resize_mask(mask, 1, 4), torch.tensor([[[0, 0.25, 0.75, 1]]]))
    assert resize_mask(mask, 1, 2) is mask
