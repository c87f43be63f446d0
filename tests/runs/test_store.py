"""The queue and the history: runs come back as they were handed in, in order, and only ended ones are deleted."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.errors import IdTaken, UnknownRun
from runs.records import ENDED, OPEN, STATES, Ending, Record, Submission
from runs.store import Store, WrongState
from tests.runs.toy_store import ended, memory_store, message, names, queue, submission


@pytest.fixture
def store() -> Iterator[Store]:
    made = memory_store()
    yield made
    made._connection.close()


# Handing in


def test_a_run_comes_back_as_it_was_handed_in(store: Store) -> None:
    handed = Submission(
        workflow={"9": {"class_type": "Note", "inputs": {"text": "Grüße, 日本語 🐈 \ud83d half", "n": 1.5, "m": None}}},
        targets=("9", "10"),
        id="my-own-id",
        client_id="client",
        extra={"extra_pnginfo": {"workflow": {}}},
        number=-5.5,
        checked=True,
        function="portrait",
        deadline=30.0,
    )
    record, new = store.submit(handed, at=12.25)
    assert new
    assert store.record("my-own-id") == record
    assert record == Record(
        id="my-own-id",
        number=-5.5,
        state="queued",
        workflow=handed.workflow,
        targets=("9", "10"),
        submitted_at=12.25,
        client_id="client",
        extra=handed.extra,
        checked=True,
        function="portrait",
        deadline=30.0,
    )


def test_the_same_id_with_the_same_workflow_is_the_same_run(store: Store) -> None:
    workflow = {"1": {"class_type": "A", "inputs": {"x": 1, "y": 2}}}
    other_order = {"1": {"inputs": {"y": 2, "x": 1}, "class_type": "A"}}
    first, _ = store.submit(Submission(workflow, ("1",), id="mine"), at=1.0)
    store.start("mine", "cpu", 2.0)
    again, new = store.submit(Submission(other_order, ("1",), id="mine"), at=3.0)
    assert not new
    assert again == store.record("mine")
    assert (again.submitted_at, again.state, again.number) == (1.0, "running", first.number)
    assert store.count() == 1
    assert store.take_number() == 1  # the repetition took none


def test_the_same_id_with_another_workflow_is_refused(store: Store) -> None:
    queue(store, "a cat", id="mine")
    with pytest.raises(IdTaken, match="another workflow"):
        store.submit(submission("a dog", id="mine"), at=2.0)
    assert store.count() == 1


def test_numbers_count_every_new_run_and_front_negates_them(store: Store) -> None:
    assert store.take_number() == 0
    assert queue(store).number == 1
    assert queue(store, front=True).number == -2
    assert queue(store, number=7.0, front=True).number == 7
    assert queue(store).number == 4


@pytest.mark.parametrize("number", [5, 5.0, -5.5, 0, 2**62 + 1, 1e300])
def test_an_explicit_number_comes_back_as_given(store: Store, number: float) -> None:
    found = store.record(queue(store, number=number).id)
    assert found is not None
    assert repr(found.number) == repr(number)


def test_numbers_too_large_for_sqlite_are_still_ordered(store: Store) -> None:
    order = [10**900, 2**63, 3, -(2**63) - 1, -(10**900)]
    placed = {number: queue(store, number=number).id for number in order}
    assert names(store.queued()) == [placed[number] for number in sorted(order)]
    with pytest.raises(ValueError, match="nan"):
        queue(store, number=float("nan"))


def test_runs_of_one_number_keep_their_order(store: Store) -> None:
    order = [queue(store, number=3).id for _ in range(5)]
    assert names(store.queued()) == order


def test_a_workflow_of_five_thousand_nodes_survives_each_step_of_its_run(store: Store) -> None:
    workflow = {
        f"knot {i} ✂": {"class_type": "Mix", "inputs": {"a": [f"knot {i - 1} ✂", 0], "text": "ein Wort " * 10}}
        for i in range(5000)
    }
    run, _ = store.submit(Submission(workflow, ("knot 4999 ✂",)), at=1.0)
    store.start(run.id, "cpu", 2.0)
    outputs = {name: {"images": [{"filename": f"{name}.png"}]} for name in workflow}
    store.end(run.id, Ending("done", 3.0, outputs=outputs, seconds=dict.fromkeys(workflow, 0.5)))
    found = store.record(run.id)
    assert found is not None
    assert list(found.workflow.items()) == list(workflow.items())
    assert found.outputs == outputs
    assert len(found.seconds) == 5000


def test_half_a_surrogate_pair_in_a_name_is_nobodys_name(store: Store) -> None:
    half = "\ud83d"
    queue(store)
    assert store.record(half) is None
    assert store.heard(half) is None
    assert store.events_of_client(half, 0, 10) == []
    assert store.drop([half], 2.0) == []
    assert store.forget([half]) == 0
    assert store.log([message(half, 1)]) == [message(half, 1)]
    with pytest.raises(ValueError, match="whole"):
        store.submit(submission(id=half), at=1.0)


# Through the states


def test_a_run_begins_ends_and_tells_how(store: Store) -> None:
    run = queue(store)
    begun = store.start(run.id, "cuda:0", 5.0)
    assert (begun.state, begun.attempts, begun.started_at, begun.worker) == ("running", 1, 5.0, "cuda:0")
    ending = Ending(
        "failed",
        9.0,
        outputs={"9": {"text": ["x"]}},
        meta={"9": {"node_id": "9", "parent_node": None}},
        error={"exception_type": "RuntimeError", "exception_message": "no"},
        memory={"before": 1, "after": 2, "peak": 3},
        seconds={"9": 0.25},
        cached=4,
    )
    done = store.end(run.id, ending)
    assert done == store.record(run.id)
    assert (done.state, done.ended_at, done.outputs, done.meta) == ("failed", 9.0, ending.outputs, ending.meta)
    assert (done.error, done.memory, done.seconds, done.cached) == (ending.error, ending.memory, ending.seconds, 4)


def test_a_second_attempt_overwrites_when_it_began(store: Store) -> None:
    first, second = queue(store), queue(store)
    store.start(first.id, "a", 5.0)
    assert names(store.recover()) == [first.id]
    back = store.requeue(first.id)
    assert (back.state, back.attempts, back.worker, back.number) == ("queued", 1, None, first.number)
    assert names(store.queued()) == [first.id, second.id]
    again = store.start(first.id, "b", 8.0)
    assert (again.attempts, again.started_at, again.worker) == (2, 8.0, "b")


def test_an_attempt_that_does_not_count_is_taken_back(store: Store) -> None:
    run = queue(store)
    store.start(run.id, "a", 5.0)
    assert store.requeue(run.id, uncounted=True).attempts == 0
    assert store.start(run.id, "a", 6.0).attempts == 1


def test_the_first_ending_stands(store: Store) -> None:
    run = queue(store)
    store.start(run.id, "cpu", 2.0)
    first = store.end(run.id, Ending("interrupted", 3.0))
    assert store.end(run.id, Ending("done", 4.0, outputs={"9": {}})) == first


def test_what_cannot_be_is_refused(store: Store) -> None:
    run = queue(store)
    for call in (
        lambda: store.start("x", "w", 1.0),
        lambda: store.requeue("x"),
        lambda: store.end("x", Ending("done", 1)),
    ):
        with pytest.raises(UnknownRun):
            call()
    with pytest.raises(WrongState, match="queued, not running"):
        store.requeue(run.id)
    with pytest.raises(ValueError, match="ends in one of"):
        store.end(run.id, Ending("queued", 1.0))
    store.start(run.id, "cpu", 1.0)
    with pytest.raises(WrongState, match="running, not queued"):
        store.start(run.id, "cpu", 1.0)
    assert store.counts() == {**dict.fromkeys(STATES, 0), "running": 1}


def test_dropping_takes_only_what_is_queued(store: Store) -> None:
    running, first, second = queue(store), queue(store), queue(store, front=True)
    store.start(running.id, "cpu", 2.0)
    gone = store.drop([running.id, first.id, "unknown", first.id], 3.0)
    assert [(each.id, each.state, each.ended_at) for each in gone] == [(first.id, "interrupted", 3.0)]
    assert names(store.drop(None, 4.0)) == [second.id]
    assert store.drop(None, 5.0) == []
    assert store.counts() == {**dict.fromkeys(STATES, 0), "running": 1, "interrupted": 2}


def test_a_list_of_a_hundred_thousand_names_can_be_dropped_and_forgotten(store: Store) -> None:
    runs = [queue(store).id for _ in range(50)]
    many = [*(f"no run {i}" for i in range(100_000)), *runs]
    assert names(store.drop(many, 2.0)) == runs
    assert store.forget(many) == 50
    assert store.count() == 0


# Asking after


def test_the_history_is_in_the_order_of_ending_and_open_runs_follow(store: Store) -> None:
    late, early, waiting, running = (queue(store) for _ in range(4))
    for run in (late, early, running):
        store.start(run.id, "cpu", 2.0)
    store.end(early.id, Ending("done", 9.0))
    store.end(late.id, Ending("failed", 3.0))  # its clock says earlier, it ended later
    order = [early.id, late.id, waiting.id, running.id]
    assert names(store.records(newest_first=False)) == order
    assert names(store.records()) == order[::-1]
    assert names(store.records(ENDED)) == [late.id, early.id]
    assert names(store.records(("failed", "queued"), newest_first=False)) == [late.id, waiting.id]
    assert names(store.records(begun=True, newest_first=False)) == [early.id, late.id, running.id]
    assert names(store.records(OPEN, limit=1)) == [running.id]
    assert store.records(()) == []
    assert (store.count(), store.count(ENDED), store.count(("queued", "queued")), store.count(())) == (4, 2, 1, 0)


@given(limit=st.none() | st.integers(0, 12), offset=st.integers(0, 12), newest_first=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_a_page_is_a_slice_of_the_whole(store: Store, limit: int | None, offset: int, newest_first: bool) -> None:
    while store.count() < 9:
        ended(store, at=1.0, state=ENDED[store.count() % 4])
    whole = names(store.records(newest_first=newest_first))
    page = names(store.records(limit=limit, offset=offset, newest_first=newest_first))
    assert page == whole[offset : None if limit is None else offset + limit]


# Deleting


def test_forgetting_deletes_ended_runs_with_their_events_only(store: Store) -> None:
    done, kept, waiting = ended(store, at=2.0), ended(store, at=3.0), queue(store)
    store.log([message(run.id, 1) for run in (done, kept, waiting)])
    assert store.forget([done.id, waiting.id, "unknown"]) == 1
    assert store.record(done.id) is None
    assert store.events(done.id, 0, 10) == []
    assert len(store.events(kept.id, 0, 10)) == len(store.events(waiting.id, 0, 10)) == 1
    assert store.forget(None) == 1
    assert names(store.records()) == [waiting.id]
    assert store._connection.execute("SELECT count(*) FROM submissions").fetchone() == (1,)


def test_pruning_keeps_the_newest_within_the_count_and_never_touches_open_runs(store: Store) -> None:
    waiting, running = queue(store), queue(store)
    store.start(running.id, "cpu", 1.0)
    runs = [ended(store, at=float(i)).id for i in range(10)]
    assert store.prune(4, 10**9) == 6
    assert names(store.records(ENDED, newest_first=False)) == runs[6:]
    assert store.prune(4, 10**9) == 0
    assert store.prune(0, 0) == 4
    assert names(store.records(newest_first=False)) == [waiting.id, running.id]


def test_pruning_by_bytes_counts_events_outputs_and_workflows(store: Store) -> None:
    by_events, by_outputs, by_workflow, small = (
        queue(store),
        queue(store),
        queue(store, "日" * 50_000),
        queue(store),
    )
    store.log([message(by_events.id, seq, text="x" * 1000) for seq in range(1, 151)])
    for run in (by_events, by_outputs, by_workflow, small):
        outputs = {"9": {"text": "x" * 150_000}} if run == by_outputs else {}
        store.end(run.id, Ending("done", 2.0, outputs=outputs))
    for most, left in ((10**6, 4), (400_000, 3), (200_000, 2), (100_000, 1), (100, 0)):
        store.prune(100, most)
        assert store.count() == left
    ids = [by_events.id, by_outputs.id, by_workflow.id, small.id]
    assert [store.record(name) for name in ids] == [None] * 4
