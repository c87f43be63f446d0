"""Every problem of a workflow at once, as data, in one pass whose time grows with the workflow only."""

from collections.abc import Collection, Iterable
from typing import Final, cast

from graph.coerce import coerce
from graph.describe import Catalogues, choices_of
from graph.errors import CoerceError
from graph.interface import ABSENT, ANY, WIDGETS, Input, Node
from graph.problems import Code, Problem, ring, shown, suggestion
from graph.reach import followers_of, links_of, reachable, rings, terminals
from graph.registry import Nearest, Registry
from graph.steps import Link, Step, Workflow, literal

__all__ = ["Problem", "check", "dependent_outputs", "sound_outputs"]

_SECONDS_FOR_NAMES: Final = 0.5
_LISTED_CHOICES: Final = 20


def check(
    workflow: Workflow, registry: Registry, catalogues: Catalogues, targets: Collection[str] | None = None
) -> tuple[Problem, ...]:
    """All problems, in the order of the steps; no error among them means that `plan` will take the workflow.

    targets: the steps that are wanted; None for all terminal ones. A problem of a step that none of them needs is a
    warning, except for steps without a known node. Raises SpecError where a needed catalogue was not handed in.
    """
    checker = _Checker(workflow, registry, catalogues)
    for step in workflow.steps.values():
        checker.step(step)
    found = checker.found
    wanted = _wanted(workflow, registry, targets, found)
    found.extend(_cycle(workflow, path) for path in rings(checker.links))
    if not found:
        return ()
    needed = reachable(checker.links, wanted)
    return tuple(_weighed(problem, needed) for problem in found)


def sound_outputs(workflow: Workflow, registry: Registry, problems: Iterable[Problem]) -> tuple[str, ...]:
    """The terminal steps that no error reaches: what can be run of a workflow that is partly wrong."""
    bad: set[str] = set()
    for problem in problems:
        if problem.severity == "error" and problem.node is not None:
            bad.add(problem.node)
            bad.update(cast(tuple[str, ...], problem.details.get("path", ())))
    reached = reachable(followers_of(links_of(workflow, registry)), bad)
    return tuple(step_id for step_id in terminals(workflow, registry) if step_id not in reached)


def dependent_outputs(
    workflow: Workflow, registry: Registry, nodes: Iterable[str], most: int = 100_000
) -> dict[str, tuple[str, ...]]:
    """For each of the steps the terminal steps that depend on it; at most `most` steps are looked at in all."""
    followers = followers_of(links_of(workflow, registry))
    terminal = frozenset(terminals(workflow, registry))
    answer: dict[str, tuple[str, ...]] = {}
    for step_id in nodes:
        reached = reachable(followers, [step_id], most)
        most -= len(reached)
        answer[step_id] = tuple(each for each in reached if each in terminal)
    return answer


