"""Laws that every sampler keeps, on data whose denoiser and trajectories are known exactly.

For data ~ N(mu, s²) the best denoiser is D(x, sigma) = (s² x + sigma² mu) / (s² + sigma²), and the probability-flow
ODE moves x - mu in proportion to sqrt(s² + sigma²).
"""

import ast
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import diffusion.samplers
from diffusion.noise import brownian_noise, generator_noise
from diffusion.samplers import SAMPLERS, NoiseKind, Sampler
from diffusion.samplers.steps import ancestral_levels, gauss_legendre, lagrange_integrals
from diffusion.schedules import NoiseTable, sigmas_for
from diffusion.shapes import Denoiser, GuidedPair, NoiseBetween

MEAN, DEVIATION = 0.7, 0.5
HIGH, LOW = 10.0, 1.0


def gaussian(x: Tensor, sigma: Tensor) -> Tensor:
    variance = DEVIATION**2
    return (variance * x + sigma**2 * MEAN) / (variance + sigma**2)


def exact(x: Tensor, sigma: float, sigma_next: float) -> Tensor:
    return MEAN + (x - MEAN) * math.sqrt((DEVIATION**2 + sigma_next**2) / (DEVIATION**2 + sigma**2))


def no_noise(sigma: Tensor, sigma_next: Tensor) -> Tensor:
    return torch.zeros(1, dtype=torch.float64)


