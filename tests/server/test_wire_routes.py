"""Workflows handed in over HTTP are queued, refused or run in part, and asked after, as clients expect."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from server.settings import Settings
from tests.runs.toy_desk import shows, steps, through
from tests.server.toy_server import ToyServer, toy_server

SLOW = through("ToySleep", seconds=30.0, steps=3000)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ToyServer]:
    async with toy_server(tmp_path) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def refusing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ToyServer]:
    """One server for all that is refused: it must not remember any of it."""
    async with toy_server(tmp_path_factory.mktemp("refusing")) as one:
        yield one


async def busy(server: ToyServer) -> str:
    """The id of a run that keeps the worker busy."""
    run = (await server.post("/prompt", {"prompt": SLOW, "client_id": "me"}))["prompt_id"]
    await server.begun(run)
    return run


# Handing in


async def test_a_workflow_is_queued_and_its_entry_of_the_history_tells_how_it_went(server: ToyServer) -> None:
    extra = {
        "extra_pnginfo": {"workflow": {"id": "w"}},
        "api_key_comfy_org": "secret",
        "auth_token_comfy_org": "secret",
    }
    workflow = shows(7)
    answer = await server.post("/api/prompt", {"prompt": workflow, "client_id": "me", "extra_data": extra})
    run = answer["prompt_id"]
    assert answer == {"prompt_id": run, "number": 0, "node_errors": {}}
    await server.ended(run)
    history = await server.get(f"/history/{run}")
    entry = history[run]
    assert entry["prompt"] == [
        0, run, workflow, {"extra_pnginfo": {"workflow": {"id": "w"}}, "client_id": "me"}, ["9"],
    ]  # fmt: skip
    assert entry["outputs"] == {"9": {"text": ["7"]}}
    assert entry["status"]["status_str"] == "success"
    assert entry["status"]["completed"] is True
    kinds = [kind for kind, _ in entry["status"]["messages"]]
    assert kinds == ["execution_start", "execution_cached", "execution_success"]
    assert entry["status"]["messages"][0][1].keys() == {"prompt_id", "timestamp", "to_run"}
    assert entry["meta"] == {"9": {"node_id": "9", "display_node": "9", "parent_node": None, "real_node_id": "9"}}
    assert "secret" not in json.dumps(await server.get("/history"))


async def test_every_route_exists_under_api_too(server: ToyServer) -> None:
    for path in ("/prompt", "/queue", "/history", "/history/none", "/jobs", "/object_info", "/object_info/ToyAdd"):
        assert await server.get(path) == await server.get(f"/api{path}")


async def test_the_number_counts_refused_requests_and_front_is_negative(server: ToyServer) -> None:
    assert (await server.post("/prompt", {"prompt": shows()}))["number"] == 0
    await server.post("/prompt", {"prompt": {}}, status=400)
    await server.post("/prompt", {}, status=400)
    assert (await server.post("/prompt", {"prompt": shows()}))["number"] == 3
    assert (await server.post("/prompt", {"prompt": shows(), "front": True}))["number"] == -4
    assert (await server.post("/prompt", {"prompt": shows(), "number": -5.5}))["number"] == -5.5


async def test_an_id_of_the_client_is_taken_and_only_the_same_workflow_may_come_again(server: ToyServer) -> None:
    first = await server.post("/prompt", {"prompt": shows(1), "prompt_id": "my-own-id"})
    assert first["prompt_id"] == "my-own-id"
    await server.ended("my-own-id")
    assert await server.post("/prompt", {"prompt": shows(1), "prompt_id": "my-own-id"}) == first
    other = await server.post("/prompt", {"prompt": shows(2), "prompt_id": "my-own-id"}, status=409)
    assert "choose another one" in other["error"]["message"]
    assert len(await server.get("/history")) == 1


async def test_sound_outputs_run_and_the_others_are_reported(server: ToyServer) -> None:
    workflow = shows(3) | steps(x=("ToyShow", {"value": ["gone", 0]}), y=("ToyShow", {"value": ["1", 0]}))
    answer = await server.post("/prompt", {"prompt": workflow})
    assert list(answer["node_errors"]) == ["x"]
    assert answer["node_errors"]["x"]["dependent_outputs"] == ["x"]
    assert answer["node_errors"]["x"]["errors"][0]["type"] == "exception_during_inner_validation"
    record = await server.ended(answer["prompt_id"])
    assert record.state == "done"
    assert record.outputs == {"9": {"text": ["3"]}, "y": {"text": ["3"]}}
    assert (await server.get(f"/history/{record.id}"))[record.id]["prompt"][4] == ["9", "y"]


async def test_only_the_wanted_outputs_run(server: ToyServer) -> None:
    workflow = shows(3) | steps(y=("ToyShow", {"value": ["1", 0]}))
    record = await server.run(workflow, partial_execution_targets=["y", "1", "y"])
    assert record.targets == ("y",)
    assert record.outputs.keys() == {"y"}


@pytest.mark.parametrize("targets", [[], ["1"]])
async def test_targets_that_show_nothing_are_no_outputs(server: ToyServer, targets: list[str]) -> None:
    body = await server.post("/prompt", {"prompt": shows(), "partial_execution_targets": targets}, status=400)
    assert body["error"]["type"] == "prompt_no_outputs"


async def test_a_target_that_is_not_there_is_refused(server: ToyServer) -> None:
    body = await server.post("/prompt", {"prompt": shows(), "partial_execution_targets": ["9", "77"]}, status=400)
    assert body["error"]["message"] == "step '77' is wanted and does not exist"


async def test_what_a_node_itself_finds_wrong_is_asked_of_the_worker(server: ToyServer) -> None:
    body = await server.post("/prompt", {"prompt": through("ToyChecked", value=13)}, status=400)
    (found,) = body["node_errors"]["1"]["errors"]
    assert found["type"] == "custom_validation_failed"
    assert found["details"] == "value - 13 brings bad luck"


async def test_a_list_goes_in_as_a_wrapped_value(server: ToyServer) -> None:
    workflow = {"9": {"class_type": "ToyShow", "inputs": {"value": {"__value__": [1, 2]}}}}
    assert (await server.run(workflow)).outputs == {"9": {"text": ["[1, 2]"]}}


# Refusals


@pytest.mark.asyncio(loop_scope="module")
async def test_without_a_workflow_there_is_no_prompt(refusing: ToyServer) -> None:
    for body in ({}, {"client_id": "me"}):
        answer = await refusing.post("/prompt", body, status=400)
        assert answer["error"] == {
            "type": "no_prompt", "message": "No prompt provided", "details": "No prompt provided", "extra_info": {},
        }  # fmt: skip
        assert answer["node_errors"] == {}


@pytest.mark.asyncio(loop_scope="module")
async def test_the_editors_own_format_is_refused_with_what_to_do(refusing: ToyServer) -> None:
    body = await refusing.post("/prompt", {"prompt": {"nodes": [], "links": [], "version": 0.4}}, status=400)
    assert body["error"]["type"] == "invalid_prompt"
    assert "export the workflow in its API format" in body["error"]["message"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"prompt": 5}, "a workflow is an object"),
        ({"prompt": {"1": 5}}, "a step is an object"),
        ({"prompt": {"1": {"class_type": 5}}}, "class_type"),
        ({"prompt": {"1": {"class_type": "ToyShow", "inputs": []}}}, "inputs"),
        ({"prompt": {"x" * 201: {"class_type": "ToyShow", "inputs": {}}}}, "200 characters"),
        ({"prompt": {"1\r\nX: y": {"class_type": "ToyShow", "inputs": {}}}}, "control characters"),
        ({"prompt": {}, "prompt_id": "x" * 201}, "prompt_id"),
        ({"prompt": {}, "prompt_id": "a\r\nSet-Cookie: b"}, "prompt_id"),
        ({"prompt": {}, "client_id": 7}, "client_id"),
        ({"prompt": {}, "number": "first"}, "number"),
        ({"prompt": {}, "number": True}, "number"),
        ({"prompt": {}, "front": "yes"}, "front"),
        ({"prompt": {}, "extra_data": []}, "extra_data"),
        ({"prompt": {}, "partial_execution_targets": "9"}, "partial_execution_targets"),
    ],
)
async def test_what_does_not_fit_is_refused_with_a_sentence(refusing: ToyServer, fields: Any, word: str) -> None:
    body = await refusing.post("/prompt", fields, status=400)
    assert body["error"]["type"] == "invalid_prompt"
    assert word in body["error"]["message"]
    assert body["node_errors"] == {}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"prompt": {', "no JSON"),
        ('{"prompt": {}, "number": NaN}', "NaN is no JSON number"),
        ('{"prompt": {"1": {"class_type": "ToyValue", "inputs": {"value": Infinity}}}}', "Infinity"),
        ('{"prompt": {"1": {}, "1": {}}}', "stands here twice"),
        ('{"prompt": {"\\ud800": {}}}', "lone surrogate"),
        ('{"prompt": ' + "[" * 10_000 + "]" * 10_000 + "}", "nested deeper than 100 levels"),
        ('{"prompt": {"1": {"class_type": "ToyValue", "inputs": {"value": ' + "9" * 5_000 + "}}}}", "too large"),
    ],
)
async def test_json_that_is_none_or_too_odd_is_refused_with_its_place(
    refusing: ToyServer, text: str, word: str
) -> None:
    answer = await refusing.client.post("/prompt", data=text, headers={"Content-Type": "application/json"})
    assert answer.status == 400
    body = await answer.json()
    assert body["error"]["type"] == "invalid_json"
    assert word in body["error"]["message"]
    assert "line 1" in body["error"]["message"]
    assert body["node_errors"] == {}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("workflow", "kind"),
    [
        (through("ToySleep", seconds="long"), "invalid_input_type"),
        (through("ToySleep", steps=0), "value_smaller_than_min"),
        ({"9": {"class_type": "ToyShow", "inputs": {}}}, "required_input_missing"),
        ({"9": {"class_type": "ToyShow", "inputs": {"value": ["1", 5]}}} | steps(**{"1": ("ToyValue", {"value": 1})}),
         "exception_during_inner_validation"),
        ({"9": {"class_type": "ToyShow", "inputs": {"value": ["9", 0, 0]}}}, "bad_linked_input"),
    ],
)  # fmt: skip
async def test_a_faulty_workflow_is_refused_with_node_and_reason(refusing: ToyServer, workflow: Any, kind: str) -> None:
    body = await refusing.post("/prompt", {"prompt": workflow}, status=400)
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    (found,) = [each for node in body["node_errors"].values() for each in node["errors"]]
    assert found["type"] == kind
    assert found["extra_info"]["remedy"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("length", [1, 2, 1000])
async def test_a_ring_of_any_length_is_refused_and_shown(refusing: ToyServer, length: int) -> None:
    workflow = {
        str(at): {"class_type": "ToyAdd", "inputs": {"a": [str((at + 1) % length), 0], "b": 1}} for at in range(length)
    }
    body = await refusing.post("/prompt", {"prompt": workflow | steps(s=("ToyShow", {"value": ["0", 0]}))}, status=400)
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    assert body["node_errors"] == {}
    (path,) = body["error"]["extra_info"]["rings"]
    assert len(path) == length + 1


async def test_a_legal_chain_of_a_thousand_steps_is_taken(server: ToyServer) -> None:
    workflow: dict[str, object] = {"0": {"class_type": "ToyValue", "inputs": {"value": 0}}}
    for at in range(1, 1000):
        workflow[str(at)] = {"class_type": "ToyAdd", "inputs": {"a": [str(at - 1), 0], "b": 1}}
    workflow["s"] = {"class_type": "ToyShow", "inputs": {"value": ["999", 0]}}
    assert (await server.run(workflow)).outputs == {"s": {"text": ["999"]}}


async def test_a_hundred_thousand_faulty_steps_are_refused_while_others_are_answered(server: ToyServer) -> None:
    workflow = {str(at): {"class_type": "ToyShow", "inputs": {"value": [str(at + 1), 0]}} for at in range(100_000)}
    asked = asyncio.create_task(server.post("/prompt", {"prompt": workflow}, status=400))
    answered = 0
    while not asked.done():
        await server.get("/prompt")
        answered += 1
        await asyncio.sleep(0.05)
    body = await asked
    assert answered > 3
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    assert len(json.dumps(body)) < 5_000_000


async def test_more_steps_than_that_are_refused_at_once(server: ToyServer) -> None:
    body = await server.post("/prompt", {"prompt": {str(at): {} for at in range(100_001)}}, status=400)
    assert "may have 100000 steps, this one has 100001" in body["error"]["message"]


async def test_a_body_that_is_too_large_is_refused_by_its_size(tmp_path: Path) -> None:
    async with toy_server(tmp_path, Settings(most_body=10_000)) as server:
        body = json.dumps({"prompt": shows(), "extra_data": {"text": "x" * 20_000}}).encode()
        answer = await server.client.post("/prompt", data=body, headers={"Content-Type": "application/json"})
        assert answer.status == 413

        async def pieces() -> AsyncIterator[bytes]:
            yield body

        answer = await server.client.post("/prompt", data=pieces(), headers={"Content-Type": "application/json"})
        assert answer.status == 413
        await server.post("/prompt", {"prompt": shows()})


# Queue, interrupt, history


async def test_the_queue_shows_what_runs_and_what_waits_in_the_order_it_will_run(server: ToyServer) -> None:
    run = await busy(server)
    numbers = [
        (await server.post("/prompt", {"prompt": shows(at), **fields}))["number"]
        for at, fields in enumerate(({}, {"number": -5.5}, {"front": True}, {"number": 37}))
    ]
    queue = await server.get("/queue")
    assert [item[1] for item in queue["queue_running"]] == [run]
    assert [item[0] for item in queue["queue_pending"]] == sorted(numbers)
    assert queue["queue_running"][0] == [0, run, SLOW, {"client_id": "me"}, ["9"]]
    assert await server.get("/prompt") == {"exec_info": {"queue_remaining": 5}}


async def test_what_waits_can_be_deleted_and_cleared_but_not_what_runs(server: ToyServer) -> None:
    run = await busy(server)
    ids = [(await server.post("/prompt", {"prompt": shows(at)}))["prompt_id"] for at in range(3)]
    assert await server.post("/queue", {"delete": [ids[1], run, "unknown"]}) is None
    assert [item[1] for item in (await server.get("/queue"))["queue_pending"]] == [ids[0], ids[2]]
    await server.post("/queue", {"clear": True})
    queue = await server.get("/queue")
    assert queue["queue_pending"] == []
    assert len(queue["queue_running"]) == 1
    assert await server.get("/history") == {}, "what was never begun is no history"


async def test_an_interrupt_for_another_run_stops_nothing_and_one_without_a_name_stops_what_runs(
    server: ToyServer,
) -> None:
    run = await busy(server)
    await server.post("/interrupt", {"prompt_id": "another"})
    await asyncio.sleep(0.2)
    assert (await server.get("/queue"))["queue_running"]
    answer = await server.client.post("/interrupt")
    assert (answer.status, await answer.read()) == (200, b"")
    assert (await server.ended(run)).state == "interrupted"
    entry = (await server.get(f"/history/{run}"))[run]
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["completed"] is False
    kind, data = entry["status"]["messages"][-1]
    assert kind == "execution_interrupted"
    assert data.keys() >= {"prompt_id", "node_id", "node_type", "executed", "timestamp"}


async def test_a_named_run_is_interrupted(server: ToyServer) -> None:
    run = await busy(server)
    await server.post("/interrupt", {"prompt_id": run})
    assert (await server.ended(run)).state == "interrupted"


async def test_a_failed_run_keeps_the_whole_error_in_the_history(server: ToyServer) -> None:
    record = await server.run(through("ToyFail", message="as asked"))
    kind, data = (await server.get(f"/history/{record.id}"))[record.id]["status"]["messages"][-1]
    assert kind == "execution_error"
    assert data["exception_message"] == "as asked"
    assert data["node_id"] == "1"
    assert data["node_type"] == "ToyFail"
    assert data.keys() >= {"executed", "traceback", "current_inputs", "current_outputs", "timestamp"}


async def test_the_history_is_paged_from_its_newest_or_by_offset_from_its_oldest(server: ToyServer) -> None:
    ids = [(await server.run(shows(at))).id for at in range(5)]
    assert list(await server.get("/history")) == ids
    assert list(await server.get("/history?max_items=2")) == ids[-2:]
    assert list(await server.get("/history?max_items=2&offset=1")) == ids[1:3]
    assert list(await server.get("/history?offset=3")) == ids[3:]
    assert list(await server.get("/history?max_items=64&offset=-1")) == ids
    assert await server.get("/history?offset=99") == {}
    await server.get("/history?max_items=many", status=400)


async def test_the_history_can_be_deleted_in_part_and_cleared(server: ToyServer) -> None:
    ids = [(await server.run(shows(at))).id for at in range(3)]
    await server.post("/history", {"delete": [ids[0], "unknown"]})
    assert list(await server.get("/history")) == ids[1:]
    assert await server.get(f"/history/{ids[0]}") == {}
    await server.post("/history", {"clear": True})
    assert await server.get("/history") == {}


async def test_a_run_that_is_going_on_has_no_entry_yet(server: ToyServer) -> None:
    run = await busy(server)
    assert await server.get(f"/history/{run}") == {}
    assert await server.get("/history") == {}


@pytest.mark.parametrize("path", ["/queue", "/history"])
@pytest.mark.parametrize("body", [[], {"clear": "all"}, {"delete": "id"}, {"delete": [7]}])
async def test_odd_removals_are_refused(server: ToyServer, path: str, body: object) -> None:
    assert (await server.post(path, body, status=400))["error"]["message"]


async def test_memory_is_given_back_on_request(server: ToyServer) -> None:
    assert await server.post("/free", {"unload_models": True, "free_memory": True}) is None
    await server.post("/free", {"unload_models": "yes"}, status=400)
    assert (await server.run(shows())).state == "done"


async def test_a_large_history_is_told_while_others_are_answered(server: ToyServer) -> None:
    for at in range(30):
        await server.run(shows(at), extra_data={"extra_pnginfo": {"text": "x" * 100_000}})
    asked = asyncio.create_task(server.get("/history"))
    await server.get("/prompt")
    history = await asked
    assert len(history) == 30
    assert all(len(entry["prompt"][3]["extra_pnginfo"]["text"]) == 100_000 for entry in history.values())
