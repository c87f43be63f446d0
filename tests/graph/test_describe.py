"""The laws of a node's description: editors of this field find in it what they have always found."""

import json
from typing import Annotated, Any

import pytest

from graph.describe import object_info
from graph.errors import SpecError
from graph.results import Shown
from graph.run import Run
from graph.spec import ChoiceFrom, Label, Lazy, Multiline, Optional, Options, Range, Seed, Socket, Upload, Wire, node


class Model:
    wire = "MODEL"


Image = Annotated[Any, Wire("IMAGE")]


@node(
    "SaveImage", category="image", display_name="Save Image", terminal=True,
    hidden={"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
)  # fmt: skip
def save_image(images: Image, filename_prefix: str = "ComfyUI", *, run: Run) -> Shown:
    """Save images.

    images: The images to save.
    """
    return Shown()


def test_a_node_is_described_as_editors_expect_it() -> None:
    assert object_info(save_image.node, {}) == {
        "input": {
            "required": {
                "images": ["IMAGE", {"tooltip": "The images to save."}],
                "filename_prefix": ["STRING", {"default": "ComfyUI"}],
            },
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        },
        "input_order": {"required": ["images", "filename_prefix"], "hidden": ["prompt", "extra_pnginfo"]},
        "output": [],
        "output_is_list": [],
        "output_name": [],
        "name": "SaveImage",
        "display_name": "Save Image",
        "description": "Save images.",
        "python_module": __name__,
        "category": "image",
        "output_node": True,
    }


def test_every_option_of_an_input_is_described() -> None:
    @node("All", category="test", deprecated=True, experimental=True, lazy_needs=lambda **inputs: [])
    def every(
        model: Annotated[Model, Lazy()],
        seed: Annotated[int, Range(0, 2**64 - 1), Seed()],
        image: Annotated[str, ChoiceFrom("input"), Upload("image")],
        text: Annotated[str, Multiline(dynamic_prompts=True)] = "",
        cfg: Annotated[float, Range(0, 100, step=0.1, round=0.01), Label("CFG")] = 8,
        color: Annotated[int, Range(0, 255), Options({"display": "color"})] = 0,
        steps: Annotated[int, Socket()] = 3,
        count: Annotated[int, Optional()] = 1,
        more: Model | None = None,
    ) -> Annotated[Model, Label("patched")]:
        """All."""
        return model

    info = object_info(every.node, {"input": lambda: ["a.png", "b.png"]})
    assert info["input"] == {
        "required": {
            "model": ["MODEL", {"lazy": True}],
            "seed": ["INT", {"min": 0, "max": 2**64 - 1, "control_after_generate": True}],
            "image": [["a.png", "b.png"], {"image_upload": True}],
            "text": ["STRING", {"default": "", "multiline": True, "dynamicPrompts": True}],
            "cfg": [
                "FLOAT",
                {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01, "display_name": "CFG"},
            ],
            "color": ["INT", {"default": 0, "min": 0, "max": 255, "display": "color"}],
            "steps": ["INT", {"default": 3, "forceInput": True}],
        },
        "optional": {"count": ["INT", {"default": 1}], "more": ["MODEL"]},
    }
    assert info["output_name"] == ["patched"]
    assert info["deprecated"] is info["experimental"] is True
    json.dumps(info)


def test_flags_that_are_not_set_are_left_out() -> None:
    assert not {"deprecated", "experimental", "output_tooltips"} & set(object_info(save_image.node, {}))


def test_a_missing_catalogue_is_named() -> None:
    @node("From", category="test")
    def from_catalogue(name: Annotated[str, ChoiceFrom("loras")]) -> None:
        """Choose."""

    with pytest.raises(SpecError, match="'loras'; handed in: other"):
        object_info(from_catalogue.node, {"other": list})
