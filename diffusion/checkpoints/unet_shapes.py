"""The numbers of a UNet read off the shapes of its tensors, one small function for each.

Tensors are named as in the original latent-diffusion layout, without prefix.
"""

import itertools
from collections.abc import Iterator

from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.read import Shapes
from diffusion.unet import UNetConfig

MOST_BLOCKS = 200


def unet_config(shapes: Shapes, *, num_heads: int | None, head_channels: int | None, norm_groups: int) -> UNetConfig:
    """The configuration of the UNet that has these tensors; heads and groups do not show in shapes.

    Raises CheckpointError where a tensor that tells a number is missing or the numbers fit no UNet of ours.
    """
    levels = tuple(tuple(level) for level in _levels(shapes))
    return UNetConfig(
        in_channels=in_channels(shapes),
        out_channels=out_channels(shapes),
        model_channels=model_channels(shapes),
        channel_mult=tuple(_multiple(shapes, level) for level in levels),
        res_blocks=tuple(len(level) for level in levels),
        transformer_depth=tuple(_depth(shapes, level) for level in levels),
        middle_depth=transformer_depth(shapes, "middle_block.1"),
        context_dim=context_dim(shapes),
        num_heads=num_heads,
        head_channels=head_channels,
        linear_projections=linear_projections(shapes),
        vector_channels=vector_channels(shapes),
        norm_groups=norm_groups,
    )


def in_channels(shapes: Shapes) -> int:
    """Channels the network takes."""
    return shape(shapes, "input_blocks.0.0.weight", 4)[1]


def out_channels(shapes: Shapes) -> int:
    """Channels the network gives."""
    return shape(shapes, "out.2.weight", 4)[0]


def model_channels(shapes: Shapes) -> int:
    """Width of the first convolution, in whose units levels are counted."""
    return shape(shapes, "input_blocks.0.0.weight", 4)[0]


def context_dim(shapes: Shapes) -> int:
    """Width of the text embedding that attention looks at."""
    name = next((name for name in shapes if name.endswith(".attn2.to_k.weight")), None)
    if name is None:
        raise CheckpointError("this UNet has no attention to a prompt (no tensor named *.attn2.to_k.weight)")
    return shape(shapes, name, 2)[1]


def linear_projections(shapes: Shapes) -> bool:
    """Whether transformers are entered through a linear layer (a matrix) instead of a 1 × 1 convolution."""
    return any(name.endswith(".proj_in.weight") and len(size) == 2 for name, size in shapes.items())


def vector_channels(shapes: Shapes) -> int | None:
    """Width of the vector that joins the time embedding, or None."""
    return shape(shapes, "label_emb.0.0.weight", 2)[1] if "label_emb.0.0.weight" in shapes else None


def transformer_depth(shapes: Shapes, where: str) -> int:
    """Transformer blocks of one attention module."""
    return count(shapes, where + ".transformer_blocks.{}.norm1.weight")


def count(shapes: Shapes, pattern: str) -> int:
    """How many of pattern.format(0), pattern.format(1), ... there are without a gap."""
    numbers = itertools.takewhile(lambda number: pattern.format(number) in shapes, range(MOST_BLOCKS))
    return sum(1 for _ in numbers)


def shape(shapes: Shapes, name: str, axes: int) -> tuple[int, ...]:
    """The shape of a tensor that must be there with so many axes, none of them 0."""
    found = shapes.get(name)
    if found is None or len(found) != axes or 0 in found:
        what = "none" if found is None else f"shape {found}"
        raise CheckpointError(f"expected a tensor {name} of {axes} axes, found {what}: the file is incomplete")
    return found


def _levels(shapes: Shapes) -> Iterator[list[str]]:
    """The residual blocks of each level on the way down; a strided convolution leads from level to level."""
    level: list[str] = []
    for number in range(1, MOST_BLOCKS):
        block = f"input_blocks.{number}"
        if f"{block}.0.op.weight" in shapes:
            yield level
            level = []
        elif f"{block}.0.in_layers.2.weight" in shapes:
            level.append(block)
        else:
            break
    yield level


def _multiple(shapes: Shapes, level: tuple[str, ...]) -> int:
    unit = model_channels(shapes)
    if not level:
        raise CheckpointError(
            "expected a UNet with residual blocks on every level, found a level without: no known variant"
        )
    widths = {shape(shapes, f"{block}.0.out_layers.3.weight", 4)[0] for block in level}
    width = min(widths)
    if len(widths) > 1 or width % unit:
        raise CheckpointError(
            f"expected levels whose width is one multiple of {unit}, found {sorted(widths)} at {level[0]}: "
            f"no known variant"
        )
    return width // unit


def _depth(shapes: Shapes, level: tuple[str, ...]) -> int:
    depths = {transformer_depth(shapes, f"{block}.1") for block in level}
    if len(depths) > 1:
        raise CheckpointError(
            f"expected one number of transformers throughout a level, found {sorted(depths)} at {level[0]}: "
            f"no known variant"
        )
    return depths.pop()
