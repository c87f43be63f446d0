"""The file behind the queue: its tables, how an older one is brought up to date, what is done with a damaged one."""

import json
import logging
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from runs.errors import StoreError

log = logging.getLogger("nodeloom.runs")

APPLICATION: Final = 0x4E6F6465
"""`application_id` of our databases: "Node"."""

WAIT_MS: Final = 10_000
"""How long another program (a backup, a shell) may hold the file before a transaction gives up."""

OPEN_RANK: Final = 2**62
"""Ranks from here on belong to runs that have not ended: this plus their place."""

HAS_ENDED: Final = f"rank < {OPEN_RANK}"
"""The condition as an index says it; SQLite uses that index only for the same words."""

_FIRST: Final = (
    # What one number is enough for: "run" is the next number of a run, "ending" the next rank of an ended one.
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT INTO counters VALUES ('run', 0), ('ending', 0)",
    # Clients are interned: an event names its client by a small number. heard: NULL until the client was seen.
    "CREATE TABLE clients (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, heard INTEGER, seen_at REAL NOT NULL)",
    "CREATE INDEX clients_by_time ON clients (seen_at)",
    # An index holds all that the statements on it ask for, so that they need not look into the rows.
    # place: the value of the counter at submission, so that it says the order. number: without a type, so that 5 comes
    # back as 5 and -5.5 as -5.5. rank: the order of the history. size: bytes of the run with its events.
    """CREATE TABLE runs (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, number NOT NULL, state TEXT NOT NULL, rank INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, client INTEGER REFERENCES clients (number), size INTEGER NOT NULL,
        submitted_at REAL NOT NULL, started_at REAL, ended_at REAL, worker TEXT, deadline REAL,
        checked INTEGER NOT NULL, cached INTEGER NOT NULL DEFAULT 0, function TEXT, digest BLOB NOT NULL,
        targets TEXT NOT NULL, outputs TEXT, meta TEXT, error TEXT, memory TEXT, seconds TEXT)""",
    "CREATE INDEX runs_queued ON runs (number, place, state) WHERE state = 'queued'",
    "CREATE INDEX runs_by_state ON runs (state, rank, attempts)",
    f"CREATE INDEX runs_by_ending ON runs (rank, size) WHERE {HAS_ENDED}",
    "CREATE INDEX runs_by_client ON runs (client)",
    # What may be megabytes and never changes stands apart, so that a change of state does not write it again.
    """CREATE TABLE submissions (
        place INTEGER PRIMARY KEY REFERENCES runs (place) ON DELETE CASCADE,
        workflow TEXT NOT NULL, extra TEXT NOT NULL)""",
    # AUTOINCREMENT: a position is never given twice, even when the newest events have been deleted.
    """CREATE TABLE events (
        position INTEGER PRIMARY KEY AUTOINCREMENT, place INTEGER NOT NULL REFERENCES runs (place) ON DELETE CASCADE,
        seq INTEGER NOT NULL, client INTEGER, at REAL NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX events_of_run ON events (place, seq)",
    # An index ends in the rowid by itself, here the position.
    "CREATE INDEX events_of_client ON events (client) WHERE client IS NOT NULL",
    "CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

MIGRATIONS: Final[tuple[Sequence[str], ...]] = (_FIRST,)
"""Statements that lead from version n to n + 1; what has been released is never changed, only added to."""

MOST_CHECKED: Final = 64 * 2**20
"""Bytes of a database up to which each page is looked at when it is opened, a tenth of a second at most."""

_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})


class Damaged(Exception):
    """The file is no database, or its pages contradict each other."""


def open_database(path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> sqlite3.Connection:
    """The database of this path, made where there is none, brought up to date, and ready to be used by one thread.

    A damaged file is moved aside, with a warning in the log, and a new one begun. Transactions are left to the caller.
    Raises StoreError where the file cannot be opened, is of a newer version or belongs to another program.
    """
    try:
        try:
            return _opened(path, migrations)
        except Damaged as damage:
            aside = _move_aside(path)
            log.warning(
                "the database %s is damaged (%s); it was moved to %s and an empty one begun: queue and history of "
                "before are only in the moved file",
                path,
                damage,
                aside.name,
            )
            return _opened(path, migrations)
    except Damaged as damage:
        raise StoreError(f"a new database at {path} is damaged at once ({damage}); check the disk") from damage
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"the database {path} cannot be opened ({error}); make sure that its folder exists on a local disk, has "
            "space left and may be written by this user, or choose another user folder"
        ) from error


def _opened(path: Path, migrations: Sequence[Sequence[str]]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT_MS / 1000, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path, migrations)
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise Damaged(str(error)) from error
        raise
    except (StoreError, Damaged):
        connection.close()
        raise
    return connection


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is damaged."""
    # The lower byte is the code, the rest says more of it; errors that the Python module raises itself carry none.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def _prepare(connection: sqlite3.Connection, path: Path, migrations: Sequence[Sequence[str]]) -> None:
    empty = one(connection, "SELECT count(*) FROM sqlite_master") == 0
    if empty:
        # Both are written into the first page and must come before anything else.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
    elif one(connection, "PRAGMA application_id") != APPLICATION:
        raise StoreError(f"{path} is a database of another program; move it away or choose another user folder")
    mode = one(connection, "PRAGMA journal_mode = WAL")
    if mode == "wal":
        connection.execute("PRAGMA synchronous = NORMAL")
    else:
        # Without a log of its own only full synchronisation keeps the file whole; network drives end up here.
        log.warning("the database %s lies where write-ahead logging is not possible; it will be slower", path)
        connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_size_limit = 16777216")
    connection.execute("PRAGMA cache_size = -16384")
    # Reads every page once: damage that is not found now is found in the middle of a run. A large history would make
    # the server slow to start, and is left to fail where it is read.
    if path.stat().st_size <= MOST_CHECKED and (found := one(connection, "PRAGMA quick_check(1)")) != "ok":
        raise Damaged(str(found))
    migrate(connection, migrations)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring the tables up to date, each version in a transaction of its own. Raises StoreError for a newer version."""
    version = one(connection, "PRAGMA user_version")
    assert isinstance(version, int)
    if version > len(migrations):
        raise StoreError(
            f"the database was written by a newer Nodeloom (version {version} of its tables; this one knows "
            f"{len(migrations)}); start the newer Nodeloom, or move the database away to begin with an empty queue"
        )
    for number in range(version, len(migrations)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in migrations[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def one(connection: sqlite3.Connection, statement: str, values: Sequence[object] = ()) -> object:
    """The first column of the first row of a statement, None where there is no row."""
    row = connection.execute(statement, values).fetchone()
    return row[0] if row else None


def _move_aside(path: Path) -> Path:
    """Rename a damaged database and its log, which may still be of use to a person; never over another file."""
    stem = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    aside = path.with_name(stem)
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{stem}-{count}")
    path.rename(aside)
    wal = path.with_name(path.name + "-wal")
    if wal.exists():
        wal.rename(aside.with_name(aside.name + "-wal"))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside


def to_column(value: object) -> str:
    """A JSON value as compact text for a column."""
    text = _COMPACT.encode(value)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, which a node may well show, can be escaped in JSON but not stored in UTF-8.
        return _ESCAPED.encode(value)
    return text


def size_of(text: str) -> int:
    """Bytes of a text in the database."""
    return len(text) if text.isascii() else len(text.encode())


def _as_plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise TypeError(f"a JSON value was expected, found {type(value).__name__}")


_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_as_plain)
_ESCAPED: Final = json.JSONEncoder(separators=(",", ":"), default=_as_plain)
CANONICAL: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=_as_plain)
"""One text for equal values, whatever the order of their keys."""
