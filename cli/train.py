"""Train the shipped model, or one of your own, from pictures with captions.

Without --data, the pictures are emoji on coloured backgrounds (Noto Color Emoji; Debian: fonts-noto-color-emoji). With
it, they are those of a folder, each with a text file of the same name that holds its captions, one a line.
Stages: first-stage (autoencoder), latents, text-start (a head start for the text encoder), second-stage (UNet and text
encoder), export. Each is resumed where it stopped and passed over when it is done; Ctrl-C, or a polite kill, saves
before it stops.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from cli.options import home

STAGES = ("first-stage", "latents", "text-start", "second-stage", "export")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which stages, on what, for how long, and where to."""
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"{', '.join(STAGES)} (default: all, in this order)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of pictures and captions (default: emoji)")
    parser.add_argument("--size", type=int, default=128, help="pixels along one side of --data pictures (128)")
    parser.add_argument("--folder", type=Path, default=home() / "temp" / "train", help="working files (temp/train)")
    parser.add_argument("--first-steps", type=int, metavar="N", help="steps of the first stage")
    parser.add_argument("--second-steps", type=int, metavar="N", help="steps of the second stage")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads (default: all cores)")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        default=home() / "models" / "checkpoints" / "my-model.safetensors",
        help="the file that export writes (models/checkpoints/my-model.safetensors)",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Carry the stages out under progress bars; Ctrl-C keeps what was learned."""
    from cli.screen import errors, print_error

    unknown = [stage for stage in arguments.stages if stage not in STAGES]
    if unknown:
        print_error(f"no stage is named '{unknown[0]}'", remedy=f"there are {', '.join(STAGES)}")
        return 2
    import dataclasses
    import signal

    import torch
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    from diffusion.train import recipe as recipes
    from diffusion.train.data import EmojiPictures, FolderPictures

    for ending in (signal.SIGINT, signal.SIGTERM):  # also where a shell's background job would ignore them
        signal.signal(ending, signal.default_int_handler)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    recipe = recipes.Recipe()
    for name, steps in (("first_loop", arguments.first_steps), ("second_loop", arguments.second_steps)):
        if steps:
            recipe = dataclasses.replace(recipe, **{name: dataclasses.replace(getattr(recipe, name), steps=steps)})
    pictures = FolderPictures(arguments.data, arguments.size) if arguments.data else EmojiPictures(recipe.latents)
    workshop = recipes.Workshop(arguments.folder)
    workshop.folder.mkdir(parents=True, exist_ok=True)
    columns = TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[losses]}"), console=errors(), refresh_per_second=2) as progress:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, wanted: int, losses: Mapping[str, float]) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=wanted, completed=done - 1, losses="")
            words = "  ".join(f"{name} {value:.4f}" for name, value in losses.items())
            progress.update(tasks[stage], completed=done, losses=words)

        try:
            for stage in arguments.stages or STAGES:
                recipes.carry_out(stage, recipe, pictures, workshop, arguments.checkpoint, report)
        except KeyboardInterrupt:
            progress.stop()
            errors().print(f"Stopped and saved in {workshop.folder}; the same command goes on from there.")
            return 130
    if "export" in (arguments.stages or STAGES):
        print(arguments.checkpoint)
    return 0
