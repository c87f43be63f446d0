"""A client that watches its runs over a websocket sees what clients of this field expect, in the order they expect."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from tests.runs.toy_desk import shows, steps, through
from tests.runs.toy_worker import JPEG
from tests.server.toy_server import SECONDS, ToyServer, toy_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ToyServer]:
    async with toy_server(tmp_path) as one:
        yield one


Frame = dict[str, Any] | bytes


async def next_frame(socket: ClientWebSocketResponse) -> Frame:
    word = await socket.receive(timeout=SECONDS)
    if word.type is WSMsgType.TEXT:
        return json.loads(word.data)
    assert word.type is WSMsgType.BINARY, word
    return word.data


async def watched(socket: ClientWebSocketResponse, run: str | None = None) -> list[Frame]:
    """All frames up to the one that ends a run, without the greeting."""
    told: list[Frame] = []
    while True:
        found = await next_frame(socket)
        if isinstance(found, bytes) or "sid" not in found["data"]:
            told.append(found)
        if isinstance(found, dict) and found["type"] == "executing" and found["data"]["node"] is None:
            assert told
            ended: str = found["data"]["prompt_id"]
            if run in (None, ended):
                return told


def words(told: list[Frame]) -> list[dict[str, Any]]:
    return [each for each in told if isinstance(each, dict)]


def types(told: list[Frame]) -> list[str]:
    return [each["type"] for each in words(told)]


async def started(server: ToyServer, workflow: object, client_id: str | None = "me", **fields: object) -> str:
    """Hand a workflow in; the id of the run."""
    named = {} if client_id is None else {"client_id": client_id}
    return (await server.post("/prompt", {"prompt": workflow, **named, **fields}))["prompt_id"]


async def heard(server: ToyServer, socket: ClientWebSocketResponse) -> None:
    """Wait until the server knows that this client has heard everything there is in the log."""
    reading = asyncio.create_task(socket.receive())  # pings are answered while one reads
    async with asyncio.timeout(SECONDS):
        while await server.desk.heard_up_to("me") != server.desk.position():
            await asyncio.sleep(0.02)
    reading.cancel()


async def greeted(server: ToyServer, client_id: str = "me", **flags: bool) -> ClientWebSocketResponse:
    """A websocket that is live: its first own frame was answered after its greeting."""
    socket = await server.socket(client_id)
    await socket.send_json({"type": "feature_flags", "data": flags})
    while True:
        found = await next_frame(socket)
        if isinstance(found, dict) and found["type"] == "feature_flags":
            return socket


async def test_a_run_is_told_in_the_order_clients_rely_on(server: ToyServer) -> None:
    socket, bystander = await greeted(server), await greeted(server, "other")
    workflow = through("ToySleep", seconds=0.5, steps=4)
    run = await started(server, workflow)
    told = await watched(socket)
    kinds = types(told)
    assert kinds[:6] == ["status", "status", "execution_start", "execution_cached", "progress_state", "executing"]
    assert kinds[-3:] == ["execution_success", "status", "executing"]
    frames = words(told)
    assert frames[2]["data"].keys() == {"prompt_id", "timestamp", "to_run"}
    assert frames[3]["data"] == {"nodes": [], "prompt_id": run, "timestamp": frames[3]["data"]["timestamp"]}
    state = frames[4]["data"]
    assert state["prompt_id"] == run
    assert state["nodes"]["1"] == {
        "value": 0.0, "max": 1.0, "state": "running", "node_id": "1", "prompt_id": run, "display_node_id": "1",
        "parent_node_id": None, "real_node_id": "1",
    }  # fmt: skip
    assert frames[5]["data"] == {"node": "1", "display_node": "1", "prompt_id": run}
    progress = [each["data"] for each in frames if each["type"] == "progress"]
    assert progress[-1] == {"value": 4, "max": 4, "prompt_id": run, "node": "1"}
    assert [each["value"] for each in progress] == sorted({each["value"] for each in progress})
    (executed,) = [each["data"] for each in frames if each["type"] == "executed"]
    assert executed == {"node": "9", "display_node": "9", "output": {"text": ["0"]}, "prompt_id": run}
    assert frames[-2]["data"] == {"status": {"exec_info": {"queue_remaining": 0}}}
    assert frames[-1]["data"] == {"node": None, "prompt_id": run}
    finished = {
        node: entry["state"] for each in frames if each["type"] == "progress_state"
        for node, entry in each["data"]["nodes"].items()
    }  # fmt: skip
    assert finished == {"1": "finished", "9": "finished"}, "the last word on every node"
    assert [types([await next_frame(bystander)]) for _ in range(3)] == [["status"]] * 3
    with pytest.raises(TimeoutError):
        await bystander.receive(timeout=0.2)


async def test_a_run_whose_results_are_known_takes_nine_frames(server: ToyServer) -> None:
    socket = await greeted(server)
    await started(server, shows(7))
    await watched(socket)
    run = await started(server, shows(7))
    told = await watched(socket)
    assert types(told) == [
        "status", "status", "execution_start", "execution_cached", "executed", "progress_state", "execution_success",
        "status", "executing",
    ]  # fmt: skip
    frames = words(told)
    assert sorted(frames[3]["data"]["nodes"]) == ["1", "9"]
    assert frames[4]["data"] == {"node": "9", "display_node": "9", "output": {"text": ["7"]}, "prompt_id": run}
    assert frames[5]["data"]["nodes"]["9"]["state"] == "finished"


async def test_a_failure_is_told_with_its_node_and_ends_the_run(server: ToyServer) -> None:
    socket = await greeted(server)
    run = await started(server, through("ToyFail", message="as asked"))
    told = words(await watched(socket))
    assert [each["type"] for each in told[-3:]] == ["execution_error", "status", "executing"]
    assert "execution_success" not in types(list(told))
    error = told[-3]["data"]
    assert error["prompt_id"] == run
    assert (error["node_id"], error["node_type"]) == ("1", "ToyFail")
    assert (error["exception_type"], error["exception_message"]) == ("ValueError", "as asked")
    assert error.keys() >= {"executed", "traceback", "current_inputs", "current_outputs", "timestamp"}


async def test_an_interrupt_is_told_and_ends_the_run(server: ToyServer) -> None:
    socket = await greeted(server)
    run = await started(server, through("ToySleep", seconds=30.0, steps=3000))
    await server.begun(run)
    await server.post("/interrupt")
    told = words(await watched(socket))
    assert [each["type"] for each in told if each["type"] not in ("progress", "progress_state")][-3:] == [
        "execution_interrupted", "status", "executing",
    ]  # fmt: skip
    (stopped,) = [each["data"] for each in told if each["type"] == "execution_interrupted"]
    assert (stopped["prompt_id"], stopped["node_id"], stopped["node_type"]) == (run, "1", "ToySleep")


async def test_a_run_without_a_client_shows_all_of_them_its_progress_and_nothing_else(server: ToyServer) -> None:
    socket = await greeted(server)
    run = await started(server, through("ToyPreview", count=3, seconds=0.3), client_id=None)
    await server.ended(run)
    await server.post("/prompt", {"prompt": shows(5), "client_id": "me"})
    told = await watched(socket)
    of_it = [each["type"] for each in words(told) if each["data"].get("prompt_id") == run]
    assert set(of_it) == {"progress", "progress_state"}
    assert any(isinstance(each, bytes) for each in told)


@pytest.mark.parametrize("announced", [True, False])
async def test_previews_have_the_form_that_the_client_announced(server: ToyServer, announced: bool) -> None:
    socket = await greeted(server, supports_preview_metadata=announced)
    run = await started(server, through("ToyPreview", count=3, seconds=0.2))
    pictures = [each for each in await watched(socket) if isinstance(each, bytes)]
    assert pictures
    for picture in pictures:
        if announced:
            length = int.from_bytes(picture[4:8], "big")
            assert picture[:4] == b"\0\0\0\4"
            assert json.loads(picture[8 : 8 + length]) == {
                "node_id": "1", "prompt_id": run, "display_node_id": "1", "parent_node_id": None, "real_node_id": "1",
                "image_type": "image/jpeg",
            }  # fmt: skip
            assert picture[8 + length :] == JPEG
        else:
            assert picture == b"\0\0\0\1\0\0\0\1" + JPEG


async def test_a_client_that_was_away_is_told_of_its_runs_from_the_last_one_it_has_heard_of(server: ToyServer) -> None:
    socket = await greeted(server)
    await started(server, shows(1))
    await watched(socket)
    await heard(server, socket)
    first = await started(server, through("ToySleep", seconds=1.0, steps=20))
    await server.begun(first)
    await next_frame(socket)
    await socket.close()
    second = await started(server, shows(3))
    await server.ended(second)
    again = await server.socket("me")
    told = words(await watched(again, second))
    logged = [each for run in (first, second) for each in await server.desk.events(run)]
    assert [(each["type"], each["data"]) for each in told if each["type"] not in ("status", "progress_state")] == [
        (each.type, dict(each.data)) for each in logged if each.type != "progress_state"
    ]


async def test_a_client_that_comes_back_while_its_run_goes_on_is_told_which_node_runs(server: ToyServer) -> None:
    run = await started(server, through("ToySleep", seconds=30.0, steps=3000))
    await server.begun(run)
    socket = await server.socket("me")
    told = words([await next_frame(socket)])
    while told[-1]["type"] != "executing":
        told += words([await next_frame(socket)])
    first = [each for each in told if each["type"] != "progress"]
    assert [each["type"] for each in first] == ["status", "progress_state", "executing"]
    assert told[-1]["data"] == {"node": "1", "display_node": "1", "prompt_id": run}
    await server.post("/interrupt")
    assert "execution_interrupted" in types(await watched(socket))


async def test_what_was_told_before_a_restart_is_told_after_it(tmp_path: Path) -> None:
    async with toy_server(tmp_path) as server:
        socket = await greeted(server)
        await socket.close()
        run = await started(server, shows(11))
        await server.ended(run)
        wanted = [each.type for each in await server.desk.events(run)]
    async with toy_server(tmp_path) as server:
        again = await server.socket("me")
        told = words(await watched(again, run))
        assert [each["type"] for each in told if each["type"] != "status"] == wanted
        assert [each["data"]["output"] for each in told if each["type"] == "executed"] == [{"text": ["11"]}]


async def test_sequence_numbers_let_a_client_see_that_nothing_lies_between(server: ToyServer) -> None:
    socket = await greeted(server, event_sequence=True)
    run = await started(server, steps(**{"1": ("ToyExpand", {"count": 5}), "9": ("ToyShow", {"value": ["1", 0]})}))
    told = words(await watched(socket, run))
    numbered = [each["seq"] for each in told if each.get("run") == run and each["seq"]]
    assert numbered == list(range(1, len(numbered) + 1))
    assert [each["type"] for each in told if "run" not in each] == ["status"] * 3


async def test_a_client_that_does_not_read_holds_nobody_up(server: ToyServer) -> None:
    deaf, socket = await server.socket("deaf", autoping=False), await greeted(server)
    stuck = await started(server, through("ToyChatter", count=200_000), client_id="deaf")
    await server.ended(stuck)
    await started(server, shows(2))
    assert types(await watched(socket))[-3:] == ["execution_success", "status", "executing"]
    assert not deaf.closed


async def test_when_the_server_ends_its_sockets_are_told_so(server: ToyServer) -> None:
    socket = await greeted(server)
    reading = asyncio.create_task(socket.receive())
    await server.client.server.close()
    assert (await reading).type is WSMsgType.CLOSE
    assert socket.close_code == 1001
