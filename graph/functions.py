"""Published workflows as functions: inputs and outputs with names, a type for each, and values bound to the steps.

What an input takes is not said again: it is what the node behind it takes. A problem is told by the name that the
function gives to its input, never by the step that happens to hold it.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from graph.describe import Catalogues, choices_of
from graph.errors import WorkflowError
from graph.interface import ABSENT, ANY, Input
from graph.problems import Code, Problem, shown, suggestion
from graph.reach import node_of
from graph.registry import Nearest, Registry
from graph.steps import Link, Step, Workflow, Wrapped, from_api, literal, to_api

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
"""What an input or output may be called."""
MOST_NAMES: Final = 200
LONGEST_DESCRIPTION: Final = 2000
RANDOM: Final = "random"
"""The word that asks a seed for any number."""
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SECONDS_FOR_NAMES: Final = 0.2


@dataclass(frozen=True, slots=True)
class FunctionInput:
    """An input: `input` of the step `node`. default: its value where none is given; ABSENT keeps what the step says."""

    node: str
    input: str
    description: str = ""
    default: object = ABSENT


@dataclass(frozen=True, slots=True)
class FunctionOutput:
    """An output: what the step `node` saves or shows."""

    node: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A workflow with the inputs a caller may set and the outputs it is run for, by their names."""

    workflow: Workflow
    inputs: Mapping[str, FunctionInput] = field(default_factory=dict[str, FunctionInput])
    outputs: Mapping[str, FunctionOutput] = field(default_factory=dict[str, FunctionOutput])
    description: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """The steps it is run for."""
        return tuple(dict.fromkeys(output.node for output in self.outputs.values()))


# As JSON


def read_function(data: object) -> Function:
    """Read `{"workflow", "description"?, "inputs"?, "outputs"}`. Raises WorkflowError for what has not this shape."""
    known = _fields(data, {"workflow", "description", "inputs", "outputs"}, "")
    inputs = {
        name: FunctionInput(
            _text(told, "node", f"inputs.{name}"),
            _text(told, "input", f"inputs.{name}"),
            _description(told, f"inputs.{name}"),
            told.get("default", ABSENT),
        )
        for name, told in _named(known.get("inputs", {}), "inputs", {"node", "input", "description", "default"})
    }
    outputs = {
        name: FunctionOutput(_text(told, "node", f"outputs.{name}"), _description(told, f"outputs.{name}"))
        for name, told in _named(known.get("outputs", {}), "outputs", {"node", "description"})
    }
    places: dict[tuple[str, str], str] = {}
    for name, each in inputs.items():
        other = places.setdefault((each.node, each.input), name)
        if other != name:
            message = f"{other} and {name} both set {shown(each.input)} of step {shown(each.node)}; keep one of them"
            raise WorkflowError(message, where=f"inputs.{name}")
    return Function(from_api(known.get("workflow")), inputs, outputs, _description(known, ""))


def to_json(function: Function) -> dict[str, object]:
    """A function as JSON; `read_function` reads it back."""
    inputs = {
        name: {"node": each.node, "input": each.input, "description": each.description}
        | ({} if each.default is ABSENT else {"default": each.default})
        for name, each in function.inputs.items()
    }
    outputs = {name: {"node": each.node, "description": each.description} for name, each in function.outputs.items()}
    return {
        "description": function.description,
        "workflow": to_api(function.workflow),
        "inputs": inputs,
        "outputs": outputs,
    }


# What is wrong


def problems_of(function: Function, registry: Registry) -> tuple[Problem, ...]:
    """What is wrong with the names of a function and with its defaults; the workflow itself is for `check`."""
    found: list[Problem] = []
    nearest = Nearest(_SECONDS_FOR_NAMES)
    for name, each in function.inputs.items():
        step = function.workflow.steps.get(each.node)
        if step is None:
            message = f"stands for step {shown(each.node)}, which does not exist"
            near = nearest.names(each.node, function.workflow.steps.keys())
            found.append(_problem(name, "unknown_input", message, "Name a step of the workflow." + suggestion(near)))
            continue
        node = node_of(step, registry)
        declared = declaration(function, name, registry)
        if node is not None and declared is None:
            message = f"stands for {shown(each.input)}, which {node.id} does not have"
            near = nearest.names(each.input, node.by_name.keys())
            found.append(_problem(name, "unknown_input", message, "Name an input of the node." + suggestion(near)))
        elif declared is not None and not _takes_literals(declared):
            message = f"stands for {each.input}, which takes a link to {declared.type} and no value"
            found.append(_problem(name, "wrong_type", message, "Name an input that has a value of its own."))
        elif declared is not None and each.default is not ABSENT and not _takes(declared, each.default):
            found.append(_wrong_type(name, declared, each.default))
    return (*found, *_problems_of_outputs(function, registry))


