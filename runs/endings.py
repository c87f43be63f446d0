"""How runs end that no worker ended: what is told of them, and what is written over their records."""

import time
from collections.abc import Mapping, Sequence

from runs.places import without_folders
from runs.records import MOST_ATTEMPTS, Ending, Message, Record
from runs.telling import Teller
from runs.words import Ended


def ending_of(
    ended: Ended, teller: Teller, over_deadline: bool, deadline: float | None
) -> tuple[Ending, list[Message]]:
    """What is written over the record of a run that its worker has ended, and the last messages about it."""
    at = time.time()
    told = teller.last_snapshot()
    error = teller.error
    match ended.status:
        case "success":
            state = "done"
            told.append(teller.message("execution_success", {"timestamp": int(at * 1000)}, at))
        case "interrupted" if over_deadline:
            state = "failed"
            error = _error("DeadlineExceeded", f"the run was ended after its deadline of {deadline:g} seconds", at)
            told.append(teller.message("execution_error", error, at))
        case "interrupted":
            state = "interrupted"
        case "refused":
            state = "failed"
            error = _error("WorkflowRefused", _sentences(ended.problems), at) | {"problems": list(ended.problems)}
            told.append(teller.message("execution_error", error, at))
        case "error":
            state = "failed"
    told.append(teller.message("executing", {"node": None}, at))
    ending = Ending(
        state,
        at,
        outputs=teller.outputs,
        meta=teller.meta(),
        error=error,
        memory=ended.memory,
        seconds=ended.seconds,
        cached=len(ended.cached),
    )
    return ending, told


def lost(teller: Teller, reason: str) -> tuple[Ending, list[Message]]:
    """A run that ends because its worker or server died once too often."""
    at = time.time()
    text = f"the run was begun {MOST_ATTEMPTS} times and is given up: {without_folders(reason)}"
    error = _error("WorkerLost", text, at)
    told = [*teller.last_snapshot(), teller.message("execution_error", error, at)]
    told.append(teller.message("executing", {"node": None}, at))
    return Ending("lost", at, outputs=teller.outputs, meta=teller.meta(), error=error), told


def stopped(teller: Teller, over_deadline: float | None = None) -> tuple[Ending, list[Message]]:
    """A run that was asked to stop and whose worker had to be ended for it, or that never began."""
    at = time.time()
    told = teller.last_snapshot()
    error = None
    if over_deadline is None:
        about: dict[str, object] = {"node_id": None, "node_type": None, "executed": [], "timestamp": int(at * 1000)}
        told.append(teller.message("execution_interrupted", about, at))
    else:
        error = _error("DeadlineExceeded", f"the run was ended after its deadline of {over_deadline:g} seconds", at)
        told.append(teller.message("execution_error", error, at))
    told.append(teller.message("executing", {"node": None}, at))
    state = "interrupted" if over_deadline is None else "failed"
    return Ending(state, at, outputs=teller.outputs, meta=teller.meta(), error=error), told


def retried(teller: Teller, record: Record, reason: str) -> Message:
    """What is told when a run goes back into the queue because its worker or server died."""
    at = time.time()
    about = {"attempt": record.attempts, "reason": without_folders(reason), "timestamp": int(at * 1000)}
    return teller.message("execution_retried", about, at)


def _error(kind: str, message: str, at: float) -> dict[str, object]:
    return {
        "node_id": None,
        "node_type": None,
        "executed": [],
        "exception_type": kind,
        "exception_message": message,
        "traceback": [],
        "current_inputs": {},
        "current_outputs": [],
        "timestamp": int(at * 1000),
    }


def _sentences(problems: Sequence[Mapping[str, object]]) -> str:
    """The first few problems in one text."""
    errors = [each for each in problems if each.get("severity", "error") == "error"]
    words = [f"step {each.get('node')}: {each.get('message')}" for each in errors[:5]]
    more = len(errors) - len(words)
    return "; ".join(words) + (f"; and {more} more" if more > 0 else "") or "the workflow was refused"
