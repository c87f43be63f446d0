"""Stores in memory, and runs, events and submissions for them."""

import sqlite3
from dataclasses import replace
from typing import Any

from runs.records import Ending, Message, Record, State, Submission
from runs.schema import migrate
from runs.store import Store


def memory_store() -> Store:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection)
    connection.execute("BEGIN")
    return Store(connection)


def submission(text: str = "a cat", **changes: Any) -> Submission:
    made = Submission({"9": {"class_type": "Note", "inputs": {"text": text}}}, ("9",))
    return replace(made, **changes)


def queue(store: Store, text: str = "a cat", **changes: Any) -> Record:
    record, new = store.submit(submission(text, **changes), at=1.0)
    assert new
    return record


def ended(store: Store, at: float, state: State = "done", **changes: Any) -> Record:
    record = queue(store, **changes)
    store.start(record.id, "cpu", at)
    return store.end(record.id, Ending(state, at))


def message(run: str, seq: int, client_id: str | None = None, text: str = "") -> Message:
    return Message(run, client_id, seq, "progress", {"value": seq, "text": text}, at=seq / 2)


def names(records: list[Record]) -> list[str]:
    return [record.id for record in records]
