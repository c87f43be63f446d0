"""What the engine knows of a node: its inputs, its outputs and how to call it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from graph.handle import Run

WIDGETS: Final = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"})
ANY: Final = "*"


class Absent(Enum):
    """The one value that says no value was given, where None is a value."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

Section = Literal["required", "optional"]


@dataclass(frozen=True, eq=False)
class Input:
    """One input of a node: a socket, and a widget where its type has one.

    section: `required` inputs must stand in every workflow, `optional` ones may be left out.
    choices, catalogue: the names a COMBO allows, listed here or found in a catalogue the caller hands in.
    nullable: None is a value of this input.
    is_list: the function takes all values at once as a list, instead of being called for each.
    lazy: computed when `lazy_needs` asks. raw_link: gets the link itself. socket_only: shown without a widget.
    literals: literals are taken although the type is no widget's (a pack's own widget in the editor).
    check_value, check_link: False where the node's `validate` has taken the judgement over.
    options: further options for the editor, passed on as they are.
    verbatim: the options are all that is told to the editor, as a pack wrote them; nothing of the rest is added.
    """

    name: str
    type: str = ANY
    section: Section = "required"
    default: object = ABSENT
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | float | None = None
    round: float | bool | None = None
    choices: Collection[object] | None = None
    catalogue: str | None = None
    multiselect: bool = False
    nullable: bool = False
    is_list: bool = False
    lazy: bool = False
    raw_link: bool = False
    socket_only: bool = False
    literals: bool = False
    check_value: bool = True
    check_link: bool = True
    seed: bool = False
    multiline: bool = False
    dynamic_prompts: bool = False
    upload: str | None = None
    label: str | None = None
    tooltip: str = ""
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    verbatim: bool = False

    @property
    def is_widget(self) -> bool:
        """Whether the editor can show a widget for it."""
        return self.type in WIDGETS and not self.socket_only


@dataclass(frozen=True, eq=False)
class Output:
    """One output of a node; `is_list` makes its value a list for those who follow."""

    name: str
    type: str
    is_list: bool = False
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """An input the host fills in, such as kind `PROMPT` under the name `prompt`."""

    name: str
    kind: str


@dataclass(frozen=True, eq=False)
class Node:
    """A kind of node, read once and never changed.

    call: `call(inputs, run)` with the values by input name; returns a tuple with one value per output, a `Shown`,
        an `Expand` or a `Blocker`; a coroutine of these where `is_async`.
    version: joins the cache key; raise it when the results change.
    terminal: it is run for its own sake (it saves or shows something).
    fingerprint: `fingerprint(literals, services)` names outside state (literals by input name, None for links); None or
        NaN says that no two runs are alike.
    lazy_needs: `lazy_needs(**inputs)` names the lazy inputs it wants, those not there yet being None.
    validate: `validate(literals, linked types)` yields (input or None, sentence) for what is wrong.
    dynamic: finds the declaration of an input that is not listed, by name and whether it is linked.
    keyed_by_step: two steps of this kind never share a result, even with equal inputs.
    """

    id: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    call: Callable[[Mapping[str, object], "Run"], object]
    category: str = ""
    display_name: str = ""
    description: str = ""
    module: str = "nodes"
    version: int | str = 1
    terminal: bool = False
    is_async: bool = False
    deprecated: bool = False
    experimental: bool = False
    fingerprint: Callable[[Mapping[str, object], Mapping[type, object]], object] | None = None
    lazy_needs: Callable[..., object] | None = None
    validate: Callable[[Mapping[str, object], Mapping[str, str]], Iterable[tuple[str | None, str]]] | None = None
    dynamic: Callable[[str, bool], Input | None] | None = None
    hidden: tuple[Hidden, ...] = ()
    keyed_by_step: bool = False
    by_name: Mapping[str, Input] = field(init=False, repr=False)
    required: frozenset[str] = field(init=False, repr=False)
    waits_for_all: bool = field(init=False, repr=False)
    has_lists: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        derived = object.__setattr__
        derived(self, "by_name", {each.name: each for each in self.inputs})
        derived(self, "required", frozenset(each.name for each in self.inputs if each.section == "required"))
        waits = self.dynamic is None and not any(each.lazy or each.raw_link for each in self.inputs)
        derived(self, "waits_for_all", waits)
        lists = any(each.is_list for each in (*self.inputs, *self.outputs))
        derived(self, "has_lists", lists or self.dynamic is not None)

    def input(self, name: str, linked: bool) -> Input | None:
        """The declaration of an input, or None where the node knows no such input."""
        found = self.by_name.get(name)
        if found is None and self.dynamic is not None:
            return self.dynamic(name, linked)
        return found
