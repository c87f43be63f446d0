"""The laws of literals: one function says what a literal means, for the check and for the run."""

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.coerce import coerce
from graph.errors import CoerceError
from graph.interface import Input


def as_(kind: str, value: object, **more: Any) -> object:
    return coerce(Input("x", kind, **more), value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("INT", 5, 5), ("INT", "5", 5), ("INT", " -5 ", -5), ("INT", 5.0, 5), ("INT", 5.9, 5), ("INT", True, 1),
        ("INT", 2**70, 2**70), ("FLOAT", 5, 5.0), ("FLOAT", "5.5", 5.5), ("FLOAT", True, 1.0), ("STRING", 5, "5"),
        ("STRING", True, "True"), ("STRING", 1.5, "1.5"), ("BOOLEAN", 1, True), ("BOOLEAN", 0.0, False),
        ("BOOLEAN", "False", False), ("BOOLEAN", "true", True), ("COMBO", "x", "x"), ("MODEL", "x", "x"),
        ("*", None, None),
    ],
)  # fmt: skip
def test_literals_become_the_type_that_is_asked_for(kind: str, value: object, expected: object) -> None:
    found = as_(kind, value)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("INT", "abc", "invalid literal for int() with base 10: 'abc'"),
        ("INT", "5.0", "invalid literal"),
        ("INT", None, "expected a whole number, found null"),
        ("INT", [1], "found a list"),
        ("INT", {}, "found an object"),
        ("INT", math.inf, "infinity"),
        ("INT", math.nan, "NaN"),
        ("INT", "9" * 5000, "Exceeds the limit"),
        ("FLOAT", "abc", "could not convert"),
        ("FLOAT", "nan", "expected a finite number"),
        ("FLOAT", "inf", "expected a finite number"),
        ("FLOAT", 10**400, "too large"),
        ("STRING", None, "expected text, found null"),
        pytest.param("STRING", 10**5000, "more than 4,000 digits", id="a number too long to print"),
        ("BOOLEAN", "yes", "expected true or false, found text"),
        ("BOOLEAN", None, "found null"),
    ],
)
def test_what_cannot_be_read_says_why(kind: str, value: object, message: str) -> None:
    with pytest.raises(CoerceError) as refused:
        as_(kind, value)
    assert message in str(refused.value)


def test_null_is_a_value_where_it_is_declared_to_be_one() -> None:
    assert as_("INT", None, nullable=True) is None


def test_every_item_of_a_list_is_read() -> None:
    assert as_("INT", ["1", 2.0], is_list=True) == [1, 2]


@given(
    st.sampled_from(["INT", "FLOAT", "STRING", "BOOLEAN"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_was_read_once_reads_as_itself(kind: str, value: object) -> None:
    try:
        once = as_(kind, value)
    except CoerceError:
        return
    assert as_(kind, once) is once
