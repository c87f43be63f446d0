"""Whole runs: noise, scaling, steps and masks put together as published workflows expect them."""

import math
from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from diffusion.conditioning import Condition
from diffusion.model import DiffusionModel
from diffusion.noise import initial_noise
from diffusion.prediction import clean, epsilon
from diffusion.samplers import SAMPLERS, NoiseKind
from diffusion.sampling import first_scale, ksample, sample, slice_steps
from diffusion.schedules import NoiseTable, sigmas_for
from diffusion.unet import UNet, UNetConfig

DETERMINISTIC = [*sorted(name for name, one in SAMPLERS.items() if one.noise is NoiseKind.NONE), "ddim"]


class Recorder(nn.Module):
    """Answers with a constant and keeps what it was shown."""

    def __init__(self, answer: float) -> None:
        super().__init__()
        self.answer = answer
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor, timesteps: Tensor, context: Tensor, y: Tensor | None = None) -> Tensor:
        self.seen.append(x)
        return torch.full_like(x, self.answer)


@pytest.fixture(scope="module")
def model() -> DiffusionModel:
    """A tiny UNet with random weights."""
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


def constant(answer: float, scale: float = 1.0) -> tuple[DiffusionModel, Recorder]:
    """A model that says every picture is the constant, in network scale."""
    network = Recorder(answer)
    return DiffusionModel(network, NoiseTable.stable_diffusion(), clean, scale, 4), network


PROMPT = (Condition(torch.ones(1, 3, 16)),)
NEGATIVE = (Condition(torch.zeros(1, 3, 16)),)


def picture(rows: int = 1) -> Tensor:
    return torch.randn(rows, 4, 8, 8, generator=torch.Generator().manual_seed(77))


def run(model: DiffusionModel, latents: Tensor, **changes: object) -> Tensor:
    options: dict[str, object] = {
        "seed": 5,
        "steps": 4,
        "cfg": 2.0,
        "sampler": "euler",
        "scheduler": "normal",
    } | changes
    return ksample(model, PROMPT, NEGATIVE, latents, **options)  # pyright: ignore[reportArgumentType]


def test_an_empty_latent_begins_as_the_seeds_noise_of_training_size() -> None:
    tiny, network = constant(0.0)
    run(tiny, torch.zeros(2, 4, 8, 8), cfg=1.0)
    # Scaled to unit variance, sqrt(1 + sigma²) cancels: the network sees the noise itself.
    torch.testing.assert_close(network.seen[0], initial_noise((2, 4, 8, 8), 5))


def test_a_picture_begins_noised_to_the_first_level_of_the_kept_steps() -> None:
    tiny, network = constant(0.0, scale=0.5)
    run(tiny, picture(), cfg=1.0, denoise=0.5)
    sigma = sigmas_for(tiny.table, "normal", 8)[4]
    wanted = picture() * 0.5 + initial_noise((1, 4, 8, 8), 5) * sigma
    torch.testing.assert_close(network.seen[0] * (1 + sigma**2).sqrt(), wanted, rtol=1e-4, atol=1e-5)


def test_only_at_the_models_largest_level_does_the_noise_get_training_size() -> None:
    largest = NoiseTable.stable_diffusion().sigma_max
    assert first_scale(largest, largest) == pytest.approx(math.sqrt(1 + largest**2))
    assert first_scale(largest * (1 - 5e-6), largest) > largest
    assert first_scale(largest * (1 - 5e-5), largest) < largest
    assert first_scale(1.0, largest) == 1.0


