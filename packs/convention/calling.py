"""Calls what a pack wrote with the arguments it expects, and reads what it returned."""

import inspect
import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, cast

from graph.errors import NodeError
from graph.handle import Run
from graph.interface import Hidden, Input, Output
from graph.results import Blocker, Expand, Shown
from packs.convention.hidden import hidden_values
from packs.convention.plain import plain
from packs.convention.waiting import waited
from packs.convention.wires import Wires

builders: Final[ContextVar[Iterator[int] | None]] = ContextVar("builders", default=None)
"""Counts the graphs that are built during one call of a node, so that their ids are the same in every run."""


class Returned:
    """What a call gives back in the newer convention: values, what it shows, a graph, or why nothing goes on."""

    def __init__(
        self,
        *args: object,
        ui: object = None,
        expand: Mapping[str, object] | None = None,
        block_execution: str | None = None,
    ) -> None:
        self.args = args
        self.ui = ui
        self.expand = expand
        self.block_execution = block_execution


@dataclass(frozen=True, eq=False)
class Signature:
    """How a class wants to be called.

    all_lists: hidden inputs come as lists too, as all others do. expands: whether it may return a graph.
    """

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    hidden: tuple[Hidden, ...]
    all_lists: bool = False
    expands: bool = True


def arguments(signature: Signature, inputs: Mapping[str, object], run: Run, wires: Wires) -> dict[str, object]:
    """The keyword arguments of one call: values as packs know them, lazy ones that were not computed as None."""
    lists = signature.all_lists
    absent = [None] if lists else None
    given: dict[str, object] = {each.name: absent for each in signature.inputs if each.lazy and _is_linked(each, run)}
    for name, value in inputs.items():
        if lists:
            items = cast(list[object], value) if isinstance(value, list) else [value]
            given[name] = [wires.outward(item) for item in items]
        else:
            given[name] = wires.outward(value)
    for name, value in hidden_values(signature.hidden, run).items():
        given[name] = [value] if lists else value
    return given


def caller(
    target: Callable[[Run], Callable[..., object]], signature: Signature, wires: Wires, is_async: bool
) -> Callable[[Mapping[str, object], Run], object]:
    """The engine's way to call a node of a pack. target: gives the function of the step at hand."""

    def call(inputs: Mapping[str, object], run: Run) -> object:
        token = builders.set(itertools.count())
        try:
            returned = waited(target(run)(**arguments(signature, inputs, run, wires)))
            return result(returned, signature, wires)
        finally:
            builders.reset(token)

    async def call_beside(inputs: Mapping[str, object], run: Run) -> object:
        builders.set(itertools.count())  # of this task's own context
        returned = target(run)(**arguments(signature, inputs, run, wires))
        if inspect.isawaitable(returned):
            returned = await cast(Awaitable[object], returned)
        return result(returned, signature, wires)

    return call_beside if is_async else call


def result(returned: object, signature: Signature, wires: Wires) -> object:
    """What a call returned, in the engine's words. Raises NodeError for what is no result."""
    outputs = signature.outputs
    if isinstance(returned, Blocker):
        return returned
    if isinstance(returned, Returned):
        return _newer(returned, signature, wires)
    if isinstance(returned, Mapping):
        told = cast(Mapping[str, object], returned)
        graph = told.get("expand")
        given = told.get("result")
        if graph is not None:
            return _expanded(graph, given, told.get("ui"), outputs, wires)
        values = (None,) * len(outputs) if given is None else _values(given, outputs, wires)
        return Shown(_ui(told.get("ui")), values)
    if returned is None and not outputs:
        return ()
    return _values(returned, outputs, wires)


def _newer(returned: Returned, signature: Signature, wires: Wires) -> object:
    outputs = signature.outputs
    if returned.block_execution is not None:
        return Shown(_ui(returned.ui), (Blocker(returned.block_execution),) * len(outputs))
    if returned.expand is not None:
        if not signature.expands:
            raise NodeError("it returned a graph in place of itself; its schema has to say enable_expand=True")
        return _expanded(returned.expand, returned.args or None, returned.ui, outputs, wires)
    values = returned.args or (None,) * len(outputs)
    return Shown(_ui(returned.ui), _values(values, outputs, wires))


