"""Runs go from the queue through a real worker process into the history, and nothing that was told is forgotten."""

from pathlib import Path

import pytest

from graph.workflow import from_api
from runs.desk import Desk
from runs.errors import IdTaken, NotQueued, NoWorker, StillOpen, UnknownRun
from runs.records import Message, PreviewFrame, QueueChanged, TextFrame
from tests.runs.toy_desk import OpenDesk, ended, heard, shows, submission, through, types, until


async def test_a_run_is_carried_out_told_and_written_down(desk: Desk) -> None:
    told = heard(desk)
    record = await desk.submit(submission(shows(7), client_id="me"))
    done = await ended(desk, record.id)
    assert done.state == "done"
    assert done.outputs == {"9": {"text": ["7"]}}
    assert done.meta["9"]["display_node"] == "9"
    assert done.memory is not None
    assert done.memory["peak"] > 0
    assert types(told) == [
        "execution_start",
        "execution_cached",
        "progress_state",
        "executing",
        "executing",
        "executed",
        "progress_state",
        "execution_success",
        "executing",
    ]
    assert [each.remaining for each in told if isinstance(each, QueueChanged)] == [1, 1, 0]
    assert isinstance(told[-1], Message)
    assert isinstance(told[-2], QueueChanged), "the queue's new length comes before the last word of a run"
    logged = [each for each in told if isinstance(each, Message) and each.seq]
    assert list(await desk.events(record.id)) == logged
    assert [each.seq for each in logged] == list(range(1, len(logged) + 1))


async def test_runs_go_in_the_order_of_their_numbers(desk: Desk) -> None:
    blocking = await desk.submit(submission(through("ToySleep", seconds=0.5)))
    await until(lambda: len(desk.snapshot(blocking.id)) > 0)
    last = await desk.submit(submission(shows(1), number=5.5))
    normal = await desk.submit(submission(shows(2)))
    first = await desk.submit(submission(shows(3), front=True))
    _, queued = await desk.queue()
    assert [each.id for each in queued] == [first.id, normal.id, last.id]
    for each in (blocking, last, normal, first):
        assert (await ended(desk, each.id)).state == "done"
    order = await desk.records(newest_first=False)
    assert [each.id for each in order] == [blocking.id, first.id, normal.id, last.id]


async def test_the_same_id_with_the_same_workflow_is_the_same_run(desk: Desk) -> None:
    first = await desk.submit(submission(shows(1), id="mine"))
    again = await desk.submit(submission(shows(1), id="mine"))
    assert again.number == first.number
    with pytest.raises(IdTaken):
        await desk.submit(submission(shows(2), id="mine"))
    await ended(desk, "mine")
    assert await desk.count() == 1


