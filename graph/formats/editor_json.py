"""Editors' files (formats 0.4 and 1.0) to the API form: what the engine runs, by names in place of positions.

The rules are those by which an editor itself makes a prompt of what is drawn; `docs/workflows.md` lists them. Nothing
here recurses along links, and everything takes time in proportion to the nodes that the file stands for.
"""

import hashlib
import json
import random
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

from graph.formats.fitting import as_text, fitted
from graph.formats.kinds import NodeKind, NodeTable, Widget
from graph.formats.library import Library
from graph.formats.loose import object_of
from graph.formats.sheet import Drawn, read_body
from graph.formats.sources import Given, Output, Primitive, Scope, Source, Sources, kind_types
from graph.formats.texts import Random, with_choices_made, with_replacements
from graph.formats.values import KEPT
from graph.formats.words import FormatError, Hear, Notice, ignore
from graph.steps import check_shape

MOST_STEPS: Final = 100_000
_NAME: Final = "Node name for S&R"
_REPLACES: Final = "Run widget replace on values"
_FILE_NAME: Final = "filename_prefix"
_LONGEST_ID: Final = 200


def is_editor_format(data: object) -> bool:
    """Whether some JSON is a file as editors save it: it has a list of nodes, where the API form has steps by id."""
    return isinstance(data, Mapping) and isinstance(cast(Mapping[str, object], data).get("nodes"), list)


def to_api(
    data: object, nodes: NodeTable, *, random: Random | None = None, now: datetime | None = None, hear: Hear = ignore
) -> dict[str, object]:
    """The steps that a file stands for, in the API form; what lies in sub-graphs has ids such as `7:3`.

    random: makes the choices in prompts (`{red|green}`), 0 ≤ x < 1; without it the file itself decides, so that it
        always reads the same.
    now: what `%date:…%` in names of files stands for. Without it such tokens stay, for the node that saves to fill in,
        and so do those of nodes that it finds by itself (`%KSampler.seed%`).
    hear: is told what could not be carried over.
    Raises FormatError, which names the node and the field.
    """
    check_shape(data)
    if not is_editor_format(data):
        raise FormatError("a file of an editor is an object with a list of nodes", field="nodes")
    document = cast(Mapping[str, object], data)
    library = Library(document, nodes, hear)
    body = library.complete(read_body(document, "", False, hear))
    return _Making(library, Sources(library, body), random or chooser(document), now, hear).steps()


def chooser(document: object, seed: int | None = None) -> Random:
    """Draws numbers that depend on the file, and on a seed where one is given."""
    made: list[Random] = []

    def draw() -> float:
        if not made:
            text = json.dumps([document, seed], sort_keys=True, separators=(",", ":"))
            made.append(random.Random(hashlib.sha256(text.encode()).digest()).random)
        return made[0]()

    return draw


