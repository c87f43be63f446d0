"""The words a node's author puts into `Annotated[...]` to say more about a socket than its type."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Wire:
    """The wire type of a Python type that does not name one itself: `Annotated[Tensor, Wire("IMAGE")]`."""

    type: str


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number, both included; `step` and `round` steer the editor's widget only."""

    min: int | float | None = None
    max: int | float | None = None
    step: int | float | None = None
    round: float | bool | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these names. The collection is read when it is needed, so a growing mapping stays current."""

    values: Collection[object]


@dataclass(frozen=True, slots=True)
class ChoiceFrom:
    """One of the names in a catalogue that the caller hands in, such as the files of a models folder."""

    catalogue: str


@dataclass(frozen=True, slots=True)
class Seed:
    """The editor may count this number on after every run."""


@dataclass(frozen=True, slots=True)
class Multiline:
    """Text of several lines; `dynamic_prompts` lets the editor resolve `{a|b}` in it."""

    dynamic_prompts: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """The editor offers to upload a file of this kind (`image`, `audio`, `video`)."""

    kind: str


@dataclass(frozen=True, slots=True)
class Lazy:
    """Compute what is linked here only when the node's `lazy_needs` asks for it."""


@dataclass(frozen=True, slots=True)
class RawLink:
    """Hand over the link itself (node, slot) instead of the value behind it."""


@dataclass(frozen=True, slots=True)
class Optional:
    """May be left out of a workflow, though it has a widget and a default."""


@dataclass(frozen=True, slots=True)
class Socket:
    """A widget type that the editor shows as a socket to be linked."""


@dataclass(frozen=True, slots=True)
class Label:
    """The name shown for an input; on an output it is the output's name."""

    text: str


@dataclass(frozen=True, slots=True)
class Options:
    """Further options for the editor, passed on as they are, such as `Options({"display": "color"})`."""

    values: Mapping[str, object] = field(default_factory=dict[str, object])
