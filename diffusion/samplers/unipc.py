"""UniPC (Zhao et al. 2023): a multistep predictor, and a corrector that costs no model call of its own."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch

from diffusion.samplers.steps import glide, weighted_sum
from diffusion.shapes import Denoiser, Latents, OnStep, Sigma, Sigmas, quiet

StepScale = Callable[[float], float]
"""B of the paper: any function of the step h in log sigma that vanishes as h does."""


def bh1(h: float) -> float:
    """B(h) = -h."""
    return -h


def bh2(h: float) -> float:
    """B(h) = exp(-h) - 1, which the paper recommends."""
    return math.expm1(-h)


_Said = tuple[Latents, Sigma]
"""A level, and the x0 of the model there."""


@torch.no_grad()
def uni_pc(
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
    *,
    order: int = 3,
    step_scale: StepScale = bh1,
) -> Latents:
    """UniPC of x0 (algorithms 5 to 8): one model call a step, whose answer corrects the step that led to it.

    The order grows from 1 with the history and falls to 1 towards the end.
    """
    steps = len(sigmas) - 1
    known: deque[_Said] = deque(maxlen=order)  # newest first
    last: tuple[Latents, int] | None = None  # where the last step began, and its order
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma)
        on_step(i, x0, x)
        if last is not None:
            x = _solve(last[0], list(known)[: last[1]], sigma, step_scale, arrived=x0)
        known.appendleft((x0, sigma))
        if sigma_next == 0:
            return x0
        now = min(order, steps - i, len(known))
        last = x, now
        x = _solve(x, list(known)[:now], sigma_next, step_scale)
    return x


def _solve(
    x: Latents, known: Sequence[_Said], sigma_next: Sigma, step_scale: StepScale, arrived: Latents | None = None
) -> Latents:
    """From x at known[0]'s level to sigma_next, with as high an order as there are known answers.

    arrived: the answer at sigma_next, for the corrector.
    """
    x0, sigma = known[0]
    h = math.log(float(sigma) / float(sigma_next))
    ratios = [math.log(float(sigma) / float(level)) / h for _, level in known[1:]]
    changes = [(said - x0) / ratio for (said, _), ratio in zip(known[1:], ratios, strict=True)]
    if arrived is not None:
        ratios.append(1.0)
        changes.append(arrived - x0)
    x = glide(x, x0, sigma, sigma_next)
    if not changes:
        return x
    scale = step_scale(h)
    # With one unknown the paper sets it to 1/2, which is right to the order at hand.
    weights = [0.5] if len(ratios) == 1 else _matched(ratios, h, scale)
    return x - weighted_sum(weights, changes) * scale


def _matched(ratios: Sequence[float], h: float, scale: float) -> list[float]:
    """The weights that match the Taylor expansion of the exact integral: equation 11 of the paper."""
    powers = np.vander(np.array(ratios), increasing=True).T
    integrals: list[float] = []
    phi = math.expm1(-h) / -h - 1
    for k in range(1, len(ratios) + 1):
        integrals.append(phi * math.factorial(k) / scale)
        phi = phi / -h - 1 / math.factorial(k + 1)
    return np.linalg.solve(powers, np.array(integrals)).tolist()
