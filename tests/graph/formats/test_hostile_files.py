"""A file that means harm, or is broken, is refused with its node and field; what is large takes time in proportion."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import WorkflowError
from graph.formats.api_form import to_editor
from graph.formats.editor_json import chooser, is_editor_format, to_api
from graph.formats.kinds import NodeTable
from graph.formats.sources import MOST_NODES
from graph.formats.words import FormatError
from graph.steps import from_api
from tests.graph.formats.test_corpus import CORPUS, NAMES, read

TABLE = NodeTable.from_object_info(read("object_info"))


def node(id: object, type: str = "Counter", **more: Any) -> dict[str, Any]:
    return {"id": id, "type": type, **more}


def passing(id: int, link: int, type: str = "Reroute", **more: Any) -> dict[str, Any]:
    return node(id, type, inputs=[{"name": "samples", "type": "LATENT", "link": link}], outputs=[{"type": "*"}], **more)


def holding(id: str, *inner: str) -> dict[str, Any]:
    nodes = [node(at, each) for at, each in enumerate(inner, 1)]
    return {"id": id, "name": id.upper(), "inputs": [], "outputs": [], "nodes": nodes, "links": []}


@pytest.mark.parametrize(
    ("nodes", "links", "words", "id", "field"),
    [
        ("many", [], "list of nodes", None, "nodes"),
        ([3], [], "nodes is a list of objects, found a number (at nodes.0)", None, "nodes"),
        ([node(7, type=None)], [], "node 7: type is the name of a kind of node", "7", "type"),  # type: ignore[arg-type]
        ([node([])], [], "the id of a node is a number or text, found a list", None, "id"),
        ([node(1.5)], [], "the id of a node", None, "id"),
        ([node(True)], [], "the id of a node", None, "id"),
        ([node(4, widgets_values="x")], [], "node 4: widgets_values is a list or an object", "4", "widgets_values"),
        ([node(4, mode="on")], [], "node 4: mode is a number", "4", "mode"),
        ([node(4, inputs={})], [], "node 4: inputs is a list of objects", "4", "inputs"),
        ([node(4, inputs=[{"name": 1}])], [], "node 4: the name of an input is text", "4", "name"),
        ([node(4, inputs=[{"name": "a", "link": "x"}])], [], "node 4: an input names its link", "4", "link"),
        ([node(4)], "none", "links is a list, found text", None, "links"),
        ([node(4)], [5], "a link is a list or an object", None, "links"),
        ([node(4)], [[1, 2]], "a link says id, node, slot, node, slot", None, "links"),
        ([node(4)], [[1, {}, 0, 4, 0]], "the id of a node is a number or text, found an object", None, "id"),
    ],
)
def test_what_is_of_the_wrong_type_is_named_with_node_and_field(
    nodes: Any, links: Any, words: str, id: str | None, field: str
) -> None:
    with pytest.raises(FormatError) as caught:
        to_api({"nodes": nodes, "links": links}, TABLE)
    assert words in str(caught.value)
    assert (caught.value.node, caught.value.field) == (id, field)


def test_links_in_a_ring_are_named() -> None:
    reroutes = [passing(1, 2), passing(2, 1), passing(3, 3, "LatentUpscaleBy")]
    links = [[1, 1, 0, 2, 0, "*"], [2, 2, 0, 1, 0, "*"], [3, 1, 0, 3, 0, "LATENT"]]
    with pytest.raises(FormatError, match=r"ring .*2 → 1 → 2; take one of these links away"):
        to_api({"nodes": reroutes, "links": links}, TABLE)
    bypassed = [passing(1, 2, "LatentUpscaleBy", mode=4), passing(2, 1, "LatentUpscaleBy", mode=4), reroutes[2]]
    with pytest.raises(FormatError, match="ring"):
        to_api({"nodes": bypassed, "links": links}, TABLE)


def test_a_chain_of_ten_thousand_reroutes_is_followed() -> None:
    nodes = [node(0, "EmptyLatentImage"), *(passing(at, at) for at in range(1, 10_001))]
    nodes += [passing(at, at, "LatentUpscaleBy") for at in range(10_001, 20_001)]
    links = [[at, min(at - 1, 10_000), 0, at, 0, "LATENT"] for at in range(1, 20_001)]
    made: Any = to_api({"nodes": nodes, "links": links}, TABLE)
    assert made["20000"]["inputs"]["samples"] == ["0", 0]
    assert len(made) == 10_001


def test_a_subgraph_that_holds_itself_is_named() -> None:
    for subgraphs in ([holding("a", "a")], [holding("a", "b"), holding("b", "a")]):
        data = {"nodes": [node(1, "a")], "links": [], "definitions": {"subgraphs": subgraphs}}
        with pytest.raises(FormatError, match="cannot hold itself: 'A' in"):
            to_api(data, TABLE)
    group = {"nodes": [{"type": "workflow>g"}], "links": []}
    with pytest.raises(FormatError, match="cannot hold itself: 'g' in 'g'"):
        to_api({"nodes": [node(1, "workflow>g")], "extra": {"groupNodes": {"g": group}}}, TABLE)


def test_subgraphs_that_lie_too_deep_or_multiply_are_refused() -> None:
    deep = [holding(f"s{at}", f"s{at + 1}") for at in range(2000)]
    data: dict[str, Any] = {"nodes": [node(1, "s0")], "definitions": {"subgraphs": deep}}
    with pytest.raises(FormatError, match="32 levels deep"):
        to_api(data, TABLE)
    for last in ("Counter", "Note"):
        bomb = [holding(f"s{at}", *[f"s{at + 1}" if at < 8 else last] * 10) for at in range(9)]
        with pytest.raises(FormatError, match=r"more than [12]00,000"):
            to_api({**data, "definitions": {"subgraphs": bomb}}, TABLE)
    assert MOST_NODES == 200_000


def test_two_nodes_of_one_execution_id_are_refused() -> None:
    data = {"nodes": [node(2, "a"), node("2:1")], "definitions": {"subgraphs": [holding("a", "Counter")]}}
    with pytest.raises(FormatError, match="under the id 2:1"):
        to_api(data, TABLE)


def test_ten_thousand_nodes_go_both_ways() -> None:
    made: dict[str, Any] = {
        "0": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}
    }
    for at in range(1, 10_000):
        made[str(at)] = {"class_type": "LatentUpscaleBy", "inputs": {"scale_by": 1.0, "samples": [str(at - 1), 0]}}
    again: Any = to_api(to_editor(from_api(made), TABLE), TABLE)
    assert len(again) == 10_000
    assert again["9999"]["inputs"] == made["9999"]["inputs"]


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(WorkflowError, match="nested deeper"):
        to_api({"nodes": [node(1, widgets_values=deep)]}, TABLE)


def test_ids_that_stand_twice_are_told() -> None:
    told: list[Any] = []
    made = to_api({"nodes": [node(3, widgets_values=[1]), node(3, widgets_values=[2])]}, TABLE, hear=told.append)
    assert list(made) == ["3", "4"]
    assert [each.code for each in told] == ["duplicate_id"]


def test_a_file_chooses_the_same_options_each_time_unless_another_seed_is_given() -> None:
    text = " ".join(["{a|b|c}"] * 40)
    data = {"nodes": [node(1, "CLIPTextEncode", widgets_values=[text])], "links": []}
    first, again = to_api(data, TABLE), to_api(json.loads(json.dumps(data)), TABLE)
    assert first == again
    assert to_api(data, TABLE, random=chooser(data, 1)) != first


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, below in inner for each in places(below, (*path, key)))]


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_junk_anywhere_in_a_file_is_read_or_refused_never_a_crash(data: st.DataObject) -> None:
    made = read(data.draw(st.sampled_from(NAMES)))
    *path, last = data.draw(st.sampled_from(places(made)[1:]))
    target = made
    for key in path:
        target = target[key]
    target[last] = data.draw(JUNK)
    try:
        steps = to_api(made, TABLE)
    except WorkflowError:
        return
    from_api(steps)
    json.dumps(steps)


@given(JUNK)
@settings(max_examples=100, deadline=None)
def test_junk_in_descriptions_of_nodes_is_no_crash(junk: Any) -> None:
    info = read("object_info")
    for kind in ("KSampler", "Choices"):
        for section in info[kind]["input"].values():
            for name in list(section)[::2]:
                section[name] = junk
        info[kind]["output"] = junk
    info["Counter"] = junk
    table = NodeTable.from_object_info(info)
    for name in ("01_old_file", "06_seed_by_name"):
        to_api(read(name), table)


def test_the_api_form_is_not_taken_for_an_editors_file() -> None:
    assert all(not is_editor_format(read(path.stem)) for path in CORPUS.glob("*.api.json"))
    assert not is_editor_format([])
