"""Where nodes stand that nobody has placed: columns from left to right, in the order in which they feed each other."""

from collections.abc import Mapping, Sequence
from typing import Final

Size = tuple[float, float]

_GAP_ACROSS: Final = 80
_GAP_DOWN: Final = 60
_SWEEPS: Final = 4


def columns(sizes: Mapping[str, Size], edges: Sequence[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """The upper left corner of each box. Deeper ones stand further right; no two overlap; linear but for sorting."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for source, target in edges:
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    stacks = _stacks(sizes, _depths(sizes, before, after), before, after)
    _untangle(stacks, before, after)
    places: dict[str, tuple[float, float]] = {}
    left = 0.0
    for stack in stacks:
        top = 0.0
        for name in stack:
            places[name] = (left, top)
            top += sizes[name][1] + _GAP_DOWN
        left += max((sizes[name][0] for name in stack), default=0.0) + _GAP_ACROSS
    return places


def in_order(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[str]:
    """The names so that each comes after those that feed it; those in a ring come last."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for source, target in edges:
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    depth = _depths(dict.fromkeys(names, (0.0, 0.0)), before, after)
    return sorted(names, key=lambda name: depth[name])


def _depths(
    sizes: Mapping[str, Size], before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """How many boxes lie before each on the longest way; those in a ring count as beginnings."""
    waiting = {name: len(sources) for name, sources in before.items()}
    depth = dict.fromkeys(sizes, 0)
    ready = [name for name in sizes if name not in waiting]
    while ready:
        name = ready.pop()
        for follower in after.get(name, ()):
            depth[follower] = max(depth[follower], depth[name] + 1)
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    return depth


def _stacks(
    sizes: Mapping[str, Size],
    depth: Mapping[str, int],
    before: Mapping[str, Sequence[str]],
    after: Mapping[str, Sequence[str]],
) -> list[list[str]]:
    """Beginnings stand right before what they feed first."""
    stacks: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in sizes:
        feeds = [depth[each] for each in after.get(name, ())]
        at = max(0, min(feeds) - 1) if feeds and name not in before else depth[name]
        stacks[at].append(name)
    return stacks


def _untangle(
    stacks: Sequence[list[str]], before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> None:
    """Every box goes to the mean height of its neighbours, to and fro, so that few links cross."""
    height = {name: at / len(stack) for stack in stacks for at, name in enumerate(stack)}

    def wish(name: str, around: Mapping[str, Sequence[str]]) -> float:
        neighbours = around.get(name)
        return sum(height[each] for each in neighbours) / len(neighbours) if neighbours else height[name]

    for sweep in range(_SWEEPS):
        around = after if sweep % 2 else before
        for stack in reversed(stacks) if sweep % 2 else stacks:
            wishes = {name: wish(name, around) for name in stack}
            stack.sort(key=wishes.__getitem__)
            height.update((name, at / len(stack)) for at, name in enumerate(stack))
