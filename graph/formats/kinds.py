"""What a file's values and sockets mean: kinds of nodes as their descriptions (`object_info`) tell them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from graph.describe import Catalogues, object_info
from graph.formats.loose import list_of, object_of
from graph.registry import Registry

WidgetKind = Literal["integer", "float", "text", "boolean", "choice", "control", "upload", "custom"]

CONTROLS: Final = ("fixed", "increment", "decrement", "randomize")
"""What may stand behind a seed: what happens to it from run to run."""

_KINDS: Final[Mapping[str, WidgetKind]] = {
    "INT": "integer",
    "FLOAT": "float",
    "STRING": "text",
    "BOOLEAN": "boolean",
    "COMBO": "choice",
    "COLOR": "custom",
}
_SEEDS: Final = ("seed", "noise_seed")
_UPLOADS: Final = ("image_upload", "video_upload", "audio_upload", "file_upload")
_DECIMALS: Final = 3
_MOST_DECIMALS: Final = 9


@dataclass(frozen=True, eq=False)
class Widget:
    """One value of a node that is edited in place. decimals: of a float, how many are kept.

    has_control: whether the value after it in `widgets_values` says what happens to it from run to run.
    """

    name: str
    kind: WidgetKind
    default: object
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | float | None = None
    decimals: int = 0
    multiline: bool = False
    dynamic_prompts: bool = False
    has_control: bool = False
    uploads: bool = False
    socketless: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether its value goes to the engine; controls and upload buttons belong to the editor."""
        return self.kind not in ("control", "upload")


@dataclass(frozen=True, eq=False)
class KindInput:
    """An input of a kind of node; `widget` is None for a plain socket."""

    name: str
    type: str
    widget: Widget | None


@dataclass(frozen=True, eq=False)
class KindOutput:
    """An output of a kind of node."""

    name: str
    type: str


@dataclass(frozen=True, eq=False)
class NodeKind:
    """A kind of node. widgets: in the order of `widgets_values`, controls and the upload button included."""

    id: str
    display_name: str
    inputs: tuple[KindInput, ...] = ()
    outputs: tuple[KindOutput, ...] = ()
    widgets: tuple[Widget, ...] = ()
    terminal: bool = False
    is_subgraph: bool = False
    types: Mapping[str, str] = field(init=False, repr=False)
    by_name: Mapping[str, Widget] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        types: dict[str, str] = {}
        for each in self.inputs:
            types.setdefault(each.name, each.type)
        object.__setattr__(self, "types", types)
        by_name: dict[str, Widget] = {}
        for each in self.widgets:
            by_name.setdefault(each.name, each)
        object.__setattr__(self, "by_name", by_name)


class NodeTable:
    """Kinds of nodes by id, each read when it is first asked for. describe: its `object_info`, None where unknown."""

    def __init__(self, describe: Callable[[str], object]) -> None:
        self._describe = describe
        self._read: dict[str, NodeKind | None] = {}

    @classmethod
    def from_object_info(cls, info: Mapping[str, object]) -> "NodeTable":
        """The kinds that a server told of, by id."""
        return cls(info.get)

    @classmethod
    def from_registry(cls, registry: Registry, catalogues: Catalogues) -> "NodeTable":
        """The kinds that a registry holds, be it of code or of descriptions."""

        def describe(id: str) -> object:
            node = registry.get(id)
            return None if node is None else object_info(node, catalogues)

        return cls(describe)

    def before(self, other: Callable[[], "NodeTable"]) -> "NodeTable":
        """These kinds, and those of another table where they say nothing; it is made when it is first needed."""
        made: list[NodeTable] = []

        def describe(id: str) -> object:
            told = self._describe(id)
            if told is None:
                if not made:
                    made.append(other())
                told = made[0]._describe(id)
            return told

        return NodeTable(describe)

    def get(self, id: str) -> NodeKind | None:
        """The kind of this id; None for one that is not known, or whose description cannot be read."""
        if id not in self._read:
            told = self._describe(id)
            self._read[id] = _kind(id, cast(Mapping[str, object], told)) if isinstance(told, Mapping) else None
        return self._read[id]


def control_of(widget: str) -> str:
    """The name under which the control of a seed stands among a node's values."""
    return f"{widget}.control"


