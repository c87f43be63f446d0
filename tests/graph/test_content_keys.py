"""The laws of content addresses: equal content, equal key; anything else, another key."""

import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.keys import Keyless, Keys, token, walk
from graph.registry import Registry
from graph.spec import node
from graph.steps import from_api

LAX = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same to the last bit: 1, 1.0 and true differ, and so do 0.0 and -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return struct.pack("d", left) == struct.pack("d", right)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


@given(json_values, json_values)
@LAX
def test_tokens_are_equal_only_for_equal_values(left: Any, right: Any) -> None:
    assert (token(left) == token(right)) == same(left, right)


@given(st.lists(json_values, max_size=4), st.lists(json_values, max_size=4))
@LAX
def test_tokens_in_a_row_can_be_told_apart(left: list[Any], right: list[Any]) -> None:
    assert ("".join(map(token, left)) == "".join(map(token, right))) == same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, 1.0), (1, True), (0, False), (0.0, -0.0), ("1", 1), (None, "n;"), ([], {}), ([1, [2]], [[1], 2]), ("", None)],
)
def test_values_that_look_alike_differ(left: object, right: object) -> None:
    assert token(left) != token(right)


def test_the_order_of_an_objects_keys_does_not_matter() -> None:
    assert token({"a": 1, "b": 2}) == token({"b": 2, "a": 1})


def test_what_is_no_json_has_no_key() -> None:
    ring: list[Any] = []
    ring.append(ring)
    for value in (object(), {1: 2}, [b""], ring):
        with pytest.raises(Keyless):
            token(value)


def node_of(id: str, version: int = 1) -> Any:
    @node(id, category="test", version=version)
    def anything(a: Any = None, b: int | None = None, c: str | None = None) -> Any:
        """Anything."""
        return a

    return anything.node


def key(steps: dict[str, Any], step: str, version: int = 1) -> str:
    known = Keys()
    workflow = from_api(steps)
    walk(known, workflow.steps.get, Registry([node_of("A", version), node_of("B")]), {}, [step])
    return known.keys[step]


def one(class_type: str = "A", **inputs: Any) -> dict[str, Any]:
    return {"1": {"class_type": class_type, "inputs": inputs}}


def test_a_key_does_not_depend_on_ids_titles_or_the_order_of_inputs() -> None:
    left = {"1": {"class_type": "A", "inputs": {"a": 1, "c": "x"}}, "2": {"class_type": "B", "inputs": {"a": ["1", 0]}}}
    right = {
        "y": {"class_type": "B", "inputs": {"a": ["x", 0]}, "_meta": {"title": "t"}},
        "x": {"class_type": "A", "inputs": {"c": "x", "a": 1}},
    }
    assert key(left, "2") == key(right, "y")


def test_a_key_depends_on_everything_else() -> None:
    keys = [
        key(one(), "1"),
        key(one("B"), "1"),
        key(one(), "1", version=2),
        key(one(a=1), "1"),
        key(one(a=1.0), "1"),
        key(one(a=True), "1"),
        key(one(a="1"), "1"),
        key(one(b=1), "1"),
        key(one(a=None), "1"),
        key(one(a={"__value__": [1, 2]}), "1"),
        key(one(a={"__value__": ["9", 0]}), "1"),
        key({**one(a=["2", 0]), "2": {"class_type": "A"}}, "1"),
        key({**one(a=["2", 1]), "2": {"class_type": "A"}}, "1"),
        key({**one(b=["2", 0]), "2": {"class_type": "A"}}, "1"),
        key({**one(a=["2", 0]), "2": {"class_type": "B"}}, "1"),
    ]
    assert len(set(keys)) == len(keys)


def test_literals_count_as_the_node_will_see_them() -> None:
    assert key(one(b="5"), "1") == key(one(b=5), "1") == key(one(b=5.0), "1") == key(one(b={"__value__": 5}), "1")


def test_inputs_that_the_node_does_not_have_do_not_count() -> None:
    assert key(one(a=1, other=5), "1") == key(one(a=1), "1")
    assert key({**one(a=1, other=["2", 0]), "2": {"class_type": "A"}}, "1") == key(one(a=1), "1")


def test_a_text_cannot_pretend_to_be_a_link() -> None:
    linked = key({**one(a=["2", 0]), "2": {"class_type": "A"}}, "1")
    upstream = key({"2": {"class_type": "A"}}, "2")
    assert linked != key(one(a=f"@0;{upstream}"), "1")
