"""Workflows as text: JSON and YAML, read strictly and written so that reading gives the same workflow back."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

import yaml

from graph.errors import WorkflowError
from graph.steps import DEPTH, Link, Step, Workflow, Wrapped, from_api, literal, to_api, to_document
from graph.strict_json import parse

__all__ = [
    "Format",
    "Link",
    "Step",
    "Workflow",
    "Wrapped",
    "dumps",
    "from_api",
    "literal",
    "loads",
    "parsed",
    "read",
    "to_api",
    "to_document",
]

Format = Literal["json", "yaml"]
MAX_BYTES: Final = 50_000_000
MAX_YAML_BYTES: Final = 5_000_000
"""YAML is written by hand and slow to read, so less of it is taken."""
MAX_YAML_VALUES: Final = 1_000_000
"""How many values a YAML text may stand for once its aliases are followed."""


def read(path: str | Path) -> Workflow:
    """Read a workflow file; the ending `.yaml` or `.yml` means YAML, anything else JSON.

    Raises WorkflowError naming the file, OSError where it cannot be read.
    """
    path = Path(path)
    if path.stat().st_size > MAX_BYTES:
        raise WorkflowError(f"{path}: larger than {MAX_BYTES:,} bytes")
    try:
        return loads(path.read_bytes(), "yaml" if path.suffix.lower() in (".yaml", ".yml") else "json")
    except WorkflowError as error:
        named = WorkflowError(f"{path}: {error}")
        named.line, named.column, named.where = error.line, error.column, error.where
        raise named from None


def loads(text: str | bytes, format: Format = "json", max_bytes: int = MAX_BYTES) -> Workflow:
    """Read a workflow from text. Raises WorkflowError with line and column."""
    return from_api(parsed(text, format, max_bytes))


def parsed(text: str | bytes, format: Format = "json", max_bytes: int = MAX_BYTES) -> object:
    """The value of a text, whatever it is of. Raises WorkflowError with line and column."""
    limit = max_bytes if format == "json" else min(max_bytes, MAX_YAML_BYTES)
    if len(text) > limit:
        raise WorkflowError(f"a workflow as {format} may have {limit:,} bytes, found {len(text):,}")
    if isinstance(text, bytes):
        text = _decode(text)
    return parse(text) if format == "json" else _parse_yaml(text)


def dumps(workflow: Workflow, format: Format = "json") -> str:
    """Write a workflow, with what stood around its steps, so that `loads` gives it back."""
    document = to_document(workflow)
    if format == "json":
        return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        raise WorkflowError(
            f"the text is not UTF-8 at byte {error.start}",
            line=before.count(b"\n") + 1,
            column=error.start - before.rfind(b"\n"),
        ) from None


# YAML: the parser's events are put together here, by the scalars of YAML 1.2 (so `no` is text), without recursion.

_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_RARE: Final = re.compile("[\x85\u2028\u2029\ufeff]")
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class _Dumper(yaml.SafeDumper):
    """Writes quotes around every text that `_scalar` would read as something else."""

    def ignore_aliases(self, data: object) -> bool:
        """Write every value where it stands."""
        return True

    def represent_scalar(self, tag: str, value: str, style: str | None = None) -> yaml.ScalarNode:
        """Text with the rarer line ends is quoted with escapes, since other styles fold them."""
        if _RARE.search(value):
            style = '"'
        return super().represent_scalar(tag, value, style)  # pyright: ignore[reportUnknownMemberType]

    def resolve(self, kind: type[yaml.Node], value: str, implicit: object) -> str:
        """The tag a plain scalar is read with: also `1e5`, which YAML 1.1 takes for text, is a number."""
        if kind is yaml.ScalarNode and _INTEGER.fullmatch(value):
            return "tag:yaml.org,2002:int"
        if kind is yaml.ScalarNode and _FLOAT.fullmatch(value):
            return "tag:yaml.org,2002:float"
        return cast(str, super().resolve(kind, value, implicit))  # pyright: ignore[reportUnknownMemberType]


@dataclass(slots=True)
class _Open:
    """A list or object whose end has not come yet; `weight` counts the values it stands for."""

    value: "list[object] | dict[str, object]"
    anchor: str | None
    key: str | None = None
    weight: int = 1


def _parse_yaml(text: str) -> object:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _build(cast(Iterator[yaml.Event], yaml.parse(text, Loader=loader)))  # pyright: ignore[reportUnknownMemberType]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
        raise WorkflowError(f"no YAML: {error.problem or error}", line=place[0], column=place[1]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise WorkflowError(f"no YAML: {error.reason}", line=line, column=column) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        column = error.start - text.rfind("\n", 0, error.start)
        raise WorkflowError("a lone surrogate is no character", line=line, column=column) from None


def _build(events: Iterator[yaml.Event]) -> object:
    """Put the events of one document together."""
    stack: list[_Open] = [_Open([], None)]
    anchors: dict[str, tuple[object, int]] = {}
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent) and stack[0].value:
            _refuse(event, "a second document starts here")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(stack) > DEPTH:
                _refuse(event, f"nested deeper than {DEPTH} levels")
            _need_key(stack[-1], event)
            _known_tag(event)
            stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = stack.pop()
            if done.anchor is not None:
                anchors[done.anchor] = (done.value, done.weight)
            _add(stack[-1], event, done.value, done.weight)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                _refuse(event, f"the alias *{event.anchor} stands for nothing that is complete before it")
            _need_key(stack[-1], event)
            _add(stack[-1], event, *anchors[event.anchor])
        elif isinstance(event, yaml.ScalarEvent):
            top = stack[-1]
            if isinstance(top.value, dict) and top.key is None:
                if event.value in top.value:
                    _refuse(event, f"the key {event.value[:80]!r} stands here twice")
                top.key = event.value
                continue
            value = _scalar(event)
            if event.anchor is not None:
                anchors[event.anchor] = (value, 1)
            _add(top, event, value, 1)
    root = stack[0].value
    return root[0] if isinstance(root, list) and root else None


def _need_key(top: _Open, event: yaml.Event) -> None:
    if isinstance(top.value, dict) and top.key is None:
        _refuse(event, "a key is plain text, found a list, an object or an alias")


def _add(top: _Open, event: yaml.Event, value: object, weight: int) -> None:
    top.weight += weight
    if top.weight > MAX_YAML_VALUES:
        _refuse(event, f"stands for more than {MAX_YAML_VALUES:,} values once its aliases are followed")
    if isinstance(top.value, list):
        top.value.append(value)
    elif top.key is not None:
        top.value[top.key] = value
        top.key = None


def _scalar(event: yaml.ScalarEvent) -> object:
    _known_tag(event)
    text: str = event.value
    if not event.implicit[0] or event.tag == "tag:yaml.org,2002:str":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        _refuse(event, f"{text} is no number of a workflow")
    if _INTEGER.fullmatch(text):
        if len(text) > 1000:
            _refuse(event, "the number has more than 1,000 digits")
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            _refuse(event, f"the number {text[:40]} is too large")
        return number
    return text


def _known_tag(event: yaml.NodeEvent) -> None:
    tag = getattr(event, "tag", None)
    allowed = ("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
    if tag is not None and tag not in allowed:
        _refuse(event, f"the tag {tag} is not read; write a plain value")


def _refuse(event: yaml.Event, message: str) -> None:
    mark = event.start_mark
    raise WorkflowError(message, line=mark.line + 1, column=mark.column + 1)
