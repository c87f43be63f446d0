"""What is wrong with a workflow, in the words that clients of `POST /prompt` read.

Types, messages and details are those the wire has; what a person needs besides stands in `extra_info`: `remedy`
everywhere, and `sentence` where the words of the wire do not say what is the matter.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graph.check import dependent_outputs
from graph.describe import Catalogues, describe_input
from graph.described import Descriptions
from graph.interface import Input
from graph.problems import Problem, ring, shown
from graph.steps import Workflow

MOST_NODES: Final = 1000
"""Nodes that one answer names; how many were left off stands in its `extra_info`."""

MOST_CHOICES: Final = 20
"""Lists of more choices are not repeated in an answer."""

LONGEST: Final = 200
"""Characters of a value that an answer repeats."""

Entry = dict[str, object]
NodeErrors = dict[str, dict[str, object]]

_FAILED: Final = ("prompt_outputs_failed_validation", "Prompt outputs failed validation")
_AS_A_WHOLE: Final = (("missing_class_type", "unknown_node"), ("unknown_target",), ("no_outputs",))


def error(type: str, message: str, details: str = "", extra_info: Mapping[str, object] | None = None) -> Entry:
    """One error as the wire has it."""
    return {"type": type, "message": message, "details": details, "extra_info": dict(extra_info or {})}


def refused(type: str, message: str, details: str = "", extra_info: Mapping[str, object] | None = None) -> Entry:
    """The body of an answer that refuses a request without naming nodes."""
    return {"error": error(type, message, details, extra_info), "node_errors": {}}


def refusal(
    problems: Iterable[Problem], workflow: Workflow, descriptions: Descriptions, catalogues: Catalogues
) -> Entry:
    """The body of the answer with status 400 to a workflow of which nothing can run."""
    errors = [problem for problem in problems if problem.severity == "error"]
    for codes in _AS_A_WHOLE:
        found = [problem for problem in errors if problem.code in codes]
        if found:
            return {"error": _WHOLE[found[0].code](found), "node_errors": {}}
    rings = [problem for problem in errors if problem.code == "cycle"]
    others = [problem for problem in errors if problem.code != "cycle"]
    named = node_errors(others, workflow, descriptions, catalogues)
    extra: dict[str, object] = {}
    if rings:
        extra["rings"] = [_names(problem.details.get("path")) for problem in rings[:MOST_NODES]]
        extra["sentence"] = f"step {rings[0].node}: {rings[0].message}" if rings[0].node else rings[0].message
        extra["remedy"] = rings[0].remedy
    left_off = len({problem.node for problem in others}) - len(named)
    if left_off > 0:
        extra["left_off"] = left_off
    details = "; ".join(ring(tuple(_names(problem.details.get("path")))) for problem in rings[:3])
    return {"error": error(*_FAILED, details, extra), "node_errors": named}


def node_errors(
    problems: Iterable[Problem], workflow: Workflow, descriptions: Descriptions, catalogues: Catalogues
) -> NodeErrors:
    """The errors among the problems by node, of at most `MOST_NODES` nodes; warnings keep nothing from running."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.severity != "error" or problem.node is None:
            continue
        if problem.node in found or len(found) < MOST_NODES:
            found.setdefault(problem.node, []).append(problem)
    if not found:
        return {}
    dependent = dependent_outputs(workflow, descriptions.registry, found)
    telling = _Telling(workflow, descriptions, catalogues)
    return {
        node: {
            "errors": [telling.entry(problem) for problem in each],
            "dependent_outputs": list(dependent[node]),
            "class_type": workflow.steps[node].class_type if node in workflow.steps else None,
        }
        for node, each in found.items()
    }


