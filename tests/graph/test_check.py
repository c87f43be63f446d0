"""The laws of checking: every problem at once, by node, input and code, in bounded time and without recursion."""

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import pytest

from graph.check import check, dependent_outputs, sound_outputs
from graph.errors import SpecError
from graph.interface import Input, Node, Output
from graph.problems import Problem
from graph.registry import Registry
from graph.spec import Choice, ChoiceFrom, Optional, Range, node
from graph.steps import from_api


class Model:
    wire = "MODEL"


class Clip:
    wire = "CLIP"


@node("Loader", category="test")
def loader(name: Annotated[str, ChoiceFrom("checkpoints")]) -> Model:
    """Load."""
    return Model()


@node("ClipLoader", category="test")
def clip_loader() -> Clip:
    """Load."""
    return Clip()


@node("Sampler", category="test")
def sampler(
    model: Model,
    steps: Annotated[int, Range(1, 100)] = 20,
    cfg: Annotated[float, Range(0.0, 100.0)] = 8.0,
    name: Annotated[str, Choice(["euler", "heun", "ddim"])] = "euler",
    tiled: bool = False,
    clip: Clip | None = None,
    scale: Annotated[float, Optional()] = 1.0,
) -> int:
    """Sample."""
    return 1


@node("Save", category="test", terminal=True)
def save(images: Any, prefix: str = "x") -> None:
    """Save."""


REGISTRY = Registry([loader.node, clip_loader.node, sampler.node, save.node])
CATALOGUES = {"checkpoints": lambda: ["small.safetensors", "large.safetensors"]}
GOOD: dict[str, Any] = {
    "1": {"class_type": "Loader", "inputs": {"name": "small.safetensors"}},
    "3": {
        "class_type": "Sampler",
        "inputs": {"model": ["1", 0], "steps": 20, "cfg": 8.0, "name": "euler", "tiled": False},
    },
    "9": {"class_type": "Save", "inputs": {"images": ["3", 0], "prefix": "x"}},
}


def changed(step: str = "3", drop: str = "", **inputs: Any) -> dict[str, Any]:
    left = {name: value for name, value in GOOD[step]["inputs"].items() if name != drop}
    return {**GOOD, step: {**GOOD[step], "inputs": {**left, **inputs}}}


def problems(steps: Any, targets: list[str] | None = None) -> tuple[Problem, ...]:
    return check(from_api(steps), REGISTRY, CATALOGUES, targets)


def only(steps: Any, targets: list[str] | None = None) -> Problem:
    (found,) = problems(steps, targets)
    return found


def test_a_good_workflow_has_no_problems() -> None:
    assert problems(GOOD) == ()


@pytest.mark.parametrize(
    ("steps", "place", "details"),
    [
        (changed(drop="steps"), ("3", "steps", "missing_input"), {}),
        (changed(drop="model"), ("3", "model", "missing_input"), {"input_type": "MODEL"}),
        (changed(steps="abc"), ("3", "steps", "wrong_type"), {"received_value": "abc"}),
        (changed(steps=None), ("3", "steps", "wrong_type"), {"received_value": None}),
        (changed(cfg={}), ("3", "cfg", "wrong_type"), {"received_value": {}}),
        (changed(tiled="perhaps"), ("3", "tiled", "wrong_type"), {"received_value": "perhaps"}),
        (changed(model="a name"), ("3", "model", "wrong_type"), {"received_value": "a name"}),
        (changed(steps=0), ("3", "steps", "too_small"), {"received_value": 0, "minimum": 1}),
        (changed(steps="0"), ("3", "steps", "too_small"), {"received_value": 0}),
        (changed(cfg=1000), ("3", "cfg", "too_big"), {"received_value": 1000.0, "maximum": 100.0}),
        (changed(name="eule"), ("3", "name", "not_in_choices"), {"received_value": "eule", "nearest": ("euler",)}),
        (changed(name={"__value__": ["euler"]}), ("3", "name", "not_in_choices"), {"received_value": ["euler"]}),
        (
            changed("1", name="smal.safetensors"),
            ("1", "name", "not_in_choices"),
            {"received_value": "smal.safetensors"},
        ),
        (changed(model=["1"]), ("3", "model", "bad_link"), {"received_value": ["1"]}),
        (changed(model=["1", 0, 0]), ("3", "model", "bad_link"), {}),
        (changed(model=["1", "0"]), ("3", "model", "bad_link"), {}),
        (changed(model=["1", True]), ("3", "model", "bad_link"), {}),
        (changed(steps=[]), ("3", "steps", "bad_link"), {}),
        (changed(model=["77", 0]), ("3", "model", "dangling_link"), {"linked_node": ["77", 0]}),
        (changed(model=["1", 1]), ("3", "model", "slot_out_of_range"), {"linked_node": ["1", 1]}),
        (changed(model=["1", -1]), ("3", "model", "slot_out_of_range"), {}),
        (changed(steps=["1", 0]), ("3", "steps", "wrong_link_type"), {"received_type": "MODEL", "input_type": "INT"}),
        (
            {**changed(model=["2", 0]), "2": {"class_type": "ClipLoader"}},
            ("3", "model", "wrong_link_type"),
            {"received_type": "CLIP", "linked_node": ["2", 0], "input_name": "model", "class_type": "Sampler"},
        ),
        ({**GOOD, "9": {"class_type": "Savee", "inputs": {}}}, ("9", None, "unknown_node"), {"nearest": ("Save",)}),
        ({**GOOD, "8": {"inputs": {}}}, ("8", None, "missing_class_type"), {}),
        (changed(model=["3", 0]), ("3", "model", "wrong_link_type"), {}),
    ],
)
def test_a_problem_says_where_what_and_the_remedy(
    steps: Any, place: tuple[str, str | None, str], details: Mapping[str, object]
) -> None:
    found = [each for each in problems(steps) if each.code not in ("no_outputs", "cycle")]
    assert [(each.node, each.input, each.code) for each in found] == [place]
    assert found[0].severity == "error"
    assert found[0].message and found[0].remedy
    assert {name: found[0].details[name] for name in details} == details


