"""Folders in diffusers' layout, against diffusers itself; the original layout against diffusers' own conversion."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL as DiffusersVAE
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTextModel

from diffusion.checkpoints import Checkpoint, CheckpointError, load_checkpoint, load_vae
from diffusion.checkpoints.diffusers_names import unet_rules, vae_rules
from diffusion.checkpoints.keymap import account, rename
from diffusion.checkpoints.read import shapes_of
from diffusion.prediction import v_prediction
from diffusion.unet import UNet, UNetConfig
from diffusion.vae import AutoencoderKL, VAEConfig
from tests.diffusion.checkpoint_files import (
    LDM_CLIP,
    LDM_UNET,
    LDM_VAE,
    METADATA,
    randomise,
    text_config,
    write,
    write_json,
)

CROSS_DOWN, DOWN = "CrossAttnDownBlock2D", "DownBlock2D"
CROSS_UP, UP = "CrossAttnUpBlock2D", "UpBlock2D"


@dataclass(frozen=True)
class Reference:
    """diffusers' own networks, and the folder they saved themselves to."""

    folder: Path
    unet: Any
    vae: Any
    clip: CLIPTextModel


def diffusers_unet(**changes: Any) -> UNet2DConditionModel:
    settings = {
        "block_out_channels": (16, 32, 32),
        "down_block_types": (CROSS_DOWN, CROSS_DOWN, DOWN),
        "up_block_types": (UP, CROSS_UP, CROSS_UP),
        "layers_per_block": 2,
        "cross_attention_dim": 32,
        "attention_head_dim": 4,
        "norm_num_groups": 8,
    }
    unet = UNet2DConditionModel(**(settings | changes))
    randomise(unet)
    return unet


def diffusers_vae() -> DiffusersVAE:
    settings: dict[str, Any] = {
        "block_out_channels": (8, 16, 24),
        "down_block_types": ("DownEncoderBlock2D",) * 3,
        "up_block_types": ("UpDecoderBlock2D",) * 3,
        "layers_per_block": 2,
        "norm_num_groups": 4,
        "latent_channels": 4,
        "scaling_factor": 0.3,
    }
    vae = DiffusersVAE(**settings)
    randomise(vae)
    return vae


def save_folder(folder: Path, unet: UNet2DConditionModel, vae: DiffusersVAE, clip: CLIPTextModel) -> Reference:
    unet.save_pretrained(folder / "unet")
    vae.save_pretrained(folder / "vae")
    clip.save_pretrained(folder / "text_encoder")
    DDIMScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, prediction_type="v_prediction"
    ).save_pretrained(folder / "scheduler")
    write_json(folder / "model_index.json", {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "x"]})
    return Reference(folder, unet, vae, clip)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    torch.manual_seed(0)
    clip = CLIPTextModel(text_config(32))
    randomise(clip)
    return save_folder(tmp_path_factory.mktemp("folder") / "tiny", diffusers_unet(), diffusers_vae(), clip)


def assert_close(ours: Tensor, theirs: Tensor) -> None:
    """Equal within 1e-5 of the largest number."""
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() <= 1e-5 * theirs.abs().max()


@torch.no_grad()
def assert_same_networks(checkpoint: Checkpoint, reference: Reference) -> None:
    """Both compute the same from the same."""
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    torch.manual_seed(1)
    x, t, context = torch.randn(2, 4, 16, 16), torch.tensor([981, 17]), torch.randn(2, 7, 32)
    assert_close(checkpoint.model.network(x, t, context), reference.unet(x, t, context).sample)
    pixels = torch.randn(1, 3, 32, 32)
    ours, theirs = checkpoint.vae.network, reference.vae
    assert_close(ours.encode(pixels).mean, theirs.encode(pixels).latent_dist.mode())
    assert_close(ours.decode(x), theirs.decode(x).sample)
    ids = torch.tensor(checkpoint.clip.tokens("a red cat").ids)
    expected = reference.clip(input_ids=ids)
    condition = checkpoint.clip.encode("a red cat")
    assert condition.pooled is not None
    assert_close(condition.embedding, expected.last_hidden_state)
    assert_close(condition.pooled, expected.pooler_output)


def test_a_folder_computes_what_diffusers_computes(reference: Reference) -> None:
    assert_same_networks(load_checkpoint(reference.folder), reference)


