"""Types are compared with `!=`: plain texts, unions, `*`, and texts that have an idea of their own of what differs."""

import json
from typing import Any

import pytest

from graph.describe import object_info
from graph.described import description, read_descriptions
from tests.packs.convention.conftest import Bench, step, toy


class Never(str):
    """Differs from nothing, the way packs write a type for everything."""

    def __ne__(self, other: object) -> bool:
        return False


class Always(str):
    """Equals everything too, and has therefore no hash."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


class OneOf(str):
    """Differs from all but a few."""

    few: tuple[str, ...] = ("INT", "THING")

    def __ne__(self, other: object) -> bool:
        return other not in self.few

    def __eq__(self, other: object) -> bool:
        return not self != other

    __hash__ = str.__hash__


def codes(bench: Bench, output: Any, input: Any) -> list[str]:
    bench.add(
        From=toy({"required": {}}, lambda self: (1,), (output,)),
        To=toy({"required": {"x": (input,)}}, lambda self, x: (x,), OUTPUT_NODE=True),
    )
    steps = {"1": step("From"), "2": step("To", x=["1", 0])}
    found = [each.code for each in bench.check(steps)]
    if not found:
        assert bench.value(steps, "2") == 1
        assert bench.go(steps, ["2"]).executed == ()
    return found


@pytest.mark.parametrize("kind", [Never, Always])
@pytest.mark.parametrize("name", ["*", "ANY", ""])
def test_a_type_that_differs_from_nothing_matches_everything(bench: Bench, kind: type, name: str) -> None:
    assert codes(bench, "THING", kind(name)) == []
    assert codes(Bench(), kind(name), "THING") == []
    assert codes(Bench(), kind(name), kind(name)) == []


@pytest.mark.parametrize(
    ("output", "input", "problems"),
    [
        ("INT", "INT", []),
        ("INT", "FLOAT", ["wrong_link_type"]),
        ("INT", "INT,FLOAT", []),
        ("INT,FLOAT", "FLOAT", []),
        ("THING", "INT,FLOAT", ["wrong_link_type"]),
        ("*", "THING", []),
        ("THING", "*", []),
    ],
)
def test_links_are_judged_by_type(bench: Bench, output: str, input: str, problems: list[str]) -> None:
    assert codes(bench, output, input) == problems


def test_a_type_that_compares_itself_is_asked_what_fits(bench: Bench) -> None:
    assert codes(bench, "THING", OneOf("ONE")) == []
    assert codes(Bench(), "*", OneOf("ONE")) == []
    assert codes(Bench(), "FLOAT", OneOf("ONE")) == ["custom_validation"]


def test_a_type_that_compares_itself_is_judged_by_the_process_that_has_its_code(bench: Bench) -> None:
    node = bench.add(To=toy({"required": {"x": (OneOf("ONE"),)}}, lambda self, x: (x,)))
    assert object_info(node, {})["input"] == {"required": {"x": ["ONE"]}}
    read = read_descriptions(json.loads(json.dumps([description(node)])))
    assert read.asks == {"To"}


def test_a_type_without_a_hash_is_a_widget_all_the_same(bench: Bench) -> None:
    class Text(str):
        def __eq__(self, other: object) -> bool:
            return str.__eq__(self, other) is True

    node = bench.add(To=toy({"required": {"x": (Text("STRING"), {"default": "a"})}}, lambda self, x: (x,)))
    assert node.inputs[0].type == "STRING"
    assert type(node.inputs[0].type) is str


class Flexible(dict[str, Any]):
    """Answers for any name, with one type."""

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> Any:
        return dict.get(self, key, (Never("*"), {"tooltip": key}))


class HasAny(dict[str, Any]):
    """Says that any name is in it, and can give none."""

    def __contains__(self, key: object) -> bool:
        return True


@pytest.mark.parametrize("container", [Flexible, HasAny])
def test_a_container_that_answers_for_any_name_takes_links_and_literals_under_it(
    bench: Bench, container: type[dict[str, Any]]
) -> None:
    inputs = {"required": {}, "optional": container(first=("INT", {"default": 1}))}
    bench.add(Toy=toy(inputs, lambda self, **given: (sorted(given.items()),), ("*",), OUTPUT_NODE=True))
    steps = {"1": step("Source", value=4), "2": step("Toy", first=2, more=["1", 0], text="x", deep={"on": True})}
    assert bench.check(steps) == ()
    assert bench.value(steps, "2") == [("deep", {"on": True}), ("first", 2), ("more", 4), ("text", "x")]
    assert bench.go(steps, ["2"]).executed == ()
    steps["2"] = step("Toy", first=2, more=["1", 0], text="y")
    assert bench.value(steps, "2") == [("first", 2), ("more", 4), ("text", "y")]


def test_only_what_is_listed_of_such_a_container_is_told_to_the_editor(bench: Bench) -> None:
    node = bench.add(Toy=toy({"optional": Flexible(first=("INT",))}, lambda self, **given: (0,)))
    assert object_info(node, {})["input"] == {"required": {}, "optional": {"first": ["INT"]}}


def test_an_undeclared_link_is_passed_on_and_an_undeclared_literal_is_not(bench: Bench) -> None:
    bench.add(Toy=toy({"required": {}}, lambda self, **given: (given,), ("*",), OUTPUT_NODE=True))
    steps = {"1": step("Source", value=4), "2": step("Toy", extra=["1", 0], literal=5)}
    [problem] = bench.check(steps)
    assert (problem.code, problem.severity, problem.input) == ("unknown_input", "warning", "literal")
    assert bench.value(steps, "2") == {"extra": 4}


def test_an_undeclared_link_reaches_a_parameter_of_its_name_and_no_other(bench: Bench) -> None:
    bench.add(Toy=toy({"required": {}}, lambda self, extra=0: (extra,), OUTPUT_NODE=True))
    steps = {"1": step("Source", value=4), "2": step("Toy", extra=["1", 0], other=["1", 0])}
    assert [each.input for each in bench.check(steps)] == ["other"]
    assert bench.value(steps, "2") == 4


def test_undeclared_links_arrive_as_lists_where_all_inputs_do(bench: Bench) -> None:
    bench.add(Toy=toy({"required": {}}, lambda self, **given: (given,), ("*",), INPUT_IS_LIST=True, OUTPUT_NODE=True))
    steps = {"1": step("Numbers", count=3), "2": step("Toy", many=["1", 0])}
    assert bench.value(steps, "2") == {"many": [0, 1, 2]}
