"""Inputs are what INPUT_TYPES says, in all the forms in which packs say it; the editor is told just what they wrote."""

import json
import math
from enum import Enum
from pathlib import Path
from typing import Any

import numpy
import pytest

from graph.describe import object_info
from graph.described import description, read_descriptions
from packs.convention import choices as choices_module
from tests.packs.convention.conftest import Bench, step, toy


def info(bench: Bench, inputs: Any, **attributes: Any) -> Any:
    node = bench.add(Toy=toy(inputs, lambda self, **given: (0,), **attributes))
    return json.loads(json.dumps(object_info(node, {}), allow_nan=False))


WRITTEN = {
    "number": ("INT", {"default": 3, "min": -5, "max": 2**64 - 1, "step": 2, "display": "slider", "mine": [1, {}]}),
    "seed": ("INT", {"default": 0}),
    "noise_seed": ("INT", {"default": 0, "control_after_generate": True}),
    "pinned": ("INT", {"default": 0, "control_after_generate": "fixed"}),
    "share": ("FLOAT", {"default": 1, "min": 0, "max": 1.0, "step": 0.01, "round": 0.001}),
    "unrounded": ("FLOAT", {"round": False}),
    "text": ("STRING", {"multiline": True, "dynamicPrompts": False, "placeholder": "…", "tooltip": "words"}),
    "switch": ("BOOLEAN", {"default": True, "label_on": "yes", "label_off": "no"}),
    "socket": ("FLOAT", {"forceInput": True}),
    "shown": ("FLOAT", {"forceInput": False, "lazy": False, "default": None}),
    "mode": (["a", "b"], {"default": "b", "tooltip": "which"}),
    "bare": (["a", "b"],),
    "newer": ("COMBO", {"options": ["a", "b"], "default": "a"}),
    "several": (["a", "b", "c"], {"multi_select": {"placeholder": "pick", "chip": True}}),
    "remote": ("COMBO", {"remote": {"route": "/names", "refresh_button": True}}),
    "image": (["one.png"], {"image_upload": True, "image_folder": "input"}),
    "widget": ("MY_WIDGET", {"options": ["x"], "default": {"deep": [1, 2]}}),
    "thing": ("THING",),
    "any": ("*", {"rawLink": True}),
    "union": ("INT,FLOAT", {"default": 1}),
}


def test_the_editor_is_told_exactly_what_the_pack_wrote(bench: Bench) -> None:
    told = info(bench, {"required": WRITTEN})["input"]["required"]
    assert told == json.loads(json.dumps(WRITTEN))
    assert list(told) == list(WRITTEN)


def test_sections_and_outputs_are_told_as_the_pack_wrote_them(bench: Bench) -> None:
    told = info(
        bench,
        {"required": {"a": ("INT",)}, "optional": {"b": ("THING",)}, "hidden": {"id": "UNIQUE_ID"}},
        returns=("INT", "THING", ["x", "y"]),
        RETURN_NAMES=("count", "thing"),
        OUTPUT_IS_LIST=(False, True),
        OUTPUT_TOOLTIPS=("how many",),
        CATEGORY="toys/small",
        DESCRIPTION="A toy.",
        OUTPUT_NODE=True,
        DEPRECATED=True,
        EXPERIMENTAL=True,
    )
    assert told["input_order"] == {"required": ["a"], "optional": ["b"], "hidden": ["id"]}
    assert told["input"]["hidden"] == {"id": "UNIQUE_ID"}
    assert told["output"] == ["INT", "THING", "COMBO"]
    assert told["output_name"] == ["count", "thing", "COMBO"]
    assert told["output_is_list"] == [False, True, False]
    assert told["output_tooltips"] == ["how many", "", ""]
    assert (told["category"], told["description"], told["output_node"]) == ("toys/small", "A toy.", True)
    assert (told["deprecated"], told["experimental"]) == (True, True)
    assert told["python_module"] == "custom_nodes.toys"


@pytest.mark.parametrize(
    "attributes",
    [{"returns": ("INT",), "OUTPUT_IS_LIST": (True,)}, {"returns": ("INT"), "OUTPUT_IS_LIST": (True)}],
    ids=["a tuple of one", "its comma forgotten"],
)
def test_a_tuple_of_one_whose_comma_is_forgotten_is_one_of_one(bench: Bench, attributes: dict[str, Any]) -> None:
    told = info(bench, {"required": {}}, RETURN_NAMES=("numbers"), **attributes)
    assert (told["output"], told["output_name"], told["output_is_list"]) == (["INT"], ["numbers"], [True])


def test_a_list_input_marked_by_a_tuple_of_one_is_one(bench: Bench) -> None:
    node = bench.add(Toy=toy({"required": {"x": ("INT",)}}, lambda self, x: (sum(x),), INPUT_IS_LIST=(True,)))
    assert node.inputs[0].is_list


class Letter(Enum):
    A = "a"


class Name(str, Enum):  # noqa: UP042 - as packs write it
    A = "a"


