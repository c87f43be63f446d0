"""The choices of inputs, live: a class is asked for them anew from time to time, so that new files are among them."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, cast

from graph.attempt import Failure, attempt
from graph.errors import SpecError
from packs.convention.plain import plain

FRESH_SECONDS: Final = 1.0
"""How long an answer is taken as it was: long enough to judge one workflow, short enough for a new file."""

Types = Mapping[str, Mapping[str, object]]


class Asked:
    """What INPUT_TYPES says now, asked once in a while for all inputs of a class together."""

    def __init__(self, ask: Callable[[], Types]) -> None:
        self._ask = ask
        self._known: Types = ask()
        self._until = time.monotonic() + FRESH_SECONDS

    def now(self) -> Types:
        """The latest answer; where the class cannot answer any more, what it said before."""
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + FRESH_SECONDS
            answer = attempt(self._ask)
            if not isinstance(answer, Failure) and isinstance(cast(object, answer), Mapping):
                self._known = answer
        return self._known


class LiveChoices(Collection[object]):
    """The choices of one input as its class tells them now."""

    def __init__(self, asked: Asked, section: str, name: str, first: Collection[object]) -> None:
        self._asked = asked
        self._section = section
        self._name = name
        self._source: object = asked.now()
        self._known = first

    def __iter__(self) -> Iterator[object]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __contains__(self, value: object) -> bool:
        return value in self._now()

    def _now(self) -> Collection[object]:
        types = self._asked.now()
        if types is not self._source:
            self._source = types
            found = attempt(self._read, types)
            if not isinstance(found, Failure):
                self._known = found
        return self._known

    def _read(self, types: Types) -> Collection[object]:
        kind, options = pair(self._name, types[self._section][self._name])
        return choices(kind, options) or ()


def pair(name: str, said: object) -> tuple[object, Mapping[str, object]]:
    """A declaration as type and options. Raises SpecError for what is no declaration."""
    if isinstance(said, tuple | list) and said:
        parts = list(cast(Sequence[object], said))
        options = parts[1] if len(parts) > 1 else {}
        if not isinstance(options, Mapping):
            return parts[0], {}
        return parts[0], {str(key): value for key, value in cast(Mapping[object, object], options).items()}
    if isinstance(said, str):
        return said, {}
    raise SpecError(f"input {name} is a pair of a type and options, such as ('INT', {{}}), found {said!r:.80}")


def choices(kind: object, options: Mapping[str, object]) -> Collection[object] | None:
    """The choices of an input as JSON, None where it has none."""
    if isinstance(kind, str):
        listed = options.get("options")
        if str.__str__(kind) != "COMBO" or isinstance(listed, str) or not isinstance(listed, Collection):
            return None
        return [plain(each) for each in cast(Collection[object], listed)]
    if isinstance(kind, Collection):
        return [plain(each) for each in cast(Collection[object], kind)]
    return None
