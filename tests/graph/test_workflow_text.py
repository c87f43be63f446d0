"""The laws of workflow files: what is read can be written and read again, and what is wrong is named by its place."""

import time
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import WorkflowError
from graph.workflow import Link, Wrapped, dumps, from_api, loads, read, to_api, to_document

Format = Literal["json", "yaml"]

LAX = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

text = st.text(st.characters(codec="utf-8"), max_size=12)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | text
values = st.recursive(
    scalars, lambda inner: st.dictionaries(text, inner, max_size=3) | st.lists(inner, max_size=3), max_leaves=6
)
literals = scalars | st.dictionaries(text.filter(lambda key: key != "__value__"), values, max_size=2)
links = st.tuples(text, st.integers(-2, 5)).map(list)
wrapped = values.map(lambda value: {"__value__": value})
inputs = st.dictionaries(text, literals | links | wrapped | st.lists(values, max_size=3), max_size=4)
step = st.fixed_dictionaries(
    {"inputs": inputs, "class_type": text},
    optional={"_meta": st.dictionaries(text, scalars, max_size=2), "extra": values},
)
bare = st.dictionaries(text.filter(lambda key: key != "prompt"), step, max_size=4)
documents = bare | st.builds(
    lambda prompt, around: {**around, "prompt": prompt},
    st.dictionaries(text, step, max_size=3),
    st.dictionaries(text.filter(lambda key: key not in ("prompt", "nodes", "links")), scalars, max_size=3),
)


@given(documents)
@LAX
def test_what_is_read_is_written_back_whole(document: Any) -> None:
    assert to_document(from_api(document)) == document


@pytest.mark.parametrize("format", ["json", "yaml"])
def test_text_gives_the_same_workflow_back(format: Format) -> None:
    @given(documents)
    @LAX
    def holds(document: Any) -> None:
        workflow = from_api(document)
        again = loads(dumps(workflow, format), format)
        assert to_document(again) == document
        assert repr(to_document(again)) == repr(to_document(workflow)), "1, 1.0 and true stay what they are"

    holds()


def test_a_workflow_is_steps_with_literals_and_links() -> None:
    workflow = loads(
        '{"3": {"class_type": "KSampler", "inputs": {"seed": 5, "model": ["4", 0]}, "_meta": {"title": "x"}}}'
    )
    step = workflow.steps["3"]
    assert (step.class_type, step.inputs) == ("KSampler", {"seed": 5, "model": Link("4", 0)})
    assert step.extra == {"_meta": {"title": "x"}}


def test_yaml_has_the_same_shape_and_knows_no_surprising_words() -> None:
    workflow = loads(
        "3:\n  class_type: Sampler\n  inputs:\n    model: [4, 0]\n    text: no\n    time: 12:30\n    size: 1e3\n"
        "    name: '5'\n    day: 2001-01-01\n    octal: 012\n    none: ~\n",
        "yaml",
    )
    assert workflow.steps["3"].inputs == {
        "model": Link("4", 0), "text": "no", "time": "12:30", "size": 1000.0, "name": "5", "day": "2001-01-01",
        "octal": 12, "none": None,
    }  # fmt: skip


def test_anchors_save_writing() -> None:
    workflow = loads("1: &a {class_type: A, inputs: {x: 1}}\n2: *a\n", "yaml")
    assert to_api(workflow) == {
        "1": {"class_type": "A", "inputs": {"x": 1}},
        "2": {"class_type": "A", "inputs": {"x": 1}},
    }


def test_ids_of_links_may_be_numbers() -> None:
    assert loads('{"1": {"class_type": "A", "inputs": {"x": [4, 0]}}}').steps["1"].inputs["x"] == Link("4", 0)


def test_a_wrapped_value_is_a_literal_whatever_it_looks_like() -> None:
    step = loads('{"1": {"class_type": "A", "inputs": {"x": {"__value__": ["4", 0]}}}}').steps["1"]
    assert step.inputs["x"] == Wrapped(["4", 0])


