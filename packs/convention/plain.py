"""What a pack says to the editor, as JSON: whatever is none becomes the nearest that is."""

import math
from collections.abc import Collection, Mapping
from typing import Final, cast

DEEPEST: Final = 50


def plain(value: object, depth: int = 0) -> object:
    """The value as JSON. Numbers of array libraries become numbers, sets and tuples lists, all else a text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if depth > DEEPEST:
        return None
    if isinstance(value, Mapping):
        pairs = cast(Mapping[object, object], value)
        return {str(key): plain(item, depth + 1) for key, item in pairs.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in cast(Collection[object], value)]
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return plain(item(), depth + 1)
    return str(value)
