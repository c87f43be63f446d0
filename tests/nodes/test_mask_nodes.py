"""Masks taken from pictures, and made by nodes."""

import pytest
import torch
from PIL import Image as PillowImage

from graph.handle import Run
from nodes import mask
from nodes.errors import InputError
from storage import Folders


def test_each_channel_of_a_picture_is_a_mask(run: Run, folders: Folders) -> None:
    folders.input.mkdir()
    PillowImage.new("RGBA", (3, 2), (255, 51, 0, 204)).save(folders.input / "a.png")
    values = {"alpha": 0.2, "red": 1.0, "green": 0.2, "blue": 0.0}
    for channel, value in values.items():
        loaded = mask.load_image_mask("a.png", channel, run=run)
        assert torch.allclose(loaded, torch.full((1, 2, 3), value))


def test_a_picture_without_alpha_has_an_empty_mask(run: Run, folders: Folders) -> None:
    folders.input.mkdir()
    PillowImage.new("RGB", (3, 2)).save(folders.input / "a.png")
    assert torch.equal(mask.load_image_mask("a.png", run=run), torch.zeros(1, 64, 64))


def test_a_mask_becomes_a_picture_and_a_mask_again() -> None:
    planes = torch.rand(2, 3, 4, generator=torch.Generator().manual_seed(1))
    picture = mask.mask_to_image(planes)
    assert picture.shape == (2, 3, 4, 3)
    for channel in ("red", "green", "blue"):
        assert torch.equal(mask.image_to_mask(picture, channel), planes)
    with pytest.raises(InputError, match="alpha"):
        mask.image_to_mask(picture, "alpha")


def test_one_colour_is_a_mask() -> None:
    picture = torch.zeros(1, 1, 3, 3)
    picture[0, 0, 1] = torch.tensor([1, 128 / 255, 0])
    picture[0, 0, 2] = torch.tensor([1, 127 / 255, 0])
    assert mask.image_color_to_mask(picture, 0xFF8000).tolist() == [[[0, 1, 0]]]


def test_solid_inverted_cropped_and_cut_masks() -> None:
    solid = mask.solid_mask(0.25, 4, 3)
    assert solid.shape == (1, 3, 4)
    assert torch.equal(mask.invert_mask(solid), torch.full((1, 3, 4), 0.75))
    assert mask.crop_mask(solid, 1, 1, 2, 100).shape == (1, 2, 2)
    assert mask.crop_mask(solid, 100, 100, 2, 2).shape == (1, 1, 1)
    assert mask.threshold_mask(solid, 0.25).sum() == 0
    assert mask.threshold_mask(solid, 0.2).sum() == 12


def test_a_mask_is_shown_as_a_picture(run: Run, folders: Folders) -> None:
    shown = mask.mask_preview(torch.ones(2, 3, 3), run=run)
    assert len(list(shown.files)) == 2
    assert len(list(folders.temp.iterdir())) == 2
