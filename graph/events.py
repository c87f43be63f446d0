"""The words a run speaks: what happened, at which node, when.

`node` is the step the event is about, `display` the step of the drawn workflow it belongs to: the same one, or, for a
step that came to be by expansion, the step that was drawn. `at` is in seconds since 1970.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Status = Literal["success", "error", "interrupted"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins: `targets` are what it is for, `to_run` how many steps are planned to run."""

    targets: tuple[str, ...]
    to_run: int
    at: float


@dataclass(frozen=True, slots=True)
class NodeCached:
    """The result of this step is known already."""

    node: str
    display: str
    at: float


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A step begins to run; `why` says why its result was not known, `parent` is the step that expanded into it."""

    node: str
    display: str
    parent: str | None
    class_type: str
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class Progress:
    """`value` of `total` units are done in this step."""

    node: str
    display: str
    value: float
    total: float
    at: float


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture of what is being made; its type is between the node and the listener."""

    node: str
    display: str
    image: object
    at: float


@dataclass(frozen=True, slots=True)
class NodeText:
    """A step says what it is at; the next text takes the place of this one."""

    node: str
    display: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class NodeShown:
    """A step shows something; `cached` when it is told again from a kept result."""

    node: str
    display: str
    ui: Mapping[str, object]
    cached: bool
    at: float


@dataclass(frozen=True, slots=True)
class NodeBlocked:
    """A step does not run, because a value it needs is a blocker with this message."""

    node: str
    display: str
    class_type: str
    message: str
    at: float


@dataclass(frozen=True, slots=True)
class NodeSaid:
    """A step says something to whoever looks on: JSON under a name of its own, such as `my_pack.histogram`."""

    node: str
    display: str
    kind: str
    data: Mapping[str, object]
    at: float


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """A step ended well, after this many seconds."""

    node: str
    display: str
    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class NodeFailed:
    """A step ended the run by an error.

    traceback: the lines from the node's own code on. inputs: per input a few short texts such as
    `Tensor (1, 4, 16, 16) float32`. executed: the steps that had ended well before.
    """

    node: str
    display: str
    class_type: str
    exception_type: str
    message: str
    traceback: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]]
    executed: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The run was asked to stop, while this step ran (None: between two)."""

    node: str | None
    display: str | None
    class_type: str | None
    executed: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last word of every run."""

    status: Status
    seconds: float
    at: float


Event = (
    RunStarted
    | NodeCached
    | NodeStarted
    | Progress
    | Preview
    | NodeText
    | NodeShown
    | NodeBlocked
    | NodeSaid
    | NodeFinished
    | NodeFailed
    | Interrupted
    | RunFinished
)
Emit = Callable[[Event], None]


def unheard(event: Event) -> None:
    """A listener that listens to nothing."""
