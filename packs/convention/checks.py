"""The judgements a class makes of its own: whether it changed, whether its inputs will do, which lazy ones it needs."""

import asyncio
import inspect
import math
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from graph.attempt import Failure, attempt
from packs.convention.plain import plain

INPUT_TYPES: Final = "input_types"
NEVER_THE_SAME: Final = math.nan

Function = Callable[..., object]


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


def fingerprint_of(changed: Function) -> Callable[[Mapping[str, object], Mapping[type, object]], object]:
    """IS_CHANGED as the engine asks it: constants by name, None for links. An error counts as a change."""
    parameters = parameters_of(changed)

    def fingerprint(literals: Mapping[str, object], services: Mapping[type, object]) -> object:
        answer = attempt(_answer, changed, parameters.of(literals))
        if isinstance(answer, Failure):
            return NEVER_THE_SAME
        if isinstance(answer, float) and math.isnan(answer):
            return NEVER_THE_SAME
        return {"is": plain(answer)}

    return fingerprint


def validation_of(
    validate: Function, hidden: Iterable[str]
) -> Callable[[Mapping[str, object], Mapping[str, str]], Iterator[tuple[str | None, str]]]:
    """VALIDATE_INPUTS as the engine asks it: the constants it names, or all; the types of links where it asks."""
    parameters = parameters_of(validate)
    absent = dict.fromkeys(hidden)

    def judge(literals: Mapping[str, object], linked: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
        given: dict[str, object] = {**absent, **literals}
        if INPUT_TYPES in parameters.names:
            given[INPUT_TYPES] = dict(linked)
        elif parameters.takes_any:
            given = dict(literals)
        answer = attempt(_answer, validate, parameters.of(given))
        if isinstance(answer, Failure):
            if parameters.needed - given.keys():
                return  # it asks for a value that a link gives, which nobody knows yet
            yield None, f"its VALIDATE_INPUTS failed: {type(answer.error).__name__}: {answer.error}"
        elif answer is not True:
            yield None, answer if isinstance(answer, str) and answer else "it refuses these values and does not say why"

    return judge


def judged_inputs(validate: Function | None) -> tuple[frozenset[str], bool]:
    """The inputs whose values VALIDATE_INPUTS judges itself, and whether it judges the types of links."""
    if validate is None:
        return frozenset(), False
    parameters = parameters_of(validate)
    return parameters.names - {INPUT_TYPES}, INPUT_TYPES in parameters.names


def _answer(function: Function, given: Mapping[str, object]) -> object:
    answer = function(**given)
    return asyncio.run(cast(Coroutine[Any, Any, object], answer)) if inspect.iscoroutine(answer) else answer
