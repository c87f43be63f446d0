"""Nodes that return a graph: loops, graphs for each item, ids that are the same in every run, progress where drawn."""

from typing import Any

import pytest

from graph.events import NodeFinished, NodeStarted, Progress
from graph.handle import current_run
from graph.results import Blocker
from packs.convention.graph_builder import GraphBuilder, add_graph_prefix, is_link
from tests.packs.convention.conftest import Bench, Source, step, toy

X: dict[str, Any] = {"required": {"x": ("INT",)}}
calls: list[int] = []


def add_one(self: object, x: int) -> tuple[int]:
    calls.append(x)
    run = current_run.get()
    assert run is not None
    run.progress(1, 2)
    return (x + 1,)


def grow(self: object, x: int) -> Any:
    graph = GraphBuilder()
    node = graph.node("AddOne", x=x)
    node = graph.node("AddOne", "second", x=node.out(0))
    return {"expand": graph.finalize(), "result": (node.out(0), "plain", Blocker(None))}


def count(self: object, x: int) -> Any:
    """Down to nothing, by a graph that has itself in it."""
    if x <= 0:
        return (100,)
    graph = GraphBuilder()
    less = graph.node("AddOne", x=x - 2)
    again = graph.node("Count", x=less.out(0))
    return {"expand": graph.finalize(), "result": (again.out(0),)}


@pytest.fixture(autouse=True)
def toys(bench: Bench) -> None:
    calls.clear()
    bench.add(
        AddOne=toy(X, add_one),
        Grow=toy(X, grow, ("INT", "STRING", "INT")),
        Count=toy(X, count),
    )


def test_a_graph_runs_in_the_place_of_its_node_once(bench: Bench) -> None:
    steps = {"1": step("Source", value=4), "2": step("Grow", x=["1", 0]), "3": step("Show", value=["2", 0])}
    outcome = bench.go(steps)
    assert outcome.outputs["3"].ui == {"text": ["6"]}
    assert calls == [4, 5]
    assert bench.go(steps).executed == ()
    assert calls == [4, 5]


def test_values_and_blockers_stand_beside_links(bench: Bench) -> None:
    results = bench.go({"2": step("Grow", x=1)}, ["2"]).results["2"]
    assert results[:2] == (3, "plain")
    assert isinstance(results[2], Blocker)


def test_expanded_nodes_report_under_the_node_that_was_drawn(bench: Bench) -> None:
    bench.go({"2": step("Grow", x=1)}, ["2"])
    progress = bench.said(Progress)
    assert len(progress) == 2
    assert {each.display for each in progress} == {"2"}
    started = bench.said(NodeStarted)
    assert [(each.parent, each.display) for each in started] == [(None, "2"), ("2", "2"), ("2", "2")]
    assert len({each.node for each in started}) == 3


def test_ids_are_the_same_in_every_run_and_results_inside_are_kept(bench: Bench) -> None:
    first = bench.go({"2": step("Grow", x=1)}, ["2"])
    again = Bench()
    again.registry = bench.registry
    assert again.go({"2": step("Grow", x=1)}, ["2"]).executed == first.executed
    assert calls == [1, 2, 1, 2]
    # in the same process, the expansion of another node of the same inputs finds all that was done
    assert bench.go({"7": step("Grow", x=1)}, ["7"]).executed == ()


def test_a_loop_is_a_node_that_expands_into_itself(bench: Bench) -> None:
    assert bench.value({"1": step("Count", x=30)}, "1") == 100
    assert len(bench.said(NodeFinished)) > 60
    assert bench.go({"1": step("Count", x=30)}, ["1"]).executed == ()
    assert {each.display for each in bench.said(NodeStarted)} <= {"1"}


def test_each_item_of_a_list_may_expand_or_not(bench: Bench) -> None:
    steps = {"1": step("Numbers", count=4), "2": step("Count", x=["1", 0])}
    assert bench.value(steps, "2") == [100] * 4
    bench.add(Some=toy(X, lambda self, x: grow_one(x) if x % 2 else (x,)))
    steps["2"] = step("Some", x=["1", 0])
    assert bench.value(steps, "2") == [0, 2, 2, 4]
    assert bench.go(steps, ["2"]).executed == ()


def grow_one(x: int) -> Any:
    graph = GraphBuilder()
    return {"expand": graph.finalize() | {"a": step("AddOne", x=x)}, "result": (["a", 0],)}


