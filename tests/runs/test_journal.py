"""The writer: many works in one transaction, each whole or not at all, and nothing lost that was confirmed."""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from runs.errors import IdTaken, StoreError
from runs.journal import Journal
from runs.records import Ending
from runs.store import Store
from tests.runs.toy_store import message, queue, submission

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 60.0
"""Seconds after which a test that waits is told to have hung."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "user" / "runs.sqlite"


@pytest_asyncio.fixture
async def journal(path: Path) -> AsyncIterator[Journal]:
    opened = Journal.open(path)
    yield opened
    await opened.close()


def submit(text: str = "a cat", **changes: Any) -> Callable[[Store], str]:
    return lambda store: store.submit(submission(text, **changes), 1.0)[0].id


def commits(store: Store) -> list[str]:
    """From now on, what is committed on the store's connection."""
    said: list[str] = []
    store._connection.set_trace_callback(lambda text: said.append(text) if text == "COMMIT" else None)
    return said


@asynccontextmanager
async def held(journal: Journal) -> AsyncIterator[None]:
    """Keep the writer busy inside, so that all that is asked meanwhile becomes one batch."""
    busy, go_on = threading.Event(), threading.Event()

    def wait(store: Store) -> None:
        busy.set()
        assert go_on.wait(LONGEST)

    holding = asyncio.ensure_future(journal.do(wait))
    assert await asyncio.to_thread(busy.wait, LONGEST)
    try:
        yield
    finally:
        go_on.set()
    await holding


