"""What workers tell of packs: kept by the desk over their end and its own, read anew while the desk runs."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runs.brought import Brought
from runs.desk import Desk
from runs.records import NodesChanged, Told
from runs.words import Ready
from tests.packs.conftest import native
from tests.runs.toy_desk import OpenDesk, ended, heard, steps, submission, until

SHOW = {"9": {"class_type": "ToyShow", "inputs": {"value": ["1", 0]}}}


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "custom_nodes"
    folder.mkdir()
    (folder / "good.py").write_text(native("GoodTwice"))
    (folder / "broken.py").write_text("raise ValueError('no luck')")
    return folder


def states(desk: Desk) -> dict[str, str]:
    return {report["name"]: report["state"] for report in desk.brought.reports}


def twice(value: int = 5) -> Mapping[str, object]:
    return SHOW | {"1": {"class_type": "GoodTwice", "inputs": {"value": value}}}


async def shown(desk: Desk, workflow: Mapping[str, object]) -> object:
    record = await desk.submit(submission(workflow))
    done = await ended(desk, record.id)
    return (done.state, done.outputs.get("9", {}).get("text"))


def changes(told: list[Told]) -> list[NodesChanged]:
    return [each for each in told if isinstance(each, NodesChanged)]


async def test_nodes_of_packs_run_and_the_report_of_a_broken_one_outlives_worker_and_server(
    packs: Path, tmp_path: Path, open_desk: OpenDesk
) -> None:
    async with open_desk(tmp_path, options=[f"--packs={packs}"]) as desk:
        await desk.nodes()
        assert states(desk) == {"broken": "failed", "good": "loaded"}
        assert await shown(desk, twice()) == ("done", ["10"])
        record = await desk.submit(submission(SHOW | steps(**{"1": ("ToyDie", {})})))
        await ended(desk, record.id)
        assert states(desk) == {"broken": "failed", "good": "loaded"}
    async with open_desk(tmp_path, options=[f"--packs={packs}"]) as desk:
        assert not desk.workers()
        assert states(desk) == {"broken": "failed", "good": "loaded"}
        assert desk.brought.reports[1]["had"] == ["GoodTwice"]


async def test_a_changed_pack_is_read_anew_by_the_same_process_and_no_old_result_is_taken(
    packs: Path, tmp_path: Path, open_desk: OpenDesk
) -> None:
    async with open_desk(tmp_path, memory_cache=10**7, options=[f"--packs={packs}"]) as desk:
        await desk.nodes()
        pid = desk.workers()[0].pid
        told = heard(desk)
        assert await shown(desk, twice()) == ("done", ["10"])
        (packs / "good.py").write_text(native("GoodTwice").replace("value * 2", "value * 3"))
        (packs / "new.py").write_text(native("NewTwice"))
        (packs / "broken.py").unlink()
        assert await desk.reload_packs(seconds=60)
        assert states(desk) == {"good": "loaded", "new": "loaded"}
        assert changes(told) == [NodesChanged(("NewTwice",), (), ("GoodTwice",), ())]
        assert (await desk.nodes()).registry.get("NewTwice") is not None
        assert await shown(desk, twice()) == ("done", ["15"])
        assert desk.workers()[0].pid == pid
        assert await desk.reload_packs(again=True, seconds=60)
        assert len(changes(told)) == 1, "nothing has changed, so there is nothing to tell"


async def test_a_pack_that_breaks_loses_its_nodes_and_what_it_had_is_still_known(
    packs: Path, tmp_path: Path, open_desk: OpenDesk
) -> None:
    async with open_desk(tmp_path, options=[f"--packs={packs}"]) as desk:
        await desk.nodes()
        told = heard(desk)
        (packs / "good.py").write_text("def half(:")
        assert await desk.reload_packs(seconds=60)
        assert changes(told) == [NodesChanged((), ("GoodTwice",), (), ("broken", "good"))]
        good = next(report for report in desk.brought.reports if report["name"] == "good")
        assert (good["state"], good["had"]) == ("failed", ["GoodTwice"])
        assert (await shown(desk, twice()))[0] == "failed"  # type: ignore[index]


async def test_packs_are_read_anew_between_runs_and_never_during_one(
    packs: Path, tmp_path: Path, open_desk: OpenDesk
) -> None:
    async with open_desk(tmp_path, options=[f"--packs={packs}"]) as desk:
        await desk.nodes()
        sleeping = steps(**{"0": ("ToySleep", {"seconds": 600.0, "value": 4, "steps": 6000})})
        workflow = SHOW | sleeping | {"1": {"class_type": "GoodTwice", "inputs": {"value": ["0", 0]}}}
        record = await desk.submit(submission(workflow))
        await until(lambda: bool(desk.snapshot(record.id)))
        (packs / "good.py").write_text(native("GoodTwice").replace("value * 2", "value * 3"))
        reloading = asyncio.create_task(desk.reload_packs(seconds=60))
        assert not await desk.reload_packs(seconds=0.05), "the worker is busy"
        await desk.cancel(record.id)
        assert await reloading
        assert await shown(desk, twice()) == ("done", ["15"])


async def test_a_worker_without_packs_goes_on_when_it_is_asked_to_read_them_anew(desk: Desk) -> None:
    await desk.nodes()
    pid = desk.workers()[0].pid
    assert await desk.reload_packs(again=True, seconds=60)
    assert desk.workers()[0].pid == pid


async def test_a_pack_that_hangs_does_not_have_the_worker_replaced_and_is_named_meanwhile(
    packs: Path, tmp_path: Path, open_desk: OpenDesk
) -> None:
    (packs / "hanging.py").write_text("import time\nwhile True: time.sleep(0.01)\n")
    options = [f"--packs={packs}", "--pack-seconds=2"]
    async with open_desk(tmp_path, hang_seconds=1.0, options=options) as desk:
        named: set[str] = set()

        def is_loading() -> bool:
            loading = desk.loading()
            named.update(() if loading is None else (loading.pack,))
            return "hanging" in named

        await until(is_loading)
        await desk.nodes()
        assert desk.loading() is None
        assert states(desk)["hanging"] == "failed"
        assert desk.figures()["nodeloom_worker_restarts_total"] == 0


def ready(*reports: dict[str, Any], webs: tuple[dict[str, str], ...] = ()) -> Ready:
    return Ready(1, [], {}, {}, 0, reports, webs)


def report(name: str, state: str, *nodes: str) -> dict[str, Any]:
    return {"name": name, "state": state, "nodes": list(nodes), "seconds": 1.0}


def test_of_several_workers_all_packs_count_and_a_failure_is_not_hidden() -> None:
    brought = Brought()
    assert brought.hear("one", ready(report("a", "loaded", "A"), webs=({"pack": "a", "folder": "/a/web"},)))
    assert brought.hear("two", ready(report("a", "failed"), report("b", "loaded", "B")))
    assert [(each["name"], each["state"], each["had"]) for each in brought.reports] == [
        ("a", "failed", ["A"]),
        ("b", "loaded", ["B"]),
    ]
    assert brought.webs == {"a": "/a/web"}
    assert not brought.hear("two", ready(report("a", "failed") | {"seconds": 9.0}, report("b", "loaded", "B")))
    later = Brought()
    later.remember(brought.to_json())
    assert (later.reports, later.webs, later.failed) == (brought.reports, brought.webs, ("a",))