def test_what_stands_around_the_steps_is_kept() -> None:
    document = {
        "prompt": {"1": {"class_type": "A", "inputs": {}}},
        "extra_data": {"extra_pnginfo": {}},
        "client_id": "x",
    }
    workflow = from_api(document)
    assert list(workflow.steps) == ["1"]
    assert to_api(workflow) == document["prompt"]
    assert to_document(workflow) == document


def test_a_step_may_be_called_prompt() -> None:
    workflow = from_api({"prompt": {"class_type": "A", "inputs": {}}, "2": {"class_type": "B", "inputs": {}}})
    assert list(workflow.steps) == ["prompt", "2"]


def test_an_input_can_be_set_without_touching_the_rest() -> None:
    workflow = from_api({"1": {"class_type": "A", "inputs": {"x": 1, "y": 2}, "_meta": {}}})
    changed = workflow.with_input("1", "x", 5)
    assert to_api(changed)["1"] == {"class_type": "A", "inputs": {"x": 5, "y": 2}, "_meta": {}}
    assert workflow.steps["1"].inputs["x"] == 1


NESTED = "[" * 200 + "]" * 200


@pytest.mark.parametrize(
    ("written", "message", "line", "column"),
    [
        ('{"1": {"class_type": "A"},\n "1": {"class_type": "B"}}', "the key '1' stands here twice", 2, 2),
        ('{"1": {"class_type": "A", "inputs": {"x": 1,\n  "x": 2}}}', "the key 'x' stands here twice", 2, 3),
        ('{"1": {"class_type": "A", "inputs": {"x": NaN}}}', "NaN is no JSON number", 1, 43),
        ('{"1": {"class_type": "A", "inputs": {"x": -Infinity}}}', "-Infinity is no JSON number", 1, 43),
        ('{"1": {"class_type": "A", "inputs": {"x": 1e400}}}', "the number 1e400 is too large", 1, 43),
        ('{"1": {"class_type": "\\ud800"}}', "a lone surrogate is no character", 1, 22),
        ('{"1": {"class_type": "\udfff"}}', "a lone surrogate is no character", 1, 23),
        ('{"1": {"class_type": "A",}}', "no JSON", 1, 26),
        ("{", "no JSON", 1, 2),
        ("", "no JSON", 1, 1),
        ('{"1": {"class_type": "a\nb"}}', "no JSON: Invalid control character", 1, 24),
        ("[" * 100_000, "nested deeper than 100 levels", 1, 101),
        ('{"a":' * 100_000, "nested deeper than 100 levels", 1, 501),
        ('{"1": {"class_type": "A", "inputs": {"x": ' + "7" * 5000 + "}}}", "is too large", 1, 43),
    ],
)
def test_json_that_is_not_allowed_is_refused_with_its_place(written: str, message: str, line: int, column: int) -> None:
    with pytest.raises(WorkflowError) as refused:
        loads(written)
    assert message in str(refused.value)
    assert (refused.value.line, refused.value.column) == (line, column)


