"""Turn the graph a node returned into steps of the run, under ids that no other step has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from graph.errors import NodeError
from graph.keys import digest
from graph.results import Expand
from graph.steps import Link, Step, read_value

DISPLAY: Final = "override_display_id"
"""The field of a step in an expansion that names the drawn step it is shown at."""

_LONGEST_PREFIX: Final = 60
_LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Expansion:
    """The steps of an expansion by their new ids, and its result with every link pointing to them.

    displays: the drawn steps that some of them are to be shown at, instead of the one that the expanding step is.
    """

    steps: Mapping[str, Step]
    result: tuple[object, ...]
    displays: Mapping[str, str]


def expansion_prefix(step_id: str, display: str, index: int) -> str:
    """What the ids of an expansion begin with: the expanding step and the number of the call.

    The same in every run. Deep inside nested expansions, where it would grow without end, the drawn step and a hash.
    """
    prefix = f"{step_id}.{index}."
    return prefix if len(prefix) <= _LONGEST_PREFIX else f"{display}.~{digest(step_id)[:16]}.{index}."


def _short(name: str) -> str:
    """A name as it stands behind the prefix: a hash of one that a loop, naming copies after copies, made long."""
    return name if len(name) <= _LONGEST_NAME else f"~{digest(name)[:16]}"


def expansion(expand: Expand, prefix: str, exists: Callable[[str], bool]) -> Expansion:
    """Read what a node returned. Links lead to steps of the expansion first, then to those that `exists` knows.

    Raises NodeError for what is no graph.
    """
    renamed = {name: name if name.startswith(prefix) else prefix + _short(name) for name in expand.steps}
    steps: dict[str, Step] = {}
    displays: dict[str, str] = {}
    for name, body in expand.steps.items():
        step_id = renamed[name]
        steps[step_id] = _step(step_id, body, renamed)
        display = body.get(DISPLAY)
        if isinstance(display, str) and exists(display):
            displays[step_id] = display
    result = tuple(_result(value, renamed, lambda other: other in steps or exists(other)) for value in expand.result)
    return Expansion(steps, result, displays)


def _step(step_id: str, body: object, renamed: Mapping[str, str]) -> Step:
    if not isinstance(body, Mapping):
        raise NodeError(f"step {step_id} of an expansion is an object with class_type and inputs, found {body!r:.80}")
    fields = cast(Mapping[str, object], body)
    class_type, inputs = fields.get("class_type"), fields.get("inputs", {})
    if not isinstance(class_type, str) or not isinstance(inputs, Mapping):
        raise NodeError(f"step {step_id} of an expansion has no class_type or its inputs are no object")
    named = cast(Mapping[str, object], inputs)
    return Step(step_id, class_type, {name: _input(value, renamed) for name, value in named.items()})


def _input(value: object, renamed: Mapping[str, str]) -> object:
    value = read_value(value)
    return Link(renamed.get(value.node, value.node), value.slot) if isinstance(value, Link) else value


def _result(value: object, renamed: Mapping[str, str], exists: Callable[[str], bool]) -> object:
    """A `Link` is one; a pair is one if it names a step, else it is a value that happens to be a pair."""
    link = read_value(value) if value.__class__ is list else value
    if not isinstance(link, Link):
        return value
    target = renamed.get(link.node, link.node)
    if exists(target):
        return Link(target, link.slot)
    if isinstance(value, Link):
        raise NodeError(f"the result of an expansion is linked to step {link.node}, which does not exist")
    return value
