"""Queue and history of runs as rows of one SQLite file."""

import hashlib
import json
import time
import uuid
from collections.abc import Collection, Iterable
from typing import Any, Final, cast

from runs.errors import IdTaken, NotQueued, RunsError, UnknownRun
from runs.queue_order import orderable, renumbered
from runs.records import ENDED, STATES, Ending, Record, State, Submission
from runs.schema import CANONICAL, HAS_ENDED, OPEN_RANK, one, size_of, to_column
from runs.store_events import EventRows, is_storable

RUN_ROW: Final = 400
"""Bytes a run takes beside its JSON: its columns and its places in the indexes."""

CLIENT_SECONDS: Final = 7 * 24 * 3600
"""How long what a client has heard is remembered after it was last seen."""

VACUUM_PAGES: Final = 10_000
"""How many free pages (4 KiB each) one pruning gives back to the disk at most, so that the queue need not wait long."""

_COLUMNS: Final = """runs.id, runs.number, state, workflow, targets, submitted_at, clients.id, extra, checked, function,
deadline, attempts, started_at, ended_at, worker, outputs, meta, error, memory, seconds, cached"""
_RECORD: Final = f"""SELECT {_COLUMNS} FROM runs JOIN submissions USING (place)
LEFT JOIN clients ON clients.number = runs.client WHERE runs.place = ?"""
_QUEUE: Final = "SELECT place FROM runs INDEXED BY runs_queued WHERE state = 'queued' ORDER BY number, place"
"""Left to itself, SQLite takes another index and sorts the queue for each run."""

_BY_ID: Final = "SELECT place FROM runs WHERE id IN (SELECT value FROM json_each(?))"
"""A list of any length as one parameter: SQLite takes a limited number of them."""


class WrongState(RunsError):
    """A run cannot go from its state into the one that was asked for."""

    def __init__(self, id: str, found: str, expected: str) -> None:
        super().__init__(f"run {id[:80]!r} is {found}, not {expected}; ask for its record again before going on")
        self.id = id
        self.found = found