def bind(
    function: Function,
    values: Mapping[str, object],
    registry: Registry,
    draw: Callable[[int], int] = secrets.randbelow,
) -> tuple[Workflow, tuple[Problem, ...]]:
    """The workflow with these values, and what is wrong with their names, their types and what is missing.

    An input without a value has its default, else what its step says. A seed given as "random" is `draw(n)` above its
    least value, n being how many values there are. What has the wrong type is not put in. Bounds and choices are for
    `check`, whose answer `with_names` tells by the function's names.
    """
    nearest = Nearest(_SECONDS_FOR_NAMES)
    found: list[Problem] = []
    for name in values.keys() - function.inputs.keys():
        near = nearest.names(name, function.inputs.keys())
        known = ", ".join(function.inputs) or "none"
        message = f"is none of this function's: {known}"
        found.append(_problem(name, "unknown_input", message, "Leave it out or correct the name." + suggestion(near)))
    changed: dict[str, dict[str, object]] = {}
    for name, each in function.inputs.items():
        step = function.workflow.steps.get(each.node)
        declared = declaration(function, name, registry)
        if step is None or declared is None:
            if step is None or node_of(step, registry) is not None:
                message = "stands for something that the nodes of its workflow no longer have"
                found.append(_problem(name, "unknown_input", message, "Publish the workflow anew."))
            continue
        value = values.get(name, each.default)
        if value is ABSENT:
            if declared.section == "required" and each.input not in step.inputs:
                message = f"is missing; it takes {_kind(declared)}"
                found.append(_problem(name, "missing_input", message, "Give it a value."))
        elif declared.seed and value == RANDOM:
            changed.setdefault(step.id, {})[each.input] = _drawn(declared, draw)
        elif _takes(declared, value):
            changed.setdefault(step.id, {})[each.input] = _as_literal(declared, value)
        else:
            found.append(_wrong_type(name, declared, value))
    steps = dict(function.workflow.steps)
    for step_id, inputs in changed.items():
        step = steps[step_id]
        steps[step_id] = Step(step.id, step.class_type, {**step.inputs, **inputs}, step.extra)
    return Workflow(steps, function.workflow.wrapper), tuple(found)


def with_names(function: Function, bound: Sequence[Problem], checked: Iterable[Problem]) -> tuple[Problem, ...]:
    """What `bind` and `check` found together: what stands at an input of the function is told by its name, once."""
    names = {(each.node, each.input): name for name, each in function.inputs.items()}
    told = {problem.input for problem in bound}
    found = list(bound)
    for problem in checked:
        name = names.get((problem.node or "", problem.input or ""))
        if name is None:
            found.append(problem)
        elif name not in told:
            message = f"input {name!r}: {problem.message}"
            details = {**problem.details, "node": problem.node, "node_input": problem.input}
            found.append(Problem(None, name, problem.code, message, problem.remedy, problem.severity, details))
    return tuple(found)


def declaration(function: Function, name: str, registry: Registry) -> Input | None:
    """What the node behind an input says of it; None where there is no such node or input."""
    each = function.inputs[name]
    step = function.workflow.steps.get(each.node)
    node = None if step is None else node_of(step, registry)
    return None if node is None else node.input(each.input, False)


# As JSON Schema