@pytest.mark.parametrize(
    "inputs",
    [
        {"steps": "5"}, {"steps": 5.0}, {"cfg": 8}, {"cfg": "8.5"}, {"tiled": "true"}, {"tiled": 1}, {"clip": None},
        {"steps": {"__value__": 5}}, {"scale": 2},
    ],
)  # fmt: skip
def test_literals_are_read_as_the_type_that_is_asked_for(inputs: dict[str, Any]) -> None:
    assert problems(changed(**inputs)) == ()


def test_all_problems_are_told_at_once() -> None:
    steps = changed(steps=0, cfg=1000, name="zzz", model=["77", 0])
    steps["2"] = {"class_type": "Nothing"}
    assert {(each.node, each.code) for each in problems(steps)} == {
        ("3", "too_small"), ("3", "too_big"), ("3", "not_in_choices"), ("3", "dangling_link"), ("2", "unknown_node"),
    }  # fmt: skip


def test_an_unknown_input_is_a_warning_with_the_nearest_name() -> None:
    found = only(changed(stepss=5))
    assert (found.code, found.severity, found.details["nearest"]) == ("unknown_input", "warning", ("steps",))


def test_a_workflow_without_outputs_is_told() -> None:
    assert only({}).code == "no_outputs"
    assert only({"1": GOOD["1"]}).code == "no_outputs"


def test_an_unknown_target_is_told() -> None:
    found = only(GOOD, ["9", "55"])
    assert (found.code, found.details["target"]) == ("unknown_target", "55")


def test_a_target_need_not_show_anything() -> None:
    assert problems({"1": GOOD["1"]}, ["1"]) == ()


def test_a_problem_that_nothing_wanted_needs_is_a_warning() -> None:
    steps = {**GOOD, "20": {"class_type": "Sampler", "inputs": {}}}
    assert {(each.node, each.severity) for each in problems(steps)} == {("20", "warning")}
    assert {each.severity for each in problems(steps, ["20"])} == {"error"}


def test_rings_are_named_with_their_path() -> None:
    steps = {
        str(i): {"class_type": "Save", "inputs": {"images": [str((i + 1) % 4), 0], "prefix": "x"}} for i in range(4)
    }
    found = [each for each in problems(steps) if each.code == "cycle"]
    assert [each.details["path"] for each in found] == [("0", "1", "2", "3", "0")]
    assert "0 → 1 → 2 → 3 → 0" in found[0].message


def test_a_step_linked_to_itself_is_a_ring_of_one() -> None:
    found = [each for each in problems(changed(steps=["3", 0])) if each.code == "cycle"]
    assert [each.details["path"] for each in found] == [("3", "3")]


