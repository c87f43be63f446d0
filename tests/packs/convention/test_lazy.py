"""Lazy inputs are computed when `check_lazy_status` asks for them, and not before."""

from typing import Any

import pytest

from tests.packs.convention.conftest import Bench, Source, step, toy

SWITCH: dict[str, Any] = {
    "required": {"first": ("BOOLEAN",), "a": ("INT", {"lazy": True})},
    "optional": {"b": ("INT", {"lazy": True})},
}


def switch(self: object, first: bool, a: int | None = None, b: int | None = None) -> tuple[Any]:
    return ((a, b),)


def status(self: object, first: bool, a: int | None, b: int | None) -> list[str]:
    wanted = "a" if first else "b"
    return [wanted] if {"a": a, "b": b}[wanted] is None else []


async def status_later(self: object, first: bool, a: int | None, b: int | None) -> list[str]:
    return status(self, first, a, b)


def steps(first: bool, **inputs: object) -> dict[str, object]:
    return {
        "1": step("Source", value=1),
        "2": step("Source", value=2),
        "3": step("Switch", first=first, a=["1", 0], b=["2", 0], **inputs),
    }


@pytest.mark.parametrize("asked", [status, status_later])
@pytest.mark.parametrize(
    ("first", "value", "executed"), [(True, (1, None), ("1", "3")), (False, (None, 2), ("2", "3"))]
)
def test_only_what_is_asked_for_is_computed(
    bench: Bench, asked: Any, first: bool, value: object, executed: tuple[str, ...]
) -> None:
    bench.add(Switch=toy(SWITCH, switch, ("*",), check_lazy_status=asked))
    outcome = bench.go(steps(first), ["3"])
    assert (outcome.results["3"], outcome.executed) == ((value,), executed)
    assert bench.go(steps(first), ["3"]).executed == ()


def test_it_is_asked_again_until_it_returns_nothing_new(bench: Bench) -> None:
    seen: list[tuple[object, object]] = []

    def one_by_one(self: object, first: bool, a: int | None, b: int | None) -> list[str]:
        seen.append((a, b))
        return ["a"] if a is None else ["a", "b"]

    bench.add(Switch=toy(SWITCH, switch, ("*",), check_lazy_status=one_by_one))
    assert bench.value(steps(True), "3") == (1, 2)
    assert seen == [(None, None), (1, None), (1, 2)]


@pytest.mark.parametrize("answer", [None, [], (), ["gone"], ["first"]])
def test_an_answer_without_a_lazy_name_asks_for_nothing(bench: Bench, answer: Any) -> None:
    bench.add(Switch=toy(SWITCH, switch, ("*",), check_lazy_status=lambda self, **given: answer))
    assert bench.value(steps(True), "3") == (None, None)
    assert Source.calls == 0


def test_the_instance_that_is_asked_is_the_one_that_works(bench: Bench) -> None:
    def asked(self: Any, **given: object) -> list[str]:
        self.seen = [*getattr(self, "seen", ()), sorted(given)]
        return []

    bench.add(Switch=toy(SWITCH, lambda self, **given: (self.seen,), ("*",), check_lazy_status=asked))
    assert bench.value(steps(True), "3") == [["a", "b", "first"]]


def test_without_check_lazy_status_nothing_is_lazy(bench: Bench) -> None:
    bench.add(Switch=toy(SWITCH, switch, ("*",)))
    assert bench.value(steps(True), "3") == (1, 2)


def test_a_lazy_input_that_is_left_out_is_left_to_the_default_of_the_function(bench: Bench) -> None:
    bench.add(
        Switch=toy(
            SWITCH, lambda self, first, a, b="unset": ((a, b),), ("*",), check_lazy_status=lambda self, **given: []
        )
    )
    drawn = steps(True)
    drawn["3"] = step("Switch", first=True, a=["1", 0])
    assert bench.value(drawn, "3") == (None, "unset")


def test_hidden_values_and_lists_reach_the_question_too(bench: Bench) -> None:
    seen: list[object] = []

    def asked(self: object, a: list[Any], first: list[bool], id: list[str]) -> list[str]:
        seen.append((a, first, id))
        return ["a"]

    inputs = SWITCH | {"hidden": {"id": "UNIQUE_ID"}}
    bench.add(
        Switch=toy(inputs, lambda self, **given: (given["a"],), ("*",), check_lazy_status=asked, INPUT_IS_LIST=True)
    )
    assert bench.value(steps(True), "3") == [1]
    assert seen == [([None], [True], ["3"]), ([1], [True], ["3"])]


def test_a_question_that_raises_ends_the_run_at_its_node(bench: Bench) -> None:
    bench.add(Switch=toy(SWITCH, switch, ("*",), check_lazy_status=lambda self, **given: 1 / 0))
    error = bench.go(steps(True), ["3"]).error
    assert error is not None
    assert (error.node, error.exception_type) == ("3", "ZeroDivisionError")
