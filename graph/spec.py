"""Read a typed function into a `Node`: the signature is the only place where a node's interface is written."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, Protocol, TypeVar, cast, get_type_hints

from graph.annotations import Reading, read_annotation, without_results
from graph.errors import SpecError
from graph.handle import Run
from graph.interface import ABSENT, WIDGETS, Hidden, Input, Node, Output
from graph.marks import (
    Choice,
    ChoiceFrom,
    Label,
    Lazy,
    Multiline,
    Optional,
    Options,
    Range,
    RawLink,
    Seed,
    Socket,
    Upload,
    Wire,
)
from graph.results import Blocker, Expand, Shown

__all__ = [
    "ABSENT", "Blocker", "Choice", "ChoiceFrom", "Expand", "Hidden", "Input", "Label", "Lazy", "Multiline", "Node",
    "NodeFunction", "Optional", "Options", "Output", "Range", "RawLink", "Run", "Seed", "Shown", "Socket", "Upload",
    "Wire", "node", "read_node",
]  # fmt: skip

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned", covariant=True)
Mark = TypeVar("Mark")


class NodeFunction(Protocol[Parameters, Returned]):
    """A typed function together with the `Node` that was read from it."""

    node: Node

    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        """Call the function itself."""
        ...


def node(
    id: str,
    *,
    category: str,
    display_name: str | None = None,
    version: int | str = 1,
    terminal: bool = False,
    fingerprint: Callable[[Mapping[str, object], Mapping[type, object]], object] | None = None,
    lazy_needs: Callable[..., object] | None = None,
    validate: Callable[[Mapping[str, object], Mapping[str, str]], Iterable[tuple[str | None, str]]] | None = None,
    deprecated: bool = False,
    experimental: bool = False,
    hidden: Mapping[str, str] | None = None,
    keyed_by_step: bool = False,
) -> Callable[[Callable[Parameters, Returned]], NodeFunction[Parameters, Returned]]:
    """Declare a function to be a node; its `Node` is then `function.node`, and the function stays what it was.

    The meaning of the words is at `graph.interface.Node`. Raises SpecError at once for what cannot be read.
    """

    def declare(function: Callable[Parameters, Returned]) -> NodeFunction[Parameters, Returned]:
        read = read_node(function, id)
        declared = cast(NodeFunction[Parameters, Returned], function)
        declared.node = Node(
            id=id,
            inputs=read.inputs,
            outputs=read.outputs,
            call=read.call,
            category=category,
            display_name=display_name or id,
            description=read.description,
            module=function.__module__,
            version=version,
            terminal=terminal,
            is_async=inspect.iscoroutinefunction(function),
            deprecated=deprecated,
            experimental=experimental,
            fingerprint=fingerprint,
            lazy_needs=lazy_needs,
            validate=validate,
            hidden=tuple(Hidden(name, kind) for name, kind in (hidden or {}).items()),
            keyed_by_step=keyed_by_step,
        )
        if lazy_needs is None and any(each.lazy for each in read.inputs):
            raise SpecError(f"node {id} has Lazy() inputs; say with lazy_needs=... when they are needed")
        return declared

    return declare


@dataclass(frozen=True, slots=True)
class TypedFunction:
    """What the signature and docstring of a function say of a node."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    description: str
    call: Callable[[Mapping[str, object], Run], object]


def read_node(function: Callable[..., object], id: str) -> TypedFunction:
    """Read inputs, outputs, texts and the way to call. Raises SpecError naming node and parameter."""
    where = f"node {id} ({function.__module__}.{function.__qualname__})"
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise SpecError(f"{where}: its annotations cannot be read: {error}") from error
    returned, single = _outputs(hints, where)
    names = inspect.signature(function).parameters
    run_names = [name for name in names if hints.get(name) is Run]
    known = [name for name in names if name not in run_names]
    description, tooltips = read_docstring(
        inspect.getdoc(function) or "", [*known, *(name for name, _ in returned)], where
    )
    inputs = tuple(
        _input(parameter, hints, tooltips.get(parameter.name, ""), f"{where}, parameter {parameter.name}")
        for parameter in names.values()
        if parameter.name not in run_names
    )
    outputs = tuple(
        Output(_label(reading) or name, reading.type, reading.is_list, tooltips.get(name, ""))
        for name, reading in returned
    )
    filled: dict[str, None] = {each.name: None for each in inputs if each.lazy and each.default is ABSENT}
    call = _async_call if inspect.iscoroutinefunction(function) else _sync_call
    return TypedFunction(inputs, outputs, description, call(function, tuple(run_names), filled, single))