def test_several_rings_are_all_named_and_what_hangs_on_them_is_not() -> None:
    steps: dict[str, Any] = {}
    for name in "abc":
        steps[f"{name}1"] = {"class_type": "Save", "inputs": {"images": [f"{name}2", 0], "prefix": "x"}}
        steps[f"{name}2"] = {"class_type": "Save", "inputs": {"images": [f"{name}1", 0], "prefix": "x"}}
        steps[f"{name}3"] = {"class_type": "Save", "inputs": {"images": [f"{name}1", 0], "prefix": "x"}}
    found = [each.details["path"] for each in problems(steps) if each.code == "cycle"]
    assert sorted(map(set, found), key=min) == [{f"{name}1", f"{name}2"} for name in "abc"]  # type: ignore[arg-type]


def test_unions_and_any_fit_their_members() -> None:
    def made(name: str, takes: str, gives: str) -> Node:
        return Node(
            name, (Input("value", takes, default=None, section="optional"),), (Output("out", gives),), lambda i, r: ()
        )

    nodes = [
        made("A", "*", "INT"),
        made("B", "INT,FLOAT", "FLOAT,STRING"),
        made("C", "STRING", "*"),
        made("D", "MASK", "MASK"),
    ]
    registry = Registry(nodes)

    def fits(source: str, target: str) -> bool:
        steps = {"1": {"class_type": source}, "2": {"class_type": target, "inputs": {"value": ["1", 0]}}}
        return check(from_api(steps), registry, {}, ["2"]) == ()

    assert [fits("A", "B"), fits("B", "A"), fits("B", "C"), fits("C", "D"), fits("B", "B")] == [True] * 5
    assert [fits("A", "C"), fits("A", "D"), fits("B", "D"), fits("D", "B")] == [False] * 4


def test_types_are_compared_by_not_equal_which_packs_override() -> None:
    class AnyType(str):
        __slots__ = ()

        def __ne__(self, other: object) -> bool:
            return False

        __hash__ = str.__hash__

    class Never(str):
        __slots__ = ()

        def __ne__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    def made(name: str, kind: str) -> Node:
        return Node(
            name, (Input("value", kind, section="optional", default=None),), (Output("out", kind),), lambda i, r: ()
        )

    registry = Registry([made("Any", AnyType("ANYTHING")), made("Mask", "MASK"), made("Never", Never("MASK"))])

    def found(source: str, target: str) -> tuple[Problem, ...]:
        steps = {"1": {"class_type": source}, "2": {"class_type": target, "inputs": {"value": ["1", 0]}}}
        return check(from_api(steps), registry, {}, ["2"])

    assert found("Any", "Mask") == found("Mask", "Any") == ()
    assert found("Never", "Mask")[0].code == "wrong_link_type"


def test_a_node_can_take_inputs_that_it_does_not_list() -> None:
    dynamic = Node(
        "Dynamic", (), (), lambda inputs, run: (), terminal=True,
        dynamic=lambda name, linked: Input(name, "MODEL" if linked else "INT") if name.startswith("x") else None,
    )  # fmt: skip
    registry = Registry([dynamic, loader.node, clip_loader.node])
    steps = {
        "1": GOOD["1"],
        "2": {"class_type": "ClipLoader"},
        "3": {"class_type": "Dynamic", "inputs": {"x1": ["1", 0], "x2": 5, "x3": ["2", 0], "x4": "five", "y": 1}},
    }
    found = check(from_api(steps), registry, CATALOGUES)
    assert [(each.input, each.code) for each in found] == [
        ("x3", "wrong_link_type"), ("x4", "wrong_type"), ("y", "unknown_input"),
    ]  # fmt: skip


