"""A picture of how losses fell."""

import csv
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 900, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 45
COLOURS = ("#1f6feb", "#d1571b", "#2a8f4d", "#8a3fb5", "#777777")


def draw_losses(log: Path, target: Path) -> None:
    """Plot the columns of a loss log against the step, on a logarithmic scale, as a PNG.

    Lines are means over a hundredth of the run each, since single batches scatter.
    """
    with log.open(newline="") as file:
        names, *rows = csv.reader(file)
    if not rows:
        return
    columns = {name: thinned([float(row[i]) for row in rows], 100) for i, name in enumerate(names) if name != "step"}
    steps = thinned([float(row[0]) for row in rows], 100)
    values = [value for column in columns.values() for value in column if value > 0]
    low, high = math.log10(min(values)), math.log10(max(values) * 1.05)
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(13)

    def place(step: float, value: float) -> tuple[float, float]:
        across = step / steps[-1]
        up = (math.log10(max(value, 1e-12)) - low) / max(high - low, 1e-9)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    for tick in ticks(low, high):
        y = place(0, tick)[1]
        draw.line([(LEFT, y), (WIDTH - RIGHT, y)], "#dddddd")
        draw.text((LEFT - 8, y), f"{tick:g}", "#444444", font, anchor="rm")
    for share in (0, 0.25, 0.5, 0.75, 1):
        step = share * steps[-1]
        draw.text((place(step, 1)[0], HEIGHT - BOTTOM + 8), f"{step:.0f}", "#444444", font, anchor="ma")
    draw.text(((WIDTH + LEFT) / 2, HEIGHT - 18), "step", "#444444", font, anchor="ma")
    for column, colour in zip(columns.values(), COLOURS, strict=False):
        points = [place(step, value) for step, value in zip(steps, column, strict=True)]
        for one, two in pairwise(points):
            draw.line([one, two], colour, 2)
    for i, (name, colour) in enumerate(zip(columns, COLOURS, strict=False)):
        draw.text((WIDTH - RIGHT - 10, TOP + 18 * i), name, colour, font, anchor="ra")
    picture.save(target)


def thinned(values: Sequence[float], count: int) -> list[float]:
    """At most `count` means of equally long stretches; numbers that are not finite are passed over."""
    stretch = max(1, len(values) // count)
    parts = ([v for v in values[i : i + stretch] if math.isfinite(v)] for i in range(0, len(values), stretch))
    return [sum(part) / len(part) if part else 0.0 for part in parts]


def ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten between two exponents."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    found = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    return [value for value in found if low <= math.log10(value) <= high]
