"""Pictures with captions, by number: the emoji set that the shipped model learned from, or a folder of one's own."""

import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageOps

from diffusion.train.pictures import random_caption, random_scene, render

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


class CaptionedPictures(Protocol):
    """A finite set of square RGB pictures, each with one or more captions."""

    def __len__(self) -> int: ...

    def picture(self, index: int) -> Image.Image:
        """The picture of this number."""
        ...

    def caption(self, index: int, random_numbers: random.Random) -> str:
        """A caption of this picture; which one is up to the random numbers."""
        ...


@dataclass(frozen=True)
class EmojiPictures:
    """`count` random scenes of emoji on plain backgrounds; the same number always is the same scene."""

    count: int = 16_000

    def __len__(self) -> int:
        return self.count

    def picture(self, index: int) -> Image.Image:
        """Rendered anew each time, which is faster than reading it from a disk."""
        return render(random_scene(random.Random(f"scene {index}")))

    def caption(self, index: int, random_numbers: random.Random) -> str:
        """One of the ways to say what the scene holds."""
        return random_caption(random_scene(random.Random(f"scene {index}")), random_numbers)


@dataclass(frozen=True)
class FolderPictures:
    """The pictures of a folder, cut to a centred square of `size` pixels a side.

    Captions stand in a text file of the same name, one a line; a picture without one is called by its file name.
    """

    folder: Path
    size: int

    def __len__(self) -> int:
        return len(self.files)

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Picture files in order of their names."""
        found = tuple(sorted(path for path in self.folder.rglob("*") if path.suffix.lower() in SUFFIXES))
        if not found:
            raise ValueError(f"no pictures in {self.folder}: expected files ending in {', '.join(SUFFIXES)}")
        return found

    def picture(self, index: int) -> Image.Image:
        """The picture, turned as its EXIF data say, centre-cropped and resized."""
        with Image.open(self.files[index]) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        return ImageOps.fit(upright, (self.size, self.size), Image.Resampling.LANCZOS)

    def caption(self, index: int, random_numbers: random.Random) -> str:
        """A random line of the caption file."""
        path = self.files[index].with_suffix(".txt")
        if not path.exists():
            return self.files[index].stem.replace("_", " ")
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        return random_numbers.choice([line for line in lines if line] or [""])
