"""Extensions bring nodes; what is no node is refused alone; the older convention's names are answered too."""

from typing import Any

import pytest

from packs.convention.words import io
from packs.errors import PackError
from tests.packs.convention.conftest import Bench, toy
from tests.packs.convention.schemas import extension, made, schema


@pytest.mark.parametrize("name", ["Autogrow", "DynamicCombo", "DynamicSlot"])
def test_a_word_that_is_not_offered_refuses_its_node_alone_with_a_sentence(bench: Bench, name: str) -> None:
    word = getattr(io, name)
    assert word.Type is not None  # annotations of execute name it while the module is imported
    bad = made(lambda: schema("Bad", [word.Input("x", template=word.TemplatePrefix(io.Image.Input("i"), prefix="i"))]))
    reading = bench.read_entry(comfy_entrypoint=extension(bad, made(schema("Good"))))
    assert reading is not None
    assert [node.id for node in reading.nodes] == ["Good"]
    [refused] = reading.refused
    assert refused.problem.startswith(f"io.{name} is not offered here: the inputs of a node do not change")


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (lambda: made(schema("Bad", [io.Int.Input("x"), io.Int.Input("x")])), "Bad: two inputs have the id 'x'"),
        (lambda: made(schema("Bad", ["x"])), "Bad: inputs such as io.Int.Input('steps'), found 'x'"),
        (lambda: made(schema("Bad", outputs=["x"])), "Bad: outputs such as io.Image.Output()"),
        (lambda: made(schema("")), "a schema has a node_id"),
        (lambda: made({"node_id": "Bad"}), "Made.define_schema returns io.Schema(...), found dict"),
        (lambda: made(lambda: 1 / 0), "ZeroDivisionError: division by zero"),
        (lambda: type("Bare", (io.ComfyNode,), {}), "Bare has no define_schema"),
        (lambda: type("Idle", (io.ComfyNode,), {"define_schema": classmethod(lambda cls: schema("Idle"))}),
         "Idle has no classmethod execute"),
        (lambda: Bench, "get_node_list gives classes derived from io.ComfyNode"),
    ],
)  # fmt: skip
def test_a_class_that_is_no_node_is_refused_alone(bench: Bench, bad: Any, sentence: str) -> None:
    reading = bench.read_entry(comfy_entrypoint=extension(bad(), made(schema("Good"))))
    assert reading is not None
    assert [node.id for node in reading.nodes] == ["Good"]
    assert sentence in reading.refused[0].problem


def test_an_entry_point_that_brings_no_extension_fails_as_a_whole(bench: Bench) -> None:
    class NoList:
        async def get_node_list(self) -> None:
            return None

    with pytest.raises(PackError, match="returns NoneType, which is no ComfyExtension"):
        bench.read_entry(comfy_entrypoint=lambda: None)
    with pytest.raises(PackError, match="returns no list of classes"):
        bench.read_entry(comfy_entrypoint=lambda: NoList())
    assert bench.read_entry() is None


def test_an_entry_point_may_be_an_ordinary_function(bench: Bench) -> None:
    class Plain:
        def get_node_list(self) -> list[type]:
            return [made(schema("Plain"))]

    reading = bench.read_entry(comfy_entrypoint=Plain)
    assert reading is not None
    assert [node.id for node in reading.nodes] == ["Plain"]


def test_a_module_may_speak_both_ways_and_a_node_of_both_is_read_once(bench: Bench) -> None:
    both = made(schema("Both", display_name="From the schema"))
    module = {
        "NODE_CLASS_MAPPINGS": {"Both": both, "Old": toy({"required": {}}, lambda self: (1,))},
        "NODE_DISPLAY_NAME_MAPPINGS": {"Old": "An old one"},
        "comfy_entrypoint": extension(both, made(schema("New"))),
    }
    older, newer = bench.read(**module), bench.read_entry(**module)
    assert older is not None
    assert newer is not None
    assert [(node.id, node.display_name) for node in older.nodes] == [
        ("Both", "From the schema"),
        ("Old", "An old one"),
    ]
    assert [node.id for node in newer.nodes] == ["New"]


def test_code_of_the_older_convention_finds_what_it_looks_for(bench: Bench) -> None:
    inputs = [io.Int.Input("x", default=1), io.Image.Input("image", optional=True)]
    outputs = [io.Int.Output("count", tooltip="how many"), io.Mask.Output(is_output_list=True)]

    async def later(cls: type, x: int, image: object = None) -> io.NodeOutput:
        return io.NodeOutput(x + 1, [image])

    kind = made(
        schema("Toy", inputs, outputs, category="toys", description="A toy.", is_output_node=True,
               hidden=[io.Hidden.prompt]), later
    )  # fmt: skip
    assert kind.INPUT_TYPES() == {
        "required": {"x": ("INT", {"default": 1})},
        "optional": {"image": ("IMAGE", {})},
        "hidden": {"prompt": "PROMPT"},
    }
    assert (kind.RETURN_TYPES, kind.RETURN_NAMES, kind.OUTPUT_IS_LIST) == (
        ["INT", "MASK"],
        ["count", "MASK"],
        [False, True],
    )
    assert (kind.CATEGORY, kind.DESCRIPTION, kind.OUTPUT_NODE) == ("toys", "A toy.", True)
    assert kind.OUTPUT_TOOLTIPS == ["how many", None]
    returned = getattr(kind(), kind.FUNCTION)(x=1)
    assert (returned.result, returned[0], returned.args) == ((2, [None]), 2, (2, [None]))
