"""The single-file layout of Stable Diffusion 1: save, detect and load gives networks and configuration back."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import CLIPTextModel

from diffusion.checkpoints import CheckpointError, KeymapError, load_checkpoint, load_vae
from diffusion.checkpoints.keymap import account, rename
from diffusion.checkpoints.sd1 import RULES
from diffusion.clip import ClipConfig, clip_tokenizer
from diffusion.prediction import epsilon, v_prediction
from diffusion.unet import UNet, UNetConfig
from diffusion.vae import AutoencoderKL, VAEConfig
from tests.diffusion.checkpoint_files import LDM_CLIP, LDM_UNET, LDM_VAE, METADATA, UNET, VAE, TinyNetworks, write
from tests.diffusion.checkpoint_files import tiny_networks as make_networks

ROOT = Path(__file__).resolve().parents[2]
LEFTOVERS = {
    "alphas_cumprod": torch.zeros(1000),
    "alphas_cumprod_prev": torch.zeros(1000),
    "betas": torch.zeros(1000),
    "log_one_minus_alphas_cumprod": torch.zeros(1000),
    "logvar": torch.zeros(1000),
    "lvlb_weights": torch.zeros(1000),
    "posterior_log_variance_clipped": torch.zeros(1000),
    "posterior_mean_coef1": torch.zeros(1000),
    "posterior_mean_coef2": torch.zeros(1000),
    "posterior_variance": torch.zeros(1000),
    "sqrt_alphas_cumprod": torch.zeros(1000),
    "sqrt_one_minus_alphas_cumprod": torch.zeros(1000),
    "sqrt_recip_alphas_cumprod": torch.zeros(1000),
    "sqrt_recipm1_alphas_cumprod": torch.zeros(1000),
    "model_ema.decay": torch.zeros(()),
    "model_ema.num_updates": torch.zeros((), dtype=torch.int32),
    "model_ema.diffusion_modelout2bias": torch.zeros(4),
    "first_stage_model.loss.logvar": torch.zeros(()),
    "first_stage_model.loss.discriminator.main.0.weight": torch.zeros(2, 2),
    LDM_CLIP + "embeddings.position_ids": torch.arange(77)[None],
}


@pytest.fixture(scope="module")
def tiny_networks() -> TinyNetworks:
    return make_networks()


@pytest.fixture(scope="module")
def file(tiny_networks: TinyNetworks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "tiny.safetensors"
    return write(path, tiny_networks.ldm_tensors(), METADATA)


def same(network: torch.nn.Module, original: torch.nn.Module) -> bool:
    mine, other = network.state_dict(), original.state_dict()
    return mine.keys() == other.keys() and all(torch.equal(mine[name], other[name]) for name in mine)


def test_loading_gives_the_networks_and_their_configuration_back(file: Path, tiny_networks: TinyNetworks) -> None:
    checkpoint = load_checkpoint(file)
    unet = checkpoint.model.network
    assert isinstance(unet, UNet)
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    assert unet.config == UNET
    assert checkpoint.vae.network.config == VAE
    assert checkpoint.clip.config == ClipConfig(width=32, layers=2, heads=2, mlp_width=64)
    assert same(unet, tiny_networks.unet)
    assert same(checkpoint.vae.network, tiny_networks.vae)
    assert same(checkpoint.clip.network, tiny_networks.clip)


def test_the_loaded_networks_compute_what_the_saved_ones_do(file: Path, tiny_networks: TinyNetworks) -> None:
    checkpoint = load_checkpoint(file)
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    embedding = checkpoint.clip.encode("a red cat").embedding
    x, t = torch.randn(1, 4, 8, 8), torch.tensor([500.0])
    torch.testing.assert_close(checkpoint.model.network(x, t, embedding), tiny_networks.unet(x, t, embedding))
    torch.testing.assert_close(checkpoint.vae.network.decode(x), tiny_networks.vae.decode(x))


@pytest.mark.parametrize(
    "config",
    [
        UNET,
        replace(UNET, channel_mult=(1, 2), res_blocks=(2, 1), transformer_depth=(0, 1)),
        replace(
            UNET, channel_mult=(1, 1, 3, 4), res_blocks=(1, 2, 1, 1), transformer_depth=(1, 2, 0, 1), middle_depth=2
        ),
        replace(UNET, in_channels=8, out_channels=8, num_heads=2, norm_groups=4, channel_mult=(2, 2, 2)),
        replace(UNET, channel_mult=(3,), res_blocks=(2,), transformer_depth=(1,)),
    ],
)
def test_every_shape_of_unet_is_read_off_its_file(config: UNetConfig, tmp_path: Path) -> None:
    unet = UNet(config)
    tensors = {LDM_UNET + name: tensor for name, tensor in unet.state_dict().items()}
    told = {"nodeloom.unet.heads": str(config.num_heads), "nodeloom.unet.norm_groups": str(config.norm_groups)}
    loaded = load_checkpoint(write(tmp_path / "unet.safetensors", tensors, told)).model
    assert isinstance(loaded.network, UNet)
    assert loaded.network.config == config
    assert loaded.latent_channels == config.out_channels


@pytest.mark.parametrize(
    "config",
    [VAE, VAEConfig(channels=(8, 8, 16, 16), res_blocks=2, norm_groups=8), VAEConfig(3, 3, 3, (8, 16), 1, 2)],
)
def test_every_shape_of_autoencoder_is_read_off_its_file(config: VAEConfig, tmp_path: Path) -> None:
    vae = AutoencoderKL(config)
    told = {"nodeloom.vae.norm_groups": str(config.norm_groups)}
    codec = load_vae(write(tmp_path / "vae.safetensors", vae.state_dict(), told))
    assert codec.network.config == config
    assert same(codec.network, vae)


def test_what_a_file_says_nothing_about_is_as_in_stable_diffusion_1(tmp_path: Path) -> None:
    config = UNetConfig(
        model_channels=32, channel_mult=(1, 2), res_blocks=(1, 1), transformer_depth=(1, 0), context_dim=16
    )
    tensors = {LDM_UNET + name: tensor for name, tensor in UNet(config).state_dict().items()}
    model = load_checkpoint(write(tmp_path / "plain.safetensors", tensors)).model
    assert isinstance(model.network, UNet)
    assert (model.network.config.num_heads, model.network.config.norm_groups) == (8, 32)
    assert model.prediction is epsilon
    assert model.latent_scale == 0.18215
    assert model.table.sigma_max == pytest.approx(14.6146, abs=1e-4)


@pytest.mark.parametrize(
    ("metadata", "prediction"),
    [
        ({}, epsilon),
        ({"nodeloom.prediction": "epsilon"}, epsilon),
        ({"nodeloom.prediction": "v"}, v_prediction),
        ({"modelspec.prediction_type": "v"}, v_prediction),
        ({"modelspec.prediction_type": "v", "nodeloom.prediction": "epsilon"}, epsilon),
    ],
)
def test_the_kind_of_prediction_is_told_by_metadata(
    metadata: dict[str, str], prediction: object, tiny_networks: TinyNetworks, tmp_path: Path
) -> None:
    path = write(tmp_path / "told.safetensors", tiny_networks.ldm_tensors(), METADATA | metadata)
    assert load_checkpoint(path).model.prediction is prediction


def test_a_file_may_tell_its_own_latent_scale(tiny_networks: TinyNetworks, tmp_path: Path) -> None:
    told = METADATA | {"nodeloom.latent_scale": "0.5"}
    path = write(tmp_path / "scaled.safetensors", tiny_networks.ldm_tensors(), told)
    assert load_checkpoint(path).model.latent_scale == 0.5


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("nodeloom.unet.heads", "0"),
        ("nodeloom.unet.heads", "3"),
        ("nodeloom.unet.heads", "eight"),
        ("nodeloom.unet.heads", "9" * 5000),
        ("nodeloom.unet.norm_groups", "5"),
        ("nodeloom.vae.norm_groups", "-4"),
        ("nodeloom.vae.norm_groups", "3"),
        ("nodeloom.clip.heads", "5"),
        ("nodeloom.prediction", "the weather"),
        ("nodeloom.latent_scale", "nan"),
        ("nodeloom.latent_scale", "-1"),
        ("nodeloom.family", "sd9"),
    ],
)
def test_metadata_without_sense_is_refused(key: str, value: str, tiny_networks: TinyNetworks, tmp_path: Path) -> None:
    path = write(tmp_path / "bad.safetensors", tiny_networks.ldm_tensors(), METADATA | {key: value})
    with pytest.raises(CheckpointError):
        load_checkpoint(path)


def test_leftovers_of_training_are_known_and_not_needed(tiny_networks: TinyNetworks, tmp_path: Path) -> None:
    path = write(tmp_path / "pruned_not.safetensors", tiny_networks.ldm_tensors() | LEFTOVERS, METADATA)
    assert same(load_checkpoint(path).model.network, tiny_networks.unet)


def test_text_encoder_and_first_stage_may_be_left_out(tiny_networks: TinyNetworks, tmp_path: Path) -> None:
    tensors = {name: tensor for name, tensor in tiny_networks.ldm_tensors().items() if name.startswith(LDM_UNET)}
    checkpoint = load_checkpoint(write(tmp_path / "unet_only.safetensors", tensors, METADATA))
    assert checkpoint.clip is None
    assert checkpoint.vae is None


def test_a_text_encoder_without_the_inner_name_loads(tiny_networks: TinyNetworks, tmp_path: Path) -> None:
    tensors = {name.replace("text_model.", ""): tensor for name, tensor in tiny_networks.ldm_tensors().items()}
    checkpoint = load_checkpoint(write(tmp_path / "older.safetensors", tensors, METADATA))
    assert checkpoint.clip is not None
    assert same(checkpoint.clip.network, tiny_networks.clip)


def test_attention_of_the_first_stage_may_be_written_as_matrices(tiny_networks: TinyNetworks, tmp_path: Path) -> None:
    tensors = {
        name: tensor[:, :, 0, 0] if ".mid.attn_1." in name and tensor.ndim == 4 else tensor
        for name, tensor in tiny_networks.ldm_tensors().items()
    }
    checkpoint = load_checkpoint(write(tmp_path / "matrices.safetensors", tensors, METADATA))
    assert checkpoint.vae is not None
    assert same(checkpoint.vae.network, tiny_networks.vae)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda tensors: tensors | {"odd.key": torch.zeros(1)}, r"1 unknown \(such as odd\.key\)"),
        (
            lambda tensors: tensors | {LDM_UNET + "out.7.bias": torch.zeros(1)},
            r"1 unexpected \(such as unet\.out\.7\.bias\)",
        ),
        (
            lambda tensors: {name: one for name, one in tensors.items() if name != LDM_UNET + "time_embed.0.bias"},
            r"1 missing \(such as unet\.time_embed\.0\.bias\)",
        ),
        (
            lambda tensors: tensors | {LDM_VAE + "quant_conv.bias": torch.zeros(3)},
            r"1 of another shape \(such as vae\.quant_conv\.bias",
        ),
    ],
)
def test_a_file_that_does_not_come_out_even_is_refused(
    change: Callable[[dict[str, Tensor]], dict[str, Tensor]], fault: str, tiny_networks: TinyNetworks, tmp_path: Path
) -> None:
    path = write(tmp_path / "uneven.safetensors", change(tiny_networks.ldm_tensors()), METADATA)
    with pytest.raises(KeymapError, match=fault):
        load_checkpoint(path)


def test_an_unknown_file_is_told_what_was_recognised_and_what_is_missing(
    tiny_networks: TinyNetworks, tmp_path: Path
) -> None:
    lora = write(tmp_path / "lora.safetensors", {"lora_unet_mid.lora_down.weight": torch.zeros(2, 2)})
    with pytest.raises(
        CheckpointError, match=r"recognised: nothing. Missing: a UNet in the original layout.*lora_unet"
    ):
        load_checkpoint(lora)
    inpainting = tiny_networks.ldm_tensors() | {LDM_UNET + "input_blocks.0.0.weight": torch.zeros(16, 9, 3, 3)}
    path = write(tmp_path / "inpainting.safetensors", inpainting, METADATA)
    with pytest.raises(CheckpointError, match=r"recognised: a UNet in.*Missing: a UNet input that is the latent alone"):
        load_checkpoint(path)
    second = tiny_networks.ldm_tensors() | {"cond_stage_model.model.positional_embedding": torch.zeros(77, 32)}
    with pytest.raises(CheckpointError, match="Stable Diffusion 2"):
        load_checkpoint(write(tmp_path / "second.safetensors", second, METADATA))


@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16, torch.float32])
def test_the_cpu_works_in_float32_unless_told_otherwise(
    stored: torch.dtype, tiny_networks: TinyNetworks, tmp_path: Path
) -> None:
    tensors = {name: tensor.to(stored) for name, tensor in tiny_networks.ldm_tensors().items()}
    path = write(tmp_path / "half.safetensors", tensors, METADATA)
    checkpoint = load_checkpoint(path)
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    networks = (checkpoint.model.network, checkpoint.clip.network, checkpoint.vae.network)
    assert {one.dtype for network in networks for one in network.parameters()} == {torch.float32}
    assert checkpoint.model.dtype == torch.float32
    told = load_checkpoint(path, dtype=torch.bfloat16)
    assert {one.dtype for one in told.model.network.parameters()} == {torch.bfloat16}
    assert told.model.dtype == torch.bfloat16


def test_writing_to_a_loaded_weight_leaves_the_file_alone(file: Path) -> None:
    before = file.read_bytes()
    with torch.no_grad():
        for weight in load_checkpoint(file).model.network.parameters():
            weight.zero_()
    assert file.read_bytes() == before


def test_nothing_loaded_is_left_without_memory_or_asks_for_gradients(file: Path) -> None:
    checkpoint = load_checkpoint(file)
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    for network in (checkpoint.model.network, checkpoint.clip.network, checkpoint.vae.network):
        assert not network.training
        for tensor in (*network.parameters(), *network.buffers()):
            assert tensor.device.type == "cpu"
            assert not tensor.requires_grad


MEMORY = """
import gc, sys
from pathlib import Path
from diffusion.checkpoints import load_checkpoint

