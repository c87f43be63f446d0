"""What a run does becomes messages of the wire: in the wire's order, and never quadratic."""

import json
from dataclasses import dataclass

from graph import events
from graph.events import Event
from runs.records import Message
from runs.telling import Teller


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def started(node: str, class_type: str = "KSampler", display: str | None = None, parent: str | None = None) -> Event:
    return events.NodeStarted(node, display or node, parent, class_type, "new", 1.0)


def types(told: list[Message]) -> list[str]:
    return [message.type for message in told]


def states(message: Message) -> dict[str, str]:
    nodes = message.data["nodes"]
    assert isinstance(nodes, dict)
    return {node: entry["state"] for node, entry in nodes.items()}


def test_a_run_is_told_in_the_order_of_the_wire() -> None:
    clock = Clock()
    teller = Teller("r", "c", clock=clock)
    told = teller.hear(
        [
            events.RunStarted(("9",), 2, 1.0),
            events.NodeCached("4", "4", 1.0),
            events.NodeCached("5", "5", 1.0),
            started("3"),
        ]
    )
    assert types(told) == ["execution_start", "execution_cached", "progress_state", "executing"]
    assert told[0].data == {"prompt_id": "r", "timestamp": 1000, "to_run": 2}
    assert told[1].data["nodes"] == ["4", "5"]
    assert told[3].data == {"node": "3", "display_node": "3", "prompt_id": "r"}
    clock.now = 1.0
    told = teller.hear([events.Progress("3", "3", 1.0, 2.0, 2.0)])
    assert types(told) == ["progress_state", "progress"]
    assert told[1].data == {"value": 1, "max": 2, "prompt_id": "r", "node": "3"}
    clock.now = 2.0
    shown = events.NodeShown("9", "9", {"images": []}, False, 3.0)
    told = teller.hear([events.NodeFinished("3", "3", 0.5, 3.0), started("9", "SaveImage"), shown])
    assert types(told) == ["progress_state", "executing", "executed"]
    assert states(told[0]) == {"3": "finished", "9": "running"}
    clock.now = 3.0
    told = teller.hear([events.NodeFinished("9", "9", 0.5, 4.0)])
    assert [states(message) for message in told] == [{"9": "finished"}]
    (nodes,) = [message.data["nodes"] for message in told]
    assert isinstance(nodes, dict)
    assert nodes["9"]["seconds"] == 0.5


def test_a_run_without_anything_to_run_still_says_what_is_cached() -> None:
    teller = Teller("r", "c", clock=Clock())
    told = teller.hear(
        [
            events.RunStarted(("9",), 0, 1.0),
            events.NodeCached("9", "9", 1.0),
            events.NodeShown("9", "9", {"images": [1]}, True, 1.0),
            events.RunFinished("success", 0.1, 1.0),
        ]
    )
    assert types(told) == ["execution_start", "execution_cached", "executed", "progress_state"]
    assert states(told[3]) == {"9": "finished"}
    assert teller.outputs == {"9": {"images": [1]}}


def test_five_thousand_nodes_make_less_than_two_megabytes_and_each_is_told_as_finished() -> None:
    clock = Clock()
    teller = Teller("b7f9d1f0-0000-4000-8000-000000000000", "c", clock=clock)
    told = teller.hear([events.RunStarted(("9",), 5000, 1.0)])
    for number in range(5000):
        node = str(number)
        told += teller.hear([started(node, "ToyAdd"), events.NodeFinished(node, node, 0.0001, 1.0)])
        clock.now += 0.0003
    told += teller.last_snapshot()
    size = sum(len(json.dumps({"type": each.type, "data": each.data}, separators=(",", ":"))) for each in told)
    assert size < 2_000_000
    finished = {
        node
        for message in told
        if message.type == "progress_state"
        for node, state in states(message).items()
        if state == "finished"
    }
    assert len(finished) == 5000


