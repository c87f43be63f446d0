"""Literals are converted, then judged by the host, or by the class where it names them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.packs.convention.conftest import Bench, step, toy

INPUTS: dict[str, Any] = {
    "required": {"a": ("INT", {"min": 0, "max": 9}), "b": (["x", "y"],)},
    "optional": {"c": ("FLOAT", {"max": 1.0}), "t": ("THING",)},
}


def problems(bench: Bench, validate: Callable[..., Any] | None, **inputs: object) -> list[tuple[str | None, str]]:
    """What is wrong with one step, by input and code or message."""
    attributes = {} if validate is None else {"VALIDATE_INPUTS": classmethod(validate)}
    bench.add(Toy=toy(INPUTS, lambda self, **given: (0,), OUTPUT_NODE=True, **attributes))
    steps = {"1": step("Toy", **inputs), "2": step("Source"), "3": step("Numbers")}
    return [
        (each.input, each.message if each.code == "custom_validation" else each.code) for each in bench.check(steps)
    ]


def test_without_validation_of_its_own_the_host_judges(bench: Bench) -> None:
    assert problems(bench, None, a=10, b="z", c=2) == [("a", "too_big"), ("b", "not_in_choices"), ("c", "too_big")]


@pytest.mark.parametrize(("given", "value"), [("5", 5), (5.0, 5), (True, 1), ({"__value__": "5"}, 5)])
def test_literals_are_converted_before_anybody_sees_them(bench: Bench, given: object, value: int) -> None:
    seen: list[object] = []

    def validate(cls: type, a: int) -> bool:
        seen.append(a)
        return True

    def changed(cls: type, a: int) -> int:
        seen.append(a)
        return a

    bench.add(
        Toy=toy({"required": {"a": ("INT",)}}, lambda self, a: (seen.append(a),), VALIDATE_INPUTS=classmethod(validate),
                IS_CHANGED=classmethod(changed))
    )  # fmt: skip
    bench.go({"1": step("Toy", a=given)}, ["1"])
    assert seen == [value] * 3
    assert [type(each) for each in seen] == [int] * 3


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("FLOAT", "1.5", 1.5),
        ("FLOAT", 2, 2.0),
        ("STRING", 5, "5"),
        ("BOOLEAN", "true", True),
        ("BOOLEAN", 0, False),
        ("*", {"__value__": ["1", 0]}, ["1", 0]),
        ("MY_WIDGET", {"__value__": [1, 2, 3]}, [1, 2, 3]),
        ("MY_WIDGET", {"on": True}, {"on": True}),
    ],
)
def test_literals_become_what_the_input_is(bench: Bench, kind: str, given: object, value: object) -> None:
    bench.add(Toy=toy({"required": {"x": (kind,)}}, lambda self, x: (x,), ("*",)))
    found = bench.value({"1": step("Toy", x=given)}, "1")
    assert (found, type(found)) == (value, type(value))


def test_an_input_that_the_class_names_is_not_judged_by_the_host(bench: Bench) -> None:
    assert problems(bench, lambda cls, a: True, a=10, b="z") == [("b", "not_in_choices")]
    assert problems(Bench(), lambda cls, **given: True, a=10, b="z", c=2) == []


def test_a_message_is_the_problem_and_anything_else_but_true_is_one_too(bench: Bench) -> None:
    assert problems(bench, lambda cls, a: f"{a} is unlucky", a=4, b="x") == [(None, "4 is unlucky")]
    silent = [(None, "it refuses these values and does not say why")]
    for answer in (False, None, 1, ""):
        assert problems(Bench(), lambda cls, a, answer=answer: answer, a=4, b="x") == silent


def test_a_validation_that_fails_is_a_problem_of_its_step(bench: Bench) -> None:
    assert problems(bench, lambda cls, a: 1 / 0, a=4, b="x") == [
        (None, "its own validation failed: ZeroDivisionError: division by zero")
    ]


def test_validation_may_be_asynchronous(bench: Bench) -> None:
    async def validate(cls: type, a: int) -> object:
        return f"{a} came late"

    assert problems(bench, validate, a=4, b="x") == [(None, "4 came late")]


async def test_asynchronous_validation_is_waited_for_inside_a_loop_too(bench: Bench) -> None:
    async def validate(cls: type, a: int) -> object:
        return f"{a} came late"

    assert problems(bench, validate, a=4, b="x") == [(None, "4 came late")]


def test_validation_gets_the_constants_it_names_and_no_link(bench: Bench) -> None:
    seen: list[dict[str, object]] = []

    def named(cls: type, b: str, a: int = -1) -> bool:
        seen.append({"a": a, "b": b})
        return True

    def every(cls: type, **given: object) -> bool:
        seen.append(given)
        return True

    assert problems(bench, named, a=["2", 0], b="x", c=0.5) == []
    assert problems(Bench(), every, a=["2", 0], b="x", c=0.5) == []
    assert seen == [{"a": -1, "b": "x"}, {"b": "x", "c": 0.5}]


def test_a_validation_that_insists_on_a_linked_value_is_not_held_against_the_workflow(bench: Bench) -> None:
    assert problems(bench, lambda cls, a: a > 3 or "too small", a=["2", 0], b="x") == []


def test_asking_for_input_types_switches_the_judgement_of_links_off(bench: Bench) -> None:
    seen: list[dict[str, str]] = []

    def validate(cls: type, input_types: dict[str, str]) -> object:
        seen.append(input_types)
        return True if input_types.get("t") != "INT" else "no numbers here"

    assert problems(bench, None, a=1, b="x", t=["2", 0]) == [("t", "wrong_link_type")]
    assert problems(Bench(), validate, a=["2", 0], b="x", t=["2", 0]) == [(None, "no numbers here")]
    assert seen == [{"a": "INT", "t": "INT"}]


def test_with_lists_validation_gets_lists_as_the_function_does(bench: Bench) -> None:
    seen: list[object] = []

    def validate(cls: type, a: list[int]) -> bool:
        seen.append(a)
        return True

    inputs = {"required": {"a": ("INT",)}}
    bench.add(
        Toy=toy(inputs, lambda self, a: (a[0],), INPUT_IS_LIST=True, VALIDATE_INPUTS=classmethod(validate),
                OUTPUT_NODE=True)
    )  # fmt: skip
    assert bench.check({"1": step("Toy", a=3)}) == ()
    assert seen == [[3]]


def test_only_a_class_with_a_judgement_of_its_own_is_asked(bench: Bench) -> None:
    plain = bench.add(Plain=toy(INPUTS, lambda self, a, b, c=0, t=0: (0,)))
    assert (plain.validate, plain.dynamic) == (None, None)