def _kind(id: str, info: Mapping[str, object]) -> NodeKind | None:
    if not isinstance(info.get("input", {}), Mapping):
        return None
    inputs = (*_inputs(info, "required"), *_inputs(info, "optional"))
    return NodeKind(
        id=id,
        display_name=_text(info.get("display_name")) or id,
        inputs=inputs,
        outputs=_outputs(info),
        widgets=_widgets(inputs),
        terminal=info.get("output_node") is True,
    )


def _inputs(info: Mapping[str, object], section: str) -> tuple[KindInput, ...]:
    told = object_of(object_of(info.get("input")).get(section))
    order = list_of(object_of(info.get("input_order")).get(section))
    names = dict.fromkeys([*(each for each in order if isinstance(each, str) and each in told), *told])
    read = (_input(name, told[name]) for name in names)
    return tuple(each for each in read if each is not None)


def _outputs(info: Mapping[str, object]) -> tuple[KindOutput, ...]:
    names = list_of(info.get("output_name"))
    found: list[KindOutput] = []
    for at, raw in enumerate(list_of(info.get("output"))):
        wire_type = raw if isinstance(raw, str) else "COMBO"
        found.append(KindOutput((_text(names[at]) if at < len(names) else "") or wire_type, wire_type))
    return tuple(found)


def _widgets(inputs: Sequence[KindInput]) -> tuple[Widget, ...]:
    """Controls stand after their seeds, the upload button after everything."""
    found: list[Widget] = []
    for each in inputs:
        if each.widget is None:
            continue
        found.append(each.widget)
        if each.widget.has_control:
            found.append(Widget(control_of(each.name), "control", "randomize"))
    if any(each.uploads for each in found):
        found.append(Widget("upload", "upload", "image"))
    return tuple(found)


def _input(name: str, raw: object) -> KindInput | None:
    parts = list_of(raw)
    first = parts[0] if parts else None
    options = object_of(parts[1] if len(parts) > 1 else None)
    if isinstance(first, list | tuple):
        return KindInput(name, "COMBO", _widget(name, "COMBO", list_of(cast(object, first)), options))
    if not isinstance(first, str):
        return None
    return KindInput(name, first, _widget(name, first, list_of(options.get("options")), options))


def _widget(name: str, type: str, choices: Sequence[object], options: Mapping[str, object]) -> Widget | None:
    """How an input is edited; None for one that takes links alone."""
    shown = options.get("widgetType")
    kind = _KINDS.get(shown if isinstance(shown, str) else type)
    if kind is None or options.get("forceInput") is True:
        return None
    control = options.get("control_after_generate")
    return Widget(
        name=name,
        kind=kind,
        default=_default(kind, choices, options),
        minimum=number_of(options.get("min")),
        maximum=number_of(options.get("max")),
        step=number_of(options.get("step")),
        decimals=_decimals(options) if kind == "float" else 0,
        multiline=kind == "text" and options.get("multiline") is True,
        dynamic_prompts=options.get("dynamicPrompts") is True,
        has_control=control is not False if control is not None else kind == "integer" and name in _SEEDS,
        uploads=any(options.get(each) is True for each in _UPLOADS),
        socketless=options.get("socketless") is True,
    )


def _default(kind: WidgetKind, choices: Sequence[object], options: Mapping[str, object]) -> object:
    told = options.get("default")
    if told is not None:
        return told
    if kind == "choice":
        several = options.get("multiselect") is True
        return [] if several else next(iter(choices), "")
    if kind in ("integer", "float"):
        least = number_of(options.get("min"))
        return 0 if least is None else least
    return False if kind == "boolean" else ""


def _decimals(options: Mapping[str, object]) -> int:
    step = number_of(options.get("step"))
    finest = step if step is not None else number_of(options.get("round"))
    if finest is None or not finest > 0:
        return _DECIMALS
    for decimals in range(_MOST_DECIMALS):
        scaled = finest * 10**decimals
        if abs(scaled - round(scaled)) <= 1e-9:
            return decimals
    return _MOST_DECIMALS


def number_of(value: object) -> int | float | None:
    """A number, None for anything else; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or value - value == 0 else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
