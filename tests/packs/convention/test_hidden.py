"""Hidden inputs are filled in by the host."""

from typing import Any

from tests.packs.convention.conftest import Bench, step, toy

EVERY: dict[str, Any] = {
    "required": {"x": ("INT",)},
    "hidden": {
        "prompt": "PROMPT",
        "id": "UNIQUE_ID",
        "png": ("EXTRA_PNGINFO",),
        "graph": "DYNPROMPT",
        "token": "AUTH_TOKEN_COMFY_ORG",
        "key": "API_KEY_COMFY_ORG",
    },
}


def steps() -> dict[str, object]:
    return {"1": step("Source", value=4), "2": step("Every", x=["1", 0]) | {"_meta": {"title": "all of them"}}}


def work(self: object, **given: object) -> tuple[dict[str, object]]:
    return (given,)


def test_hidden_values_are_given_by_name(bench: Bench) -> None:
    bench.add(Every=toy(EVERY, work, ("*",)))
    drawn = steps()
    given: Any = bench.value(drawn, "2", extra={"workflow": {"nodes": []}})
    assert given["prompt"] == drawn
    assert (given["id"], given["png"]) == ("2", {"workflow": {"nodes": []}})
    assert (given["token"], given["key"]) == (None, None)


def test_what_came_along_is_one_object_for_all_nodes_of_a_run_and_none_where_nothing_did(bench: Bench) -> None:
    inputs = {"required": {"x": ("*",)}, "hidden": {"png": "EXTRA_PNGINFO"}}
    bench.add(Every=toy(inputs, lambda self, x, png: (png,), ("*",)))
    extra = {"workflow": {"nodes": []}}
    drawn = {"1": step("Every", x=1), "2": step("Every", x=["1", 0])}
    outcome = bench.go(drawn, ["1", "2"], extra=extra)
    assert outcome.results["1"][0] is extra
    assert outcome.results["2"][0] is extra
    assert Bench.value(bench, {"9": step("Every", x=9)}, "9") is None


def test_the_growing_graph_answers_for_its_nodes(bench: Bench) -> None:
    bench.add(Every=toy(EVERY, lambda self, graph, **given: (graph,), ("*",)))
    graph: Any = bench.value(steps(), "2")
    assert graph.get_node("1") == {"class_type": "Source", "inputs": {"value": 4}}
    assert graph.get_node("2") == steps()["2"]
    assert (graph.has_node("2"), graph.has_node("3")) == (True, False)
    assert (graph.get_real_node_id("2"), graph.get_display_node_id("2")) == ("2", "2")
    assert graph.get_parent_node_id("2") is None
    assert graph.all_node_ids() == {"1", "2"}
    assert graph.get_original_prompt() == steps()


def test_changing_a_node_of_the_graph_that_was_handed_out_changes_no_run(bench: Bench) -> None:
    def spoil(self: object, graph: Any, **given: object) -> tuple[int]:
        graph.get_node("1")["inputs"]["value"] = 99
        return (given["x"],)  # type: ignore[return-value]

    bench.add(Every=toy(EVERY, spoil, ("*",)))
    assert bench.value(steps(), "2") == 4


def test_a_hidden_value_of_a_kind_of_its_own_comes_from_the_workflow_or_not_at_all(bench: Bench) -> None:
    inputs = {"required": {}, "hidden": {"mine": "MY_STATE", "text": ("STRING", {"default": ""})}}
    bench.add(Every=toy(inputs, lambda self, mine="unset", text="unset": ((mine, text),), ("*",), OUTPUT_NODE=True))
    drawn = {"1": step("Every", mine={"a": 1}, text="b")}
    assert bench.check(drawn) == ()
    assert bench.value(drawn, "1") == ({"a": 1}, "b")
    assert bench.value({"1": step("Every")}, "1") == ("unset", "unset")


def test_hidden_names_are_told_to_the_editor(bench: Bench) -> None:
    node = bench.add(Every=toy(EVERY, work, ("*",)))
    assert {each.name: each.kind for each in node.hidden}["png"] == "EXTRA_PNGINFO"
