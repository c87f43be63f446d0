"""Following a run: every event once and in order, however slow the reader is and however often it comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import ClientResponse

from runs.desk import Desk, Hear
from runs.errors import UnknownRun
from runs.records import Message, PreviewFrame, QueueChanged, Record, Told
from server.v1_event_stream import as_text, follow
from tests.runs.toy_desk import shows, through
from tests.server.v1_server import Api, v1_server

SECONDS = 60


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with v1_server(tmp_path) as api:
        yield api


async def events_of(response: ClientResponse, most: int = 10**9) -> list[dict[str, str]]:
    """The events of a stream, with their fields; comments and the greeting aside."""
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    found: list[dict[str, str]] = []
    fields: dict[str, str] = {}
    async with asyncio.timeout(SECONDS):
        async for line in response.content:
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(": ")
                fields[name] = value
            else:
                found += [fields] if "event" in fields else []
                fields = {}
                if len(found) >= most:
                    break
    return found


async def test_a_stream_tells_what_the_log_tells_and_ends_with_the_run(api: Api) -> None:
    run = await api.run(through("ToyChatter", count=2000))
    async with api.client.get(f"/api/v1/runs/{run}/events/stream") as response:
        told = await events_of(response)
    logged = (await api.ask("GET", f"runs/{run}/events"))["events"]
    numbered = [each for each in told if "id" in each]
    assert [(int(each["id"]), each["event"], json.loads(each["data"])) for each in numbered] == [
        (each["seq"], each["type"], each["data"]) for each in logged
    ]
    assert (told[-1]["event"], json.loads(told[-1]["data"])["node"]) == ("executing", None)


async def test_a_stream_that_is_read_later_tells_the_same_and_one_that_has_heard_all_is_told_so(api: Api) -> None:
    run = await api.run(shows(1))
    await api.ended(run)
    logged = (await api.ask("GET", f"runs/{run}/events"))["events"]
    for path in ("events", "events/stream"):
        headers = {"Accept": "text/event-stream"}
        async with api.client.get(f"/api/v1/runs/{run}/{path}?since=2", headers=headers) as response:
            assert [int(each["id"]) for each in await events_of(response)] == [each["seq"] for each in logged[2:]]
    last = {"Last-Event-ID": str(logged[-1]["seq"])}
    async with api.client.get(f"/api/v1/runs/{run}/events/stream", headers=last) as response:
        assert response.status == 204


async def test_a_client_that_comes_back_again_and_again_misses_nothing(api: Api) -> None:
    run = await api.run(through("ToyPreview", count=20, seconds=0.02))
    told: list[dict[str, str]] = []
    for _ in range(1000):
        headers = {"Last-Event-ID": told[-1]["id"]} if told else {}
        async with api.client.get(f"/api/v1/runs/{run}/events/stream", headers=headers) as response:
            if response.status == 204:
                break
            told += [each for each in await events_of(response, most=2) if "id" in each]
    logged = (await api.ask("GET", f"runs/{run}/events"))["events"]
    assert [int(each["id"]) for each in told] == [each["seq"] for each in logged]


async def test_the_number_to_go_on_from_is_judged(api: Api) -> None:
    run = await api.run(shows(1))
    for wrong in ("x", "-1", "1.5", "²", "9" * 17):
        refused = await api.ask("GET", f"runs/{run}/events/stream", None, 400, headers={"Last-Event-ID": wrong})
        assert refused["code"] == "bad_query"
    await api.ask("GET", f"runs/{run}/events/stream?since=x", None, 400)


async def test_a_stream_that_is_left_listens_no_more(api: Api) -> None:
    before = len(api.desk._board._listeners)  # the board's own list
    run = await api.run(through("ToySleep", seconds=60.0, steps=600))
    async with api.client.get(f"/api/v1/runs/{run}/events/stream") as response:
        await events_of(response, most=1)
        assert len(api.desk._board._listeners) == before + 1
    async with asyncio.timeout(SECONDS):
        while len(api.desk._board._listeners) > before:
            await asyncio.sleep(0.01)
    await api.desk.cancel(run)


class Log:
    """A log that is written by hand: what a desk would tell, at moments that the test chooses."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.hears: list[Hear] = []
        self.state = "running"
        self.reads = 0
        self.while_reading: Callable[[], None] = lambda: None

    def tell(self, type: str = "progress_state", live: bool = False, **data: object) -> None:
        seq = 0 if live else len(self.messages) + 1
        message = Message("r", None, seq, type, data, 0.0)
        if not live:
            self.messages.append(message)
        self.say(message)

    def say(self, told: Told) -> None:
        for hear in self.hears:
            hear(told)

    def listen(self, hear: Hear) -> Callable[[], None]:
        self.hears.append(hear)
        return lambda: self.hears.remove(hear)

    async def events(self, id: str, since: int = 0, limit: int = 10_000) -> Sequence[Message]:
        self.reads += 1
        found = [each for each in self.messages if each.seq > since][:limit]
        self.while_reading()
        await asyncio.sleep(0)
        return found

    async def record(self, id: str) -> Record | None:
        return Record("r", 0, cast(Any, self.state), {}, ("1",), 0.0)


