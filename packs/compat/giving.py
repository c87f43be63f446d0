"""Gives packs the modules they import: each is made when it is first asked for, once for an assembly."""

import importlib
import threading
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

from packs.compat.context import Context
from packs.compat.names import MODULES, SHADOWING, missing_module, missing_name

LATE: Final = "__getattr__"
"""The entry of a module's contents that finds further names when they are asked for."""


def given(context: Context) -> "Giver":
    """What packs are given, about this installation."""
    return Giver(context)


class GivenModule(ModuleType):
    """A module as packs see it; a name it does not have is told in one sentence."""

    def __init__(self, name: str, contents: Mapping[str, object], giver: "Giver", is_package: bool) -> None:
        super().__init__(name)
        self.__dict__.update({key: value for key, value in contents.items() if key != LATE})
        self.__dict__["_giver"] = giver
        self.__dict__["_late"] = contents.get(LATE)
        self.__package__ = name if is_package else name.rpartition(".")[0]
        if is_package:
            self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        """A module inside, or a name that is found late. Raises AttributeError."""
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        inner = f"{self.__name__}.{name}"
        if inner in MODULES:
            return self._giver.module(inner)
        if self._late is not None:
            found = self._late(name)
            if found is not None:
                return found
        raise AttributeError(self._giver.missing(self.__name__, name))


class Giver:
    """Implements `packs.importing.Given`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._made: dict[str, GivenModule] = {}
        self._contents: dict[str, Mapping[str, object]] = {}
        self._lock = threading.RLock()

    def module(self, name: str) -> ModuleType | None:
        """The module of this dotted name, None for one that is none of ours. Raises ImportError with a sentence."""
        made = self._made.get(name)
        if made is not None:
            return made
        if name not in MODULES:
            sentence = missing_module(name)
            if sentence:
                raise ImportError(sentence, name=name)
            return None
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]

    def missing(self, module: str, name: str) -> str:
        """The sentence for a name that a given module does not have."""
        return missing_name(module, name)

    def may_shadow(self, name: str) -> bool:
        """Whether only packs may see this name."""
        return name.partition(".")[0] in SHADOWING

    def _make(self, name: str) -> GivenModule:
        source = MODULES[name]
        if source and source not in self._contents:
            names: Callable[[Context], Mapping[str, object]] = importlib.import_module(source).names
            self._contents[source] = names(self.context)
        is_package = any(other.startswith(f"{name}.") for other in MODULES)
        return GivenModule(name, self._contents.get(source, {}), self, is_package)
