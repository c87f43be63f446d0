"""How a run ended, as one JSON object for programs and as lines for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from cli.screen import print_error, say
from graph.events import NodeFailed
from graph.outcome import NodeOutput, Outcome
from storage import Folders, StorageError

Status = Literal["success", "incomplete", "error", "interrupted", "invalid"]


@dataclass(frozen=True)
class Summary:
    """What a run made.

    outputs: the files, each with the step it belongs to. shown: what else steps showed, by step.
    missing: wanted steps that neither ran nor were cached, because something they need was blocked.
    """

    status: Status
    outputs: Sequence[Mapping[str, object]] = ()
    shown: Mapping[str, Mapping[str, object]] | None = None
    executed: Sequence[str] = ()
    cached: Sequence[str] = ()
    missing: Sequence[str] = ()
    seconds: Mapping[str, float] | None = None
    total_seconds: float = 0.0
    error: NodeFailed | None = None
    problems: Sequence[Mapping[str, object]] = ()

    def as_json(self) -> Mapping[str, object]:
        """The object of `--json`; what has nothing to say is left out after the fields that always stand."""
        always: dict[str, object] = {
            "status": self.status,
            "outputs": list(self.outputs),
            "executed": list(self.executed),
            "cached": list(self.cached),
            "seconds": {step: round(seconds, 6) for step, seconds in (self.seconds or {}).items()},
            "total_seconds": round(self.total_seconds, 6),
        }
        error = error_json(self.error) if self.error else None
        sometimes = {
            "shown": self.shown,
            "missing": list(self.missing),
            "error": error,
            "problems": list(self.problems),
        }
        return always | {name: value for name, value in sometimes.items() if value}

    def say(self) -> None:
        """Two lines for people, more where something went wrong."""
        if self.error is not None:
            say_error(self.error)
        for step in self.missing:
            print_error(f"step {step} made no output, because something it needs was blocked")
        for step, ui in (self.shown or {}).items():
            for name, value in ui.items():
                say(f"step {step} {name}: {value}")
        words = {"interrupted": "Interrupted", "error": "Failed", "incomplete": "Ended"}.get(self.status, "Done")
        say(f"{words} after {self.total_seconds:.1f} s: {len(self.executed)} run, {len(self.cached)} cached.")


def summarise(outcome: Outcome, targets: Sequence[str], folders: Folders, total_seconds: float) -> Summary:
    """The summary of a run that was for these steps."""
    known = {*outcome.executed, *outcome.cached}
    missing = [step for step in targets if step not in known] if outcome.status == "success" else []
    outputs = [file for step, output in outcome.outputs.items() for file in files_of(step, output, folders)]
    return Summary(
        status="incomplete" if missing else outcome.status,
        outputs=outputs,
        shown={step: other for step, output in outcome.outputs.items() if (other := other_ui(output.ui))},
        executed=outcome.executed,
        cached=outcome.cached,
        missing=missing,
        seconds=outcome.seconds,
        total_seconds=total_seconds,
        error=outcome.error,
    )


def files_of(step: str, output: NodeOutput, folders: Folders) -> Iterator[Mapping[str, object]]:
    """Every file that a step shows or wrote, once: those it shows with the folder they lie in."""
    seen: set[str] = set()
    for name, listed in output.ui.items():
        for file in listed_files(listed):
            try:
                path = str(folders.root(str(file["type"])) / str(file.get("subfolder", "")) / str(file["filename"]))
            except StorageError:
                continue
            seen.add(path)
            yield {"node": step, "path": path, "type": name, "folder": file["type"]}
    for written in output.files:
        path = str(Path(written.path))
        if path not in seen:
            yield {"node": step, "path": path, "type": "files"}


def listed_files(value: object) -> list[dict[str, object]]:
    """The files in one entry of what a step shows: a list of objects with `filename` and `type`."""
    if not isinstance(value, list | tuple):
        return []
    items = [cast(dict[str, object], item) for item in cast(Sequence[object], value) if isinstance(item, dict)]
    return [item for item in items if "filename" in item and "type" in item]


def other_ui(ui: Mapping[str, object]) -> Mapping[str, object]:
    """What a step shows besides files, such as text."""
    return {name: value for name, value in ui.items() if not listed_files(value)}


def error_json(error: NodeFailed) -> Mapping[str, object]:
    """The failure of a node for programs."""
    return {
        "node": error.node,
        "class_type": error.class_type,
        "type": error.exception_type,
        "message": error.message,
        "inputs": {name: list(values) for name, values in error.inputs.items()},
        "traceback": list(error.traceback),
    }


def say_error(error: NodeFailed) -> None:
    """The failure of a node for people: the traceback first, so that the sentence stands last."""
    for line in error.traceback:
        say(line)
    print_error(f"step {error.node} ({error.class_type}) failed: {error.exception_type}: {error.message}")
    for name, values in error.inputs.items():
        say(f"    {name} = {', '.join(values)}")
