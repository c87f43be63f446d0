"""Resizing of pictures and latents."""

import pytest
import torch
from torch.nn import functional

from diffusion.resize import (
    IMAGE_METHODS,
    LATENT_METHODS,
    bislerp,
    crop_to_aspect,
    lanczos,
    missing_side,
    resize_images,
    slerp,
)


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", IMAGE_METHODS)
def test_a_flat_picture_stays_flat(name: str) -> None:
    image = torch.full((2, 5, 7, 3), 0.6)
    resized = resize_images(image, 12, 9, IMAGE_METHODS[name])
    assert resized.shape == (2, 12, 9, 3)
    assert torch.allclose(resized, torch.full_like(resized, 0.6), atol=1 / 255)


@pytest.mark.parametrize("name", [*IMAGE_METHODS])
def test_resized_pictures_stay_between_0_and_1(name: str) -> None:
    resized = resize_images(noise(1, 9, 9, 3).round(), 31, 23, IMAGE_METHODS[name])
    assert resized.min() >= 0 and resized.max() <= 1


@pytest.mark.parametrize("name", [*LATENT_METHODS])
def test_the_same_size_is_the_same_latent(name: str) -> None:
    latent = noise(1, 4, 6, 5) - 0.5
    assert torch.allclose(LATENT_METHODS[name](latent, 6, 5), latent, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_lanczos_works_on_eight_bits(channels: int) -> None:
    planes = noise(2, channels, 8, 8)
    small = lanczos(planes, 4, 6)
    assert small.shape == (2, channels, 4, 6)
    assert torch.allclose(small * 255, (small * 255).round(), atol=1e-4)


def test_bislerp_keeps_the_length_of_vectors_where_bilinear_shortens_them() -> None:
    unit = functional.normalize(noise(1, 4, 8, 8) - 0.5, dim=1)
    assert torch.allclose(bislerp(unit, 16, 16).norm(dim=1), torch.ones(1, 16, 16), atol=1e-4)
    assert LATENT_METHODS["bilinear"](unit, 16, 16).norm(dim=1).mean() < 0.95


def test_bislerp_samples_where_bilinear_does() -> None:
    """Along one direction there is nothing to turn, so both are the same line."""
    ramp = torch.arange(1.0, 9).reshape(1, 1, 1, 8).expand(1, 1, 3, 8)
    for size in ((3, 16), (3, 5), (7, 8)):
        bilinear = functional.interpolate(ramp, size=size, mode="bilinear")
        assert torch.allclose(bislerp(ramp, *size), bilinear, atol=1e-5)


def test_slerp_turns_evenly_from_one_vector_to_the_other() -> None:
    a, b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    for t in (0.0, 0.25, 0.5, 1.0):
        angle = torch.tensor(t * torch.pi / 2)
        assert torch.allclose(slerp(a, b, torch.tensor(t)), torch.stack([angle.cos(), angle.sin()])[None], atol=1e-6)


def test_slerp_takes_the_straight_line_where_there_is_no_arc() -> None:
    a = torch.tensor([[1.0, 2.0]])
    half = torch.tensor(0.5)
    for b in (a, -a, torch.zeros_like(a), 3 * a):
        assert torch.allclose(slerp(a, b, half), (a + b) / 2)


def test_cropping_to_an_aspect_keeps_the_middle() -> None:
    planes = torch.arange(8.0).reshape(1, 1, 1, 8).expand(1, 1, 4, 8)
    assert crop_to_aspect(planes, 10, 10)[0, 0, 0].tolist() == [2, 3, 4, 5]
    assert crop_to_aspect(planes, 2, 8).shape == (1, 1, 2, 8)
    assert crop_to_aspect(planes, 4, 8).shape == planes.shape
    assert 0 not in crop_to_aspect(planes, 1, 1000).shape


def test_a_missing_side_keeps_the_proportions() -> None:
    assert missing_side(0, 0, 30, 40) == (30, 40)
    assert missing_side(60, 0, 30, 40) == (60, 80)
    assert missing_side(0, 20, 30, 40) == (15, 20)
    assert missing_side(0, 1, 1, 4000) == (1, 1)
    assert missing_side(8, 8, 30, 40, smallest=64) == (64, 64)
