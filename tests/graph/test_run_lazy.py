"""The laws of laziness: what a node does not ask for is not computed."""

from collections.abc import Iterable
from typing import Annotated, Any

from graph.spec import Lazy, RawLink, node


def equip(lab: Any) -> None:
    def branch(condition: bool, yes: int | None, no: int | None) -> list[str]:
        return ["yes"] if condition else ["no"]

    @node("If", category="test", lazy_needs=branch)
    def choose(condition: bool, yes: Annotated[int, Lazy()], no: Annotated[int, Lazy()]) -> int:
        """One of two values."""
        lab.note("If")
        return yes if condition else no

    def next_missing(**inputs: Any) -> Iterable[str]:
        for name in ("a", "b", "c"):
            if inputs[name] is None:
                yield name
                return
            if inputs[name] > 10:
                return

    @node("FirstBig", category="test", lazy_needs=next_missing)
    def first_big(a: Annotated[int, Lazy()], b: Annotated[int, Lazy()], c: Annotated[int, Lazy()]) -> int:
        """The first number above ten."""
        return next(value for value in (a, b, c) if value is not None and value > 10)

    lab.add(choose)
    lab.add(first_big)


def fork(condition: bool) -> dict[str, Any]:
    return {
        "yes": {"class_type": "Number", "inputs": {"value": 1}},
        "no": {"class_type": "Number", "inputs": {"value": 2}},
        "if": {"class_type": "If", "inputs": {"condition": condition, "yes": ["yes", 0], "no": ["no", 0]}},
        "end": {"class_type": "Show", "inputs": {"value": ["if", 0]}},
    }


def test_only_the_branch_that_is_asked_for_runs(lab: Any) -> None:
    equip(lab)
    assert lab.go(fork(True)).executed == ("yes", "if", "end")
    assert lab.go(fork(False)).executed == ("no", "if", "end")


def test_the_plan_leaves_lazy_branches_out(lab: Any) -> None:
    equip(lab)
    actions = {entry.node: entry.action for entry in lab.plan(fork(True)).entries}
    assert actions == {"yes": "not needed", "no": "not needed", "if": "run", "end": "run"}


def test_a_node_is_asked_again_until_it_wants_nothing_new(lab: Any) -> None:
    equip(lab)
    steps: dict[str, Any] = {
        name: {"class_type": "Number", "inputs": {"value": value}} for name, value in (("x", 1), ("y", 20), ("z", 30))
    }
    steps["pick"] = {"class_type": "FirstBig", "inputs": {"a": ["x", 0], "b": ["y", 0], "c": ["z", 0]}}
    outcome = lab.go(steps, targets=["pick"])
    assert outcome.results == {"pick": (20,)}
    assert outcome.executed == ("x", "y", "pick")


def test_an_unchanged_lazy_workflow_runs_nothing_again(lab: Any) -> None:
    equip(lab)
    lab.go(fork(True))
    assert lab.go(fork(True)).executed == ()


def test_a_lazy_literal_is_there_at_once(lab: Any) -> None:
    equip(lab)
    steps = {"if": {"class_type": "If", "inputs": {"condition": True, "yes": 5, "no": 6}}}
    assert lab.go(steps, targets=["if"]).results == {"if": (5,)}


def test_a_lazy_value_from_the_disk_is_fetched_when_asked_for(lab: Any) -> None:
    equip(lab)
    lab.with_disk()
    lab.go(fork(True))
    lab.with_disk()
    changed = fork(True)
    changed["if"]["inputs"]["no"] = 7
    assert lab.go(changed).executed == ("if", "end")


def test_an_error_while_asking_is_the_nodes_error(lab: Any) -> None:
    def broken(**inputs: Any) -> list[str]:
        raise RuntimeError("cannot say")

    @node("Unsure", category="test", lazy_needs=broken, terminal=True)
    def unsure(value: Annotated[int, Lazy()]) -> None:
        """Never runs."""

    lab.add(unsure)
    steps = {**fork(True), "end": {"class_type": "Unsure", "inputs": {"value": ["no", 0]}}}
    equip(lab)
    assert lab.go(steps).error.message == "cannot say"


def test_an_asynchronous_answer_is_waited_for(lab: Any) -> None:
    async def later(**inputs: Any) -> list[str]:
        return ["value"]

    @node("Later", category="test", lazy_needs=later)
    def take(value: Annotated[int, Lazy()]) -> int:
        """Hand on."""
        return value

    lab.add(take)
    steps = {
        "1": {"class_type": "Number", "inputs": {"value": 4}},
        "2": {"class_type": "Later", "inputs": {"value": ["1", 0]}},
    }
    assert lab.go(steps, targets=["2"]).results == {"2": (4,)}


def test_a_raw_link_is_handed_over_without_computing_what_is_behind_it(lab: Any) -> None:
    @node("Where", category="test")
    def where(value: Annotated[int, RawLink()]) -> str:
        """Tell the link."""
        return repr(value)

    lab.add(where)
    steps = {
        "1": {"class_type": "Number", "inputs": {"value": 4}},
        "2": {"class_type": "Where", "inputs": {"value": ["1", 0]}},
    }
    outcome = lab.go(steps, targets=["2"])
    assert outcome.results == {"2": ("['1', 0]",)}
    assert outcome.executed == ("2",)