def both(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
    """As `gaussian` for samplers that see the negative too, which here says the same."""
    x0 = gaussian(x, sigma)
    return x0, x0


def gaussian_for(sampler: Sampler) -> Denoiser | GuidedPair:
    return both if sampler.sees_negative else gaussian


def fresh(sampler: Sampler, x: Tensor, sigmas: Tensor, seed: int) -> NoiseBetween | None:
    if sampler.noise is NoiseKind.NONE:
        return None
    if sampler.noise is NoiseKind.GENERATOR:
        return generator_noise(x, seed)
    return brownian_noise(x, sigmas, seed, torch.device("cpu"))


def noisy_data(sigma: Tensor) -> Tensor:
    """Many noisy draws of the data, with just the mean and the deviation that they should have."""
    z = torch.randn(1, 1, 100, 100, generator=torch.Generator().manual_seed(1))
    return MEAN + (z - z.mean()) / z.std() * torch.sqrt(DEVIATION**2 + sigma**2)


def error(sampler: Sampler, sigmas: Tensor) -> float:
    x = torch.tensor([[[[-9.0, 3.0, 14.0]]]], dtype=torch.float64)
    found = sampler(gaussian_for(sampler), x, sigmas, noise=no_noise)
    return float((found - exact(x, HIGH, LOW)).abs().max())


def geometric(steps: int) -> Tensor:
    return torch.logspace(math.log10(HIGH), math.log10(LOW), steps + 1, dtype=torch.float64)


def even(steps: int) -> Tensor:
    return torch.linspace(HIGH, LOW, steps + 1, dtype=torch.float64)


def mean_level(sigma: Tensor, sigma_next: Tensor) -> Tensor:
    return (sigma + sigma_next) / 2


ODE = {"eta": 0.0}

ORDERS: list[tuple[str, Sampler, Callable[[int], Tensor], float]] = [
    ("euler", SAMPLERS["euler"], geometric, 1),
    ("ddim", SAMPLERS["ddim"], geometric, 1),
    ("euler_ancestral as an ODE", SAMPLERS["euler_ancestral"].with_options(**ODE), geometric, 1),
    ("heun", SAMPLERS["heun"], geometric, 2),
    ("dpm_2", SAMPLERS["dpm_2"], geometric, 2),
    ("dpm_2_ancestral as an ODE", SAMPLERS["dpm_2_ancestral"].with_options(**ODE), geometric, 2),
    ("dpmpp_2s_ancestral as an ODE", SAMPLERS["dpmpp_2s_ancestral"].with_options(**ODE), geometric, 2),
    ("dpmpp_sde as an ODE", SAMPLERS["dpmpp_sde"].with_options(**ODE), geometric, 2),
    ("dpmpp_2m", SAMPLERS["dpmpp_2m"], geometric, 2),
    ("dpmpp_2m_sde as an ODE", SAMPLERS["dpmpp_2m_sde"].with_options(**ODE), geometric, 2),
    ("dpmpp_2m_sde_heun as an ODE", SAMPLERS["dpmpp_2m_sde_heun"].with_options(**ODE), geometric, 2),
    # Their first steps are of order 1 and 2, which bounds the order of the whole run.
    ("dpmpp_3m_sde as an ODE", SAMPLERS["dpmpp_3m_sde"].with_options(**ODE), geometric, 2),
    ("lms", SAMPLERS["lms"], geometric, 2),
    ("deis", SAMPLERS["deis"], geometric, 2),
    ("gradient_estimation", SAMPLERS["gradient_estimation"], geometric, 1),
    ("heunpp2", SAMPLERS["heunpp2"], geometric, 1),
    ("res_multistep", SAMPLERS["res_multistep"], geometric, 2),
    ("seeds_2 as an ODE", SAMPLERS["seeds_2"].with_options(**ODE), geometric, 2),
    ("seeds_3 as an ODE", SAMPLERS["seeds_3"].with_options(**ODE), geometric, 3),
    ("er_sde as an ODE", SAMPLERS["er_sde"].with_options(scale=np.asarray), geometric, 2),
    ("er_sde of order 1 as an ODE", SAMPLERS["er_sde"].with_options(scale=np.asarray, order=1), geometric, 1),
    ("uni_pc", SAMPLERS["uni_pc"], geometric, 2),
    ("uni_pc_bh2", SAMPLERS["uni_pc_bh2"], geometric, 2),
    ("ipndm", SAMPLERS["ipndm"], even, 2),
    ("plms", SAMPLERS["plms"], even, 3),
    ("pndm", SAMPLERS["pndm"].with_options(between=mean_level), even, 4),
]


@pytest.mark.parametrize(("sampler", "levels", "order"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_doubling_the_steps_divides_the_error_by_two_to_the_order(
    sampler: Sampler, levels: Callable[[int], Tensor], order: float
) -> None:
    steps = 400 if levels is even else 80
    ratio = error(sampler, levels(steps)) / error(sampler, levels(2 * steps))
    assert math.log2(ratio) > order - 0.2


def test_dpm_fast_is_of_order_three() -> None:
    """32 and 65 calls are 11 and 22 steps, of which the last is of order 2."""
    ratio = error(SAMPLERS["dpm_fast"], geometric(32)) / error(SAMPLERS["dpm_fast"], geometric(65))
    assert math.log2(ratio) > 2.8


@pytest.mark.parametrize("name", ["euler", "ddim", "heun", "dpm_2", "dpmpp_2m"])
def test_the_order_is_no_higher_than_it_says(name: str) -> None:
    order = {"euler": 1, "ddim": 1}.get(name, 2)
    ratio = error(SAMPLERS[name], geometric(160)) / error(SAMPLERS[name], geometric(320))
    assert math.log2(ratio) < order + 0.3


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_lms_follows_polynomials_of_its_order_exactly_over_uneven_steps(order: int) -> None:
    """With a derivative that depends on sigma alone, as a polynomial of degree order - 1, only its start errs.

    The start is of order 1, so runs that are equal from the `order`-th step on differ by a constant.
    """
    levels = torch.tensor([9.0, 7.5, 7.0, 5.0, 4.5, 2.0, 1.0], dtype=torch.float64)

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        return x - sigma * (1 + sigma) ** (order - 1)

    path: list[Tensor] = []
    sampler = SAMPLERS["lms"].with_options(order=order)
    end = sampler(denoise, torch.zeros(1, dtype=torch.float64), levels, lambda i, x0, x: path.append(x))
    path.append(end)
    integral = (1 + levels) ** order / order
    found = torch.cat(path)[order - 1 :]
    torch.testing.assert_close(found - found[0], integral[order - 1 :] - integral[order - 1], rtol=1e-9, atol=1e-9)


def test_at_even_steps_lms_has_the_weights_of_adams_and_bashforth() -> None:
    found = lagrange_integrals([4.0, 3.0, 2.0, 1.0], 4.0, 5.0, gauss_legendre(3))
    assert found == pytest.approx([55 / 24, -59 / 24, 37 / 24, -9 / 24], rel=1e-12)


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_pictures_of_a_gaussian_have_its_mean_and_deviation(name: str) -> None:
    """From pure noise down to zero, with many cells for many draws."""
    first_order_in_noise = name in {"ddpm", "euler_ancestral", "euler_ancestral_cfg_pp", "res_multistep_ancestral"}
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 300 if first_order_in_noise else 60, name)
    x = noisy_data(sigmas[0])
    found = SAMPLERS[name](gaussian_for(SAMPLERS[name]), x, sigmas, noise=fresh(SAMPLERS[name], x, sigmas, 2))
    assert float(found.mean()) == pytest.approx(MEAN, abs=0.02)
    if name != "lcm":  # it narrows what it draws, see below; dpm_adaptive tolerates errors of 5 %
        tolerance = 0.05 if name == "dpm_adaptive" else 0.03
        assert float(found.std()) == pytest.approx(DEVIATION, rel=tolerance)


@pytest.mark.parametrize("name", ["ddpm", "euler_ancestral", "lcm"])
def test_the_deviation_of_coarse_random_runs_follows_its_recursion(name: str) -> None:
    """For a Gaussian each step is linear, so that the variance of x - mu is known step by step."""
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 7, name)
    x = torch.randn(1, 1, 200, 200, generator=torch.Generator().manual_seed(1)) * sigmas[0] + MEAN
    variance = float(sigmas[0]) ** 2
    for sigma, sigma_next in pairwise(sigmas.tolist()):
        to_x0 = DEVIATION**2 / (DEVIATION**2 + sigma**2)
        kept = 0.0 if name == "lcm" else (sigma_next / sigma) ** 2
        variance = variance * (to_x0 + (1 - to_x0) * kept) ** 2 + sigma_next**2 * (1 - kept)
    found = SAMPLERS[name](gaussian_for(SAMPLERS[name]), x, sigmas, noise=fresh(SAMPLERS[name], x, sigmas, 2))
    assert float(found.std()) == pytest.approx(math.sqrt(variance), rel=0.02)


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_a_run_of_one_step_answers_with_x0(name: str) -> None:
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "normal", 1, name)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]
    found = SAMPLERS[name](gaussian_for(SAMPLERS[name]), x, sigmas, noise=fresh(SAMPLERS[name], x, sigmas, 2))
    torch.testing.assert_close(found, gaussian(x, sigmas[0]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted(SAMPLERS))
@pytest.mark.parametrize("steps", [2, 3, 4])
def test_runs_of_few_steps_end_in_finite_numbers(name: str, steps: int) -> None:
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "normal", steps, name)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]
    found = SAMPLERS[name](gaussian_for(SAMPLERS[name]), x, sigmas, noise=fresh(SAMPLERS[name], x, sigmas, 2))
    assert found.isfinite().all()
    assert float(found.std()) < float(sigmas[0])


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_a_run_that_ends_noisy_has_the_noise_of_its_last_level(name: str) -> None:
    sigmas = torch.logspace(1, math.log10(2.0), 41)
    x = noisy_data(sigmas[0])
    found = SAMPLERS[name](gaussian_for(SAMPLERS[name]), x, sigmas, noise=fresh(SAMPLERS[name], x, sigmas, 2))
    assert float(found.std()) == pytest.approx(math.sqrt(DEVIATION**2 + 2.0**2), rel=0.04)


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_the_same_seed_gives_the_same_bits_and_leaves_its_input_alone(name: str) -> None:
    sampler = SAMPLERS[name]
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 6, name)
    x = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]
    kept = x.clone()
    runs = [sampler(gaussian_for(sampler), x, sigmas, noise=fresh(sampler, x, sigmas, 2)) for _ in range(2)]
    assert torch.equal(runs[0], runs[1])
    assert torch.equal(x, kept)