@dataclass(slots=True)
class _Telling:
    """Puts problems into the words of the wire; each input is described once, however often it is wrong."""

    workflow: Workflow
    descriptions: Descriptions
    catalogues: Catalogues
    described: dict[tuple[str, str], list[object] | None] = field(
        default_factory=dict[tuple[str, str], list[object] | None]
    )

    def entry(self, problem: Problem) -> Entry:
        """One problem as an entry of a node's errors."""
        tell = _ENTRIES.get(problem.code)
        if tell is None:
            return error(problem.code, problem.message, problem.input or "", _extra(problem))
        return tell(problem, self.config(problem))

    def config(self, problem: Problem) -> list[object] | None:
        """The pair `[type, options]` of the input a problem is about, None for long lists of choices."""
        step = self.workflow.steps.get(problem.node or "")
        node = None if step is None else self.descriptions.registry.get(step.class_type or "")
        if node is None or problem.input is None:
            return None
        key = (node.id, problem.input)
        if key not in self.described:
            declared = node.by_name.get(problem.input)
            self.described[key] = None if declared is None else self._describe(declared)
        return self.described[key]

    def _describe(self, declared: Input) -> list[object] | None:
        listed = {} if declared.catalogue is None else {declared.catalogue: self.catalogues.get(declared.catalogue)}
        if None in listed.values():
            return None  # a catalogue that is not there has no names to show; `check` has said so
        pair = describe_input(declared, cast(Catalogues, listed))
        names = pair[0]
        return None if isinstance(names, list) and len(cast(list[object], names)) > MOST_CHOICES else pair


def _extra(problem: Problem, **more: object) -> dict[str, object]:
    named: dict[str, object] = {} if problem.input is None else {"input_name": problem.input}
    return named | more | {"remedy": problem.remedy}


def _received(problem: Problem) -> object:
    """The value that was given, a large one in a few words."""
    value = problem.details.get("received_value")
    return _short(value) if not isinstance(value, list) else _short_list(cast(list[object], value))


def _short(value: object) -> object:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[:LONGEST] + "…"
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 10**40):
        return value
    return shown(value)


def _short_list(values: list[object]) -> object:
    """A short list as it is, as badly written links are."""
    return [_short(each) for each in values] if len(values) <= 8 else shown(values)


def _missing(problem: Problem, config: list[object] | None) -> Entry:
    return error("required_input_missing", "Required input is missing", problem.input or "", _extra(problem))


def _wrong_type(problem: Problem, config: list[object] | None) -> Entry:
    reason = str(problem.details.get("exception_message", ""))[: 2 * LONGEST]
    received = _received(problem)
    extra = _extra(problem, input_config=config, received_value=received, exception_message=reason)
    message = f"Failed to convert an input value to a {problem.details.get('input_type')} value"
    return error("invalid_input_type", message, f"{problem.input}, {received}, {reason}", extra)


def _too_small(problem: Problem, config: list[object] | None) -> Entry:
    least = _bound(config, "min", problem.details.get("minimum"))
    extra = _extra(problem, input_config=config, received_value=_received(problem))
    message = f"Value {_received(problem)} smaller than min of {least}"
    return error("value_smaller_than_min", message, problem.input or "", extra)


def _too_big(problem: Problem, config: list[object] | None) -> Entry:
    most = _bound(config, "max", problem.details.get("maximum"))
    extra = _extra(problem, input_config=config, received_value=_received(problem))
    message = f"Value {_received(problem)} bigger than max of {most}"
    return error("value_bigger_than_max", message, problem.input or "", extra)


def _bound(config: list[object] | None, name: str, fallback: object) -> object:
    """A bound as the description writes it, where a FLOAT's is never a whole number."""
    if config is None or len(config) < 2:
        return fallback
    return cast(Mapping[str, object], config[1]).get(name, fallback)


def _not_in_choices(problem: Problem, config: list[object] | None) -> Entry:
    choices = list(cast(Collection[object], problem.details.get("choices") or ()))
    many = len(choices) > MOST_CHOICES
    listed = f"(list of length {len(choices)})" if many else f"[{', '.join(shown(choice) for choice in choices)}]"
    received = _received(problem)
    extra = _extra(problem, input_config=None if many else config, received_value=received)
    return error("value_not_in_list", "Value not in list", f"{problem.input}: '{received}' not in {listed}", extra)