def test_the_configurations_tell_what_shapes_do_not(reference: Reference) -> None:
    checkpoint = load_checkpoint(reference.folder)
    assert isinstance(checkpoint.model.network, UNet)
    assert checkpoint.vae is not None
    assert checkpoint.clip is not None
    assert checkpoint.model.network.config == UNetConfig(
        model_channels=16,
        channel_mult=(1, 2, 2),
        res_blocks=(2, 2, 2),
        transformer_depth=(1, 1, 0),
        context_dim=32,
        num_heads=4,
        norm_groups=8,
    )
    assert checkpoint.vae.network.config == VAEConfig(channels=(8, 16, 24), norm_groups=4)
    assert checkpoint.clip.config.heads == 2
    assert checkpoint.model.latent_scale == 0.3
    assert checkpoint.model.prediction is v_prediction
    assert checkpoint.model.table.sigma_max == pytest.approx(14.6146, abs=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {"layers_per_block": 1},
        {
            "block_out_channels": (16, 32),
            "down_block_types": (DOWN, CROSS_DOWN),
            "up_block_types": (CROSS_UP, UP),
            "attention_head_dim": 2,
        },
        {
            "block_out_channels": (16, 16, 32, 32),
            "down_block_types": (CROSS_DOWN, CROSS_DOWN, CROSS_DOWN, DOWN),
            "up_block_types": (UP, CROSS_UP, CROSS_UP, CROSS_UP),
        },
        {"attention_head_dim": (2, 4, 4)},
    ],
)
def test_other_shapes_of_unet_compute_what_diffusers_computes(
    changes: dict[str, Any], reference: Reference, tmp_path: Path
) -> None:
    torch.manual_seed(2)
    other = save_folder(tmp_path / "other", diffusers_unet(**changes), reference.vae, reference.clip)
    assert_same_networks(load_checkpoint(other.folder), other)


def ldm_tensors(reference: Reference) -> dict[str, Tensor]:
    """The reference's weights under original names; which name is which is asked of diffusers' own conversion."""
    checkpoint = load_checkpoint(reference.folder)
    assert checkpoint.vae is not None
    unet = {LDM_UNET + name: tensor for name, tensor in checkpoint.model.network.state_dict().items()}
    vae = {LDM_VAE + name: tensor for name, tensor in checkpoint.vae.network.state_dict().items()}
    theirs = (
        (unet, reference.unet, convert_ldm_unet_checkpoint),
        (vae, reference.vae, convert_ldm_vae_checkpoint),
    )
    tensors = {LDM_CLIP + name: tensor for name, tensor in reference.clip.state_dict().items()}
    for ours, network, convert in theirs:
        names = list(ours)
        tagged = {name: torch.full(ours[name].shape, float(i), dtype=torch.float64) for i, name in enumerate(names)}
        weights = network.state_dict()
        for name, tag in convert(tagged, dict(network.config)).items():
            original = names[int(tag.flatten()[0])]
            tensors[original] = weights[name].reshape(ours[original].shape)
    return tensors


def test_the_same_weights_in_the_original_layout_load_equal(reference: Reference, tmp_path: Path) -> None:
    told = METADATA | {"nodeloom.prediction": "v", "nodeloom.latent_scale": "0.3"}
    single = load_checkpoint(write(tmp_path / "single.safetensors", ldm_tensors(reference), told))
    folder = load_checkpoint(reference.folder)
    assert_same_networks(single, reference)
    for one, other in (
        (single.model.network, folder.model.network),
        (single.vae.network if single.vae else None, folder.vae.network if folder.vae else None),
        (single.clip.network if single.clip else None, folder.clip.network if folder.clip else None),
    ):
        assert one is not None
        assert other is not None
        mine, theirs = one.state_dict(), other.state_dict()
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert (single.model.prediction, single.model.latent_scale) == (folder.model.prediction, folder.model.latent_scale)


def rewrite(reference: Reference, folder: Path) -> Path:
    """A copy of the reference's folder that a test may change."""
    for path in reference.folder.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(reference.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return folder


def change_json(path: Path, **changes: object) -> None:
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | changes)


OLD_ATTENTION = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def test_attention_under_its_old_names_loads(reference: Reference, tmp_path: Path) -> None:
    path = rewrite(reference, tmp_path / "old") / "vae" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    for new, old in OLD_ATTENTION.items():
        tensors = {name.replace(f"attentions.0.{new}.", f"attentions.0.{old}."): one for name, one in tensors.items()}
    assert any("query" in name for name in tensors)
    save_file(tensors, path)
    assert_same_networks(load_checkpoint(tmp_path / "old"), reference)


def test_a_half_precision_variant_is_found_by_its_name(reference: Reference, tmp_path: Path) -> None:
    folder = rewrite(reference, tmp_path / "half")
    for path in list(folder.rglob("*.safetensors")):
        save_file({name: one.half() for name, one in load_file(path).items()}, path.with_suffix(".fp16.safetensors"))
        path.unlink()
    network = load_checkpoint(folder).model.network
    assert {one.dtype for one in network.parameters()} == {torch.float32}
    x, t, context = torch.randn(1, 4, 8, 8), torch.tensor([500]), torch.randn(1, 7, 32)
    torch.testing.assert_close(network(x, t, context), reference.unet(x, t, context).sample, rtol=0.05, atol=0.05)


def shard(folder: Path) -> Path:
    """Cut the UNet of a folder into two files with an index; returns the index."""
    path = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    names = sorted(tensors)
    pieces = {"part-1.safetensors": names[::2], "part-2.safetensors": names[1::2]}
    for file, held in pieces.items():
        save_file({name: tensors[name] for name in held}, folder / "unet" / file)
    path.unlink()
    index = {"weight_map": {name: file for file, held in pieces.items() for name in held}}
    return write_json(folder / "unet" / "diffusion_pytorch_model.safetensors.index.json", index)


