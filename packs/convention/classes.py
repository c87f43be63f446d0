"""Reads one class of the convention into a node."""

import inspect
from collections.abc import Callable, Sequence
from typing import Final, cast

from graph.errors import SpecError
from graph.handle import Run, current_run
from graph.interface import ANY, Input, Node, Output
from packs.convention.calling import Signature, arguments, caller
from packs.convention.checks import fingerprint_of, judged_inputs, parameters_of, validation_of
from packs.convention.inputs import Declared, Types, plain_type, read_inputs
from packs.convention.instances import Instances
from packs.convention.wires import Wires

IDENTITY: Final = frozenset({"UNIQUE_ID", "DYNPROMPT"})
"""Hidden inputs by which two equal nodes can tell each other apart, so that they share no result."""


def read_class(id: str, kind: type, display_name: str, module: str, wires: Wires) -> Node:
    """The node of a class. Raises SpecError for a class that does not follow the convention, and what it raises."""
    function = _text(kind, "FUNCTION")
    method = getattr(kind, function, None)
    if not callable(method):
        raise SpecError(f"{kind.__name__} names the method {function!r} in FUNCTION, and has none of that name")
    ask = getattr(kind, "INPUT_TYPES", None)
    if not callable(ask):
        raise SpecError(f"{kind.__name__} has no classmethod INPUT_TYPES")
    lazy_status = getattr(kind, "check_lazy_status", None)
    validate = _optional(kind, "VALIDATE_INPUTS")
    changed = _optional(kind, "IS_CHANGED")
    all_lists = bool(getattr(kind, "INPUT_IS_LIST", False))
    unchecked, links_unchecked = judged_inputs(validate)
    declared = read_inputs(
        cast(Callable[[], Types], ask),
        all_lists=all_lists,
        keeps_lazy=callable(lazy_status),
        unchecked=unchecked,
        links_unchecked=links_unchecked,
    )
    outputs = read_outputs(kind)
    signature = Signature(declared.inputs, outputs, declared.hidden, all_lists)
    instances = Instances(kind)
    is_async = inspect.iscoroutinefunction(method)

    def target(run: Run) -> Callable[..., object]:
        return cast(Callable[..., object], getattr(instances.of(run.node_id), function))

    return Node(
        id=id,
        inputs=declared.inputs,
        outputs=outputs,
        call=caller(target, signature, wires, is_async),
        category=str(getattr(kind, "CATEGORY", "") or ""),
        display_name=display_name,
        description=inspect.cleandoc(str(getattr(kind, "DESCRIPTION", "") or "")),
        module=module,
        terminal=bool(getattr(kind, "OUTPUT_NODE", False)),
        is_async=is_async,
        deprecated=bool(getattr(kind, "DEPRECATED", False)),
        experimental=bool(getattr(kind, "EXPERIMENTAL", False)),
        fingerprint=None if changed is None else fingerprint_of(changed),
        lazy_needs=_lazy_needs(instances, signature, wires) if any(each.lazy for each in declared.inputs) else None,
        validate=None if validate is None else validation_of(validate, (each.name for each in declared.hidden)),
        dynamic=_dynamic(declared, method),
        hidden=declared.hidden,
        keyed_by_step=bool(getattr(kind, "NOT_IDEMPOTENT", False))
        or any(each.kind in IDENTITY for each in declared.hidden),
    )


def read_outputs(kind: type) -> tuple[Output, ...]:
    """What RETURN_TYPES, RETURN_NAMES, OUTPUT_IS_LIST and OUTPUT_TOOLTIPS say. Raises SpecError."""
    types = getattr(kind, "RETURN_TYPES", ())
    if isinstance(types, str) or not isinstance(types, Sequence):
        raise SpecError(f"{kind.__name__}: RETURN_TYPES is a tuple such as ('IMAGE',), found {types!r:.80}")
    names = _sequence(kind, "RETURN_NAMES")
    lists = _sequence(kind, "OUTPUT_IS_LIST")
    tooltips = _sequence(kind, "OUTPUT_TOOLTIPS")
    if isinstance(getattr(kind, "RETURN_NAMES", None), str):
        names = (getattr(kind, "RETURN_NAMES"),)  # noqa: B009 - packs forget the comma of a tuple of one
    found: list[Output] = []
    for index, said in enumerate(cast(Sequence[object], types)):
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


def _lazy_needs(instances: Instances, signature: Signature, wires: Wires) -> Callable[..., object]:
    """`check_lazy_status` of the instance at hand, which may be asynchronous."""

    def needs(**inputs: object) -> object:
        run = current_run.get()
        assert run is not None, "asked only while a step is on its way"
        status = getattr(instances.of(run.node_id), "check_lazy_status")  # noqa: B009 - a pack's own method
        given = arguments(signature, inputs, run, wires)
        return status(**parameters_of(status).of(given))

    return needs


def _dynamic(declared: Declared, method: Callable[..., object]) -> Callable[[str, bool], Input | None] | None:
    """Finds inputs that are not listed: a container answers for any name, a link leads to a method that takes any."""
    takes_any = parameters_of(method).takes_any
    if declared.any_name is None and not takes_any:
        return None

    def found(name: str, linked: bool) -> Input | None:
        known = None if declared.any_name is None else declared.any_name(name)
        if known is None and linked and takes_any:
            return Input(name, ANY, "optional", literals=True)
        return known

    return found


def _text(kind: type, name: str) -> str:
    value = getattr(kind, name, None)
    if not isinstance(value, str) or not value:
        raise SpecError(f"{kind.__name__}: {name} is the name of a method, found {value!r:.80}")
    return value


def _optional(kind: type, name: str) -> Callable[..., object] | None:
    found = getattr(kind, name, None)
    return cast(Callable[..., object], found) if callable(found) else None


def _sequence(kind: type, name: str) -> Sequence[object]:
    found = getattr(kind, name, None)
    if isinstance(found, str) or not isinstance(found, Sequence):
        return (found,) if isinstance(found, bool) else ()
    return cast(Sequence[object], found)