class _Checker:
    """Judges step by step; `links` collects whom each step depends on, as far as the links are whole."""

    def __init__(self, workflow: Workflow, registry: Registry, catalogues: Catalogues) -> None:
        self.steps = workflow.steps
        self.registry = registry
        self.catalogues = catalogues
        self.nearest = Nearest(_SECONDS_FOR_NAMES)
        self.choices: dict[tuple[str, str], Collection[object]] = {}
        self.types: dict[tuple[int, int], bool] = {}
        self.found: list[Problem] = []
        self.links: dict[str, list[str]] = {}

    def step(self, step: Step) -> None:
        """Find all problems of one step."""
        upstream: list[str] = []
        self.links[step.id] = upstream
        if step.class_type is None:
            self._add(step, None, "missing_class_type", f"step {step.id} has no class_type",
                      "Name the node it is, as class_type.")  # fmt: skip
            return
        node = self.registry.get(step.class_type)
        if node is None:
            self._unknown_node(step, step.class_type)
            return
        inputs = step.inputs
        if not node.required <= inputs.keys():
            self._missing(step, node)
        by_name = node.by_name
        for name, value in inputs.items():
            linked = value.__class__ is Link
            declared = by_name.get(name) or node.input(name, linked)
            if declared is None:
                self._unknown_input(step, node, name)
            elif isinstance(value, Link):
                if self._link(step, declared, value):
                    upstream.append(value.node)
            elif value.__class__ is list:
                self._add(step, declared, "bad_link",
                          f"a link is a list of a step's id and an output's position, found {shown(value)}",
                          'Write ["id", 0], or {"__value__": [...]} to give the list itself.',
                          received_value=value)  # fmt: skip
            else:
                self._literal(step, declared, value)
        if node.validate is not None:
            self._custom(step, node)

    def _add(self, step: Step, input: Input | None, code: Code, message: str, remedy: str, **details: object) -> None:
        name = None if input is None else input.name
        known: dict[str, object] = {"class_type": step.class_type}
        if name is not None:
            known["input_name"] = name
        self.found.append(Problem(step.id, name, code, message, remedy, "error", known | details))

    def _unknown_node(self, step: Step, class_type: str) -> None:
        nearest = self.nearest.names(class_type, self.registry.ids())
        self._add(step, None, "unknown_node", f"there is no node {shown(class_type)}",
                  "Install the pack that brings it, or name another node." + suggestion(nearest),
                  nearest=nearest)  # fmt: skip

    def _unknown_input(self, step: Step, node: Node, name: str) -> None:
        nearest = self.nearest.names(name, node.by_name.keys())
        details = {"class_type": step.class_type, "input_name": name, "nearest": nearest}
        self.found.append(
            Problem(step.id, name, "unknown_input", f"{node.id} has no input {shown(name)}; it is ignored",
                    "Leave it out or correct the name." + suggestion(nearest), "warning", details)
        )  # fmt: skip

    def _missing(self, step: Step, node: Node) -> None:
        for declared in node.inputs:
            if declared.section == "required" and declared.name not in step.inputs:
                if declared.is_widget:
                    usual = "" if declared.default is ABSENT else f", such as its default {shown(declared.default)}"
                    remedy = f"Give it a value{usual}."
                else:
                    remedy = f"Link it to an output of type {declared.type}."
                self._add(step, declared, "missing_input", f"the required input {declared.name} is missing", remedy,
                          input_type=declared.type)  # fmt: skip

    def _link(self, step: Step, input: Input, link: Link) -> bool:
        """Judge a link; whether it leads to a step."""
        source = self.steps.get(link.node)
        if source is None:
            self._add(step, input, "dangling_link", f"linked to step {shown(link.node)}, which does not exist",
                      "Link it to an existing step." + suggestion(self.nearest.names(link.node, self.steps.keys())),
                      linked_node=[link.node, link.slot])  # fmt: skip
            return False
        node = self.registry.get(source.class_type) if source.class_type is not None else None
        if node is None:
            return True
        outputs = node.outputs
        if not 0 <= link.slot < len(outputs):
            self._add(step, input, "slot_out_of_range",
                      f"linked to output {link.slot} of step {link.node} ({node.id}), which has {len(outputs)}",
                      f"Choose an output from 0 to {len(outputs) - 1}." if outputs else "Link it to another step.",
                      linked_node=[link.node, link.slot])  # fmt: skip
            return True
        received = outputs[link.slot].type
        if received is not input.type and input.check_link and not self._fits(received, input.type):
            self._add(step, input, "wrong_link_type",
                      f"expected {input.type}, found {received} from output {link.slot} of {link.node} ({node.id})",
                      f"Link it to an output of type {input.type}.", received_type=received, input_type=input.type,
                      linked_node=[link.node, link.slot])  # fmt: skip
        return True

    def _fits(self, received: str, expected: str) -> bool:
        key = (id(received), id(expected))
        if key not in self.types:
            self.types[key] = types_fit(received, expected)
        return self.types[key]

    def _literal(self, step: Step, input: Input, value: object) -> None:
        value = literal(value)
        if input.type not in WIDGETS:
            if not (input.type == ANY or input.literals or (value is None and input.section == "optional")):
                if any(part in WIDGETS for part in input.type.split(",")):
                    return
                self._add(step, input, "wrong_type", f"expected a link to {input.type}, found {shown(value)}",
                          f"Link it to an output of type {input.type}.", received_value=value,
                          input_type=input.type, exception_message="a literal, where only a link can be")  # fmt: skip
            return
        try:
            value = coerce(input, value)
        except CoerceError as error:
            self._add(step, input, "wrong_type", f"expected {input.type}, found {shown(value)}: {error}",
                      f"Give it a value of type {input.type}.", received_value=value, input_type=input.type,
                      exception_message=str(error))  # fmt: skip
            return
        if not input.check_value or value is None:
            return
        many = value.__class__ is list and (input.is_list or input.multiselect)
        for item in cast(list[object], value) if many else (value,):
            self._bounds(step, input, item)

    def _bounds(self, step: Step, input: Input, value: object) -> None:
        if input.type == "COMBO":
            self._choice(step, input, value)
        elif isinstance(value, int | float):
            if input.minimum is not None and value < input.minimum:
                self._add(step, input, "too_small", f"{shown(value)} is smaller than the least value {input.minimum}",
                          f"Give it at least {input.minimum}.", received_value=value,
                          minimum=input.minimum)  # fmt: skip
            if input.maximum is not None and value > input.maximum:
                self._add(step, input, "too_big", f"{shown(value)} is bigger than the greatest value {input.maximum}",
                          f"Give it at most {input.maximum}.", received_value=value,
                          maximum=input.maximum)  # fmt: skip

    def _choice(self, step: Step, input: Input, value: object) -> None:
        key = (step.class_type or "", input.name)
        choices = self.choices.get(key) if input.choices is None else input.choices
        if choices is None:
            choices = self.choices[key] = choices_of(input, self.catalogues)
        if _is_in(value, choices):
            return
        listed = f"one of {len(choices)} names"
        if len(choices) <= _LISTED_CHOICES:
            listed = f"one of {', '.join(shown(choice) for choice in choices) or 'no names at all'}"
        nearest = self.nearest.names(value, choices)
        remedy = "Choose one of the names." if choices else f"Nothing is there to choose from{_catalogue(input)}."
        self._add(step, input, "not_in_choices", f"expected {listed}, found {shown(value)}",
                  remedy + suggestion(nearest), received_value=value, choices=choices, nearest=nearest)  # fmt: skip

    def _custom(self, step: Step, node: Node) -> None:
        """Ask the node's own validation, with what would reach it and only if that can be read."""
        literals: dict[str, object] = {}
        types: dict[str, str] = {}
        for name, value in step.inputs.items():
            declared = node.input(name, isinstance(value, Link))
            if declared is None or isinstance(value, list):
                continue
            if isinstance(value, Link):
                source = self.steps.get(value.node)
                origin = self.registry.get(source.class_type or "") if source is not None else None
                if origin is not None and 0 <= value.slot < len(origin.outputs):
                    types[name] = origin.outputs[value.slot].type
                continue
            try:
                literals[name] = coerce(declared, literal(value))
            except CoerceError:
                return
        if node.validate is None:
            return
        for name, message in node.validate(literals, types):
            declared = None if name is None else node.by_name.get(name)
            self._add(step, declared, "custom_validation", message, "Change the value as the message says.",
                      received_value=literals.get(name or ""))  # fmt: skip


