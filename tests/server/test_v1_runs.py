"""The own API's runs, over a real desk and a real worker."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from server.v1_models import EventList, RunList, RunOutputs, RunSummary
from server.v1_models import Run as RunView
from tests.runs.toy_desk import shows, steps, through
from tests.server.v1_server import Api, v1_server

SLOW = through("ToySleep", seconds=60.0, steps=6000)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with v1_server(tmp_path) as api:
        yield api


async def test_a_run_is_handed_in_found_at_its_location_and_done(api: Api) -> None:
    body = {"workflow": shows(5), "client_id": "me", "extra": {"extra_pnginfo": {"by": "me"}}, "priority": 2.5}
    async with api.client.post("/api/v1/runs", json=body) as response:
        assert response.status == 201
        made = RunSummary.model_validate(await response.json())
        location = response.headers["Location"]
    assert made.state in ("queued", "running")
    await api.ended(made.id)
    async with api.client.get(location) as response:
        run = RunView.model_validate(await response.json())
    assert (run.id, run.state, run.priority, run.client_id) == (made.id, "done", 2.5, "me")
    assert run.workflow == shows(5)
    assert run.extra == {"extra_pnginfo": {"by": "me"}}
    assert run.targets == ["9"]
    assert set(run.seconds) == {"1", "9"}
    assert run.submitted_at <= (run.started_at or 0) <= (run.ended_at or 0)
    outputs = RunOutputs.model_validate(await api.ask("GET", f"runs/{run.id}/outputs"))
    assert outputs == RunOutputs(files=[], shown={"9": {"text": ["5"]}}, outputs={})


async def test_the_same_id_with_the_same_workflow_answers_the_first_submission_and_with_another_is_refused(
    api: Api,
) -> None:
    strange = "mine/ü%2F ?#"
    first = await api.ask("POST", "runs", {"workflow": shows(1), "id": strange}, 201)
    async with api.client.post("/api/v1/runs", json={"workflow": shows(1), "id": strange}) as again:
        assert again.status == 200
        assert (await again.json())["submitted_at"] == first["submitted_at"]
        location = again.headers["Location"]
    assert unquote(location.removeprefix("/api/v1/runs/")) == strange
    other = await api.ask("POST", "runs", {"workflow": shows(2), "id": strange}, 409)
    assert other["code"] == "id_taken"
    async with api.client.get(location) as response:
        assert (await response.json())["id"] == strange
    assert (await api.ask("GET", "runs"))["total"] == 1


async def test_a_workflow_that_is_wrong_in_one_branch_is_refused_as_a_whole_with_all_its_problems(api: Api) -> None:
    wrong = shows(1) | steps(**{"2": ("ToySleep", {"steps": 0}), "8": ("ToyShow", {"value": ["2", 7]})})
    wrong["7"] = {"class_type": "ToyShwo", "inputs": {}}
    refused = await api.ask("POST", "runs", {"workflow": wrong}, 422)
    assert refused["code"] == "invalid_workflow"
    found = {(each["node"], each["input"], each["code"]) for each in refused["errors"]}
    assert found == {("2", "steps", "too_small"), ("8", "value", "slot_out_of_range"), ("7", None, "unknown_node")}
    assert all(each["message"] and each["remedy"] for each in refused["errors"])
    assert (await api.ask("GET", "runs"))["total"] == 0
    targeted = await api.ask("POST", "runs", {"workflow": wrong, "targets": ["nowhere"]}, 422)
    assert "unknown_target" in {each["code"] for each in targeted["errors"]}


async def test_a_node_that_judges_itself_is_asked_before_the_run_is_queued(api: Api) -> None:
    refused = await api.ask("POST", "runs", {"workflow": through("ToyChecked", value=13)}, 422)
    (problem,) = refused["errors"]
    assert (problem["node"], problem["input"], problem["code"]) == ("1", "value", "custom_validation")
    assert "bad luck" in problem["message"]
    await api.run(through("ToyChecked", value=12))


async def test_only_the_targets_run(api: Api) -> None:
    workflow = shows(1) | {"8": {"class_type": "ToyShow", "inputs": {"value": ["1", 0]}}}
    run = await api.ended(await api.run(workflow, targets=["8", "8"]))
    assert run["targets"] == ["8"]
    assert set(run["seconds"]) == {"1", "8"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[]", "bad_body"),
        ("{", "bad_body"),
        ("", "bad_body"),
        ('{"workflow": {"1": {}}, "workflow": {}}', "bad_body"),
        ('{"workflow": {}, "deadline": NaN}', "bad_body"),
        ('{"workflow": {}, "more": 1}', "bad_body"),
        ('{"workflow": {}, "front": "yes"}', "bad_body"),
        ('{"workflow": {}, "deadline": 0}', "bad_body"),
        ('{"workflow": {}, "id": ""}', "bad_body"),
        ('{"workflow": {}, "id": "a\\r\\nb"}', "bad_body"),
        ('{"workflow": {}, "id": "' + "x" * 201 + '"}', "bad_body"),
        ('{"workflow": {}, "targets": []}', "bad_body"),
        ('{"workflow": []}', "bad_body"),
        ("{}", "bad_body"),
        ('{"workflow": {"1": 5}}', "bad_workflow"),
        ('{"workflow": {"1": {"class_type": 5}}}', "bad_workflow"),
        ('{"workflow": ' + '{"a":' * 200 + "1" + "}" * 200 + "}", "bad_body"),
        ('{"workflow": {}, "extra": ' + '{"a":' * 200 + "1" + "}" * 200 + "}", "bad_body"),
        ('{"workflow": {}, "extra": ' + '{"a":' * 20000 + "1" + "}" * 20000 + "}", "bad_body"),
        ('{"workflow": {"1": {"inputs": {"a": ' + "[" * 99 + "]" * 99 + "}}}}", "bad_workflow"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_with_a_sentence(api: Api, body: str, code: str) -> None:
    headers = {"Content-Type": "application/json"}
    refused = await api.ask("POST", "runs", None, 400, data=body, headers=headers)
    assert refused["code"] == code
    assert len(refused["detail"]) > 10


async def test_unknown_runs_are_told_everywhere(api: Api) -> None:
    for method, path in (
        ("GET", "runs/none"),
        ("DELETE", "runs/none"),
        ("POST", "runs/none/cancel"),
        ("POST", "runs/none/retry"),
        ("GET", "runs/none/events"),
        ("GET", "runs/none/events/stream"),
        ("GET", "runs/none/outputs"),
    ):
        assert (await api.ask(method, path, None, 404))["code"] == "unknown_run", path


async def test_runs_are_listed_newest_first_by_state_and_in_pages(api: Api) -> None:
    done = [await api.run(shows(number)) for number in range(3)]
    for run in done:
        await api.ended(run)
    failed = await api.run(through("ToyFail"))
    await api.ended(failed)
    found = RunList.model_validate(await api.ask("GET", "runs"))
    assert [run.id for run in found.runs] == [failed, *reversed(done)]
    page = await api.ask("GET", "runs?limit=2&offset=1")
    assert ([run["id"] for run in page["runs"]], page["total"]) == ([done[2], done[1]], 4)
    for query in ("state=failed,lost", "state=failed&state=lost"):
        only = await api.ask("GET", f"runs?{query}")
        assert ([run["id"] for run in only["runs"]], only["total"]) == ([failed], 1)
    for query in ("state=dead", "limit=0", "limit=x", "offset=-1", "unknown=1"):
        assert (await api.ask("GET", f"runs?{query}", None, 400))["code"] == "bad_query"


async def test_a_node_that_fails_is_told_without_the_files_of_the_server(api: Api) -> None:
    run = await api.ended(await api.run(through("ToyFail", message="no luck")))
    assert run["state"] == "failed"
    assert run["error"]["type"] == "ValueError"
    assert run["error"]["message"] == "no luck"
    assert (run["error"]["node"], run["error"]["class_type"]) == ("1", "ToyFail")
    assert "traceback" not in run["error"]


async def test_a_run_is_cancelled_while_it_runs_and_while_it_waits(api: Api) -> None:
    running, waiting = await api.run(SLOW), await api.run(shows(1))
    async with asyncio.timeout(60):
        while (await api.ask("GET", f"runs/{running}"))["state"] != "running":
            await asyncio.sleep(0.01)
    for run in (waiting, running):
        assert await api.ask("POST", f"runs/{run}/cancel") == {"id": run, "cancelled": True}
        assert (await api.ended(run))["state"] == "interrupted"
    assert await api.ask("POST", f"runs/{running}/cancel") == {"id": running, "cancelled": False}


async def test_a_run_that_has_ended_is_run_again_under_a_new_id_or_deleted(api: Api) -> None:
    first = await api.run(shows(3), client_id="me")
    await api.ended(first)
    again = await api.ask("POST", f"runs/{first}/retry", None, 201)
    assert again["id"] != first
    second = await api.ended(again["id"])
    assert (second["state"], second["workflow"], second["client_id"]) == ("done", shows(3), "me")
    third = await api.ask("POST", f"runs/{first}/retry?client_id=another", None, 201)
    assert third["client_id"] == "another"
    await api.ended(third["id"])
    assert (await api.ask("POST", f"runs/{first}/retry?client_id=", None, 400))["code"] == "bad_query"
    await api.ask("DELETE", f"runs/{first}", None, 204)
    await api.ask("GET", f"runs/{first}", None, 404)
    await api.ask("GET", f"runs/{first}/events", None, 404)
    assert (await api.ask("GET", "runs"))["total"] == 2


async def test_a_run_that_goes_on_is_neither_deleted_nor_retried(api: Api) -> None:
    run = await api.run(SLOW)
    assert (await api.ask("DELETE", f"runs/{run}", None, 409))["code"] == "still_open"
    assert (await api.ask("POST", f"runs/{run}/retry", None, 409))["code"] == "still_open"
    await api.ask("POST", f"runs/{run}/cancel")


async def test_a_run_that_waits_is_moved_and_one_that_does_not_is_refused(api: Api) -> None:
    running = await api.run(SLOW)
    async with asyncio.timeout(60):
        while (await api.ask("GET", f"runs/{running}"))["state"] != "running":
            await asyncio.sleep(0.01)
    one, two, three = [await api.run(shows(value)) for value in range(3)]
    async with api.client.ws_connect("/ws?clientId=another") as socket:
        await socket.receive_json()
        moved = await api.ask("POST", f"runs/{three}/move", {"before": one})
        assert (await socket.receive_json(timeout=60))["type"] == "status"
    assert moved["id"] == three
    assert moved["priority"] < (await api.ask("GET", f"runs/{one}"))["priority"]
    await api.ask("POST", f"runs/{one}/move", {"before": None})
    _, waiting = await api.desk.queue()
    assert [each.id for each in waiting] == [three, two, one]
    for run, before in ((running, one), (one, running)):
        refused = await api.ask("POST", f"runs/{run}/move", {"before": before}, 409)
        assert refused["code"] == "not_queued"
        assert "waits no longer" in refused["detail"]
    assert (await api.ask("POST", f"runs/{one}/move", {"before": "none"}, 404))["code"] == "unknown_run"
    for body in ({}, {"before": 5}, {"before": ""}, {"before": two, "after": one}):
        assert (await api.ask("POST", f"runs/{one}/move", body, 400))["code"] == "bad_body"
    await api.ask("POST", f"runs/{running}/cancel")
    for run in (one, two, three):
        await api.ended(run)
    assert (await api.ask("POST", f"runs/{one}/move", {"before": None}, 409))["code"] == "not_queued"


async def test_events_are_told_in_pages_from_any_number_on(api: Api) -> None:
    run = await api.run(shows(1))
    await api.ended(run)
    told = EventList.model_validate(await api.ask("GET", f"runs/{run}/events"))
    assert [event.seq for event in told.events] == list(range(1, len(told.events) + 1))
    assert told.events[0].type == "execution_start"
    assert (told.events[-1].type, told.events[-1].data["node"]) == ("executing", None)
    assert told.last == told.events[-1].seq
    paged: list[Any] = []
    since = 0
    while page := (await api.ask("GET", f"runs/{run}/events?since={since}&limit=2"))["events"]:
        paged += page
        since = page[-1]["seq"]
    assert EventList(events=paged, last=told.last) == told
    assert await api.ask("GET", f"runs/{run}/events?since={told.last}") == {"events": [], "last": told.last}


async def test_a_deadline_ends_a_run(api: Api) -> None:
    run = await api.ended(await api.run(SLOW, deadline=0.2))
    assert (run["state"], run["deadline"]) == ("failed", 0.2)
    assert run["error"]["type"] == "DeadlineExceeded"


async def test_an_editors_file_is_converted_run_and_comes_along_for_saved_pictures(api: Api) -> None:
    made: dict[str, Any] = dict(shows(5))
    number, shown = (made[step]["class_type"] for step in ("1", "9"))
    (socket,) = (name for name, value in made["9"]["inputs"].items() if value == ["1", 0])
    drawn = {
        "nodes": [
            {
                "id": 1,
                "type": number,
                "outputs": [{"name": "INT"}],
                "widgets_values": made["1"]["inputs"],
            },
            {"id": 9, "type": shown, "inputs": [{"name": socket, "link": 1}]},
        ],
        "links": [[1, 1, 0, 9, 0, "INT"]],
    }
    body = {"workflow": drawn, "id": "drawn", "extra": {"extra_pnginfo": {"by": "me"}}}
    first = await api.ask("POST", "runs", body, 201)
    await api.ended(first["id"])
    run = await api.ask("GET", "runs/drawn")
    assert {key: each["inputs"] for key, each in run["workflow"].items()} == {
        key: each["inputs"] for key, each in made.items()
    }
    assert run["extra"] == {"extra_pnginfo": {"workflow": drawn, "by": "me"}}
    assert (await api.ask("POST", "runs", body, 200))["submitted_at"] == first["submitted_at"]
    assert (await api.ask("POST", "validate", {"workflow": drawn}))["valid"] is True
    drawn["nodes"][0]["widgets_values"] = 3
    refused = await api.ask("POST", "runs", {"workflow": drawn}, 400)
    assert refused["code"] == "bad_workflow"
    assert "node 1: widgets_values" in refused["detail"]
