"""How the shipped model is made: sizes and lengths of its two stages, and the steps from pictures to a checkpoint.

Every step leaves a file and is passed over when that file is there, so that a training that was stopped goes on.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from diffusion.clip import ClipConfig
from diffusion.train.curve import draw_losses
from diffusion.train.data import CaptionedPictures
from diffusion.train.export import write_checkpoint
from diffusion.train.first_stage import FirstStageSettings, FirstStageTrainer
from diffusion.train.latents import LATENT_SCALE, means, normalise, read_latents, write_latents
from diffusion.train.loop import LoopSettings, averaged, train
from diffusion.train.text_start import TextStartSettings, TextStartTrainer
from diffusion.train.text_to_image import TextToImageSettings, TextToImageTrainer
from diffusion.unet import UNetConfig
from diffusion.vae import AutoencoderKL, VAEConfig


@dataclass(frozen=True)
class Recipe:
    """Networks and lengths of a training; the defaults are those of the shipped model (its card tells how it was made).

    latents: pictures whose latents the second stage learns on. sample: pictures the latents' statistics are taken of.
    """

    title: str = "Nodeloom emoji"
    vae: VAEConfig = VAEConfig(channels=(32, 64, 96, 128), res_blocks=1, norm_groups=4)
    unet: UNetConfig = UNetConfig(
        model_channels=64,
        channel_mult=(2, 2, 3),
        res_blocks=(1, 1, 1),
        transformer_depth=(0, 1, 1),
        context_dim=64,
        num_heads=4,
        norm_groups=16,
    )
    text: ClipConfig = ClipConfig(width=64, layers=4, heads=1, mlp_width=256)
    first_stage: FirstStageSettings = FirstStageSettings()
    first_loop: LoopSettings = LoopSettings(steps=2500, learning_rate=4e-4, average=0.998)
    text_start: TextStartSettings = TextStartSettings()
    text_loop: LoopSettings = LoopSettings(steps=1000, learning_rate=2e-3, average=0.99)
    second_stage: TextToImageSettings = TextToImageSettings()
    second_loop: LoopSettings = LoopSettings(steps=5300, learning_rate=8e-4, average=0.999)
    latents: int = 16_000
    sample: int = 256


@dataclass(frozen=True)
class Workshop:
    """Where a training keeps its files."""

    folder: Path

    @property
    def first_stage(self) -> Path:
        """Folder of the first stage's loop."""
        return self.folder / "first_stage"

    @property
    def text_start(self) -> Path:
        """Folder of the loop that gives the text encoder its head start."""
        return self.folder / "text_start"

    @property
    def second_stage(self) -> Path:
        """Folder of the second stage's loop."""
        return self.folder / "second_stage"

    @property
    def autoencoder(self) -> Path:
        """The first stage, trained and normalised."""
        return self.folder / "autoencoder.safetensors"

    @property
    def latents(self) -> Path:
        """White latents of the training pictures."""
        return self.folder / "latents.safetensors"


class Report(Protocol):
    """Told how far a stage is."""

    def __call__(self, stage: str, done: int, wanted: int, losses: Mapping[str, float], /) -> None: ...


def train_first_stage(recipe: Recipe, pictures: CaptionedPictures, workshop: Workshop, report: Report) -> None:
    """Train the autoencoder and make its latents white."""
    if workshop.autoencoder.exists():
        return

    def any_picture(numbers: random.Random) -> Image.Image:
        return pictures.picture(numbers.randrange(len(pictures)))

    trainer = FirstStageTrainer(recipe.vae, recipe.first_stage, any_picture)
    train(trainer, recipe.first_loop, workshop.first_stage, lambda *now: report("first stage", *now))
    draw_losses(workshop.first_stage / "losses.csv", workshop.first_stage / "losses.png")
    trainer.networks.load_state_dict(averaged(workshop.first_stage))
    sample = means(
        trainer.network,
        pictures,
        min(recipe.sample, len(pictures)),
        lambda done, wanted: report("statistics", done, wanted, {}),
    )
    normalise(trainer.network, sample)
    temporary = workshop.autoencoder.with_suffix(".part")
    save_file({name: value.contiguous() for name, value in trainer.network.state_dict().items()}, temporary)
    temporary.replace(workshop.autoencoder)


def compute_latents(recipe: Recipe, pictures: CaptionedPictures, workshop: Workshop, report: Report) -> None:
    """Encode the training pictures once."""
    if workshop.latents.exists():
        return
    network = AutoencoderKL(recipe.vae)
    network.load_state_dict(load_file(workshop.autoencoder))
    network = network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    count = min(recipe.latents, len(pictures))
    latents = means(network, pictures, count, lambda done, wanted: report("latents", done, wanted, {}))
    write_latents(workshop.latents, latents * LATENT_SCALE)


def train_text_start(recipe: Recipe, pictures: CaptionedPictures, workshop: Workshop, report: Report) -> None:
    """Teach the text encoder what captioned pictures look like."""
    trainer = TextStartTrainer(recipe.text, recipe.text_start, read_latents(workshop.latents), pictures)
    train(trainer, recipe.text_loop, workshop.text_start, lambda *now: report("text start", *now))
    draw_losses(workshop.text_start / "losses.csv", workshop.text_start / "losses.png")


def train_second_stage(recipe: Recipe, pictures: CaptionedPictures, workshop: Workshop, report: Report) -> None:
    """Train the UNet and the text encoder."""
    latents = read_latents(workshop.latents)
    start = part_of(averaged(workshop.text_start), "text")
    trainer = TextToImageTrainer(recipe.unet, recipe.text, recipe.second_stage, latents, pictures, start)
    train(trainer, recipe.second_loop, workshop.second_stage, lambda *now: report("second stage", *now))
    draw_losses(workshop.second_stage / "losses.csv", workshop.second_stage / "losses.png")


def export(recipe: Recipe, workshop: Workshop, target: Path) -> None:
    """Write the averaged weights of both stages as one checkpoint."""
    weights = averaged(workshop.second_stage)
    parts = {part: part_of(weights, part) for part in ("unet", "text")}
    parts["vae"] = load_file(workshop.autoencoder)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(target, parts, recipe.unet, recipe.vae, recipe.text, recipe.title)


def part_of(weights: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    """The tensors of one network out of a trainer's, by their names within it."""
    return {name.removeprefix(f"{part}."): value for name, value in weights.items() if name.startswith(f"{part}.")}


STAGES = ("first-stage", "latents", "text-start", "second-stage", "export")
"""The steps of a training by name, in order."""


def carry_out(
    stage: str, recipe: Recipe, pictures: CaptionedPictures, workshop: Workshop, target: Path, report: Report
) -> None:
    """Do one of STAGES."""
    match stage:
        case "first-stage":
            train_first_stage(recipe, pictures, workshop, report)
        case "latents":
            compute_latents(recipe, pictures, workshop, report)
        case "text-start":
            train_text_start(recipe, pictures, workshop, report)
        case "second-stage":
            train_second_stage(recipe, pictures, workshop, report)
        case "export":
            export(recipe, workshop, target)
        case _:
            raise ValueError(f"no stage is named '{stage}': there are {', '.join(STAGES)}")