class Store(EventRows):
    """All that is kept, over an open connection; every method stands inside a transaction of the caller."""

    def take_number(self) -> int:
        """The next number of the counter, from 0; it is never given again."""
        return self._take("run")

    def submit(self, submission: Submission, at: float) -> tuple[Record, bool]:
        """Queue a run. The record, and whether it is new.

        The same id with the same workflow gives the first submission's record; with another one raises IdTaken. Raises
        ValueError for names that are no text.
        """
        name = submission.id if submission.id is not None else str(uuid.uuid4())
        if not all(is_storable(text) for text in (name, submission.client_id or "", submission.function or "")):
            raise ValueError("the id of a run, of its client or function holds half a character; send whole ones")
        digest = hashlib.sha256(CANONICAL.encode(submission.workflow).encode()).digest()
        known = self._connection.execute("SELECT place, digest FROM runs WHERE id = ?", (name,)).fetchone()
        if known is not None:
            if known[1] != digest:
                raise IdTaken(name)
            return self._at(known[0]), False
        place = self.take_number()
        if submission.number is not None:
            number = orderable(submission.number)
        else:
            number = -place if submission.front else place
        record = Record(
            id=name,
            number=number,
            state="queued",
            workflow=submission.workflow,
            targets=tuple(submission.targets),
            submitted_at=at,
            client_id=submission.client_id,
            extra=submission.extra,
            checked=submission.checked,
            function=submission.function,
            deadline=submission.deadline,
        )
        self._insert(place, record, digest)
        return record, True

    # Asking after

    def record(self, id: str) -> Record | None:
        """One run."""
        owner = self._owner(id)
        return None if owner is None else self._at(owner[0])

    def records(
        self,
        states: Collection[State] | None = None,
        *,
        limit: int | None = None,
        offset: int = 0,
        newest_first: bool = True,
        begun: bool = False,
    ) -> list[Record]:
        """Runs in the order of their ending; open ones follow in the order of submission. begun: only those with
        attempts."""
        wanted = _distinct(states)
        if not wanted:
            return []
        # A part for each state, so that SQLite merges parts that an index holds in order already and sorts nothing.
        part = f"SELECT rank, place FROM runs WHERE state = ?{' AND attempts > 0' if begun else ''}"
        order = "DESC" if newest_first else "ASC"
        found = self._connection.execute(
            f"{' UNION ALL '.join([part] * len(wanted))} ORDER BY rank {order} LIMIT ? OFFSET ?",
            (*wanted, -1 if limit is None else limit, offset),
        ).fetchall()
        return [self._at(place) for _, place in found]

    def count(self, states: Collection[State] | None = None) -> int:
        """How many runs are in these states, all of them for None."""
        return sum(self._count_one(state) for state in _distinct(states))

    def counts(self) -> dict[State, int]:
        """How many runs are in each state."""
        return {state: self._count_one(state) for state in STATES}

    def queued(self) -> list[Record]:
        """The queued runs in the order in which they will run: by number, equal ones as they were submitted."""
        return [self._at(place) for place in self._queued_places()]

    def next_queued(self) -> Record | None:
        """The run whose turn it is."""
        place = one(self._connection, f"{_QUEUE} LIMIT 1")
        return None if place is None else self._at(cast(int, place))

    def recover(self) -> list[Record]:
        """The runs that are running, untouched: after a crash, those that were cut off."""
        return self.records(("running",), newest_first=False)

    # Changing state

    def start(self, id: str, worker: str, at: float) -> Record:
        """A queued run begins: one attempt more. Raises UnknownRun, WrongState."""
        place = self._in_state(id, "queued")
        self._connection.execute(
            "UPDATE runs SET state = 'running', attempts = attempts + 1, worker = ?, started_at = ? WHERE place = ?",
            (worker, at, place),
        )
        return self._at(place)

    def requeue(self, id: str, *, uncounted: bool = False) -> Record:
        """A running run goes back to its old place in the queue. uncounted: as if this attempt had not been made.

        Raises UnknownRun, WrongState.
        """
        place = self._in_state(id, "running")
        self._connection.execute(
            "UPDATE runs SET state = 'queued', worker = NULL, attempts = attempts - ? WHERE place = ?",
            (int(uncounted), place),
        )
        return self._at(place)

    def end(self, id: str, ending: Ending) -> Record:
        """An open run ends. One that has ended already stays as it ended first. Raises UnknownRun, ValueError."""
        if ending.state not in ENDED:
            raise ValueError(f"a run ends in one of {', '.join(ENDED)}, not in {ending.state!r}")
        owner = self._owner(id)
        if owner is None:
            raise UnknownRun(id)
        place = owner[0]
        if one(self._connection, f"SELECT {HAS_ENDED} FROM runs WHERE place = ?", (place,)):
            return self._at(place)
        columns = {
            "outputs": to_column(ending.outputs) if ending.outputs else None,
            "meta": to_column(ending.meta) if ending.meta else None,
            "error": to_column(ending.error) if ending.error is not None else None,
            "memory": to_column(ending.memory) if ending.memory is not None else None,
            "seconds": to_column(ending.seconds) if ending.seconds else None,
        }
        size = sum(size_of(text) for text in columns.values() if text is not None)
        self._connection.execute(
            f"""UPDATE runs SET {", ".join(f"{name} = ?" for name in columns)},
            state = ?, rank = ?, ended_at = ?, cached = ?, size = size + ? WHERE place = ?""",
            (*columns.values(), ending.state, self._take("ending"), ending.at, ending.cached, size, place),
        )
        return self._at(place)

    def move(self, id: str, before: str | None) -> tuple[Record, bool]:
        """A queued run goes to the place just before another one, or to the end of the queue; whether that is news.

        Raises UnknownRun, and NotQueued where one of the two no longer waits.
        """
        place = self._waiting(id)
        other = None if before is None else self._waiting(before)
        rows = cast(
            list[tuple[float, int]],
            self._connection.execute(
                "SELECT number, place FROM runs INDEXED BY runs_queued WHERE state = 'queued' ORDER BY number, place"
            ).fetchall(),
        )
        order = [each for _, each in rows]
        wanted = [each for each in order if each != place]
        at = len(wanted) if other is None else order.index(place) if other == place else wanted.index(other)
        wanted.insert(at, place)
        if wanted == order:
            return self._at(place), False
        numbers = {each: number for number, each in rows}
        found = renumbered([numbers[each] for each in wanted], at, self.take_number())
        self._connection.executemany(
            "UPDATE runs SET number = ? WHERE place = ?", [(number, wanted[index]) for index, number in found.items()]
        )
        return self._at(place), True

    def settle(self, id: str, resident: int) -> None:
        """What its worker held after the memory of an ended run was given back; nothing for a run that is gone."""
        self._connection.execute(
            "UPDATE runs SET memory = json_set(memory, '$.after', ?) WHERE id = ? AND memory IS NOT NULL",
            (resident, id),
        )

    def drop(self, ids: Collection[str] | None, at: float) -> list[Record]:
        """Take queued runs out of the queue, all of them for None: they end as interrupted, in the order of the queue.

        Names of runs that are not queued are passed over.
        """
        if ids is None:
            places = self._queued_places()
        else:
            # The plus keeps SQLite from walking the whole queue for the sake of a few names.
            rows = self._connection.execute(
                f"SELECT place FROM runs WHERE place IN ({_BY_ID}) AND +state = 'queued' ORDER BY number, place",
                (_as_list(ids),),
            )
            places = [place for (place,) in rows]
        self._connection.executemany(
            "UPDATE runs SET state = 'interrupted', rank = ?, ended_at = ? WHERE place = ?",
            [(self._take("ending"), at, place) for place in places],
        )
        return [self._at(place) for place in places]

    # Deleting

    def forget(self, ids: Collection[str] | None) -> int:
        """Delete ended runs with their events, all of them for None; how many there were. Open ones stay."""
        if ids is None:
            return self._connection.execute(f"DELETE FROM runs WHERE {HAS_ENDED}").rowcount
        return self._connection.execute(
            f"DELETE FROM runs WHERE place IN ({_BY_ID}) AND {HAS_ENDED}", (_as_list(ids),)
        ).rowcount

    def prune(self, most_runs: int, most_bytes: int, *, at: float | None = None) -> int:
        """Delete the oldest ended runs beyond a count, or beyond so many bytes of ended runs with their events.

        Also forgets clients not seen for a week before `at` (now), and gives free pages back to the disk. The number of
        runs deleted; open ones are never.
        """
        count, size = cast(
            tuple[int, int],
            self._connection.execute(f"SELECT count(*), coalesce(sum(size), 0) FROM runs WHERE {HAS_ENDED}").fetchone(),
        )
        places: list[tuple[int]] = []
        oldest = self._connection.execute(f"SELECT place, size FROM runs WHERE {HAS_ENDED} ORDER BY rank")
        while (count > most_runs or size > most_bytes) and (row := oldest.fetchone()):
            places.append((row[0],))
            count, size = count - 1, size - row[1]
        oldest.close()
        self._connection.executemany("DELETE FROM runs WHERE place = ?", places)
        self._forget_clients((time.time() if at is None else at) - CLIENT_SECONDS)
        # Asked for more pages at once, the pragma is stepped only once by the sqlite3 module, and frees one.
        free = cast(int, one(self._connection, "PRAGMA freelist_count"))
        for _ in range(min(free, VACUUM_PAGES)):
            self._connection.execute("PRAGMA incremental_vacuum(1)").close()
        return len(places)

    # Values kept across restarts

    def value(self, key: str) -> object | None:
        """A value that was kept, None where there is none."""
        text = one(self._connection, "SELECT value FROM kept WHERE key = ?", (key,))
        return None if text is None else json.loads(cast(str, text))

    def set_value(self, key: str, value: object) -> None:
        """Keep a JSON value across restarts."""
        self._connection.execute(
            "INSERT INTO kept VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, to_column(value)),
        )

    # Inside

    def _insert(self, place: int, record: Record, digest: bytes) -> None:
        client = self._see_client(record.client_id, record.submitted_at) if record.client_id is not None else None
        workflow, extra, targets = (to_column(value) for value in (record.workflow, record.extra, record.targets))
        values = {
            "place": place,
            "id": record.id,
            "number": record.number,
            "state": record.state,
            "rank": OPEN_RANK + place,
            "client": client,
            "size": RUN_ROW + size_of(workflow) + size_of(extra) + size_of(targets),
            "submitted_at": record.submitted_at,
            "deadline": record.deadline,
            "checked": record.checked,
            "function": record.function,
            "digest": digest,
            "targets": targets,
        }
        self._connection.execute(
            f"INSERT INTO runs ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", tuple(values.values())
        )
        self._connection.execute("INSERT INTO submissions VALUES (?, ?, ?)", (place, workflow, extra))

    def _take(self, counter: str) -> int:
        taken = one(self._connection, "SELECT value FROM counters WHERE name = ?", (counter,))
        self._connection.execute("UPDATE counters SET value = value + 1 WHERE name = ?", (counter,))
        return cast(int, taken)

    def _count_one(self, state: State) -> int:
        return cast(int, one(self._connection, "SELECT count(*) FROM runs WHERE state = ?", (state,)))

    def _queued_places(self) -> list[int]:
        return [place for (place,) in self._connection.execute(_QUEUE)]

    def _waiting(self, id: str) -> int:
        """The place of a run that must be in the queue."""
        try:
            return self._in_state(id, "queued")
        except WrongState as error:
            raise NotQueued(id, error.found) from None

    def _in_state(self, id: str, expected: State) -> int:
        """The place of a run that must be in this state."""
        owner = self._owner(id)
        if owner is None:
            raise UnknownRun(id)
        found = cast(str, one(self._connection, "SELECT state FROM runs WHERE place = ?", (owner[0],)))
        if found != expected:
            raise WrongState(id, found, expected)
        return owner[0]

    def _at(self, place: int) -> Record:
        """The run of a place that is known to exist."""
        return _record(self._connection.execute(_RECORD, (place,)).fetchone())


def _record(row: Any) -> Record:
    (name, number, state, workflow, targets, submitted_at, client_id, extra, checked, function, deadline) = row[:11]
    (attempts, started_at, ended_at, worker, outputs, meta, error, memory, seconds, cached) = row[11:]
    return Record(
        id=name,
        number=number,
        state=state,
        workflow=json.loads(workflow),
        targets=tuple(json.loads(targets)),
        submitted_at=submitted_at,
        client_id=client_id,
        extra=json.loads(extra),
        checked=bool(checked),
        function=function,
        deadline=deadline,
        attempts=attempts,
        started_at=started_at,
        ended_at=ended_at,
        worker=worker,
        outputs=json.loads(outputs) if outputs else {},
        meta=json.loads(meta) if meta else {},
        error=json.loads(error) if error else None,
        memory=json.loads(memory) if memory else None,
        seconds=json.loads(seconds) if seconds else {},
        cached=cached,
    )


def _distinct(states: Collection[State] | None) -> tuple[State, ...]:
    return STATES if states is None else tuple(dict.fromkeys(states))


def _as_list(ids: Iterable[str]) -> str:
    """Ids as one JSON parameter; escaped, so that any text may come."""
    return json.dumps(list(ids))
