"""Nodes of the newer convention: a schema, and an `execute` that is a classmethod."""

import asyncio
import json
import math
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from graph.describe import object_info
from graph.events import NodeBlocked
from graph.results import Blocker
from packs.convention import choices as choices_module
from packs.convention.graph_builder import GraphBuilder
from packs.convention.words import io, ui
from tests.packs.convention.conftest import Bench, step
from tests.packs.convention.schemas import add, made, schema


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


EVERY = [
    io.Int.Input("count", default=3, min=0, max=9, step=1, tooltip="how many", display_mode=io.NumberDisplay.slider),
    io.Int.Input("seed", default=0, control_after_generate=True),
    io.Int.Input("pinned", default=0, control_after_generate=io.ControlAfterGenerate.fixed),
    io.Float.Input("share", display_name="Share", default=1.0, min=0.0, max=1.0, step=0.01, round=0.001),
    io.String.Input("text", multiline=True, placeholder="…", dynamic_prompts=True),
    io.Boolean.Input("on", default=True, label_on="yes", label_off="no"),
    io.Combo.Input("mode", options=Mode, default=Mode.SLOW),
    io.Combo.Input("file", options=["a.png"], upload=io.UploadType.image, image_folder=io.FolderType.input),
    io.MultiCombo.Input("some", options=["a", "b"], default=["a"], placeholder="pick", chip=True),
    io.Combo.Input("remote", remote=io.RemoteOptions("/names", True, timeout=5)),
    io.Float.Input("socket", force_input=True),
    io.Image.Input("image", tooltip="a picture"),
    io.Mask.Input("mask", optional=True, lazy=True),
    io.Custom("MINE").Input("mine", optional=True, extra_dict={"my_option": [1]}, raw_link=True),
    io.AnyType.Input("any", optional=True),
    io.MultiType.Input("either", [io.Image, io.Mask], optional=True),
    io.MultiType.Input(io.Float.Input("number", default=2.0), types=[io.Int]),
]


