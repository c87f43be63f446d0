"""Which of a pack's requirements are not installed. Nothing is imported to find out, and nothing is ever installed."""

from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement


def missing(requirements: Iterable[str]) -> tuple[str, ...]:
    """The requirements that this environment does not meet, as they were written.

    One for another platform counts as met. What cannot be read as a requirement is left to the pack's import.
    """
    return tuple(each for each in requirements if not _is_met(each))


def _is_met(text: str) -> bool:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return True
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return True
    try:
        installed = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return False
    return requirement.specifier.contains(installed, prereleases=True)
