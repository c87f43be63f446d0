"""A moved run gets a number between those of its neighbours; where none is left, a few others get new ones too."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.queue_order import orderable, renumbered
from tests.runs.toy_store import memory_store, names, queue

PLACE = 1000
NUMBERS = st.one_of(
    st.integers(-5, 5), st.floats(-3, 3), st.sampled_from([2**63 - 1, -(2**63), 1e300, -1e300, 1.8e308])
)


@given(st.lists(NUMBERS.map(orderable), min_size=1, max_size=12).map(sorted), st.integers(0, 20))
@settings(deadline=None)
def test_after_a_move_every_number_is_larger_than_the_one_before_it(numbers: list[float], at: int) -> None:
    at %= len(numbers)
    found = renumbered(numbers, at, PLACE)
    after = [found.get(index, number) for index, number in enumerate(numbers)]
    assert at in found
    assert all(orderable(number) == number for number in found.values())
    for index, (lower, higher) in enumerate(pairwise(after)):
        touched = index in found or index + 1 in found
        assert lower < higher or (not touched and lower == higher)


@pytest.mark.parametrize(
    ("numbers", "at", "expected"),
    [
        ([0, 3, 4], 1, {1: 2.0}),
        ([3, 0, 4], 1, {1: 3.5}),
        ([0, 3], 0, {0: -PLACE}),
        ([3, 0], 1, {1: PLACE}),
        ([0, -5000], 0, {0: -5001}),
        ([5000, 0], 1, {1: 5001}),
        ([0], 0, {0: PLACE}),
        ([1, 2, 0, 2, 3], 2, {1: 1.5, 2: 2.0, 3: 2.5}),
    ],
)
def test_others_keep_their_numbers_where_that_is_possible(
    numbers: list[float], at: int, expected: dict[int, float]
) -> None:
    assert renumbered(numbers, at, PLACE) == expected


def test_later_runs_still_come_last_and_those_for_the_front_first() -> None:
    store = memory_store()
    one, two, three = (queue(store).id for _ in range(3))
    store.move(one, None)
    last = queue(store).id
    store.move(three, two)
    first = queue(store, front=True).id
    assert names(store.queued()) == [first, three, two, one, last]
    store.move(last, first)
    foremost = queue(store, front=True).id
    assert names(store.queued()) == [foremost, last, first, three, two, one]
    store._connection.close()


def test_a_gap_can_be_halved_for_ever() -> None:
    store = memory_store()
    left, *others, right = [queue(store).id for _ in range(5)]
    for turn in range(400):
        moved = others[turn % len(others)]
        store.move(moved, names(store.queued())[1])
        assert names(store.queued())[:2] == [left, moved]
        assert names(store.queued())[-1] == right
    store._connection.close()
