"""Functions are mapped over lists, or take them whole."""

from typing import Any

from tests.packs.convention.conftest import Bench, step, toy

TWO: dict[str, Any] = {"required": {"a": ("INT",), "b": ("INT",)}}


def test_a_function_is_mapped_over_lists_the_shorter_ones_repeating_their_last_item(bench: Bench) -> None:
    bench.add(Pair=toy(TWO, lambda self, a, b: (f"{a}{b}",), ("STRING",)))
    steps = {"1": step("Numbers", count=4), "2": step("Numbers", count=2), "3": step("Pair", a=["1", 0], b=["2", 0])}
    assert bench.value(steps, "3") == ["00", "11", "21", "31"]
    steps["3"] = step("Pair", a=["1", 0], b=7)
    assert bench.value(steps, "3") == ["07", "17", "27", "37"]
    assert bench.go(steps, ["3"]).executed == ()


def test_what_each_call_shows_is_joined(bench: Bench) -> None:
    outcome = bench.go({"1": step("Numbers", count=3), "2": step("Show", value=["1", 0])})
    assert outcome.outputs["2"].ui == {"text": ["0", "1", "2"]}


def test_an_empty_list_makes_no_call(bench: Bench) -> None:
    bench.add(Pair=toy(TWO, lambda self, a, b: (1 / 0,)))
    steps = {"1": step("Numbers", count=0), "2": step("Pair", a=["1", 0], b=1)}
    assert bench.value(steps, "2") == []


def test_with_input_is_list_every_input_arrives_as_a_list(bench: Bench) -> None:
    inputs = {
        "required": {"a": ("INT",), "b": ("INT",)},
        "optional": {"c": ("INT",)},
        "hidden": {"me": "UNIQUE_ID", "prompt": "PROMPT"},
    }
    bench.add(
        Whole=toy(inputs, lambda self, a, b, me, prompt, c=None: ((a, b, c, me, len(prompt)),), ("*",),
                  INPUT_IS_LIST=True)
    )  # fmt: skip
    steps = {"1": step("Numbers", count=3), "2": step("Whole", a=["1", 0], b=7)}
    assert bench.value(steps, "2") == ([0, 1, 2], [7], None, ["2"], 1)


def test_a_literal_list_is_given_whole_to_a_function_that_takes_lists(bench: Bench) -> None:
    bench.add(Whole=toy(TWO, lambda self, a, b: ((a, b),), ("*",), INPUT_IS_LIST=True))
    assert bench.value({"1": step("Whole", a={"__value__": [1, "2"]}, b=3)}, "1") == ([1, 2], [3])


def test_output_is_list_makes_a_list_for_those_who_follow_and_no_other_does(bench: Bench) -> None:
    bench.add(
        Both=toy({"required": {}}, lambda self: ([1, 2], [1, 2]), ("INT", "*"), OUTPUT_IS_LIST=(True, False)),
        Text=toy({"required": {"x": ("*",)}}, lambda self, x: (str(x),), ("STRING",)),
    )
    assert bench.value({"1": step("Both"), "2": step("Text", x=["1", 0])}, "2") == ["1", "2"]
    assert bench.value({"1": step("Both"), "2": step("Text", x=["1", 1])}, "2") == "[1, 2]"


def test_lists_of_several_calls_are_joined(bench: Bench) -> None:
    bench.add(
        Upto=toy({"required": {"x": ("INT",)}}, lambda self, x: (list(range(x)),), OUTPUT_IS_LIST=(True,)),
    )
    assert bench.value({"1": step("Numbers", count=4), "2": step("Upto", x=["1", 0])}, "2") == [0, 0, 1, 0, 1, 2]


def test_a_raw_link_is_the_link_itself(bench: Bench) -> None:
    bench.add(Raw=toy({"required": {"x": ("*", {"rawLink": True})}}, lambda self, x: (x,), ("*",)))
    steps = {"1": step("Source", value=4), "2": step("Raw", x=["1", 0])}
    outcome = bench.go(steps, ["2"])
    assert outcome.results["2"] == (["1", 0],)
    assert outcome.executed == ("2",)


def test_a_socket_in_place_of_a_widget_takes_links(bench: Bench) -> None:
    bench.add(Forced=toy({"required": {"x": ("INT", {"forceInput": True})}}, lambda self, x: (x + 1,)))
    node = bench.registry.get("Forced")
    assert node is not None
    assert not node.inputs[0].is_widget
    assert bench.value({"1": step("Source", value=4), "2": step("Forced", x=["1", 0])}, "2") == 5
