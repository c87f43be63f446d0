"""The laws of reading a function: its signature and docstring say everything, and what they say wrongly is refused."""

import inspect
from typing import Annotated, Any, Literal, NamedTuple

import pytest

from graph.errors import SpecError
from graph.interface import ABSENT, Input, Node, Output
from graph.registry import Registry
from graph.results import Blocker, Expand, Shown
from graph.run import Run
from graph.spec import (
    Choice,
    ChoiceFrom,
    Label,
    Lazy,
    Multiline,
    Optional,
    Options,
    Range,
    RawLink,
    Seed,
    Socket,
    Upload,
    Wire,
    node,
    read_docstring,
)


class Tensor:
    """Stands for a type that names no wire."""


class Latent:
    wire = "LATENT"


Image = Annotated[Tensor, Wire("IMAGE"), "b h w c"]


class Loaded(NamedTuple):
    latent: Latent
    pictures: Annotated[list[Image], Label("IMAGES")]


@node("KSampler", category="sampling", display_name="Sampler", version=3)
def sampler(
    latent: Latent,
    seed: Annotated[int, Range(0, 2**64 - 1), Seed()],
    steps: Annotated[int, Range(1, 10_000)] = 20,
    cfg: Annotated[float, Range(0, 100, step=0.1, round=0.01)] = 8,
    name: Annotated[str, Choice({"euler": 1, "heun": 2})] = "euler",
    mask: Image | None = None,
    *,
    run: Run,
) -> Latent:
    """Denoise a latent image,
    step by step.

    It takes a while.

    cfg: how strongly the prompt steers the picture;
        1 turns guidance off.
    LATENT: the denoised latents.

    Karras et al. (2022), Algorithm 2.
    """
    return latent


def by_name(declared: Any) -> dict[str, Input]:
    return dict(declared.node.by_name)


def test_the_function_stays_what_it_was() -> None:
    latent = Latent()
    assert sampler(latent, 5, run=Run.detached()) is latent
    assert inspect.isfunction(sampler)


def test_identity_and_texts_are_read() -> None:
    read = sampler.node
    assert (read.id, read.category, read.display_name, read.version) == ("KSampler", "sampling", "Sampler", 3)
    assert read.description == (
        "Denoise a latent image, step by step.\n\nIt takes a while.\n\nKarras et al. (2022), Algorithm 2."
    )
    assert read.by_name["cfg"].tooltip == "how strongly the prompt steers the picture; 1 turns guidance off."
    assert read.outputs[0].tooltip == "the denoised latents."


def test_types_defaults_and_bounds_are_read() -> None:
    read = by_name(sampler)
    assert [(each.name, each.type, each.section) for each in sampler.node.inputs] == [
        ("latent", "LATENT", "required"),
        ("seed", "INT", "required"),
        ("steps", "INT", "required"),
        ("cfg", "FLOAT", "required"),
        ("name", "COMBO", "required"),
        ("mask", "IMAGE", "optional"),
    ]
    assert (read["seed"].minimum, read["seed"].maximum, read["seed"].seed) == (0, 2**64 - 1, True)
    assert (read["cfg"].step, read["cfg"].round, read["cfg"].default) == (0.1, 0.01, 8)
    assert read["latent"].default is ABSENT
    assert read["mask"].default is None and read["mask"].nullable


def test_the_handle_of_the_run_is_no_input() -> None:
    assert "run" not in by_name(sampler)


def test_one_output_is_named_by_its_type() -> None:
    assert [(each.name, each.type, each.is_list) for each in sampler.node.outputs] == [("LATENT", "LATENT", False)]


def test_a_named_tuple_gives_several_outputs() -> None:
    @node("Load", category="test")
    def load() -> Loaded:
        """Load."""
        return Loaded(Latent(), [])

    assert [(each.name, each.type, each.is_list) for each in load.node.outputs] == [
        ("latent", "LATENT", False),
        ("IMAGES", "IMAGE", True),
    ]


def test_nothing_and_shown_are_no_outputs() -> None:
    @node("Nothing", category="test")
    def nothing() -> None:
        """Nothing."""

    @node("Seen", category="test", terminal=True)
    def seen() -> Shown | None:
        """Shown."""

    assert nothing.node.outputs == seen.node.outputs == ()
    assert seen.node.terminal


def test_special_results_do_not_hide_the_real_one() -> None:
    @node("Maybe", category="test")
    def maybe() -> Latent | Expand | Blocker:
        """Maybe."""
        return Blocker()

    assert [each.type for each in maybe.node.outputs] == ["LATENT"]


def test_every_word_of_an_annotation_is_read() -> None:
    @node("Words", category="test", lazy_needs=lambda **inputs: [])
    def words(
        a: Any,
        b: int | float,
        c: list[Image],
        d: Annotated[list[float], Wire("FLOATS")],
        e: Literal["x", "y"],
        f: Annotated[str, ChoiceFrom("checkpoints"), Upload("image")],
        g: Annotated[str, Multiline(dynamic_prompts=True), Label("G"), Options({"advanced": True})],
        h: Annotated[Latent, Lazy()],
        i: Annotated[Latent, RawLink()],
        j: Annotated[int, Socket()],
        k: Annotated[bool, Optional()] = True,
        m: "Latent | Image | None" = None,
    ) -> list[Any]:
        """Words."""
        return []

    read = by_name(words)
    assert {name: each.type for name, each in read.items()} == {
        "a": "*", "b": "INT,FLOAT", "c": "IMAGE", "d": "FLOATS", "e": "COMBO", "f": "COMBO", "g": "STRING",
        "h": "LATENT", "i": "LATENT", "j": "INT", "k": "BOOLEAN", "m": "LATENT,IMAGE",
    }  # fmt: skip
    assert read["c"].is_list and not read["d"].is_list
    assert read["e"].choices == ("x", "y")
    assert (read["f"].catalogue, read["f"].upload) == ("checkpoints", "image")
    assert read["g"].multiline and read["g"].dynamic_prompts and read["g"].label == "G"
    assert read["g"].options == {"advanced": True}
    assert read["h"].lazy and read["i"].raw_link and read["j"].socket_only
    assert [name for name, each in read.items() if each.section == "optional"] == ["k", "m"]
    assert words.node.outputs[0].is_list and words.node.outputs[0].type == "*"


