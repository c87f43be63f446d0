"""Every built-in node has the interface that published workflows expect (node_interfaces.json)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import nodes
from graph.describe import choices_of
from graph.interface import ABSENT, Input, Node
from storage import Folders
from storage.catalogues import catalogues

FACTS: Mapping[str, Any] = json.loads((Path(__file__).parent / "node_interfaces.json").read_text(encoding="utf-8"))
KNOWN = tuple(node for node in nodes.registry() if node.id in FACTS)

# What differs on purpose: (node, input) -> our default.
OWN_DEFAULTS = {
    ("SaveImage", "filename_prefix"): "Nodeloom",
    ("SaveLatent", "filename_prefix"): "latents/Nodeloom",
}
# Nodes that only we have.
OWN_NODES = {"SaveImageFormat"}
# Samplers that only we have, beside the published names.
OWN_SAMPLERS = {"pndm", "plms"}

REQUIRED = {
    "CheckpointLoaderSimple",
    "VAELoader",
    "CLIPTextEncode",
    "CLIPSetLastLayer",
    "EmptyLatentImage",
    "LatentUpscale",
    "LatentUpscaleBy",
    "SetLatentNoiseMask",
    "SaveLatent",
    "LoadLatent",
    "LatentFromBatch",
    "RepeatLatentBatch",
    "KSampler",
    "KSamplerAdvanced",
    "VAEDecode",
    "VAEEncode",
    "VAEEncodeForInpaint",
    "LoadImage",
    "LoadImageMask",
    "SaveImage",
    "PreviewImage",
    "ImageScale",
    "ImageScaleBy",
    "ImageInvert",
    "EmptyImage",
    "ImageBatch",
    "MaskToImage",
    "ImageToMask",
    "ImageColorToMask",
    "SolidMask",
    "InvertMask",
    "CropMask",
    "MaskComposite",
    "FeatherMask",
    "GrowMask",
    "ThresholdMask",
}


def expected_inputs(node: Node) -> dict[str, tuple[str, list[Any]]]:
    """Input name -> (section, [type, options]) in the published order."""
    sections = FACTS[node.id]["inputs"]
    return {
        name: (section, declared)
        for section in ("required", "optional")
        for name, declared in sections.get(section, {}).items()
    }


def pairs() -> list[Any]:
    return [
        pytest.param(node, socket, id=f"{node.id}.{socket.name}")
        for node in KNOWN
        for socket in node.inputs
        if socket.name in expected_inputs(node)
    ]


def options_of(node: Node, socket: Input) -> Mapping[str, Any]:
    declared = expected_inputs(node)[socket.name][1]
    return declared[1] if len(declared) > 1 else {}


def choices_published(node: Node, socket: Input) -> list[str] | None:
    """The published names of a choice, None for other types; files are no published names."""
    declared = expected_inputs(node)[socket.name][1]
    if isinstance(declared[0], list):
        return declared[0]
    return options_of(node, socket).get("options", []) if declared[0] == "COMBO" else None


def test_every_required_node_is_there() -> None:
    assert {node.id for node in KNOWN} >= REQUIRED


def test_every_built_in_node_is_a_published_one_or_declared_as_our_own() -> None:
    assert {node.id for node in nodes.registry() if node.id not in FACTS} == OWN_NODES


@pytest.mark.parametrize("node", KNOWN, ids=lambda node: node.id)
def test_a_node_has_the_published_names_and_sockets(node: Node) -> None:
    facts = FACTS[node.id]
    assert node.category == facts["category"]
    assert node.display_name == (facts["display_name"] or node.id)
    assert node.terminal == facts["output_node"]
    assert node.experimental == facts.get("experimental", False)
    assert {socket.name: socket.section for socket in node.inputs} == {
        name: section for name, (section, _) in expected_inputs(node).items()
    }
    assert [socket.name for socket in node.inputs] == list(expected_inputs(node))
    assert [[output.type, output.name] for output in node.outputs] == [list(output[:2]) for output in facts["outputs"]]
    assert [output.is_list for output in node.outputs] == ["list" in output[2:] for output in facts["outputs"]]


@pytest.mark.parametrize(("node", "socket"), pairs())
def test_an_input_has_the_published_type_and_bounds(node: Node, socket: Input) -> None:
    published = options_of(node, socket)
    names = choices_published(node, socket)
    assert socket.type == ("COMBO" if names is not None else expected_inputs(node)[socket.name][1][0])
    if names is None:
        for option, ours in (("min", socket.minimum), ("max", socket.maximum), ("step", socket.step)):
            assert ours == published.get(option), option
    assert socket.round == published.get("round")
    assert socket.seed == published.get("control_after_generate", False)
    assert socket.multiline == published.get("multiline", False)
    assert socket.dynamic_prompts == published.get("dynamicPrompts", False)
    assert (socket.upload == "image") == published.get("image_upload", False)
    assert socket.options.get("display") == published.get("display")


@pytest.mark.parametrize(("node", "socket"), pairs())
def test_an_input_has_the_published_default(node: Node, socket: Input) -> None:
    published = options_of(node, socket)
    names = choices_published(node, socket)
    ours = None if socket.default is ABSENT else socket.default
    if (node.id, socket.name) in OWN_DEFAULTS:
        assert ours == OWN_DEFAULTS[node.id, socket.name]
    elif "default" in published:
        assert ours == published["default"]
        assert isinstance(ours, bool) == isinstance(published["default"], bool)
    elif names and not socket.catalogue:
        assert ours == names[0]
    else:
        assert ours is None


@pytest.mark.parametrize(("node", "socket"), [pair for pair in pairs() if pair.values[1].type == "COMBO"])
def test_a_choice_offers_published_names(node: Node, socket: Input, tmp_path: Path) -> None:
    names = choices_published(node, socket)
    assert names is not None
    if socket.catalogue:
        assert list(choices_of(socket, catalogues(Folders.under(tmp_path)))) == []
    elif socket.name == "sampler_name":
        assert set(socket.choices or ()) <= set(names) | OWN_SAMPLERS
    else:
        assert sorted(map(str, socket.choices or ())) == sorted(names)


def test_every_node_says_what_it_is_for() -> None:
    assert [node.id for node in KNOWN if not node.description] == []