def test_links_of_a_graph_may_lead_to_what_was_drawn(bench: Bench) -> None:
    inputs = {"required": {"x": ("INT", {"rawLink": True})}}

    def work(self: object, x: list[Any]) -> Any:
        assert is_link(x)
        graph = GraphBuilder()
        return {"result": (graph.node("AddOne", x=x).out(0),), "expand": graph.finalize()}

    bench.add(Raw=toy(inputs, work))
    assert bench.value({"1": step("Source", value=4), "2": step("Raw", x=["1", 0])}, "2") == 5
    assert Source.calls == 1


def test_a_graph_may_hold_values_of_any_kind(bench: Bench) -> None:
    class Thing:
        pass

    bench.add(
        Is=toy({"required": {"x": ("THING",)}}, lambda self, x: (type(x).__name__,), ("STRING",)),
        Make=toy({"required": {}}, lambda self: {"expand": {"a": step("Is", x=Thing())}, "result": (["a", 0],)}),
    )
    assert bench.value({"1": step("Make")}, "1") == "Thing"


def test_what_nodes_inside_show_is_shown_again_from_the_cache(bench: Bench) -> None:
    def work(self: object, x: int) -> Any:
        graph = GraphBuilder()
        graph.node("Show", value=x)
        return {"ui": {"own": [x]}, "expand": graph.finalize(), "result": (x,)}

    bench.add(Shows=toy(X, work, OUTPUT_NODE=True))
    steps = {"1": step("Shows", x=5), "2": step("Show", value=["1", 0])}
    first = bench.go(steps)
    shown = {each.display: dict(each.ui) for each in first.outputs.values() if each.display == "1"}
    assert shown
    second = bench.go(steps)
    assert second.executed == ()
    assert second.outputs["1"].ui == {"own": [5], "text": ["5"]}


def test_a_ring_made_by_expansion_is_an_error_at_its_node(bench: Bench) -> None:
    bench.add(
        Ring=toy({"hidden": {"me": "UNIQUE_ID"}}, lambda self, me: {
            "expand": {"a": step("AddOne", x=["b", 0]), "b": step("AddOne", x=["a", 0])}, "result": (["b", 0],)})
    )  # fmt: skip
    error = bench.go({"4": step("Ring")}, ["4"]).error
    assert error is not None
    assert (error.node, error.exception_type) == ("4", "CycleError")
    own = bench.add(Own=toy({"hidden": {"me": "UNIQUE_ID"}}, lambda self, me: {
        "expand": {"a": step("AddOne", x=[me, 0])}, "result": (["a", 0],)}))  # fmt: skip
    assert own.keyed_by_step
    error = bench.go({"5": step("Own")}, ["5"]).error
    assert error is not None
    assert (error.node, error.exception_type) == ("5", "CycleError")


def test_an_unknown_node_in_a_graph_is_an_error_at_the_node_that_returned_it(bench: Bench) -> None:
    bench.add(Bad=toy(X, lambda self, x: {"expand": {"a": step("Gone")}, "result": (["a", 0],)}))
    error = bench.go({"4": step("Bad", x=1)}, ["4"]).error
    assert error is not None
    assert error.node == "4"
    assert "Gone" in error.message


def test_the_growing_graph_knows_what_came_by_expansion(bench: Bench) -> None:
    seen: list[Any] = []

    def look(self: object, x: int, graph: Any, id: str) -> tuple[int]:
        seen.append((id, graph.get_parent_node_id(id), graph.get_real_node_id(id), id in graph.all_node_ids()))
        assert graph.get_node(id)["inputs"] == {"x": x}
        return (x,)

    def nest(self: object, x: int) -> Any:
        graph = GraphBuilder()
        node = graph.node("Look" if x == 0 else "Nest", "inner", x=x - 1 if x else 0)
        node.set_override_display_id("1")
        return {"expand": graph.finalize(), "result": (node.out(0),)}

    inputs = X | {"hidden": {"graph": "DYNPROMPT", "id": "UNIQUE_ID"}}
    bench.add(Look=toy(inputs, look), Nest=toy(X, nest))
    drawn = {"1": step("Source"), "2": step("Nest", x=1)}
    assert bench.value(drawn, "2") == 0
    [(inner, parent, real, known)] = seen
    assert (real, known) == ("2", True)
    assert parent not in (None, "2")
    assert inner.startswith("2.")
    assert {each.display for each in bench.said(NodeStarted) if each.node == inner} == {"1"}