def _input(parameter: inspect.Parameter, hints: Mapping[str, Any], tooltip: str, where: str) -> Input:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise SpecError(f"{where}: an input has a name; write it as an ordinary or keyword-only parameter")
    if parameter.name not in hints:
        raise SpecError(f"{where}: has no annotation; its type says what may be linked to it")
    reading = read_annotation(hints[parameter.name], where)
    default = ABSENT if parameter.default is parameter.empty else parameter.default
    bounds = _mark(reading, Range) or Range()
    choice, catalogue = _mark(reading, Choice), _mark(reading, ChoiceFrom)
    choices = reading.choices if choice is None else choice.values
    multiline, upload, extra = _mark(reading, Multiline), _mark(reading, Upload), _mark(reading, Options)
    has_names = choices is not None or catalogue is not None
    wire = "COMBO" if has_names else reading.type
    optional = _mark(reading, Optional) is not None or reading.nullable
    if wire not in WIDGETS:
        optional = optional or default is not ABSENT
    if optional and default is ABSENT:
        raise SpecError(f"{where}: may be left out, so it needs a default; write `= None` or another one")
    read = Input(
        name=parameter.name,
        type=wire,
        section="optional" if optional else "required",
        default=default,
        minimum=bounds.min,
        maximum=bounds.max,
        step=bounds.step,
        round=bounds.round,
        choices=choices,
        catalogue=None if catalogue is None else catalogue.catalogue,
        nullable=reading.nullable,
        is_list=reading.is_list,
        lazy=_mark(reading, Lazy) is not None,
        raw_link=_mark(reading, RawLink) is not None,
        socket_only=_mark(reading, Socket) is not None,
        seed=_mark(reading, Seed) is not None,
        multiline=multiline is not None,
        dynamic_prompts=multiline is not None and multiline.dynamic_prompts,
        upload=None if upload is None else upload.kind,
        label=_label(reading),
        tooltip=tooltip,
        options={} if extra is None else extra.values,
    )
    _check_input(read, _mark(reading, Range) is not None, where)
    return read


def _check_input(input: Input, bounded: bool, where: str) -> None:
    """Refuse marks that do not fit the type and defaults that the input itself would refuse."""
    if bounded and input.type not in ("INT", "FLOAT"):
        raise SpecError(f"{where}: Range bounds numbers, and this is {input.type}")
    if input.seed and input.type != "INT":
        raise SpecError(f"{where}: Seed() counts whole numbers, and this is {input.type}")
    if input.choices is not None and input.catalogue is not None:
        raise SpecError(f"{where}: has both Choice and ChoiceFrom; keep one")
    default = input.default
    if default is ABSENT or default is None or input.is_list:
        return
    if isinstance(default, int | float) and not isinstance(default, bool) and input.type in ("INT", "FLOAT"):
        if input.minimum is not None and default < input.minimum:
            raise SpecError(f"{where}: its default {default} is below its least value {input.minimum}")
        if input.maximum is not None and default > input.maximum:
            raise SpecError(f"{where}: its default {default} is above its greatest value {input.maximum}")
    if input.choices is not None and len(input.choices) and default not in input.choices:
        raise SpecError(f"{where}: its default {default!r} is not among its choices")


def _outputs(hints: Mapping[str, Any], where: str) -> tuple[list[tuple[str, Reading]], bool]:
    """The outputs by name, and whether the function returns its one value bare."""
    if "return" not in hints:
        raise SpecError(f"{where}: has no return annotation; write `-> None` for a node without outputs")
    returned = without_results(hints["return"])
    if returned is None:
        return [], False
    if hasattr(returned, "_fields"):
        fields = get_type_hints(returned, include_extras=True)
        return [(name, read_annotation(hint, f"{where}, output {name}")) for name, hint in fields.items()], False
    reading = read_annotation(returned, f"{where}, its return value")
    return [(reading.type, reading)], True


def _mark(reading: Reading, kind: type[Mark]) -> Mark | None:
    return next((mark for mark in reversed(reading.marks) if isinstance(mark, kind)), None)


def _label(reading: Reading) -> str | None:
    label = _mark(reading, Label)
    return None if label is None else label.text


_TOOLTIP: Final = re.compile(r"([A-Za-z_]\w*): *(\S.*)")


def read_docstring(text: str, names: Iterable[str], where: str) -> tuple[str, Mapping[str, str]]:
    """A docstring's description and its tooltips, the lines `name: meaning` of a paragraph after the first.

    A tooltip goes on in indented lines. Raises SpecError for a line whose name is neither input nor output.
    """
    known = frozenset(names)
    paragraphs = [paragraph.splitlines() for paragraph in re.split(r"\n\s*\n", text.strip())]
    description: list[str] = []
    tooltips: dict[str, str] = {}
    for index, lines in enumerate(paragraphs):
        if index == 0 or not _TOOLTIP.match(lines[0]):
            description.append(" ".join(line.strip() for line in lines))
            continue
        name = ""
        for line in lines:
            match = _TOOLTIP.match(line)
            if match and match[1] in known:
                name = match[1]
                tooltips[name] = match[2].strip()
            elif line[:1].isspace():
                tooltips[name] += " " + line.strip()
            else:
                raise SpecError(
                    f"{where}: its docstring explains {line.strip()[:60]!r}, which names no input or output of it; "
                    "indent the line if it goes on, or correct the name"
                )
    return "\n\n".join(description).strip(), tooltips


def _sync_call(
    function: Callable[..., object], run_names: tuple[str, ...], filled: Mapping[str, None], single: bool
) -> Callable[[Mapping[str, object], Run], object]:
    """The engine's way to call the function: by name, with the run's handle, one bare value made a tuple."""

    def call(inputs: Mapping[str, object], run: Run) -> object:
        handles = dict.fromkeys(run_names, run)
        return _as_result(function(**{**filled, **inputs, **handles}), single)

    return call


def _async_call(
    function: Callable[..., Any], run_names: tuple[str, ...], filled: Mapping[str, None], single: bool
) -> Callable[[Mapping[str, object], Run], object]:
    async def call(inputs: Mapping[str, object], run: Run) -> object:
        handles = dict.fromkeys(run_names, run)
        return _as_result(await function(**{**filled, **inputs, **handles}), single)

    return call


def _as_result(value: object, single: bool) -> object:
    if isinstance(value, Shown | Expand | Blocker):
        return value
    if single:
        return (value,)
    return () if value is None else value
