"""What is said of a run: how it was handed in, what became of it, and what was told while it went on.

Times are in seconds since 1970. A workflow is the API form: `{id: {"class_type", "inputs"}}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

State = Literal["queued", "running", "done", "failed", "interrupted", "lost"]
STATES: Final[tuple[State, ...]] = get_args(State)
OPEN: Final[tuple[State, ...]] = ("queued", "running")
ENDED: Final[tuple[State, ...]] = ("done", "failed", "interrupted", "lost")

MOST_ATTEMPTS: Final = 2
"""A run whose worker or server died is tried once more; then it is lost."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A run as it is handed in.

    targets: the terminal steps it is for, never empty. id: chosen by the client, or made here. client_id: who hears of
    it. extra: what came along (`extra_data` of the wire). number: explicit priority, the smallest runs first; front:
    ahead of the queue. checked: whether the nodes' own validation has been asked already. function: the published
    workflow it came from. deadline: seconds of running after which it is ended.
    """

    workflow: Mapping[str, object]
    targets: tuple[str, ...]
    id: str | None = None
    client_id: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    number: float | None = None
    front: bool = False
    checked: bool = False
    function: str | None = None
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A run as it stands.

    number: its place in the queue, smallest first. attempts: how often it was begun. outputs: what steps showed, by
    step: `{"9": {"images": [...]}}`. meta: by step `{"node_id", "display_node", "parent_node", "real_node_id"}`.
    error: why it ended badly: at least `exception_type` and `exception_message`, for a node's failure the whole payload
    of `execution_error`. memory: bytes of its worker: `{"before", "after", "peak"}`. seconds: by step that ran.
    cached: how many steps' results were known. worker: the name of the worker that ran it last.
    """

    id: str
    number: float
    state: State
    workflow: Mapping[str, object]
    targets: tuple[str, ...]
    submitted_at: float
    client_id: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    checked: bool = False
    function: str | None = None
    deadline: float | None = None
    attempts: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    worker: str | None = None
    outputs: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    meta: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    error: Mapping[str, object] | None = None
    memory: Mapping[str, int] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: what is written over its record."""

    state: State
    at: float
    outputs: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    meta: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    error: Mapping[str, object] | None = None
    memory: Mapping[str, int] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One thing told of a run, in the words of the wire: `type` and `data` of a websocket frame.

    seq: its place among what is logged of this run, from 1; 0 for what is told live only. position: its place in the
    whole log (0 until written). client_id: of the run.
    """

    run: str
    client_id: str | None
    seq: int
    type: str
    data: Mapping[str, object]
    at: float
    position: int = 0


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """A picture of what a run is making: encoded bytes of `image/jpeg`, `image/png` or `image/webp`."""

    run: str
    client_id: str | None
    node: str
    display: str
    parent: str | None
    media_type: str
    image: bytes


@dataclass(frozen=True, slots=True)
class TextFrame:
    """What a node says while it runs. node: the one that was drawn."""

    run: str
    client_id: str | None
    node: str
    text: str


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """The queue has changed: how many runs are queued or running now; as many as before where only their order did."""

    remaining: int


@dataclass(frozen=True, slots=True)
class NodesChanged:
    """Other nodes are there than before, by their ids; `failed` are the packs that could not be loaded."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    failed: tuple[str, ...]


Told = Message | PreviewFrame | TextFrame | QueueChanged | NodesChanged
"""What a listener hears."""
