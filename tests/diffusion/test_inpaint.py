"""Inpainting by mask: what is kept stays to the bit, what is changed sees its noised surroundings."""

import pytest
import torch
from torch import Tensor

from diffusion.inpaint import inpainting_channels, masked
from diffusion.masks import mask_like, repeat_rows


def latents(seed: int, rows: int = 1) -> Tensor:
    return torch.randn(rows, 4, 8, 8, generator=torch.Generator().manual_seed(seed))


def left_half() -> Tensor:
    mask = torch.zeros(1, 8, 8)
    mask[..., :4] = 1
    return mask


def test_the_denoiser_sees_the_kept_region_noised_and_answers_with_it_clean() -> None:
    seen: list[Tensor] = []

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        seen.append(x)
        return torch.full_like(x, 9.0)

    picture, noise, x = latents(1), latents(2), latents(3)
    x0 = masked(denoise, picture, noise, left_half())(x, torch.tensor(3.0))
    assert torch.equal(seen[0][..., :4], x[..., :4])
    torch.testing.assert_close(seen[0][..., 4:], (picture + 3 * noise)[..., 4:])
    assert (x0[..., :4] == 9).all()
    assert torch.equal(x0[..., 4:], picture[..., 4:])


def test_a_soft_mask_mixes() -> None:
    picture = latents(1)
    denoise = masked(lambda x, sigma: torch.zeros_like(x), picture, latents(2), torch.full((1, 8, 8), 0.25))
    torch.testing.assert_close(denoise(latents(3), torch.tensor(3.0)), picture * 0.75)


def test_a_mask_of_one_everywhere_changes_nothing() -> None:
    x, sigma = latents(3), torch.tensor(3.0)
    denoise = masked(lambda x, sigma: x * 0.5, latents(1), latents(2), torch.ones(1, 64, 64))
    assert torch.equal(denoise(x, sigma), x * 0.5)


@pytest.mark.parametrize("shape", [(1, 64, 64), (1, 1, 64, 64), (2, 16, 16)])
def test_masks_come_to_the_size_and_batch_of_the_latents(shape: tuple[int, ...]) -> None:
    mask = torch.zeros(shape)
    mask[..., : shape[-1] // 2] = 1
    found = mask_like(mask, latents(1, rows=3))
    assert found.shape == (3, 1, 8, 8)
    assert (found[..., :4] == 1).all()
    assert (found[..., 4:] == 0).all()


def test_masks_are_resized_bilinearly() -> None:
    ramp = torch.arange(16.0).reshape(1, 1, 16).expand(1, 16, 16)
    # Halving a ramp takes the value in the middle of each pair.
    assert mask_like(ramp, latents(1))[0, 0, 0].tolist() == pytest.approx([0.5 + 2 * k for k in range(8)])


def test_rows_repeat_from_the_beginning_and_are_cut() -> None:
    rows = torch.arange(2).reshape(2, 1)
    assert repeat_rows(rows, 5).flatten().tolist() == [0, 1, 0, 1, 0]
    assert repeat_rows(rows, 1).flatten().tolist() == [0]


def test_a_picture_of_another_size_cannot_be_filled() -> None:
    from diffusion.conditioning import Condition

    condition = Condition(torch.zeros(1, 3, 8), concat_latent=torch.zeros(1, 4, 9, 8))
    with pytest.raises(ValueError, match="8 × 9 cells and those to be sampled 8 × 8"):
        inpainting_channels(1.0)(condition, latents(1))
