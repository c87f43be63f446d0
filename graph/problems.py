"""What is wrong with a workflow, as data, and the sentences for it."""

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

Severity = Literal["error", "warning"]
Code = Literal[
    "no_outputs",
    "unknown_target",
    "missing_class_type",
    "unknown_node",
    "unknown_input",
    "missing_input",
    "bad_link",
    "dangling_link",
    "slot_out_of_range",
    "wrong_link_type",
    "wrong_type",
    "too_small",
    "too_big",
    "not_in_choices",
    "custom_validation",
    "cycle",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    node, input: where; None where the workflow as a whole is meant. code: stable, for programs. message: what was
    expected and what was found. remedy: what to do. details: the values the message speaks of, by name.
    severity: a warning keeps nothing from running: the input is ignored, or no output needs the step.
    """

    node: str | None
    input: str | None
    code: Code
    message: str
    remedy: str
    severity: Severity = "error"
    details: Mapping[str, object] = field(default_factory=dict[str, object])


def problem_to_json(problem: Problem) -> dict[str, object]:
    """A problem as JSON; `problem_from_json` reads it back."""
    return {
        "severity": problem.severity,
        "node": problem.node,
        "input": problem.input,
        "code": problem.code,
        "message": problem.message,
        "remedy": problem.remedy,
        "details": {name: _plain(value) for name, value in problem.details.items()},
    }


def problem_from_json(told: Mapping[str, Any]) -> Problem:
    """A problem out of its JSON."""
    return Problem(**told)


def _plain(value: object) -> object:
    """A detail as JSON: lists of names of any kind become plain lists."""
    if isinstance(value, str | int | float | bool | None | dict):
        return cast(object, value)
    return list(cast(Iterable[object], value)) if isinstance(value, Iterable) else str(value)


class _Short(reprlib.Repr):
    """Values of any size as a few words."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 80
        self.maxlong = 40
        self.maxlist = self.maxdict = self.maxtuple = 4
        self.maxlevel = 2


_SHORT: Final = _Short()


def shown(value: object) -> str:
    """A value in at most about a hundred characters."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**40:
        return "a whole number of more than 40 digits"
    return _SHORT.repr(value)


def suggestion(nearest: tuple[str, ...]) -> str:
    """The sentence that offers names which look alike, or none."""
    return f" Did you mean {' or '.join(map(repr, nearest))}?" if nearest else ""


def ring(path: tuple[str, ...]) -> str:
    """A ring of steps in words, the middle of a long one left out."""
    if len(path) > 12:
        return " → ".join([*path[:6], f"… {len(path) - 11} more …", *path[-5:]])
    return " → ".join(path)