async def test_a_node_that_fails_ends_the_run_with_its_traceback(desk: Desk) -> None:
    record = await desk.submit(submission(through("ToyFail", message="as asked")))
    failed = await ended(desk, record.id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["exception_message"] == "as asked"
    assert failed.error["node_id"] == "1"
    assert any("ValueError" in line for line in failed.error["traceback"])  # type: ignore[attr-defined]


async def test_a_running_run_stops_when_asked_and_a_queued_one_never_begins(desk: Desk) -> None:
    running = await desk.submit(submission(through("ToySleep", seconds=30, steps=3000)))
    queued = await desk.submit(submission(shows(1)))
    await until(lambda: len(desk.snapshot(running.id)) > 0)
    assert await desk.cancel(queued.id)
    assert await desk.cancel(running.id)
    assert (await ended(desk, running.id)).state == "interrupted"
    never = await ended(desk, queued.id)
    assert never.state == "interrupted"
    assert never.attempts == 0
    assert not await desk.cancel(running.id)
    with pytest.raises(UnknownRun):
        await desk.cancel("nobody")


async def test_a_run_past_its_deadline_is_ended_and_says_so(desk: Desk) -> None:
    record = await desk.submit(submission(through("ToySleep", seconds=30, steps=3000), deadline=0.3))
    failed = await ended(desk, record.id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["exception_type"] == "DeadlineExceeded"


@pytest.mark.parametrize("how", ["exit", "kill", "segv"])
async def test_a_run_that_kills_its_worker_is_tried_twice_and_then_lost_while_others_go_on(
    desk: Desk, how: str
) -> None:
    deadly = await desk.submit(submission(through("ToyDie", how=how)))
    harmless = await desk.submit(submission(shows(1)))
    lost = await ended(desk, deadly.id)
    assert lost.state == "lost"
    assert lost.attempts == 2
    assert lost.error is not None
    assert lost.error["exception_type"] == "WorkerLost"
    assert (await ended(desk, harmless.id)).state == "done"
    told = [each.type for each in await desk.events(deadly.id)]
    assert told.count("execution_retried") == 1
    assert told[-2:] == ["execution_error", "executing"]


async def test_a_worker_that_gives_no_sign_of_life_is_replaced(open_desk: OpenDesk, tmp_path: Path) -> None:
    async with open_desk(tmp_path, hang_seconds=2.5) as desk:
        frozen = await desk.submit(submission(through("ToyDie", how="freeze")))
        lost = await ended(desk, frozen.id)
        assert lost.state == "lost"
        assert lost.error is not None
        assert "no sign of life" in str(lost.error["exception_message"])
        after = await desk.submit(submission(shows(1)))
        assert (await ended(desk, after.id)).state == "done"


async def test_a_run_that_does_not_stop_is_ended_with_its_worker(open_desk: OpenDesk, tmp_path: Path) -> None:
    async with open_desk(tmp_path, patience=0.3) as desk:
        stubborn = await desk.submit(submission(through("ToySleep", seconds=30, steps=1)))
        await until(lambda: len(desk.snapshot(stubborn.id)) > 0)
        await desk.interrupt()
        assert (await ended(desk, stubborn.id)).state == "interrupted"
        after = await desk.submit(submission(shows(1)))
        assert (await ended(desk, after.id)).state == "done"


async def test_what_was_queued_and_what_was_running_goes_on_after_a_restart(
    open_desk: OpenDesk, tmp_path: Path
) -> None:
    async with open_desk(tmp_path) as desk:
        running = await desk.submit(submission(through("ToySleep", seconds=1.5, steps=100)))
        queued = await desk.submit(submission(shows(3)))
        await until(lambda: len(desk.snapshot(running.id)) > 0)
    async with open_desk(tmp_path) as desk:
        first = await ended(desk, running.id)
        assert first.state == "done"
        assert first.attempts == 1, "a server that is ended on purpose does not use an attempt up"
        assert (await ended(desk, queued.id)).state == "done"
        assert await desk.count() == 2


async def test_nodes_are_known_at_once_after_a_restart(open_desk: OpenDesk, tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        assert "ToyAdd" in (await desk.nodes()).registry
    async with open_desk(tmp_path, devices=()) as desk:
        assert "ToyAdd" in (await desk.nodes()).registry
        with pytest.raises(NoWorker):
            await desk.plan(from_api(shows(1)))


async def test_a_workflow_is_checked_with_the_nodes_own_validation(desk: Desk) -> None:
    await until(lambda: len(desk.workers()) == 1)
    problems, asked = await desk.check(from_api(through("ToyChecked", value=13)), {})
    assert asked
    assert [each.code for each in problems] == ["custom_validation"]


async def test_a_workflow_that_was_not_fully_checked_is_refused_by_the_worker(desk: Desk) -> None:
    record = await desk.submit(submission(through("ToyChecked", value=13)))
    failed = await ended(desk, record.id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["exception_type"] == "WorkflowRefused"
    assert "13 brings bad luck" in str(failed.error["exception_message"])


async def test_a_plan_says_what_would_run(desk: Desk) -> None:
    await until(lambda: len(desk.workers()) == 1)
    entries = await desk.plan(from_api(shows(1)))
    assert [(each["node"], each["action"]) for each in entries] == [("1", "run"), ("9", "run")]


async def test_previews_and_progress_are_told_while_a_node_works(desk: Desk) -> None:
    told = heard(desk)
    record = await desk.submit(submission(through("ToyPreview", count=5, seconds=0.05), client_id="me"))
    await ended(desk, record.id)
    frames = [each for each in told if isinstance(each, PreviewFrame)]
    assert frames
    assert {(each.run, each.client_id, each.node) for each in frames} == {(record.id, "me", "1")}
    assert [each.data["value"] for each in told if isinstance(each, Message) and each.type == "progress"][-1] == 5


async def test_the_newest_of_what_a_node_says_is_told_while_it_works(desk: Desk) -> None:
    told = heard(desk)
    record = await desk.submit(submission(through("ToySay", text="file", seconds=0.2, count=4), client_id="me"))
    assert (await ended(desk, record.id)).state == "done"
    said = [each for each in told if isinstance(each, TextFrame)]
    assert said[-1] == TextFrame(record.id, "me", "1", "file 4")


async def test_runs_that_wait_are_carried_out_in_the_order_into_which_they_were_moved(desk: Desk) -> None:
    first = await desk.submit(submission(through("ToySleep", seconds=30.0, steps=3000)))
    await until(lambda: len(desk.snapshot(first.id)) > 0)
    waiting = [(await desk.submit(submission(shows(value)))).id for value in range(3)]
    told = heard(desk)
    assert (await desk.move(waiting[2], waiting[0])).id == waiting[2]
    assert told == [QueueChanged(4)]
    await desk.move(waiting[2], waiting[0])
    assert told == [QueueChanged(4)], "nothing has changed, so there is nothing to tell"
    await desk.move(waiting[0], None)
    with pytest.raises(NotQueued, match="is running and waits no longer"):
        await desk.move(first.id, waiting[0])
    with pytest.raises(NotQueued):
        await desk.move(waiting[0], first.id)
    with pytest.raises(UnknownRun):
        await desk.move(waiting[0], "nobody")
    await desk.cancel(first.id)
    ends = [await ended(desk, name) for name in waiting]
    assert [each.id for each in sorted(ends, key=lambda each: each.started_at or 0.0)] == [
        waiting[2],
        waiting[1],
        waiting[0],
    ]


async def test_the_order_of_the_queue_outlives_a_restart(open_desk: OpenDesk, tmp_path: Path) -> None:
    async with open_desk(tmp_path, devices=()) as desk:
        waiting = [(await desk.submit(submission(shows(value)))).id for value in range(3)]
        await desk.move(waiting[2], waiting[1])
    async with open_desk(tmp_path, devices=()) as desk:
        _, queued = await desk.queue()
        assert [each.id for each in queued] == [waiting[0], waiting[2], waiting[1]]


async def test_an_ended_run_can_be_tried_again_and_forgotten(desk: Desk) -> None:
    record = await desk.submit(submission(shows(1)))
    await ended(desk, record.id)
    again = await desk.retry(record.id)
    assert again.id != record.id
    assert (await ended(desk, again.id)).outputs == {"9": {"text": ["1"]}}
    assert await desk.forget([record.id]) == 1
    assert await desk.record(record.id) is None
    with pytest.raises(UnknownRun):
        await desk.events(record.id)
    with pytest.raises(UnknownRun):
        await desk.retry(record.id)
    sleeping = await desk.submit(submission(through("ToySleep", seconds=30, steps=3000)))
    with pytest.raises(StillOpen):
        await desk.retry(sleeping.id)
    await desk.cancel(sleeping.id)


async def test_two_workers_share_the_queue(open_desk: OpenDesk, tmp_path: Path) -> None:
    async with open_desk(tmp_path, devices=("one", "two")) as desk:
        await until(lambda: len(desk.workers()) == 2)
        records = [await desk.submit(submission(through("ToySleep", seconds=0.3, value=n))) for n in range(6)]
        done = [await ended(desk, each.id) for each in records]
        assert {each.worker for each in done} == {"one", "two"}
        assert all(each.state == "done" for each in done)


async def test_a_client_can_ask_for_what_it_missed(desk: Desk) -> None:
    record = await desk.submit(submission(shows(1), client_id="me"))
    await ended(desk, record.id)
    before = desk.position()
    await desk.set_heard("me", before)
    other = await desk.submit(submission(shows(2), client_id="me"))
    await desk.submit(submission(shows(2), client_id="you"))
    await ended(desk, other.id)
    position = await desk.heard_up_to("me")
    assert position is not None
    assert position == before
    missed = await desk.missed("me", position)
    assert {each.run for each in missed} == {other.id}
    assert [each.position for each in missed] == sorted(each.position for each in missed)
    assert await desk.heard_up_to("stranger") is None


async def test_figures_count_what_happened(desk: Desk) -> None:
    record = await desk.submit(submission(shows(1)))
    await ended(desk, record.id)
    await until(lambda: desk.figures().get('nodeloom_runs_ended_total{state="done"}') == 1)
    figures = desk.figures()
    assert figures["nodeloom_nodes_run_total"] == 2
    assert figures["nodeloom_queue_length"] == 0
    assert any(name.startswith("nodeloom_node_seconds_total") for name in figures)


async def test_free_empties_the_cache_of_a_worker_that_lives_on(tmp_path: Path, open_desk: OpenDesk) -> None:
    async with open_desk(tmp_path, memory_cache=2**24) as desk:
        drawn = from_api(shows(1))

        async def actions() -> set[object]:
            return {step["action"] for step in await desk.plan(drawn)}

        async def is_forgotten() -> bool:
            return await actions() == {"run"}

        record = await desk.submit(submission(shows(1)))
        assert (await ended(desk, record.id)).state == "done"
        assert await actions() == {"cached"}
        before = [worker.pid for worker in desk.workers()]
        await desk.free(True, True)
        await until(is_forgotten)
        assert [worker.pid for worker in desk.workers()] == before


async def test_the_memory_that_a_run_gave_back_is_written_to_its_record(desk: Desk) -> None:
    record = await desk.submit(submission(through("ToyGrow", megabytes=200)))
    done = await ended(desk, record.id)
    assert done.memory is not None
    assert done.memory["peak"] > 200 * 2**20
    again = await desk.submit(submission(shows(1)))
    await ended(desk, again.id)
    settled = await desk.record(record.id)
    assert settled is not None
    assert settled.memory is not None
    assert settled.memory["after"] < 150 * 2**20
