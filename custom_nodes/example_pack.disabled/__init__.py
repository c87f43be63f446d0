"""A palette as a type of its own, and a node that paints pictures with it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, NamedTuple

import torch

from graph.marks import Range
from graph.spec import node
from nodes.sockets import Image, Mask

Colour = tuple[float, float, float]
LUMA = (0.2126, 0.7152, 0.0722)
COLOURS: dict[str, tuple[Colour, Colour]] = {
    "ink": ((0.05, 0.05, 0.2), (1.0, 0.97, 0.9)),
    "forest": ((0.0, 0.15, 0.1), (0.9, 0.95, 0.5)),
}


@dataclass(frozen=True)
class Palette:
    """Two colours as red, green and blue in 0..1."""

    wire: ClassVar[str] = "PALETTE"

    dark: Colour
    light: Colour


class Painted(NamedTuple):
    """The outputs of a node, by name."""

    image: Image
    brightness: Mask


@node("ExamplePalette", category="example", display_name="Palette (example)")
def example_palette(name: Literal["ink", "forest"] = "ink") -> Palette:
    """Two colours that go together."""
    return Palette(*COLOURS[name])


@node("ExampleDuotone", category="example", display_name="Duotone (example)")
def example_duotone(
    image: Image, palette: Palette, strength: Annotated[float, Range(0.0, 1.0, step=0.05)] = 1.0
) -> Painted:
    """Paint a picture in two colours.

    image: the picture.
    palette: the colours of its darkest and of its lightest places.
    strength: 0 leaves the picture as it is, 1 leaves none of its own colours.
    brightness: how light each place was.
    """
    light = (image[..., :3] * torch.tensor(LUMA)).sum(-1).clamp(0, 1)
    painted = torch.lerp(torch.tensor(palette.dark), torch.tensor(palette.light), light.unsqueeze(-1))
    return Painted(torch.lerp(image[..., :3], painted, strength), light)