def kilobytes(line):
    return int(Path("/proc/self/status").read_text().split(line + ":")[1].split()[0])

load_checkpoint(sys.argv[2])  # what is loaded once for all checkpoints
gc.collect()
before = kilobytes("VmRSS")
checkpoint = load_checkpoint(sys.argv[1])
loaded = kilobytes("VmRSS") - before
parts = (checkpoint.model.network, checkpoint.clip.network, checkpoint.vae.network)
total = sum(float(weight.sum()) for part in parts for weight in part.parameters())
print(loaded, kilobytes("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the kernel's count of memory pages")
def test_loading_takes_no_memory_and_reading_every_weight_little_more_than_the_file(file: Path, tmp_path: Path) -> None:
    wide = replace(UNET, model_channels=128, channel_mult=(1, 2, 3))
    big = write(tmp_path / "big.safetensors", make_networks(wide).ldm_tensors(), METADATA)
    kilobytes = big.stat().st_size / 1024
    assert kilobytes > 100_000
    answer = subprocess.run(
        [sys.executable, "-c", MEMORY, str(big), str(file)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded, peak = map(int, answer.stdout.split())
    assert loaded < 0.2 * kilobytes
    assert peak < 1.15 * kilobytes


def published_shapes() -> dict[str, tuple[int, ...]]:
    """Every tensor of Stable Diffusion 1.5, at its size, from networks without memory."""
    with torch.device("meta"):
        parts: list[tuple[str, torch.nn.Module]] = [
            (LDM_UNET, UNet(UNetConfig())),
            (LDM_VAE, AutoencoderKL(VAEConfig())),
            (LDM_CLIP, CLIPTextModel(ClipConfig().for_transformers(clip_tokenizer()))),
        ]
    return {prefix + name: tuple(tensor.shape) for prefix, part in parts for name, tensor in part.state_dict().items()}


def test_every_key_of_stable_diffusion_1_5_is_accounted_for() -> None:
    shapes = published_shapes()
    # The numbers of the published v1-5-pruned file: tensors and parameters of its UNet, first stage and text encoder.
    for prefix, tensors, parameters in (
        (LDM_UNET, 686, 859_520_964),
        (LDM_VAE, 248, 83_653_863),
        (LDM_CLIP, 196, 123_060_480),
    ):
        part = [shape for name, shape in shapes.items() if name.startswith(prefix)]
        assert len(part) == tensors
        assert sum(torch.Size(shape).numel() for shape in part) == parameters
    source: dict[str, Tensor] = {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}
    mapped = rename(RULES, source | LEFTOVERS)
    ours = {
        name.replace(LDM_UNET, "unet.").replace(LDM_VAE, "vae.").replace(LDM_CLIP, "clip."): shape
        for name, shape in shapes.items()
    }
    assert account(mapped, ours, source="v1-5").keys() == ours.keys()
