"""The nodes of the example pack do what they say."""

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from example_pack import example_duotone, example_palette  # noqa: E402


def test_black_and_white_become_the_two_colours() -> None:
    palette = example_palette("forest")
    image = torch.tensor([0.0, 1.0]).reshape(1, 1, 2, 1).expand(1, 1, 2, 3)
    painted, brightness = example_duotone(image, palette)
    assert torch.allclose(painted[0, 0], torch.tensor([palette.dark, palette.light]))
    assert torch.allclose(brightness, torch.tensor([[[0.0, 1.0]]]))


def test_no_strength_changes_nothing() -> None:
    image = torch.rand(1, 4, 4, 3)
    assert torch.equal(example_duotone(image, example_palette(), 0.0).image, image)
