"""Prefixes of files to be saved, judged before a run spends minutes on what it could not write."""

from collections.abc import Iterator, Mapping

from storage import NameRefused
from storage.saving import judge_prefix

PREFIX = "filename_prefix"


def sound_prefix(literals: Mapping[str, object], linked: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the literal prefix of a node that saves; a linked one is judged when it is known."""
    prefix = literals.get(PREFIX)
    if not isinstance(prefix, str):
        return
    try:
        judge_prefix(prefix)
    except NameRefused as refused:
        yield PREFIX, str(refused)
