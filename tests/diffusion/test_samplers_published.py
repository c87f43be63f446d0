"""Samplers against their published formulas, written out in another form than ours."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from scipy import integrate
from torch import Tensor

from diffusion.samplers import SAMPLERS

SIGMAS = torch.tensor([14.0, 8.0, 5.0, 3.5, 2.0, 1.2, 0.5, 0.1, 0.0], dtype=torch.float64)


def denoise(x: Tensor, sigma: Tensor) -> Tensor:
    place = torch.linspace(-1, 1, x.numel(), dtype=x.dtype).reshape(x.shape)
    return (0.4 * x + sigma**2 * place) / (0.4 + sigma**2) + 0.3 * torch.sin(x / (1 + sigma))


def start() -> Tensor:
    return torch.randn(1, 4, 6, 6, generator=torch.Generator().manual_seed(9), dtype=torch.float64) * 14


def draws() -> list[Tensor]:
    generator = torch.Generator().manual_seed(3)
    return [torch.randn(1, 4, 6, 6, generator=generator, dtype=torch.float64) for _ in range(30)]


def run(name: str, sigmas: Tensor = SIGMAS, **options: object) -> Tensor:
    queue = iter(draws())
    sampler = SAMPLERS[name].with_options(**options)
    return sampler(denoise, start(), sigmas, noise=lambda sigma, sigma_next: next(queue))


def slope(x: Tensor, sigma: Tensor) -> Tensor:
    return (x - denoise(x, sigma)) / sigma


def agree(found: Tensor, wanted: Tensor, tolerance: float = 1e-8) -> None:
    torch.testing.assert_close(found, wanted, rtol=tolerance, atol=tolerance)


def test_heunpp2_weighs_three_two_and_one_derivatives() -> None:
    sigmas = torch.tensor([4.0, 3.0, 1.0, 0.0], dtype=torch.float64)
    x = start()
    a = slope(x, sigmas[0])
    b = slope(x - a, sigmas[1])
    c = slope(x - a - 2 * b, sigmas[2])
    x = x - (a * (1 - 3 / 12 - 1 / 12) + b * 3 / 12 + c * 1 / 12)
    a = slope(x, sigmas[1])
    b = slope(x - 2 * a, sigmas[2])
    x = x - 2 * (a * (1 - 1 / 8) + b * 1 / 8)
    x = x - slope(x, sigmas[2])
    agree(run("heunpp2", sigmas), x)


def test_ipndm_is_adams_bashforth_with_a_growing_order() -> None:
    table = {1: [1], 2: [1.5, -0.5], 3: [23 / 12, -4 / 3, 5 / 12], 4: [55 / 24, -59 / 24, 37 / 24, -3 / 8]}
    x, history = start(), []
    for sigma, sigma_next in pairwise(SIGMAS):
        history.insert(0, slope(x, sigma))
        weights = table[min(len(history), 4)]
        x = x + (sigma_next - sigma) * torch.stack([w * d for w, d in zip(weights, history, strict=False)]).sum(0)
    agree(run("ipndm"), x)


def published_weights(h: list[float]) -> list[float]:
    """Of iPNDM with variable steps; h are the lengths of this step and of those before it."""
    if len(h) == 1:
        return [1.0]
    if len(h) == 2:
        return [(2 + h[0] / h[1]) / 2, -(h[0] / h[1]) / 2]
    t1 = (1 - h[0] / (3 * (h[0] + h[1])) * (h[0] * (h[0] + h[1])) / (h[1] * (h[1] + h[2]))) / 2
    if len(h) == 3:
        return [(2 + h[0] / h[1]) / 2 + t1, -(h[0] / h[1]) / 2 - (1 + h[1] / h[2]) * t1, t1 * h[1] / h[2]]
    t2 = (1 - h[0] / (3 * (h[0] + h[1]))) / 2 + (1 - h[0] / (2 * (h[0] + h[1]))) * h[0] / (6 * sum(h[:3]))
    t2 = t2 * (h[0] * (h[0] + h[1]) * sum(h[:3])) / (h[1] * (h[1] + h[2]) * sum(h[1:4]))
    ratio = h[1] * (h[1] + h[2]) / (h[2] * (h[2] + h[3]))
    return [
        (2 + h[0] / h[1]) / 2 + t1 + t2,
        -(h[0] / h[1]) / 2 - (1 + h[1] / h[2]) * t1 - (1 + h[1] / h[2] + ratio) * t2,
        t1 * h[1] / h[2] + (h[1] / h[2] + ratio * (1 + h[2] / h[3])) * t2,
        -t2 * ratio * h[1] / h[2],
    ]


def test_ipndm_v_has_its_published_weights() -> None:
    x, history = start(), []
    for i, (sigma, sigma_next) in enumerate(pairwise(SIGMAS)):
        history.insert(0, slope(x, sigma))
        lengths = [float(SIGMAS[k + 1] - SIGMAS[k]) for k in range(i, max(i - 4, -1), -1)]
        weights = published_weights(lengths)
        x = x + (sigma_next - sigma) * torch.stack([w * d for w, d in zip(weights, history, strict=False)]).sum(0)
    agree(run("ipndm_v"), x)


def test_deis_integrates_polynomials_in_vp_time() -> None:
    """With beta linear from 0.1 or so to 20 or so, such that sigma is 0.002 at time 0.001 and 80 at time 1."""
    low, high = math.log(1 + 0.002**2), math.log(1 + 80.0**2)
    rows = np.array([[0.5 * 0.001**2, 0.001], [0.5, 1.0]])
    beta_d, beta_min = np.linalg.solve(rows, [low, high])

    def sigma_at(t: float) -> float:
        return math.sqrt(math.exp(0.5 * beta_d * t * t + beta_min * t) - 1)

    def time_of(sigma: float) -> float:
        return float(np.max(np.roots([0.5 * beta_d, beta_min, -math.log(1 + sigma**2)])))

    def weight(nodes: list[float], j: int, begin: float, end: float) -> float:
        def integrand(t: float) -> float:
            basis = math.prod((t - n) / (nodes[j] - n) for k, n in enumerate(nodes) if k != j)
            sigma = sigma_at(t)
            return basis * (beta_d * t + beta_min) * (1 + sigma**2) / (2 * sigma)

        return integrate.quad(integrand, begin, end, epsabs=1e-12)[0]

    x, history, times = start(), [], []
    for sigma, sigma_next in pairwise(SIGMAS[:-1]):
        history, times = [slope(x, sigma), *history][:3], [time_of(float(sigma)), *times][:3]
        end = time_of(float(sigma_next))
        weights = [weight(times, j, times[0], end) for j in range(len(times))]
        x = x + torch.stack([w * d for w, d in zip(weights, history, strict=True)]).sum(0)
    agree(run("deis", SIGMAS[:-1]), x, 1e-6)
    agree(run("deis"), denoise(x, SIGMAS[-2]), 1e-6)


def test_gradient_estimation_doubles_the_derivative_less_the_last() -> None:
    x, last = start(), None
    for sigma, sigma_next in pairwise(SIGMAS[:-1]):
        d = slope(x, sigma)
        x = x + (d if last is None else 2 * d - last) * (sigma_next - sigma)
        last = d
    agree(run("gradient_estimation"), denoise(x, SIGMAS[-2]))


def test_er_sde_is_a_taylor_expansion_with_its_noise_scale() -> None:
    """The integrals of the paper's equations, here as sums over many places."""

    def phi(s: Any) -> Any:
        return s * (np.exp(s**0.3) + 10)

    levels = SIGMAS.tolist()
    noise, x = draws(), start()
    said: list[Tensor] = []
    slopes: list[Tensor] = []
    for i in range(len(levels) - 2):
        here, there = levels[i], levels[i + 1]
        said.append(denoise(x, SIGMAS[i]))
        ratio = phi(there) / phi(here)
        x = ratio * x + (1 - ratio) * said[-1]
        at = there + (np.arange(200_000) + 0.5) / 200_000 * (here - there)
        if i >= 1:
            slopes.append((said[-1] - said[-2]) / (here - levels[i - 1]))
            area = float((1 / phi(at)).mean() * (here - there))
            x = x + (there - here + area * phi(there)) * slopes[-1]
        if i >= 2:
            bend = 2 * (slopes[-1] - slopes[-2]) / (here - levels[i - 2])
            area = float(((at - here) / phi(at)).mean() * (here - there))
            x = x + ((there - here) ** 2 / 2 + area * phi(there)) * bend
        x = x + noise[i] * math.sqrt(there**2 - here**2 * ratio**2)
    agree(run("er_sde"), denoise(x, SIGMAS[-2]), 1e-6)