async def started(*tasks: asyncio.Future[Any]) -> None:
    """Let tasks run up to where they wait."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_many_at_once_are_written_in_the_order_in_which_they_were_asked(journal: Journal) -> None:
    ids = await asyncio.gather(*(journal.do(submit(id=f"run {i}")) for i in range(500)))
    assert ids == [f"run {i}" for i in range(500)]
    queued = await journal.do(lambda store: [record.id for record in store.queued()])
    assert queued == ids


async def test_all_that_waits_is_one_transaction(journal: Journal) -> None:
    said = await journal.do(commits)
    async with held(journal):
        waiting = [asyncio.ensure_future(journal.do(submit())) for _ in range(200)]
        await started(*waiting)
        said.clear()
    await asyncio.gather(*waiting)
    assert said == ["COMMIT"] * 2  # of the work that held the writer up, and of all the others
    assert await journal.do(lambda store: store.count()) == 200


async def test_one_that_fails_undoes_itself_alone_and_is_told_so(journal: Journal) -> None:
    def half(store: Store) -> None:
        queue(store, id="half")
        store.log([message("half", 1)])
        raise LookupError("in the middle")

    def exhausted(store: Store) -> object:
        queue(store, id="exhausted")
        return next(iter(()))

    await journal.do(submit("a cat", id="mine"))
    async with held(journal):
        works = [
            submit(id="first"),
            half,
            submit("a dog", id="mine"),
            exhausted,
            lambda store: store.log([message("first", 1), message("first", 1)]),
            submit(id="last"),
        ]
        waiting = [asyncio.ensure_future(journal.do(work)) for work in works]
        await started(*waiting)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [answers[0], answers[5]] == ["first", "last"]
    assert [type(each) for each in answers[1:5]] == [LookupError, IdTaken, RuntimeError, StoreError]
    ids, last = await journal.do(lambda store: ([each.id for each in store.queued()], store.last_position()))
    assert (ids, last) == (["mine", "first", "last"], 0)


async def test_a_cancelled_caller_leaves_a_whole_work_and_a_working_journal(journal: Journal) -> None:
    def two(store: Store) -> None:
        queue(store)
        queue(store)

    async with held(journal):
        task = asyncio.ensure_future(journal.do(two))
        other = asyncio.ensure_future(journal.do(submit()))
        await started(task, other)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await other
    assert await journal.do(lambda store: store.count()) == 3


async def test_a_work_that_ends_the_transaction_fails_its_whole_batch_and_no_later_one(journal: Journal) -> None:
    async with held(journal):
        before = asyncio.ensure_future(journal.do(submit()))
        breaking = asyncio.ensure_future(journal.do(lambda store: store._connection.execute("ROLLBACK")))
        after = asyncio.ensure_future(journal.do(submit()))
        await started(before, breaking, after)
    answers = await asyncio.gather(before, breaking, after, return_exceptions=True)
    assert [type(each) for each in answers] == [StoreError] * 3
    assert "must not commit" in str(answers[0])
    assert await journal.do(lambda store: store.count()) == 0
    await journal.do(submit())


async def test_a_disk_error_at_commit_fails_the_batch_and_the_journal_goes_on(journal: Journal, path: Path) -> None:
    await journal.do(submit(id="before"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        async with held(journal):
            waiting = [asyncio.ensure_future(journal.do(submit("x" * 10_000, id=f"run {i}"))) for i in range(20)]
            await started(*waiting)
            # No file of this process may grow beyond this: the system refuses to write, as a broken disk would.
            room = path.with_name("runs.sqlite-wal").stat().st_size + 8192
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [type(each) for each in answers] == [StoreError] * 20
    assert len(set(map(id, answers))) == 20
    assert "check its disk" in str(answers[0])
    assert str(path.parent) not in str(answers[0])
    assert await journal.do(lambda store: [each.id for each in store.queued()]) == ["before"]
    assert await journal.do(submit(id="after")) == "after"
    assert await journal.do(lambda store: store._connection.execute("PRAGMA integrity_check").fetchall()) == [("ok",)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_nobody_waits_for_a_writer_that_died(path: Path) -> None:
    journal = Journal.open(path)
    async with held(journal):
        closing = asyncio.ensure_future(journal.do(lambda store: store._connection.close()))
        after = asyncio.ensure_future(journal.do(submit()))
        await started(closing, after)
    waits: list[asyncio.Future[Any]] = [closing, after]
    for waiting in waits:
        with pytest.raises(StoreError, match="closed by an error; restart"):
            await asyncio.wait_for(waiting, LONGEST)
    with pytest.raises(StoreError, match="closed"):
        await journal.do(submit())
    await journal.close()
    await Journal.open(path).close()  # the lock is free


async def test_a_full_disk_is_told_with_its_remedy(journal: Journal) -> None:
    def fill(store: Store) -> None:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        queue(store, "x" * 100_000)

    with pytest.raises(StoreError, match="the disk that holds the database is full; free some space"):
        await journal.do(fill)
    await journal.do(lambda store: store._connection.execute("PRAGMA max_page_count = 1000000").fetchall())
    await journal.do(submit("x" * 100_000))
    assert await journal.do(lambda store: store.count()) == 1


async def test_another_program_that_holds_the_file_is_an_error_and_no_end(path: Path) -> None:
    journal = Journal.open(path)
    await journal.do(lambda store: store._connection.execute("PRAGMA busy_timeout = 1").fetchall())
    shell = sqlite3.connect(path, isolation_level=None)
    shell.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        await journal.do(submit())
    shell.execute("ROLLBACK")
    shell.close()
    await journal.do(submit())
    assert await journal.do(lambda store: store.count()) == 1
    await journal.close()


async def test_closing_finishes_what_waits_and_folds_the_log_into_the_file(path: Path) -> None:
    journal = Journal.open(path)
    async with held(journal):
        waiting = [asyncio.ensure_future(journal.do(submit())) for _ in range(50)]
        await started(*waiting)
        closing = asyncio.ensure_future(journal.close())
        await started(closing)
        with pytest.raises(StoreError, match="closed"):
            await journal.do(submit())
    await closing
    await journal.close()  # again does nothing
    assert len(set(await asyncio.gather(*waiting))) == 50
    assert not path.with_name("runs.sqlite-wal").exists()
    again = Journal.open(path)
    assert await again.do(lambda store: store.count()) == 50
    await again.close()


async def test_a_second_server_on_the_same_folder_is_kept_out_until_the_first_closes(path: Path) -> None:
    journal = Journal.open(path)
    with pytest.raises(StoreError, match=rf"another Nodeloom server \(process {os.getpid()}\).*stop it, or start"):
        Journal.open(path)
    code = f"from pathlib import Path; from runs.journal import Journal; Journal.open(Path({str(path)!r}))"
    second = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)
    assert second.returncode == 1
    assert f"(process {os.getpid()})" in second.stderr
    await journal.do(submit())
    await journal.close()
    again = Journal.open(path)
    assert await again.do(lambda store: store.count()) == 1
    await again.close()


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be made or written .*choose another user folder"):
        Journal.open(tmp_path / "file" / "user" / "runs.sqlite")


async def test_a_database_that_cannot_be_opened_does_not_stay_locked(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be opened"):
        Journal.open(path)
    path.rmdir()
    await Journal.open(path).close()


SUBMITTING = """
import asyncio, sys
from pathlib import Path
from runs.journal import Journal
from runs.records import Ending, Message, Submission

