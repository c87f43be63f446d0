"""Where a run goes that is moved in the queue: a number between those of its neighbours, which keep theirs."""

import math
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise


def renumbered(numbers: Sequence[float], at: int, place: int) -> Mapping[int, float]:
    """The numbers that put a run at an index of the queue, by index.

    numbers: those of the queue in its new order, where the one at `at` does not count yet. place: the newest number of
    the counter. Of the other runs as few as possible get a new number: none, unless the two neighbours have the same or
    nothing lies between theirs. Runs that are handed in later still come behind, and those for the front ahead of all.
    """
    first, end = at, at + 1
    while True:
        below = numbers[first - 1] if first > 0 else None
        above = numbers[end] if end < len(numbers) else None
        found = _between(below, above, end - first, place)
        if found is not None:
            return dict(zip(range(first, end), found, strict=True))
        reach = end - first
        first, end = max(0, first - reach), min(len(numbers), end + reach)


def orderable(number: float) -> float:
    """A priority that SQLite can compare: 64 bits where it is whole, else a finite float. Raises ValueError for nan."""
    if isinstance(number, int) and -(2**63) <= number < 2**63:
        return int(number)
    if number != number:
        raise ValueError("the number of a run must be a number; nan is none, leave it out for the end of the queue")
    bound = sys.float_info.max
    return float(max(-bound, min(bound, number)))


def _between(below: float | None, above: float | None, count: int, place: int) -> Sequence[float] | None:
    """So many numbers that rise between two others, None where there is no room for them."""
    if below is None and above is None:
        return range(place - count + 1, place + 1)
    if above is None:
        assert below is not None
        begin = max(place, below + 1)
        found = [orderable(begin + index) for index in range(count)]
    elif below is None:
        last = min(-place, above - 1)
        found = [orderable(last - index) for index in reversed(range(count))]
    else:
        shares = [(index + 1) / (count + 1) for index in range(count)]
        found = [float(below) * (1 - share) + float(above) * share for share in shares]
    around = [each for each in (below, *found, above) if each is not None]
    rises = all(lower < higher for lower, higher in pairwise(around))
    return found if rises and all(map(math.isfinite, found)) else None
