"""The API form to a file that editors open (format 0.4, which all of them read), laid out in columns."""

import random as _random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graph.formats.fitting import as_text
from graph.formats.kinds import KindInput, NodeKind, NodeTable, Widget
from graph.formats.layout import columns, in_order
from graph.formats.texts import as_plain, with_choices_made
from graph.formats.values import KEPT, is_own
from graph.formats.words import FormatError, Hear, Notice, ignore
from graph.steps import Link, Step, Workflow, Wrapped, literal

_TITLE: Final = 30
_ROW: Final = 26
_TEXT_ROW: Final = 88
_PADDING: Final = 6
_PICTURE: Final = 200
_WIDTH: Final = 270
_TEXT_WIDTH: Final = 400
_EXACT: Final = 2**53
_MOST_OUTPUTS: Final = 1000


@dataclass(frozen=True, slots=True)
class _Parts:
    """The inputs of a step: values and links by name, and what no widget of its kind stands for."""

    values: dict[str, object] = field(default_factory=dict[str, object])
    links: dict[str, Link] = field(default_factory=dict[str, Link])
    kept: dict[str, object] = field(default_factory=dict[str, object])


def to_editor(workflow: Workflow, nodes: NodeTable, *, hear: Hear = ignore) -> dict[str, object]:
    """A file of format 0.4 with the same steps: ids, titles, values and links are kept; widgets that a step says
    nothing of get their default, seeds stay as they are (`fixed`).

    hear: is told what could not be carried over. Raises FormatError for a step without a kind, or of a kind that
    editors keep for themselves.
    """
    steps = list(workflow.steps.values())
    kinds = {step.id: _kind(step, nodes, hear) for step in steps}
    parts = {step.id: _parts(step, kinds[step.id], workflow, hear) for step in steps}
    needed: dict[str, int] = {}
    edges: list[tuple[str, str]] = []
    for step_id, each in parts.items():
        for link in each.links.values():
            needed[link.node] = max(needed.get(link.node, 0), link.slot + 1)
            edges.append((link.node, step_id))
    drawn = {step.id: _node(step, parts[step.id], kinds[step.id], needed.get(step.id, 0), hear) for step in steps}
    links = _linked(drawn, parts)
    _place(drawn, kinds, edges)
    numbers = [number for node in drawn.values() if isinstance(number := node["id"], int)]
    return {
        "last_node_id": max(numbers, default=0),
        "last_link_id": len(links),
        "nodes": list(drawn.values()),
        "links": links,
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }


def _kind(step: Step, nodes: NodeTable, hear: Hear) -> NodeKind | None:
    if step.class_type is None:
        raise FormatError("has no class_type, so no node can be drawn for it", where=step.id, node=step.id)
    if is_own(step.class_type):
        message = f"'{step.class_type}' is a node of editors, which never runs; take the step out"
        raise FormatError(message, where=step.id, node=step.id, field="class_type")
    kind = nodes.get(step.class_type)
    if kind is None:
        hear(
            Notice(
                step.id,
                "unknown_node",
                f"step {step.id} is a node '{step.class_type[:200]}' that is not known here; its values are written by "
                "name, which not every editor reads",
                "Install the pack it comes from, or give its description with --nodes (an object_info file).",
            )
        )
    return kind


def _parts(step: Step, kind: NodeKind | None, workflow: Workflow, hear: Hear) -> _Parts:
    parts = _Parts()
    for name, value in step.inputs.items():
        if isinstance(value, Link):
            if value.node in workflow.steps and 0 <= value.slot < _MOST_OUTPUTS:
                parts.links[name] = value
            else:
                shown = f"output {value.slot} of step {value.node}"
                message = f"step {step.id}, input {name}: links to {shown}, which is not there; the link is left out"
                hear(Notice(step.id, "unknown_link", message, "Mend the link in the workflow."))
        elif kind is None or name in kind.by_name:
            parts.values[name] = _told(value)
        else:
            parts.kept[name] = _told(value)
    return parts


def _told(value: object) -> object:
    """A list out of its wrapping; anything else that is wrapped stays so."""
    if isinstance(value, Wrapped):
        return cast(object, value.value) if isinstance(value.value, list) else {"__value__": value.value}
    return literal(value)


def _node(step: Step, parts: _Parts, kind: NodeKind | None, outputs: int, hear: Hear) -> dict[str, object]:
    meta = step.extra.get("_meta")
    told_meta = dict(cast(Mapping[str, object], meta)) if isinstance(meta, Mapping) else {}
    title = told_meta.pop("title", None)
    shown = kind.display_name if kind is not None else step.class_type
    properties: dict[str, object] = {"Node name for S&R": step.class_type}
    extra = {key: value for key, value in step.extra.items() if key != "_meta"}
    if told_meta:
        extra["_meta"] = told_meta
    kept = {key: value for key, value in (("inputs", parts.kept), ("extra", extra)) if value}
    if kept:
        properties[KEPT] = kept
    node: dict[str, object] = {
        "id": _id(step.id),
        "type": step.class_type,
        "pos": [0, 0],
        "size": list(_size(kind, parts, outputs)),
        "flags": {},
        "order": 0,
        "mode": 0,
        "inputs": _inputs(kind, parts),
        "outputs": _outputs(kind, outputs),
        "properties": properties,
        "widgets_values": _values(step, parts, kind, hear),
    }
    return node | ({"title": title} if isinstance(title, str) and title != shown else {})


