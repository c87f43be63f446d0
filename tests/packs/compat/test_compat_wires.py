"""Values go out to packs and come back the same; what packs edit arrives."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from torch import Tensor

from diffusion.checkpoints import load_checkpoint
from diffusion.conditioning import Area, AreaFraction, Condition
from diffusion.hooks import NO_HOOKS
from nodes.sockets import Latent
from packs.compat.clip import Clip
from packs.compat.model_patcher import ModelPatcher
from packs.compat.refusing import NotGiven
from packs.compat.vae import Vae
from packs.compat.wires import CompatWires

House = Any
WIRES = CompatWires()


def same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor):
        return one is other
    if isinstance(one, dict | MappingProxyType):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


def fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


conditions = some.builds(
    Condition,
    embedding=some.builds(torch.zeros, some.just((1, 3, 4))),
    pooled=some.none() | some.builds(torch.ones, some.just((1, 4))),
    area=some.none() | some.just(Area(4, 5, 1, 2)) | some.just(AreaFraction(0.5, 1.0, 0.0, 0.25)),
    strength=some.floats(0, 10),
    mask=some.none() | some.builds(torch.ones, some.just((1, 8, 8))),
    mask_strength=some.floats(0, 10),
    area_from_mask=some.booleans(),
    start_percent=some.floats(0, 1),
    end_percent=some.floats(0, 1),
    size=some.none() | some.just((512, 512, 0, 0, 512, 512)) | some.just((512, 512, 0, 0, 6.0)),
    concat_latent=some.none() | some.builds(torch.ones, some.just((1, 4, 8, 8))),
    concat_mask=some.none() | some.builds(torch.ones, some.just((1, 8, 8))),
    extra=some.builds(
        MappingProxyType, some.dictionaries(some.sampled_from(["guidance", "my_pack"]), some.floats(0, 9))
    ),
)
latents = some.builds(
    Latent,
    samples=some.builds(torch.zeros, some.just((2, 4, 8, 8))),
    noise_mask=some.none() | some.builds(torch.ones, some.just((1, 1, 64, 64))),
    batch_index=some.none() | some.just((3, 5)),
    extra=some.builds(MappingProxyType, some.dictionaries(some.sampled_from(["type", "other"]), some.text())),
)


@settings(max_examples=60, deadline=None)
@given(some.lists(conditions, min_size=1, max_size=3), some.sampled_from(["CONDITIONING", "*", "LATENT,CONDITIONING"]))
def test_conditions_come_back_as_they_went(told: list[Condition], wire: str) -> None:
    back: Any = WIRES.inward(WIRES.outward(tuple(told)), wire)
    assert isinstance(back, tuple)
    assert all(same(fields(one), fields(other)) for one, other in zip(told, back, strict=True))


@settings(max_examples=60, deadline=None)
@given(latents, some.sampled_from(["LATENT", "*"]))
def test_latents_come_back_as_they_went(told: Latent, wire: str) -> None:
    back = WIRES.inward(WIRES.outward(told), wire)
    assert same(fields(told), fields(back))


def test_models_come_back_as_the_very_same(tiny_models: Any) -> None:
    parts = load_checkpoint(tiny_models / "checkpoints" / "tiny.safetensors")
    for value, kind, wire in (
        (parts.model, ModelPatcher, "MODEL"), (parts.clip, Clip, "CLIP"), (parts.vae, Vae, "VAE")
    ):  # fmt: skip
        facade = WIRES.outward(value)
        assert type(facade) is kind
        assert WIRES.inward(facade, wire) is value
        assert WIRES.inward(facade, "*") is value
        assert WIRES.inward([facade], "*") == [value]


def test_a_patched_model_goes_out_with_its_patches_and_comes_back_with_them(tiny_models: Any) -> None:
    model = load_checkpoint(tiny_models / "checkpoints" / "tiny.safetensors").model
    patcher: Any = WIRES.outward(model)
    patched = patcher.clone()
    patched.set_model_sampler_post_cfg_function(lambda told: told["denoised"])
    patched.model_options["my_pack"] = [1]
    first: Any = WIRES.inward(patched, "MODEL")
    assert WIRES.inward(patched, "MODEL") is first
    assert (model.hooks, len(first.hooks.after)) == (NO_HOOKS, 1)
    again: Any = WIRES.outward(first)
    assert again.model_options["my_pack"] == [1]
    assert WIRES.inward(again, "MODEL") is first
    further = again.clone()
    further.set_model_sampler_post_cfg_function(lambda told: told["denoised"])
    both: Any = WIRES.inward(further, "MODEL")
    assert (len(both.hooks.after), len(first.hooks.after)) == (2, 1)
    assert both.network is model.network


def test_patches_inside_the_network_are_refused_even_where_they_were_put_in_by_hand(tiny_models: Any) -> None:
    patcher: Any = WIRES.outward(load_checkpoint(tiny_models / "checkpoints" / "tiny.safetensors").model)
    patcher.model_options["transformer_options"]["patches"] = {"attn1_patch": [print]}
    with pytest.raises(NotGiven, match="Functions inside the network"):
        WIRES.inward(patcher, "MODEL")
    with pytest.raises(NotGiven, match="there is no LoRA yet"):
        patcher.add_patches({}, 1.0)
    with pytest.raises(NotGiven, match="'model_sampling' can be replaced"):
        patcher.add_object_patch("diffusion_model.out", None)


def test_values_that_are_none_of_ours_stay_what_they_are() -> None:
    for value in (None, 3, "text", {"samples": "no tensor"}, [1, 2], [[1, 2]], (), object()):
        assert WIRES.outward(value) is value
        assert WIRES.inward(value, "*") is value
        assert WIRES.inward(value, "MY_TYPE") is value
    own = {"samples": torch.zeros(1, 4, 2, 2)}
    assert WIRES.inward(own, "MY_TYPE") is own
    image = torch.rand(1, 4, 4, 3)
    assert WIRES.outward(image) is image
    assert WIRES.inward([image], "*")[0] is image  # type: ignore[index]


def test_pictures_and_masks_arrive_as_our_nodes_take_them() -> None:
    assert WIRES.inward(torch.zeros(4, 4, dtype=torch.float64), "MASK").shape == (1, 4, 4)  # type: ignore[union-attr]
    found: Any = WIRES.inward(torch.zeros(1, 4, 4, 3, dtype=torch.float16), "IMAGE")
    assert found.dtype == torch.float32


@pytest.mark.parametrize(
    ("value", "wire", "words"),
    [({"sample": 1}, "LATENT", "a tensor 'samples'"), ([1], "CONDITIONING", r"\[tensor, options\] pairs")],
)
def test_what_is_no_such_value_is_told(value: object, wire: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WIRES.inward(value, wire)


def test_a_conditioning_that_a_pack_edits_reaches_our_sampler(
    house: House, toy_pack: Callable[..., str], graph: Callable[..., dict[str, Any]]
) -> None:
    body = """
    import node_helpers, torch
    assert conditioning[0][0].shape[-1] == 16 and "pooled_output" in conditioning[0][1]
    changed = node_helpers.conditioning_set_values(conditioning, {"start_percent": 0.2, "area": (4, 4, 0, 2)})
    changed = [[embedding * 0.5, {**options, "mine": 1}] for embedding, options in changed]
    return (changed,)
    """
    house.load({"edits": toy_pack("ToyEdit", {"conditioning": "CONDITIONING"}, "CONDITIONING", body)})
    steps = graph(**{"5": {"class_type": "ToyEdit", "inputs": {"conditioning": ["2", 0]}}})
    [[before]], [[after]] = house.values(steps, "2"), house.values(steps, "5")
    torch.testing.assert_close(after.embedding, before.embedding * 0.5)
    assert (after.start_percent, after.area, dict(after.extra)) == (0.2, Area(4, 4, 0, 2), {"mine": 1})
    assert before.start_percent == 0.0


def test_a_text_is_encoded_in_two_steps_as_in_one(house: House, tiny_models: Any) -> None:
    encoder = load_checkpoint(tiny_models / "checkpoints" / "tiny.safetensors").clip
    assert encoder is not None
    clip: Any = WIRES.outward(encoder)
    text = "a (red:1.3) fox, " * 30
    tokens = clip.tokenize(text)
    assert [len(window) for window in tokens["l"]] == [77] * len(tokens["l"])
    wanted = encoder.encode(text)
    embedding, pooled = clip.encode_from_tokens(tokens, return_pooled=True)
    assert torch.equal(embedding, wanted.embedding)
    assert wanted.pooled is not None
    assert torch.equal(pooled, wanted.pooled)
    [[scheduled, options]] = clip.encode_from_tokens_scheduled(tokens, add_dict={"mine": 1})
    assert torch.equal(scheduled, wanted.embedding)
    assert options["mine"] == 1
    assert set(clip.encode_from_tokens(tokens, return_dict=True)) == {"cond", "pooled_output"}
    earlier = clip.clone()
    earlier.clip_layer(-2)
    assert (WIRES.inward(earlier, "CLIP").last_layer, encoder.last_layer) == (-2, -1)  # type: ignore[union-attr]


def test_a_vae_in_tiles_gives_nearly_what_it_gives_at_once(tiny_models: Any) -> None:
    codec = load_checkpoint(tiny_models / "checkpoints" / "tiny.safetensors").vae
    assert codec is not None
    vae: Any = WIRES.outward(codec)
    assert (vae.downscale_ratio, vae.latent_channels) == (8, 4)
    latent = torch.randn(1, 4, 12, 20, generator=torch.Generator().manual_seed(1))
    assert torch.equal(vae.decode(latent), codec.decode(latent))
    assert torch.equal(vae.decode_tiled(latent, tile_x=32, tile_y=32), codec.decode(latent))
    tiled = vae.decode_tiled(latent, tile_x=8, tile_y=8, overlap=4)
    assert tiled.shape == (1, 96, 160, 3)
    pixels = torch.rand(1, 96, 160, 3, generator=torch.Generator().manual_seed(2))
    assert torch.equal(vae.encode(pixels), codec.encode(pixels))
    assert vae.encode_tiled(pixels, tile_x=64, tile_y=64, overlap=16).shape == codec.encode(pixels).shape
