"""Samplings as packs ask for them: by names, a seed and a number of steps."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from diffusion.noise import initial_noise
from diffusion.sampling import slice_steps
from diffusion.schedules import SECOND_TO_LAST_DROPPED, sigmas_for
from nodes.sampling import fitted
from nodes.sockets import Latent
from packs.compat.context import Context
from packs.compat.guider import StepCallback, patcher_of
from packs.compat.guider import sample as sample_guided
from packs.compat.patch_functions import Options
from packs.compat.previewing import prepare_callback
from packs.compat.samplers import Sampler, SamplerNames, sampler_object, table_of


def prepare_noise(latent_image: Tensor, seed: int, noise_inds: Sequence[int] | None = None) -> Tensor:
    """The noise of a seed for latents. noise_inds: which rows of its stream they stand for."""
    rows = None if noise_inds is None else [int(row) for row in noise_inds]
    return initial_noise(latent_image.shape, seed, rows)


def fix_empty_latent_channels(model: object, latent_image: Tensor, *given: object) -> Tensor:
    """Latents without content with the model's number of channels; any others as they are."""
    return fitted(Latent(latent_image), patcher_of(model).diffusion_model()).samples


class Sampling:
    """A sampling with all but its noise and prompts settled. names: the samplers and schedulers there are."""

    names: ClassVar[SamplerNames]
    SAMPLERS: ClassVar[list[str]]
    SCHEDULERS: ClassVar[list[str]]
    DISCARD_PENULTIMATE_SIGMA_SAMPLERS: ClassVar[set[str]] = set(SECOND_TO_LAST_DROPPED)

    def __init__(
        self,
        model: object,
        steps: int,
        device: object = None,
        sampler: str | None = None,
        scheduler: str | None = None,
        denoise: float | None = None,
        model_options: Options | None = None,
    ) -> None:
        self.model = patcher_of(model)
        self.device = device
        self.scheduler = scheduler if scheduler in self.names.handlers else self.names.schedulers[0]
        self.sampler = sampler if sampler in self.names.samplers else self.names.samplers[0]
        self.denoise = denoise
        self.model_options = model_options
        self.set_steps(steps, denoise)

    def calculate_sigmas(self, steps: int) -> Tensor:
        """The levels of so many steps from noise alone."""
        return self._levels(steps, 1.0)

    def set_steps(self, steps: int, denoise: float | None = None) -> None:
        """Take another number of steps."""
        self.steps = steps
        self.sigmas = self._levels(steps, 1.0 if denoise is None else denoise)

    def _levels(self, steps: int, denoise: float) -> Tensor:
        levels = self.model.get_model_object("model_sampling")
        schedule = self.names.schedule(levels, self.scheduler)
        return sigmas_for(table_of(levels), schedule, steps, self.sampler, denoise)

    def sample(
        self,
        noise: Tensor,
        positive: Sequence[object],
        negative: Sequence[object],
        cfg: float,
        latent_image: Tensor | None = None,
        start_step: int | None = None,
        last_step: int | None = None,
        force_full_denoise: bool = False,
        denoise_mask: Tensor | None = None,
        sigmas: Tensor | None = None,
        callback: StepCallback | None = None,
        disable_pbar: bool = False,
        seed: int | None = None,
    ) -> Tensor:
        """Denoise, all steps or some of them."""
        levels = self.sigmas if sigmas is None else sigmas
        levels = slice_steps(levels, start_step or 0, last_step, not force_full_denoise)
        return sample_guided(
            self.model,
            noise,
            positive,
            negative,
            cfg,
            self.device,
            sampler_object(self.sampler),
            levels,
            self.model_options,
            latent_image=latent_image,
            denoise_mask=denoise_mask,
            callback=callback,
            disable_pbar=disable_pbar,
            seed=seed,
        )


class Samplings:
    """The ways to sample, over the samplers and schedulers of these packs."""

    def __init__(self, context: Context) -> None:
        names = context.part(SamplerNames)
        lists = {"names": names, "SAMPLERS": names.samplers, "SCHEDULERS": names.schedulers}
        self.KSampler: type[Sampling] = type("KSampler", (Sampling,), lists)

    def sample(
        self,
        model: object,
        noise: Tensor,
        steps: int,
        cfg: float,
        sampler_name: str,
        scheduler: str,
        positive: Sequence[object],
        negative: Sequence[object],
        latent_image: Tensor,
        denoise: float = 1.0,
        disable_noise: bool = False,
        start_step: int | None = None,
        last_step: int | None = None,
        force_full_denoise: bool = False,
        noise_mask: Tensor | None = None,
        sigmas: Tensor | None = None,
        callback: StepCallback | None = None,
        disable_pbar: bool = False,
        seed: int | None = None,
    ) -> Tensor:
        """Denoise latents: `comfy.sample.sample`."""
        sampling = self.KSampler(model, steps, None, sampler_name, scheduler, denoise)
        return sampling.sample(
            noise,
            positive,
            negative,
            cfg,
            latent_image,
            start_step,
            last_step,
            force_full_denoise,
            noise_mask,
            sigmas,
            callback,
            disable_pbar,
            seed,
        )

    def common_ksampler(
        self,
        model: object,
        seed: int,
        steps: int,
        cfg: float,
        sampler_name: str,
        scheduler: str,
        positive: Sequence[object],
        negative: Sequence[object],
        latent: dict[str, Any],
        denoise: float = 1.0,
        disable_noise: bool = False,
        start_step: int | None = None,
        last_step: int | None = None,
        force_full_denoise: bool = False,
    ) -> tuple[dict[str, Any]]:
        """Denoise a LATENT with progress and previews: `nodes.common_ksampler`."""
        samples = fix_empty_latent_channels(model, latent["samples"])
        noise = torch.zeros_like(samples) if disable_noise else prepare_noise(samples, seed, latent.get("batch_index"))
        found = self.sample(
            model,
            noise,
            steps,
            cfg,
            sampler_name,
            scheduler,
            positive,
            negative,
            samples,
            denoise,
            disable_noise,
            start_step,
            last_step,
            force_full_denoise,
            noise_mask=latent.get("noise_mask"),
            callback=prepare_callback(model, steps),
            seed=seed,
        )
        return ({**latent, "samples": found},)


def sample_custom(
    model: object,
    noise: Tensor,
    cfg: float,
    sampler: Sampler,
    sigmas: Tensor,
    positive: Sequence[object],
    negative: Sequence[object],
    latent_image: Tensor,
    noise_mask: Tensor | None = None,
    callback: StepCallback | None = None,
    disable_pbar: bool = False,
    seed: int | None = None,
) -> Tensor:
    """Denoise latents along given levels: `comfy.sample.sample_custom`."""
    return sample_guided(
        model,
        noise,
        positive,
        negative,
        cfg,
        None,
        sampler,
        sigmas,
        latent_image=latent_image,
        denoise_mask=noise_mask,
        callback=callback,
        disable_pbar=disable_pbar,
        seed=seed,
    )
