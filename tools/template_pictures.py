"""Draws the pictures of the ready workflows anew: runs each with the model that ships and puts together what it saves.

`python -m tools.template_pictures` draws all of them, `python -m tools.template_pictures regions` one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

from PIL import Image, ImageDraw, ImageFilter

ROOT: Final = Path(__file__).resolve().parents[1]
WORKFLOWS: Final = ROOT / "workflows"
PICTURES: Final = WORKFLOWS / "pictures"

SIDE: Final = 256
HALF: Final = SIDE // 2
LINE: Final = 3
QUALITY: Final = 88


def rendered(workflow: Path, folder: Path) -> list[Image.Image]:
    """The pictures a workflow saves, in the order they were made. Raises CalledProcessError for one that fails."""
    folders = [f"--{name}={folder / name}" for name in ("output", "temp", "user")]
    words = [sys.executable, str(ROOT / "main.py"), "run", str(workflow), "--json", "--no-cache", *folders]
    ended = subprocess.run(words, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    summary = cast(dict[str, Any], json.loads(ended.stdout))
    outputs = cast(list[dict[str, str]], summary["outputs"])
    pictures: list[Image.Image] = []
    for output in outputs:
        with Image.open(output["path"]) as file:
            pictures.append(file.convert("RGB"))
    return pictures


def together(pictures: Sequence[Image.Image]) -> Image.Image:
    """One square picture that shows what there is: one alone, two as halves of one, four and more as four."""
    if len(pictures) >= 4:
        return _as_four(pictures)
    if len(pictures) >= 2:
        return _as_halves(pictures[0], pictures[1])
    return square(pictures[0], SIDE)


def square(picture: Image.Image, side: int) -> Image.Image:
    """A picture fitted into a square, before a blurred copy of itself where it leaves room."""
    scale = side / max(picture.size)
    fitted = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    if fitted.size == (side, side):
        return fitted
    behind = picture.resize((side, side), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(side / 10))
    behind.paste(fitted, ((side - fitted.width) // 2, (side - fitted.height) // 2))
    return behind


def _as_four(pictures: Sequence[Image.Image]) -> Image.Image:
    canvas = Image.new("RGB", (SIDE, SIDE))
    for index, picture in enumerate(pictures[:4]):
        canvas.paste(square(picture, HALF), (index % 2 * HALF, index // 2 * HALF))
    return canvas


def _as_halves(left: Image.Image, right: Image.Image) -> Image.Image:
    """The left half of the one beside the right half of the other, as a slider between them would show it."""
    canvas = square(left, SIDE)
    canvas.paste(square(right, SIDE).crop((HALF, 0, SIDE, SIDE)), (HALF, 0))
    ImageDraw.Draw(canvas).line((HALF, 0, HALF, SIDE), fill="white", width=LINE)
    return canvas


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the pictures that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.template_pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="workflows without their ending (all)")
    names = parser.parse_args(arguments).names or sorted(path.stem for path in WORKFLOWS.glob("*.json"))
    PICTURES.mkdir(exist_ok=True)
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            pictures = rendered(WORKFLOWS / f"{name}.json", Path(folder))
        together(pictures).save(PICTURES / f"{name}.webp", quality=QUALITY, method=6)
        print(f"{PICTURES / name}.webp")
    return 0


if __name__ == "__main__":
    sys.exit(main())
