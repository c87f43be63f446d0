"""Laws that hold for every workflow: tried on random ones."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.cache import Cache
from graph.check import check
from graph.plan import plan
from graph.registry import Registry
from graph.run import Outcome, run
from graph.spec import Lazy, node
from graph.steps import Link, from_api

COUNT = 12
LAX = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy


def wants(amount: int, left: object, right: object) -> list[str]:
    """The left value for an even amount, the right one otherwise."""
    return ["right"] if amount % 2 else ["left"]


@node("Sum", category="test")
def add(left: int, right: int, amount: int) -> int:
    """A sum."""
    return left + right + amount


@node("Pick", category="test", lazy_needs=wants)
def pick(left: Annotated[int, Lazy()], right: Annotated[int, Lazy()], amount: int) -> int:
    """One of two values."""
    return right if amount % 2 else left


@node("End", category="test", terminal=True)
def end(value: int) -> None:
    """An end."""


REGISTRY = Registry([add.node, pick.node, end.node])


@st.composite
def workflows(draw: st.DrawFn, kinds: tuple[str, ...] = ("Sum",)) -> dict[str, Any]:
    """Random graphs without rings; ids in random order, links from earlier steps to later ones."""
    names = draw(st.permutations([f"n{index}" for index in range(COUNT)]))
    steps: dict[str, Any] = {}
    for index, name in enumerate(names):
        inputs: dict[str, Any] = {"amount": draw(st.integers(0, 3))}
        for side in ("left", "right"):
            source = draw(st.integers(-1, index - 1))
            inputs[side] = draw(st.integers(0, 3)) if source < 0 else [names[source], 0]
        steps[name] = {"class_type": draw(st.sampled_from(kinds)), "inputs": inputs}
    for index, source in enumerate(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))):
        steps[f"end{index}"] = {"class_type": "End", "inputs": {"value": [source, 0]}}
    shuffled = draw(st.permutations(list(steps)))
    return {name: steps[name] for name in shuffled}


def go(steps: Mapping[str, Any], cache: Cache, targets: list[str] | None = None) -> Outcome:
    return run(plan(from_api(steps), REGISTRY, cache, {}, targets), cache)


def ancestors(steps: Mapping[str, Any], start: set[str]) -> set[str]:
    """What the steps need, by the plainest means."""
    found = set(start)
    drawn = from_api(steps).steps
    while True:
        more = {value.node for name in found for value in drawn[name].inputs.values() if isinstance(value, Link)}
        if more <= found:
            return found
        found |= more


def value_of(steps: Mapping[str, Any], name: str) -> int:
    """What a step comes to, computed without the engine."""
    inputs = steps[name]["inputs"]

    def given_to(side: str) -> int:
        value = inputs[side]
        return value_of(steps, value[0]) if isinstance(value, list) else value

    if steps[name]["class_type"] == "Pick":
        return given_to("right" if inputs["amount"] % 2 else "left")
    return given_to("left") + given_to("right") + inputs["amount"]


@given(workflows())
@LAX
def test_the_order_respects_every_link_and_holds_exactly_what_is_needed(steps: dict[str, Any]) -> None:
    assert check(from_api(steps), REGISTRY, {}) == ()
    order = [entry.node for entry in plan(from_api(steps), REGISTRY, Cache()).entries]
    for name in order:
        for value in from_api(steps).steps[name].inputs.values():
            if isinstance(value, Link):
                assert order.index(value.node) < order.index(name)
    assert set(order) == ancestors(steps, {name for name in steps if name.startswith("end")})


@given(workflows(("Sum", "Pick")))
@LAX
def test_every_workflow_comes_to_what_its_links_say(steps: dict[str, Any]) -> None:
    targets = [name for name in steps if not name.startswith("end")][:3]
    outcome = go(steps, Cache(10**6), targets)
    assert outcome.results == {name: (value_of(steps, name),) for name in targets}


@given(workflows(("Sum", "Pick")))
@LAX
def test_an_unchanged_second_run_executes_nothing(steps: dict[str, Any]) -> None:
    cache = Cache(10**6)
    assert go(steps, cache).status == "success"
    assert go(steps, cache).executed == ()


@given(workflows(), st.data())
@LAX
def test_a_changed_literal_runs_exactly_the_needed_steps_that_hang_on_it(
    steps: dict[str, Any], data: st.DataObject
) -> None:
    needed = ancestors(steps, {name for name in steps if name.startswith("end")})
    name = data.draw(st.sampled_from(sorted(each for each in needed if not each.startswith("end"))))
    cache = Cache(10**6)
    go(steps, cache)
    inputs = {**steps[name]["inputs"], "amount": 77}
    changed = {**steps, name: {**steps[name], "inputs": inputs}}
    hanging = {each for each in needed if name in ancestors(steps, {each})}
    outcome = go(changed, cache)
    assert set(outcome.executed) | twins(changed, hanging) == hanging
    assert set(outcome.executed) <= hanging


def twins(steps: Mapping[str, Any], among: set[str]) -> set[str]:
    """Steps that have the same key as another, of which one runs for both."""
    planned = plan(from_api(steps), REGISTRY, Cache())
    keys = [entry.key for entry in planned.entries]
    return {entry.node for entry in planned.entries if entry.node in among and keys.count(entry.key) > 1}


@given(workflows(("Sum", "Pick")))
@LAX
def test_without_any_cache_the_values_are_the_same(steps: dict[str, Any]) -> None:
    targets = [name for name in steps if not name.startswith("end")]
    assert go(steps, Cache(0), targets).results == go(steps, Cache(10**6), targets).results


@given(workflows(("Sum", "Pick")), st.integers(300, 2000))
@LAX
def test_a_small_cache_changes_no_value(steps: dict[str, Any], budget: int) -> None:
    targets = [name for name in steps if not name.startswith("end")]
    cache = Cache(budget)
    expected = {name: (value_of(steps, name),) for name in targets}
    for _ in range(2):
        assert go(steps, cache, targets).results == expected


@given(workflows(("Sum", "Pick")), st.integers(100, 10_000))
@LAX
def test_results_from_disk_are_the_same_whatever_was_kept(steps: dict[str, Any], budget: int) -> None:
    from graph.disk import DiskTier

    class Numbers:
        def pack(self, value: Any) -> bytes:
            return str(value).encode()

        def unpack(self, data: bytes) -> Any:
            return int(data)

    targets = [name for name in steps if not name.startswith("end")]
    expected = {name: (value_of(steps, name),) for name in targets}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            cache = Cache(0, DiskTier(Path(folder), budget, {"INT": Numbers()}))
            assert go(steps, cache, targets).results == expected
