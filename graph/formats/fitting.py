"""The nearest value that a widget takes, as an editor makes it of what a primitive node holds; and numbers as text."""

import json
import math
import re
from decimal import Decimal
from typing import Final, cast

from graph.formats.kinds import CONTROLS, Widget
from graph.formats.loose import list_of, object_of

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,1000}")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
_EXACT: Final = 2**53


def fitted(widget: Widget, value: object) -> object:
    """Whole numbers at `minimum + n·step`, others half up at their decimals, both within bounds; for what is no number
    the default. Choices stay as they are, also those that are not in the list."""
    match widget.kind:
        case "integer":
            return _integer(widget, value)
        case "float":
            return _float(widget, value)
        case "text":
            return as_text(value) if isinstance(value, bool | int | float) else value
        case "boolean":
            return _boolean(widget, value)
        case "control":
            return value if value in CONTROLS else widget.default
        case _:
            return value


def as_text(value: object) -> str:
    """A value as an editor writes it into a text: 8 for 8.0, nothing for null, objects as compact JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json_text(value)


def json_text(value: object) -> str:
    """Compact JSON with numbers as an editor writes them: the shortest digits, 8 for 8.0."""
    if isinstance(value, bool) or not isinstance(value, float):
        if isinstance(value, list):
            return f"[{','.join(map(json_text, list_of(cast(object, value))))}]"
        if isinstance(value, dict):
            pairs = (
                f"{json.dumps(key, ensure_ascii=False)}:{json_text(each)}"
                for key, each in object_of(cast(object, value)).items()
            )
            return f"{{{','.join(pairs)}}}"
        return json.dumps(value, ensure_ascii=False)
    if value - value != 0:
        return "null"
    if not value:
        return "0"
    if 1e-7 < abs(value) < 1e21:
        text = format(Decimal(repr(value)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits, _, exponent = repr(value).partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent):+d}"


def _integer(widget: Widget, value: object) -> object:
    typed = _whole(value)
    if typed is None:
        return widget.default
    least, most = _whole(widget.minimum), _whole(widget.maximum)
    step = _whole(widget.step) or 1
    base = least or 0
    stepped = base + (2 * (typed - base) + step) // (2 * step) * step if step > 1 else typed
    if least is not None and stepped < least:
        return least
    return most if most is not None and stepped > most else stepped


def _whole(value: object) -> int | None:
    """The nearest whole number, halves upwards; None for what is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return math.floor(value + 0.5) if value - value == 0 else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    return _whole(float(text)) if _NUMBER.fullmatch(text) else None


def _float(widget: Widget, value: object) -> object:
    typed = _double(value)
    if typed is None:
        return widget.default
    rounded = _rounded(typed, widget.decimals)
    if widget.minimum is not None and rounded < widget.minimum:
        return float(widget.minimum)
    return float(widget.maximum) if widget.maximum is not None and rounded > widget.maximum else rounded


def _double(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        value = float(text) if _NUMBER.fullmatch(text) else None
    if not isinstance(value, int | float):
        return None
    try:
        double = float(value)
    except OverflowError:
        return None
    return double if double - double == 0 else None


def _rounded(value: float, decimals: int) -> float:
    """Halves upwards; a value that is one ten-billionth short of a half counts as a half."""
    scale = 10**decimals
    scaled = value * scale
    if scaled - scaled != 0 or abs(scaled) >= _EXACT:
        return value
    return math.floor(scaled + 0.5 + 1e-10 * max(1.0, abs(scaled))) / scale


def _boolean(widget: Widget, value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    return value != 0 if isinstance(value, int | float) else widget.default