class _Making:
    """The making of one prompt. `chosen`: a text with choices that several inputs get reads the same in all."""

    def __init__(self, library: Library, sources: Sources, random: Random, now: datetime | None, hear: Hear) -> None:
        self._library = library
        self._sources = sources
        self._random = random
        self._now = now
        self._hear = hear
        self._chosen: dict[str, str] = {}

    def steps(self) -> dict[str, object]:
        """All steps by id."""
        made: dict[str, object] = {}
        for scope, node in self._sources.running():
            step_id = scope.id_of(node.id)
            if step_id in made:
                message = f"two nodes would run under the id {step_id}; change the id of one of them"
                raise FormatError(message, where=f"{node.where}.id", node=step_id, field="id")
            if len(made) >= MOST_STEPS:
                message = f"it stands for more than {MOST_STEPS:,} steps; split it, or use fewer sub-graphs"
                raise FormatError(message, where="nodes", field="nodes")
            made[step_id] = self._step(step_id, scope, node)
        return made

    def _step(self, id: str, scope: Scope, node: Drawn) -> dict[str, object]:
        kind = self._library.kind(node, scope.body)
        if kind is None:
            self._tell_unknown(id, scope, node)
        kept = object_of(node.properties.get(KEPT))
        extra = dict(object_of(kept.get("extra")))
        meta = extra.pop("_meta", None)
        title = node.title if node.title is not None else kind.display_name if kind is not None else node.type
        return {
            **{key: value for key, value in extra.items() if key not in ("class_type", "inputs")},
            "inputs": self._inputs(scope, node, kind, object_of(kept.get("inputs"))),
            "class_type": node.type,
            "_meta": {**object_of(meta), "title": title},
        }

    def _inputs(
        self, scope: Scope, node: Drawn, kind: NodeKind | None, kept: Mapping[str, object]
    ) -> dict[str, object]:
        found: dict[str, Source] = {}
        for slot, socket in enumerate(node.inputs):
            if socket.name not in found:
                source = self._sources.of(scope, node, slot, kind_types(kind, node, socket.name))
                if source is not None:
                    found[socket.name] = source
        inputs: dict[str, object] = {}
        for name, value in kept.items():
            if kind is None or name not in kind.by_name:
                inputs[name] = unlinked(value)
        if kind is None and isinstance(node.stored, Mapping):
            for name, value in cast(Mapping[str, object], node.stored).items():
                inputs[name] = unlinked(value)
        for widget in () if kind is None else kind.widgets:
            source = found.get(widget.name)
            if widget.is_sent and not isinstance(source, Output):
                given = self._sent(scope, node, kind, widget, source)
                if given is not None:
                    inputs[widget.name] = given[0]
        for name, source in found.items():
            if isinstance(source, Output):
                inputs[name] = [source.id, source.slot]
            elif isinstance(source, Given) and name not in inputs:
                inputs[name] = unlinked(source.value)
        return inputs

    def _sent(
        self, scope: Scope, node: Drawn, kind: NodeKind | None, widget: Widget, source: Source
    ) -> tuple[object] | None:
        """The value of a widget, in a tuple; None where nothing is known of it."""
        told = self._primitive_value(source, widget) if isinstance(source, Primitive) else None
        given: tuple[object] | None
        if told is not None:
            given = (told,)
        elif isinstance(source, Given):
            given = (source.value,)
        else:
            given = self._sources.value(scope, node, widget.name)
        if given is None:
            return None
        value = as_text(given[0]) if widget.multiline else given[0]
        if not isinstance(value, str):
            return (unlinked(value),)
        if widget.dynamic_prompts:
            return (self._with_choices(value, source),)
        if widget.name == _FILE_NAME and kind is not None and kind.terminal:
            return (self._with_replacements(value, scope),)
        return (value,)

    def _primitive_value(self, source: Primitive, widget: Widget) -> object:
        value = source.value
        if isinstance(value, str) and source.node.properties.get(_REPLACES) is True:
            value = self._with_replacements(value, source.scope)
        return fitted(widget, value)

    def _with_choices(self, text: str, source: Source) -> str:
        if not isinstance(source, Given):
            return with_choices_made(text, self._random)
        if source.by not in self._chosen:
            self._chosen[source.by] = with_choices_made(text, self._random)
        return self._chosen[source.by]

    def _with_replacements(self, text: str, scope: Scope) -> str:
        def value(name: str, widget: str) -> tuple[object] | None:
            around: Scope | None = scope
            while around is not None:
                node = self._named(around).get(name)
                if node is not None and self._is_left(around, node, name):
                    return None
                found = None if node is None else self._sources.value(around, node, widget)
                if found is not None:
                    return found
                around = None if around.outer is None else around.outer.scope
            return None

        return with_replacements(text, value, self._now)

    def _is_left(self, scope: Scope, node: Drawn, name: str) -> bool:
        """Whether the node that saves finds this one by itself: by title or class, among steps that are not inside."""
        return self._now is None and scope.outer is None and name in (node.title, node.type)

    def _named(self, scope: Scope) -> Mapping[str, Drawn]:
        """Nodes by their name for this purpose, else by title, else by what they are shown as."""
        if not scope.by_name:
            nodes = scope.body.nodes.values()
            for node in nodes:
                name = node.properties.get(_NAME)
                if isinstance(name, str):
                    scope.by_name.setdefault(name, node)
            for node in nodes:
                if node.title is not None:
                    scope.by_name.setdefault(node.title, node)
            for node in nodes:
                kind = self._library.kind(node, scope.body)
                scope.by_name.setdefault(node.type, node)
                if kind is not None:
                    scope.by_name.setdefault(kind.display_name, node)
        return scope.by_name

    def _tell_unknown(self, id: str, scope: Scope, node: Drawn) -> None:
        path: list[Drawn] = []
        outer = scope.outer
        while outer is not None:
            path.insert(0, outer.node)
            outer = outer.scope.outer
        inside = f", which lies in {self._library.shown(path)}," if path else ""
        lost = len(cast(list[object], node.stored)) if isinstance(node.stored, list) else 0
        values = f"; what its widgets hold ({lost} in a row) cannot be told by name and is left out" if lost else ""
        self._hear(
            Notice(
                id,
                "unknown_node",
                f"step {id}{inside} is a node '{node.type[:_LONGEST_ID]}' that is not known here{values}",
                "Install the pack it comes from, or give its description with --nodes (an object_info file).",
            )
        )


def unlinked(value: object) -> object:
    """A list must not be taken for a link."""
    return {"__value__": cast(object, value)} if isinstance(value, list) else value
