"""Does the shipped model draw what it is asked for? 100 prompts × 2 seeds, judged by the nearest known emoji.

The judge takes the background colour from the picture's border, cuts out what differs clearly from it (large regions
only, so that an uneven background does not count), and shrinks the cut to 16 × 16 cells of colour and coverage. Of all
emoji of the training set, drawn on that same background and cut the same way, the nearest one must be the prompted one.
The background colour must lie within 40 (of 255) of the prompted one in each channel, and no other named colour may be
nearer. `--sheet FILE` also writes a contact sheet.
"""

import argparse
import json
import random
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from diffusion.checkpoints import load_checkpoint
from diffusion.sampling import ksample
from diffusion.train.emoji import SUBJECTS, Subject
from diffusion.train.pictures import COLOURS, PICTURE_SIZE, Scene, caption, render

ROOT = Path(__file__).resolve().parents[1]
CHECKPOINT = ROOT / "models" / "checkpoints" / "nodeloom-emoji.safetensors"
CELLS = 16
INK = 72
"""How far (sum over the 8-bit channels) a pixel lies from the background to count as part of the thing."""
TOLERANCE = 40


@dataclass(frozen=True)
class Judgement:
    """What the judge saw in one picture."""

    subject: Subject
    background: tuple[int, int, int]


def prompts(count: int) -> list[Scene]:
    """Plain scenes: every subject once, then again from the start, each on a random background."""
    numbers = random.Random("model quality")
    order = [SUBJECTS[i % len(SUBJECTS)] for i in range(count)]
    return [Scene(subject, numbers.choice(list(COLOURS))) for subject in order]


def judge(picture: np.ndarray) -> Judgement:
    """(h, w, 3) 8-bit RGB to the nearest subject and the background's colour."""
    ground = background(picture)
    seen = thumbnail(picture, ground)
    known = references(ground)
    distances = [float(np.abs(seen - reference).mean()) for reference in known]
    return Judgement(SUBJECTS[int(np.argmin(distances))], ground)


def background(picture: np.ndarray) -> tuple[int, int, int]:
    """The median colour of the picture's outermost four pixels."""
    rim = np.concatenate([picture[:4], picture[-4:], picture[:, :4].swapaxes(0, 1), picture[:, -4:].swapaxes(0, 1)])
    red, green, blue = np.median(rim.reshape(-1, 3), axis=0)
    return int(red), int(green), int(blue)


def thing(ink: np.ndarray) -> np.ndarray:
    """What of (h, w) booleans is the thing: the largest connected region and those at least a tenth as large.

    Specks and hairlines are dropped first, so that an uneven background does not count.
    """
    regions = np.zeros(ink.shape, np.int32)
    ndimage.label(ndimage.binary_opening(ink, iterations=2), output=regions)
    if not regions.any():
        return np.zeros_like(ink)
    sizes = np.bincount(regions.ravel())[1:]
    return np.isin(regions, 1 + np.flatnonzero(sizes >= sizes.max() / 10))


def thumbnail(picture: np.ndarray, ground: tuple[int, int, int]) -> np.ndarray:
    """(16, 16, 4) in 0..1: coverage and the colours where there is something, black where there is none."""
    ink = thing(np.abs(picture.astype(int) - ground).sum(-1) > INK)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if len(rows) == 0:
        return np.zeros((CELLS, CELLS, 4))
    cut = np.concatenate([picture * ink[..., None], 255 * ink[..., None]], -1).astype(np.uint8)
    cut = cut[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(Image.fromarray(cut).resize((CELLS, CELLS), Image.Resampling.BOX)) / 255


@cache
def references(ground: tuple[int, int, int]) -> tuple[np.ndarray, ...]:
    """The thumbnails of all subjects on a background of this colour."""
    tint = tuple(a - b for a, b in zip(ground, COLOURS["grey"], strict=True))
    return tuple(
        thumbnail(np.asarray(render(Scene(subject, "grey", tint=(tint[0], tint[1], tint[2])))), ground)
        for subject in SUBJECTS
    )


def right_colour(ground: tuple[int, int, int], name: str) -> bool:
    """Whether a colour is the named one: near it, and nearer to it than to any other."""
    off = {other: [abs(a - b) for a, b in zip(ground, COLOURS[other], strict=True)] for other in COLOURS}
    return max(off[name]) <= TOLERANCE and min(off, key=lambda other: sum(off[other])) == name


def main() -> None:
    """Draw, judge, print one line for things and one for backgrounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--prompts", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--cfg", type=float, default=4.0)
    parser.add_argument("--sampler", default="euler")
    parser.add_argument("--scheduler", default="normal")
    parser.add_argument("--sheet", type=Path, help="write all pictures as one, misjudged ones framed in red")
    options = parser.parse_args()
    loaded = load_checkpoint(options.checkpoint)
    assert loaded.clip is not None and loaded.vae is not None
    clip, vae = loaded.clip, loaded.vae
    import torch

    scenes = prompts(options.prompts)
    negative = (clip.encode(""),)
    things = backgrounds = 0
    pictures: list[Image.Image] = []
    cells = PICTURE_SIZE // vae.downscale
    for scene in scenes:
        latents = ksample(
            loaded.model,
            (clip.encode(caption(scene)),),
            negative,
            torch.zeros(options.seeds, vae.latent_channels, cells, cells),
            seed=1,
            steps=options.steps,
            cfg=options.cfg,
            sampler=options.sampler,
            scheduler=options.scheduler,
        )
        for picture in (vae.decode(latents) * 255).byte().numpy():
            seen = judge(picture)
            right, ground = seen.subject == scene.subject, right_colour(seen.background, scene.colour)
            things, backgrounds = things + right, backgrounds + ground
            if not (right and ground):
                told = f"{seen.subject.names[0]} on {seen.background}"
                print(f"{caption(scene)}: looks like {told}", file=sys.stderr)
            pictures.append(framed(picture, right and ground))
    drawn = options.prompts * options.seeds
    how = f"{options.sampler} {options.steps} steps, cfg {options.cfg:g}"
    setting = f"{options.prompts} prompts × {options.seeds} seeds, {how}"
    report("How often is the nearest emoji the prompted one?", things / drawn, 0.85, setting)
    report("How often is the background the prompted colour?", backgrounds / drawn, 0.90, setting)
    if options.sheet:
        contact_sheet(pictures).save(options.sheet)


def report(question: str, share: float, target: float, setting: str) -> None:
    """One result as a JSON line."""
    line = {
        "question": question,
        "value": round(100 * share, 1),
        "unit": "%",
        "target": f"at least {100 * target:.0f} %",
        "met": share >= target,
        "setting": setting,
    }
    print(json.dumps(line))


def framed(picture: np.ndarray, good: bool) -> Image.Image:
    """The picture, with a red frame where it was misjudged."""
    image = Image.fromarray(picture)
    if not good:
        frame = Image.new("RGB", image.size, (255, 0, 0))
        frame.paste(image.crop((3, 3, image.width - 3, image.height - 3)), (3, 3))
        return frame
    return image


def contact_sheet(pictures: list[Image.Image], columns: int = 16) -> Image.Image:
    """All pictures in rows."""
    side = PICTURE_SIZE + 4
    sheet = Image.new("RGB", (columns * side, -(-len(pictures) // columns) * side), "white")
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (i % columns * side + 2, i // columns * side + 2))
    return sheet


if __name__ == "__main__":
    main()