@pytest.mark.parametrize("name", [name for name, one in SAMPLERS.items() if one.noise is NoiseKind.NONE])
def test_without_fresh_noise_an_item_does_not_depend_on_its_batch(name: str) -> None:
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 6, name)
    x = torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]
    whole, alone = (SAMPLERS[name](gaussian_for(SAMPLERS[name]), one, sigmas) for one in (x, x[1:2]))
    torch.testing.assert_close(whole[1:2], alone)


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_every_step_is_reported_once_with_what_the_denoiser_said(name: str) -> None:
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 7, name)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]
    said: list[Tensor] = []

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        said.append(gaussian(x, sigma))
        return said[-1]

    def denoise_both(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        return denoise(x, sigma), gaussian(x, sigma)

    sampler = SAMPLERS[name]
    reported: list[tuple[int, Tensor, Tensor]] = []
    asked = denoise_both if sampler.sees_negative else denoise
    sampler(asked, x, sigmas, lambda *step: reported.append(step), fresh(sampler, x, sigmas, 2))
    # dpm_fast spends seven calls in steps of 3, 3 and 1; dpm_adaptive makes as many steps as it needs.
    steps = {"dpm_fast": 3, "dpm_adaptive": len(reported)}.get(name, 7)
    assert [step for step, _, _ in reported] == list(range(steps))
    assert all(any(x0 is one for one in said) for _, x0, _ in reported)
    assert reported[0][2] is x


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_a_step_hook_that_raises_stops_the_run_at_once(name: str) -> None:
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 7, name)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]
    steps: list[int] = []

    def stop_at_one(step: int, x0: Tensor, x: Tensor) -> None:
        steps.append(step)
        if step == 1:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        SAMPLERS[name](gaussian_for(SAMPLERS[name]), x, sigmas, stop_at_one, fresh(SAMPLERS[name], x, sigmas, 2))
    assert steps == [0, 1]


