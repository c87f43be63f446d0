"""Published workflows as functions: values get to their steps, and problems are told by the function's own names."""

from typing import Annotated, Any

import pytest

from graph.check import check
from graph.errors import WorkflowError
from graph.functions import Function, bind, declaration, problems_of, read_function, schema, to_json, with_names
from graph.marks import Choice, ChoiceFrom, Range, Seed
from graph.problems import Problem
from graph.registry import Registry
from graph.results import Shown
from graph.spec import node
from graph.steps import Link, Wrapped, to_api

MOODS = ("calm", "wild")


@node("Paint", category="test")
def paint(
    text: str,
    seed: Annotated[int, Range(0, 100), Seed()],
    mood: Annotated[str, Choice(MOODS)],
    strength: Annotated[float, Range(0, 1)] = 0.5,
    steps: Annotated[int, Range(1, 50)] = 20,
    bright: bool = False,
) -> str:
    """Paint."""
    return f"{text} {seed} {mood} {strength} {steps} {bright}"


@node("Hang", category="test", terminal=True)
def hang(value: Any) -> Shown:
    """Show."""
    return Shown(ui={"text": [str(value)]})


def published(**changes: Any) -> dict[str, Any]:
    """A function as it is sent: a text without any value, a seed and a mood that the workflow has, a default."""
    return {
        "description": "paints",
        "workflow": {
            "1": {"class_type": "Paint", "inputs": {"seed": 3, "mood": "calm", "steps": 10, "bright": True}},
            "2": {"class_type": "Hang", "inputs": {"value": ["1", 0]}},
        },
        "inputs": {
            "prompt": {"node": "1", "input": "text", "description": "what to paint"},
            "seed": {"node": "1", "input": "seed"},
            "mood": {"node": "1", "input": "mood"},
            "how-much": {"node": "1", "input": "strength", "default": 0.25},
        },
        "outputs": {"picture": {"node": "2"}},
    } | changes


@pytest.fixture
def registry() -> Registry:
    return Registry([paint.node, hang.node])


@pytest.fixture
def function() -> Function:
    return read_function(published())


def judged(function: Function, values: dict[str, object], registry: Registry) -> dict[str, Problem]:
    """All problems of a call by the name they are told with."""
    workflow, found = bind(function, values, registry)
    named = with_names(function, found, check(workflow, registry, {}, function.targets))
    assert len({problem.input for problem in named}) == len(named)
    return {problem.input or "": problem for problem in named}


def test_a_function_comes_back_out_of_its_json(function: Function) -> None:
    assert read_function(to_json(function)) == function
    assert function.targets == ("2",)


def test_values_get_to_their_steps_and_the_rest_stays(function: Function, registry: Registry) -> None:
    workflow, found = bind(function, {"prompt": "an apple", "mood": "wild"}, registry)
    assert found == ()
    assert to_api(workflow)["1"] == {
        "class_type": "Paint",
        "inputs": {"seed": 3, "mood": "wild", "steps": 10, "bright": True, "text": "an apple", "strength": 0.25},
    }
    assert workflow.steps["2"].inputs == {"value": Link("1", 0)}
    assert check(workflow, registry, {}, function.targets) == ()
    assert "text" not in function.workflow.steps["1"].inputs


def test_all_that_is_wrong_is_told_at_once_by_the_names_of_the_function(function: Function, registry: Registry) -> None:
    found = judged(function, {"seed": 101, "mood": "glad", "how-much": "0.5", "promt": "x"}, registry)
    assert {name: problem.code for name, problem in found.items()} == {
        "promt": "unknown_input",
        "prompt": "missing_input",
        "seed": "too_big",
        "mood": "not_in_choices",
        "how-much": "wrong_type",
    }
    assert all(problem.node is None and repr(name) in problem.message for name, problem in found.items())
    assert "'prompt'" in found["promt"].remedy
    assert found["seed"].details["node"] == "1"
    assert found["seed"].details["maximum"] == 100


def test_what_is_wrong_elsewhere_in_the_workflow_keeps_its_place(registry: Registry) -> None:
    sent = published()
    sent["workflow"]["1"]["inputs"]["steps"] = 0
    workflow, found = bind(read_function(sent), {"prompt": "x"}, registry)
    (problem,) = with_names(read_function(sent), found, check(workflow, registry, {}))
    assert (problem.node, problem.input, problem.code) == ("1", "steps", "too_small")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("prompt", 5),
        ("prompt", None),
        ("prompt", ["1", 0]),
        ("prompt", {"__value__": "x"}),
        ("seed", "5"),
        ("seed", 5.5),
        ("seed", True),
        ("seed", None),
        ("how-much", True),
        ("how-much", [0.5]),
        ("mood", ["calm"]),
        ("mood", None),
    ],
)
def test_a_value_of_another_type_is_refused_and_no_link_can_be_written(
    function: Function, registry: Registry, name: str, wrong: object
) -> None:
    workflow, found = bind(function, {"prompt": "x"} | {name: wrong}, registry)
    assert [(problem.input, problem.code) for problem in found] == [(name, "wrong_type")]
    assert [value for value in workflow.steps["1"].inputs.values() if isinstance(value, Link)] == []


def test_a_list_for_an_input_of_any_type_is_a_value_and_no_link(registry: Registry) -> None:
    sent = published(inputs={"value": {"node": "2", "input": "value"}})
    workflow, found = bind(read_function(sent), {"value": ["1", 0]}, registry)
    assert found == ()
    assert workflow.steps["2"].inputs["value"] == Wrapped(["1", 0])


