"""The values of a node's widgets: by position or by name in files, by name in what runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from graph.formats.kinds import NodeKind, control_of
from graph.formats.loose import object_of
from graph.formats.sheet import Drawn, Socket

PRIMITIVE: Final = "PrimitiveNode"
REROUTE: Final = "Reroute"
PRIMITIVE_VALUE: Final = "value"
"""The name of what a primitive node holds."""
KEPT: Final = "nodeloom.api"
"""The property of a node under which stands what an editor has no place for: `inputs` and other keys of its step."""

_MOST_OUTPUTS: Final = 1000
_SAMPLERS: Final = ("KSampler", "KSamplerAdvanced")
_OLD_SAMPLER: Final = "sample_"


@dataclass(frozen=True, slots=True)
class Place:
    """One position of `widgets_values`. inherits: a value that the file lacks is none at all."""

    name: str
    initial: object = None
    has_initial: bool = True
    inherits: bool = False


_OWN: Final[Mapping[str, tuple[Place, ...]]] = {
    "Note": (Place("text", ""),),
    "MarkdownNote": (Place("text", ""),),
    PRIMITIVE: (
        Place(PRIMITIVE_VALUE, has_initial=False),
        Place(control_of(PRIMITIVE_VALUE), has_initial=False),
    ),
    REROUTE: (),
}


def is_own(type: str) -> bool:
    """Whether a node belongs to the editor alone and is never run."""
    return type in _OWN


def completed(node: Drawn, kind: NodeKind | None, least_outputs: int) -> Drawn:
    """A node with what files leave to its kind: values by name, and sockets that the file lacks."""
    places = _OWN.get(node.type)
    if places is None and kind is not None:
        places = tuple(Place(each.name, each.default, inherits=kind.is_subgraph) for each in kind.widgets)
    values = {} if places is None else _values(node.type, node.stored, places)
    outputs = list(node.outputs)
    if kind is not None:
        outputs += [each.type for each in kind.outputs[len(outputs) :]]
    outputs += ["*"] * (min(least_outputs, _MOST_OUTPUTS) - len(outputs))
    return replace(node, values=values, inputs=(*node.inputs, *_missing_inputs(node, kind)), outputs=tuple(outputs))


def _missing_inputs(node: Drawn, kind: NodeKind | None) -> list[Socket]:
    if kind is None:
        return []
    return [
        Socket(each.name, each.type, None if each.widget is None else each.name)
        for each in kind.inputs
        if each.name not in node.places and not (each.widget and each.widget.socketless)
    ]


def _values(type: str, stored: object, places: Sequence[Place]) -> dict[str, object]:
    """What the file lacks is initial, what it has too much is ignored, and none is checked."""
    listed = cast(Sequence[object], stored) if isinstance(stored, list) else None
    named = object_of(cast(object, stored))
    values: dict[str, object] = {}
    for at, place in enumerate(places):
        is_there = at < len(listed) if listed is not None else place.name in named
        value = None
        if is_there:
            value = listed[at] if listed is not None else named[place.name]
        if place.inherits and value is None:
            continue
        if is_there:
            values[place.name] = _renewed(type, place.name, value)
        elif place.has_initial:
            values[place.name] = place.initial
    return values


def _renewed(type: str, name: str, value: object) -> object:
    """Old files have `sample_euler` where `euler` is meant."""
    if type in _SAMPLERS and name == "sampler_name" and isinstance(value, str):
        return value.removeprefix(_OLD_SAMPLER)
    return value
