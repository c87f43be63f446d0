"""The denoising itself: KSampler and its form with every step at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import torch

from diffusion.samplers import SAMPLERS
from diffusion.sampling import ksample
from diffusion.schedules import SCHEDULES
from diffusion.shapes import Latents, OnStep
from graph.handle import Run
from graph.marks import Choice, Range, Seed
from graph.spec import node
from nodes.previews import painting
from nodes.sockets import Conditioning, Latent, Model

LARGEST_SEED = 2**64 - 1
MOST_STEPS = 10_000

SeedNumber = Annotated[int, Range(0, LARGEST_SEED), Seed()]
Steps = Annotated[int, Range(1, MOST_STEPS)]
Cfg = Annotated[float, Range(0.0, 100.0, step=0.1, round=0.01)]
SamplerName = Annotated[str, Choice(SAMPLERS)]
SchedulerName = Annotated[str, Choice(SCHEDULES)]
Switch = Annotated[str, Choice(("enable", "disable"))]
Place = Annotated[int, Range(0, MOST_STEPS)]


@node("KSampler", category="sampling", display_name="KSampler")
def ksampler(
    *,
    model: Model,
    seed: SeedNumber = 0,
    steps: Steps = 20,
    cfg: Cfg = 8.0,
    sampler_name: SamplerName = "euler",
    scheduler: SchedulerName = "simple",
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    denoise: Annotated[float, Range(0.0, 1.0, step=0.01)] = 1.0,
    run: Run,
) -> Latent:
    """Denoise a latent image.

    model: the network that predicts what lies under the noise.
    seed: chooses the noise; the same seed gives the same picture.
    steps: how many calls of the model; more are finer and slower.
    cfg: how strongly the prompt steers the picture; 1 turns guidance off.
    sampler_name: how one step follows another.
    scheduler: how the steps are spread over the noise levels.
    positive: what the picture shall show.
    negative: what it shall not show.
    latent_image: where to start; an empty one for a picture from the prompt alone.
    denoise: how much of the start is replaced; below 1 some of it stays.
    """
    start = fitted(latent_image, model)
    with reporting(run, steps, model) as on_step:
        samples = ksample(
            model,
            positive,
            negative,
            start.samples,
            seed=seed,
            steps=steps,
            cfg=cfg,
            sampler=sampler_name,
            scheduler=scheduler,
            denoise=denoise,
            batch_index=start.batch_index,
            noise_mask=start.noise_mask,
            on_step=on_step,
        )
    return replace(start, samples=samples)


@node("KSamplerAdvanced", category="sampling", display_name="KSampler (Advanced)")
def ksampler_advanced(
    *,
    model: Model,
    add_noise: Switch = "enable",
    noise_seed: SeedNumber = 0,
    steps: Steps = 20,
    cfg: Cfg = 8.0,
    sampler_name: SamplerName = "euler",
    scheduler: SchedulerName = "simple",
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    start_at_step: Place = 0,
    end_at_step: Place = MOST_STEPS,
    return_with_leftover_noise: Annotated[str, Choice(("disable", "enable"))] = "disable",
    run: Run,
) -> Latent:
    """Do a part of the steps of a sampling, so that several samplers can share one picture.

    add_noise: off where the latent comes noisy from another sampler.
    noise_seed: chooses the noise.
    steps: the steps of the whole sampling.
    cfg: how strongly the prompt steers the picture; 1 turns guidance off.
    start_at_step: the first step that is done here.
    end_at_step: the step before which this ends.
    return_with_leftover_noise: "enable" hands the latent on as noisy as it is after the last step.
    """
    start = fitted(latent_image, model)
    with reporting(run, min(end_at_step, steps) - min(start_at_step, steps), model) as on_step:
        samples = ksample(
            model,
            positive,
            negative,
            start.samples,
            seed=noise_seed,
            steps=steps,
            cfg=cfg,
            sampler=sampler_name,
            scheduler=scheduler,
            start_step=start_at_step,
            end_step=end_at_step,
            leftover_noise=return_with_leftover_noise == "enable",
            add_noise=add_noise == "enable",
            batch_index=start.batch_index,
            noise_mask=start.noise_mask,
            on_step=on_step,
        )
    return replace(start, samples=samples)


def fitted(latent: Latent, model: Model) -> Latent:
    """The latent with the model's number of channels: an empty one has no content that could be lost."""
    samples = latent.samples
    if samples.shape[1] == model.latent_channels or bool(samples.any()):
        return latent
    return replace(latent, samples=torch.zeros(samples.shape[0], model.latent_channels, *samples.shape[2:]))


@contextmanager
def reporting(run: Run, total: int, model: Model) -> Iterator[OnStep]:
    """What a sampling calls after every step: it tells the progress, shows what is being made where the run has a
    service for that (`nodes.previews.Previews`), and ends the sampling when the run was asked to stop.

    Nothing is shown after the end of the block.
    """
    with painting(run, model, total) as painter:

        def on_step(step: int, x0: Latents, x: Latents) -> None:
            run.check_stop()
            painter.show(step, x0)
            run.progress(step + 1, max(total, step + 1))

        yield on_step
