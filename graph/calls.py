"""One call of a node: from the values on its wires to arguments, and from what it returns to values on wires again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from graph.coerce import coerce
from graph.errors import NodeError
from graph.handle import Run, call_index
from graph.interface import Node
from graph.results import Blocker, Expand, Shown, Written
from graph.steps import Link, Step, literal

Values = Sequence[object]
"""What a wire carries: the values of an output slot, one unless a list was mapped or made."""


Arguments = dict[str, object]
"""What one call is made with, by input name."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one call returned, in one form: a value per output, what it showed and wrote, and a graph to run."""

    values: Sequence[object]
    ui: Mapping[str, object] = field(default_factory=dict[str, object])
    files: tuple[Written, ...] = ()
    expand: Expand | None = None


def gather(step: Step, node: Node, values_of: Callable[[Link], Values | None]) -> dict[str, Values]:
    """The values of every input that has some; `values_of` gives None for what was not computed.

    Raises CoerceError for a literal of the wrong type, NodeError for a slot that does not exist.
    """
    given: dict[str, Values] = {}
    by_name = node.by_name
    for name, value in step.inputs.items():
        if value.__class__ is Link:
            link = cast(Link, value)
            declared = by_name.get(name) or node.input(name, True)
            if declared is None:
                continue
            if declared.raw_link:
                given[name] = ([link.node, link.slot],)
                continue
            values = values_of(link)
            if values is not None:
                given[name] = values
        else:
            declared = by_name.get(name) or node.input(name, False)
            if declared is not None:
                plain = coerce(declared, literal(value))
                given[name] = cast(list[object], plain) if declared.is_list and isinstance(plain, list) else (plain,)
    return given


def arguments(node: Node, given: Mapping[str, Values]) -> Iterator[Arguments]:
    """The arguments of each call: one for plain values, else one per item, shorter lists repeating their last.

    An input that takes lists gets all its values in every call. Without any item there is no call.
    """
    if not node.has_lists:
        for values in given.values():
            if len(values) != 1:
                break
        else:
            yield {name: values[0] for name, values in given.items()}
            return
    lists = {name for name in given if _takes_list(node, name)}
    lengths = [len(values) for name, values in given.items() if name not in lists]
    for index in range(0 if 0 in lengths else max(lengths, default=1)):
        yield {
            name: list(values) if name in lists else values[min(index, len(values) - 1)]
            for name, values in given.items()
        }


def _takes_list(node: Node, name: str) -> bool:
    declared = node.by_name.get(name) or node.input(name, True)
    return declared is not None and declared.is_list


def blocker_in(inputs: Mapping[str, object]) -> Blocker | None:
    """The first blocker among the arguments of a call."""
    for value in inputs.values():
        if value.__class__ is Blocker:
            return cast(Blocker, value)
        if isinstance(value, Blocker):
            return value
        if value.__class__ is list:
            for item in cast(list[object], value):
                if isinstance(item, Blocker):
                    return item
    return None


def blocked(node: Node) -> Piece:
    """What a call comes to that a blocker kept from being made: blockers that say nothing more."""
    return Piece((Blocker(),) * len(node.outputs))


def call_in_turn(node: Node, calls: Sequence[Arguments | None], run: Run) -> list[Piece]:
    """Make the calls one after the other; None stands for one that a blocker keeps from being made."""
    pieces: list[Piece] = []
    for index, inputs in enumerate(calls):
        if index:
            run.check_stop()
        token = call_index.set(index)
        try:
            pieces.append(blocked(node) if inputs is None else piece_of(node, node.call(inputs, run)))
        finally:
            call_index.reset(token)
    return pieces


async def call_side_by_side(node: Node, calls: Sequence[Arguments | None], run: Run) -> list[Piece]:
    """Make the calls of an asynchronous node, all at once."""

    async def one(index: int, inputs: Arguments | None) -> Piece:
        if inputs is None:
            return blocked(node)
        call_index.set(index)  # in the context of this call's own task
        return piece_of(node, await cast(Awaitable[object], node.call(inputs, run)))

    return list(await asyncio.gather(*(one(index, inputs) for index, inputs in enumerate(calls))))


def piece_of(node: Node, returned: object) -> Piece:
    """What a call returned, checked against the node's outputs. Raises NodeError where they do not fit."""
    if isinstance(returned, tuple):
        piece = Piece(cast(tuple[object, ...], returned))
    elif isinstance(returned, Blocker):
        return Piece((returned,) * len(node.outputs))
    elif isinstance(returned, Shown):
        piece = Piece(returned.result, returned.ui, tuple(_written(node, Path(path)) for path in returned.files))
    elif returned is None and not node.outputs:
        return Piece(())
    elif isinstance(returned, Expand):
        piece = Piece(returned.result, returned.ui, (), returned)
    else:
        raise NodeError(f"{node.id} returned {type(returned).__name__}; a node returns a tuple with a value per output")
    if len(piece.values) != len(node.outputs):
        names = ", ".join(output.name for output in node.outputs) or "none"
        raise NodeError(f"{node.id} returned {len(piece.values)} values for {len(node.outputs)} outputs ({names})")
    return piece


def _written(node: Node, path: Path) -> Written:
    path = path.absolute()
    if not path.is_file():
        raise NodeError(f"{node.id} says it wrote {path}, and there is no such file")
    return Written(str(path), path.stat().st_size)


def outputs_of(node: Node, pieces: Sequence[Piece], values_of: Callable[[Link], Values]) -> tuple[Values, ...]:
    """The values of every output slot, from all calls in order; a link stands for the values behind it."""
    if len(pieces) == 1 and not node.has_lists and pieces[0].expand is None:
        return tuple([(value,) for value in pieces[0].values])
    slots: list[Values] = []
    for number, output in enumerate(node.outputs):
        items: list[object] = []
        for piece in pieces:
            value = piece.values[number]
            if piece.expand is not None and isinstance(value, Link):
                items.extend(values_of(value))
            elif output.is_list and not isinstance(value, Blocker):
                if not isinstance(value, list | tuple):
                    raise NodeError(
                        f"{node.id}: its output {output.name} is a list, and it returned {type(value).__name__}"
                    )
                items.extend(cast(Sequence[object], value))
            else:
                items.append(value)
        slots.append(tuple(items))
    return tuple(slots)


def merged_ui(shown: Sequence[Mapping[str, object]]) -> Mapping[str, object] | None:
    """What several calls show, as one: lists of the same name are joined, otherwise the last counts."""
    full = [ui for ui in shown if ui]
    if len(full) < 2:
        return full[0] if full else None
    merged: dict[str, object] = {}
    for ui in full:
        for name, value in ui.items():
            before = merged.get(name)
            if isinstance(before, list | tuple) and isinstance(value, list | tuple):
                merged[name] = [*cast(Sequence[object], before), *cast(Sequence[object], value)]
            else:
                merged[name] = value
    return merged
