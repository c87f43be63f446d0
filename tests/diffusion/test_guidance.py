"""Guidance: which condition speaks where and when, and how many calls of the network that takes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from diffusion.conditioning import Area, AreaFraction, Condition
from diffusion.guidance import guided, ramp
from diffusion.inpaint import inpainting_channels
from diffusion.model import DiffusionModel
from diffusion.prediction import Prediction, clean, epsilon, v_prediction
from diffusion.schedules import NoiseTable
from diffusion.unet import UNet, UNetConfig

SIGMA = torch.tensor(2.0)
HEIGHT, WIDTH = 12, 16


class Painter(nn.Module):
    """Says that every picture is all of the colour that its prompt names: the mean of the prompt's vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[int, ...]] = []
        self.timesteps: list[float] = []
        self.vectors: list[Tensor | None] = []
        self.inputs: list[Tensor] = []

    def forward(self, x: Tensor, timesteps: Tensor, context: Tensor, y: Tensor | None = None) -> Tensor:
        self.calls.append(tuple(x.shape))
        self.timesteps += timesteps.tolist()
        self.vectors.append(y)
        self.inputs.append(x)
        return context.mean(dim=1)[:, :4, None, None].expand(-1, 4, *x.shape[-2:]).clone()


def painting_model(**changes: object) -> tuple[DiffusionModel, Painter]:
    painter = Painter()
    model = DiffusionModel(painter, NoiseTable.stable_diffusion(), clean, 1.0, 4)
    return replace(model, **changes), painter  # pyright: ignore[reportArgumentType]


def colour(value: float, tokens: int = 3, rows: int = 1, **options: object) -> Condition:
    return Condition(torch.full((rows, tokens, 8), value), **options)  # pyright: ignore[reportArgumentType]


def latents(rows: int = 1) -> Tensor:
    return torch.randn(rows, 4, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(4))


@pytest.fixture(scope="module")
def unet_model() -> DiffusionModel:
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
    return DiffusionModel(network, NoiseTable.stable_diffusion(), epsilon, 0.18215, 4)


def prompt(seed: int, tokens: int = 7) -> Condition:
    return Condition(torch.randn(1, tokens, 16, generator=torch.Generator().manual_seed(seed)))


@torch.no_grad()
def by_hand(model: DiffusionModel, condition: Condition, x: Tensor, sigma: Tensor) -> Tensor:
    """x0 of one prompt, written out: input scaling, nearest timestep, epsilon."""
    distance = (model.table.sigmas.log() - sigma.log()).abs()
    t = distance.argmin().repeat(x.shape[0])
    context = condition.embedding.repeat(x.shape[0], 1, 1)
    return x - sigma * model.network(x / torch.sqrt(1 + sigma**2), t, context)


