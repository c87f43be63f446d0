"""Records become the shapes that clients read, and messages the frames of websockets."""

import json
from struct import unpack
from typing import Any

import pytest

from runs.records import Message, PreviewFrame, Record, State
from server.wire import Picture, Text, history_entry, is_name, job, job_detail, number, queue_item, text_of

WORKFLOW = {"9": {"class_type": "ToyShow", "inputs": {"value": 1}}}


def record(state: State = "done", **more: Any) -> Record:
    usual: dict[str, Any] = {"submitted_at": 1000.0, "started_at": 1001.5, "ended_at": 1003.25, "attempts": 1}
    return Record("run", 5.0, state, WORKFLOW, ("9",), **(usual | more))


def message(type: str, seq: int = 1, **data: object) -> Message:
    return Message("run", "me", seq, type, {"prompt_id": "run", **data}, 1001.5, seq)


@pytest.mark.parametrize(
    ("place", "written"), [(0.0, "0"), (-38.0, "-38"), (-5.5, "-5.5"), (1e300, "1e+300"), (37.0, "37")]
)
def test_places_in_the_queue_are_whole_where_they_can_be(place: float, written: str) -> None:
    assert json.dumps(number(place)) == written


def test_an_item_of_the_queue_has_five_parts() -> None:
    item = queue_item(record("queued", client_id="me", extra={"extra_pnginfo": {"workflow": {}}}))
    assert item == [5, "run", WORKFLOW, {"extra_pnginfo": {"workflow": {}}, "client_id": "me"}, ["9"]]


def test_an_entry_of_the_history_repeats_the_messages_of_the_run() -> None:
    outputs = {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}}
    meta = {"9": {"node_id": "9", "display_node": "9", "parent_node": None, "real_node_id": "9"}}
    told = [
        message("execution_start", 1, timestamp=1),
        message("execution_cached", 2, nodes=[], timestamp=2),
        message("executing", 3, node="9", display_node="9"),
        message("execution_success", 4, timestamp=3),
    ]
    entry = history_entry(record(outputs=outputs, meta=meta), told)
    assert entry == {
        "prompt": [5, "run", WORKFLOW, {}, ["9"]],
        "outputs": outputs,
        "status": {
            "status_str": "success",
            "completed": True,
            "messages": [
                ["execution_start", {"prompt_id": "run", "timestamp": 1}],
                ["execution_cached", {"prompt_id": "run", "nodes": [], "timestamp": 2}],
                ["execution_success", {"prompt_id": "run", "timestamp": 3}],
            ],
        },
        "meta": meta,
    }


def test_of_a_run_that_was_tried_again_the_last_attempt_is_told() -> None:
    told = [message("execution_start", 1), message("execution_cached", 2), message("execution_start", 3)]
    entry: Any = history_entry(record(), told)
    assert len(entry["status"]["messages"]) == 1


@pytest.mark.parametrize("state", ["failed", "lost"])
def test_a_run_that_ended_badly_without_a_word_has_an_error_with_all_fields(state: State) -> None:
    error = {"exception_type": "WorkerDied", "exception_message": "the worker died"}
    entry: Any = history_entry(record(state, error=error), [message("execution_start")])
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    kind, data = entry["status"]["messages"][-1]
    assert kind == "execution_error"
    assert data["exception_message"] == "the worker died"
    wanted = {"prompt_id", "node_id", "node_type", "executed", "exception_message", "exception_type", "traceback",
              "current_inputs", "current_outputs", "timestamp"}  # fmt: skip
    assert data.keys() >= wanted


def test_an_interrupted_run_ends_with_the_word_for_it() -> None:
    told = [message("execution_start", 1), message("execution_interrupted", 2, node_id="9")]
    entry: Any = history_entry(record("interrupted"), told)
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"


@pytest.mark.parametrize(
    ("state", "status"),
    [("queued", "pending"), ("running", "in_progress"), ("done", "completed"), ("failed", "failed"),
     ("lost", "failed"), ("interrupted", "cancelled")],
)  # fmt: skip
def test_every_state_has_its_status_of_a_job(state: State, status: str) -> None:
    assert job(record(state))["status"] == status


def test_a_job_tells_times_in_milliseconds_and_its_first_saved_picture() -> None:
    preview = {"filename": "t.png", "subfolder": "", "type": "temp"}
    saved = {"filename": "a.png", "subfolder": "", "type": "output"}
    outputs = {"8": {"images": [preview], "text": ["seven"]}, "9": {"images": [saved]}}
    extra = {"extra_pnginfo": {"workflow": {"id": "w-1"}}}
    found = job(record(outputs=outputs, extra=extra))
    assert found == {
        "id": "run",
        "status": "completed",
        "priority": 5,
        "create_time": 1_000_000,
        "execution_start_time": 1_001_500,
        "execution_end_time": 1_003_250,
        "outputs_count": 2,
        "preview_output": {**saved, "nodeId": "9", "mediaType": "images"},
        "workflow_id": "w-1",
    }
    detail: Any = job_detail(record(outputs=outputs, extra=extra))
    assert detail["workflow"] == {"prompt": WORKFLOW, "extra_data": extra}
    assert detail["outputs"] == outputs


def test_a_job_that_waits_tells_no_times_it_does_not_know() -> None:
    assert job(record("queued", started_at=None, ended_at=None)).keys() == {"id", "status", "priority", "create_time"}


def test_odd_things_that_came_along_are_no_id_of_a_workflow() -> None:
    for odd in (None, "x", {"workflow": None}, {"workflow": {"id": 7}}, {"workflow": ["id"]}):
        assert "workflow_id" not in job(record(extra={"extra_pnginfo": odd}))


def test_a_text_frame_carries_run_and_place_only_for_those_who_asked() -> None:
    frame = text_of(message("executing", 3, node="9"))
    assert json.loads(frame.plain()) == {"type": "executing", "data": {"prompt_id": "run", "node": "9"}}
    assert json.loads(frame.numbered()) == json.loads(frame.plain()) | {"seq": 3, "run": "run"}
    status = Text("status", {"status": {}})
    assert status.numbered() == status.plain()


def test_half_a_surrogate_pair_in_a_message_does_not_stop_the_others() -> None:
    assert b"?" in Text("executed", {"text": "\ud800"}).plain()


def test_previews_have_a_form_for_old_clients_and_one_with_metadata() -> None:
    frame = Picture(PreviewFrame("run", "me", "3", "2", "1", "image/png", b"\x89PNG"))
    plain = frame.plain()
    assert plain is not None
    assert unpack(">II", plain[:8]) == (1, 2)
    assert plain[8:] == b"\x89PNG"
    event, length = unpack(">II", frame.with_metadata()[:8])
    assert event == 4
    assert json.loads(frame.with_metadata()[8 : 8 + length]) == {
        "node_id": "3",
        "prompt_id": "run",
        "display_node_id": "2",
        "parent_node_id": "1",
        "real_node_id": "3",
        "image_type": "image/png",
    }
    assert frame.with_metadata()[8 + length :] == b"\x89PNG"


def test_old_clients_are_not_sent_a_format_they_do_not_know() -> None:
    assert Picture(PreviewFrame("run", None, "3", "3", None, "image/webp", b"RIFF")).plain() is None


@pytest.mark.parametrize("name", ["a" * 201, "a\r\nb", "a\0", "\x9f"])
def test_long_names_and_control_characters_are_no_names(name: str) -> None:
    assert not is_name(name)
    assert is_name("my-own-id ñ 日本")