def _id(id: str) -> int | str:
    is_number = id.isascii() and id.isdigit() and str(int(id[:20])) == id and int(id[:20]) < _EXACT
    return int(id) if is_number else id


def _inputs(kind: NodeKind | None, parts: _Parts) -> list[dict[str, object]]:
    """Sockets; a widget has one where it is linked, as the oldest editors expect it."""
    known: Sequence[KindInput] = () if kind is None else kind.inputs
    found: list[dict[str, object]] = []
    for each in known:
        if each.widget is None or each.name in parts.links:
            socket: dict[str, object] = {"name": each.name, "type": each.type, "link": None}
            found.append(socket if each.widget is None else {**socket, "widget": {"name": each.name}})
    names = {each.name for each in known}
    for name in parts.links:
        if name not in names:
            found.append({"name": name, "type": "*", "link": None})
    return found


def _outputs(kind: NodeKind | None, needed: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [
        {"name": each.name, "type": each.type, "links": [], "slot_index": at}
        for at, each in enumerate(() if kind is None else kind.outputs)
    ]
    return found + [
        {"name": f"output {at}", "type": "*", "links": [], "slot_index": at} for at in range(len(found), needed)
    ]


def _values(step: Step, parts: _Parts, kind: NodeKind | None, hear: Hear) -> object:
    """By position where the kind is known; by name else."""
    if kind is None:
        return dict(parts.values)
    return [_value(step, parts, each, hear) for each in kind.widgets]


def _value(step: Step, parts: _Parts, widget: Widget, hear: Hear) -> object:
    if widget.kind == "control":
        return "fixed"
    if widget.name not in parts.values:
        return widget.default
    value = parts.values[widget.name]
    if not widget.dynamic_prompts or not isinstance(value, str):
        return value
    plain = as_plain(value)
    if with_choices_made(plain, _random.Random(0).random) != as_text(value):
        message = f"step {step.id}, input {widget.name}: a backslash before a brace reads differently in an editor"
        hear(Notice(step.id, "text_altered", message, "Write the text without a backslash before { | or }."))
        return value
    return plain


def _linked(drawn: Mapping[str, dict[str, object]], parts: Mapping[str, _Parts]) -> list[list[object]]:
    """The links as lists, entered at both ends."""
    links: list[list[object]] = []
    for step_id, each in parts.items():
        inputs = cast(list[dict[str, object]], drawn[step_id]["inputs"])
        places = {socket["name"]: at for at, socket in enumerate(inputs)}
        for name, link in each.links.items():
            source = cast(list[dict[str, object]], drawn[link.node]["outputs"])[link.slot]
            number, at = len(links) + 1, places[name]
            cast(list[object], source["links"]).append(number)
            inputs[at]["link"] = number
            links.append([number, drawn[link.node]["id"], link.slot, drawn[step_id]["id"], at, source["type"]])
    return links


def _place(
    drawn: Mapping[str, dict[str, object]], kinds: Mapping[str, NodeKind | None], edges: Sequence[tuple[str, str]]
) -> None:
    sizes = {
        step_id: cast(tuple[float, float], tuple(cast(list[float], node["size"]))) for step_id, node in drawn.items()
    }
    titled = {step_id: (width, height + _TITLE) for step_id, (width, height) in sizes.items()}
    for step_id, place in columns(titled, edges).items():
        drawn[step_id]["pos"] = list(place)
    for order, step_id in enumerate(in_order(list(kinds), edges)):
        drawn[step_id]["order"] = order


def _size(kind: NodeKind | None, parts: _Parts, outputs: int) -> tuple[int, int]:
    """How large a node has to be for its sockets and widgets; the title stands above."""
    if kind is None:
        rows = max(len(parts.links), outputs) + len(parts.values)
        return _WIDTH, rows * _ROW + 2 * _PADDING
    plain = sum(each.widget is None for each in kind.inputs)
    linked = sum(each.widget is not None and each.name in parts.links for each in kind.inputs)
    rows = max(plain + linked, len(kind.outputs), outputs)
    texts = sum(each.multiline for each in kind.widgets)
    shows = any(each.uploads for each in kind.widgets) or (
        kind.terminal and any(each.type == "IMAGE" for each in kind.inputs)
    )
    height = rows * _ROW + (len(kind.widgets) - texts) * _ROW + texts * _TEXT_ROW + shows * _PICTURE + 2 * _PADDING
    return (_TEXT_WIDTH if texts else _WIDTH), height
