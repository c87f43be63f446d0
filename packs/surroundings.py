"""What an import may change around it: looked at before and after, told, and put back where that harms nobody."""

import builtins
import locale
import os
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_TORCH: Final = ("torch", "torch.nn.functional", "torch.nn.init", "torch.Tensor", "torch.nn.Module")
"""Where packs put functions of their own over the model library's."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """How things were."""

    folder: Path
    path: tuple[str, ...]
    variables: Mapping[str, str]
    locale: str
    filters: tuple[Any, ...]
    handlers: Mapping[int, object]
    builtins: Mapping[str, object]
    torch: Mapping[str, Mapping[str, object]]
    precision: object
    timeout: float | None


def look() -> Surroundings:
    """How things are now. The model library is looked at where it is loaded already."""
    torch = sys.modules.get("torch")
    return Surroundings(
        folder=Path.cwd(),
        path=tuple(sys.path),
        variables=dict(os.environ),
        locale=locale.setlocale(locale.LC_ALL),
        filters=tuple(warnings.filters),
        handlers=_handlers(),
        builtins=dict(vars(builtins)),
        torch={name: dict(vars(place)) for name, place in _places()},
        precision=None if torch is None else torch.get_default_dtype(),
        timeout=socket.getdefaulttimeout(),
    )


def restore(before: Surroundings) -> tuple[str, ...]:
    """Put back what was changed, and say what: a short text for each. Entries of sys.path stay, their order too.

    Environment variables that are new stay as well: the libraries that a pack loads read them.
    """
    return tuple(_restored(before))


def _restored(before: Surroundings) -> Iterator[str]:
    replaced = _put_back(builtins, before.builtins)  # first: what follows is written with them
    if replaced:
        yield f"replaced builtins ({', '.join(replaced)})"
    if list(before.path) != sys.path:
        added = [entry for entry in sys.path if entry not in before.path]
        gone = [entry for entry in before.path if entry not in sys.path]
        sys.path.extend(gone)
        if gone or added:
            yield f"changed sys.path ({len(added)} added, {len(gone)} removed)"
    if Path.cwd() != before.folder:
        os.chdir(before.folder)
        yield "changed the working folder"
    changed = sorted(name for name, value in before.variables.items() if os.environ.get(name) != value)
    if changed:
        os.environ.update({name: before.variables[name] for name in changed})
        yield f"changed environment variables ({', '.join(changed)})"
    if locale.setlocale(locale.LC_ALL) != before.locale:
        locale.setlocale(locale.LC_ALL, before.locale)
        yield "changed the locale"
    if tuple(warnings.filters) != before.filters:
        warnings.filters[:] = before.filters  # type: ignore[index]
    if socket.getdefaulttimeout() != before.timeout:
        socket.setdefaulttimeout(before.timeout)
        yield "changed the time-out of all sockets"
    for number, handler in _handlers().items():
        if handler is not before.handlers[number] and threading.current_thread() is threading.main_thread():
            signal.signal(number, before.handlers[number])  # type: ignore[arg-type]
            yield f"changed the handler of signal {number}"
    yield from _restored_torch(before)


def _restored_torch(before: Surroundings) -> Iterator[str]:
    torch = sys.modules.get("torch")
    if torch is None or before.precision is None:
        return
    if torch.get_default_dtype() != before.precision:
        torch.set_default_dtype(before.precision)
        yield "changed torch's default precision"
    for name, place in _places():
        replaced = _put_back(place, before.torch.get(name, {}))
        if replaced:
            yield f"replaced functions of {name} ({', '.join(replaced)})"


def _put_back(place: ModuleType | type, before: Mapping[str, object]) -> list[str]:
    """Give names their former values where they have others now; names that are new stay."""
    now = vars(place)
    replaced = [name for name, value in before.items() if name in now and now[name] is not value and callable(value)]
    for name in replaced:
        setattr(place, name, before[name])
    return replaced


def _places() -> Iterator[tuple[str, ModuleType | type]]:
    torch = sys.modules.get("torch")
    if torch is None:
        return
    for name in _TORCH:
        place: Any = torch
        for part in name.split(".")[1:]:
            place = getattr(place, part, None)
        if isinstance(place, ModuleType | type):
            yield name, place


def _handlers() -> Mapping[int, object]:
    return {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