def test_what_is_no_json_is_told_as_the_nearest_that_is(bench: Bench) -> None:
    told = info(
        bench,
        {
            "required": {
                "big": ("FLOAT", {"max": math.inf, "min": -math.inf, "default": math.nan}),
                "array": ("INT", {"max": numpy.int64(7), "default": numpy.float32(1.5), "step": numpy.float64(0.5)}),
                "names": ([Name.A, Letter.A, 1, 2.5, True, None, ("x", "y")],),
                "set": ({"only"},),
                "keys": ({"first": 1, "second": 2}.keys(),),
                "call": ("THING", {"callback": print, "path": Path("a/b")}),
            }
        },
    )["input"]["required"]
    assert told["big"][1] == {"max": None, "min": None, "default": None}
    assert told["array"][1] == {"max": 7, "default": 1.5, "step": 0.5}
    assert told["names"][0] == ["a", "Letter.A", 1, 2.5, True, None, ["x", "y"]]
    assert (told["set"], told["keys"]) == ([["only"]], [["first", "second"]])
    assert told["call"][1]["path"] == "a/b"


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ("no dictionary", "INPUT_TYPES returns a dictionary of sections, found str"),
        ({"required": ["a"]}, "the required inputs are a dictionary, found list"),
        ({"required": {"x": 5}}, "input x is a pair of a type and options, such as ('INT', {}), found 5"),
        ({"required": {"x": ()}}, "input x is a pair"),
        ({"required": {"x": (5, {})}}, "a type is a text or a list of choices, found 5"),
    ],
)
def test_a_class_that_declares_no_inputs_is_refused_alone(bench: Bench, inputs: Any, sentence: str) -> None:
    assert sentence in bench.refusal(toy(lambda: inputs, lambda self: (0,)))


def test_a_class_whose_input_types_raise_is_refused_alone(bench: Bench) -> None:
    def inputs() -> dict[str, Any]:
        raise FileNotFoundError("models/toys is gone")

    assert bench.refusal(toy(inputs, lambda self: (0,))) == "FileNotFoundError: models/toys is gone."


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({"FUNCTION": "gone"}, "names the method 'gone' in FUNCTION"),
        ({"FUNCTION": None}, "FUNCTION is the name of a method"),
        ({"INPUT_TYPES": None}, "has no classmethod INPUT_TYPES"),
        ({"returns": 5}, "RETURN_TYPES is a tuple"),
        ({"returns": (5,)}, "a type is a text"),
    ],
)
def test_a_class_that_does_not_follow_the_convention_is_refused_alone(
    bench: Bench, attributes: dict[str, Any], sentence: str
) -> None:
    assert sentence in bench.refusal(toy({"required": {}}, lambda self: (0,), **attributes))


def test_what_is_no_class_is_refused_alone(bench: Bench) -> None:
    reading = bench.read(NODE_CLASS_MAPPINGS={"Bad": toy({"required": {}}, lambda self: (0,))(), "Worse": None})
    assert reading is not None
    assert [each.node for each in reading.refused] == ["Bad", "Worse"]
    assert "is a class, found Toy" in reading.refused[0].problem


def test_odd_forms_of_a_pair_are_read(bench: Bench) -> None:
    told = info(bench, {"required": {"a": "INT", "b": ["INT", {"default": 1}], "c": ("THING", None)}, "optional": None})
    assert told["input"]["required"] == {"a": ["INT"], "b": ["INT", {"default": 1}], "c": ["THING"]}


def test_choices_are_those_there_are_now(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def inputs() -> dict[str, Any]:
        asked.append(1)
        names = sorted(path.name for path in tmp_path.iterdir())
        return {"required": {"file": (names,), "again": ("COMBO", {"options": names})}}

    monkeypatch.setattr(choices_module, "FRESH_SECONDS", 0.0)
    node = bench.add(Files=toy(inputs, lambda self, file, again: (file,), ("STRING",), OUTPUT_NODE=True))
    assert [each.code for each in bench.check({"1": step("Files", file="new.txt", again="new.txt")})] == [
        "not_in_choices",
        "not_in_choices",
    ]
    (tmp_path / "new.txt").write_text("")
    assert bench.value({"1": step("Files", file="new.txt", again="new.txt")}, "1") == "new.txt"
    told = object_info(node, {})["input"]["required"]  # type: ignore[index]
    assert told == {"file": [["new.txt"]], "again": ["COMBO", {"options": ["new.txt"]}]}


def test_a_class_is_asked_once_for_the_choices_of_all_its_inputs(bench: Bench) -> None:
    asked: list[int] = []

    def inputs() -> dict[str, Any]:
        asked.append(1)
        return {"required": {f"file{index}": (["a"],) for index in range(50)}}

    node = bench.add(Files=toy(inputs, lambda self, **files: (0,)))
    for _ in range(20):
        description(node)
    assert len(asked) < 10


def test_choices_stay_where_the_class_cannot_answer_any_more(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices_module, "FRESH_SECONDS", 0.0)
    answers: list[dict[str, Any]] = [{"required": {"file": (["a"],)}}]
    node = bench.add(Files=toy(lambda: answers[-1], lambda self, file: (0,)))
    for broken in ({}, {"required": {"file": 5}}, None):
        answers.append(broken)  # type: ignore[arg-type]
        assert object_info(node, {})["input"]["required"] == {"file": [["a"]]}  # type: ignore[index]


def test_a_process_without_the_code_finds_the_same_problems(bench: Bench) -> None:
    node = bench.add(Toy=toy({"required": WRITTEN}, lambda self, **given: (0,), OUTPUT_NODE=True))
    read = read_descriptions(json.loads(json.dumps([description(node)])))
    assert read.registry.get("Toy") is not None
    bench_again = Bench()
    bench_again.registry = read.registry
    steps = {"1": step("Toy", number=-6, share=2.0, mode="z", newer="z", switch="maybe", remote="whatever")}
    codes = sorted((each.input, each.code) for each in bench.check(steps) if each.code != "missing_input")
    assert codes == sorted((each.input, each.code) for each in bench_again.check(steps) if each.code != "missing_input")
    assert [code for _, code in codes] == ["not_in_choices", "not_in_choices", "too_small", "too_big", "wrong_type"]