def test_a_whole_float_counts_as_a_whole_number(function: Function, registry: Registry) -> None:
    workflow, found = bind(function, {"prompt": "x", "seed": 7.0}, registry)
    assert found == ()
    assert workflow.steps["1"].inputs["seed"] == 7
    assert isinstance(workflow.steps["1"].inputs["seed"], int)


def test_a_random_seed_is_drawn_from_all_that_are_allowed(function: Function, registry: Registry) -> None:
    asked: list[int] = []

    def highest(count: int) -> int:
        asked.append(count)
        return count - 1

    workflow, found = bind(function, {"prompt": "x", "seed": "random"}, registry, highest)
    assert (found, asked, workflow.steps["1"].inputs["seed"]) == ((), [101], 100)
    drawn = {
        bind(function, {"prompt": "x", "seed": "random"}, registry)[0].steps["1"].inputs["seed"] for _ in range(50)
    }
    assert len(drawn) > 1
    assert all(isinstance(seed, int) and 0 <= seed <= 100 for seed in drawn)


def test_the_schema_says_types_bounds_choices_and_what_must_be_given(function: Function, registry: Registry) -> None:
    told = schema(function, registry, {})
    assert told["required"] == ["prompt"]
    assert told["additionalProperties"] is False
    assert told["properties"] == {
        "prompt": {"type": "string", "description": "what to paint"},
        "seed": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 100}, {"const": "random"}], "default": 3},
        "mood": {"enum": ["calm", "wild"], "default": "calm"},
        "how-much": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.25},
    }


def test_choices_of_the_schema_are_those_of_now(registry: Registry) -> None:
    @node("Frame", category="test", terminal=True)
    def frame(wood: Annotated[str, ChoiceFrom("woods")]) -> Shown:
        """Frame."""
        return Shown(ui={"text": [wood]})

    registry.add(frame.node)
    sent = published(
        workflow={"1": {"class_type": "Frame", "inputs": {"wood": "oak"}}},
        inputs={"wood": {"node": "1", "input": "wood"}},
        outputs={"frame": {"node": "1"}},
    )
    woods = ["oak"]
    told: Any = schema(read_function(sent), registry, {"woods": lambda: woods})
    assert told["properties"]["wood"] == {"enum": ["oak"], "default": "oak"}
    woods.append("pine")
    told = schema(read_function(sent), registry, {"woods": lambda: woods})
    assert told["properties"]["wood"]["enum"] == ["oak", "pine"]


def test_names_that_stand_for_nothing_are_all_told_when_it_is_published(registry: Registry) -> None:
    sent = published(
        inputs={
            "prompt": {"node": "7", "input": "text"},
            "seed": {"node": "1", "input": "sed"},
            "steps": {"node": "1", "input": "steps", "default": "many"},
        },
        outputs={"picture": {"node": "1"}, "other": {"node": "9"}},
    )
    found = problems_of(read_function(sent), registry)
    assert [(problem.input, problem.code) for problem in found] == [
        ("prompt", "unknown_input"),
        ("seed", "unknown_input"),
        ("steps", "wrong_type"),
        (None, "no_outputs"),
        (None, "unknown_target"),
    ]
    assert "'seed'" in found[1].remedy
    assert problems_of(read_function(published()), registry) == ()
    assert [each.code for each in problems_of(read_function(published(outputs={})), registry)] == ["no_outputs"]


def test_an_input_that_only_takes_links_cannot_be_published(registry: Registry) -> None:
    class Canvas:
        """A socket."""

        wire = "CANVAS"

    @node("Stretch", category="test", terminal=True)
    def stretch(canvas: Canvas) -> Shown:
        """Stretch."""
        return Shown(ui={"text": [str(canvas)]})

    registry.add(stretch.node)
    sent = published(
        workflow={"1": {"class_type": "Stretch", "inputs": {}}},
        inputs={"canvas": {"node": "1", "input": "canvas"}},
        outputs={"shown": {"node": "1"}},
    )
    (problem,) = problems_of(read_function(sent), registry)
    assert (problem.input, problem.code) == ("canvas", "wrong_type")


def test_an_input_whose_node_has_gone_or_changed_is_told_when_it_is_called(registry: Registry) -> None:
    function = read_function(published())
    nodes = Registry([hang.node])
    assert declaration(function, "prompt", nodes) is None
    workflow, found = bind(function, {"prompt": "x"}, nodes)
    told = with_names(function, found, check(workflow, nodes, {}, function.targets))
    assert [(problem.node, problem.code) for problem in told] == [("1", "unknown_node")]

    @node("Paint", category="test")
    def other(words: str = "") -> str:
        """Another version."""
        return words

    _, found = bind(function, {}, Registry([other.node, hang.node]))
    assert {problem.input for problem in found} == {"prompt", "seed", "mood", "how-much"}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        published(inputs=[]),
        published(inputs={"a b": {"node": "1", "input": "text"}}),
        published(inputs={"x" * 65: {"node": "1", "input": "text"}}),
        published(inputs={"prompt": {"node": 1, "input": "text"}}),
        published(inputs={"prompt": {"node": "1"}}),
        published(inputs={"prompt": {"node": "1", "input": "text", "defualt": 1}}),
        published(inputs={"a": {"node": "1", "input": "text"}, "b": {"node": "1", "input": "text"}}),
        published(outputs={"picture": "2"}),
        published(outputs={f"o{number}": {"node": "2"} for number in range(201)}),
        published(description="x" * 2001),
        published(workflow=None),
        published(workflow={"1": 5}),
        published(more=1),
    ],
)
def test_what_has_not_the_shape_of_a_function_is_refused(sent: Any) -> None:
    with pytest.raises(WorkflowError):
        read_function(sent)
