"""Runs the import of a pack so that whatever it does, the next one is imported and the program goes on."""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from graph.attempt import Failure, attempt
from packs.surroundings import look, restore

Loaded = TypeVar("Loaded")

HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True, eq=False)
class Guarded(Generic[Loaded]):
    """What came of it: a value, or an error with its traceback. changed: what it did to its surroundings."""

    value: Loaded | None
    error: BaseException | None
    traceback: str
    seconds: float
    changed: tuple[str, ...]

    @property
    def timed_out(self) -> bool:
        """Whether it was left behind because it took too long."""
        return isinstance(self.error, TimeoutError)


def guarded(load: Callable[[], Loaded], name: str, seconds: float) -> Guarded[Loaded]:
    """Call a function in a thread of its own, which has an event loop, and wait at most so long.

    One that does not end in time is left behind with its thread, which ends with the process. name: of the thread.
    """
    before = look()
    ended: list[Loaded | Failure] = []

    def work() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            ended.append(attempt(_without_exits, load))
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    thread = threading.Thread(target=work, name=f"import of {name}", daemon=True)
    started = time.perf_counter()
    thread.start()
    thread.join(seconds)
    took = time.perf_counter() - started
    changed = restore(before)
    if not ended:
        late = TimeoutError(f"its import takes longer than {seconds:g} s")
        return Guarded(None, late, _where(thread), took, changed)
    result = ended[0]
    if isinstance(result, Failure):
        error = result.error.__cause__ if isinstance(result.error, _Left) else result.error
        assert error is not None
        return Guarded(None, error, _told(error), took, changed)
    return Guarded(result, None, "", took, changed)


class _Left(Exception):
    """An import asked the program to end."""


def _without_exits(load: Callable[[], Loaded]) -> Loaded:
    """Call it; what would end the program becomes an ordinary error."""
    try:
        return load()
    except (KeyboardInterrupt, GeneratorExit) as error:
        raise _Left from error


def _told(error: BaseException) -> str:
    """The traceback without what lies between the import statements of a pack: the import system and this room."""
    told = traceback.TracebackException.from_exception(error)
    step: traceback.TracebackException | None = told
    while step is not None:
        step.stack = traceback.StackSummary.from_list([each for each in step.stack if not _is_ours(each.filename)])
        step = step.__cause__ or step.__context__
    return "".join(told.format())


def _is_ours(file: str) -> bool:
    return file.startswith("<frozen ") or Path(file).parent == HERE or file.endswith("attempt.py")


def _where(thread: threading.Thread) -> str:
    """Where a thread is that does not end."""
    frame = sys._current_frames().get(thread.ident or 0)
    if frame is None:
        return ""
    stack = [each for each in traceback.extract_stack(frame) if not _is_ours(each.filename)]
    return "".join(traceback.format_list(stack))
