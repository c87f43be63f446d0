"""What is wrong with a workflow reads, in the words of the wire, as clients of this field know it."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import pytest

from graph.check import check
from graph.described import Descriptions, description, read_descriptions
from graph.interface import Node
from graph.problems import Problem, problem_from_json, problem_to_json
from graph.registry import Registry
from graph.results import Shown
from graph.spec import Choice, ChoiceFrom, Range, node
from graph.steps import Workflow, from_api
from server.node_errors import MOST_NODES, node_errors, refusal

FAILED = "prompt_outputs_failed_validation"
SCHEDULERS = ("simple", "normal", "karras")
SAMPLERS = tuple(f"sampler_{number}" for number in range(42))


class Model:
    wire = "MODEL"


class Clip:
    wire = "CLIP"


class Picture:
    wire = "IMAGE"


class Loaded(NamedTuple):
    model: Model
    clip: Clip


@node("Load", category="test")
def load(name: Annotated[str, ChoiceFrom("checkpoints")]) -> Loaded:
    """A model and its text encoder."""
    raise NotImplementedError


@node("Sample", category="test")
def sample(
    model: Model,
    seed: Annotated[int, Range(0, 2**64 - 1)],
    steps: Annotated[int, Range(1, 10_000)],
    cfg: Annotated[float, Range(0, 100)],
    sampler_name: Annotated[str, Choice(SAMPLERS)],
    scheduler: Annotated[str, Choice(SCHEDULERS)],
) -> Picture:
    """A picture."""
    raise NotImplementedError


@node("Blend", category="test")
def blend(first: Picture, second: Picture) -> Picture:
    """Two pictures in one."""
    raise NotImplementedError


@node("Show", category="test", terminal=True)
def show(images: Picture) -> Shown:
    """Show a picture."""
    raise NotImplementedError


@node("Threshold", category="test", terminal=True, validate=lambda literals, types: [("value", "Value 50.0 is much")])
def threshold(value: float) -> Shown:
    """Judges its value itself."""
    raise NotImplementedError


NODES: list[Node] = [each.node for each in (load, sample, blend, show, threshold)]
CATALOGUES = {"checkpoints": lambda: ["a.safetensors", "b.safetensors"]}
GOOD: Mapping[str, object] = {
    "model": ["4", 0], "seed": 1, "steps": 20, "cfg": 8.0, "sampler_name": "sampler_1", "scheduler": "karras",
}  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Descriptions:
    return read_descriptions(json.loads(json.dumps([description(each) for each in NODES])))


def drawn(**changes: object) -> dict[str, Any]:
    inputs = {name: value for name, value in {**GOOD, **changes}.items() if value != "absent"}
    return {
        "4": {"class_type": "Load", "inputs": {"name": "a.safetensors"}},
        "3": {"class_type": "Sample", "inputs": inputs},
        "9": {"class_type": "Show", "inputs": {"images": ["3", 0]}},
    }


def problems_of(steps: object) -> tuple[Workflow, tuple[Problem, ...]]:
    """The problems as they come from a worker: through JSON."""
    workflow = from_api(steps)
    found = check(workflow, Registry(NODES), CATALOGUES)
    return workflow, tuple(problem_from_json(json.loads(json.dumps(problem_to_json(each)))) for each in found)


def answer(known: Descriptions, steps: object) -> dict[str, Any]:
    workflow, problems = problems_of(steps)
    assert any(problem.severity == "error" for problem in problems)
    return json.loads(json.dumps(refusal(problems, workflow, known, CATALOGUES)))


def entry(known: Descriptions, steps: object, step: str = "3") -> dict[str, Any]:
    """The only entry of the only step that is wrong."""
    body = answer(known, steps)
    assert body["error"] == {
        "type": FAILED, "message": "Prompt outputs failed validation", "details": "", "extra_info": {},
    }  # fmt: skip
    assert list(body["node_errors"]) == [step]
    (only,) = body["node_errors"][step]["errors"]
    return only


def test_a_missing_input_is_named(known: Descriptions) -> None:
    found = entry(known, drawn(seed="absent"))
    assert (found["type"], found["message"]) == ("required_input_missing", "Required input is missing")
    assert found["details"] == "seed"
    assert found["extra_info"]["input_name"] == "seed"
    assert found["extra_info"]["remedy"]


def test_a_node_is_listed_with_its_class_and_the_outputs_that_depend_on_it(known: Descriptions) -> None:
    body = answer(known, drawn(seed="absent"))
    assert body["node_errors"]["3"]["dependent_outputs"] == ["9"]
    assert body["node_errors"]["3"]["class_type"] == "Sample"


def test_what_is_no_number_is_told_with_the_reason_of_python(known: Descriptions) -> None:
    found = entry(known, drawn(steps="abc"))
    assert found["type"] == "invalid_input_type"
    assert found["message"] == "Failed to convert an input value to a INT value"
    assert found["details"] == "steps, abc, invalid literal for int() with base 10: 'abc'"
    extra = found["extra_info"]
    assert extra["input_config"] == ["INT", {"min": 1, "max": 10_000}]
    assert extra["received_value"] == "abc"
    assert extra["exception_message"] == "invalid literal for int() with base 10: 'abc'"


def test_a_value_below_its_bound_names_both(known: Descriptions) -> None:
    found = entry(known, drawn(steps=0))
    assert (found["type"], found["message"]) == ("value_smaller_than_min", "Value 0 smaller than min of 1")
    assert found["details"] == "steps"
    assert found["extra_info"]["received_value"] == 0
    assert found["extra_info"]["input_config"] == ["INT", {"min": 1, "max": 10_000}]


def test_a_number_with_a_point_is_compared_with_bounds_that_have_one(known: Descriptions) -> None:
    found = entry(known, drawn(cfg=1000))
    assert (found["type"], found["message"]) == ("value_bigger_than_max", "Value 1000.0 bigger than max of 100.0")
    assert found["details"] == "cfg"


def test_a_short_list_of_choices_is_repeated(known: Descriptions) -> None:
    found = entry(known, drawn(scheduler="zzz"))
    assert (found["type"], found["message"]) == ("value_not_in_list", "Value not in list")
    assert found["details"] == "scheduler: 'zzz' not in ['simple', 'normal', 'karras']"
    assert found["extra_info"]["input_config"] == [["simple", "normal", "karras"]]
    assert found["extra_info"]["received_value"] == "zzz"


def test_a_long_list_of_choices_is_counted(known: Descriptions) -> None:
    found = entry(known, drawn(sampler_name="zzz"))
    assert found["details"] == "sampler_name: 'zzz' not in (list of length 42)"
    assert found["extra_info"]["input_config"] is None


def test_names_of_files_come_from_their_catalogue(known: Descriptions) -> None:
    steps = drawn() | {"4": {"class_type": "Load", "inputs": {"name": "c.safetensors"}}}
    found = entry(known, steps, "4")
    assert found["details"] == "name: 'c.safetensors' not in ['a.safetensors', 'b.safetensors']"
    assert found["extra_info"]["input_config"] == [["a.safetensors", "b.safetensors"]]


def test_a_link_of_the_wrong_type_names_both_types(known: Descriptions) -> None:
    found = entry(known, drawn(model=["4", 1]))
    assert (found["type"], found["message"]) == ("return_type_mismatch", "Return type mismatch between linked nodes")
    assert found["details"] == "model, received_type(CLIP) mismatch input_type(MODEL)"
    extra = found["extra_info"]
    assert extra["received_type"] == "CLIP"
    assert extra["linked_node"] == ["4", 1]
    assert extra["input_config"] == ["MODEL"]


def test_a_link_that_is_no_pair_is_shown(known: Descriptions) -> None:
    found = entry(known, drawn(model=["4", 0, 1]))
    assert found["type"] == "bad_linked_input"
    assert found["message"] == "Bad linked input, must be a length-2 list of [node_id, slot_index]"
    assert found["details"] == "model"
    assert found["extra_info"]["received_value"] == ["4", 0, 1]


def test_a_link_to_no_step_says_so_beside_the_words_of_the_wire(known: Descriptions) -> None:
    found = entry(known, drawn(model=["99", 0]))
    assert found["type"] == "exception_during_inner_validation"
    assert found["message"] == "Exception when validating inner node"
    assert found["details"] == "'99'"
    extra = found["extra_info"]
    assert (extra["exception_type"], extra["exception_message"], extra["traceback"]) == ("KeyError", "'99'", [])
    assert (extra["linked_node"], extra["input_name"]) == (["99", 0], "model")
    assert extra["sentence"] == "linked to step '99', which does not exist"
    assert extra["remedy"].startswith("Link it to an existing step.")


def test_an_output_that_is_not_there_is_an_index_error(known: Descriptions) -> None:
    found = entry(known, drawn(model=["4", 2]))
    assert (found["type"], found["details"]) == ("exception_during_inner_validation", "tuple index out of range")
    assert found["extra_info"]["exception_type"] == "IndexError"
    assert found["extra_info"]["linked_node"] == ["4", 2]
    assert "which has 2" in found["extra_info"]["sentence"]


def test_what_a_node_finds_itself_is_passed_on(known: Descriptions) -> None:
    found = entry(known, {"1": {"class_type": "Threshold", "inputs": {"value": 50}}}, "1")
    assert (found["type"], found["message"]) == ("custom_validation_failed", "Custom validation failed for node")
    assert found["details"] == "value - Value 50.0 is much"
    assert found["extra_info"]["input_name"] == "value"


def test_a_node_lists_all_that_is_wrong_with_it(known: Descriptions) -> None:
    body = answer(known, drawn(seed="absent", steps=0, cfg=1000))
    kinds = {each["type"] for each in body["node_errors"]["3"]["errors"]}
    assert kinds == {"required_input_missing", "value_smaller_than_min", "value_bigger_than_max"}


def test_an_unknown_class_refuses_the_whole_and_names_its_node(known: Descriptions) -> None:
    body = answer(known, drawn() | {"5": {"class_type": "NoSuchNode", "inputs": {}}})
    assert body["node_errors"] == {}
    assert body["error"]["type"] == "invalid_prompt"
    assert body["error"]["message"] == "Cannot execute because node NoSuchNode does not exist."
    assert body["error"]["details"] == "Node ID '#5'"
    assert "Install the pack" in body["error"]["extra_info"]["remedy"]


def test_a_step_without_a_class_refuses_the_whole(known: Descriptions) -> None:
    body = answer(known, drawn() | {"5": {"inputs": {}}})
    assert body["error"]["type"] == "invalid_prompt"
    assert body["error"]["message"] == "Cannot execute because a node is missing the class_type property."
    assert body["error"]["details"] == "Node ID '#5'"


@pytest.mark.parametrize("steps", [{}, {"4": {"class_type": "Load", "inputs": {"name": "a.safetensors"}}}])
def test_a_workflow_that_shows_nothing_has_no_outputs(known: Descriptions, steps: object) -> None:
    body = answer(known, steps)
    assert body["node_errors"] == {}
    assert (body["error"]["type"], body["error"]["message"]) == ("prompt_no_outputs", "Prompt has no outputs")
    assert body["error"]["details"] == ""


def test_a_wanted_step_that_is_not_there_is_named(known: Descriptions) -> None:
    workflow = from_api(drawn())
    problems = check(workflow, Registry(NODES), CATALOGUES, ["77"])
    body: Any = refusal(problems, workflow, known, CATALOGUES)
    assert body["error"]["type"] == "invalid_prompt"
    assert body["error"]["message"] == "step '77' is wanted and does not exist"
    assert body["node_errors"] == {}


def test_a_ring_is_shown_although_the_wire_knows_no_word_for_it(known: Descriptions) -> None:
    steps = {
        "1": {"class_type": "Blend", "inputs": {"first": ["2", 0], "second": ["2", 0]}},
        "2": {"class_type": "Blend", "inputs": {"first": ["1", 0], "second": ["1", 0]}},
        "9": {"class_type": "Show", "inputs": {"images": ["1", 0]}},
    }
    body = answer(known, steps)
    assert (body["error"]["type"], body["error"]["message"]) == (FAILED, "Prompt outputs failed validation")
    assert body["node_errors"] == {}
    (path,) = body["error"]["extra_info"]["rings"]
    assert path[0] == path[-1]
    assert set(path) == {"1", "2"}
    assert body["error"]["details"] == " → ".join(path)
    assert body["error"]["extra_info"]["remedy"] == "Remove one of the links of the ring."


def test_a_step_that_links_to_itself_is_a_ring(known: Descriptions) -> None:
    steps = drawn() | {"3": {"class_type": "Blend", "inputs": {"first": ["3", 0], "second": ["3", 0]}}}
    assert answer(known, steps)["error"]["details"] == "3 → 3"


def test_beside_sound_outputs_a_ring_is_an_error_of_its_first_step(known: Descriptions) -> None:
    workflow, problems = problems_of(
        drawn() | {"1": {"class_type": "Blend", "inputs": {"first": ["1", 0], "second": ["3", 0]}}}
    )
    found: Any = node_errors(problems, workflow, known, CATALOGUES)
    assert list(found) == ["1"]
    assert found["1"]["errors"][0]["type"] == "dependency_cycle"
    assert found["1"]["errors"][0]["extra_info"]["path"] == ["1", "1"]


def test_inputs_that_a_node_does_not_know_are_no_errors(known: Descriptions) -> None:
    workflow, problems = problems_of(drawn(colour="red"))
    assert [problem.severity for problem in problems] == ["warning"]
    assert node_errors(problems, workflow, known, CATALOGUES) == {}


def test_very_long_values_are_repeated_in_short(known: Descriptions) -> None:
    for value in ("x" * 100_000, ["y" * 100_000, 1, 2], {"z": "z" * 100_000}):
        body = answer(known, drawn(steps=value, scheduler="q" * 100_000))
        assert len(json.dumps(body)) < 5_000


def test_an_answer_names_a_bounded_number_of_nodes_and_counts_the_others(known: Descriptions) -> None:
    steps: dict[str, Any] = {
        str(number): {"class_type": "Show", "inputs": {"images": ["gone", 0]}} for number in range(3_000)
    }
    body = answer(known, steps)
    assert len(body["node_errors"]) == MOST_NODES
    assert body["error"]["extra_info"] == {"left_off": 3_000 - MOST_NODES}
