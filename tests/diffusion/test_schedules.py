"""Noise tables and the levels of a run, against formulas written another way."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from diffusion.schedules import SCHEDULES, NoiseTable, beta_distribution, sigmas_for

SCHEDULER_NAMES = {
    "simple",
    "sgm_uniform",
    "karras",
    "exponential",
    "ddim_uniform",
    "beta",
    "normal",
    "linear_quadratic",
    "kl_optimal",
}


@pytest.fixture(scope="module")
def table() -> NoiseTable:
    return NoiseTable.stable_diffusion()


@pytest.fixture(scope="module")
def levels() -> np.ndarray:
    """The training levels of Stable Diffusion, by logarithms in numpy."""
    betas = np.linspace(math.sqrt(0.00085), math.sqrt(0.012), 1000) ** 2
    log_abar = np.cumsum(np.log1p(-betas))
    return np.sqrt(np.expm1(-log_abar))


def test_the_table_holds_the_levels_of_stable_diffusion(table: NoiseTable, levels: np.ndarray) -> None:
    np.testing.assert_allclose(table.sigmas.numpy(), levels, rtol=1e-6)
    assert table.sigma_min == pytest.approx(0.0291672, rel=1e-5)
    assert table.sigma_max == pytest.approx(14.6146412, rel=1e-6)


def test_zero_terminal_snr_moves_the_last_level_only_to_almost_no_signal(table: NoiseTable) -> None:
    rescaled = NoiseTable.stable_diffusion(zero_terminal_snr=True)
    abar_last = 1 / (1 + rescaled.sigma_max**2)
    assert abar_last == pytest.approx(4.8973451890853435e-08, rel=1e-4)
    assert rescaled.sigma_min == pytest.approx(table.sigma_min, rel=1e-5)
    root = 1 / torch.sqrt(1 + table.sigmas.double() ** 2)
    wanted = (root - root[-1]) * root[0] / (root[0] - root[-1])
    found = 1 / torch.sqrt(1 + rescaled.sigmas.double() ** 2)
    torch.testing.assert_close(found[:-1], wanted[:-1], rtol=1e-4, atol=1e-7)


def test_every_training_level_is_found_again_by_its_index(table: NoiseTable) -> None:
    assert table.timestep(table.sigmas).tolist() == list(range(1000))
    torch.testing.assert_close(table.sigma(torch.arange(1000)), table.sigmas)


def test_a_timestep_is_the_index_nearest_in_log_sigma(table: NoiseTable) -> None:
    generator = torch.Generator().manual_seed(3)
    sigmas = torch.rand(200, generator=generator) * 20 + 1e-3
    wanted = (sigmas.double().log()[:, None] - table.sigmas.double().log()[None]).abs().argmin(dim=1)
    assert table.timestep(sigmas).tolist() == wanted.tolist()


def test_a_fractional_timestep_lies_between_in_log_sigma(table: NoiseTable) -> None:
    between = table.sigma(411.25)
    wanted = table.sigmas[411] ** 0.75 * table.sigmas[412] ** 0.25
    torch.testing.assert_close(between, wanted)


def test_percent_runs_from_infinity_over_the_table_to_zero(table: NoiseTable) -> None:
    assert table.sigma_at_percent(0.0) == math.inf
    assert table.sigma_at_percent(1.0) == 0.0
    assert table.sigma_at_percent(0.5) == pytest.approx(float(table.sigmas[499] * table.sigmas[500]) ** 0.5, rel=1e-5)


@pytest.mark.parametrize("sigmas", [torch.tensor([1.0]), torch.tensor([2.0, 1.0]), torch.tensor([0.0, 1.0])])
def test_a_table_that_does_not_rise_from_above_zero_is_refused(sigmas: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="rising levels above 0"):
        NoiseTable(sigmas)


def test_all_schedulers_of_the_field_are_there() -> None:
    assert set(SCHEDULES) == SCHEDULER_NAMES


@pytest.mark.parametrize("name", sorted(SCHEDULER_NAMES))
@pytest.mark.parametrize("steps", [1, 2, 3, 20, 999, 1500])
def test_every_schedule_falls_to_zero_within_the_models_range(table: NoiseTable, name: str, steps: int) -> None:
    sigmas = sigmas_for(table, name, steps)
    assert sigmas.dtype == torch.float32
    assert sigmas[-1] == 0
    assert (sigmas.diff() < 0).all()
    assert sigmas[0] <= table.sigma_max * 1.0001
    if name not in {"ddim_uniform", "beta", "simple"}:
        assert len(sigmas) == steps + 1


def test_normal_spreads_timesteps_evenly(table: NoiseTable, levels: np.ndarray) -> None:
    timesteps = np.linspace(999, 0, 7)
    wanted = np.exp(np.interp(timesteps, np.arange(1000), np.log(levels)))
    np.testing.assert_allclose(sigmas_for(table, "normal", 7)[:-1].numpy(), wanted, rtol=1e-5)


def test_sgm_uniform_leaves_the_cleanest_timestep_out(table: NoiseTable, levels: np.ndarray) -> None:
    timesteps = 999 - 999 / 7 * np.arange(7)
    wanted = np.exp(np.interp(timesteps, np.arange(1000), np.log(levels)))
    np.testing.assert_allclose(sigmas_for(table, "sgm_uniform", 7)[:-1].numpy(), wanted, rtol=1e-5)


def test_simple_takes_every_nth_level_from_the_top(table: NoiseTable, levels: np.ndarray) -> None:
    wanted = [levels[-1], levels[-1 - 142], levels[-1 - 285], levels[-1 - 428], levels[-1 - 571]]
    np.testing.assert_allclose(sigmas_for(table, "simple", 7)[:5].numpy(), wanted, rtol=1e-6)


def test_ddim_uniform_counts_from_index_one(table: NoiseTable, levels: np.ndarray) -> None:
    assert sigmas_for(table, "ddim_uniform", 20).numpy()[:-1] == pytest.approx(levels[951::-50], rel=1e-6)
    thirty = sigmas_for(table, "ddim_uniform", 30)
    assert len(thirty) == 32, "1000 // 30 = 33 fits 31 times"
    assert float(thirty[-2]) == pytest.approx(levels[1], rel=1e-6)


def test_karras_is_even_in_the_seventh_root(table: NoiseTable) -> None:
    roots = sigmas_for(table, "karras", 10)[:-1].double() ** (1 / 7)
    torch.testing.assert_close(roots.diff(), roots.diff().mean().expand(9), rtol=1e-5, atol=1e-6)
    assert float(roots[0] ** 7) == pytest.approx(table.sigma_max, rel=1e-6)
    assert float(roots[-1] ** 7) == pytest.approx(table.sigma_min, rel=1e-6)


def test_exponential_is_even_in_log_sigma(table: NoiseTable) -> None:
    wanted = np.geomspace(table.sigma_max, table.sigma_min, 10)
    np.testing.assert_allclose(sigmas_for(table, "exponential", 10)[:-1].numpy(), wanted, rtol=1e-5)


def test_kl_optimal_is_even_in_the_angle(table: NoiseTable) -> None:
    angles = torch.atan(sigmas_for(table, "kl_optimal", 10)[:-1].double())
    torch.testing.assert_close(angles.diff(), angles.diff().mean().expand(9), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("steps", [1, 5, 20, 33, 400])
def test_beta_takes_the_quantiles_of_the_beta_distribution(table: NoiseTable, levels: np.ndarray, steps: int) -> None:
    quantiles = 1 - np.linspace(0, 1, steps, endpoint=False)
    indices = np.rint(stats.beta.ppf(quantiles, 0.6, 0.6) * 999).astype(int)
    wanted = levels[list(dict.fromkeys(indices))]
    np.testing.assert_allclose(sigmas_for(table, "beta", steps)[:-1].numpy(), wanted, rtol=1e-6)


@pytest.mark.parametrize(("a", "b"), [(0.6, 0.6), (1, 1), (3, 0.2), (50, 50), (0.05, 30)])
def test_the_beta_distribution_is_that_of_scipy(a: float, b: float) -> None:
    x = torch.linspace(1e-4, 1 - 1e-4, 501, dtype=torch.float64)
    np.testing.assert_allclose(beta_distribution(x, a, b).numpy(), stats.beta.cdf(x.numpy(), a, b), atol=1e-12)


@pytest.mark.parametrize("steps", [2, 7, 20])
def test_linear_quadratic_joins_a_line_and_a_parabola_smoothly(table: NoiseTable, steps: int) -> None:
    """Against the polynomial a i² + b i + c that meets the line in value and slope, and reaches 1 at the end."""
    line = steps // 2
    slope = 0.025 / line
    rows = [[line**2, line, 1], [2 * line, 1, 0], [steps**2, steps, 1]]
    a, b, c = np.linalg.solve(np.array(rows, dtype=float), [0.025, slope, 1.0])
    i = np.arange(steps + 1)
    wanted = (1 - np.where(i <= line, slope * i, a * i**2 + b * i + c)) * table.sigma_max
    np.testing.assert_allclose(sigmas_for(table, "linear_quadratic", steps).numpy(), wanted, atol=1e-4)


def test_denoise_keeps_the_end_of_a_longer_run(table: NoiseTable) -> None:
    whole = sigmas_for(table, "karras", int(10 / 0.3))
    assert torch.equal(sigmas_for(table, "karras", 10, denoise=0.3), whole[-11:])
    assert len(sigmas_for(table, "karras", 10, denoise=0.0)) == 0


@pytest.mark.parametrize("sampler", ["dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"])
def test_some_samplers_lose_the_level_before_zero_of_one_step_more(table: NoiseTable, sampler: str) -> None:
    longer = sigmas_for(table, "normal", 11, "euler")
    found = sigmas_for(table, "normal", 10, sampler)
    assert found.tolist() == [*longer[:10].tolist(), 0.0]
    half = sigmas_for(table, "normal", 10, sampler, denoise=0.5)
    longer = sigmas_for(table, "normal", 21, "euler")
    assert half.tolist() == [*longer[10:20].tolist(), 0.0]


def test_unknown_schedulers_and_no_steps_are_refused_with_a_remedy(table: NoiseTable) -> None:
    with pytest.raises(ValueError, match="choose one of simple"):
        sigmas_for(table, "karas", 10)
    with pytest.raises(ValueError, match="at least 1 step"):
        sigmas_for(table, "karras", 0)
