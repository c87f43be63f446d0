"""The laws of a plan: the order, what runs, what is known, what nobody needs, and the reason in words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest

from graph.errors import CycleError, PlanError
from graph.plan import plan
from graph.results import Shown
from graph.spec import Lazy, node
from graph.steps import from_api

FLOW: dict[str, Any] = {
    "4": {"class_type": "Load", "inputs": {"name": "model"}},
    "6": {"class_type": "Number", "inputs": {"value": 3}},
    "3": {"class_type": "Use", "inputs": {"thing": ["4", 0], "amount": ["6", 0]}},
    "9": {"class_type": "Save", "inputs": {"value": ["3", 0], "name": "picture"}},
}


def changed(step: str, **inputs: Any) -> dict[str, Any]:
    return {**FLOW, step: {**FLOW[step], "inputs": {**FLOW[step]["inputs"], **inputs}}}


def actions(lab: Any, steps: dict[str, Any], **options: Any) -> dict[str, str]:
    return {entry.node: entry.action for entry in lab.plan(steps, **options).entries}


def reasons(lab: Any, steps: dict[str, Any], **options: Any) -> dict[str, str]:
    return {entry.node: entry.why for entry in lab.plan(steps, **options).entries}


def test_every_step_comes_after_those_it_depends_on(lab: Any) -> None:
    assert [entry.node for entry in lab.plan(FLOW).entries] == ["4", "6", "3", "9"]


def test_at_first_everything_runs_because_it_is_the_first_run(lab: Any) -> None:
    assert set(actions(lab, FLOW).values()) == {"run"}
    assert set(reasons(lab, FLOW).values()) == {"first run"}


def test_planning_runs_nothing(lab: Any) -> None:
    lab.plan(FLOW)
    assert lab.calls == {}


def test_after_a_run_everything_is_cached_in_memory(lab: Any) -> None:
    lab.go(FLOW)
    assert set(actions(lab, FLOW).values()) == {"cached"}
    assert set(reasons(lab, FLOW).values()) == {"its result is in memory"}


def test_a_changed_input_is_named_and_its_followers_point_to_it(lab: Any) -> None:
    lab.go(FLOW)
    assert reasons(lab, changed("6", value=5)) == {
        "4": "its result is in memory",
        "6": "input `value` changed",
        "3": "upstream node 6 (Number) changed",
        "9": "upstream node 6 (Number) changed",
    }


def test_several_changed_inputs_are_named_together(lab: Any) -> None:
    lab.go(FLOW)
    steps = changed("3", thing=["7", 0], amount=8)
    steps["7"] = {"class_type": "Load", "inputs": {"name": "other"}}
    assert reasons(lab, steps)["3"] == "inputs `amount`, `thing` changed"
    assert reasons(lab, steps)["7"] == "first run"


def test_another_node_in_a_steps_place_is_named(lab: Any) -> None:
    lab.go(FLOW)
    steps = {**FLOW, "6": {"class_type": "Scale", "inputs": {"value": 1}}}
    assert reasons(lab, steps)["6"] == "the node changed from Number to Scale"


def test_a_new_version_of_a_node_is_named(lab: Any) -> None:
    def made(version: int) -> Any:
        @node("Versioned", category="test", terminal=True, version=version)
        def versioned(value: int = 0) -> int:
            """A node that changes."""
            return value

        return versioned

    lab.add(made(1))
    steps = {"1": {"class_type": "Versioned", "inputs": {"value": 1}}}
    lab.go(steps)
    lab.registry = type(lab.registry)([made(2).node])
    assert reasons(lab, steps) == {"1": "version of the node changed from 1 to 2"}


def test_a_lost_output_file_makes_its_step_run_and_no_other(lab: Any) -> None:
    lab.go(FLOW)
    (lab.folder / "picture.txt").unlink()
    assert reasons(lab, FLOW)["9"] == "its output file is gone"
    assert actions(lab, FLOW) == {"4": "cached", "6": "cached", "3": "cached", "9": "run"}
    assert lab.go(FLOW).executed == ("9",)
    assert (lab.folder / "picture.txt").exists()
    assert lab.go(FLOW).executed == ()


def test_an_overwritten_output_file_counts_as_gone(lab: Any) -> None:
    lab.go(FLOW)
    (lab.folder / "picture.txt").write_text("something longer")
    assert actions(lab, FLOW)["9"] == "run"


def test_what_left_the_cache_is_called_evicted(lab: Any) -> None:
    lab.go(FLOW)
    lab.cache.clear_memory()
    assert set(reasons(lab, FLOW).values()) == {"evicted from the cache"}


def test_after_a_restart_a_cached_workflow_loads_no_model(lab: Any) -> None:
    lab.with_disk()
    lab.go(FLOW)
    lab.with_disk()
    assert actions(lab, FLOW) == {"4": "not needed", "6": "not needed", "3": "not needed", "9": "cached"}
    outcome = lab.go(FLOW)
    assert (outcome.executed, lab.calls) == ((), {})
    assert outcome.outputs["9"].ui == {"files": ["picture.txt"]}


def test_after_a_restart_only_what_the_change_needs_runs(lab: Any) -> None:
    lab.with_disk()
    lab.go(FLOW)
    lab.with_disk()
    assert actions(lab, changed("9", name="copy")) == {"4": "not needed", "6": "not needed", "3": "cached", "9": "run"}
    assert lab.go(changed("9", name="copy")).executed == ("9",)


def test_after_a_restart_the_reasons_are_still_known(lab: Any) -> None:
    lab.with_disk()
    lab.go(FLOW)
    lab.with_disk()
    why = reasons(lab, changed("6", value=4))
    assert why["6"] == "input `value` changed"
    assert why["4"] == "evicted from the cache"
    assert why["9"] == "upstream node 6 (Number) changed"


def test_targets_choose_what_is_planned(lab: Any) -> None:
    assert [entry.node for entry in lab.plan(FLOW, targets=["6"]).entries] == ["6"]


def test_outside_state_joins_the_key(lab: Any) -> None:
    def digest(inputs: Mapping[str, object], services: Mapping[type, object]) -> str:
        folder = services[Path]
        assert isinstance(folder, Path)
        return (folder / str(inputs["name"])).read_text()

    @node("Read", category="test", fingerprint=digest)
    def read(name: str, extra: int | None = None) -> str:
        """Read a file."""
        lab.note("Read")
        return (lab.folder / name).read_text()

    lab.add(read)
    steps = {
        "1": {"class_type": "Read", "inputs": {"name": "a.txt"}},
        "2": {"class_type": "Show", "inputs": {"value": ["1", 0]}},
    }
    services = {Path: lab.folder}
    (lab.folder / "a.txt").write_text("one")
    lab.go(steps, services=services)
    assert lab.go(steps, services=services).executed == ()
    (lab.folder / "a.txt").write_text("two")
    assert reasons(lab, steps, services=services) == {
        "1": "outside state changed",
        "2": "upstream node 1 (Read) changed",
    }
    assert lab.go(steps, services=services).outputs["2"].ui == {"text": ["two"]}


@pytest.mark.parametrize("state", [None, float("nan"), RuntimeError("no file")])
def test_a_node_without_an_end_to_its_changes_runs_every_time(lab: Any, state: object) -> None:
    def never_the_same(inputs: Mapping[str, object], services: Mapping[type, object]) -> object:
        if isinstance(state, Exception):
            raise state
        return state

    @node("Clock", category="test", fingerprint=never_the_same)
    def clock(value: int = 0) -> int:
        """Tell the time."""
        lab.note("Clock")
        return value

    lab.add(clock)
    steps = {
        "1": {"class_type": "Clock", "inputs": {"value": 1}},
        "2": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": 1}},
        "3": {"class_type": "Show", "inputs": {"value": ["2", 0]}},
    }
    lab.go(steps)
    kept = lab.cache.memory_used
    assert reasons(lab, steps) == {
        "1": "not cacheable",
        "2": "upstream node 1 (Clock) is not cacheable",
        "3": "upstream node 1 (Clock) is not cacheable",
    }
    assert lab.go(steps).executed == ("1", "2", "3")
    assert lab.cache.memory_used == kept == 0


def test_a_fingerprint_gets_literals_as_the_node_will_see_them_and_none_for_links(lab: Any) -> None:
    seen: list[Mapping[str, object]] = []

    def look(inputs: Mapping[str, object], services: Mapping[type, object]) -> str:
        seen.append(dict(inputs))
        return ""

    @node("Looking", category="test", fingerprint=look, terminal=True)
    def looking(value: int, number: int, name: str = "") -> None:
        """Look."""

    lab.add(looking)
    steps = {"1": FLOW["6"], "2": {"class_type": "Looking", "inputs": {"value": ["1", 0], "number": "5", "name": "x"}}}
    lab.plan(steps)
    assert seen == [{"value": None, "number": 5, "name": "x"}]


def test_steps_that_must_not_share_results_run_each(lab: Any) -> None:
    @node("Own", category="test", keyed_by_step=True)
    def own(value: int = 0) -> int:
        """A node with a state per step."""
        lab.note("Own")
        return value

    lab.add(own)
    steps = {name: {"class_type": "Own", "inputs": {"value": 1}} for name in "ab"}
    assert lab.go(steps, targets=["a", "b"]).executed == ("a", "b")
    assert lab.go(steps, targets=["a", "b"]).executed == ()


def test_waves_group_what_could_run_side_by_side(lab: Any) -> None:
    assert lab.plan(FLOW).waves() == (("4", "6"), ("3",), ("9",))
    lab.go(FLOW)
    assert lab.plan(FLOW).waves() == ()


def test_lazy_links_are_no_edges_of_what_will_run(lab: Any) -> None:
    @node("Maybe", category="test", lazy_needs=lambda **inputs: [], terminal=True)
    def maybe(value: Annotated[int, Lazy()], other: int) -> Shown:
        """Perhaps."""
        return Shown()

    lab.add(maybe)
    steps = {
        "1": FLOW["6"],
        "2": FLOW["6"],
        "3": {"class_type": "Maybe", "inputs": {"value": ["1", 0], "other": ["2", 0]}},
    }
    assert sorted(lab.plan(steps).graph().edges) == [("2", "3")]


@pytest.mark.parametrize(
    ("steps", "targets", "message"),
    [
        ({}, None, "nothing in this workflow shows or saves"),
        (FLOW, ["77"], "step 77 is wanted and does not exist"),
        ({"1": {"class_type": "Nothing"}}, ["1"], "names the node 'Nothing'"),
        ({"1": {"class_type": "Add", "inputs": {"left": ["5", 0]}}}, ["1"], "step 5, which does not exist"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_a_reason(
    lab: Any, steps: dict[str, Any], targets: list[str] | None, message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        plan(from_api(steps), lab.registry, lab.cache, {}, targets)


def test_a_ring_is_named_step_by_step(lab: Any) -> None:
    ring = {str(i): {"class_type": "Add", "inputs": {"left": [str((i + 1) % 3), 0], "right": 1}} for i in range(3)}
    with pytest.raises(CycleError) as error:
        plan(from_api(ring), lab.registry, lab.cache, {}, ["0"])
    assert error.value.path == ("0", "1", "2", "0")