def test_a_network_in_several_files_is_put_together_by_its_index(reference: Reference, tmp_path: Path) -> None:
    folder = rewrite(reference, tmp_path / "sharded")
    shard(folder)
    assert_same_networks(load_checkpoint(folder), reference)


def test_an_index_that_does_not_fit_its_files_is_refused(reference: Reference, tmp_path: Path) -> None:
    index = shard(rewrite(reference, tmp_path / "sharded"))
    content = json.loads(index.read_text(encoding="utf-8"))
    content["weight_map"].pop("conv_in.weight")
    write_json(index, content)
    with pytest.raises(CheckpointError, match=r"conv_in\.weight"):
        load_checkpoint(tmp_path / "sharded")


def test_text_encoder_and_first_stage_may_be_missing(reference: Reference, tmp_path: Path) -> None:
    folder = rewrite(reference, tmp_path / "unet_only")
    for part in ("vae", "text_encoder"):
        for path in list((folder / part).iterdir()):
            path.unlink()
        (folder / part).rmdir()
    checkpoint = load_checkpoint(folder)
    assert checkpoint.clip is None
    assert checkpoint.vae is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"attention_head_dim": "many"}, "attention_head_dim"),
        ({"attention_head_dim": [4, 8, 2]}, "one number of heads"),
        ({"attention_head_dim": 7}, "heads"),
        ({"norm_num_groups": 0}, "norm_num_groups"),
        ({"norm_num_groups": 5}, "no network"),
    ],
)
def test_a_configuration_without_sense_is_refused(
    changes: dict[str, object], sentence: str, reference: Reference, tmp_path: Path
) -> None:
    folder = rewrite(reference, tmp_path / "bad")
    change_json(folder / "unet" / "config.json", **changes)
    with pytest.raises(CheckpointError, match=sentence):
        load_checkpoint(folder)


def test_a_schedule_or_prediction_that_is_not_known_is_refused(reference: Reference, tmp_path: Path) -> None:
    folder = rewrite(reference, tmp_path / "bad")
    for changes in ({"beta_schedule": "squaredcos_cap_v2"}, {"prediction_type": "flow"}, {"trained_betas": [0.5, -1]}):
        path = folder / "scheduler" / "scheduler_config.json"
        before = path.read_text(encoding="utf-8")
        change_json(path, **changes)
        with pytest.raises(CheckpointError):
            load_checkpoint(folder)
        path.write_text(before, encoding="utf-8")


def test_a_folder_of_another_family_is_told_what_is_missing(reference: Reference, tmp_path: Path) -> None:
    folder = rewrite(reference, tmp_path / "xl")
    change_json(folder / "model_index.json", text_encoder_2=["transformers", "CLIPTextModelWithProjection"])
    with pytest.raises(CheckpointError, match=r"recognised: a UNet in diffusers' layout.*second text encoder"):
        load_checkpoint(folder)


def test_an_autoencoder_with_diffusers_names_loads_alone_as_folder_and_as_file(
    reference: Reference, tmp_path: Path
) -> None:
    tensors = load_file(reference.folder / "vae" / "diffusion_pytorch_model.safetensors")
    file = write(tmp_path / "vae.safetensors", tensors, {"nodeloom.vae.norm_groups": "4"})
    pixels = torch.rand(1, 32, 32, 3)
    expected = reference.vae.encode(pixels.movedim(-1, 1) * 2 - 1).latent_dist.mode()
    for path in (file, reference.folder / "vae"):
        assert_close(load_vae(path).encode(pixels), expected)


def test_an_autoencoder_with_original_names_loads_alone_with_and_without_prefix(
    reference: Reference, tmp_path: Path
) -> None:
    codec = load_vae(reference.folder / "vae")
    for prefix in ("", "first_stage_model."):
        tensors = {prefix + name: tensor for name, tensor in codec.network.state_dict().items()}
        tensors[prefix + "loss.logvar"] = torch.zeros(())
        path = write(tmp_path / f"{prefix}vae.safetensors", tensors, {"nodeloom.vae.norm_groups": "4"})
        loaded = load_vae(path).network.state_dict()
        assert all(torch.equal(loaded[name], tensor) for name, tensor in codec.network.state_dict().items())


def test_a_file_that_is_no_autoencoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="an encoder"):
        load_vae(write(tmp_path / "other.safetensors", {"conv.weight": torch.zeros(2, 2)}))


def test_every_key_of_stable_diffusion_1_5_has_its_place_from_diffusers_names() -> None:
    settings: dict[str, Any] = {
        "block_out_channels": (128, 256, 512, 512),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "layers_per_block": 2,
    }
    with torch.device("meta"):
        unet = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8)
        vae = DiffusersVAE(**settings)
        ours, our_vae = UNet(UNetConfig()), AutoencoderKL(VAEConfig())
    for theirs, mine, rules in ((unet, ours, unet_rules), (vae, our_vae, vae_rules)):
        source = theirs.state_dict()
        mapped = rename(rules(shapes_of(source)), source)
        assert len(account(mapped, shapes_of(mine.state_dict()), source="v1-5")) == len(source)