@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_seeds_2_shares_its_noise_between_the_inner_point_and_the_end(eta: float) -> None:
    noise, x = iter(draws()), start()
    for sigma, sigma_next in pairwise(SIGMAS[:-1]):
        inner = (sigma * sigma_next).sqrt()
        x0 = denoise(x, sigma)
        first = inner * (1 - (inner / sigma) ** (2 * eta)).sqrt() * next(noise)
        x_2 = (inner / sigma) ** (1 + eta) * x + (1 - (inner / sigma) ** (1 + eta)) * x0 + first
        x0_2 = denoise(x_2, inner)
        second = sigma_next * (1 - (sigma_next / inner) ** (2 * eta)).sqrt() * next(noise)
        kept = (sigma_next / sigma) ** (1 + eta)
        x = kept * x + (1 - kept) * x0_2 + (sigma_next / inner) ** (1 + eta) * first + second
    agree(run("seeds_2", eta=eta), denoise(x, SIGMAS[-2]))


def test_euler_ancestral_is_equation_sixteen_of_ddim_at_unit_eta() -> None:
    """In the paper's variables: abar, and samples scaled by its root."""
    abar = 1 / (1 + SIGMAS**2)
    noise, x = draws(), start() * abar[0].sqrt()
    for i, (a, b) in enumerate(pairwise(abar)):
        eps = slope(x / a.sqrt(), SIGMAS[i])
        deviation = ((1 - b) / (1 - a)).sqrt() * (1 - a / b).sqrt()
        x0 = (x - (1 - a).sqrt() * eps) / a.sqrt()
        x = b.sqrt() * x0 + (1 - b - deviation**2).clamp(min=0).sqrt() * eps + deviation * noise[i]
    agree(run("euler_ancestral"), x)
    agree(run("ddim", eta=1.0), x)


