"""The event log: positions that only grow, clients who find what they missed, values that stay."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest

from runs.store import Store
from tests.runs.toy_store import ended, memory_store, message, queue

DAY = 24 * 3600.0


@pytest.fixture
def store() -> Iterator[Store]:
    made = memory_store()
    yield made
    made._connection.close()


def test_events_come_back_by_run_and_by_client(store: Store) -> None:
    mine, other, also_mine = queue(store, client_id="me"), queue(store, client_id="you"), queue(store, client_id="me")
    told = [message(mine.id, 1, "me", "日本"), message(other.id, 1, "you"), message(also_mine.id, 1, "me")]
    live = message(mine.id, 0, "me")
    written = store.log([told[0], live, told[1], told[2]])
    assert written == [replace(told[0], position=1), live, replace(told[1], position=2), replace(told[2], position=3)]
    written += store.log([message(mine.id, 2, "me")])
    assert store.events(mine.id, 0, 10) == [written[0], written[4]]
    assert store.events(mine.id, 1, 10) == [written[4]]
    assert store.events(mine.id, 0, 1) == [written[0]]
    assert store.events("unknown", 0, 10) == []
    assert store.events_of_client("me", 0, 10) == [written[0], written[3], written[4]]
    assert store.events_of_client("me", 1, 1) == [written[3]]
    assert store.events_of_client("nobody", 0, 10) == []
    assert (store.last_seq(mine.id), store.last_seq(other.id), store.last_seq("unknown")) == (2, 1, 0)
    assert store.last_position() == 4


def test_positions_are_not_reused_after_the_newest_events_are_deleted(store: Store) -> None:
    run = ended(store, at=2.0)
    store.log([message(run.id, seq) for seq in (1, 2, 3)])
    assert store.forget(None) == 1
    assert store.last_position() == 3
    assert store.log([message(queue(store).id, 1)])[0].position == 4


def test_what_is_told_of_a_deleted_run_is_not_written(store: Store) -> None:
    run = ended(store, at=2.0)
    store.forget([run.id])
    late = message(run.id, 1)
    assert store.log([late]) == [late]
    assert store.last_position() == 0


def test_a_sequence_number_is_written_once(store: Store) -> None:
    run = queue(store)
    store.log([message(run.id, 1)])
    with pytest.raises(sqlite3.IntegrityError):
        store.log([message(run.id, 1)])


def test_what_a_client_has_heard_is_remembered_for_a_week(store: Store) -> None:
    store.set_heard("gone", 3, at=0.0)
    store.set_heard("gone, with a run", 4, at=0.0)
    store.set_heard("here", 5, at=0.0)
    queue(store, client_id="gone, with a run")
    store.set_heard("here", 9, at=DAY)
    queue(store, client_id="only handed in")
    assert store.heard("only handed in") is None
    store.prune(100, 10**9, at=8 * DAY - 1)
    assert [store.heard(name) for name in ("gone", "gone, with a run", "here", "never")] == [None, None, 9, None]
    assert [each.client_id for each in store.queued()] == ["gone, with a run", "only handed in"]
    store.forget([each.id for each in store.drop(None, 2.0)])
    store.prune(100, 10**9, at=80 * DAY)
    assert store._connection.execute("SELECT count(*) FROM clients").fetchone() == (0,)


def test_values_are_kept(store: Store) -> None:
    assert store.value("nodes") is None
    store.set_value("nodes", [{"id": "Käse", "n": 1.5}, None])
    store.set_value("nodes", {"a": [1, 2], "half": "\udc00"})
    assert store.value("nodes") == {"a": [1, 2], "half": "\udc00"}
