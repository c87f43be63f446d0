"""Functions hung into a model: what changes nothing gives the same bits, the rest has its say where it stands."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from diffusion.conditioning import Area, Condition
from diffusion.guidance import applied, guided, guided_pair
from diffusion.hooks import NO_HOOKS, Apply, GuidanceStep, Hooks, NetworkCall
from diffusion.model import DiffusionModel
from diffusion.prediction import epsilon, v_prediction
from diffusion.sampling import ksample
from diffusion.schedules import NoiseTable
from diffusion.unet import UNet, UNetConfig

POSITIVE = (Condition(torch.ones(1, 3, 16)), Condition(torch.ones(1, 5, 16) * 0.5, area=Area(4, 5, 1, 2)))
NEGATIVE = (Condition(torch.zeros(1, 7, 16)),)
SIGMA = torch.tensor(2.5)


@pytest.fixture(scope="module", params=[epsilon, v_prediction])
def model(request: pytest.FixtureRequest) -> DiffusionModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = UNetConfig(
            model_channels=32,
            channel_mult=(1, 2),
            res_blocks=(1, 1),
            transformer_depth=(1, 1),
            context_dim=16,
            num_heads=2,
        )
        network = UNet(config).eval()
    return DiffusionModel(network, NoiseTable.stable_diffusion(), request.param, 0.18215, 4)


def picture(rows: int = 2) -> Tensor:
    return torch.randn(rows, 4, 8, 8, generator=torch.Generator().manual_seed(5)) * 2


def sampled(model: DiffusionModel, sampler: str = "euler", cfg: float = 3.0) -> Tensor:
    return ksample(
        model, POSITIVE, NEGATIVE, picture(), seed=1, steps=3, cfg=cfg, sampler=sampler, scheduler="normal", denoise=0.8
    )


def through(apply: Apply, call: NetworkCall) -> Tensor:
    return apply(call)


NOTHING: dict[str, Hooks] = {
    "none": Hooks(),
    "after": Hooks(after=(lambda step, x0: x0,)),
    "before": Hooks(before=(lambda step: (step.positive, step.negative),)),
    "around": Hooks(around=through),
    "the formula": Hooks(formula=lambda step: step.negative + (step.positive - step.negative) * step.cfg),
    "all": Hooks(around=through, after=(lambda step, x0: x0,), before=(lambda step: (step.positive, step.negative),)),
}


@torch.no_grad()
@pytest.mark.parametrize("sampler", ["euler", "dpmpp_2m_sde", "euler_cfg_pp"])
@pytest.mark.parametrize("what", NOTHING)
def test_hooks_that_change_nothing_give_the_same_bits(model: DiffusionModel, what: str, sampler: str) -> None:
    assert torch.equal(sampled(replace(model, hooks=NOTHING[what]), sampler), sampled(model, sampler))


@torch.no_grad()
@pytest.mark.parametrize("make", [guided, guided_pair])
def test_a_formula_takes_the_place_of_guidance(model: DiffusionModel, make: Callable[..., object]) -> None:
    seen: list[GuidanceStep] = []

    def mean(step: GuidanceStep) -> Tensor:
        seen.append(step)
        return (step.positive + step.negative) / 2

    x = picture()
    denoise = make(replace(model, hooks=Hooks(formula=mean)), POSITIVE, NEGATIVE, 7.0, x)
    found = denoise(x, SIGMA)  # type: ignore[operator]
    x0 = found[0] if make is guided_pair else found
    positive, negative = guided_pair(model, POSITIVE, NEGATIVE, 1.0, x)(x, SIGMA)
    torch.testing.assert_close(x0, (positive + negative) / 2)
    assert (seen[0].cfg, seen[0].conditions) == (7.0, (POSITIVE, NEGATIVE))
    assert seen[0].x is x


@torch.no_grad()
def test_hooks_follow_each_other_and_the_last_word_is_that_of_the_last(model: DiffusionModel) -> None:
    x = picture()
    plain = guided(model, POSITIVE, NEGATIVE, 3.0, x)(x, SIGMA)
    hooks = Hooks(after=(lambda step, x0: x0 + 1, lambda step, x0: x0 * 2))
    torch.testing.assert_close(
        guided(replace(model, hooks=hooks), POSITIVE, NEGATIVE, 3.0, x)(x, SIGMA), (plain + 1) * 2
    )
    both = Hooks(
        before=(lambda step: (step.positive * 0, step.negative), lambda step: (step.positive + 1, step.negative * 0))
    )
    found, negative = guided_pair(replace(model, hooks=both), POSITIVE, NEGATIVE, 3.0, x)(x, SIGMA)
    assert torch.equal(found, torch.full_like(x, 3.0))
    assert not negative.any()


@torch.no_grad()
@pytest.mark.parametrize(("asks_both", "sides"), [(False, {0}), (True, {0, 1})])
def test_the_negative_is_asked_without_guidance_only_where_a_hook_wants_it(
    model: DiffusionModel, asks_both: bool, sides: set[int]
) -> None:
    asked: set[int] = set()

    def around(apply: Apply, call: NetworkCall) -> Tensor:
        asked.update(call.sides)
        return apply(call)

    hooks = Hooks(around=around, after=(lambda step, x0: x0,), asks_both=asks_both)
    found = sampled(replace(model, hooks=hooks), cfg=1.0)
    assert asked == sides
    torch.testing.assert_close(found, sampled(model, cfg=1.0), rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_a_wrapper_may_ask_for_rows_at_levels_of_their_own(model: DiffusionModel) -> None:
    x = picture()
    context = torch.ones(2, 3, 16)
    levels = torch.tensor([2.5, 0.7])
    both = applied(model, NetworkCall(x, levels, context, None, None, (0,)))
    for row, level in enumerate(levels):
        one = NetworkCall(x[row : row + 1], level[None], context[:1], None, None, (0,))
        torch.testing.assert_close(both[row : row + 1], applied(model, one), rtol=1e-4, atol=1e-4)


def test_a_model_has_no_hooks_unless_somebody_hangs_some(model: DiffusionModel) -> None:
    assert model.hooks is NO_HOOKS
    assert not NO_HOOKS.guide
    assert NOTHING["after"].guide
