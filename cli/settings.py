"""Changes to a workflow from the command line: `--set NODE.INPUT=VALUE` and `--seed N`."""

import difflib
import json
from collections.abc import Iterable, Sequence
from typing import cast

from cli.refusal import Refused
from graph.coerce import coerce
from graph.errors import CoerceError
from graph.interface import WIDGETS, Input
from graph.registry import Registry
from graph.workflow import Link, Step, Workflow

LISTED = 12


class SettingError(Refused):
    """A change that does not fit the workflow."""

    def __init__(self, message: str, remedy: str, node: str | None = None, input: str | None = None) -> None:
        super().__init__("bad_setting", message, remedy, node, input)


def changed(workflow: Workflow, settings: Sequence[str], seed: int | None, registry: Registry) -> Workflow:
    """The workflow with all changes made, `--seed` first so that `--set` can differ from it. Raises SettingError."""
    if seed is not None:
        workflow = with_seed(workflow, seed, registry)
    for setting in settings:
        workflow = with_setting(workflow, setting, registry)
    return workflow


def with_setting(workflow: Workflow, setting: str, registry: Registry) -> Workflow:
    """The workflow after one `NODE.INPUT=VALUE`. Raises SettingError."""
    target, equals, text = setting.partition("=")
    name, dot, input_name = target.rpartition(".")
    if not equals or not dot or not name or not input_name:
        raise SettingError(
            f"expected NODE.INPUT=VALUE; found '{setting}'.",
            "Write for instance --set 3.seed=7 or --set KSampler.cfg=4.5.",
        )
    step = step_named(workflow, name)
    declared = _declared(step, input_name, registry)
    return workflow.with_input(step.id, input_name, _value(step, input_name, declared, text))


def with_seed(workflow: Workflow, seed: int, registry: Registry) -> Workflow:
    """The workflow with one value in every seed input that is no link. Raises SettingError where there is none."""
    found = False
    for step in workflow.steps.values():
        node = registry.get(step.class_type or "")
        for each in node.inputs if node else ():
            if each.seed and not isinstance(step.inputs.get(each.name), Link):
                workflow = workflow.with_input(step.id, each.name, seed)
                found = True
    if not found:
        raise SettingError("--seed was given, but no step has a seed input.", "Leave it out, or set an input by --set.")
    return workflow


def step_named(workflow: Workflow, name: str) -> Step:
    """The step with this id, else the one with this title, else the only one of this class. Raises SettingError."""
    if name in workflow.steps:
        return workflow.steps[name]
    wanted = name.casefold()
    for what, called in (("title", title_of), ("class", class_of)):
        found = [step for step in workflow.steps.values() if called(step).casefold() == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise SettingError(
                f"'{name}' is the {what} of {len(found)} steps: {listed(step.id for step in found)}.",
                "Name the one you mean by its id.",
            )
    names = {
        known: None for step in workflow.steps.values() for known in (step.id, title_of(step), class_of(step)) if known
    }
    raise SettingError(f"no step is called '{name}'.", _offer(name, list(names)))


def title_of(step: Step) -> str:
    """The title that the editor gave a step, or nothing."""
    meta = step.extra.get("_meta")
    title = cast(dict[str, object], meta).get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) else ""


def class_of(step: Step) -> str:
    """The id of the node a step is, or nothing."""
    return step.class_type or ""


def _declared(step: Step, name: str, registry: Registry) -> Input | None:
    """The declaration of an input; None where the step's class is unknown, which the check will report."""
    node = registry.get(step.class_type or "")
    if node is None:
        return None
    declared = node.input(name, linked=False)
    if declared is None:
        raise SettingError(
            f"step {step.id} ({node.id}) has no input '{name}'.",
            _offer(name, [each.name for each in node.inputs]),
            step.id,
            name,
        )
    return declared


def _value(step: Step, name: str, declared: Input | None, text: str) -> object:
    """The text as the input's type: text as it stands, numbers and truth values read, anything else JSON."""
    if declared is None or declared.is_list or declared.type not in WIDGETS:
        return _json_or_text(text)
    if declared.type == "COMBO":
        return next((choice for choice in declared.choices or () if str(choice) == text), text)
    try:
        return coerce(declared, text)
    except CoerceError as error:
        raise SettingError(
            f"step {step.id}, input '{name}' takes {KINDS[declared.type]}; found '{text}'.",
            f"Write it as --set {step.id}.{name}={EXAMPLES[declared.type]}.",
            step.id,
            name,
        ) from error


def _json_or_text(text: str) -> object:
    try:
        value = cast(object, json.loads(text))
    except (ValueError, RecursionError):
        return text
    match value:
        case [str(node), int(slot)]:
            return Link(node, slot)
        case _:
            return value


def _offer(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3)
    if near:
        return f"Did you mean {' or '.join(repr(each) for each in near)}?"
    return f"There are: {listed(known)}."


def listed(names: Iterable[str]) -> str:
    """The names with commas, the end of a long list left out."""
    every = list(names)
    return ", ".join(every[:LISTED]) + (f" and {len(every) - LISTED} more" if len(every) > LISTED else "")


KINDS = {"INT": "a whole number", "FLOAT": "a number", "BOOLEAN": "true or false", "STRING": "text"}
EXAMPLES = {"INT": "7", "FLOAT": "4.5", "BOOLEAN": "true", "STRING": "text"}
