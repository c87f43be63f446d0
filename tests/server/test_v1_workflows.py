"""The own API's workflows: judged, planned, published, and called by name with typed inputs."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.v1_models import FunctionRun, FunctionView, PlanView, Verdict
from storage.published import Published
from tests.runs.toy_desk import shows, steps, through
from tests.server.v1_server import Api, v1_server


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with v1_server(tmp_path) as api:
        yield api


def adder(**changes: Any) -> dict[str, Any]:
    """A function that shows a sum; `left` has no value anywhere, `right` has one in the workflow."""
    workflow: dict[str, Any] = {
        "1": {"class_type": "ToyAdd", "inputs": {"b": 2}},
        "2": {"class_type": "ToyChecked", "inputs": {"value": ["1", 0]}},
        "3": {"class_type": "ToySleep", "inputs": {"value": ["2", 0], "seconds": 0.0, "steps": 1}},
        "9": {"class_type": "ToyShow", "inputs": {"value": ["3", 0]}},
        "8": {"class_type": "ToyShow", "inputs": {"value": ["1", 0]}},
    }
    return {
        "description": "adds",
        "workflow": workflow,
        "inputs": {
            "left": {"node": "1", "input": "a", "description": "the first one"},
            "right": {"node": "1", "input": "b"},
            "pauses": {"node": "3", "input": "steps", "default": 2},
        },
        "outputs": {"sum": {"node": "9", "description": "of both"}},
    } | changes


# Judging


async def test_validating_tells_all_problems_and_runs_nothing(api: Api) -> None:
    good = Verdict.model_validate(await api.ask("POST", "validate", {"workflow": shows(1)}))
    assert good == Verdict(valid=True, complete=True, problems=[])
    wrong = through("ToySleep", steps=0) | {"5": {"class_type": "ToyShow", "inputs": {}}}
    bad = Verdict.model_validate(await api.ask("POST", "validate", {"workflow": wrong}))
    assert not bad.valid
    assert {(each.node, each.code) for each in bad.problems} == {("1", "too_small"), ("5", "missing_input")}
    partly = Verdict.model_validate(await api.ask("POST", "validate", {"workflow": wrong, "targets": ["5"]}))
    assert {(each.node, each.severity) for each in partly.problems} == {("1", "warning"), ("5", "error")}
    empty = Verdict.model_validate(await api.ask("POST", "validate", {"workflow": {}}))
    assert [each.code for each in empty.problems] == ["no_outputs"]
    assert (await api.ask("POST", "validate", {"workflow": []}, 400))["code"] == "bad_body"
    assert (await api.ask("GET", "runs"))["total"] == 0


async def test_a_plan_says_what_would_run_and_after_a_run_what_is_known(api: Api) -> None:
    body = {"workflow": shows(4)}
    before = PlanView.model_validate(await api.ask("POST", "plan", body))
    assert [(step.node, step.class_type, step.action) for step in before.steps] == [
        ("1", "ToyValue", "run"),
        ("9", "ToyShow", "run"),
    ]
    assert all(step.why and step.key for step in before.steps)
    assert (await api.ask("GET", "runs"))["total"] == 0
    wrong = PlanView.model_validate(await api.ask("POST", "plan", {"workflow": {}}))
    assert (wrong.steps, [each.code for each in wrong.problems]) == ([], ["no_outputs"])


# Publishing


async def test_a_workflow_is_published_listed_read_replaced_and_deleted(api: Api) -> None:
    sent = adder()
    async with api.client.put("/api/v1/workflows/add.up", json=sent) as response:
        assert response.status == 201
        assert response.headers["Location"] == "/api/v1/workflows/add.up"
        made = await response.json()
    assert FunctionView.model_validate(made).name == "add.up"
    assert await api.ask("GET", "workflows/add.up") == made
    assert made["workflow"] == sent["workflow"]
    assert "default" not in made["inputs"]["left"]
    assert made["inputs"]["pauses"]["default"] == 2
    assert await api.ask("PUT", "workflows/add.up", adder(description="new")) == made | {"description": "new"}
    assert await api.ask("GET", "workflows") == {
        "workflows": [
            {"name": "add.up", "description": "new", "inputs": ["left", "right", "pauses"], "outputs": ["sum"]}
        ],
        "unreadable": [],
    }
    await api.ask("DELETE", "workflows/add.up", None, 204)
    assert (await api.ask("DELETE", "workflows/add.up", None, 404))["code"] == "absent"
    assert (await api.ask("GET", "workflows/add.up", None, 404))["code"] == "absent"
    assert (await api.ask("GET", "workflows"))["workflows"] == []


async def test_what_was_published_by_a_client_can_be_sent_back_as_it_is(api: Api) -> None:
    made = await api.ask("PUT", "workflows/add", adder(), 201)
    del made["name"]
    await api.ask("PUT", "workflows/other", made, 201)


@pytest.mark.parametrize("name", ["..%2Fx", "%2Fetc", ".hidden", "a%20b", "CON", "x" * 101, "a%0Ab", "%C3%A4", "a%5Cb"])
async def test_a_name_that_is_no_plain_name_is_refused(api: Api, name: str) -> None:
    for method, path, body in (
        ("PUT", f"workflows/{name}", adder()),
        ("GET", f"workflows/{name}", None),
        ("DELETE", f"workflows/{name}", None),
        ("GET", f"workflows/{name}/schema", None),
        ("POST", f"workflows/{name}/run", {}),
    ):
        refused = await api.ask(method, path, body, 400)
        assert refused["code"] == "name_refused"
        assert str(api.folders.user) not in json.dumps(refused)
    assert Published.in_user_folder(api.folders.user).names() == ()


async def test_all_that_is_wrong_with_a_function_is_told_and_nothing_is_written(api: Api) -> None:
    sent = adder(
        inputs={
            "left": {"node": "1", "input": "aa"},
            "pauses": {"node": "3", "input": "steps", "default": 0},
            "other": {"node": "1", "input": "b", "default": "two"},
        },
        outputs={"sum": {"node": "9"}, "first": {"node": "1"}},
    )
    sent["workflow"]["7"] = {"class_type": "Nothing", "inputs": {}}
    refused = await api.ask("PUT", "workflows/add", sent, 422)
    assert refused["code"] == "invalid_function"
    found = {(each["node"], each["input"], each["code"]) for each in refused["errors"] if each["severity"] == "error"}
    assert found == {
        (None, "left", "unknown_input"),
        (None, "pauses", "too_small"),
        (None, "other", "wrong_type"),
        (None, None, "no_outputs"),
        ("7", None, "unknown_node"),
        ("1", "a", "missing_input"),
    }
    assert (await api.ask("GET", "workflows"))["workflows"] == []
    for wrong in ({"inputs": {"a b": {"node": "1", "input": "a"}}}, {"workflow": {"1": 5}}):
        assert (await api.ask("PUT", "workflows/add", adder(**wrong), 400))["code"] == "bad_workflow"
    for wrong in ({"outputs": None}, {"more": 1}, {"inputs": {"left": {"node": "1", "inptu": "a"}}}):
        assert (await api.ask("PUT", "workflows/add", adder(**wrong), 400))["code"] == "bad_body"


async def test_an_example_in_the_workflow_that_no_longer_holds_keeps_nobody_from_publishing(api: Api) -> None:
    sent = adder()
    sent["workflow"]["1"]["inputs"]["b"] = "no number"
    await api.ask("PUT", "workflows/add", sent, 201)
    refused = await api.ask("POST", "workflows/add/run", {"inputs": {"left": 1}}, 422)
    assert [(each["input"], each["code"]) for each in refused["errors"]] == [("right", "wrong_type")]


async def test_the_schema_of_the_inputs_comes_from_the_nodes(api: Api) -> None:
    await api.ask("PUT", "workflows/add", adder(), 201)
    async with api.client.get("/api/v1/workflows/add/schema") as response:
        assert response.content_type == "application/schema+json"
        told = await response.json(content_type=None)
    assert told["required"] == ["left"]
    assert told["properties"] == {
        "left": {"type": "integer", "description": "the first one"},
        "right": {"type": "integer", "default": 2},
        "pauses": {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 2},
    }


async def test_a_file_that_holds_no_function_is_told_and_can_be_deleted(api: Api) -> None:
    published = Published.in_user_folder(api.folders.user)
    published.write("broken", {"workflow": 5})
    assert await api.ask("GET", "workflows") == {"workflows": [], "unreadable": ["broken"]}
    assert "Publish it anew" in (await api.ask("GET", "workflows/broken", None, 400))["detail"]
    await api.ask("DELETE", "workflows/broken", None, 204)


# Calling


async def test_a_call_that_is_waited_for_answers_with_its_outputs_by_name(api: Api) -> None:
    await api.ask("PUT", "workflows/add", adder(), 201)
    body = {"inputs": {"left": 40, "right": 2.0}, "wait": 60, "client_id": "me"}
    told = FunctionRun.model_validate(await api.ask("POST", "workflows/add/run", body))
    assert (told.run.state, told.run.function, told.run.client_id, told.run.targets) == ("done", "add", "me", ["9"])
    assert {name: made.shown for name, made in told.outputs.items()} == {"sum": {"9": {"text": ["42"]}}}
    made = await api.ask("GET", f"runs/{told.run.id}/outputs")
    assert made["outputs"]["sum"]["shown"] == {"9": {"text": ["42"]}}
    run = await api.ask("GET", f"runs/{told.run.id}")
    assert run["workflow"]["1"]["inputs"] == {"a": 40, "b": 2}
    assert run["workflow"]["3"]["inputs"]["steps"] == 2


async def test_a_call_that_is_not_waited_for_is_queued_and_answers_where_it_is(api: Api) -> None:
    await api.ask("PUT", "workflows/add", adder(), 201)
    async with api.client.post("/api/v1/workflows/add/run", json={"inputs": {"left": 1}}) as response:
        assert response.status == 201
        told = await response.json()
        assert response.headers["Location"] == f"/api/v1/runs/{told['run']['id']}"
    assert told["outputs"] == {}
    assert (await api.ended(told["run"]["id"]))["state"] == "done"
    made = await api.ask("GET", f"runs/{told['run']['id']}/outputs")
    assert made["outputs"]["sum"]["shown"] == {"9": {"text": ["3"]}}


async def test_waiting_ends_with_its_time(api: Api) -> None:
    sent = adder()
    sent["workflow"]["3"]["inputs"]["seconds"] = 60.0
    await api.ask("PUT", "workflows/add", sent, 201)
    body = {"inputs": {"left": 1, "pauses": 6000}, "wait": 0.2}
    told = await api.ask("POST", "workflows/add/run", body, 201)
    assert told["run"]["state"] in ("queued", "running")
    assert told["outputs"] == {}
    await api.ask("POST", f"runs/{told['run']['id']}/cancel")
    assert (await api.ended(told["run"]["id"]))["state"] == "interrupted"


async def test_wrong_inputs_are_all_told_by_the_names_of_the_function(api: Api) -> None:
    await api.ask("PUT", "workflows/add", adder(), 201)
    body = {"inputs": {"right": "2", "pauses": 0, "lfet": 1}}
    refused = await api.ask("POST", "workflows/add/run", body, 422)
    assert refused["code"] == "invalid_inputs"
    found = {each["input"]: each["code"] for each in refused["errors"]}
    assert found == {
        "left": "missing_input",
        "right": "wrong_type",
        "pauses": "too_small",
        "lfet": "unknown_input",
    }
    assert all(each["node"] is None and repr(each["input"]) in each["message"] for each in refused["errors"])
    assert (await api.ask("GET", "runs"))["total"] == 0
    for wrong in ({"inputs": []}, {"wait": 601}, {"wait": -1}, {"input": {}}):
        await api.ask("POST", "workflows/add/run", wrong, 400)


async def test_what_the_nodes_own_code_refuses_is_told_before_the_run_is_queued(api: Api) -> None:
    sent = adder(
        workflow=steps(**{"1": ("ToyChecked", {}), "9": ("ToyShow", {"value": ["1", 0]})}),
        inputs={"number": {"node": "1", "input": "value"}},
    )
    await api.ask("PUT", "workflows/checked", sent, 201)
    refused = await api.ask("POST", "workflows/checked/run", {"inputs": {"number": 13}}, 422)
    assert [(each["input"], each["code"]) for each in refused["errors"]] == [("number", "custom_validation")]


async def test_the_id_of_a_call_sent_again_answers_the_first_one(api: Api) -> None:
    await api.ask("PUT", "workflows/add", adder(), 201)
    body = {"inputs": {"left": 1}, "id": "mine"}
    first = await api.ask("POST", "workflows/add/run", body, 201)
    again = await api.ask("POST", "workflows/add/run", body | {"wait": 60})
    assert again["run"]["submitted_at"] == first["run"]["submitted_at"]
    assert again["run"]["state"] == "done"
    await api.ask("POST", "workflows/add/run", {"inputs": {"left": 2}, "id": "mine"}, 409)


async def test_a_function_that_is_published_anew_leaves_earlier_runs_their_outputs(api: Api) -> None:
    await api.ask("PUT", "workflows/add", adder(), 201)
    told = await api.ask("POST", "workflows/add/run", {"inputs": {"left": 1}, "wait": 60})
    await api.ask("PUT", "workflows/add", adder(outputs={"total": {"node": "8"}}))
    made = await api.ask("GET", f"runs/{told['run']['id']}/outputs")
    assert list(made["outputs"]) == ["sum"]
    fresh = await api.ask("POST", "workflows/add/run", {"inputs": {"left": 1}, "wait": 60})
    assert fresh["outputs"]["total"]["shown"] == {"8": {"text": ["3"]}}


async def test_a_call_that_fails_says_so(api: Api) -> None:
    workflow = steps(**{"1": ("ToyFail", {"message": "no luck"}), "9": ("ToyShow", {"value": ["1", 0]})})
    await api.ask("PUT", "workflows/fails", adder(workflow=workflow, inputs={}), 201)
    told = await api.ask("POST", "workflows/fails/run", {"wait": 60})
    assert (told["run"]["state"], told["run"]["error"]["message"]) == ("failed", "no luck")
