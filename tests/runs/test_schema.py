"""The file: nothing in it is walked through, an older one is brought up to date, a damaged one moved aside."""

import logging
import re
import sqlite3
from pathlib import Path

import pytest

from runs.errors import StoreError
from runs.records import ENDED
from runs.schema import APPLICATION, MIGRATIONS, open_database
from runs.store import Store
from tests.runs.toy_store import ended, message, queue


def test_no_statement_walks_a_table_or_sorts_the_history(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "runs.sqlite")
    said: dict[str, None] = {}
    connection.set_trace_callback(lambda text: said.setdefault(text))
    store = Store(connection)
    connection.execute("BEGIN")
    run = queue(store, client_id="c", id="one")
    queue(store, id="one more", number=2)
    store.next_queued()
    store.queued()
    store.start(run.id, "cpu", 1.0)
    store.requeue(run.id)
    store.recover()
    store.log([message(run.id, 1, "c")])
    store.last_seq(run.id)
    store.events(run.id, 0, 10)
    store.events_of_client("c", 0, 10)
    store.set_heard("c", 1, 1.0)
    store.heard("c")
    store.records(limit=3, offset=1)
    store.records(ENDED, begun=True, newest_first=False)
    store.counts()
    store.drop([run.id], 2.0)
    store.forget([run.id])
    store.drop(None, 2.0)
    store.prune(0, 0)
    store.forget(None)
    store.set_value("a", 1)
    store.value("a")
    connection.set_trace_callback(None)
    plans: list[str] = []
    for statement in said:
        if re.match(r"\s*(SELECT|UPDATE|DELETE)", statement):
            plans += [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    walks = {plan for plan in plans if plan.startswith("SCAN") or "TEMP B-TREE" in plan}
    assert walks == {
        "SCAN runs USING COVERING INDEX runs_queued",  # the queued runs and no others
        "SCAN json_each VIRTUAL TABLE INDEX 1:",  # the names that were given
        "USE TEMP B-TREE FOR ORDER BY",  # those of them that are queued
        "SCAN sqlite_sequence",  # a single row
    }
    sorting = [text for text in said if "json_each" not in text and text.startswith("SELECT")]
    assert "TEMP B-TREE" not in str([connection.execute(f"EXPLAIN QUERY PLAN {text}").fetchall() for text in sorting])
    assert any("runs_by_state" in plan for plan in plans)
    connection.close()


def test_all_is_there_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    connection = open_database(path)
    store = Store(connection)
    connection.execute("BEGIN")
    run = queue(store, client_id="c")
    written = store.log([message(run.id, 1, "c")])
    store.set_value("a", [1])
    connection.execute("COMMIT")
    connection.close()
    store = Store(open_database(path))
    assert store.record(run.id) == run
    assert store.events(run.id, 0, 9) == written
    assert store.value("a") == [1]
    assert store.take_number() == 1
    store._connection.close()


def test_an_older_database_is_brought_up_to_date_in_place(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    store = Store(open_database(path))
    run = queue(store)
    store._connection.close()
    newer = (*MIGRATIONS, ("ALTER TABLE runs ADD COLUMN colour TEXT", "UPDATE runs SET colour = 'blue'"))
    connection = open_database(path, newer)
    assert connection.execute("SELECT id, colour FROM runs").fetchall() == [(run.id, "blue")]
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()
    with pytest.raises(StoreError, match=r"newer Nodeloom .*start the newer"):
        open_database(path)
    assert [each.name for each in tmp_path.iterdir() if "damaged" in each.name] == []


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    open_database(path).close()
    broken = (*MIGRATIONS, ("ALTER TABLE runs ADD COLUMN colour TEXT", "UPDATE no_such_table SET a = 1"))
    with pytest.raises(StoreError, match="no_such_table"):
        open_database(path, broken)
    connection = open_database(path)
    assert "colour" not in [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
    connection.close()


def rubbish(path: Path) -> None:
    path.write_bytes(b"this is no database at all, but long enough to look at " * 100)


def torn_page(path: Path) -> None:
    connection = open_database(path)
    store = Store(connection)
    connection.execute("BEGIN")
    for _ in range(300):
        queue(store, "x" * 200)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    data = bytearray(path.read_bytes())
    data[8192:-4096] = b"\xa5" * len(data[8192:-4096])
    path.write_bytes(data)


def cut_short(path: Path) -> None:
    torn_page(path)
    path.write_bytes(path.read_bytes()[:20_000])


@pytest.mark.parametrize("damage", [rubbish, torn_page, cut_short])
def test_a_damaged_database_is_moved_aside_and_a_new_one_begun(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: object
) -> None:
    assert callable(damage)
    path = tmp_path / "runs.sqlite"
    for count in (1, 2):  # twice in one second: the second never covers the first
        damage(path)
        broken = path.read_bytes()
        with caplog.at_level(logging.WARNING, "nodeloom.runs"):
            store = Store(open_database(path))
        assert "damaged" in caplog.text
        assert store.count() == 0
        queue(store)
        assert store._connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        store._connection.close()
        aside = [each for each in tmp_path.iterdir() if each.name.startswith("runs.sqlite.damaged-")]
        assert len(aside) == count
        assert broken in [each.read_bytes() for each in aside]


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_database(path)
    assert path.read_bytes() == before


def test_a_path_that_cannot_be_a_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match=r"cannot be opened .* choose another user folder"):
        open_database(tmp_path / "folder")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database(tmp_path / "missing" / "runs.sqlite")


def test_our_databases_say_whose_they_are_and_can_shrink(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "runs.sqlite")
    told = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "auto_vacuum")}
    assert told == {"journal_mode": "wal", "auto_vacuum": 2}
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    connection.close()


def test_the_file_shrinks_when_history_is_pruned(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    connection = open_database(path)
    store = Store(connection)
    connection.execute("BEGIN")
    for i in range(20):
        run = ended(store, at=float(i))
        store.log([message(run.id, seq, text="x" * 1000) for seq in range(1, 101)])
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    full = path.stat().st_size
    connection.execute("BEGIN")
    connection.execute("SAVEPOINT work")
    assert store.prune(2, 10**9) == 18
    connection.execute("RELEASE work")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert path.stat().st_size < full / 4
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
