"""The one place where any exception of foreign code (a node, a codec, a fingerprint) is caught and kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from graph.errors import Interrupted

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that raised; the error keeps its traceback."""

    error: BaseException


def attempt(
    function: Callable[Parameters, Returned], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Returned | Failure:
    """The function's result, or the `Failure` it ended in. A stop request passes through."""
    try:
        return function(*args, **kwargs)
    except Interrupted:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a node may raise anything, and the run must say what
        return Failure(error)
