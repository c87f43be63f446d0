"""The list of jobs is queue and history in one, paged, as the newer front end reads it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.runs.toy_desk import shows, through
from tests.server.toy_server import ToyServer, toy_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ToyServer]:
    async with toy_server(tmp_path) as one:
        yield one


async def test_runs_of_every_state_are_listed_under_the_status_for_it(server: ToyServer) -> None:
    done = (
        await server.run(shows(1), extra_data={"extra_pnginfo": {"workflow": {"id": "w"}}, "editor": {"name": "Ü"}})
    ).id
    failed = (await server.run(through("ToyFail"))).id
    running = (await server.post("/prompt", {"prompt": through("ToySleep", seconds=30.0, steps=3000)}))["prompt_id"]
    await server.begun(running)
    waiting = (await server.post("/prompt", {"prompt": shows(2)}))["prompt_id"]
    dropped = (await server.post("/prompt", {"prompt": shows(3)}))["prompt_id"]
    await server.post("/queue", {"delete": [dropped]})

    open_ones = await server.get("/api/jobs?status=in_progress,pending&limit=64&offset=0")
    assert {job["id"]: job["status"] for job in open_ones["jobs"]} == {running: "in_progress", waiting: "pending"}
    assert open_ones["pagination"] == {"offset": 0, "limit": 64, "total": 2, "has_more": False}
    ended = await server.get("/api/jobs?status=completed,failed,cancelled&limit=64&offset=0")
    assert {job["id"]: job["status"] for job in ended["jobs"]} == {
        done: "completed", failed: "failed", dropped: "cancelled",
    }  # fmt: skip
    by_id = {job["id"]: job for job in ended["jobs"]}
    assert by_id[done]["workflow_id"] == "w"
    assert by_id[done]["workflow_name"] == "Ü"
    assert "workflow_name" not in by_id[failed]
    assert by_id[done]["create_time"] <= by_id[done]["execution_start_time"] <= by_id[done]["execution_end_time"]
    assert by_id[done]["create_time"] > 10**12, "milliseconds"
    assert by_id[failed]["execution_error"]["exception_message"] == "as asked"
    assert by_id[failed]["execution_error"]["node_id"] == "1"
    assert (await server.get("/api/jobs"))["pagination"]["total"] == 5


async def test_jobs_come_page_by_page_the_newest_first(server: ToyServer) -> None:
    ids = [(await server.run(shows(at))).id for at in range(5)]
    pages = [await server.get(f"/jobs?status=completed&limit=2&offset={offset}") for offset in (0, 2, 4, 9)]
    assert [[job["id"] for job in page["jobs"]] for page in pages] == [ids[:2:-1], ids[2:0:-1], ids[:1], []]
    assert [page["pagination"]["has_more"] for page in pages] == [True, True, False, False]
    assert {page["pagination"]["total"] for page in pages} == {5}
    oldest = await server.get("/jobs?limit=2&sort_order=asc")
    assert [job["id"] for job in oldest["jobs"]] == ids[:2]


async def test_a_job_is_told_with_its_workflow_and_outputs(server: ToyServer) -> None:
    workflow = shows(4)
    run = (await server.run(workflow, client_id="me")).id
    job = await server.get(f"/jobs/{run}")
    assert job["status"] == "completed"
    assert job["outputs"] == {"9": {"text": ["4"]}}
    assert job["workflow"] == {"prompt": workflow, "extra_data": {"client_id": "me"}}


async def test_an_unknown_job_is_not_found(server: ToyServer) -> None:
    body = await server.get("/jobs/none", status=404)
    assert body["error"]["type"] == "unknown_job"


async def test_what_cannot_be_asked_is_refused(server: ToyServer) -> None:
    for query in ("status=done", "limit=-1", "offset=x", "limit=1e3", "sort_order=up", "offset=" + "9" * 40):
        body = await server.get(f"/jobs?{query}", status=400)
        assert body["error"]["message"]