def test_choices_that_grow_are_seen() -> None:
    names = {"euler": 1}

    @node("Growing", category="test")
    def growing(name: Annotated[str, Choice(names)] = "euler") -> str:
        """Grow."""
        return name

    names["heun"] = 2
    assert list(growing.node.inputs[0].choices or ()) == ["euler", "heun"]


def test_the_engine_calls_by_name_and_gets_a_tuple() -> None:
    latent = Latent()
    assert sampler.node.call({"latent": latent, "seed": 5}, Run.detached()) == (latent,)


def test_an_asynchronous_function_is_called_the_same_way() -> None:
    import asyncio
    from collections.abc import Awaitable
    from typing import cast

    @node("Later", category="test")
    async def later(value: int) -> int:
        """Later."""
        return value + 1

    async def wait() -> object:
        return await cast(Awaitable[object], later.node.call({"value": 4}, Run.detached()))

    assert later.node.is_async
    assert asyncio.run(wait()) == (5,)


def declare(**annotations: Any) -> None:
    """Declare a node with one parameter `value` of this annotation and default."""

    def function(value: Any) -> None:
        """Some node."""

    function.__annotations__ = {"value": annotations["of"], "return": annotations.get("returns")}
    if "default" in annotations:
        function.__defaults__ = (annotations["default"],)
    if "doc" in annotations:
        function.__doc__ = annotations["doc"]
    node("Wrong", category="test")(function)


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ({"of": Tensor}, r'parameter value: Tensor names no wire type.*Wire\("\.\.\."\)'),
        ({"of": "Unheard"}, "annotations cannot be read"),
        ({"of": Annotated[str, Range(1, 2)]}, "Range bounds numbers, and this is STRING"),
        ({"of": Annotated[float, Seed()]}, "counts whole numbers"),
        ({"of": Annotated[str, Choice("ab"), ChoiceFrom("x")]}, "both Choice and ChoiceFrom"),
        ({"of": Annotated[int, Range(1, 5)], "default": 0}, "default 0 is below its least value 1"),
        ({"of": Annotated[int, Range(1, 5)], "default": 6}, "default 6 is above its greatest value 5"),
        ({"of": Annotated[str, Choice(["a"])], "default": "b"}, "default 'b' is not among its choices"),
        ({"of": Latent | None}, "needs a default"),
        ({"of": Annotated[int, Optional()]}, "needs a default"),
        ({"of": Annotated[int, Lazy()]}, "lazy_needs"),
        ({"of": int, "returns": Tensor}, "its return value: Tensor names no wire type"),
        ({"of": int, "doc": "Some node.\n\nvalu: a mistake."}, "explains 'valu: a mistake.'"),
        ({"of": int, "doc": "Some node.\n\nvalue: fine.\nnot indented"}, "indent the line if it goes on"),
    ],
)
def test_what_cannot_be_right_is_refused_when_it_is_declared(declaration: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        declare(**declaration)


def test_parameters_need_names_and_annotations() -> None:
    with pytest.raises(SpecError, match="has no annotation"):

        @node("Bare", category="test")
        def bare(value) -> None:  # type: ignore[no-untyped-def]  # pyright: ignore
            """Bare."""

    with pytest.raises(SpecError, match="an input has a name"):

        @node("Many", category="test")
        def many(*values: int) -> None:
            """Many."""

    with pytest.raises(SpecError, match="no return annotation"):

        @node("Open", category="test")
        def open_ended(value: int):  # type: ignore[no-untyped-def]  # pyright: ignore
            """Open."""


def test_a_first_paragraph_is_never_taken_for_tooltips() -> None:
    assert read_docstring("Note: this is the summary.", [], "here") == ("Note: this is the summary.", {})
    assert read_docstring("Sum.\n\nSome prose with\nvalue: in its middle.", ["value"], "here") == (
        "Sum.\n\nSome prose with value: in its middle.",
        {},
    )
    assert read_docstring("", [], "here") == ("", {})


def test_a_node_can_be_built_without_a_typed_function() -> None:
    built = Node(
        "Class", (Input("x", "INT"), Input("y", "MASK", section="optional", lazy=True)), (Output("o", "INT"),),
        lambda inputs, run: (inputs["x"],),
    )  # fmt: skip
    assert built.required == {"x"}
    assert built.call({"x": 3}, Run.detached()) == (3,)
    assert not built.waits_for_all


def test_a_second_claim_to_an_id_is_an_error_that_names_both() -> None:
    registry = Registry([sampler.node])
    with pytest.raises(SpecError, match=r"'KSampler' is claimed by .*test_spec and again by .*test_spec"):
        registry.add(sampler.node)


def test_a_registry_is_a_collection_of_nodes_by_id() -> None:
    registry = Registry([sampler.node])
    assert registry.get("KSampler") is sampler.node
    assert registry.get("Other") is None
    assert "KSampler" in registry and len(registry) == 1 and list(registry) == [sampler.node]
    assert registry.nearest("ksampelr") == ("KSampler",)
    assert registry.nearest("x" * 10_000) == ()