def test_ddpm_draws_from_the_posterior_of_the_forward_process() -> None:
    """In the paper's variables, equation 7: the mean from x0 and x, the variance beta-tilde."""
    abar = 1 / (1 + SIGMAS**2)
    noise, x = draws(), start() * abar[0].sqrt()
    for i, (a, b) in enumerate(pairwise(abar)):
        alpha = a / b
        x0 = denoise(x / a.sqrt(), SIGMAS[i])
        mean = b.sqrt() * (1 - alpha) / (1 - a) * x0 + alpha.sqrt() * (1 - b) / (1 - a) * x
        x = mean + ((1 - b) / (1 - a) * (1 - alpha)).sqrt() * noise[i]
    agree(run("ddpm"), x)


def test_dpmpp_2s_is_algorithm_one_of_its_paper() -> None:
    """Deterministic, in the paper's variables alpha, sigma and lambda with u at the middle of lambda."""
    alpha = (1 + SIGMAS**2) ** -0.5
    scaled = SIGMAS * alpha
    x = start() * alpha[0]
    for i in range(len(SIGMAS) - 2):
        h = (alpha[i + 1] / scaled[i + 1]).log() - (alpha[i] / scaled[i]).log()
        middle = (SIGMAS[i] * SIGMAS[i + 1]).sqrt()
        alpha_s = (1 + middle**2) ** -0.5
        sigma_s = middle * alpha_s
        said = denoise(x / alpha[i], SIGMAS[i])
        u = sigma_s / scaled[i] * x - alpha_s * torch.expm1(-h / 2) * said
        x = scaled[i + 1] / scaled[i] * x - alpha[i + 1] * torch.expm1(-h) * denoise(u / alpha_s, middle)
    agree(run("dpmpp_2s_ancestral", eta=0.0), denoise(x / alpha[-2], SIGMAS[-2]))


def test_dpmpp_2m_is_algorithm_two_of_its_paper() -> None:
    alpha = (1 + SIGMAS**2) ** -0.5
    scaled = SIGMAS * alpha
    lambdas = (alpha / scaled).log()
    x, said = start() * alpha[0], []
    for i in range(len(SIGMAS) - 2):
        said.append(denoise(x / alpha[i], SIGMAS[i]))
        h = lambdas[i + 1] - lambdas[i]
        mixed = said[-1]
        if i > 0:
            r = (lambdas[i] - lambdas[i - 1]) / h
            mixed = (1 + 1 / (2 * r)) * said[-1] - 1 / (2 * r) * said[-2]
        x = scaled[i + 1] / scaled[i] * x - alpha[i + 1] * torch.expm1(-h) * mixed
    agree(run("dpmpp_2m"), denoise(x / alpha[-2], SIGMAS[-2]))