def test_a_while_loop_in_the_way_packs_write_it(bench: Bench) -> None:
    """Open and close: the closing node copies what lies between, itself included, into a graph, again and again."""

    def close(self: object, go_on: bool, flow: list[Any], value: int, graph: Any, id: str) -> Any:
        if not go_on:
            return (value,)
        builder = GraphBuilder()
        inside = _between(graph, id, flow[0])
        for name in inside:
            old = graph.get_node(name)
            node = builder.node(old["class_type"], "Again" if name == id else name)
            node.set_override_display_id(name)
        for name in inside:
            old = graph.get_node(name)
            node = builder.lookup_node("Again" if name == id else name)
            assert node is not None
            for key, given in old["inputs"].items():
                linked = is_link(given) and given[0] in inside
                target = builder.lookup_node("Again" if linked and given[0] == id else given[0]) if linked else None
                node.set_input(key, target.out(given[1]) if target is not None else given)
        opened = builder.lookup_node(flow[0])
        assert opened is not None
        opened.set_input("value", value)
        again = builder.lookup_node("Again")
        assert again is not None
        return {"result": (again.out(0),), "expand": builder.finalize()}

    bench.add(
        Open=toy({"required": {"value": ("INT",)}}, lambda self, value: (("flow",), value), ("FLOW_CONTROL", "INT")),
        Less=toy({"required": {"x": ("INT",)}}, lambda self, x: (x < 10,), ("BOOLEAN",)),
        Close=toy(
            {
                "required": {
                    "flow": ("FLOW_CONTROL", {"rawLink": True}),
                    "go_on": ("BOOLEAN", {"forceInput": True}),
                    "value": ("INT",),
                },
                "hidden": {"graph": "DYNPROMPT", "id": "UNIQUE_ID"},
            },
            close,
        ),
    )
    steps = {
        "1": step("Open", value=3),
        "2": step("AddOne", x=["1", 1]),
        "3": step("Less", x=["2", 0]),
        "4": step("Close", flow=["1", 0], go_on=["3", 0], value=["2", 0]),
    }
    assert bench.value(steps, "4") == 10
    assert calls == [3, 4, 5, 6, 7, 8, 9]
    assert bench.go(steps, ["4"]).executed == ()


def _between(graph: Any, end: str, start: str) -> list[str]:
    """The nodes that lie on a way from one to the other, both of them included."""
    inside = {start, end}
    found = True
    while found:
        found = False
        for name in graph.all_node_ids() - inside:
            links = [each[0] for each in graph.get_node(name)["inputs"].values() if is_link(each)]
            used = any(
                is_link(each) and each[0] == name for one in inside for each in graph.get_node(one)["inputs"].values()
            )
            if used and any(each in inside for each in links):
                inside.add(name)
                found = True
    return sorted(inside)


def test_a_builder_makes_ids_of_its_own_and_finds_its_nodes() -> None:
    graph, other = GraphBuilder("p."), GraphBuilder("q.")
    first, named = graph.node("A", x=1, none=None), graph.node("B", "name", y=2)
    assert (first.id, named.id, other.node("A").id) == ("p.1", "p.name", "q.1")
    assert graph.lookup_node("name") is named
    assert graph.lookup_node("gone") is None
    named.set_input("y", first.out(0))
    named.set_input("z", None)
    assert named.get_input("y") == ["p.1", 0]
    first.set_input("x", None)
    assert graph.finalize() == {
        "p.1": {"class_type": "A", "inputs": {}},
        "p.name": {"class_type": "B", "inputs": {"y": ["p.1", 0]}},
    }
    graph.replace_node_output("1", 0, 7)
    assert named.inputs == {"y": 7}
    graph.remove_node("1")
    assert list(graph.finalize()) == ["p.name"]


def test_a_prefix_is_put_before_all_ids_of_a_graph() -> None:
    graph = {"a": step("A", x=["b", 0], y=["9", 0]), "b": step("B")}
    nodes, outputs = add_graph_prefix(graph, [["a", 1], ["9", 0], 5], "p.")  # type: ignore[arg-type]
    assert nodes == {"p.a": step("A", x=["p.b", 0], y=["9", 0]), "p.b": step("B")}
    assert outputs == (["p.a", 1], ["9", 0], 5)


@pytest.mark.parametrize(
    ("value", "link"),
    [(["1", 0], True), (["1", 1.0], True), (("1", 0), False), (["1"], False), ([1, 0], False), (["1", True], False)],
)
def test_a_link_is_a_list_of_an_id_and_a_position(value: object, link: bool) -> None:
    assert is_link(value) is link