def test_a_node_that_reports_very_often_is_told_and_logged_seldom_and_its_end_always() -> None:
    clock = Clock()
    teller = Teller("r", "c", clock=clock)
    told = teller.hear([events.RunStarted(("3",), 1, 1.0), started("3")])
    for value in range(1, 10_001):
        told += teller.hear([events.Progress("3", "3", value, 10_000, 1.0)])
        clock.now += 0.0001
    progress = [message for message in told if message.type == "progress"]
    assert 45 <= len(progress) <= 60
    assert progress[-1].data["value"] == 10_000
    assert len([message for message in progress if message.seq]) <= 5
    assert progress[-1].seq > 0


def test_what_was_held_back_is_told_when_its_time_has_come() -> None:
    clock = Clock()
    teller = Teller("r", "c", clock=clock)
    teller.hear([events.RunStarted(("3",), 1, 1.0), started("3"), events.Progress("3", "3", 1, 9, 1.0)])
    assert types(teller.hear([events.Progress("3", "3", 2, 9, 1.0)])) == []
    due = teller.due()
    assert due is not None
    assert due > 0
    clock.now += due
    told = teller.overdue()
    assert [message.data.get("value") for message in told if message.type == "progress"] == [2]
    clock.now += 1
    teller.overdue()
    assert teller.due() is None


def test_logged_messages_are_numbered_without_gaps_also_in_a_second_attempt() -> None:
    first = Teller("r", "c", clock=Clock())
    told = first.hear([events.RunStarted(("3",), 1, 1.0), started("3")])
    second = Teller("r", "c", seq=first.seq, clock=Clock())
    told += second.hear([events.RunStarted(("3",), 1, 2.0), started("3")])
    numbers = [message.seq for message in told if message.seq]
    assert numbers == list(range(1, len(numbers) + 1))


def test_steps_of_an_expansion_are_told_with_the_step_that_was_drawn() -> None:
    teller = Teller("r", "c", clock=Clock())
    told = teller.hear(
        [
            events.RunStarted(("3",), 1, 1.0),
            started("3.0.1", display="3", parent="3"),
            events.NodeFailed("3.0.1", "3", "ToyFail", "ValueError", "no", ("line",), {"a": ("1",)}, (), 1.0),
        ]
    )
    assert told[-1].type == "execution_error"
    assert told[-1].data["node_id"] == "3"
    assert told[-1].data["real_node_id"] == "3.0.1"
    assert told[-2].data == {"node": "3.0.1", "display_node": "3", "prompt_id": "r"}


def test_whoever_joins_late_hears_of_every_node_that_began() -> None:
    clock = Clock()
    teller = Teller("r", "c", clock=clock)
    teller.hear(
        [events.RunStarted(("3",), 1, 1.0), started("1"), events.NodeFinished("1", "1", 0.1, 1.0), started("2")]
    )
    clock.now = 5.0
    teller.last_snapshot()
    joined = teller.joined()
    assert types(joined) == ["progress_state", "executing"]
    assert states(joined[0]) == {"1": "finished", "2": "running"}
    assert all(message.seq == 0 for message in joined)


def test_what_a_node_says_is_told_live_under_its_own_name() -> None:
    teller = Teller("r", "c")
    said = events.NodeSaid("7", "4", "my_pack.histogram", {"bins": [1, 2]}, 1.0)
    [told] = teller.hear([said])
    assert (told.type, told.seq) == ("my_pack.histogram", 0)
    assert told.data == {"bins": [1, 2], "node": "7", "display_node": "4", "prompt_id": "r"}


def test_a_node_cannot_speak_in_the_words_of_the_server() -> None:
    lies = [
        events.NodeSaid("7", "7", kind, {"prompt_id": "other"}, 1.0) for kind in ("execution_success", "status", "")
    ]
    assert Teller("r", "c").hear(lies) == []


def test_an_error_tells_no_folder_of_the_machine() -> None:
    message = "cannot open /home/somebody/models/a.bin"
    failed = events.NodeFailed("1", "1", "Load", "OSError", message, (), {}, (), 1.0)
    [told] = Teller("r", "c").hear([failed])
    assert "somebody" not in str(told.data["exception_message"])
