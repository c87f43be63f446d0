"""Events go through JSON unchanged."""

import json
from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import events
from graph.events import Event
from runs.event_json import from_json, to_json
from runs.frames import FrameError

EVENTS: list[Event] = [
    events.RunStarted(("9", "10"), 3, 1.5),
    events.NodeCached("4", "4", 1.5),
    events.NodeStarted("4.0.x", "4", "4", "ToyAdd", "first run", 1.5),
    events.NodeStarted("4", "4", None, "ToyAdd", "input `a` changed", 1.5),
    events.Progress("4", "4", 3, 20, 1.5),
    events.Progress("4", "4", 0.5, 1.0, 1.5),
    events.NodeText("4", "4", "fetching ✂", 1.5),
    events.NodeShown("9", "9", {"images": [{"filename": "a_1.png", "type": "output"}], "animated": [False]}, True, 1.5),
    events.NodeBlocked("5", "5", "ToyAdd", "the mask is empty", 1.5),
    events.NodeSaid("5", "4", "my_pack.histogram", {"bins": [1, 2], "über": None}, 1.5),
    events.NodeFinished("4", "4", 0.25, 1.5),
    events.NodeFailed(
        "4", "4", "ToyFail", "ValueError", "grün", ("line 1", "line 2"), {"a": ("3", "… 2 more"), "b": ()}, ("1",), 1.5
    ),
    events.Interrupted("4", "4", "ToySleep", ("1", "2"), 1.5),
    events.Interrupted(None, None, None, (), 1.5),
    events.RunFinished("interrupted", 0.125, 1.5),
]


def test_every_kind_of_event_but_previews_is_tried_here() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event)) - {events.Preview}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    told = to_json(event)
    assert set(told) == {"event", *(each.name for each in fields(event))}
    assert told["event"] == type(event).__name__
    again = from_json(json.loads(json.dumps(told)))
    assert again == event
    assert type(again) is type(event)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.integers())
def test_progress_of_any_numbers_comes_back_as_it_was(value: float, total: int) -> None:
    event = events.Progress("1", "1", value, total, 0.0)
    assert from_json(json.loads(json.dumps(to_json(event)))) == event


class Scalar:
    """A number as array libraries have them."""

    def __float__(self) -> float:
        return 2.5


@pytest.mark.parametrize(
    ("value", "told"),
    [(Scalar(), 2.5), (float("nan"), 0.0), (float("inf"), 0.0), ("many", 0.0), (None, 0.0), (True, 1)],
)
def test_progress_that_is_no_number_does_not_stop_the_telling(value: Any, told: float) -> None:
    assert from_json(to_json(events.Progress("1", "1", value, 4, 0.0))) == events.Progress("1", "1", told, 4, 0.0)


def test_a_blocker_may_say_anything() -> None:
    message: Any = 12
    assert from_json(to_json(events.NodeBlocked("1", "1", "A", message, 0.0))) == events.NodeBlocked(
        "1", "1", "A", "12", 0.0
    )


def test_a_preview_has_no_json() -> None:
    with pytest.raises(FrameError, match="Picture"):
        to_json(events.Preview("1", "1", b"", 0.0))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"event": "Preview", "node": "1", "display": "1", "image": "", "at": 0},
        {"event": ["NodeCached"]},
        {"event": "NodeCached", "node": "1", "display": "1"},
        {"event": "NodeCached", "node": "1", "display": "1", "at": 0, "more": 1},
        {"event": "NodeCached", "node": 1, "display": "1", "at": 0},
        {"event": "RunFinished", "status": "lost", "seconds": 0, "at": 0},
        {"event": "RunStarted", "targets": "9", "to_run": 1, "at": 0},
    ],
)
def test_what_is_no_event_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(FrameError):
        from_json(data)