async def heard(log: Log, since: int = 0, most: int = 1000) -> list[int | str]:
    """Numbers of what is told until the end; the type of what has none."""
    told: list[int | str] = []
    async with asyncio.timeout(SECONDS):
        async for message in follow(cast(Desk, log), "r", since, heartbeat=0.01, most=most):
            if message is not None:
                told.append(message.seq or message.type)
    assert log.hears == []
    return told


async def test_what_is_told_while_the_log_is_read_comes_once_and_in_its_place() -> None:
    log = Log()
    for _ in range(5):
        log.tell()

    def tell_more() -> None:
        if log.messages[-1].type != "executing":
            log.tell()
            log.tell("progress", live=True)
            log.tell()
            log.tell("executing", node=None)

    log.while_reading = tell_more
    assert await heard(log) == [1, 2, 3, 4, 5, 6, "progress", 7, 8]


async def test_a_log_of_many_pages_is_told_whole() -> None:
    log = Log()
    for _ in range(3500):
        log.tell()
    log.tell("executing", node=None)
    assert await heard(log, since=1) == list(range(2, 3502))


async def test_what_is_told_live_only_comes_between_its_neighbours() -> None:
    log = Log()
    log.tell("execution_start")
    stream = follow(cast(Desk, log), "r", heartbeat=0.01)
    assert await anext(stream) == log.messages[0]
    log.tell("progress", live=True)
    log.tell("progress_state")
    log.tell("progress", live=True)
    log.tell("executing", node=None)
    assert [message.seq async for message in stream if message is not None] == [0, 2, 0, 3]


async def test_a_line_that_overflows_is_read_from_the_log_instead() -> None:
    log = Log()
    log.tell("execution_start")
    told: list[int] = []
    stream = follow(cast(Desk, log), "r", heartbeat=0.01, most=10)
    async with asyncio.timeout(SECONDS):
        async for message in stream:
            if message is None:
                continue
            told.append(message.seq)
            if message.seq == 1:  # a slow reader: all of this is told before it reads on
                for _ in range(500):
                    log.tell()
                log.tell("executing", node=None)
    assert told == list(range(1, 503))
    assert log.reads < 10


async def test_messages_of_other_runs_pictures_and_the_length_of_the_queue_are_not_told() -> None:
    log = Log()
    log.tell("execution_start")
    stream = follow(cast(Desk, log), "r", heartbeat=0.01)
    assert await anext(stream) is not None
    log.say(QueueChanged(3))
    log.say(Message("other", None, 2, "executing", {"node": None}, 0.0))
    log.say(PreviewFrame("r", None, "1", "1", None, "image/jpeg", b""))
    log.tell("executing", node="4")
    log.tell("executing", node=None)
    assert [message.seq async for message in stream if message is not None] == [2, 3]


async def test_a_run_that_ended_without_a_last_word_ends_the_stream_all_the_same() -> None:
    log = Log()
    log.tell("execution_start")
    log.state = "lost"
    assert await heard(log) == [1]
    assert await heard(log, since=1) == []


async def test_quiet_times_are_marked_so_that_a_dead_connection_is_noticed() -> None:
    log = Log()
    stream = follow(cast(Desk, log), "r", heartbeat=0.01)
    assert [await anext(stream) for _ in range(3)] == [None, None, None]
    await stream.aclose()
    assert log.hears == []


async def test_a_run_that_is_deleted_meanwhile_ends_the_stream(api: Api) -> None:
    run = await api.run(shows(1))
    await api.ended(run)
    stream = follow(api.desk, run)
    assert await anext(stream) is not None
    await api.desk.forget([run])
    told = [message async for message in stream]
    assert told[-1] is not None
    with pytest.raises(UnknownRun):
        await anext(follow(api.desk, run))


def test_an_event_is_written_in_lines_that_nothing_in_it_can_break() -> None:
    written = as_text(Message("r", None, 7, "executed", {"text": "a\n\ndata: b\r\u2028"}, 0.0)).decode()
    assert written.startswith("id: 7\nevent: executed\ndata: {")
    assert written.endswith("}\n\n")
    assert written.count("\n") == 4
    assert "\r" not in written
    assert as_text(Message("r", None, 0, "progress", {}, 0.0)) == b"event: progress\ndata: {}\n\n"
