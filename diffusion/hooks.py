"""What others may hang into a model: functions around the calls of its network, and around the guidance of its answers.

A model without any is computed as if this file did not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from torch import Tensor

from diffusion.conditioning import Conditioning
from diffusion.shapes import Embedding, Latents, Sigma


@dataclass(frozen=True, eq=False)
class GuidanceStep:
    """One call of guidance: what it is about, and what the network said for both sides.

    x: the noisy latents at level sigma. positive, negative: the x0 of each side; where nothing negative is asked, the
    positive's. conditions: what was asked, positive and negative.
    """

    x: Latents
    sigma: Sigma
    cfg: float
    positive: Latents
    negative: Latents
    conditions: tuple[Conditioning, Conditioning]


@dataclass(frozen=True, eq=False)
class NetworkCall:
    """One call of a network for several conditions at once, their rows one below the other.

    x: (n * b, c, h, w), noisy, float32. sigma: (n * b,) the level of each row. context, vector, concat: as the network
    takes them. sides: for each of the n conditions whose it is, 0 the positive and 1 the negative.
    """

    x: Latents
    sigma: Tensor
    context: Embedding
    vector: Tensor | None
    concat: Latents | None
    sides: tuple[int, ...]


Apply = Callable[[NetworkCall], Latents]
"""Scales the input, calls the network, and gives x0 for every row, float32."""

AroundNetwork = Callable[[Apply, NetworkCall], Latents]
"""Stands in the place of `Apply`, and may call it."""

BeforeGuidance = Callable[[GuidanceStep], tuple[Latents, Latents]]
"""Gives other x0 for the positive and the negative side."""

Formula = Callable[[GuidanceStep], Latents]
"""Makes one x0 of both sides, in the place of classifier-free guidance."""

AfterGuidance = Callable[[GuidanceStep, Latents], Latents]
"""Changes the guided x0."""


@dataclass(frozen=True, eq=False)
class Hooks:
    """The functions hung into a model.

    asks_both: the network is asked for the negative side even where the formula would not need it (cfg = 1).
    extra: what packs keep beside, untouched.
    """

    around: AroundNetwork | None = None
    before: tuple[BeforeGuidance, ...] = ()
    formula: Formula | None = None
    after: tuple[AfterGuidance, ...] = ()
    asks_both: bool = False
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def guide(self) -> bool:
        """Whether any of them has a say in guidance."""
        return bool(self.before or self.after or self.formula is not None)


NO_HOOKS: Final = Hooks()


def guide(hooks: Hooks, step: GuidanceStep) -> tuple[Latents, Latents]:
    """The guided x0 of a step, and the negative's own: x0 = x0_neg + (x0_pos - x0_neg) * cfg, unless a hook differs."""
    for change in hooks.before:
        positive, negative = change(step)
        step = replace(step, positive=positive, negative=negative)
    if hooks.formula is None:
        x0 = step.negative + (step.positive - step.negative) * step.cfg
    else:
        x0 = hooks.formula(step)
    for amend in hooks.after:
        x0 = amend(step, x0)
    return x0, step.negative
