"""Key maps: how the tensors of a published file become those of our networks, with every key accounted for.

A rule is a pattern for names in the file, the names it gives them here, and how the tensor is taken apart if there are
several. In patterns and targets `{word}` stands for one part of a dotted name and `{word*}` for any number of parts.
No target means: known, and not needed.
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from diffusion.checkpoints.errors import KeymapError
from diffusion.checkpoints.read import Shapes, shapes_of

Split = Callable[[Tensor], tuple[Tensor, ...]]
"""From a tensor of the file to one tensor for each target."""

_PLACEHOLDER = re.compile(r"\{(\w+)(\*?)\}")


def whole(tensor: Tensor) -> tuple[Tensor, ...]:
    """The tensor as it is."""
    return (tensor,)


def as_convolution(tensor: Tensor) -> tuple[Tensor, ...]:
    """A linear layer's matrix (out, in) as the 1 × 1 convolution (out, in, 1, 1) it equals; others as they are."""
    return (tensor[:, :, None, None] if tensor.ndim == 2 else tensor,)


@dataclass(frozen=True)
class Rule:
    """One line of a key map."""

    pattern: str
    targets: tuple[str, ...]
    split: Split = whole

    def names(self, name: str) -> tuple[str, ...] | None:
        """What a name of the file becomes, or None where this rule is not about it."""
        found = _compiled(self.pattern).fullmatch(name)
        if found is None:
            return None
        words = found.groupdict()
        return tuple(_PLACEHOLDER.sub(lambda part: words[part[1]], target) for target in self.targets)


def renamed(pattern: str, target: str, split: Split = whole) -> Rule:
    """The rule for tensors that get another name."""
    return Rule(pattern, (target,), split)


def ignored(pattern: str) -> Rule:
    """The rule for tensors that are known and not needed."""
    return Rule(pattern, ())


@dataclass(frozen=True)
class Mapped:
    """Tensors under our names, and the names of the file that no rule knew or that two rules gave to one target."""

    tensors: Mapping[str, Tensor]
    unknown: tuple[str, ...]
    doubled: tuple[str, ...]


def rename(rules: Sequence[Rule], source: Mapping[str, Tensor]) -> Mapped:
    """Every tensor through the first rule whose pattern its name fits."""
    tensors: dict[str, Tensor] = {}
    unknown: list[str] = []
    doubled: list[str] = []
    for name, tensor in source.items():
        found = next(((rule, targets) for rule in rules if (targets := rule.names(name)) is not None), None)
        if found is None:
            unknown.append(name)
            continue
        rule, targets = found
        if not targets:
            continue
        for target, part in zip(targets, rule.split(tensor), strict=True):
            if target in tensors:
                doubled.append(name)
            tensors[target] = part
    return Mapped(tensors, tuple(unknown), tuple(doubled))


def account(mapped: Mapped, expected: Shapes, *, source: str) -> dict[str, Tensor]:
    """The tensors of a map, once every key of the file and every tensor of the networks is accounted for.

    source: what the file is called in the error. Raises KeymapError with counts and an example of: unknown (in the
    file, no rule), unexpected (known, but the networks have no such tensor), missing (the networks have it, the file
    does not), of another shape, and given twice.
    """
    shapes = shapes_of(mapped.tensors)
    misshapen = [
        f"{name} of shape {shapes[name]}, expected {expected[name]}"
        for name in expected
        if name in shapes and shapes[name] != expected[name]
    ]
    faults = {
        "unknown": mapped.unknown,
        "unexpected": [name for name in shapes if name not in expected],
        "missing": [name for name in expected if name not in shapes],
        "of another shape": misshapen,
        "given twice": mapped.doubled,
    }
    if any(faults.values()):
        counts = ", ".join(
            f"{len(names)} {fault} (such as {names[0][:200]})" for fault, names in faults.items() if names
        )
        raise KeymapError(
            f"{source}: {len(expected)} tensors were expected, {len(mapped.tensors)} found; {counts}. The file is of "
            f"another model family, incomplete, or a new variant that needs rules of its own"
        )
    return dict(mapped.tensors)


def apply(
    rules: Sequence[Rule], source: Mapping[str, Tensor], expected: Shapes, *, name: str = "file"
) -> dict[str, Tensor]:
    """`rename`, then `account`: the tensors of a file under our names, every key accounted for."""
    return account(rename(rules, source), expected, source=name)


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names start with a prefix, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def behind(prefix: str, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The same rules for names that carry a prefix in the file."""
    return tuple(Rule(prefix + rule.pattern, rule.targets, rule.split) for rule in rules)


def into(prefix: str, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The same rules for tensors that get a prefix here."""
    return tuple(Rule(rule.pattern, tuple(prefix + target for target in rule.targets), rule.split) for rule in rules)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    for found in _PLACEHOLDER.finditer(pattern):
        parts.append(re.escape(pattern[at : found.start()]))
        parts.append(f"(?P<{found[1]}>{'.+' if found[2] else '[^.]+'})")
        at = found.end()
    parts.append(re.escape(pattern[at:]))
    return re.compile("".join(parts))