async def one(journal, i):
    def work(store):
        run, _ = store.submit(Submission({"1": {"class_type": "Note", "inputs": {"text": "x" * 3000}}}, ("1",)), 1.0)
        store.log([Message(run.id, None, 1, "progress", {"value": i}, 1.0)])
        if i % 3 == 0:
            store.start(run.id, "cpu", 2.0)
            store.end(run.id, Ending("done", 3.0))
        if i % 50 == 0:
            store.prune(10**6, 10**12)
        return run.id
    id = await journal.do(work)
    sys.stdout.write(id + "\\n")
    sys.stdout.flush()

async def main():
    journal = Journal.open(Path(sys.argv[1]))
    i = 0
    while True:
        await asyncio.gather(*(one(journal, i + k) for k in range(7)))
        i += 7

asyncio.run(main())
"""


@pytest.mark.parametrize("confirmed", [1, 40, 400])
async def test_what_was_confirmed_survives_kill_9(path: Path, confirmed: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", SUBMITTING, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    ids = [child.stdout.readline() for _ in range(confirmed)]
    with pytest.raises(StoreError, match=rf"process {child.pid}"):
        Journal.open(path)
    child.send_signal(signal.SIGKILL)
    ids += child.stdout.readlines()
    child.stdout.close()
    assert child.wait(LONGEST) == -signal.SIGKILL
    whole = [line.strip() for line in ids if line.endswith("\n")]
    assert len(whole) >= confirmed
    journal = Journal.open(path)  # the lock went with the process
    for name in whole:
        record = await journal.do(lambda store, name=name: store.record(name))
        assert record is not None
        assert [each.seq for each in await journal.do(lambda store, name=name: store.events(name, 0, 9))] == [1]
    # Each work was whole: no run without its event, none that began and did not end.
    assert await journal.do(lambda store: store.count()) == await journal.do(lambda store: store.last_position())
    assert await journal.do(lambda store: store.recover()) == []
    await journal.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert not list(path.parent.glob("*damaged*"))


def test_a_loop_that_ended_early_does_not_stop_the_writer(path: Path) -> None:
    async def leave() -> Journal:
        journal = Journal.open(path)
        await journal.do(submit(id="one"))
        async with held(journal):
            task = asyncio.ensure_future(journal.do(lambda store: store.end("one", Ending("interrupted", 2.0))))
            await started(task)
        task.cancel()
        return journal

    journal = asyncio.run(leave())

    async def look() -> str:
        record = await journal.do(lambda store: store.record("one"))
        await journal.close()
        assert record is not None
        return record.state

    assert asyncio.run(look()) == "interrupted"
