"""The laws of lists and blockers: one call per item, lists that are made and taken, items that do not go on."""

from typing import Any

from graph.events import NodeBlocked
from graph.results import Blocker, Shown
from graph.spec import node


def equip(lab: Any) -> None:
    @node("Range", category="test")
    def count(stop: int = 3, start: int = 0) -> list[int]:
        """A list of numbers."""
        return list(range(start, stop))

    @node("Total", category="test")
    def total(values: list[int]) -> int:
        """The sum of all values at once."""
        lab.note("Total")
        return sum(values)

    @node("Odd", category="test")
    def odd(value: int, message: str | None = None) -> int:
        """Let odd numbers pass only."""
        return value if value % 2 else Blocker(message)  # pyright: ignore[reportReturnType]

    @node("Tell", category="test", terminal=True)
    def tell(value: int) -> Shown:
        """Show a value."""
        lab.note("Tell")
        return Shown(ui={"text": [value]})

    @node("Pair", category="test")
    def pair(left: int, right: int) -> str:
        """Two values as text."""
        return f"{left}{right}"

    for each in (count, total, odd, tell, pair):
        lab.add(each)


def list_of(stop: int, start: int = 0) -> dict[str, Any]:
    return {"class_type": "Range", "inputs": {"stop": stop, "start": start}}


def test_a_list_is_mapped_item_by_item(lab: Any) -> None:
    equip(lab)
    steps = {"1": list_of(4), "2": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": 10}}}
    assert lab.go(steps, targets=["2"]).results == {"2": ([10, 11, 12, 13],)}
    assert lab.calls["Add"] == 4


def test_shorter_lists_repeat_their_last_item(lab: Any) -> None:
    equip(lab)
    steps = {
        "1": list_of(4),
        "2": list_of(7, 5),
        "3": {"class_type": "Pair", "inputs": {"left": ["1", 0], "right": ["2", 0]}},
    }
    assert lab.go(steps, targets=["3"]).results == {"3": (["05", "16", "26", "36"],)}


def test_an_input_that_takes_lists_gets_all_values_in_one_call(lab: Any) -> None:
    equip(lab)
    steps = {
        "1": list_of(5),
        "2": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": 1}},
        "3": {"class_type": "Total", "inputs": {"values": ["2", 0]}},
    }
    assert lab.go(steps, targets=["3"]).results == {"3": (15,)}
    assert lab.calls["Total"] == 1


def test_a_single_value_arrives_as_a_list_of_one(lab: Any) -> None:
    equip(lab)
    steps = {"1": {"class_type": "Total", "inputs": {"values": 7}}}
    assert lab.go(steps, targets=["1"]).results == {"1": (7,)}


def test_a_list_can_be_written_into_the_workflow(lab: Any) -> None:
    equip(lab)
    steps = {"1": {"class_type": "Total", "inputs": {"values": {"__value__": [1, "2", 3.0]}}}}
    assert lab.go(steps, targets=["1"]).results == {"1": (6,)}


def test_an_empty_list_makes_no_call(lab: Any) -> None:
    equip(lab)
    steps = {"1": list_of(0), "2": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": 1}}}
    assert lab.go(steps, targets=["2"]).results == {"2": ([],)}
    assert "Add" not in lab.calls


def test_what_several_calls_show_is_shown_together(lab: Any) -> None:
    equip(lab)
    outcome = lab.go({"1": list_of(3), "2": {"class_type": "Tell", "inputs": {"value": ["1", 0]}}})
    assert outcome.outputs["2"].ui == {"text": [0, 1, 2]}


def test_a_blocker_keeps_back_its_item_only(lab: Any) -> None:
    equip(lab)
    steps = {
        "1": list_of(5),
        "2": {"class_type": "Odd", "inputs": {"value": ["1", 0]}},
        "3": {"class_type": "Tell", "inputs": {"value": ["2", 0]}},
    }
    assert lab.go(steps).outputs["3"].ui == {"text": [1, 3]}


def test_a_silent_blocker_stops_all_that_depends_on_it_without_a_word(lab: Any) -> None:
    equip(lab)
    steps = {
        "1": {"class_type": "Odd", "inputs": {"value": 2}},
        "2": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": 1}},
        "3": {"class_type": "Tell", "inputs": {"value": ["2", 0]}},
        "8": {"class_type": "Number", "inputs": {"value": 8}},
        "9": {"class_type": "Tell", "inputs": {"value": ["8", 0]}},
    }
    outcome = lab.go(steps)
    assert outcome.status == "success"
    assert set(outcome.executed) == {"1", "8", "9"}
    assert lab.said(NodeBlocked) == []


def test_a_blocker_with_a_message_is_reported_by_the_first_step_it_reaches(lab: Any) -> None:
    equip(lab)
    steps = {
        "1": {"class_type": "Odd", "inputs": {"value": 2, "message": "even"}},
        "2": {"class_type": "Add", "inputs": {"left": ["1", 0], "right": 1}},
        "3": {"class_type": "Tell", "inputs": {"value": ["2", 0]}},
    }
    for _ in range(2):  # the second time the blocker comes out of the cache
        outcome = lab.go(steps)
        assert outcome.status == "success"
        assert [(event.node, event.message) for event in lab.said(NodeBlocked)] == [("2", "even")]


def test_a_blocker_inside_a_list_input_keeps_the_call_back(lab: Any) -> None:
    equip(lab)
    steps = {
        "1": list_of(3),
        "2": {"class_type": "Odd", "inputs": {"value": ["1", 0]}},
        "3": {"class_type": "Total", "inputs": {"values": ["2", 0]}},
        "4": {"class_type": "Tell", "inputs": {"value": ["3", 0]}},
    }
    assert set(lab.go(steps).executed) == {"1", "2"}


def test_a_partly_blocked_list_is_cached_too(lab: Any) -> None:
    equip(lab)
    steps = {
        "1": list_of(5),
        "2": {"class_type": "Odd", "inputs": {"value": ["1", 0]}},
        "3": {"class_type": "Add", "inputs": {"left": ["2", 0], "right": 1}},
        "4": {"class_type": "Tell", "inputs": {"value": ["3", 0]}},
    }
    lab.go(steps)
    again = lab.go(steps)
    assert again.executed == ()
    assert again.outputs["4"].ui == {"text": [2, 4]}


def test_a_list_output_that_is_no_list_is_the_nodes_error(lab: Any) -> None:
    @node("NoList", category="test")
    def no_list(value: int = 0) -> list[int]:
        """Not a list."""
        return value  # pyright: ignore[reportReturnType]

    lab.add(no_list)
    error = lab.go({"1": {"class_type": "NoList", "inputs": {"value": 3}}}, targets=["1"]).error
    assert error.message == "NoList: its output INT is a list, and it returned int"
