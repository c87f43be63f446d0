"""The event log and the clients who read it, as rows."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from runs.records import Message
from runs.schema import one, size_of, to_column

EVENT_ROW: Final = 60
"""Bytes an event takes beside its type and data: its numbers and its places in the indexes."""


class EventRows:
    """The event log over an open connection; every method stands inside a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def log(self, messages: Sequence[Message]) -> list[Message]:
        """Write messages and return them with their positions.

        What comes back with position 0 was not written: messages with seq 0, and those of runs that are not (or no
        longer) here. Raises sqlite3.IntegrityError where a run has this seq already.
        """
        position = self.last_position()
        owners: dict[str, tuple[int, int | None] | None] = {}
        sizes: dict[int, int] = {}
        rows: list[tuple[int, int, int, int | None, float, str, str]] = []
        answer: list[Message] = []
        for message in messages:
            if message.run not in owners:
                owners[message.run] = self._owner(message.run)
            owner = owners[message.run]
            if message.seq <= 0 or owner is None:
                answer.append(message)
                continue
            place, client = owner
            data = to_column(message.data)
            position += 1
            rows.append((position, place, message.seq, client, message.at, message.type, data))
            sizes[place] = sizes.get(place, 0) + EVENT_ROW + len(message.type) + size_of(data)
            answer.append(replace(message, position=position))
        self._connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self._connection.executemany(
            "UPDATE runs SET size = size + ? WHERE place = ?", [(size, place) for place, size in sizes.items()]
        )
        return answer

    def last_seq(self, run: str) -> int:
        """The highest sequence number logged of a run, 0 where there is none."""
        owner = self._owner(run)
        if owner is None:
            return 0
        found = one(self._connection, "SELECT max(seq) FROM events WHERE place = ?", (owner[0],))
        return cast(int | None, found) or 0

    def last_position(self) -> int:
        """The highest position that was ever given, 0 in a new log."""
        # Not max(position): the newest events may have been deleted, and their positions must not come again.
        found = one(self._connection, "SELECT seq FROM sqlite_sequence WHERE name = 'events'")
        return cast(int | None, found) or 0

    def events(self, run: str, since: int, limit: int) -> list[Message]:
        """What was logged of a run after a sequence number, in order; nothing for an unknown run."""
        owner = self._owner(run)
        if owner is None:
            return []
        place, client = owner
        client_id = one(self._connection, "SELECT id FROM clients WHERE number = ?", (client,))
        rows = self._connection.execute(
            "SELECT ?, ?, seq, type, data, at, position FROM events WHERE place = ? AND seq > ? ORDER BY seq LIMIT ?",
            (run, client_id, place, since, limit),
        )
        return _messages(rows)

    def events_of_client(self, client_id: str, after_position: int, limit: int) -> list[Message]:
        """What was logged of all runs of a client after a position of the whole log, in order."""
        number = self._client_number(client_id)
        if number is None:
            return []
        rows = self._connection.execute(
            """SELECT runs.id, ?, seq, type, data, at, position FROM events JOIN runs USING (place)
            WHERE events.client = ? AND position > ? ORDER BY position LIMIT ?""",
            (client_id, number, after_position, limit),
        )
        return _messages(rows)

    def heard(self, client_id: str) -> int | None:
        """The position up to which a client has heard; None for one never seen, or not for a week."""
        if not is_storable(client_id):
            return None
        return cast(int | None, one(self._connection, "SELECT heard FROM clients WHERE id = ?", (client_id,)))

    def set_heard(self, client_id: str, position: int, at: float) -> None:
        """Remember the position up to which a client has heard, and that it was seen now."""
        if is_storable(client_id):
            self._connection.execute(
                """INSERT INTO clients (id, heard, seen_at) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET heard = excluded.heard, seen_at = excluded.seen_at""",
                (client_id, position, at),
            )

    def _see_client(self, client_id: str, at: float) -> int | None:
        """The number of a client who hands in a run, made where there is none yet."""
        self._connection.execute(
            "INSERT INTO clients (id, seen_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
            (client_id, at),
        )
        return self._client_number(client_id)

    def _forget_clients(self, before: float) -> None:
        """Forget clients not seen since; their names stay as long as runs of them are here."""
        self._connection.execute(
            "DELETE FROM clients WHERE seen_at < ? AND NOT EXISTS (SELECT 1 FROM runs WHERE client = clients.number)",
            (before,),
        )
        self._connection.execute("UPDATE clients SET heard = NULL WHERE seen_at < ? AND heard IS NOT NULL", (before,))

    def _client_number(self, client_id: str) -> int | None:
        if not is_storable(client_id):
            return None
        return cast(int | None, one(self._connection, "SELECT number FROM clients WHERE id = ?", (client_id,)))

    def _owner(self, run: str) -> tuple[int, int | None] | None:
        """The place and the client's number of a run."""
        if not is_storable(run):
            return None
        row = self._connection.execute("SELECT place, client FROM runs WHERE id = ?", (run,)).fetchone()
        return cast(tuple[int, int | None] | None, row)


def is_storable(text: str) -> bool:
    """Whether a text can stand in the database at all; half a surrogate pair in an address cannot, so none is here."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _messages(rows: Iterable[Any]) -> list[Message]:
    return [
        Message(run, client_id, seq, kind, json.loads(data), at, position)
        for run, client_id, seq, kind, data, at, position in rows
    ]
