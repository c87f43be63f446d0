"""Reading JSON of unknown shape: what has another shape than expected counts as empty."""

from collections.abc import Mapping, Sequence
from typing import cast


def object_of(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one."""
    return cast(Mapping[str, object], value) if isinstance(value, Mapping) else {}


def list_of(value: object) -> Sequence[object]:
    """The value if it is a list, else an empty one."""
    return cast(Sequence[object], value) if isinstance(value, list | tuple) else ()
