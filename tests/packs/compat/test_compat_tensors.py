"""Tensor tools, devices and classes of nodes as packs use them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional

from diffusion.resize import IMAGE_METHODS, LATENT_METHODS

House = Any
Toy = Callable[..., str]


@pytest.mark.parametrize("method", ["nearest-exact", "bilinear", "area", "bicubic", "lanczos", "bislerp"])
def test_pictures_are_scaled_as_our_nodes_scale_them(house: House, method: str) -> None:
    tools = house.given.module("comfy.utils")
    planes = torch.rand(2, 3, 10, 14, generator=torch.Generator().manual_seed(3))
    wanted = {**LATENT_METHODS, **IMAGE_METHODS}[method](planes, 7, 9)
    assert torch.equal(tools.common_upscale(planes, 9, 7, method, "disabled"), wanted)
    if method in ("bilinear", "area", "bicubic"):
        assert torch.equal(wanted, functional.interpolate(planes, size=(7, 9), mode=method))
    assert tools.common_upscale(planes, 8, 8, method, "center").shape == (2, 3, 8, 8)
    frames = planes[:, :, None].repeat(1, 1, 2, 1, 1)
    assert torch.equal(tools.common_upscale(frames, 9, 7, method, "disabled")[:, :, 1], wanted)


def test_an_unknown_way_of_scaling_is_told_with_those_that_are_known(house: House) -> None:
    with pytest.raises(ValueError, match="nearest-exact"):
        house.given.module("comfy.utils").common_upscale(torch.zeros(1, 3, 2, 2), 4, 4, "magic", "disabled")


@pytest.mark.parametrize(("tile", "overlap"), [((64, 64), 8), ((5, 4), 2), ((3, 7), 0)])
def test_a_picture_in_tiles_is_the_picture_where_neighbours_do_not_matter(
    house: House, tile: tuple[int, int], overlap: int
) -> None:
    tools = house.given.module("comfy.utils")
    planes = torch.rand(2, 3, 11, 13)
    counted: list[int] = []
    bar = type("Bar", (), {"update": lambda self, n: counted.append(n)})()

    def twice(piece: torch.Tensor) -> torch.Tensor:
        return functional.interpolate(piece, scale_factor=2, mode="nearest") * 3

    found = tools.tiled_scale(planes, twice, tile[1], tile[0], overlap, 2, 3, pbar=bar)
    torch.testing.assert_close(found, twice(planes))
    assert sum(counted) == 2 * tools.get_tiled_scale_steps(13, 11, tile[1], tile[0], overlap)


def test_batches_are_repeated_and_spread(house: House) -> None:
    tools = house.given.module("comfy.utils")
    rows = torch.arange(3)[:, None]
    assert tools.repeat_to_batch_size(rows, 5).flatten().tolist() == [0, 1, 2, 0, 1]
    assert tools.repeat_to_batch_size(rows, 2).flatten().tolist() == [0, 1]
    assert tools.resize_to_batch_size(rows, 6).flatten().tolist() == [0, 0, 1, 1, 2, 2]
    assert tools.resize_to_batch_size(torch.arange(5)[:, None], 3).flatten().tolist() == [0, 2, 4]


def test_attributes_are_found_and_set_by_their_paths(house: House) -> None:
    tools = house.given.module("comfy.utils")
    layer = torch.nn.Sequential(torch.nn.Linear(2, 2))
    before = tools.set_attr_param(layer, "0.weight", torch.ones(2, 2))
    assert tools.get_attr(layer, "0.weight").sum() == 4
    tools.copy_to_param(layer, "0.weight", torch.zeros(2, 2))
    assert tools.get_attr(layer, "0.weight").sum() == 0
    assert before.shape == (2, 2)


def test_a_pack_does_maths_on_pictures_and_latents(house: House, toy_pack: Toy) -> None:
    body = """
    import torch, comfy.utils, comfy.model_management
    device = comfy.model_management.get_torch_device()
    planes = image.to(device).movedim(-1, 1)
    half = comfy.utils.common_upscale(planes, image.shape[2] // 2, image.shape[1] // 2, "area", "disabled")
    out = half.movedim(1, -1).to(comfy.model_management.intermediate_device())
    mask = out[..., 0]
    comfy.model_management.soft_empty_cache()
    return (1.0 - out, mask, {"samples": torch.ones(1, 4, 8, 8) * mask.mean()})
    """
    house.load({"maths": toy_pack("ToyMaths", {"image": "IMAGE"}, "IMAGE,MASK,LATENT", body)})
    steps = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 16, "height": 8, "batch_size": 2, "color": 0xFF0000}},
        "2": {"class_type": "ToyMaths", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "LatentMultiply", "inputs": {"samples": ["2", 2], "multiplier": 2.0}},
    }
    image, mask, _ = house.values(steps, "2")
    assert (image.shape, mask.shape) == ((2, 4, 8, 3), (2, 4, 8))
    assert image[..., 0].max() == 0
    assert float(house.values(steps, "3")[0].samples.mean()) == 2.0


def test_every_node_there_is_has_a_class_with_what_it_says(house: House) -> None:
    found = house.given.module("nodes").NODE_CLASS_MAPPINGS
    assert set(found) == set(house.registry.ids())
    for name, kind in found.items():
        types = kind.INPUT_TYPES()
        assert "required" in types
        assert callable(getattr(kind, kind.FUNCTION))
        node = house.registry.get(name)
        if name not in ("SaveImage", "PreviewImage"):
            assert tuple(output.type for output in node.outputs) == kind.RETURN_TYPES
            assert {each for section in ("required", "optional") for each in types.get(section, {})} == set(
                node.by_name
            )
    with pytest.raises(TypeError, match="NODE_CLASS_MAPPINGS of the pack"):
        found["Mine"] = object


def test_nodes_are_called_by_the_methods_that_their_users_know(house: House, tiny_models: Any) -> None:
    nodes = house.given.module("nodes")
    model, clip, vae = nodes.CheckpointLoaderSimple().load_checkpoint("tiny.safetensors")
    (conditioning,) = nodes.CLIPTextEncode().encode(clip, "a fox")
    (latent,) = nodes.EmptyLatentImage().generate(64, 32)
    assert latent["samples"].shape == (1, 4, 4, 8)
    (larger,) = nodes.LatentUpscale().upscale(latent, "bilinear", 128, 64, "disabled")
    assert larger["samples"].shape == (1, 4, 8, 16)
    both = nodes.ConditioningCombine().combine(conditioning, conditioning)[0]
    assert [len(entry) for entry in both] == [2, 2]
    (image,) = nodes.VAEDecode().decode(vae, latent)
    assert image.shape == (1, 32, 64, 3)
    (again,) = nodes.VAEEncode().encode(vae, image)
    assert again["samples"].shape == latent["samples"].shape
    shown = nodes.PreviewImage().save_images(image)
    assert (house.folders.temp / shown["ui"]["images"][0]["filename"]).is_file()
    saved = nodes.SaveImage().save_images(image, "sub/x")
    assert saved["ui"]["images"] == [{"filename": "x_00001_.png", "subfolder": "sub", "type": "output"}]
    with pytest.raises(TypeError, match="needs"):
        nodes.KSampler().sample(model)
    assert nodes.NODE_DISPLAY_NAME_MAPPINGS["VAEDecode"] == "VAE Decode"


def test_nodes_of_other_packs_are_among_the_classes(house: House, toy_pack: Toy) -> None:
    house.load({"one": toy_pack("ToyTwice", {"count": "INT"}, "INT", "return (count * 2,)")})
    kind = house.given.module("nodes").NODE_CLASS_MAPPINGS["ToyTwice"]
    assert getattr(kind(), kind.FUNCTION)(count=4) == (8,)


def test_devices_and_memory_are_told_as_they_are(house: House) -> None:
    found = house.given.module("comfy.model_management")
    device = found.get_torch_device()
    assert device == torch.device("cpu")  # among the services of this house
    assert found.intermediate_device() == torch.device("cpu")
    assert 0 < found.get_free_memory() <= found.get_total_memory()
    assert found.is_device_cpu(device)
    assert not found.is_device_mps(device)
    assert not found.should_use_fp16()
    assert found.cast_to_device(torch.zeros(1), "cpu", torch.float16).dtype == torch.float16
    assert found.load_models_gpu([object()]) is None


def test_helpers_for_conditions_pictures_and_arguments(house: House) -> None:
    helpers = house.given.module("node_helpers")
    start = [[torch.zeros(1, 2, 3), {"keep": 1, "list": [1]}]]
    changed = helpers.conditioning_set_values(start, {"guidance": 3.5, "list": [2]}, append=True)
    assert changed[0][1] == {"keep": 1, "list": [1, 2], "guidance": 3.5}
    assert start[0][1] == {"keep": 1, "list": [1]}
    destination, source = helpers.image_alpha_fix(torch.zeros(1, 2, 2, 4), torch.zeros(1, 2, 2, 3))
    assert source[..., 3].min() == 1
    assert destination.shape == source.shape
    args = house.given.module("comfy.cli_args").args
    assert args is house.given.module("cli_args").args
    assert args.output_directory == str(house.folders.output)
    assert args.no_such_option is None
