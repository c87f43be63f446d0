"""Runs as the wire has them: items of the queue, entries of the history, jobs, and the frames of websockets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import pack
from typing import Final, cast

from runs.records import Message, NodesChanged, PreviewFrame, Record, State, TextFrame
from server.answers import compact

LONGEST_NAME: Final = 200
"""Characters of an id that a client chooses."""

HISTORY_MESSAGES: Final = (
    "execution_start",
    "execution_cached",
    "execution_success",
    "execution_error",
    "execution_interrupted",
)
"""What an entry of the history repeats of the event log."""

JOB_STATES: Final[Mapping[str, tuple[State, ...]]] = {
    "pending": ("queued",),
    "in_progress": ("running",),
    "completed": ("done",),
    "failed": ("failed", "lost"),
    "cancelled": ("interrupted",),
}
"""The states of a run that each status of a job stands for."""

_JOB_STATUS: Final[Mapping[State, str]] = {state: status for status, states in JOB_STATES.items() for state in states}
_LARGEST_EXACT: Final = 2**53
_PREVIEW: Final = 1
_NODE_TEXT: Final = 3
_PREVIEW_WITH_METADATA: Final = 4
_OLD_PICTURES: Final[Mapping[str, int]] = {"image/jpeg": 1, "image/png": 2}


def is_name(text: str) -> bool:
    """Whether an id that a client chose is short enough and without control characters."""
    return len(text) <= LONGEST_NAME and not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text)


def number(value: float) -> int | float:
    """A place in the queue as the wire has it: a whole number without a point."""
    return int(value) if float(value).is_integer() and abs(value) < _LARGEST_EXACT else value


def milliseconds(seconds: float) -> int:
    """A time in seconds since 1970 as the wire has it."""
    return int(seconds * 1000)


def queue_item(record: Record) -> list[object]:
    """`[number, prompt_id, prompt, extra_data, [output node ids]]`."""
    extra = dict(record.extra)
    if record.client_id is not None:
        extra["client_id"] = record.client_id
    return [number(record.number), record.id, record.workflow, extra, list(record.targets)]


def history_entry(record: Record, events: Sequence[Message]) -> dict[str, object]:
    """A run that has ended, with what the event log has of its last attempt."""
    done = record.state == "done"
    return {
        "prompt": queue_item(record),
        "outputs": record.outputs,
        "status": {
            "status_str": "success" if done else "error",
            "completed": done,
            "messages": _messages(record, events),
        },
        "meta": record.meta,
    }


def _messages(record: Record, events: Sequence[Message]) -> list[list[object]]:
    told: list[list[object]] = []
    for event in events:
        if event.type == "execution_start":
            told = []
        if event.type in HISTORY_MESSAGES:
            told.append([event.type, event.data])
    if record.state in ("failed", "lost") and not any(name == "execution_error" for name, _ in told):
        told.append(["execution_error", execution_error(record)])
    return told


def execution_error(record: Record) -> dict[str, object]:
    """Why a run ended badly, with every field that clients read, also where no node was to blame."""
    ended = record.submitted_at if record.ended_at is None else record.ended_at
    usual: dict[str, object] = {
        "prompt_id": record.id,
        "node_id": "",
        "node_type": "",
        "executed": [],
        "exception_message": "the run ended without a word",
        "exception_type": "Lost" if record.state == "lost" else "Failed",
        "traceback": [],
        "current_inputs": {},
        "current_outputs": [],
        "timestamp": milliseconds(ended),
    }
    return usual | dict(record.error or {})


def job(record: Record) -> dict[str, object]:
    """A run as the newer front end lists it; times are in milliseconds, what is not known is left out."""
    found: dict[str, object] = {
        "id": record.id,
        "status": _JOB_STATUS[record.state],
        "priority": number(record.number),
        "create_time": milliseconds(record.submitted_at),
    }
    if record.started_at is not None:
        found["execution_start_time"] = milliseconds(record.started_at)
    if record.ended_at is not None:
        found["execution_end_time"] = milliseconds(record.ended_at)
        found["outputs_count"] = sum(len(items) for items in _shown(record).values())
    preview = _preview(record)
    if preview is not None:
        found["preview_output"] = preview
    if record.state in ("failed", "lost"):
        found["execution_error"] = execution_error(record)
    name = _name_of_workflow(record)
    if name is not None:
        found["workflow_name"] = name
    workflow_id = _workflow_id(record)
    if workflow_id is not None:
        found["workflow_id"] = workflow_id
    return found


def job_detail(record: Record) -> dict[str, object]:
    """A job with what was handed in and what it showed."""
    item = queue_item(record)
    latest = record.ended_at or record.started_at or record.submitted_at
    return job(record) | {
        "workflow": {"prompt": item[2], "extra_data": item[3]},
        "outputs": record.outputs,
        "execution_meta": record.meta,
        "update_time": milliseconds(latest),
    }


def _shown(record: Record) -> dict[tuple[str, str], list[Mapping[str, object]]]:
    """What steps showed that is a file, by step and kind."""
    found: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for node, kinds in record.outputs.items():
        for kind, items in kinds.items():
            if isinstance(items, list):
                listed = cast(list[object], items)
                found[node, kind] = [cast(Mapping[str, object], each) for each in listed if isinstance(each, Mapping)]
    return found


def _preview(record: Record) -> dict[str, object] | None:
    """The first picture that was shown, one that was saved before one that was not."""
    pictures = [(node, item) for (node, kind), items in _shown(record).items() if kind == "images" for item in items]
    if not pictures:
        return None
    saved = [(node, item) for node, item in pictures if item.get("type") == "output"]
    node, item = (saved or pictures)[0]
    return {**item, "nodeId": node, "mediaType": "images"}


def _workflow_id(record: Record) -> str | None:
    """The id the editor gave its own file, if one came along."""
    found: object = record.extra.get("extra_pnginfo")
    for key in ("workflow", "id"):
        found = cast(Mapping[str, object], found).get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else None


def _name_of_workflow(record: Record) -> str | None:
    """What the editor called the workflow when it was handed in, empty for one without a name; or the name it was
    published under."""
    about = record.extra.get("editor")
    name = cast(Mapping[str, object], about).get("name") if isinstance(about, Mapping) else None
    return name[:LONGEST_NAME] if isinstance(name, str) else record.function


@dataclass(eq=False, slots=True)
class Text:
    """A text frame, written as JSON once for all sockets. position: its place in the log, 0 for what is not logged."""

    type: str
    data: Mapping[str, object]
    run: str | None = None
    seq: int = 0
    position: int = 0
    _plain: bytes | None = None
    _numbered: bytes | None = None

    def plain(self) -> bytes:
        """The frame as every client knows it."""
        if self._plain is None:
            self._plain = compact({"type": self.type, "data": self.data}).encode("utf-8", "replace")
        return self._plain

    def numbered(self) -> bytes:
        """The frame with the run and the message's place in it, 0 for what is not logged."""
        if self.run is None:
            return self.plain()
        if self._numbered is None:
            end = f',"seq":{self.seq},"run":{compact(self.run)}}}'.encode("utf-8", "replace")
            self._numbered = self.plain()[:-1] + end
        return self._numbered

    @property
    def ends_run(self) -> bool:
        """Whether it is the last message of a run."""
        return self.type == "executing" and self.data.get("node") is None


