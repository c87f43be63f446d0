"""Reads one class of the convention into a node."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from graph.errors import SpecError
from graph.handle import Run, current_run
from graph.interface import ANY, Input, Node, Output
from packs.convention.calling import Signature, arguments, caller
from packs.convention.checks import Function, fingerprint_of, judgement_of, parameters_of, validation_of
from packs.convention.choices import Types
from packs.convention.inputs import Declared, read_inputs
from packs.convention.instances import Instances
from packs.convention.types import plain_type
from packs.convention.wires import Wires

IDENTITY: Final = frozenset({"UNIQUE_ID", "DYNPROMPT"})
"""Hidden inputs by which two equal nodes can tell each other apart, so that they share no result."""


@dataclass(frozen=True, eq=False)
class Ways:
    """How a class is asked and called, in the older convention or the newer.

    method: the function that does the work, to read its parameters; target: the one to call for a step. status: the
    function that names the lazy inputs a step needs. passes_hidden: hidden values come as arguments. takes_all: every
    input of a workflow is passed on, declared or not. expands: whether it may return a graph.
    """

    method: Function
    target: Callable[[Run], Function]
    status: Callable[[Run], Function] | None
    changed: Function | None
    validate: Function | None
    passes_hidden: bool = True
    takes_all: bool = False
    expands: bool = True


def read_class(id: str, kind: type, display_name: str, module: str, wires: Wires) -> Node:
    """The node of a class. Raises SpecError for a class that does not follow the convention, and what it raises."""
    function = _text(kind, "FUNCTION")
    method = getattr(kind, function, None)
    if not callable(method):
        raise SpecError(f"{kind.__name__} names the method {function!r} in FUNCTION, and has none of that name")
    instances = Instances(kind)

    def bound(name: str) -> Callable[[Run], Function]:
        return lambda run: cast(Function, getattr(instances.of(run.node_id), name))

    has_status = callable(getattr(kind, "check_lazy_status", None))
    ways = Ways(
        method=cast(Function, method),
        target=bound(function),
        status=bound("check_lazy_status") if has_status else None,
        changed=optional(kind, "IS_CHANGED"),
        validate=optional(kind, "VALIDATE_INPUTS"),
    )
    return node_of_class(id, kind, display_name, module, wires, ways)


def node_of_class(id: str, kind: type, display_name: str, module: str, wires: Wires, ways: Ways) -> Node:
    """The node of a class that answers INPUT_TYPES, RETURN_TYPES and so on, called in these ways."""
    ask = getattr(kind, "INPUT_TYPES", None)
    if not callable(ask):
        raise SpecError(f"{kind.__name__} has no classmethod INPUT_TYPES")
    all_lists = bool(getattr(kind, "INPUT_IS_LIST", False))
    declared = read_inputs(
        cast(Callable[[], Types], ask),
        all_lists=all_lists,
        keeps_lazy=ways.status is not None,
        judgement=judgement_of(ways.validate),
    )
    outputs = read_outputs(kind)
    passed = declared.hidden if ways.passes_hidden else ()
    signature = Signature(declared.inputs, outputs, passed, all_lists, ways.expands)
    is_async = inspect.iscoroutinefunction(ways.method)
    needs = None
    if ways.status is not None and any(each.lazy for each in declared.inputs):
        needs = _lazy_needs(ways.status, signature, wires)
    return Node(
        id=id,
        inputs=declared.inputs,
        outputs=outputs,
        call=caller(ways.target, signature, wires, is_async),
        category=str(getattr(kind, "CATEGORY", "") or ""),
        display_name=display_name,
        description=inspect.cleandoc(str(getattr(kind, "DESCRIPTION", "") or "")),
        module=module,
        terminal=bool(getattr(kind, "OUTPUT_NODE", False)),
        is_async=is_async,
        deprecated=bool(getattr(kind, "DEPRECATED", False)),
        experimental=bool(getattr(kind, "EXPERIMENTAL", False)),
        fingerprint=None if ways.changed is None else fingerprint_of(ways.changed, all_lists),
        lazy_needs=needs,
        validate=validation_of(ways.validate, (each.name for each in passed), declared.own_types, all_lists),
        dynamic=_dynamic(declared, ways, all_lists),
        hidden=declared.hidden,
        keyed_by_step=bool(getattr(kind, "NOT_IDEMPOTENT", False))
        or any(each.kind in IDENTITY for each in declared.hidden),
    )


def read_outputs(kind: type) -> tuple[Output, ...]:
    """What RETURN_TYPES, RETURN_NAMES, OUTPUT_IS_LIST and OUTPUT_TOOLTIPS say; of each, a bare one is one of one.

    Raises SpecError for what is no type.
    """
    if getattr(kind, "RETURN_TYPES", ()) is not None and not isinstance(getattr(kind, "RETURN_TYPES", ()), Sequence):
        raise SpecError(f"{kind.__name__}: RETURN_TYPES is a tuple such as ('IMAGE',)")
    types = _sequence(kind, "RETURN_TYPES")
    names = _sequence(kind, "RETURN_NAMES")
    lists = _sequence(kind, "OUTPUT_IS_LIST")
    tooltips = _sequence(kind, "OUTPUT_TOOLTIPS")
    found: list[Output] = []
    for index, said in enumerate(types):
        wire = "COMBO" if isinstance(said, list | tuple) else plain_type(said)
        name = names[index] if index < len(names) else wire
        found.append(
            Output(
                str(name),
                wire,
                index < len(lists) and bool(lists[index]),
                str(tooltips[index] or "") if index < len(tooltips) else "",
            )
        )
    return tuple(found)


def optional(kind: type, name: str) -> Function | None:
    """A function of a class that it may have or not."""
    found = getattr(kind, name, None)
    return cast(Function, found) if callable(found) else None


def _lazy_needs(status: Callable[[Run], Function], signature: Signature, wires: Wires) -> Function:
    """`check_lazy_status` of the step at hand, which may be asynchronous."""

    def needs(**inputs: object) -> object:
        run = current_run.get()
        assert run is not None, "asked only while a step is on its way"
        function = status(run)
        return function(**parameters_of(function).of(arguments(signature, inputs, run, wires)))

    return needs


def _dynamic(declared: Declared, ways: Ways, all_lists: bool) -> Callable[[str, bool], Input | None] | None:
    """Finds inputs that are not listed: a container answers for any name, a link leads to a method that takes it."""
    parameters = parameters_of(ways.method)
    listed = {each.name for each in (*declared.inputs, *declared.hidden)}
    unlisted = parameters.names - listed - {"self", "cls"}
    if declared.any_name is None and not parameters.takes_any and not unlisted and not ways.takes_all:
        return None

    def found(name: str, linked: bool) -> Input | None:
        known = None if declared.any_name is None else declared.any_name(name)
        if known is not None:
            return known
        if ways.takes_all or (linked and (parameters.takes_any or name in unlisted)):
            return Input(name, ANY, "optional", literals=True, is_list=all_lists)
        return None

    return found


def _text(kind: type, name: str) -> str:
    value = getattr(kind, name, None)
    if not isinstance(value, str) or not value:
        raise SpecError(f"{kind.__name__}: {name} is the name of a method, found {value!r:.80}")
    return value


def _sequence(kind: type, name: str) -> Sequence[object]:
    """A tuple of a class; a bare text or truth, whose author forgot the comma, is one of one."""
    found = getattr(kind, name, None)
    if isinstance(found, str | bool):
        return (found,)
    return cast(Sequence[object], found) if isinstance(found, Sequence) else ()