@pytest.mark.parametrize(
    ("written", "message", "line", "column"),
    [
        ("1: {class_type: A}\n1: {class_type: B}\n", "the key '1' stands here twice", 2, 1),
        ("1: {class_type: A, inputs: {x: .nan}}", ".nan is no number", 1, 32),
        ("1: {class_type: A, inputs: {x: -.inf}}", "-.inf is no number", 1, 32),
        ("1: {class_type: A, inputs: {x: 1e400}}", "too large", 1, 32),
        ("a: b: c", "no YAML", 1, 5),
        ("a: !!python/object/apply:os.system ['true']", "the tag", 1, 4),
        ("a: !!binary aGVsbG8=", "the tag", 1, 4),
        ("a: {}\n---\nb: {}", "a second document", 2, 1),
        ("a: &a [*a]", "stands for nothing that is complete", 1, 8),
        ("a: *b", "stands for nothing that is complete", 1, 4),
        ("? [a]\n: b", "a key is plain text", 1, 3),
        ("[" * 5000, "nested deeper than 100 levels", 1, 101),
        ("a: \x00", "no YAML", 1, 4),
        ("a: '\ud800'", "a lone surrogate", 1, 5),
    ],
)
def test_yaml_that_is_not_allowed_is_refused_with_its_place(written: str, message: str, line: int, column: int) -> None:
    with pytest.raises(WorkflowError) as refused:
        loads(written, "yaml")
    assert message in str(refused.value)
    assert (refused.value.line, refused.value.column) == (line, column)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "an object of steps by id, found a list"),
        (5, "found a number"),
        (None, "found null"),
        ({"1": 5}, "found a number (at 1)"),
        ({"1": {"class_type": 5}}, "class_type is the id of a node as text, found a number (at 1)"),
        ({"1": {"class_type": "A", "inputs": []}}, "inputs is an object of values by name, found a list (at 1.inputs)"),
        ({"1": {"class_type": "A", "inputs": {"x": float("nan")}}}, "nan is no JSON number (at 1.inputs.x)"),
        ({"1": {"class_type": "A", "inputs": {"x": b"bytes"}}}, "bytes is no JSON value (at 1.inputs.x)"),
        ({"nodes": [], "links": [], "version": 0.4}, "export the workflow in its API format"),
    ],
)
def test_what_has_not_the_shape_of_a_workflow_is_refused(document: Any, message: str) -> None:
    with pytest.raises(WorkflowError) as refused:
        from_api(document)
    assert message in str(refused.value)


def test_a_value_nested_deeply_in_memory_is_refused_without_recursion() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = {"x": deep}
    with pytest.raises(WorkflowError, match="nested deeper than 100 levels"):
        from_api({"1": {"class_type": "A", "inputs": {"x": deep}}})


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a: &a [" + ", ".join(["x"] * 10) + "]"]
    for previous, name in zip("abcdefgh", "bcdefghi", strict=False):
        lines.append(f"{name}: &{name} [" + ", ".join([f"*{previous}"] * 10) + "]")
    started = time.process_time()
    with pytest.raises(WorkflowError, match="stands for more than 1,000,000 values"):
        loads("\n".join(lines), "yaml")
    assert time.process_time() - started < 20


def test_too_much_text_is_refused_unread() -> None:
    with pytest.raises(WorkflowError, match="may have 50,000,000 bytes, found 50,000,002"):
        loads(b"{" + b" " * 50_000_000 + b"}")
    with pytest.raises(WorkflowError, match="as yaml may have 5,000,000 bytes"):
        loads(" " * 5_000_001, "yaml")


def test_large_json_is_read_in_seconds() -> None:
    body = '{"class_type": "A", "inputs": {"a": 1, "b": "two", "c": ["0", 0]}}'
    written = "{" + ", ".join(f'"{index}": {body}' for index in range(30_000)) + "}"
    started = time.process_time()
    assert len(loads(written).steps) == 30_000
    assert time.process_time() - started < 30


def test_text_that_is_not_utf_8_is_refused_with_its_place() -> None:
    with pytest.raises(WorkflowError) as refused:
        loads(b'{"1":\n "\xff"}')
    assert (refused.value.line, refused.value.column) == (2, 3)


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert loads(b'\xef\xbb\xbf{"1": {"class_type": "A"}}').steps["1"].class_type == "A"


def test_files_are_read_by_their_ending_and_errors_name_them(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"1": {"class_type": "A"}}')
    (tmp_path / "a.yaml").write_text("1: {class_type: A}")
    (tmp_path / "b.json").write_text("{")
    assert read(tmp_path / "a.json") == read(tmp_path / "a.yaml")
    with pytest.raises(WorkflowError, match=r"b\.json: line 1, column 2"):
        read(tmp_path / "b.json")