def test_a_schema_is_told_to_the_editor_as_it_was_written(bench: Bench) -> None:
    outputs = [
        io.Image.Output("IMAGE", tooltip="the picture"),
        io.Int.Output(display_name="count", is_output_list=True),
        io.Latent.Output(),
        io.Custom("MINE").Output("mine"),
    ]
    node = add(
        bench,
        made(
            schema(
                "Every", EVERY, outputs, display_name="Every one", category="toys", description="All words.",
                hidden=[io.Hidden.unique_id, io.Hidden.prompt], is_output_node=True, is_deprecated=True,
                is_experimental=True,
            ),
            check_lazy_status=lambda cls, **given: [],
        ),
    )  # fmt: skip
    told: Any = json.loads(json.dumps(object_info(node, {})))
    required, optional = told["input"]["required"], told["input"]["optional"]
    assert required["count"] == ["INT", {
        "default": 3, "min": 0, "max": 9, "step": 1, "tooltip": "how many", "display": "slider"}]  # fmt: skip
    assert required["seed"] == ["INT", {"default": 0, "control_after_generate": True}]
    assert required["pinned"] == ["INT", {"default": 0, "control_after_generate": "fixed"}]
    assert required["share"][1] == {
        "display_name": "Share", "default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01, "round": 0.001}  # fmt: skip
    assert required["text"] == ["STRING", {"multiline": True, "placeholder": "…", "dynamicPrompts": True}]
    assert required["on"] == ["BOOLEAN", {"default": True, "label_on": "yes", "label_off": "no"}]
    assert required["mode"] == ["COMBO", {"multiselect": False, "options": ["fast", "slow"], "default": "slow"}]
    assert required["file"] == ["COMBO", {
        "multiselect": False, "options": ["a.png"], "image_upload": True, "image_folder": "input"}]  # fmt: skip
    assert required["some"][1]["multi_select"] == {"placeholder": "pick", "chip": True}
    assert (required["some"][1]["multiselect"], required["some"][1]["default"]) == (True, ["a"])
    assert required["remote"][1]["remote"] == {
        "route": "/names", "refresh_button": True, "control_after_refresh": "first", "timeout": 5}  # fmt: skip
    assert required["socket"] == ["FLOAT", {"forceInput": True}]
    assert required["image"] == ["IMAGE", {"tooltip": "a picture"}]
    assert optional["mask"] == ["MASK", {"lazy": True}]
    assert optional["mine"] == ["MINE", {"my_option": [1], "rawLink": True}]
    assert (optional["any"], optional["either"]) == (["*"], ["IMAGE,MASK"])
    assert required["number"] == ["FLOAT,INT", {"widgetType": "FLOAT", "default": 2.0}]
    assert told["input"]["hidden"] == {"unique_id": "UNIQUE_ID", "prompt": "PROMPT"}
    assert told["output"] == ["IMAGE", "INT", "LATENT", "MINE"]
    assert told["output_name"] == ["IMAGE", "count", "LATENT", "mine"]
    assert told["output_is_list"] == [False, True, False, False]
    assert told["output_tooltips"] == ["the picture", "", "", ""]
    assert (told["display_name"], told["category"], told["description"]) == ("Every one", "toys", "All words.")
    assert (told["output_node"], told["deprecated"], told["experimental"]) == (True, True, True)
    assert told["python_module"] == "custom_nodes.toys"


def test_execute_is_called_with_what_flows_and_its_values_flow_on(bench: Bench) -> None:
    def work(cls: type, a: int, b: int = 10) -> io.NodeOutput:
        return io.NodeOutput(a + b, a * b)

    inputs = [io.Int.Input("a"), io.Int.Input("b", optional=True)]
    add(bench, made(schema("Both", inputs, [io.Int.Output(), io.Int.Output()]), work))
    steps = {"1": step("Source", value=4), "2": step("Both", a=["1", 0]), "3": step("Show", value=["2", 1])}
    assert bench.go(steps).outputs["3"].ui == {"text": ["40"]}
    assert bench.go(steps).executed == ()
    assert bench.value({"1": step("Both", a="2", b=3)}, "1") == 5


@pytest.mark.parametrize(
    "returned",
    [io.NodeOutput(5), (5,), {"result": (5,)}, io.NodeOutput(5, ui={"text": ["a"]}), [5]],
)
def test_execute_may_return_what_the_older_convention_does(bench: Bench, returned: Any) -> None:
    add(bench, made(schema(), lambda cls: returned))
    assert bench.value({"1": step("Toy")}, "1") == 5


def test_execute_may_be_asynchronous_and_side_by_side_each_call_has_its_own_hidden_values(bench: Bench) -> None:
    here: list[str] = []

    async def work(cls: Any) -> io.NodeOutput:
        here.append(cls.hidden.unique_id)
        while len(here) < 2:
            await asyncio.sleep(0.001)
        return io.NodeOutput(cls.hidden.unique_id)

    add(bench, made(schema(hidden=[io.Hidden.unique_id]), work))
    outcome = bench.go({"1": step("Toy"), "2": step("Toy")}, ["1", "2"])
    assert outcome.results == {"1": ("1",), "2": ("2",)}


def test_hidden_values_are_those_the_schema_asks_for(bench: Bench) -> None:
    def work(cls: Any) -> tuple[Any]:
        hidden = cls.hidden
        return ((hidden.unique_id, hidden.extra_pnginfo, hidden.prompt, hidden.api_key_comfy_org),)

    wanted = [io.Hidden.unique_id, io.Hidden.extra_pnginfo, io.Hidden.api_key_comfy_org]
    kind = made(schema(hidden=wanted), work)
    add(bench, kind)
    assert bench.value({"7": step("Toy")}, "7", extra={"workflow": {}}) == ("7", {"workflow": {}}, None, None)
    assert kind.hidden.unique_id is None


def test_a_node_shows_and_blocks(bench: Bench) -> None:
    add(
        bench,
        made(schema("Text", outputs=[], is_output_node=True), lambda cls: io.NodeOutput(ui=ui.PreviewText("hello"))),
        made(schema("Stop"), lambda cls: io.NodeOutput(block_execution="not today")),
        made(schema("Quiet"), lambda cls: io.NodeOutput(Blocker(None))),
    )
    steps = {"1": step("Text"), "2": step("Stop"), "3": step("Show", value=["2", 0])}
    steps |= {"4": step("Quiet"), "5": step("Show", value=["4", 0])}
    outcome = bench.go(steps)
    assert outcome.outputs["1"].ui == {"text": ["hello"]}
    assert set(outcome.outputs) == {"1"}
    assert [each.message for each in bench.said(NodeBlocked)] == ["not today"]


def test_lists_in_and_out(bench: Bench) -> None:
    out = [io.Int.Output(is_output_list=True)]
    add(
        bench,
        made(
            schema("Whole", [io.Int.Input("x")], out, is_input_list=True),
            lambda cls, x: io.NodeOutput([sum(x), len(x)]),
        ),
        made(schema("Each", [io.Int.Input("x")]), lambda cls, x: io.NodeOutput(x * 10)),
    )
    steps = {"1": step("Numbers", count=4), "2": step("Whole", x=["1", 0]), "3": step("Each", x=["2", 0])}
    assert bench.value(steps, "3") == [60, 40]


def test_lazy_inputs_are_asked_for_by_the_class(bench: Bench) -> None:
    def status(cls: Any, first: bool, a: int | None, b: int | None) -> list[str]:
        assert cls.hidden.unique_id == "3"
        wanted = "a" if first else "b"
        return [wanted] if {"a": a, "b": b}[wanted] is None else []

    inputs = [io.Boolean.Input("first"), io.Int.Input("a", lazy=True), io.Int.Input("b", lazy=True)]
    kind = made(
        schema("Switch", inputs, hidden=[io.Hidden.unique_id]),
        lambda cls, first, a, b: io.NodeOutput(a if first else b),
        check_lazy_status=status,
    )
    add(bench, kind)
    steps = {"1": step("Source", value=1), "2": step("Source", value=2)}
    steps["3"] = step("Switch", first=False, a=["1", 0], b=["2", 0])
    outcome = bench.go(steps, ["3"])
    assert (outcome.results["3"], outcome.executed) == ((2,), ("2", "3"))


def test_validate_inputs_and_fingerprint_inputs_judge_as_the_older_names_do(bench: Bench) -> None:
    answers = iter(["a", "a", math.nan, math.nan])

    def validate(cls: type, x: int) -> object:
        return x < 100 or f"{x} is too much"

    kind = made(
        schema("Judged", [io.Int.Input("x", max=9)], is_output_node=True),
        validate_inputs=validate,
        fingerprint_inputs=lambda cls, x: next(answers),
    )
    add(bench, kind)
    assert [each.message for each in bench.check({"1": step("Judged", x=100)})] == ["100 is too much"]
    ran = [bench.go({"1": step("Judged", x=10)}).executed for _ in range(4)]
    assert ran == [("1",), (), ("1",), ("1",)]


def test_expansion_has_to_be_asked_for(bench: Bench) -> None:
    def work(cls: type, x: int) -> io.NodeOutput:
        graph = GraphBuilder()
        node = graph.node("Source", value=x + 1)
        return io.NodeOutput(node.out(0), expand=graph.finalize())

    inputs = [io.Int.Input("x")]
    add(bench, made(schema("Grow", inputs, enable_expand=True), work), made(schema("Stay", inputs), work))
    assert bench.value({"1": step("Grow", x=1)}, "1") == 2
    error = bench.go({"1": step("Stay", x=1)}, ["1"]).error
    assert error is not None
    assert "enable_expand=True" in error.message


def test_accept_all_inputs_passes_on_what_is_not_declared(bench: Bench) -> None:
    kind = made(schema("Takes", accept_all_inputs=True, is_output_node=True), lambda cls, **given: io.NodeOutput(given))
    add(bench, kind)
    steps = {"1": step("Source", value=4), "2": step("Takes", linked=["1", 0], literal="b")}
    assert bench.check(steps) == ()
    assert bench.value(steps, "2") == {"linked": 4, "literal": "b"}


def test_not_idempotent_nodes_share_no_result(bench: Bench) -> None:
    calls: list[int] = []

    def work(cls: type) -> io.NodeOutput:
        calls.append(1)
        return io.NodeOutput(len(calls))

    add(bench, made(schema(not_idempotent=True), work))
    assert bench.go({"1": step("Toy"), "2": step("Toy")}, ["1", "2"]).results == {"1": (1,), "2": (2,)}


def test_choices_of_a_schema_are_live(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices_module, "FRESH_SECONDS", 0.0)

    def live() -> io.Schema:
        return schema("Files", [io.Combo.Input("file", options=sorted(each.name for each in tmp_path.iterdir()))])

    add(bench, made(live, lambda cls, file: io.NodeOutput(file)))
    (tmp_path / "new.txt").write_text("")
    assert bench.value({"1": step("Files", file="new.txt")}, "1") == "new.txt"


def test_types_that_match_each_other_are_unions_of_what_they_may_be(bench: Bench) -> None:
    free, few = io.MatchType.Template("T"), io.MatchType.Template("U", [io.Image, io.Mask])
    inputs = [io.MatchType.Input("a", free), io.MatchType.Input("b", template=few, optional=True)]
    outputs = [io.MatchType.Output(free, display_name="same"), io.MatchType.Output(template=few)]
    node = add(bench, made(schema("Match", inputs, outputs), lambda cls, a, b=None: io.NodeOutput(a, b)))
    assert [each.type for each in (*node.inputs, *node.outputs)] == ["*", "IMAGE,MASK", "*", "IMAGE,MASK"]
    assert bench.value({"1": step("Source", value=3), "2": step("Match", a=["1", 0])}, "2") == 3


@io.comfytype(io_type="MY_TYPE")
class Mine(io.ComfyTypeIO):
    """A type of a pack's own."""

    Type = int

    class Input(io.WidgetInput):
        """With an option of its own."""

        def __init__(self, id: str, mine: int = 0, **further: Any) -> None:
            super().__init__(id, **further)
            self.mine = mine

        def as_dict(self) -> dict[str, object]:
            return super().as_dict() | {"mine": self.mine}


def test_packs_declare_types_of_their_own(bench: Bench) -> None:
    node = add(bench, made(schema("Own", [Mine.Input("x", mine=7, default=1)], [Mine.Output()])))
    assert object_info(node, {})["input"] == {"required": {"x": ["MY_TYPE", {"default": 1, "mine": 7}]}}
    assert node.outputs[0].type == "MY_TYPE"
    assert io.Int.Input("x").io_type == "INT"
    assert (Mine.Input("x").Parent, io.Image.Input("x").Parent) == (Mine, io.Image)
