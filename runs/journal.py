"""The one writer: a thread that carries out what is handed to it, many works in one transaction."""

import asyncio
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from runs.errors import StoreError
from runs.schema import is_damage, open_database
from runs.store import Store

T = TypeVar("T")

log = logging.getLogger("nodeloom.runs")

_LOCKED_BYTE: Final = 2**30
"""Where a lock lies on systems on which a locked byte cannot be read: far behind the process id."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """A work that waits, and the future of who waits for it."""

    work: Callable[[Store], object]
    answer: asyncio.Future[Any]


class _Attempt:
    """A savepoint around one work: whatever it raises is kept for its caller and undoes this work alone."""

    def __init__(self, connection: sqlite3.Connection, error: BaseException | None = None) -> None:
        self._connection = connection
        self.value: object = None
        self.error = error

    def __enter__(self) -> Self:
        self._connection.execute("SAVEPOINT work")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            self.value, self.error = None, _told(error)
        # SQLite gives up the whole transaction, savepoints and all, after some errors; the caller looks for that.
        if self._connection.in_transaction:
            if error is not None:
                self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")
        return True


class Journal:
    """The database of one server: works go in from the event loop, a thread of its own carries them out in order."""

    def __init__(self, connection: sqlite3.Connection, lock: "FileLock") -> None:
        """Use `open`."""
        self._connection = connection
        self._store = Store(connection)
        self._lock = lock
        self._waiting: SimpleQueue[_Wish | None] = SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="nodeloom-journal", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """Open the database of this path, made with its folders where there is none, and keep other servers out.

        Raises StoreError where that is not possible, or where another server uses it.
        """
        lock = FileLock(path.with_name(path.name + ".lock"))
        with ExitStack() as on_failure:
            on_failure.callback(lock.release)
            connection = open_database(path)
            on_failure.pop_all()
        return cls(connection, lock)

    async def do(self, work: Callable[[Store], T]) -> T:
        """Carry out a work and return what it returns, once that is written.

        All of it is written or nothing. What the work raises is raised here, and StoreError where the database cannot
        be written. A caller that is cancelled does not stop its work. The work runs in the writer's thread: it should
        touch nothing but the store, and never commit.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._door:
            if self._closed:
                raise StoreError("the database is closed, for the server is stopping; start it again")
            self._waiting.put(_Wish(work, answer))
        return await answer

    async def close(self) -> None:
        """Finish what waits, fold the write-ahead log into the file, close it, and let other servers in."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)

    # In the thread

    def _write(self) -> None:
        batch: list[_Wish] = []
        going_on = True
        try:
            while going_on:
                batch, going_on = self._drain()
                _resolve(batch, self._carry_out(batch))
                batch = []
        finally:
            with self._door:
                self._closed = True
            self._waiting.put(None)
            # There is something left only if this thread dies of an error: nobody may wait for it for ever.
            batch += self._drain()[0]
            lost = [StoreError("the database was closed by an error; restart the server") for _ in batch]
            _resolve(batch, [_Attempt(self._connection, error) for error in lost])
            self._shut()

    def _drain(self) -> tuple[list[_Wish], bool]:
        """All that waits, at least one thing; and whether more may come."""
        batch: list[_Wish] = []
        wish = self._waiting.get()
        while wish is not None:
            batch.append(wish)
            try:
                wish = self._waiting.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _carry_out(self, batch: Sequence[_Wish]) -> Sequence[_Attempt]:
        """Every work in a savepoint of its own, all in one transaction; if that fails, every one of them has failed."""
        attempts = [_Attempt(self._connection) for _ in batch]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for wish, attempt in zip(batch, attempts, strict=True):
                with attempt:
                    attempt.value = wish.work(self._store)
                if not self._connection.in_transaction:
                    raise _first_error(attempts)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, StoreError) as error:
            self._undo()
            failure = _told(error)
            log.error("nothing of %d changes could be written: %s", len(batch), failure)
            # One exception each: they gather the tracebacks of who they are raised to.
            return [_Attempt(self._connection, _caused(StoreError(str(failure)), error)) for _ in batch]
        return attempts

    def _undo(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                # The next BEGIN will say what is wrong to who waits then; this thread must live on.
                log.error("the database could not undo a failed change: %s", error)

    def _shut(self) -> None:
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._connection.close()
        except sqlite3.Error as error:
            # Nothing is lost: the next start reads the write-ahead log.
            log.warning("the database could not be closed in order: %s", error)
        finally:
            self._lock.release()


def _told(error: BaseException) -> BaseException:
    """An exception as its caller should meet it: what SQLite says becomes StoreError, with a remedy and no path."""
    if isinstance(error, StopIteration):
        # A future refuses it, as it would end the coroutine that waits.
        return _caused(RuntimeError("a work on the database raised StopIteration"), error)
    if not isinstance(error, sqlite3.Error):
        return error
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        text = "the disk that holds the database is full; free some space and try again"
    elif is_damage(error):
        text = f"the database is damaged ({error}); restart the server, which will move it aside and begin a new one"
    elif isinstance(error, sqlite3.OperationalError):
        text = f"the database cannot be read or written now ({error}); check its disk, then try again"
    else:
        text = f"the database refused a change ({error}); nothing of it was written; please report this"
    return _caused(StoreError(text), error)


def _caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def _first_error(attempts: Sequence[_Attempt]) -> StoreError:
    """Why the transaction is gone: the error during which SQLite gave it up."""
    for attempt in attempts:
        if isinstance(attempt.error, StoreError):
            return attempt.error
    return StoreError("a work ended the transaction it stands in; it must not commit or roll back")


def _resolve(batch: Sequence[_Wish], attempts: Sequence[_Attempt]) -> None:
    """Wake who waits, with one call into each event loop (there is one, outside tests)."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], _Attempt]]] = {}
    for wish, attempt in zip(batch, attempts, strict=True):
        by_loop.setdefault(wish.answer.get_loop(), []).append((wish.answer, attempt))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, answers)
        except RuntimeError:
            # The loop is closed: nobody waits any longer. What was written stays written.
            log.warning("%d changes were written after the event loop had ended", len(answers))