def types_fit(received: str, expected: str) -> bool:
    """Whether an output's type may be linked to an input's: equal, `*`, or a common member of "A,B" unions.

    Only `!=` is asked of the types, since packs hand in texts that override it.
    """
    if not received != expected or received == ANY or expected == ANY:  # noqa: SIM202
        return True
    if "," not in received and "," not in expected:
        return False
    parts = {part.strip() for part in received.split(",")}
    return ANY in parts or any(part.strip() in parts or part.strip() == ANY for part in expected.split(","))


def _is_in(value: object, choices: Collection[object]) -> bool:
    try:
        return value in choices
    except TypeError:
        return False


def _catalogue(input: Input) -> str:
    return f" in {input.catalogue}; put a file there first" if input.catalogue else ""


def _wanted(
    workflow: Workflow, registry: Registry, targets: Collection[str] | None, found: list[Problem]
) -> Collection[str]:
    """The steps the run is for; none, or an unknown one, is a problem."""
    if targets is not None:
        for target in targets:
            if target not in workflow.steps:
                found.append(
                    Problem(None, None, "unknown_target", f"step {shown(target)} is wanted and does not exist",
                            "Name a step of the workflow.", "error", {"target": target})
                )  # fmt: skip
    wanted = terminals(workflow, registry) if targets is None else [each for each in targets if each in workflow.steps]
    if not wanted and not any(problem.code == "unknown_target" for problem in found):
        found.append(
            Problem(None, None, "no_outputs", "nothing in this workflow shows or saves a result",
                    "Add a node that does, such as one that saves an image.")
        )  # fmt: skip
    return wanted


def _weighed(problem: Problem, needed: Collection[str]) -> Problem:
    """The problem as a warning where it stands at a step that nothing wanted needs."""
    always = ("unknown_node", "missing_class_type", "cycle")
    if problem.node is None or problem.node in needed or problem.code in always or problem.severity == "warning":
        return problem
    return Problem(
        problem.node, problem.input, problem.code, problem.message, problem.remedy, "warning", problem.details
    )


def _cycle(workflow: Workflow, path: tuple[str, ...]) -> Problem:
    message = "step links to itself" if len(path) == 2 else f"steps depend on each other in a ring: {ring(path)}"
    step = workflow.steps[path[0]]
    details = {"path": path, "class_type": step.class_type}
    return Problem(path[0], None, "cycle", message, "Remove one of the links of the ring.", "error", details)
