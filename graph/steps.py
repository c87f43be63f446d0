"""A workflow as data: steps that name a node, its literals and its links, and the API form they are exchanged in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graph.errors import WorkflowError

DEPTH: Final = 100
"""How deep lists and objects may be nested in a workflow."""


@dataclass(frozen=True, slots=True)
class Link:
    """The value of an output: the step's id and the output's position, from 0."""

    node: str
    slot: int


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A literal written as `{"__value__": value}`, the way to give a list, which would be read as a link."""

    value: object


@dataclass(frozen=True, slots=True)
class Step:
    """One node of a workflow.

    inputs: by name a `Link`, a `Wrapped` or plain JSON. A plain list is a link that is badly written; `check` says so.
    extra: what else stood in the step, such as `_meta`; it is kept as it was.
    """

    id: str
    class_type: str | None
    inputs: Mapping[str, object] = field(default_factory=dict[str, object])
    extra: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Workflow:
    """Steps by id, in the order they were written; `wrapper` is what stood around them, None where nothing did."""

    steps: Mapping[str, Step] = field(default_factory=dict[str, Step])
    wrapper: Mapping[str, object] | None = None

    def with_input(self, node: str, name: str, value: object) -> "Workflow":
        """The same workflow with one input set to a literal or a `Link`. KeyError for an unknown step."""
        step = self.steps[node]
        changed = Step(step.id, step.class_type, {**step.inputs, name: value}, step.extra)
        return Workflow({**self.steps, node: changed}, self.wrapper)


def literal(value: object) -> object:
    """What an input's literal says, out of its `__value__` wrapping."""
    return value.value if isinstance(value, Wrapped) else value


def from_api(data: object) -> Workflow:
    """Read the API form: `{id: {"class_type", "inputs"}}`, bare or as `{"prompt": {...}, ...}`.

    Unknown keys are kept. Raises WorkflowError for what has not this shape; the rest is for `check` to judge.
    """
    check_shape(data)
    document = _object(data, "a workflow is an object of steps by id", "")
    if isinstance(document.get("nodes"), list) and isinstance(document.get("links"), list):
        raise WorkflowError(
            "this is the editor's own format, which holds positions instead of names; "
            "export the workflow in its API format, which 'main.py convert FILE --to api' does as well"
        )
    wrapper = _wrapper(document)
    written = document if wrapper is None else cast(Mapping[str, object], document["prompt"])
    steps = {str(step_id): _step(str(step_id), body) for step_id, body in written.items()}
    return Workflow(steps, wrapper)


def to_api(workflow: Workflow) -> dict[str, object]:
    """The steps in the API form, without what stood around them."""
    return {step_id: _step_to_api(step) for step_id, step in workflow.steps.items()}


def to_document(workflow: Workflow) -> dict[str, object]:
    """The API form together with what stood around it: the inverse of `from_api`."""
    steps = to_api(workflow)
    return steps if workflow.wrapper is None else {**workflow.wrapper, "prompt": steps}


def read_value(value: object) -> object:
    """One input in the API form as `Link`, `Wrapped` or plain JSON."""
    if isinstance(value, list):
        pair = cast(list[object], value)
        if len(pair) == 2 and type(pair[1]) is int and type(pair[0]) in (str, int):
            return Link(str(pair[0]), pair[1])
        return pair
    if isinstance(value, dict):
        fields = cast(dict[str, object], value)
        return Wrapped(fields["__value__"]) if len(fields) == 1 and "__value__" in fields else fields
    return value


def _step(id: str, body: object) -> Step:
    fields = _object(body, "a step is an object with class_type and inputs", id)
    class_type = fields.get("class_type")
    if class_type is not None and not isinstance(class_type, str):
        raise WorkflowError(f"class_type is the id of a node as text, found {_kind(class_type)}", where=id)
    inputs = _object(fields.get("inputs", {}), "inputs is an object of values by name", f"{id}.inputs")
    extra = {key: value for key, value in fields.items() if key not in ("class_type", "inputs")}
    return Step(id, class_type, {str(name): read_value(value) for name, value in inputs.items()}, extra)


def _object(value: object, expected: str, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise WorkflowError(f"{expected}, found {_kind(value)}", where=where)
    return cast(Mapping[str, object], value)


def _step_to_api(step: Step) -> dict[str, object]:
    body: dict[str, object] = {} if step.class_type is None else {"class_type": step.class_type}
    body["inputs"] = {name: _value_to_api(value) for name, value in step.inputs.items()}
    return body | dict(step.extra)


def _value_to_api(value: object) -> object:
    if isinstance(value, Link):
        return [value.node, value.slot]
    return {"__value__": value.value} if isinstance(value, Wrapped) else value


def _wrapper(data: Mapping[str, object]) -> Mapping[str, object] | None:
    """What stands around the steps. A bare workflow may have a step called `prompt`, which has a class_type."""
    if not isinstance(data.get("prompt"), Mapping) or _is_step(data["prompt"]):
        return None
    others = {key: value for key, value in data.items() if key != "prompt"}
    return None if any(_is_step(value) for value in others.values()) else others


def _is_step(value: object) -> bool:
    return isinstance(value, Mapping) and "class_type" in value


def check_shape(data: object) -> None:
    """Refuse what is nested too deeply, keys that are no text and values that are not JSON, without recursion."""
    level: list[Iterator[tuple[object, object]]] = [iter([("", data)])]
    path: list[object] = []
    while level:
        entry = next(level[-1], None)
        if entry is None:
            level.pop()
            if path:
                path.pop()
            continue
        key, value = entry
        below: Iterator[tuple[object, object]]
        if isinstance(value, Mapping):
            below = iter(cast(Mapping[object, object], value).items())
        elif isinstance(value, list | tuple):
            below = enumerate(cast(Sequence[object], value))
        else:
            if not isinstance(value, str | int | float | bool | None):
                raise WorkflowError(f"{_kind(value)} is no JSON value", where=_dotted([*path, key]))
            if isinstance(value, float) and value - value != 0:
                raise WorkflowError(f"{value} is no JSON number", where=_dotted([*path, key]))
            continue
        if len(level) > DEPTH:
            raise WorkflowError(f"nested deeper than {DEPTH} levels", where=_dotted([*path[:4], "…"]))
        level.append(below)
        path.append(key)


def _dotted(path: list[object]) -> str:
    return ".".join(str(key) for key in path if key != "")


def _kind(value: object) -> str:
    """What a value is, in the words of a workflow file."""
    if value is None:
        return "null"
    words = ((bool, "true or false"), (int | float, "a number"), (str, "text"), (list, "a list"), (dict, "an object"))
    return next((word for kind, word in words if isinstance(value, kind)), type(value).__name__)
