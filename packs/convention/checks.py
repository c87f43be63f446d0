"""The judgements a class makes of its own: whether it changed, whether its inputs will do."""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Final, cast

from graph.attempt import Failure, attempt
from packs.convention.inputs import Judgement
from packs.convention.types import fits
from packs.convention.waiting import waited

INPUT_TYPES: Final = "input_types"
NEVER_THE_SAME: Final = math.nan
DEEPEST: Final = 50

Function = Callable[..., object]
Validate = Callable[[Mapping[str, object], Mapping[str, str]], Iterator[tuple[str | None, str]]]


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a function can be called with. names: of its parameters; needed: those without a default."""

    names: frozenset[str]
    needed: frozenset[str]
    takes_any: bool

    def of(self, given: Mapping[str, object]) -> dict[str, object]:
        """The part of the given arguments that fits, None standing for what is needed and not there."""
        fitting = dict(given) if self.takes_any else {name: given[name] for name in given if name in self.names}
        return dict.fromkeys(self.needed - fitting.keys()) | fitting


def parameters_of(function: Function) -> Parameters:
    """The parameters of a function; of one that cannot be read, any."""
    read = attempt(inspect.signature, function)
    if isinstance(read, Failure):
        return Parameters(frozenset(), frozenset(), True)
    kinds = inspect.Parameter
    by_name = (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)
    named = [each for each in read.parameters.values() if each.kind in by_name]
    return Parameters(
        frozenset(each.name for each in named),
        frozenset(each.name for each in named if each.default is kinds.empty),
        any(each.kind is kinds.VAR_KEYWORD for each in read.parameters.values()),
    )


def fingerprint_of(
    changed: Function, all_lists: bool = False
) -> Callable[[Mapping[str, object], Mapping[type, object]], object]:
    """IS_CHANGED as the engine asks it: constants by name, None for links. An error counts as a change.

    all_lists: the class takes every input as a list.
    """
    parameters = parameters_of(changed)

    def fingerprint(literals: Mapping[str, object], services: Mapping[type, object]) -> object:
        given = {name: [value] for name, value in literals.items()} if all_lists else literals
        answer = attempt(_answer, changed, parameters.of(given))
        if isinstance(answer, Failure):
            return NEVER_THE_SAME
        known = attempt(_comparable, answer)
        return NEVER_THE_SAME if isinstance(known, Failure) else {"is": known}

    return fingerprint


def _comparable(value: object, depth: int = 0) -> object:
    """An answer as JSON that is equal where the answers are. Raises ValueError for one that never equals another."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | str):
        return int(value) if isinstance(value, int) else str.__str__(value)
    if isinstance(value, float):
        if math.isnan(value):
            raise ValueError("NaN equals nothing")
        return float(value) if math.isfinite(value) else repr(float(value))
    if isinstance(value, bytes | bytearray):
        return {"bytes": value.hex()}
    if depth > DEEPEST:
        raise ValueError("too deep to be compared")
    if isinstance(value, Mapping):
        pairs = cast(Mapping[object, object], value)
        return {f"{type(key).__name__} {key}": _comparable(item, depth + 1) for key, item in pairs.items()}
    if isinstance(value, Set):
        return {"set": sorted(repr(_comparable(item, depth + 1)) for item in cast(Set[object], value))}
    if isinstance(value, Sequence):
        return [_comparable(item, depth + 1) for item in cast(Sequence[object], value)]
    if isinstance(value, PurePath | date):
        return {type(value).__name__: str(value)}
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return _comparable(item(), depth + 1)
    raise ValueError(f"{type(value).__name__} cannot be compared with what it was")


def judgement_of(validate: Function | None) -> Judgement:
    """What VALIDATE_INPUTS takes over: the inputs it names, or all; links where it asks for their types."""
    if validate is None:
        return Judgement()
    parameters = parameters_of(validate)
    return Judgement(parameters.names - {INPUT_TYPES}, parameters.takes_any, INPUT_TYPES in parameters.names)


def validation_of(
    validate: Function | None, hidden: Iterable[str], own_types: Mapping[str, str], all_lists: bool = False
) -> Validate | None:
    """VALIDATE_INPUTS as the engine asks it, and what types that compare themselves say of links; None for neither."""
    if validate is None and not own_types:
        return None
    custom = None if validate is None else _custom(validate, hidden, all_lists)

    def judge(literals: Mapping[str, object], linked: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
        for name, received in linked.items():
            if name in own_types and not fits(received, own_types[name]):
                yield name, f"expected {str.__str__(own_types[name])}, found {received}"
        if custom is not None:
            yield from custom(literals, linked)

    return judge


def _custom(validate: Function, hidden: Iterable[str], all_lists: bool) -> Validate:
    """The class's own judgement: of the constants it names, or all; of the types of links where it asks for them."""
    parameters = parameters_of(validate)
    absent = {name: None for name in hidden if name in parameters.names}

    def judge(literals: Mapping[str, object], linked: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
        given: dict[str, object] = {**absent, **literals}
        if INPUT_TYPES in parameters.names:
            given[INPUT_TYPES] = dict(linked)
        if all_lists:
            given = {name: [value] for name, value in given.items()}
        answer = attempt(_answer, validate, parameters.of(given))
        if isinstance(answer, Failure):
            if parameters.needed - given.keys():
                return  # it asks for a value that a link gives, which nobody knows yet
            yield None, f"its own validation failed: {type(answer.error).__name__}: {answer.error}"
        elif answer is not True:
            yield None, answer if isinstance(answer, str) and answer else "it refuses these values and does not say why"

    return judge


def _answer(function: Function, given: Mapping[str, object]) -> object:
    return waited(function(**given))