@torch.no_grad()
@pytest.mark.parametrize("cfg", [0.0, 1.5, 7.0])
def test_guidance_moves_from_the_negative_past_the_positive(unet_model: DiffusionModel, cfg: float) -> None:
    x = latents(2) * 3
    found = guided(unet_model, (prompt(1),), (prompt(2),), cfg, x)(x, SIGMA)
    positive, negative = (by_hand(unet_model, prompt(seed), x, SIGMA) for seed in (1, 2))
    torch.testing.assert_close(found, negative + cfg * (positive - negative), rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_prompts_of_different_lengths_share_a_batch_without_a_difference(unet_model: DiffusionModel) -> None:
    x = latents() * 3
    found = guided(unet_model, (prompt(1, 14),), (prompt(2, 21),), 3.0, x)(x, SIGMA)
    positive, negative = by_hand(unet_model, prompt(1, 14), x, SIGMA), by_hand(unet_model, prompt(2, 21), x, SIGMA)
    torch.testing.assert_close(found, negative + 3 * (positive - negative), rtol=1e-4, atol=1e-4)


def test_positive_and_negative_go_through_the_network_together() -> None:
    model, painter = painting_model()
    denoise = guided(model, (colour(1.0),), (colour(0.2),), 3.0, latents(2))
    x0 = denoise(latents(2), SIGMA)
    assert painter.calls == [(4, 4, HEIGHT, WIDTH)]
    torch.testing.assert_close(x0, torch.full_like(x0, 0.2 + 0.8 * 3))


@pytest.mark.parametrize(("lengths", "calls"), [((77, 154), 1), ((77, 231), 1), ((154, 231), 1), ((3, 5), 2)])
def test_lengths_with_a_small_common_multiple_share_a_call(lengths: tuple[int, int], calls: int) -> None:
    model, painter = painting_model()
    x0 = guided(model, (colour(1.0, lengths[0]),), (colour(0.0, lengths[1]),), 2.0, latents())(latents(), SIGMA)
    assert len(painter.calls) == calls
    torch.testing.assert_close(x0, torch.full_like(x0, 2.0))


def test_without_guidance_the_negative_is_never_asked() -> None:
    model, painter = painting_model()
    x0 = guided(model, (colour(1.0),), (colour(0.2),), 1.0, latents())(latents(), SIGMA)
    assert painter.calls == [(1, 4, HEIGHT, WIDTH)]
    torch.testing.assert_close(x0, torch.ones_like(x0))


def test_the_network_sees_unit_variance_and_the_nearest_timestep() -> None:
    model, painter = painting_model()
    x = latents()
    guided(model, (colour(1.0),), (), 1.0, x)(x, model.table.sigmas[700])
    assert painter.timesteps == [700.0]
    torch.testing.assert_close(painter.inputs[0], x / (1 + model.table.sigmas[700] ** 2) ** 0.5)


def test_overlapping_conditions_are_averaged_with_their_strengths() -> None:
    model, painter = painting_model()
    positive = (colour(1.0, strength=3.0), colour(0.0, strength=1.0))
    x0 = guided(model, positive, (), 1.0, latents())(latents(), SIGMA)
    torch.testing.assert_close(x0, torch.full_like(x0, 0.75))
    assert painter.calls == [(2, 4, HEIGHT, WIDTH)], "both conditions in one call"


def test_an_area_alone_is_what_the_network_sees_of_it() -> None:
    model, painter = painting_model()
    area = Area(height=8, width=8, y=4, x=0)
    x = latents()
    guided(model, (colour(1.0), colour(0.0, area=area)), (), 1.0, x)(x, SIGMA)
    assert painter.calls == [(1, 4, HEIGHT, WIDTH), (1, 4, 8, 8)]
    torch.testing.assert_close(painter.inputs[1], painter.inputs[0][:, :, 4:12, 0:8])


def test_an_area_fades_over_eight_cells_from_borders_inside_the_picture_only() -> None:
    """The area lies at the lower left, so its upper and its right border are inside."""
    weights = ramp(Area(height=10, width=12, y=2, x=0), latents())[0, 0]
    assert weights[:, 0].tolist() == pytest.approx([1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8, 6 / 8, 7 / 8, 1, 1, 1])
    assert weights[-1].tolist() == pytest.approx([1, 1, 1, 1, 1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8])
    assert float(weights[0, -1]) == pytest.approx(1 / 64)


def test_an_area_is_blended_into_the_whole_by_its_ramp() -> None:
    model, _ = painting_model()
    area = Area(height=10, width=WIDTH, y=2, x=0)
    x0 = guided(model, (colour(0.0), colour(1.0, area=area)), (), 1.0, latents())(latents(), SIGMA)
    rise = torch.tensor([0.0, 0.0] + [k / 8 for k in range(1, 9)] + [1.0, 1.0])
    torch.testing.assert_close(x0[0, 0, :, 0], rise / (1 + rise))


@pytest.mark.parametrize(
    ("area", "cells"),
    [
        (Area(99, 99, 4, 8), Area(8, 8, 4, 8)),
        (Area(4, 4, 50, 50), Area(1, 1, 11, 15)),
        (AreaFraction(0.5, 0.25, 0.5, 0.75), Area(6, 4, 6, 12)),
        (AreaFraction(0.001, 1.0, 0.0, 0.0), Area(1, 16, 0, 0)),
    ],
)
def test_areas_are_cut_to_the_picture(area: Area | AreaFraction, cells: Area) -> None:
    assert area.cells(HEIGHT, WIDTH) == cells


def test_a_mask_says_where_a_condition_speaks() -> None:
    model, _ = painting_model()
    left = torch.zeros(1, HEIGHT * 8, WIDTH * 8)
    left[:, :, : WIDTH * 4] = 1
    positive = (colour(1.0, mask=left), colour(0.0, mask=1 - left))
    x0 = guided(model, positive, (), 1.0, latents(2))(latents(2), SIGMA)
    assert (x0[..., : WIDTH // 2] == 1).all()
    assert (x0[..., WIDTH // 2 :] == 0).all()


def test_mask_strength_weighs_a_mask_against_others() -> None:
    model, _ = painting_model()
    everywhere = torch.ones(1, 4, 4)
    positive = (colour(1.0, mask=everywhere, mask_strength=0.5), colour(0.0, strength=2.0))
    x0 = guided(model, positive, (), 1.0, latents())(latents(), SIGMA)
    torch.testing.assert_close(x0, torch.full_like(x0, 0.5 / 2.5))


def test_the_network_can_be_shown_the_area_around_a_mask_only() -> None:
    model, painter = painting_model()
    mask = torch.zeros(1, HEIGHT, WIDTH)
    mask[:, 3:5, 2:14] = 1
    guided(model, (colour(1.0, mask=mask, area_from_mask=True),), (), 1.0, latents())(latents(), SIGMA)
    assert painter.calls == [(1, 4, 8, 12)], "two rows are widened to the least of eight"
    torch.testing.assert_close(painter.inputs[0], latents()[:, :, 3:11, 2:14] / 5**0.5)


def test_where_one_side_is_silent_there_is_no_guidance() -> None:
    model, _ = painting_model()
    left = torch.zeros(1, HEIGHT, WIDTH)
    left[:, :, : WIDTH // 2] = 1
    x0 = guided(model, (colour(1.0, mask=left),), (colour(0.5),), 4.0, latents())(latents(), SIGMA)
    torch.testing.assert_close(x0[..., : WIDTH // 2], torch.full((1, 4, HEIGHT, WIDTH // 2), 0.5 + 4 * 0.5))
    torch.testing.assert_close(x0[..., WIDTH // 2 :], torch.full((1, 4, HEIGHT, WIDTH // 2), 0.5))


def test_conditions_take_turns_by_percent_of_the_sampling() -> None:
    model, painter = painting_model()
    positive = (colour(1.0, end_percent=0.5), colour(0.0, start_percent=0.5))
    denoise = guided(model, positive, (), 1.0, latents())
    half = model.table.sigma_at_percent(0.5)
    early, late = denoise(latents(), torch.tensor(half * 1.01)), denoise(latents(), torch.tensor(half * 0.99))
    assert (early == 1).all()
    assert (late == 0).all()
    assert painter.calls == [(1, 4, HEIGHT, WIDTH)] * 2


def test_a_negative_out_of_its_time_leaves_the_positive_alone() -> None:
    model, painter = painting_model()
    denoise = guided(model, (colour(1.0),), (colour(0.5, end_percent=0.2),), 4.0, latents())
    assert (denoise(latents(), torch.tensor(0.5)) == 1).all()
    assert painter.calls == [(1, 4, HEIGHT, WIDTH)]


def test_a_level_at_which_nothing_speaks_is_an_error_with_a_remedy() -> None:
    model, _ = painting_model()
    denoise = guided(model, (colour(1.0, end_percent=0.2),), (), 1.0, latents())
    with pytest.raises(ValueError, match=r"noise level 0\.5: give a prompt"):
        denoise(latents(), torch.tensor(0.5))


def test_every_picture_of_a_batch_can_have_a_prompt_of_its_own() -> None:
    model, _ = painting_model()
    two = Condition(torch.stack([torch.zeros(3, 8), torch.ones(3, 8)]))
    x0 = guided(model, (two,), (colour(0.0),), 2.0, latents(3))(latents(3), SIGMA)
    assert x0[:, 0, 0, 0].tolist() == [0.0, 2.0, 0.0], "two prompts for three pictures begin anew"


def test_vectors_and_further_channels_come_from_the_models_rules() -> None:
    def vector(condition: Condition, latents: Tensor) -> Tensor | None:
        return condition.pooled

    def concat(condition: Condition, latents: Tensor) -> Tensor:
        return torch.full((1, 2, HEIGHT, WIDTH), float(condition.strength))

    model, painter = painting_model(vector=vector, concat=concat)
    area = Area(height=8, width=8, y=4, x=0)
    positive = (
        colour(1.0, pooled=torch.full((1, 5), 7.0)),
        colour(1.0, area=area, strength=3.0, pooled=torch.full((1, 5), 8.0)),
    )
    guided(model, positive, (), 1.0, latents(2))(latents(2), SIGMA)
    assert painter.calls == [(2, 6, HEIGHT, WIDTH), (2, 6, 8, 8)]
    assert (painter.inputs[0][:, 4:] == 1).all()
    assert (painter.inputs[1][:, 4:] == 3).all()
    vectors = [one.tolist() for one in painter.vectors if one is not None]
    assert vectors == [[[7.0] * 5] * 2, [[8.0] * 5] * 2]


def test_an_inpainting_network_sees_the_mask_and_the_picture_without_the_hole() -> None:
    model, painter = painting_model(concat=inpainting_channels(0.5))
    mask = torch.zeros(1, HEIGHT, WIDTH)
    mask[:, :, 4:] = 1
    picture = latents()
    condition = colour(1.0, concat_latent=picture, concat_mask=mask)
    guided(model, (condition,), (colour(0.0),), 2.0, latents(2))(latents(2), SIGMA)
    assert painter.calls == [(4, 9, HEIGHT, WIDTH)]
    torch.testing.assert_close(painter.inputs[0][:2, 4:5], mask.expand(2, 1, HEIGHT, WIDTH))
    torch.testing.assert_close(painter.inputs[0][:2, 5:], picture.expand(2, 4, HEIGHT, WIDTH) * 0.5)
    assert (painter.inputs[0][2:, 4:5] == 1).all(), "a condition without a picture: all is to be painted"


@pytest.mark.parametrize("prediction", [epsilon, v_prediction])
def test_a_perfect_network_is_understood(prediction: Prediction) -> None:
    """epsilon names the noise, v alpha * noise - sigma' * x0, where alpha and sigma' are those of unit variance."""
    x0, noise = latents(), latents(1).flip(-1)
    scale = (1 + SIGMA**2) ** 0.5
    said: dict[Callable[..., Tensor], Tensor] = {epsilon: noise, v_prediction: noise / scale - x0 * SIGMA / scale}
    torch.testing.assert_close(prediction(said[prediction], x0 + SIGMA * noise, SIGMA), x0, rtol=1e-4, atol=1e-5)


def test_the_network_works_in_its_precision_and_the_rest_in_float32() -> None:
    model, painter = painting_model(dtype=torch.bfloat16)
    x0 = guided(model, (colour(1.0),), (colour(0.0),), 2.0, latents())(latents(), SIGMA)
    assert painter.inputs[0].dtype == torch.bfloat16
    assert x0.dtype == torch.float32
