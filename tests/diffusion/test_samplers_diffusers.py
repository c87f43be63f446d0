"""Trajectories against a second implementation, the schedulers of diffusers, where the conventions allow it.

Both walk over the same denoiser. diffusers keeps some samples as x = x0 + sigma * noise ("VE"), others scaled by
sqrt(abar) ("VP"); ours are VE.
"""

import importlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from diffusion.samplers import SAMPLERS
from diffusion.schedules import NoiseTable

diffusers: Any = importlib.import_module("diffusers")  # it builds its names as they are asked for, untyped

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

STEPS = 9
BETAS: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def denoise(x: Tensor, sigma: Tensor) -> Tensor:
    """Something smooth, not linear, and different in every place."""
    place = torch.linspace(-1, 1, x.numel(), dtype=x.dtype).reshape(x.shape)
    return (0.4 * x + sigma**2 * place) / (0.4 + sigma**2) + 0.3 * torch.sin(x / (1 + sigma))


def start() -> Tensor:
    return torch.randn(1, 4, 6, 6, generator=torch.Generator().manual_seed(9), dtype=torch.float64)


class Recorded:
    """Independent noise, drawn once a step, so that two implementations can be given the same."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(21)
        shape = (1, 4, 6, 6)
        self.draws = [torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(3 * STEPS)]
        self.used = 0

    def __call__(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        self.used += 1
        return self.draws[self.used - 1]


def levels(sigmas: Tensor) -> Tensor:
    return sigmas.to(torch.float64)


def walk_ve(scheduler: Any, x: Tensor, **step_options: Any) -> Tensor:
    """Run a diffusers scheduler whose samples are VE, and whose own sigma says where it is."""
    for t in scheduler.timesteps:
        scheduler.scale_model_input(x, t)
        sigma = scheduler.sigmas[scheduler.step_index].to(x.dtype)
        eps = (x - denoise(x, sigma)) / sigma
        x = scheduler.step(eps, t, x, **step_options).prev_sample
    return x


def walk_inner(scheduler: Any, x: Tensor, inner_sigma: Callable[[int], Tensor]) -> Tensor:
    """As `walk_ve` for second-order schedulers, which ask at an inner level every other time."""
    for t in scheduler.timesteps:
        scheduler.scale_model_input(x, t)
        i = scheduler.step_index or 0
        sigma = (scheduler.sigmas[i] if scheduler.state_in_first_order else inner_sigma(i)).to(x.dtype)
        x = scheduler.step((x - denoise(x, sigma)) / sigma, t, x).prev_sample
    return x


def walk_vp(scheduler: Any, x: Tensor, sigma_of: Callable[[Tensor], Tensor], **step_options: Any) -> Tensor:
    """Run a diffusers scheduler whose samples are VP: x arrives and leaves as VE."""
    sample = x / (1 + sigma_of(scheduler.timesteps[0]) ** 2).sqrt()
    for t in scheduler.timesteps:
        sigma = sigma_of(t).to(x.dtype)
        there = sample * (1 + sigma**2).sqrt()
        eps = (there - denoise(there, sigma)) / sigma
        sample = scheduler.step(eps, t, sample, **step_options).prev_sample
    return sample  # at sigma 0 both scales agree


def training_sigma(scheduler: Any) -> Callable[[Tensor], Tensor]:
    abar = scheduler.alphas_cumprod.to(torch.float64)
    return lambda t: ((1 - abar[t.long()]) / abar[t.long()]).sqrt()


def agree(found: Tensor, wanted: Tensor, tolerance: float = 2e-4) -> None:
    torch.testing.assert_close(found, wanted.to(found.dtype), rtol=tolerance, atol=tolerance)


def test_euler() -> None:
    scheduler: Any = diffusers.EulerDiscreteScheduler(**BETAS)
    scheduler.set_timesteps(STEPS)
    x = start() * 14
    agree(SAMPLERS["euler"](denoise, x, levels(scheduler.sigmas)), walk_ve(scheduler, x))


def test_heun() -> None:
    scheduler: Any = diffusers.HeunDiscreteScheduler(**BETAS)
    scheduler.set_timesteps(STEPS)
    x = start() * 14
    sigmas = torch.unique_consecutive(levels(scheduler.sigmas))
    assert len(sigmas) == STEPS + 1
    agree(SAMPLERS["heun"](denoise, x, sigmas), walk_ve(scheduler, x))


def test_lms() -> None:
    scheduler: Any = diffusers.LMSDiscreteScheduler(**BETAS)
    scheduler.set_timesteps(STEPS)
    x = start() * 14
    agree(SAMPLERS["lms"](denoise, x, levels(scheduler.sigmas)), walk_ve(scheduler, x, order=4))


def test_euler_ancestral(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler: Any = diffusers.EulerAncestralDiscreteScheduler(**BETAS)
    scheduler.set_timesteps(STEPS)
    x, noise, theirs = start() * 14, Recorded(), Recorded()
    given_noise(monkeypatch, "euler_ancestral_discrete", theirs)
    agree(SAMPLERS["euler_ancestral"](denoise, x, levels(scheduler.sigmas), noise=noise), walk_ve(scheduler, x))


def test_dpm_2() -> None:
    scheduler: Any = diffusers.KDPM2DiscreteScheduler(**BETAS)
    scheduler.set_timesteps(STEPS)
    x = start() * 14
    sigmas = torch.unique_consecutive(levels(scheduler.sigmas))
    agree(SAMPLERS["dpm_2"](denoise, x, sigmas), walk_inner(scheduler, x, lambda i: scheduler.sigmas_interpol[i]))


def test_dpm_2_ancestral(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler: Any = diffusers.KDPM2AncestralDiscreteScheduler(**BETAS)
    scheduler.set_timesteps(STEPS)
    x, noise, theirs = start() * 14, Recorded(), Recorded()
    given_noise(monkeypatch, "k_dpm_2_ancestral_discrete", theirs)
    sigmas = torch.unique_consecutive(levels(scheduler.sigmas))
    wanted = walk_inner(scheduler, x, lambda i: scheduler.sigmas_interpol[i - 1])
    agree(SAMPLERS["dpm_2_ancestral"](denoise, x, sigmas, noise=noise), wanted)


def given_noise(monkeypatch: pytest.MonkeyPatch, module: str, noise: Recorded) -> None:
    """Let a diffusers scheduler draw from recorded noise, which it has no argument for."""
    target = importlib.import_module(f"diffusers.schedulers.scheduling_{module}")
    nothing = torch.zeros(())
    monkeypatch.setattr(target, "randn_tensor", lambda *_, **__: noise(nothing, nothing))


@pytest.mark.parametrize("eta", [0.0, 0.6, 1.0])
def test_ddim(eta: float) -> None:
    scheduler: Any = diffusers.DDIMScheduler(
        **BETAS, clip_sample=False, set_alpha_to_one=True, timestep_spacing="leading"
    )
    scheduler.set_timesteps(STEPS)
    sigma_of = training_sigma(scheduler)
    sigmas = torch.cat([sigma_of(scheduler.timesteps), torch.zeros(1, dtype=torch.float64)])
    x, noise = start() * sigmas[0], Recorded()
    sample = x / (1 + sigmas[0] ** 2).sqrt()
    for i, t in enumerate(scheduler.timesteps):
        there = sample * (1 + sigmas[i] ** 2).sqrt()
        eps = (there - denoise(there, sigmas[i])) / sigmas[i]
        drawn = {"variance_noise": noise.draws[i]} if eta else {}
        # The posterior at the last step has no variance where the clean end has none.
        sample = scheduler.step(eps, t, sample, eta=eta, **drawn).prev_sample
    found = SAMPLERS["ddim"].with_options(eta=eta)(denoise, x, sigmas, noise=noise)
    agree(found, sample)


def test_ddpm(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler: Any = diffusers.DDPMScheduler(**BETAS, clip_sample=False, timestep_spacing="leading")
    scheduler.set_timesteps(10)
    sigma_of = training_sigma(scheduler)
    sigmas = torch.cat([sigma_of(scheduler.timesteps), torch.zeros(1, dtype=torch.float64)])
    x, noise, theirs = start() * sigmas[0], Recorded(), Recorded()
    given_noise(monkeypatch, "ddpm", theirs)
    found = SAMPLERS["ddpm"](denoise, x, sigmas, noise=noise)
    agree(found, walk_vp(scheduler, x, sigma_of))


def test_plms() -> None:
    scheduler: Any = diffusers.PNDMScheduler(**BETAS, skip_prk_steps=True, set_alpha_to_one=True)
    scheduler.set_timesteps(STEPS)
    sigma_of = training_sigma(scheduler)
    timesteps = torch.unique_consecutive(torch.as_tensor(scheduler.timesteps))
    sigmas = torch.cat([sigma_of(timesteps), torch.zeros(1, dtype=torch.float64)])
    x = start() * sigmas[0]
    agree(SAMPLERS["plms"](denoise, x, sigmas), walk_vp(scheduler, x, sigma_of))


def test_pndm() -> None:
    scheduler: Any = diffusers.PNDMScheduler(**BETAS, skip_prk_steps=False, set_alpha_to_one=True)
    scheduler.set_timesteps(10)
    sigma_of = training_sigma(scheduler)
    timesteps = torch.arange(900, -1, -100)
    sigmas = torch.cat([sigma_of(timesteps), torch.zeros(1, dtype=torch.float64)])
    halves = {float(a): sigma_of(t - 50) for a, t in zip(sigmas[:-1], timesteps, strict=True)}
    x = start() * sigmas[0]
    sampler = SAMPLERS["pndm"].with_options(between=lambda sigma, sigma_next: halves[float(sigma)])
    agree(sampler(denoise, x, sigmas), walk_vp(scheduler, x, sigma_of))


MULTISTEP: dict[str, Any] = {"final_sigmas_type": "zero", "lower_order_final": False, "use_karras_sigmas": True}


def walk_multistep(scheduler: Any, x: Tensor, noise: Recorded | None = None) -> Tensor:
    """DPMSolverMultistep takes VP samples at levels of its own."""
    sigmas = levels(scheduler.sigmas)
    sample = x / (1 + sigmas[0] ** 2).sqrt()
    for i, t in enumerate(scheduler.timesteps):
        there = sample * (1 + sigmas[i] ** 2).sqrt()
        eps = (there - denoise(there, sigmas[i])) / sigmas[i]
        drawn = {} if noise is None else {"variance_noise": noise.draws[i]}
        sample = scheduler.step(eps, t, sample, **drawn).prev_sample
    return sample


def test_dpmpp_2m() -> None:
    scheduler: Any = diffusers.DPMSolverMultistepScheduler(**BETAS, **MULTISTEP, euler_at_final=True)
    scheduler.set_timesteps(STEPS)
    x = start() * 14
    agree(SAMPLERS["dpmpp_2m"](denoise, x, levels(scheduler.sigmas)), walk_multistep(scheduler, x), 2e-3)


@pytest.mark.parametrize(("name", "kind"), [("dpmpp_2m_sde", "midpoint"), ("dpmpp_2m_sde_heun", "heun")])
def test_dpmpp_2m_sde(name: str, kind: str) -> None:
    scheduler: Any = diffusers.DPMSolverMultistepScheduler(
        **BETAS, **MULTISTEP, euler_at_final=True, algorithm_type="sde-dpmsolver++", solver_type=kind
    )
    scheduler.set_timesteps(STEPS)
    x, noise = start() * 14, Recorded()
    found = SAMPLERS[name](denoise, x, levels(scheduler.sigmas), noise=noise)
    agree(found, walk_multistep(scheduler, x, Recorded()), 2e-3)


def test_dpmpp_3m_sde_as_an_ode() -> None:
    scheduler: Any = diffusers.DPMSolverMultistepScheduler(**BETAS, **MULTISTEP, euler_at_final=True, solver_order=3)
    scheduler.set_timesteps(STEPS)
    x = start() * 14
    sampler = SAMPLERS["dpmpp_3m_sde"].with_options(eta=0.0)
    agree(sampler(denoise, x, levels(scheduler.sigmas), noise=Recorded()), walk_multistep(scheduler, x), 2e-3)


@pytest.mark.parametrize("eta", [0.4, 1.0])
def test_dpmpp_3m_sde_against_its_integral(eta: float) -> None:
    """The mean is the integral of exp(-H (1 - v)) H (x0 + D1 v + D2 v²/2) over the step, here by summation."""
    sigmas = torch.logspace(1, -1, 8, dtype=torch.float64)
    lambdas = -sigmas.log()
    x, noise, mine = start() * 10, Recorded(), Recorded()
    found = SAMPLERS["dpmpp_3m_sde"].with_options(eta=eta)(denoise, x, sigmas, noise=mine)
    v = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    said: list[Tensor] = []
    for i in range(len(sigmas) - 1):
        said.append(denoise(x, sigmas[i]))
        h = float(lambdas[i + 1] - lambdas[i])
        first, second = torch.zeros_like(x), torch.zeros_like(x)
        if i == 1:
            first = (said[1] - said[0]) / (lambdas[1] - lambdas[0]) * h
        if i > 1:  # the parabola through three values: its slope here, and its second divided difference
            near = (said[i] - said[i - 1]) / (lambdas[i] - lambdas[i - 1])
            far = (said[i - 1] - said[i - 2]) / (lambdas[i - 1] - lambdas[i - 2])
            bend = (near - far) / (lambdas[i] - lambdas[i - 2])
            first, second = (near + bend * (lambdas[i] - lambdas[i - 1])) * h, bend * h**2
        weight = (1 + eta) * h * torch.exp(-(1 + eta) * h * (1 - v))
        mean = said[i] * weight.mean() + first * (weight * v).mean() + second * (weight * v**2 / 2).mean()
        variance = sigmas[i + 1] ** 2 - (sigmas[i + 1] * (sigmas[i + 1] / sigmas[i]) ** eta) ** 2
        x = mean + x * (sigmas[i + 1] / sigmas[i]) ** (1 + eta) + noise.draws[i] * variance.sqrt()
    agree(found, x, 1e-5)


def test_dpmpp_sde() -> None:
    scheduler: Any = diffusers.DPMSolverSDEScheduler(**BETAS)
    scheduler.set_timesteps(STEPS)
    x, mine = start() * 14, Recorded()
    scheduler.noise_sampler = Recorded()
    sigmas = torch.unique_consecutive(levels(scheduler.sigmas))
    assert len(sigmas) == STEPS + 1
    found = SAMPLERS["dpmpp_sde"](denoise, x, sigmas, noise=mine)
    agree(found, walk_inner(scheduler, x, lambda i: scheduler.mid_point_sigma))


def test_lcm_renoises_to_the_next_level() -> None:
    sigmas = NoiseTable.stable_diffusion().sigmas[[999, 759, 499, 259]].double()
    sigmas = torch.cat([sigmas, torch.zeros(1, dtype=torch.float64)])
    x, noise = start() * sigmas[0], Recorded()
    wanted = x
    for i, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        wanted = denoise(wanted, sigma) + sigma_next * noise.draws[i]
    agree(SAMPLERS["lcm"](denoise, x, sigmas, noise=noise), wanted, 1e-9)


@pytest.mark.parametrize("steps", [2, 3, 4, STEPS])
def test_uni_pc_bh2(steps: int) -> None:
    scheduler: Any = diffusers.UniPCMultistepScheduler(
        **BETAS, solver_order=3, solver_type="bh2", use_karras_sigmas=True, final_sigmas_type="zero"
    )
    scheduler.set_timesteps(steps)
    x = start() * 14
    agree(SAMPLERS["uni_pc_bh2"](denoise, x, levels(scheduler.sigmas)), walk_multistep(scheduler, x), 2e-3)


@pytest.mark.parametrize("steps", [2, 3, 4, STEPS])
def test_uni_pc(steps: int) -> None:
    """Of the first kind, theirs cannot go down to 0."""
    scheduler: Any = diffusers.UniPCMultistepScheduler(
        **BETAS, solver_order=3, solver_type="bh1", final_sigmas_type="sigma_min"
    )
    scheduler.set_timesteps(steps)
    sigmas, x = levels(scheduler.sigmas), start() * 14
    wanted = walk_multistep(scheduler, x) * (1 + sigmas[-1] ** 2).sqrt()
    agree(SAMPLERS["uni_pc"](denoise, x, sigmas), wanted, 2e-3)
