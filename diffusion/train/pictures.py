"""Training pictures: an emoji on a plain background, with a caption that says so."""

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from diffusion.train.emoji import SUBJECTS, Subject

PICTURE_SIZE = 128
"""Pixels along one side of a training picture."""

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
"""Where Debian's fonts-noto-color-emoji (SIL Open Font Licence) puts the font."""

FONT_SIZE = 109
"""The one size for which Noto Color Emoji holds bitmaps."""

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (205, 35, 40),
    "orange": (245, 135, 25),
    "yellow": (250, 220, 60),
    "green": (50, 150, 60),
    "turquoise": (50, 195, 185),
    "blue": (40, 90, 205),
    "purple": (130, 55, 165),
    "pink": (250, 150, 190),
    "brown": (120, 75, 45),
    "black": (15, 15, 15),
    "grey": (128, 128, 128),
    "white": (250, 250, 250),
}
"""Background colours by name, in 8-bit RGB."""

SIZES: dict[str, int] = {"small": 52, "": 80, "large": 108}
"""Pixels along the longer side of the thing, by the word in the caption; no word is the medium size."""

POSITIONS: dict[str, tuple[float, float]] = {
    "": (0.5, 0.5),
    "on the left": (0.0, 0.5),
    "on the right": (1.0, 0.5),
    "at the top": (0.5, 0.0),
    "at the bottom": (0.5, 1.0),
}
"""Where the thing lies between the picture's edges (x, y), by the words in the caption; no words is the middle."""

MARGIN = 6
"""Pixels between a thing and the picture's edge."""


@dataclass(frozen=True)
class Scene:
    """All that determines a picture."""

    subject: Subject
    colour: str
    size: str = ""
    position: str = ""
    shift: tuple[int, int] = (0, 0)
    """Pixels by which the thing is moved off its place, right and down."""
    tint: tuple[int, int, int] = (0, 0, 0)
    """What is added to the background's 8-bit RGB."""


def random_scene(random_numbers: random.Random) -> Scene:
    """Half of all scenes are plain (medium size, in the middle), since most prompts will be."""
    subject = random_numbers.choice(SUBJECTS)
    colour = random_numbers.choice(list(COLOURS))
    shift = (random_numbers.randint(-2, 2), random_numbers.randint(-2, 2))
    tint = random_numbers.randint(-6, 6), random_numbers.randint(-6, 6), random_numbers.randint(-6, 6)
    if random_numbers.random() < 0.5:
        return Scene(subject, colour, shift=shift, tint=tint)
    size = random_numbers.choice(["small", "", "large"])
    position = random_numbers.choice(list(POSITIONS)) if size != "large" else ""
    return Scene(subject, colour, size, position, shift, tint)


def caption(scene: Scene, name: str | None = None) -> str:
    """The scene in words: "a small red apple on the left on a blue background"."""
    words = " ".join(part for part in (scene.size, name or scene.subject.names[0]) if part)
    place = f" {scene.position}" if scene.position else ""
    return f"{article(words)}{words}{place} on {article(scene.colour)}{scene.colour} background"


def article(words: str) -> str:
    """ "a " or "an " as English wants it; plurals of the subject table go without."""
    if words.split()[-1] in ("grapes", "cherries"):
        return ""
    return "an " if words[0] in "aeiou" else "a "


def random_caption(scene: Scene, random_numbers: random.Random) -> str:
    """One of the ways to put the scene into words; the usual one most often."""
    name = random_numbers.choice(scene.subject.names)
    chance = random_numbers.random()
    full = caption(scene, name)
    if chance < 0.75:
        return full
    if chance < 0.85:
        return full.replace("background", random_numbers.choice(["backdrop", "ground"]))
    words = " ".join(part for part in (scene.size, name) if part)
    place = f" {scene.position}" if scene.position else ""
    if chance < 0.95:
        return f"{words}{place}, {scene.colour} background"
    return f"{scene.colour} background, {words}{place}"


def render(scene: Scene) -> Image.Image:
    """Draw the scene: RGB, PICTURE_SIZE pixels a side."""
    red, green, blue = (min(255, max(0, c + t)) for c, t in zip(COLOURS[scene.colour], scene.tint, strict=True))
    picture = Image.new("RGB", (PICTURE_SIZE, PICTURE_SIZE), (red, green, blue))
    thing = glyph(scene.subject.character, SIZES[scene.size])
    x, y = POSITIONS[scene.position]
    left = _start(x, thing.width) + scene.shift[0]
    top = _start(y, thing.height) + scene.shift[1]
    picture.paste(thing, (left, top), thing)
    return picture


def _start(share: float, side: int) -> int:
    """Where a thing of `side` pixels begins when `share` of the free room lies before it."""
    return round(MARGIN + share * (PICTURE_SIZE - 2 * MARGIN - side))


@cache
def glyph(character: str, size: int) -> Image.Image:
    """The emoji cut to its ink, `size` pixels along its longer side, RGBA."""
    drawn = _drawn(character)
    scale = size / max(drawn.size)
    return drawn.resize((round(drawn.width * scale), round(drawn.height * scale)), Image.Resampling.LANCZOS)


@cache
def _drawn(character: str) -> Image.Image:
    canvas = Image.new("RGBA", (2 * FONT_SIZE, 2 * FONT_SIZE))
    ImageDraw.Draw(canvas).text((20, 20), character, font=_font(), embedded_color=True)
    return canvas.crop(canvas.getbbox())


@cache
def _font() -> ImageFont.FreeTypeFont:
    if not FONT.exists():
        raise FileNotFoundError(f"the training pictures need the font {FONT}: apt-get install fonts-noto-color-emoji")
    return ImageFont.truetype(str(FONT), FONT_SIZE)
