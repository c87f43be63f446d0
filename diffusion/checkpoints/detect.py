"""Which model family a file is of: each family declares the signs it is known by, and how it is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.placement import Placement
from diffusion.checkpoints.read import TensorFile

FAMILY_KEY = "nodeloom.family"

Source = TypeVar("Source", bound=TensorFile, contravariant=True)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Sign(Generic[Source]):
    """One thing that must hold for a file to be of a family; `absence` where it is that something is not there."""

    what: str
    holds: Callable[[Source], bool]
    absence: bool = False


@dataclass(frozen=True)
class Family(Generic[Source, Result]):
    """A kind of file: its name, its signs (all must hold), and the function that makes networks of it."""

    name: str
    signs: tuple[Sign[Source], ...]
    load: Callable[[Source, Placement], Result]


def detect(file: Source, families: Sequence[Family[Source, Result]]) -> Family[Source, Result]:
    """The first family all of whose signs hold. A file that names its family in its metadata is of no other.

    Raises CheckpointError that says what was recognised and what was missing.
    """
    named = file.metadata.get(FAMILY_KEY)
    candidates = [family for family in families if named in (None, family.name)]
    if not candidates:
        names = ", ".join(family.name for family in families)
        raise CheckpointError(
            f"{file.path.name} says it is of the family {str(named)[:80]!r} ({FAMILY_KEY}), known here are: {names}. "
            f"Update the program, or correct the file's metadata"
        )
    for family in candidates:
        if all(sign.holds(file) for sign in family.signs):
            return family
    raise CheckpointError(_unknown(file, candidates))


def has(what: str, name: str) -> Sign[TensorFile]:
    """The sign that a tensor of this name is there."""
    return Sign(f"{what} ({name})", lambda file: name in file.tensors)


def has_none(what: str, prefix: str) -> Sign[TensorFile]:
    """The sign that no tensor's name starts so."""
    return Sign(
        f"the absence of {what} (names that start with {prefix})",
        lambda file: not any(name.startswith(prefix) for name in file.tensors),
        absence=True,
    )


def _unknown(file: Source, families: Sequence[Family[Source, Result]]) -> str:
    nearest = max(families, key=lambda family: sum(sign.holds(file) for sign in family.signs) / len(family.signs))
    recognised = [sign.what for sign in nearest.signs if not sign.absence and sign.holds(file)]
    missing = [sign.what for sign in nearest.signs if not sign.holds(file)]
    example = min(file.tensors, default="none")
    known = ", ".join(family.name for family in families)
    return (
        f"{file.path.name} is of no family known here ({known}). Nearest is {nearest.name}: "
        f"recognised: {'; '.join(recognised) or 'nothing'}. Missing: {'; '.join(missing)}. "
        f"It has {len(file.tensors)} tensors, such as {example[:200]}. "
        f"Choose a file of a known family, or the loader for the kind of file this is"
    )