def test_results_leave_in_vae_scale() -> None:
    tiny, _ = constant(3.0, scale=0.25)
    found = run(tiny, torch.zeros(1, 4, 8, 8))
    torch.testing.assert_close(found, torch.full((1, 4, 8, 8), 12.0), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_the_same_seed_gives_the_same_bits_and_another_another(model: DiffusionModel, sampler: str) -> None:
    empty = torch.zeros(1, 4, 8, 8)
    first, second = (run(model, empty, sampler=sampler, steps=3) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.allclose(first, run(model, empty, sampler=sampler, steps=3, seed=6))


@pytest.mark.parametrize("sampler", DETERMINISTIC)
def test_an_item_of_a_batch_is_the_single_run_with_its_batch_index(model: DiffusionModel, sampler: str) -> None:
    batch = run(model, torch.zeros(3, 4, 8, 8), sampler=sampler)
    alone = run(model, torch.zeros(1, 4, 8, 8), sampler=sampler, batch_index=[2])
    torch.testing.assert_close(batch[2:], alone, rtol=1e-3, atol=1e-3)


def test_a_run_in_two_parts_is_the_run_in_one(model: DiffusionModel) -> None:
    whole = run(model, picture(), steps=6)
    first = run(model, picture(), steps=6, end_step=3)
    second = run(model, first, steps=6, start_step=3, add_noise=False)
    torch.testing.assert_close(second, whole, rtol=1e-4, atol=1e-3)
    assert not torch.allclose(first, whole, atol=0.1)


def test_ending_early_without_leftover_noise_goes_down_to_zero() -> None:
    tiny, _ = constant(3.0)
    noisy = run(tiny, torch.zeros(1, 4, 8, 8), end_step=2)
    final = run(tiny, torch.zeros(1, 4, 8, 8), end_step=2, leftover_noise=False)
    assert float(noisy.std()) > 0.5
    torch.testing.assert_close(final, torch.full((1, 4, 8, 8), 3.0), rtol=1e-4, atol=1e-4)


def test_steps_are_sliced_as_positions() -> None:
    sigmas = torch.tensor([4.0, 3.0, 2.0, 1.0, 0.0])
    assert slice_steps(sigmas, 1, 3).tolist() == [3.0, 2.0, 1.0]
    assert slice_steps(sigmas, 1, 3, leftover_noise=False).tolist() == [3.0, 2.0, 0.0]
    assert slice_steps(sigmas, 0, 10_000, leftover_noise=False).tolist() == sigmas.tolist()
    assert slice_steps(sigmas, 4).tolist() == []
    assert sigmas.tolist() == [4.0, 3.0, 2.0, 1.0, 0.0], "the levels handed in stay as they were"


@pytest.mark.parametrize("nothing", [{"denoise": 0.0}, {"start_step": 4}, {"start_step": 3, "end_step": 3}])
def test_no_steps_give_the_latents_back(model: DiffusionModel, nothing: dict[str, object]) -> None:
    assert torch.equal(run(model, picture(), **nothing), picture())


@pytest.mark.parametrize("sampler", ["euler", "ddim", "euler_ancestral", "dpmpp_2m", "dpmpp_2m_sde", "heun"])
def test_inpainting_keeps_what_the_mask_does_not_name(model: DiffusionModel, sampler: str) -> None:
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., :32] = 1
    found = run(model, picture(), noise_mask=mask, sampler=sampler)
    torch.testing.assert_close(found[..., 4:], picture()[..., 4:], rtol=1e-4, atol=1e-4)
    assert float((found - picture())[..., :4].abs().mean()) > 0.1


def test_ddim_noises_the_kept_region_with_the_next_seed() -> None:
    tiny, network = constant(0.0)
    sigma = sigmas_for(tiny.table, "normal", 8)[4]
    for sampler, seed in (("euler", 5), ("ddim", 6)):
        run(tiny, picture(), cfg=1.0, denoise=0.5, sampler=sampler, noise_mask=torch.zeros(1, 8, 8))
        wanted = picture() + initial_noise((1, 4, 8, 8), seed) * sigma
        torch.testing.assert_close(network.seen[0] * (1 + sigma**2).sqrt(), wanted, rtol=1e-4, atol=1e-4)
        network.seen.clear()


def test_the_largest_seed_has_a_next_one_too(model: DiffusionModel) -> None:
    found = run(model, picture(), seed=2**64 - 1, sampler="ddim", noise_mask=torch.ones(1, 8, 8))
    assert found.isfinite().all()


def test_previews_come_in_network_scale_once_a_step() -> None:
    tiny, _ = constant(3.0, scale=0.25)
    seen: list[tuple[int, float]] = []
    run(tiny, torch.zeros(1, 4, 8, 8), on_step=lambda i, x0, x: seen.append((i, float(x0.mean()))))
    assert seen == [(i, 3.0) for i in range(4)]


def test_a_hook_that_raises_stops_the_run() -> None:
    tiny, network = constant(3.0)

    def stop(step: int, x0: Tensor, x: Tensor) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tiny, torch.zeros(1, 4, 8, 8), on_step=stop)
    assert len(network.seen) == 1


def test_inputs_are_left_as_they_were(model: DiffusionModel) -> None:
    latents, mask = picture(), torch.ones(1, 8, 8)
    run(model, latents, noise_mask=mask)
    assert torch.equal(latents, picture())
    assert torch.equal(mask, torch.ones(1, 8, 8))


def test_no_gradients_are_kept(model: DiffusionModel) -> None:
    assert not run(model, picture()).requires_grad


def test_latents_of_another_model_are_refused_with_a_remedy(model: DiffusionModel) -> None:
    with pytest.raises(ValueError, match=r"4 channels .* take the VAE and the empty latent"):
        run(model, torch.zeros(1, 16, 8, 8))
    with pytest.raises(ValueError, match="of one shape"):
        sigmas = torch.tensor([1.0, 0.0])
        noise = torch.zeros(2, 4, 8, 8)
        sample(model, PROMPT, NEGATIVE, picture(), noise, sigmas=sigmas, sampler="euler", cfg=1.0, seed=0)


def test_an_unknown_sampler_is_refused_with_the_known_ones(model: DiffusionModel) -> None:
    with pytest.raises(ValueError, match="no sampler 'eular': choose one of euler"):
        run(model, picture(), sampler="eular")


def test_half_precision_networks_give_float32_latents(model: DiffusionModel) -> None:
    half = replace(model, network=deepcopy(model.network).to(torch.bfloat16), dtype=torch.bfloat16)
    assert run(half, picture()).dtype == torch.float32