def schema(function: Function, registry: Registry, catalogues: Catalogues) -> dict[str, object]:
    """The inputs as JSON Schema (2020-12): types, bounds, defaults, and the choices there are now."""
    properties: dict[str, object] = {}
    required: list[str] = []
    for name, each in function.inputs.items():
        declared = declaration(function, name, registry)
        if declared is None:
            properties[name] = {"description": each.description}
            continue
        told = _schema_of(declared, catalogues)
        description = each.description or declared.tooltip
        if description:
            told["description"] = description
        step = function.workflow.steps[each.node]
        usual = each.default if each.default is not ABSENT else literal(step.inputs.get(each.input, ABSENT))
        if usual is ABSENT and declared.section == "required":
            required.append(name)
        elif usual is not ABSENT and not isinstance(usual, Link):
            told["default"] = usual
        properties[name] = told
    return {
        "$schema": DIALECT,
        "type": "object",
        "description": function.description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _schema_of(declared: Input, catalogues: Catalogues) -> dict[str, object]:
    one: dict[str, object]
    if declared.type == "COMBO":
        choices = choices_of(declared, catalogues)
        # Some catalogues accept more than they list, such as pictures of another folder.
        closed = isinstance(choices, list | tuple)
        one = {"enum": list(choices)} if closed else {"type": "string", "examples": list(choices)}
    else:
        one = dict(_SCHEMAS.get(declared.type, {}))
        if declared.type in ("INT", "FLOAT"):
            one |= {"minimum": declared.minimum} if declared.minimum is not None else {}
            one |= {"maximum": declared.maximum} if declared.maximum is not None else {}
    others: list[dict[str, object]] = []
    if declared.seed:
        others.append({"const": RANDOM})
    if declared.is_list or declared.multiselect:
        others.append({"type": "array", "items": one})
    if declared.nullable:
        others.append({"type": "null"})
    return {"anyOf": [one, *others]} if others else one


# Values


def _takes(declared: Input, value: object) -> bool:
    """Whether a value is of the input's type as its schema says it: stricter than what a workflow file may write."""
    if value is None:
        return declared.nullable
    if declared.seed and value == RANDOM:
        return True
    if isinstance(value, list) and (declared.is_list or declared.multiselect):
        return all(_is_one(declared, item) for item in cast(list[object], value))
    return _is_one(declared, cast(object, value))


def _is_one(declared: Input, value: object) -> bool:
    if value is None:
        return declared.nullable
    match declared.type:
        case "INT":
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return whole and not isinstance(value, bool)
        case "FLOAT":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "BOOLEAN":
            return isinstance(value, bool)
        case "STRING":
            return isinstance(value, str)
        case "COMBO":
            return isinstance(value, str | int | float)
        case _:
            return True


def _as_literal(declared: Input, value: object) -> object:
    """The value as it stands in a step: a list is wrapped, so that no caller can write a link."""
    if declared.type == "INT" and isinstance(value, float):
        return int(value)
    return Wrapped(cast(object, value)) if isinstance(value, list | dict) else value


def _drawn(declared: Input, draw: Callable[[int], int]) -> int:
    least = 0 if declared.minimum is None else int(declared.minimum)
    most = 2**64 - 1 if declared.maximum is None else int(declared.maximum)
    return least + draw(max(1, most - least + 1))


def _takes_literals(declared: Input) -> bool:
    widgets = any(part in _KINDS for part in declared.type.split(","))
    return widgets or declared.type == ANY or declared.literals


def _kind(declared: Input) -> str:
    one = _KINDS.get(declared.type, f"a value for {declared.type}")
    return f"{one}, or a list of such" if declared.is_list or declared.multiselect else one


# Problems and shapes


def _problem(name: str, code: Code, message: str, remedy: str, **details: object) -> Problem:
    return Problem(None, name, code, f"input {shown(name)} {message}", remedy, "error", {"input_name": name, **details})


def _wrong_type(name: str, declared: Input, value: object) -> Problem:
    kind = _kind(declared)
    message = f"takes {kind}, found {shown(value)}"
    return _problem(name, "wrong_type", message, f"Give it {kind}.", received_value=value, input_type=declared.type)


def _problems_of_outputs(function: Function, registry: Registry) -> Iterable[Problem]:
    if not function.outputs:
        remedy = 'Name a step that saves or shows something, such as {"picture": {"node": "9"}}.'
        yield Problem(None, None, "no_outputs", "this function has no output", remedy)
    for name, output in function.outputs.items():
        step = function.workflow.steps.get(output.node)
        node = None if step is None else node_of(step, registry)
        details = {"output": name, "target": output.node}
        if step is None:
            message = f"output {name!r} is step {shown(output.node)}, which does not exist"
            yield Problem(None, None, "unknown_target", message, "Name a step of the workflow.", "error", details)
        elif node is not None and not node.terminal:
            message = f"output {name!r} is step {output.node} ({node.id}), which neither saves nor shows a result"
            remedy = "Name a step that does, such as one that saves an image."
            yield Problem(None, None, "no_outputs", message, remedy, "error", details)


def _fields(value: object, allowed: set[str], where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise WorkflowError(f"expected an object with {', '.join(sorted(allowed))}, found {shown(value)}", where=where)
    found = cast(dict[str, Any], value)
    unknown = [key for key in found if key not in allowed]
    if unknown:
        message = f"there is no {shown(unknown[0])} here; there may be {', '.join(sorted(allowed))}"
        raise WorkflowError(message, where=where)
    return found


def _named(value: object, where: str, allowed: set[str]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, dict):
        raise WorkflowError(f"expected an object by name, found {shown(value)}", where=where)
    found = cast(dict[str, object], value)
    if len(found) > MOST_NAMES:
        raise WorkflowError(f"at most {MOST_NAMES} names may stand here, found {len(found)}", where=where)
    for name, told in found.items():
        if not NAME.fullmatch(name):
            message = f"a name has letters, digits, _ and - and begins with a letter or _, found {shown(name)}"
            raise WorkflowError(message, where=where)
        yield name, _fields(told, allowed, f"{where}.{name}")


def _text(told: Mapping[str, Any], key: str, where: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value:
        raise WorkflowError(f"{key} is a text, found {shown(value)}", where=where)
    return value


def _description(told: Mapping[str, Any], where: str) -> str:
    value = told.get("description", "")
    if not isinstance(value, str) or len(value) > LONGEST_DESCRIPTION:
        raise WorkflowError(f"description is a text of at most {LONGEST_DESCRIPTION} characters", where=where)
    return value


_KINDS: Final[Mapping[str, str]] = {
    "INT": "a whole number",
    "FLOAT": "a number",
    "STRING": "a text",
    "BOOLEAN": "true or false",
    "COMBO": "one of the names there are",
}
_SCHEMAS: Final[Mapping[str, Mapping[str, object]]] = {
    "INT": {"type": "integer"},
    "FLOAT": {"type": "number"},
    "STRING": {"type": "string"},
    "BOOLEAN": {"type": "boolean"},
}
