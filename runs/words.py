"""The words between server and worker: what each may say, as data.

A frame on the line is one word: a JSON header and a binary part, empty for all but previews (`runs/frames.py`). Nothing
is pickled, and nothing names a type to be built, so that a remote worker can speak the same words later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Question = Literal["check", "plan", "describe", "free", "reload"]


@dataclass(frozen=True, slots=True)
class Submit:
    """Carry out a run. checked: whether the nodes' own validation was asked before; if not, the worker checks first."""

    run: str
    workflow: Mapping[str, object]
    targets: Sequence[str]
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop this run at the next chance."""

    run: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question beside the run that may be going on; answered by an `Answer` with the same number.

    check: `{"workflow", "targets" | null}` -> a list of problems as `graph.problems.problem_to_json` gives them.
    plan: the same -> a list of `{"node", "class_type", "action", "why", "key"}`.
    describe: nothing -> the list that `Ready.nodes` held, read anew.
    free: `{"unload_models": bool, "free_memory": bool}` -> true, once the worker is idle and has done it.
    reload: `{"again": bool}` -> `{"nodes", "packs", "webs", "routes"}` as in `Ready`, once the worker is idle and has
    read those packs anew that have changed, with `again` also those that failed.
    """

    number: int
    question: Question
    payload: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End the process after the current step."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker is ready: what it is and which nodes it knows.

    nodes: one `graph.described.description` a node. device: `{"name", "type", "index", "vram_total", "vram_free",
    "torch_vram_total", "torch_vram_free"}`. versions: by package, such as `torch`. devices: how many accelerators the
    machine has. packs: one `packs.report.report_to_json` a pack. webs: what packs bring for editors, each
    `{"pack", "folder"}`. routes: where HTTP routes of packs are served,
    `{"port", "secret", "routes": [{"pack", "method", "path"}]}`, empty where there are none.
    """

    pid: int
    nodes: Sequence[Mapping[str, object]]
    device: Mapping[str, object]
    versions: Mapping[str, str]
    devices: int = 0
    packs: Sequence[Mapping[str, object]] = ()
    webs: Sequence[Mapping[str, object]] = ()
    routes: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Loading:
    """The worker lives and is not ready yet: which pack it loads, how many it has loaded of how many, for how long.

    pack: empty before the first one. seconds: since this pack was begun.
    """

    pack: str
    done: int
    of: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Events:
    """What happened in a run, in order; each as `runs.event_json.to_json` gives it."""

    run: str
    events: Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A preview; `image` is the binary part of the frame."""

    run: str
    node: str
    display: str
    parent: str | None
    media_type: str
    image: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """A run has ended.

    status: as `graph.events.Status`, or "refused" where the workflow did not pass the check (`problems`).
    outputs: by step `{"ui", "display", "parent", "cached"}`. seconds: by step that ran. cached: steps whose
    results were known. memory: resident bytes, `{"before", "after", "peak"}`: at its begin, at its end, and the most.
    """

    run: str
    status: Literal["success", "error", "interrupted", "refused"]
    outputs: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    executed: Sequence[str] = ()
    cached: Sequence[str] = ()
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    problems: Sequence[Mapping[str, object]] = ()
    memory: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Settled:
    """What is resident after the memory of an ended run was given back, which nobody has to wait for."""

    run: str
    memory: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question: a value, or why there is none."""

    number: int
    value: object = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The worker lives. run: what it is busy with. memory: bytes resident. device: as in `Ready`, read anew."""

    run: str | None
    memory: int
    device: Mapping[str, object]
    at: float


ToWorker = Submit | Cancel | Ask | Shutdown
FromWorker = Loading | Ready | Events | Picture | Ended | Settled | Answer | Heartbeat