def _wrong_link_type(problem: Problem, config: list[object] | None) -> Entry:
    received, expected = problem.details.get("received_type"), problem.details.get("input_type")
    linked = problem.details.get("linked_node")
    extra = _extra(problem, input_config=config, received_type=received, linked_node=linked)
    details = f"{problem.input}, received_type({received}) mismatch input_type({expected})"
    return error("return_type_mismatch", "Return type mismatch between linked nodes", details, extra)


def _bad_link(problem: Problem, config: list[object] | None) -> Entry:
    extra = _extra(problem, input_config=config, received_value=_received(problem))
    message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
    return error("bad_linked_input", message, problem.input or "", extra)


def _inner(problem: Problem, exception_type: str, exception_message: str) -> Entry:
    extra = _extra(
        problem,
        exception_message=exception_message,
        exception_type=exception_type,
        traceback=[],
        linked_node=problem.details.get("linked_node"),
        sentence=problem.message,
    )
    message = "Exception when validating inner node"
    return error("exception_during_inner_validation", message, exception_message, extra)


def _dangling(problem: Problem, config: list[object] | None) -> Entry:
    linked = cast(Sequence[object], problem.details.get("linked_node") or ("",))
    return _inner(problem, "KeyError", shown(str(linked[0])))


def _out_of_range(problem: Problem, config: list[object] | None) -> Entry:
    return _inner(problem, "IndexError", "tuple index out of range")


def _custom(problem: Problem, config: list[object] | None) -> Entry:
    details = problem.message if problem.input is None else f"{problem.input} - {problem.message}"
    return error("custom_validation_failed", "Custom validation failed for node", details, _extra(problem))


def _cycle(problem: Problem, config: list[object] | None) -> Entry:
    path = _names(problem.details.get("path"))
    extra = {"path": path, "sentence": problem.message, "remedy": problem.remedy}
    return error("dependency_cycle", "Steps depend on each other in a ring", ring(tuple(path)), extra)


def _names(found: object) -> list[str]:
    return [str(each) for each in cast(Iterable[object], found)] if isinstance(found, Iterable) else []


_ENTRIES: Final[Mapping[str, Callable[[Problem, list[object] | None], Entry]]] = {
    "missing_input": _missing,
    "wrong_type": _wrong_type,
    "too_small": _too_small,
    "too_big": _too_big,
    "not_in_choices": _not_in_choices,
    "wrong_link_type": _wrong_link_type,
    "bad_link": _bad_link,
    "dangling_link": _dangling,
    "slot_out_of_range": _out_of_range,
    "custom_validation": _custom,
    "cycle": _cycle,
}


def _of_first(found: Sequence[Problem], message: str, **more: object) -> Entry:
    first = found[0]
    told = {"node_id": first.node, **more, "sentence": first.message, "remedy": first.remedy}
    if len(found) > 1:
        told["others"] = [problem.node for problem in found[1 : MOST_CHOICES + 1]]
    return error("invalid_prompt", message, f"Node ID '#{first.node}'", told)


def _no_class(found: Sequence[Problem]) -> Entry:
    return _of_first(found, "Cannot execute because a node is missing the class_type property.")


def _unknown_class(found: Sequence[Problem]) -> Entry:
    name = str(found[0].details.get("class_type"))[:LONGEST]
    return _of_first(found, f"Cannot execute because node {name} does not exist.", class_type=name)


def _unknown_target(found: Sequence[Problem]) -> Entry:
    targets = [str(problem.details.get("target"))[:LONGEST] for problem in found[:MOST_CHOICES]]
    return error("invalid_prompt", found[0].message, f"Node ID '#{targets[0]}'",
                 {"targets": targets, "remedy": found[0].remedy})  # fmt: skip


def _no_outputs(found: Sequence[Problem]) -> Entry:
    extra = {"sentence": found[0].message, "remedy": found[0].remedy}
    return error("prompt_no_outputs", "Prompt has no outputs", "", extra)


_WHOLE: Final[Mapping[str, Callable[[Sequence[Problem]], Entry]]] = {
    "missing_class_type": _no_class,
    "unknown_node": _unknown_class,
    "unknown_target": _unknown_target,
    "no_outputs": _no_outputs,
}
