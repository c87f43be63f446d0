"""The samplers by name, each with the noise it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from types import MappingProxyType

from diffusion.samplers.ancestral import ddim, ddpm, dpm_2_ancestral, dpmpp_2s_ancestral, euler_ancestral, lcm
from diffusion.samplers.cfg_pp import euler_ancestral_cfg_pp, euler_cfg_pp
from diffusion.samplers.dpm_solver import dpm_adaptive, dpm_fast
from diffusion.samplers.exponential import res_multistep, res_multistep_ancestral, seeds_2, seeds_3
from diffusion.samplers.extended import er_sde
from diffusion.samplers.multistep import (
    deis,
    dpmpp_2m,
    gradient_estimation,
    ipndm,
    ipndm_v,
    lms,
    plms,
    pndm,
)
from diffusion.samplers.ode import dpm_2, euler, heun, heunpp2
from diffusion.samplers.sde import dpmpp_2m_sde, dpmpp_3m_sde, dpmpp_sde, trapezoid
from diffusion.samplers.unipc import bh2, uni_pc
from diffusion.shapes import Denoiser, GuidedPair, Latents, NoiseBetween, OnStep, Sigmas, quiet


class NoiseKind(Enum):
    """Where the fresh noise of a sampler comes from."""

    NONE = "none"
    GENERATOR = "a generator on the latents' device"
    BROWNIAN = "a Brownian motion drawn on the CPU"
    BROWNIAN_ON_DEVICE = "a Brownian motion drawn on the latents' device"


@dataclass(frozen=True)
class Sampler:
    """A sampling method.

    solve: `(denoise, x, sigmas, on_step) -> x`, with a keyword `noise` unless the kind is NONE.
    noise: what `noise` must be.
    sees_negative: whether `denoise` must be a `GuidedPair` instead of a `Denoiser`.
    inpaint_seed: None, or what is added to the run's seed for a noise of its own in the region that inpainting keeps.
    """

    solve: Callable[..., Latents]
    noise: NoiseKind = NoiseKind.NONE
    inpaint_seed: int | None = None
    sees_negative: bool = False

    def __call__(
        self,
        denoise: Denoiser | GuidedPair,
        x: Latents,
        sigmas: Sigmas,
        on_step: OnStep = quiet,
        noise: NoiseBetween | None = None,
    ) -> Latents:
        """From noisy latents x at sigmas[0] to latents at sigmas[-1]."""
        if self.noise is NoiseKind.NONE:
            return self.solve(denoise, x, sigmas, on_step)
        if noise is None:
            raise ValueError(f"this sampler adds fresh noise: pass noise=, {self.noise.value}")
        return self.solve(denoise, x, sigmas, on_step, noise=noise)

    def with_options(self, **options: object) -> "Sampler":
        """The same method with keyword options of its function, such as eta, set."""
        return replace(self, solve=partial(self.solve, **options))


_FRESH = NoiseKind.GENERATOR

SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {
        "euler": Sampler(euler),
        "euler_cfg_pp": Sampler(euler_cfg_pp, sees_negative=True),
        "euler_ancestral": Sampler(euler_ancestral, _FRESH),
        "euler_ancestral_cfg_pp": Sampler(euler_ancestral_cfg_pp, _FRESH, sees_negative=True),
        "heun": Sampler(heun),
        "heunpp2": Sampler(heunpp2),
        "dpm_2": Sampler(dpm_2),
        "dpm_2_ancestral": Sampler(dpm_2_ancestral, _FRESH),
        "lms": Sampler(lms),
        "dpm_fast": Sampler(dpm_fast, _FRESH),
        "dpm_adaptive": Sampler(dpm_adaptive, _FRESH),
        "dpmpp_2s_ancestral": Sampler(dpmpp_2s_ancestral, _FRESH),
        "dpmpp_sde": Sampler(dpmpp_sde, NoiseKind.BROWNIAN),
        "dpmpp_sde_gpu": Sampler(dpmpp_sde, NoiseKind.BROWNIAN_ON_DEVICE),
        "dpmpp_2m": Sampler(dpmpp_2m),
        "dpmpp_2m_sde": Sampler(dpmpp_2m_sde, NoiseKind.BROWNIAN),
        "dpmpp_2m_sde_gpu": Sampler(dpmpp_2m_sde, NoiseKind.BROWNIAN_ON_DEVICE),
        "dpmpp_2m_sde_heun": Sampler(partial(dpmpp_2m_sde, slope_weight=trapezoid), NoiseKind.BROWNIAN),
        "dpmpp_2m_sde_heun_gpu": Sampler(partial(dpmpp_2m_sde, slope_weight=trapezoid), NoiseKind.BROWNIAN_ON_DEVICE),
        "dpmpp_3m_sde": Sampler(dpmpp_3m_sde, NoiseKind.BROWNIAN),
        "dpmpp_3m_sde_gpu": Sampler(dpmpp_3m_sde, NoiseKind.BROWNIAN_ON_DEVICE),
        "ddpm": Sampler(ddpm, _FRESH),
        "lcm": Sampler(lcm, _FRESH),
        "ipndm": Sampler(ipndm),
        "ipndm_v": Sampler(ipndm_v),
        "deis": Sampler(deis),
        "res_multistep": Sampler(res_multistep),
        "res_multistep_ancestral": Sampler(res_multistep_ancestral, _FRESH),
        "gradient_estimation": Sampler(gradient_estimation),
        "er_sde": Sampler(er_sde, _FRESH),
        "seeds_2": Sampler(seeds_2, _FRESH),
        "seeds_3": Sampler(seeds_3, _FRESH),
        "ddim": Sampler(ddim, _FRESH, inpaint_seed=1),
        "uni_pc": Sampler(uni_pc),
        "uni_pc_bh2": Sampler(partial(uni_pc, step_scale=bh2)),
        "pndm": Sampler(pndm),
        "plms": Sampler(plms),
    }
)