def _settle(answers: Sequence[tuple[asyncio.Future[Any], _Attempt]]) -> None:
    for answer, attempt in answers:
        if answer.done():  # cancelled meanwhile
            continue
        if attempt.error is not None:
            answer.set_exception(attempt.error)
        else:
            answer.set_result(attempt.value)


class FileLock:
    """A file that one process holds at a time; the system lets go of it when the process dies, however it does."""

    def __init__(self, path: Path) -> None:
        """Take the lock, with the folders it lies in. Raises StoreError where another process holds it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Python hands it on to no program started from here, such as a worker that lives longer than this process.
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(
                f"the folder {path.parent} cannot be made or written ({error.strerror}); give this user the right to "
                "write there, or choose another user folder"
            ) from error
        try:
            _lock(self._file)
        except OSError as error:
            holder = _holder(self._file)
            os.close(self._file)
            if isinstance(error, BlockingIOError | PermissionError):
                raise StoreError(
                    f"another Nodeloom server{holder} uses the folder {path.parent}; stop it, or start this one with "
                    "another user folder"
                ) from None
            raise StoreError(
                f"the folder {path.parent} lies where files cannot be locked ({error.strerror}); choose a user folder "
                "on a local disk"
            ) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Let go. The file stays: deleting it would let two processes hold two files of one name."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _holder(file: int) -> str:
    """Who wrote itself into a lock file, as words in a sentence; nothing where that is not known."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        text = os.read(file, 20).decode("ascii", "replace")
    except OSError:
        return ""
    return f" (process {text})" if text.isdecimal() else ""


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(file: int) -> None:
        # flock and not lockf: it also keeps out a second opening in this process.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
