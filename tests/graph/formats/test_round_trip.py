"""What is written for an editor reads back as it was, for any workflow over known nodes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.formats.api_form import to_editor
from graph.formats.editor_json import is_editor_format, to_api
from graph.formats.kinds import NodeTable
from graph.formats.texts import as_plain, with_choices_made
from graph.formats.words import FormatError, Notice
from graph.plan import plan
from graph.steps import from_api
from nodes import registry
from tests.graph.formats.test_corpus import read

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "workflows").glob("*.json"))
TABLE = NodeTable.from_object_info(read("object_info"))

seeds = st.integers(0, 2**64 - 1)
prompts = st.text(st.sampled_from("ab {}|/*\\\n%(),:é🐸")).filter(
    lambda text: with_choices_made(as_plain(text), lambda: 0.9) == text
)
any_json = st.one_of(
    st.none(), st.booleans(), seeds, st.floats(-1e6, 1e6), st.text(max_size=5), st.just({"a": [1, {"b": None}]})
)
listed = st.lists(st.text(max_size=3), max_size=3).map(lambda value: {"__value__": value})


def step(class_type: str, /, **inputs: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"class_type": st.just(class_type), "inputs": st.fixed_dictionaries(inputs)})


steps = st.one_of(
    step("Counter", count=any_json),
    step("CLIPTextEncode", text=prompts),
    step(
        "Choices",
        kind=any_json,
        many=listed,
        noise_seed=seeds,
        on=st.booleans(),
        memo=st.text(max_size=5),
        late=st.floats(0, 1),
        unheard=st.one_of(any_json, listed),
    ),
    step("EmptyLatentImage", width=st.integers(), height=any_json, batch_size=any_json),
    step("Blend", label=st.text(max_size=4), note=st.text(max_size=4)),
)
SLOTS = {"Counter": 1, "CLIPTextEncode": 1, "Choices": 1, "EmptyLatentImage": 1, "Blend": 3}
TAKES = {
    "Counter": ["count"],
    "CLIPTextEncode": ["text", "clip"],
    "Choices": ["forced", "late", "noise_seed"],
    "EmptyLatentImage": ["width", "height"],
    "Blend": ["image1", "image2", "mask", "label", "extra_socket"],
}
ids = st.one_of(st.integers(0, 2**60).map(str), st.text(st.sampled_from("a1:-.é"), min_size=1, max_size=4))


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """Steps with any values, linked backwards and forwards as it comes."""
    names = draw(st.lists(ids, min_size=1, max_size=6, unique=True))
    made = {name: draw(steps) for name in names}
    for each in made.values():
        for name in draw(st.lists(st.sampled_from(TAKES[each["class_type"]]), unique=True, max_size=3)):
            source = draw(st.sampled_from(names))
            each["inputs"][name] = [source, draw(st.integers(0, SLOTS[made[source]["class_type"]] - 1))]
        if draw(st.booleans()):
            each["_meta"] = {"title": draw(st.text(min_size=1, max_size=5)), "more": draw(any_json)}
            each["other"] = draw(any_json)
    return made


def without_titles(made: dict[str, Any]) -> dict[str, Any]:
    """A title that equals what a node is called anyway is no title."""
    return {name: {**each, "_meta": None} for name, each in made.items()}


@given(workflows())
@settings(max_examples=200, deadline=None)
def test_what_is_written_for_an_editor_reads_back_as_it_was(made: dict[str, Any]) -> None:
    notices: list[Notice] = []
    written = to_editor(from_api(made), TABLE, hear=notices.append)
    again = to_api(json.loads(json.dumps(written)), TABLE, random=lambda: 0.9, hear=notices.append)
    assert not notices
    assert without_titles(again) == without_titles(made)
    for name, each in made.items():
        if "_meta" in each:
            assert again[name]["_meta"] == each["_meta"]  # type: ignore[index]


@given(workflows())
@settings(max_examples=50, deadline=None)
def test_nodes_do_not_overlap_and_links_stand_at_both_ends(made: dict[str, Any]) -> None:
    written: Any = to_editor(from_api(made), TABLE)
    boxes = [(*node["pos"], *node["size"]) for node in written["nodes"]]
    for at, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[:at]:
            apart_across = x + width <= other_x or other_x + other_width <= x
            assert apart_across or y + height <= other_y or other_y + other_height <= y
    nodes = {node["id"]: node for node in written["nodes"]}
    for number, source, slot, target, place, _ in written["links"]:
        assert number in nodes[source]["outputs"][slot]["links"]
        assert nodes[target]["inputs"][place]["link"] == number


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_workflow_keeps_its_steps_and_plan_keys(path: Path, tmp_path: Path) -> None:
    from cli.assembly import catalogues_of
    from storage import Digests, Folders

    folders = Folders(ROOT / "models", ROOT / "input", tmp_path, tmp_path, tmp_path)
    table = NodeTable.from_registry(registry(), catalogues_of(folders))
    made = json.loads(path.read_text(encoding="utf-8"))
    again = to_api(to_editor(from_api(made), table), table)
    assert again == made
    services = {Folders: folders, Digests: Digests.in_user_folder(tmp_path)}

    def keys(steps: object) -> dict[str, object]:
        from graph.cache import Cache

        planned = plan(from_api(steps), registry(), Cache(0, None, lambda value: 0), services)
        return {entry.node: entry.key for entry in planned.entries}

    assert keys(again) == keys(made)


def test_a_workflow_is_laid_out_from_left_to_right() -> None:
    made = read("01_old_file.api")
    places = {str(node["id"]): node["pos"][0] for node in to_editor(from_api(made), TABLE)["nodes"]}  # type: ignore[attr-defined]
    for name, each in made.items():
        for value in each["inputs"].values():
            if isinstance(value, list):
                assert places[value[0]] < places[name]


def test_what_an_editor_cannot_hold_is_refused_or_told() -> None:
    with pytest.raises(FormatError, match="no class_type"):
        to_editor(from_api({"1": {"inputs": {}}}), TABLE)
    with pytest.raises(FormatError, match="never runs"):
        to_editor(from_api({"1": {"class_type": "Reroute", "inputs": {}}}), TABLE)
    notices: list[Notice] = []
    made = {
        "1": {"class_type": "Nobody", "inputs": {"a": 1, "b": ["9", 0], "c": ["2", 1]}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "\\{a|b\\}"}},
    }
    written = to_editor(from_api(made), TABLE, hear=notices.append)
    assert is_editor_format(written)
    assert {each.code for each in notices} == {"unknown_node", "unknown_link", "text_altered"}
    again: Any = to_api(written, TABLE)
    assert again["1"]["inputs"] == {"a": 1, "c": ["2", 1]}
