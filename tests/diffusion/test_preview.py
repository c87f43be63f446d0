"""Linear previews: what the fit finds, what it paints, and how fits are kept."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints import load_checkpoint
from diffusion.preview import (
    LinearPreview,
    block_means,
    codec_digest,
    fit_linear,
    load_fit,
    load_fit_of_scale,
    save_fit,
    synthetic_pictures,
)
from diffusion.vae import AutoencoderKL, Gaussian, VAEConfig

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "models" / "checkpoints" / "nodeloom-emoji.safetensors"
PICTURES = ROOT / "models" / "checkpoints" / "nodeloom-emoji-sheet.png"
BLOCK = 4

MAP = torch.tensor([[0.7, -0.2, 0.1], [0.3, 0.5, -0.4], [-0.1, 0.2, 0.9]])
OFFSET = torch.tensor([0.2, -0.1, 0.4])


class LinearFirstStage(nn.Module):
    """A first stage that is exactly linear: a latent cell is a mixture of the mean colours of its block."""

    def __init__(self) -> None:
        super().__init__()
        self.config = VAEConfig(latent_channels=3, channels=(1,) * 3)

    def encode(self, pixels: Tensor) -> Gaussian:
        means = nn.functional.avg_pool2d(pixels, BLOCK)
        latents = torch.einsum("bkhw,kc->bchw", means - OFFSET[:, None, None], MAP.inverse())
        return Gaussian(latents, torch.zeros_like(latents))

    def decode(self, latents: Tensor) -> Tensor:
        colours = torch.einsum("bchw,ck->bkhw", latents, MAP) + OFFSET[:, None, None]
        return nn.functional.interpolate(colours, scale_factor=BLOCK, mode="nearest")


def linear_codec() -> ImageCodec:
    return ImageCodec(cast(AutoencoderKL, LinearFirstStage()))


def tiny_codec(seed: int = 0) -> ImageCodec:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = AutoencoderKL(VAEConfig(channels=(8, 8), res_blocks=1, norm_groups=4))
    return ImageCodec(network.eval().requires_grad_(False))


@pytest.fixture(scope="module")
def shipped() -> ImageCodec:
    codec = load_checkpoint(SHIPPED).vae
    assert codec is not None
    return codec


def test_the_fit_of_a_linear_first_stage_is_its_own_map() -> None:
    fit = fit_linear(linear_codec())
    # Networks speak of colours in -1..1, previews in 0..1.
    assert np.allclose(fit.weights, MAP.numpy() / 2, atol=1e-5)
    assert np.allclose(fit.bias, (OFFSET.numpy() + 1) / 2, atol=1e-5)


def test_a_linear_first_stage_is_painted_to_the_last_bit_but_one() -> None:
    codec = linear_codec()
    picture = next(synthetic_pictures(32, 1, seed=7))
    latents = codec.encode(torch.from_numpy(picture)[None])[0].numpy()
    painted = fit_linear(codec).paint(latents)
    assert painted.shape == (8, 8, 3)
    assert painted.dtype == np.uint8
    assert np.abs(painted / 255 - block_means(picture, BLOCK)).max() <= 0.51 / 255


def test_the_preview_of_the_shipped_model_shows_the_colours_of_its_pictures(shipped: ImageCodec) -> None:
    with Image.open(PICTURES) as sheet:
        crop = np.asarray(sheet.convert("RGB").crop((100, 100, 292, 292)), dtype=np.float32) / 255
    latents = shipped.encode(torch.from_numpy(crop)[None])
    expected = block_means(shipped.decode(latents)[0].numpy(), shipped.downscale)
    painted = fit_linear(shipped).paint(latents[0].numpy())
    assert expected.std() > 0.1, "the picture has colours to be told apart"
    for colour in range(3):
        assert np.corrcoef(painted[..., colour].ravel(), expected[..., colour].ravel())[0, 1] > 0.9


def test_a_fit_is_the_same_every_time() -> None:
    one, two = fit_linear(tiny_codec()), fit_linear(tiny_codec())
    assert np.array_equal(one.weights, two.weights)
    assert np.array_equal(one.bias, two.bias)


def test_a_codec_that_gives_no_numbers_is_not_fitted() -> None:
    codec = tiny_codec()
    codec.network.quant_conv.weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="float32"):
        fit_linear(codec)


def test_colours_beyond_the_range_are_bounded_and_no_numbers_are_black() -> None:
    plain = LinearPreview(np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
    values = np.array([[[2.0, -1.0, 0.2, np.nan]]] * 3, dtype=np.float32)  # (3, 1, 4)
    assert plain.paint(values)[0, :, 0].tolist() == [255, 0, 51, 0]


def test_latents_of_another_number_of_channels_are_refused() -> None:
    plain = LinearPreview(np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="3 channels"):
        plain.paint(np.zeros((4, 2, 2), np.float32))


def test_block_means_leave_out_what_fills_no_block() -> None:
    picture = np.arange(5 * 4 * 3, dtype=np.float32).reshape(5, 4, 3)
    assert np.allclose(block_means(picture, 2)[1, 0], picture[2:4, :2].mean(axis=(0, 1)))
    assert block_means(picture, 2).shape == (2, 2, 3)


def test_the_digest_tells_decoders_apart_and_nothing_else() -> None:
    codec = tiny_codec()
    digest = codec_digest(codec)
    assert codec_digest(tiny_codec()) == digest
    assert codec_digest(tiny_codec(seed=1)) != digest
    codec.network.encoder.conv_in.weight.add_(1)
    assert codec_digest(codec) == digest
    codec.network.decoder.conv_out.weight.add_(1e-3)
    assert codec_digest(codec) != digest


def test_a_codec_in_half_precision_has_a_digest_too() -> None:
    codec = tiny_codec()
    half = replace(codec, network=codec.network.to(torch.bfloat16), dtype=torch.bfloat16)
    assert len(codec_digest(half)) == 32


SOME = LinearPreview(np.linspace(0, 1.5, 12, dtype=np.float32).reshape(4, 3), np.array([0.1, 0.2, 0.3], np.float32))


def test_a_kept_fit_comes_back_as_it_was(tmp_path: Path) -> None:
    save_fit(tmp_path / "new" / "folder", "abc", SOME, 0.18215)
    again = load_fit(tmp_path / "new" / "folder", "abc")
    assert again is not None
    assert np.array_equal(again.weights, SOME.weights)
    assert np.array_equal(again.bias, SOME.bias)
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["abc.json"]


def test_there_is_no_fit_where_none_was_kept(tmp_path: Path) -> None:
    assert load_fit(tmp_path / "absent", "abc") is None
    assert load_fit_of_scale(tmp_path / "absent", 4, 0.18215) is None


SOUND = {"version": 1, "latent_scale": 0.5, "weights": [[1, 2, 3]] * 4, "bias": [0, 0, 0]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        json.dumps({**SOUND, "version": 2}),
        json.dumps({**SOUND, "weights": [[1, 2]] * 4}),
        json.dumps({**SOUND, "weights": [[1, 2, 3], [1]]}),
        json.dumps({**SOUND, "weights": "red"}),
        json.dumps({**SOUND, "bias": [0, 0]}),
        json.dumps({**SOUND, "bias": [0, 0, float("nan")]}),
        json.dumps({**SOUND, "latent_scale": None}),
        json.dumps(SOUND)[:-10],
        json.dumps(SOUND) + " " * 2**16,
        "[" * 50_000,
    ],
)
def test_a_damaged_file_is_no_fit_and_can_be_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "abc.json").write_text(text)
    assert load_fit(tmp_path, "abc") is None
    assert load_fit_of_scale(tmp_path, 4, 0.5) is None
    save_fit(tmp_path, "abc", SOME, 0.5)
    assert load_fit(tmp_path, "abc") is not None


def test_bytes_that_are_no_text_are_no_fit(tmp_path: Path) -> None:
    (tmp_path / "abc.json").write_bytes(b"\xff\xfe\x00")
    assert load_fit(tmp_path, "abc") is None


def test_a_model_without_a_first_stage_borrows_the_newest_fit_of_such_latents(tmp_path: Path) -> None:
    for number, (name, scale) in enumerate([("old", 0.18215), ("new", 0.18215), ("other", 0.13025)]):
        save_fit(tmp_path, name, LinearPreview(SOME.weights + number, SOME.bias), scale)
        os.utime(tmp_path / f"{name}.json", (1000 + number, 1000 + number))
    (tmp_path / "damaged.json").write_text("{")
    found = load_fit_of_scale(tmp_path, 4, 0.18215)
    assert found is not None
    assert np.array_equal(found.weights, SOME.weights + 1)
    assert load_fit_of_scale(tmp_path, 16, 0.18215) is None
    assert load_fit_of_scale(tmp_path, 4, 1.0) is None