@dataclass(eq=False, slots=True)
class NodeText:
    """Event 3: what a node says while it runs; the newest takes the place of one that still waits."""

    frame: TextFrame
    _plain: bytes | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What it takes the place of."""
        return ("text", self.frame.run, self.frame.node)

    @property
    def size(self) -> int:
        """About how many bytes it is."""
        return len(self.frame.text)

    def plain(self) -> bytes:
        """The id of the node with its length, then the text."""
        if self._plain is None:
            node = self.frame.node.encode("utf-8", "replace")
            self._plain = pack(">II", _NODE_TEXT, len(node)) + node + self.frame.text.encode("utf-8", "replace")
        return self._plain

    def with_metadata(self) -> bytes:
        """The same: this frame always names its node."""
        return self.plain()


@dataclass(eq=False, slots=True)
class Picture:
    """A preview; the newest of a node takes the place of one that still waits."""

    frame: PreviewFrame
    _with_metadata: bytes | None = None
    _plain: bytes | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What it takes the place of."""
        return ("picture", self.frame.run, self.frame.node)

    @property
    def size(self) -> int:
        """About how many bytes it is."""
        return len(self.frame.image)

    def with_metadata(self) -> bytes:
        """Event 4: which node it is of, then the image."""
        if self._with_metadata is None:
            frame = self.frame
            about = {
                "node_id": frame.node,
                "prompt_id": frame.run,
                "display_node_id": frame.display,
                "parent_node_id": frame.parent,
                "real_node_id": frame.node,
                "image_type": frame.media_type,
            }
            words = compact(about).encode("utf-8", "replace")
            self._with_metadata = pack(">II", _PREVIEW_WITH_METADATA, len(words)) + words + frame.image
        return self._with_metadata

    def plain(self) -> bytes | None:
        """Event 1: the image alone; None for a format that older clients do not know."""
        kind = _OLD_PICTURES.get(self.frame.media_type)
        if kind is None:
            return None
        if self._plain is None:
            self._plain = pack(">II", _PREVIEW, kind) + self.frame.image
        return self._plain


Passing = Picture | NodeText
"""What a node shows while it runs, of which only the newest matters."""


def passing_of(told: PreviewFrame | TextFrame) -> Passing:
    """What a node shows, as a frame."""
    return Picture(told) if isinstance(told, PreviewFrame) else NodeText(told)


def text_of(message: Message) -> Text:
    """A message as a frame."""
    return Text(message.type, message.data, message.run, message.seq, message.position)


def nodes_changed(told: NodesChanged) -> Text:
    """That other nodes are there, as a frame of our own; clients that do not know the type ignore it."""
    about = {"added": told.added, "removed": told.removed, "changed": told.changed, "failed_packs": told.failed}
    return Text("nodes_changed", {name: list(ids) for name, ids in about.items()})
