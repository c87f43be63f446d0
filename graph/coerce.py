"""Read a literal of a workflow as the type its input asks for; check and run share this one function."""

import math
from collections.abc import Callable, Mapping
from typing import Final, cast

from graph.errors import CoerceError
from graph.interface import Input


def coerce(input: Input, value: object) -> object:
    """The literal as the input's type: 5 for INT from "5" or 5.0, 2.0 for FLOAT from 2.

    Wire types without a widget take literals as they are. Raises CoerceError with the reason.
    """
    if value.__class__ is _EXACT.get(input.type):
        return value
    if value is None and input.nullable:
        return None
    if input.is_list and isinstance(value, list):
        return [_single(input, item) for item in cast(list[object], value)]
    return _single(input, value)


def _single(input: Input, value: object) -> object:
    convert = _CONVERT.get(input.type)
    if convert is None or (value is None and input.nullable):
        return value
    return convert(value)


def _integer(value: object) -> int:
    if not isinstance(value, int | float | str):
        raise CoerceError(f"expected a whole number, found {_kind(value)}")
    try:
        return int(value)
    except (ValueError, OverflowError) as error:
        raise CoerceError(str(error)) from None


def _number(value: object) -> float:
    if not isinstance(value, int | float | str):
        raise CoerceError(f"expected a number, found {_kind(value)}")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise CoerceError(str(error)) from None
    if not math.isfinite(number):
        raise CoerceError(f"expected a finite number, found {number}")
    return number


def _text(value: object) -> str:
    if value is None:
        raise CoerceError("expected text, found null")
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**4000:
        raise CoerceError("expected text, found a number of more than 4,000 digits")
    return str(value)


def _truth(value: object) -> bool:
    if isinstance(value, bool | int | float):
        return bool(value)
    if isinstance(value, str) and value.lower() in _TRUTHS:
        return _TRUTHS[value.lower()]
    raise CoerceError(f"expected true or false, found {_kind(value)}")


def _kind(value: object) -> str:
    """What a value is, in the words of a workflow file."""
    return "null" if value is None else _WORDS.get(type(value), type(value).__name__)


_EXACT: Final[Mapping[str, type]] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
_CONVERT: Final[Mapping[str, Callable[[object], object]]] = {
    "INT": _integer,
    "FLOAT": _number,
    "STRING": _text,
    "BOOLEAN": _truth,
}
_TRUTHS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_WORDS: Final[Mapping[type, str]] = {
    str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object",
}  # fmt: skip
