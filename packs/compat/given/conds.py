"""What packs import as `comfy.conds`: values that go beside a prompt, repeated for every picture of a batch."""

from typing import Any

import torch
from torch import Tensor

from diffusion.masks import repeat_rows
from packs.compat.context import Context


class CONDRegular:
    """A tensor whose rows are repeated."""

    def __init__(self, cond: Any) -> None:
        self.cond = cond

    def process_cond(self, batch_size: int, *given: object, **named: Any) -> "CONDRegular":
        """The same for so many pictures."""
        return type(self)(repeat_rows(self.cond, batch_size).to(named.get("device", self.cond.device)))

    def can_concat(self, other: "CONDRegular") -> bool:
        """Whether both fit into one batch."""
        return self.cond.shape == other.cond.shape

    def concat(self, others: "list[CONDRegular]") -> Tensor:
        """All in one batch."""
        return torch.cat([self.cond, *(each.cond for each in others)])


class CONDCrossAttn(CONDRegular):
    """The embedding of a prompt."""


class CONDNoiseShape(CONDRegular):
    """A tensor with the sides of the latents."""


class CONDConstant(CONDRegular):
    """A value that is the same for all."""

    def process_cond(self, batch_size: int, *given: object, **named: Any) -> "CONDConstant":
        """The same."""
        return self

    def can_concat(self, other: CONDRegular) -> bool:
        """Whether both are equal."""
        return self.cond == other.cond

    def concat(self, others: list[CONDRegular]) -> Any:
        """The one value."""
        return self.cond


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {each.__name__: each for each in (CONDConstant, CONDCrossAttn, CONDNoiseShape, CONDRegular)}
