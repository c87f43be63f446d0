"""Read a type annotation: the wire type it stands for, and what `Annotated` says besides."""

import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Union, cast, get_args, get_origin

from graph.errors import SpecError
from graph.interface import ANY
from graph.marks import Wire
from graph.results import Blocker, Expand, Shown

_SCALARS: Final = {int: "INT", float: "FLOAT", str: "STRING", bool: "BOOLEAN", Any: ANY, object: ANY}
_RESULTS: Final = (Shown, Expand, Blocker)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an annotation says. `marks` are the words in `Annotated`, `choices` those of a `Literal`."""

    type: str
    marks: tuple[object, ...] = ()
    nullable: bool = False
    is_list: bool = False
    choices: tuple[object, ...] | None = None


def read_annotation(annotation: object, where: str) -> Reading:
    """Read one socket's annotation. Raises SpecError, naming `where`, for a type that no wire carries."""
    marks: list[object] = []
    nullable = is_list = False
    while True:
        origin = get_origin(annotation)
        wires = [mark for mark in marks if isinstance(mark, Wire)]
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            marks.extend(more)
        elif origin in (Union, types.UnionType):
            members = [member for member in get_args(annotation) if member is not types.NoneType]
            nullable = nullable or len(members) < len(get_args(annotation))
            if len(members) != 1 and not wires:
                return _union(members, marks, nullable, is_list, where)
            annotation = members[0]
        elif origin is list and not wires:
            is_list, annotation = True, get_args(annotation)[0]
        else:
            break
    if wires:
        return Reading(wires[-1].type, tuple(marks), nullable, is_list)
    if origin is Literal:
        return Reading("COMBO", tuple(marks), nullable, is_list, get_args(annotation))
    return Reading(_wire_type(annotation, where), tuple(marks), nullable, is_list)


def without_results(annotation: object) -> object:
    """A return annotation without the words for special results, so that `Latent | Shown` is `Latent`."""
    if annotation is None or annotation is types.NoneType or annotation in cast(tuple[object, ...], _RESULTS):
        return None
    if get_origin(annotation) in (Union, types.UnionType):
        left = [member for member in get_args(annotation) if member not in _RESULTS]
        if len(left) < len(get_args(annotation)):
            real = [member for member in left if member is not types.NoneType]
            return Union[tuple(left)] if real else None  # noqa: UP007 - the members are known only now
    return annotation


def _union(members: Iterable[object], marks: list[object], nullable: bool, is_list: bool, where: str) -> Reading:
    readings = [read_annotation(member, where) for member in members]
    types_in_order = dict.fromkeys(reading.type for reading in readings)
    return Reading(ANY if ANY in types_in_order else ",".join(types_in_order), tuple(marks), nullable, is_list)


def _wire_type(annotation: object, where: str) -> str:
    if isinstance(annotation, type) or annotation is Any:
        scalar = _SCALARS.get(annotation)
        if scalar is not None:
            return scalar
    wire = getattr(get_origin(annotation) or annotation, "wire", None)
    if isinstance(wire, str) and wire:
        return wire
    name = getattr(annotation, "__name__", None) or repr(annotation)
    raise SpecError(
        f"{where}: {name} names no wire type; give the class a class attribute `wire`, "
        f'or write Annotated[{name}, Wire("...")]'
    )