def _values(given: object, outputs: Sequence[Output], wires: Wires) -> tuple[object, ...]:
    """One value an output. What a pack returns beyond them is dropped; where it returns less, nothing goes on."""
    if isinstance(given, Blocker):
        return (given,) * len(outputs)
    if not isinstance(given, tuple | list):
        raise NodeError(
            f"it returned {type(given).__name__}; a node returns a tuple with a value for each of its "
            f"{len(outputs)} outputs, such as (value,)"
        )
    values = list(cast(Sequence[object], given))
    for output in outputs[len(values) :]:
        values.append(Blocker(f"nothing came out of {output.name}: the node returned {len(given)} values"))
    return tuple(_inward(value, output, wires) for value, output in zip(values, outputs, strict=False))


def _inward(value: object, output: Output, wires: Wires) -> object:
    if isinstance(value, Blocker):
        return value
    if output.is_list and isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        items = cast(Iterable[object], value)
        return [item if isinstance(item, Blocker) else wires.inward(item, output.type) for item in items]
    return wires.inward(value, output.type)


def _expanded(graph: object, given: object, ui: object, outputs: Sequence[Output], wires: Wires) -> Expand:
    """A graph to be run in the node's place; links stay links, other values become those of our wires."""
    if not isinstance(graph, Mapping):
        raise NodeError(f"'expand' is a graph as GraphBuilder.finalize() gives it, found {type(graph).__name__}")
    steps: dict[str, Mapping[str, object]] = {}
    for name, node in cast(Mapping[str, object], graph).items():
        if not isinstance(node, Mapping):
            raise NodeError(f"node {name} of 'expand' is a dictionary, found {type(node).__name__}")
        fields = dict(cast(Mapping[str, object], node))
        inputs = fields.get("inputs")
        if isinstance(inputs, Mapping):
            named = cast(Mapping[str, object], inputs)
            fields["inputs"] = {key: _literal(value, wires) for key, value in named.items()}
        steps[str(name)] = fields
    if isinstance(given, Blocker) or given is None:
        values: tuple[object, ...] = (given,) * len(outputs)
    elif isinstance(given, tuple | list):
        values = tuple(
            _link(value) or _inward(value, output, wires)
            for value, output in zip(cast(Sequence[object], given), outputs, strict=False)
        )
    else:
        raise NodeError(f"the 'result' beside 'expand' is a tuple of values and links, found {type(given).__name__}")
    return Expand(steps, values, _ui(ui))


def _literal(value: object, wires: Wires) -> object:
    if isinstance(value, str | int | float | bool):
        return value
    return _link(value) or wires.inward(value, "*")


def _link(value: object) -> list[object] | None:
    """A link in its plainest form, None for what is none."""
    if not is_link(value):
        return None
    step, slot = cast("tuple[str, int | float]", value)
    return [str.__str__(step), int(slot)]


def is_link(value: object) -> bool:
    """Whether a value is a link in the API form: a list of a node's id and the position of an output."""
    if not isinstance(value, list):
        return False
    pair = cast(list[object], value)
    if len(pair) != 2 or not isinstance(pair[0], str) or isinstance(pair[1], bool):
        return False
    return isinstance(pair[1], int) or (isinstance(pair[1], float) and pair[1].is_integer())


def _ui(ui: object) -> Mapping[str, object]:
    told = getattr(ui, "as_dict", None)
    shown = plain(told() if callable(told) else ui)
    return cast(Mapping[str, object], shown) if isinstance(shown, dict) else {}


def _is_linked(declared: Input, run: Run) -> bool:
    step = run.step(run.node_id)
    return step is not None and declared.name in step.inputs
