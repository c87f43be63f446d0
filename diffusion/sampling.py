"""A sampling run put together: noise, scaling, guidance, masks, levels and a sampler, from latents to latents."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from diffusion.conditioning import Conditioning
from diffusion.guidance import guided, guided_pair
from diffusion.inpaint import masked, masked_pair
from diffusion.model import DiffusionModel
from diffusion.noise import brownian_noise, generator_noise, initial_noise
from diffusion.samplers import SAMPLERS, NoiseKind, Sampler
from diffusion.schedules import Schedule, sigmas_for
from diffusion.shapes import Denoiser, GuidedPair, Latents, NoiseBetween, OnStep, Sigmas, quiet


@torch.no_grad()
def sample(
    model: DiffusionModel,
    positive: Conditioning,
    negative: Conditioning,
    latents: Latents,
    noise: Latents,
    *,
    sigmas: Sigmas,
    sampler: Sampler | str,
    cfg: float,
    seed: int,
    noise_mask: Tensor | None = None,
    on_step: OnStep = quiet,
) -> Latents:
    """Denoise latents along given noise levels.

    latents: (b, c, h, w) in VAE scale. noise: unit noise of that shape, or zeros where the latents are noisy already.
    sigmas: (n + 1,) falling; fewer than two levels return the latents as they are.
    seed: of what a random sampler draws on the way. noise_mask: (b, H, W) or (b, 1, H, W), 1 is to be changed.
    on_step: told (step, x0, x) in network scale; it may raise to stop the run.
    Returns (b, c, h, w) float32 on the CPU, in VAE scale.
    """
    sampler = sampler_named(sampler) if isinstance(sampler, str) else sampler
    guide = guided_pair if sampler.sees_negative else guided
    return sample_guided(
        model,
        lambda clean: guide(model, positive, negative, cfg, clean),
        latents,
        noise,
        sigmas=sigmas,
        sampler=sampler,
        seed=seed,
        noise_mask=noise_mask,
        on_step=on_step,
    )


@torch.no_grad()
def sample_guided(
    model: DiffusionModel,
    guide: Callable[[Latents], Denoiser | GuidedPair],
    latents: Latents,
    noise: Latents,
    *,
    sigmas: Sigmas,
    sampler: Sampler,
    seed: int,
    noise_mask: Tensor | None = None,
    on_step: OnStep = quiet,
) -> Latents:
    """As `sample`, with guidance of any kind.

    guide: from the clean latents in network scale, on the model's device, to what the sampler asks: a `GuidedPair`
    where it sees the negative, else a `Denoiser`.
    """
    if latents.ndim != 4 or latents.shape[1] != model.latent_channels:
        raise ValueError(
            f"this model denoises latents of {model.latent_channels} channels (b c h w), and got shape "
            f"{tuple(latents.shape)}: take the VAE and the empty latent that belong to the model"
        )
    if noise.shape != latents.shape:
        shapes = f"{tuple(noise.shape)} and {tuple(latents.shape)}"
        raise ValueError(f"noise and latents must be of one shape, and are {shapes}: make the noise for these latents")
    sigmas = sigmas.detach().to("cpu", torch.float32)
    if len(sigmas) < 2:
        return latents
    clean = latents.to(model.device, torch.float32) * model.latent_scale
    noise = noise.to(model.device, torch.float32)
    kept_noise = noise
    if noise_mask is not None and sampler.inpaint_seed is not None:
        kept_noise = initial_noise(noise.shape, (seed + sampler.inpaint_seed) % 2**64).to(model.device)
    denoise = guide(clean)
    if noise_mask is not None:
        hold = masked_pair if sampler.sees_negative else masked
        denoise = hold(denoise, clean, kept_noise, noise_mask)  # type: ignore[arg-type]  # the sampler says which
    x = clean + noise * first_scale(float(sigmas[0]), model.table.sigma_max)
    x = sampler(denoise, x, sigmas, on_step, fresh_noise(sampler, x, sigmas, seed))
    return (x / model.latent_scale).cpu()


def ksample(
    model: DiffusionModel,
    positive: Conditioning,
    negative: Conditioning,
    latents: Latents,
    *,
    seed: int,
    steps: int,
    cfg: float,
    sampler: str,
    scheduler: str | Schedule,
    denoise: float = 1.0,
    start_step: int = 0,
    end_step: int | None = None,
    leftover_noise: bool = True,
    add_noise: bool = True,
    batch_index: Sequence[int] | None = None,
    noise_mask: Tensor | None = None,
    on_step: OnStep = quiet,
) -> Latents:
    """Denoise latents as the KSampler nodes ask for it: by names, a seed and a number of steps.

    denoise: see `sigmas_for`. start_step, end_step: the part of the steps that is done, leftover_noise: whether it
    ends at its own last level, noisy, or goes on from there to 0 at once. add_noise: off where latents are noisy
    already. batch_index: see `initial_noise`. The rest: see `sample`.
    """
    sigmas = sigmas_for(model.table, scheduler, steps, sampler, denoise)
    sigmas = slice_steps(sigmas, start_step, end_step, leftover_noise)
    noise = initial_noise(latents.shape, seed, batch_index) if add_noise else torch.zeros(latents.shape)
    return sample(
        model,
        positive,
        negative,
        latents,
        noise,
        sigmas=sigmas,
        sampler=sampler,
        cfg=cfg,
        seed=seed,
        noise_mask=noise_mask,
        on_step=on_step,
    )


def slice_steps(sigmas: Sigmas, start: int, end: int | None = None, leftover_noise: bool = True) -> Sigmas:
    """The levels of steps `start` to `end`; without leftover noise the last of them becomes 0.

    A start at or behind the last step leaves nothing to be done: an empty result.
    """
    if end is not None and end < len(sigmas) - 1:
        sigmas = sigmas[: end + 1].clone()
        if not leftover_noise:
            sigmas[-1] = 0
    return sigmas[start:] if start < len(sigmas) - 1 else sigmas[:0]


def first_scale(sigma: float, sigma_max: float) -> float:
    """What the first noise is multiplied by.

    At the model's largest level x must have the deviation sqrt(1 + sigma²) that it had in training, though no picture
    but the empty one lies under the noise.
    """
    if sigma > sigma_max or math.isclose(sigma, sigma_max, rel_tol=1e-5):
        return math.sqrt(1 + sigma**2)
    return sigma


def sampler_named(name: str) -> Sampler:
    """The sampler of this name; an unknown one raises and lists those that are known."""
    if name not in SAMPLERS:
        raise ValueError(f"there is no sampler {name!r}: choose one of {', '.join(SAMPLERS)}")
    return SAMPLERS[name]


def fresh_noise(sampler: Sampler, x: Latents, sigmas: Sigmas, seed: int) -> NoiseBetween | None:
    """What a sampler draws on the way, None for one that draws nothing. x: the latents it begins with."""
    match sampler.noise:
        case NoiseKind.NONE:
            return None
        case NoiseKind.GENERATOR:
            return generator_noise(x, seed)
        case NoiseKind.BROWNIAN:
            return brownian_noise(x, sigmas, seed, torch.device("cpu"))
        case NoiseKind.BROWNIAN_ON_DEVICE:
            return brownian_noise(x, sigmas, seed, x.device)