def test_a_tighter_tolerance_brings_dpm_adaptive_nearer_to_the_exact_end() -> None:
    sigmas = geometric(2)
    coarse, fine = (
        error(SAMPLERS["dpm_adaptive"].with_options(rtol=tolerance, atol=tolerance), sigmas)
        for tolerance in (1e-2, 1e-6)
    )
    assert fine < 1e-4 < coarse


def test_cfg_pp_goes_on_from_the_guided_x0_along_the_negatives_noise() -> None:
    sigmas = torch.tensor([4.0, 2.0, 1.0, 0.0], dtype=torch.float64)
    guided, negative, x = (torch.full((1, 1, 1, 1), value, dtype=torch.float64) for value in (1.0, 0.4, 3.0))

    def denoise(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        return guided, negative

    after_one = 1.0 + (3.0 - 0.4) / 4 * 2
    after_two = 1.0 + (after_one - 0.4) / 2 * 1
    assert float(SAMPLERS["euler_cfg_pp"](denoise, x, sigmas[:3])) == pytest.approx(after_two)
    assert float(SAMPLERS["euler_cfg_pp"](denoise, x, sigmas)) == 1.0


def test_a_random_sampler_without_noise_is_refused() -> None:
    with pytest.raises(ValueError, match="pass noise="):
        SAMPLERS["ddpm"](gaussian, torch.zeros(1, 4, 8, 8), torch.tensor([1.0, 0.0]))


@pytest.mark.parametrize("eta", [0.3, 1.0])
def test_an_ancestral_step_divides_the_variance_of_the_next_level(eta: float) -> None:
    down, up = ancestral_levels(torch.tensor(3.0), torch.tensor(2.0), eta)
    assert float(down**2 + up**2) == pytest.approx(4.0)
    assert float(up) == pytest.approx(eta * 2 * math.sqrt(5) / 3)


def test_ddim_with_eta_one_is_the_ddpm_is_the_ancestral_euler() -> None:
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 6)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]
    runs = [
        sampler(gaussian, x, sigmas, noise=generator_noise(x, 4))
        for sampler in (SAMPLERS["ddim"].with_options(eta=1.0), SAMPLERS["ddpm"], SAMPLERS["euler_ancestral"])
    ]
    torch.testing.assert_close(runs[0], runs[1], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(runs[0], runs[2], rtol=1e-4, atol=1e-4)


def test_without_noise_the_sde_solvers_are_their_ode_solvers() -> None:
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 6)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]

    def ode(name: str) -> Tensor:
        return SAMPLERS[name].with_options(**ODE)(gaussian, x, sigmas, noise=no_noise)

    torch.testing.assert_close(ode("dpmpp_2m_sde"), SAMPLERS["dpmpp_2m"](gaussian, x, sigmas), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ode("dpmpp_sde"), ode("dpmpp_2s_ancestral"), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ode("seeds_2"), ode("dpmpp_2s_ancestral"), rtol=1e-4, atol=1e-4)
    res = SAMPLERS["res_multistep"](gaussian, x, sigmas)
    torch.testing.assert_close(ode("dpmpp_2m_sde_heun"), res, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", sorted(set(SAMPLERS) - {"dpm_adaptive"}))
def test_samplers_count_model_calls_as_they_say(name: str) -> None:
    twice = {"heun", "dpm_2", "dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde", "dpmpp_sde_gpu", "seeds_2"}
    expected = {"plms": 11, "pndm": 19, "heunpp2": 27, "seeds_3": 28} | dict.fromkeys(twice, 19)
    sigmas = sigmas_for(NoiseTable.stable_diffusion(), "karras", 10, name)
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * sigmas[0]
    calls = 0

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return gaussian(x, sigma)

    def denoise_both(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        return denoise(x, sigma), x

    counted = denoise_both if SAMPLERS[name].sees_negative else denoise
    SAMPLERS[name](counted, x, sigmas, noise=fresh(SAMPLERS[name], x, sigmas, 2))
    assert calls == expected.get(name, 10)


def test_samplers_import_nothing_of_ours_but_shapes() -> None:
    allowed = {"diffusion.shapes"}
    folder = Path(diffusion.samplers.__path__[0])
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            ours = {name for name in names if name.split(".")[0] == "diffusion"}
            assert all(name in allowed or name.startswith("diffusion.samplers") for name in ours), file.name