def test_a_nodes_own_validation_is_asked_with_literals_and_types() -> None:
    seen: list[Any] = []

    def validate(literals: Mapping[str, object], types: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
        seen.append((dict(literals), dict(types)))
        if literals["value"] == 50:
            yield "value", "50 is too much"

    @node("Own", category="test", terminal=True, validate=validate)
    def own(value: int, model: Model) -> None:
        """Own."""

    registry = Registry([own.node, loader.node])

    def found(value: object) -> list[tuple[str | None, str, str]]:
        steps = {"1": GOOD["1"], "2": {"class_type": "Own", "inputs": {"value": value, "model": ["1", 0]}}}
        return [(each.input, each.code, each.message) for each in check(from_api(steps), registry, CATALOGUES)]

    assert found("5") == []
    assert seen == [({"value": 5}, {"model": "MODEL"})]
    assert found(50) == [("value", "custom_validation", "50 is too much")]


def test_a_catalogue_that_was_not_handed_in_is_the_callers_mistake() -> None:
    with pytest.raises(SpecError, match="chooses from the catalogue 'checkpoints'; handed in: none"):
        check(from_api(GOOD), REGISTRY, {})


def test_a_catalogue_is_read_once_a_check() -> None:
    read: list[int] = []

    def names() -> list[str]:
        read.append(1)
        return ["small.safetensors"]

    steps = {**GOOD, **{f"x{index}": GOOD["1"] for index in range(20)}}
    check(from_api(steps), REGISTRY, {"checkpoints": names})
    assert len(read) == 1


def test_an_empty_catalogue_says_where_to_put_something() -> None:
    (found,) = check(from_api(GOOD), REGISTRY, {"checkpoints": list})
    assert found.code == "not_in_choices"
    assert "put a file there first" in found.remedy


def test_what_no_error_reaches_can_be_run() -> None:
    steps = {
        **changed(steps=0),
        "1b": GOOD["1"],
        "9b": {"class_type": "Save", "inputs": {"images": ["1b", 0], "prefix": "y"}},
    }
    workflow = from_api(steps)
    found = problems(steps)
    assert sound_outputs(workflow, REGISTRY, found) == ("9b",)
    assert dependent_outputs(workflow, REGISTRY, ["3", "1b", "9"]) == {"3": ("9",), "1b": ("9b",), "9": ("9",)}


def test_messages_stay_short_whatever_was_written() -> None:
    steps = changed(steps="x" * 1_000_000, name="y" * 1_000_000)
    steps["3"]["inputs"]["z" * 100_000] = 1
    steps["2"] = {"class_type": "N" * 1_000_000}
    for each in problems(steps):
        assert len(each.message) < 1000
        assert len(each.remedy) < 1000
    big = next(iter(problems(changed(steps=10**4000))))
    assert big.message == "a whole number of more than 40 digits is bigger than the greatest value 100"


def sampler_chain(length: int) -> dict[str, Any]:
    steps: dict[str, Any] = {"0": {"class_type": "Save", "inputs": {"images": 0, "prefix": "x"}}}
    for index in range(length):
        steps[f"n{index}"] = {
            "class_type": "Sampler",
            "inputs": {**GOOD["3"]["inputs"], "steps": [f"n{index - 1}", 0] if index else 5},
        }
    steps["1"] = GOOD["1"]
    steps["9"] = {"class_type": "Save", "inputs": {"images": [f"n{length - 1}", 0], "prefix": "x"}}
    return steps


def test_a_hundred_thousand_steps_in_one_chain_are_checked_in_seconds() -> None:
    workflow = from_api(sampler_chain(100_000))
    started = time.process_time()
    assert check(workflow, REGISTRY, CATALOGUES) == ()
    assert time.process_time() - started < 50


def test_a_ring_of_twenty_thousand_steps_is_found_in_seconds() -> None:
    steps = sampler_chain(20_000)
    steps["n0"]["inputs"]["steps"] = ["n19999", 0]
    workflow = from_api(steps)
    started = time.process_time()
    (found,) = check(workflow, REGISTRY, CATALOGUES)
    assert time.process_time() - started < 50
    assert found.code == "cycle"
    assert len(found.message) < 400
    path = found.details["path"]
    assert isinstance(path, tuple) and len(path) == 20_001


def test_ten_thousand_unknown_names_are_told_in_seconds() -> None:
    registry = Registry(Node(f"SomeQuiteLongNodeName{index}", (), (), lambda inputs, run: ()) for index in range(500))
    steps = {str(index): {"class_type": f"SomeQuiteLongNodName{index}x"} for index in range(10_000)}
    workflow = from_api(steps)
    started = time.process_time()
    found = check(workflow, registry, {})
    assert time.process_time() - started < 30
    assert sum(each.code == "unknown_node" for each in found) == 10_000


def test_checking_needs_no_deep_stack() -> None:
    workflow = from_api(sampler_chain(5000))
    before = sys.getrecursionlimit()
    depth = len(__import__("inspect").stack())
    sys.setrecursionlimit(depth + 60)
    try:
        assert check(workflow, REGISTRY, CATALOGUES) == ()
    finally:
        sys.setrecursionlimit(before)
