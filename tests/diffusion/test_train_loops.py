"""Training resumes exactly, normalises exactly, and learns; all at tiny size."""

import csv
import random
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw
from safetensors import safe_open

from diffusion.checkpoints import load_checkpoint
from diffusion.clip import ClipConfig, clip_tokenizer
from diffusion.clip.encoder import text_body
from diffusion.train.curve import draw_losses
from diffusion.train.first_stage import FirstStageSettings, FirstStageTrainer, reconstruct, to_tensor
from diffusion.train.latents import LATENT_SCALE, means, normalise
from diffusion.train.loop import LoopSettings, averaged, learning_rate_factor, train
from diffusion.train.recipe import STAGES, Recipe, Workshop, carry_out
from diffusion.train.text_start import TextStartSettings, cell_weights, window
from diffusion.train.text_to_image import TextToImageSettings, TextToImageTrainer
from diffusion.unet import UNetConfig
from diffusion.vae import VAEConfig

VAE = VAEConfig(channels=(8, 16), res_blocks=1, norm_groups=1)
UNET = UNetConfig(
    model_channels=8,
    channel_mult=(1, 2),
    res_blocks=(1, 1),
    transformer_depth=(0, 1),
    context_dim=8,
    num_heads=2,
    norm_groups=4,
)
TEXT = ClipConfig(width=8, layers=1, heads=1, mlp_width=16, positions=77)


class Discs:
    """Discs of random colours on black: enough to learn something from."""

    def __len__(self) -> int:
        return 24

    def picture(self, index: int) -> Image.Image:
        picture = Image.new("RGB", (32, 32))
        colour = ("red", "lime", "blue")[index % 3]
        ImageDraw.Draw(picture).ellipse((4 + index % 5, 6, 20 + index % 7, 26), colour)
        return picture

    def caption(self, index: int, random_numbers: random.Random) -> str:
        return f"a {('red', 'green', 'blue')[index % 3]} disc"


def any_disc(numbers: random.Random) -> Image.Image:
    return Discs().picture(numbers.randrange(24))


def first_stage() -> FirstStageTrainer:
    return FirstStageTrainer(VAE, FirstStageSettings(batch=4, crop=16), any_disc)


def silent(done: int, wanted: int, losses: Mapping[str, float]) -> None:
    pass


def test_a_first_stage_starts_as_a_blur_with_the_right_colours() -> None:
    trainer = first_stage()
    picture = Image.new("RGB", (32, 32), (200, 120, 30))
    pixels = to_tensor(picture)[None]
    inner = (reconstruct(trainer.network, pixels) - pixels)[..., 8:-8, 8:-8]
    assert inner.abs().max() < 0.3


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    seen: list[float] = []
    train(first_stage(), LoopSettings(60, 2e-3, warm_up=5), tmp_path, lambda d, w, losses: seen.append(losses["loss"]))
    assert sum(seen[-10:]) < 0.7 * sum(seen[:10])


def test_a_resumed_training_ends_with_the_same_bits_as_one_that_was_never_stopped(tmp_path: Path) -> None:
    settings = LoopSettings(6, 1e-3, warm_up=2)
    train(first_stage(), settings, tmp_path / "whole", silent)

    def stop_in_the_middle(done: int, wanted: int, losses: Mapping[str, float]) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(first_stage(), settings, tmp_path / "halves", stop_in_the_middle)
    train(first_stage(), settings, tmp_path / "halves", silent)
    whole, halves = averaged(tmp_path / "whole"), averaged(tmp_path / "halves")
    assert all(torch.equal(whole[name], halves[name]) for name in whole)
    with (tmp_path / "halves" / "losses.csv").open() as file:
        assert [row["step"] for row in csv.DictReader(file)] == [str(i) for i in range(1, 7)]


def test_a_loss_that_is_no_number_stops_the_training_with_a_remedy(tmp_path: Path) -> None:
    trainer = first_stage()
    with torch.no_grad():
        trainer.network.decoder.conv_out.weight.fill_(float("nan"))
    with pytest.raises(ArithmeticError, match="lower the learning rate"):
        train(trainer, LoopSettings(1, 1e-3), tmp_path, silent)


def test_the_learning_rate_warms_up_and_falls_to_zero() -> None:
    factors = [learning_rate_factor(step, 100, 10) for step in range(101)]
    assert factors[9] == 1 and factors[0] == pytest.approx(0.1)
    assert all(a >= b for a, b in pairwise(factors[10:]))
    assert factors[100] == pytest.approx(0)


def test_normalised_latents_are_white_and_decode_to_the_same_picture() -> None:
    network = first_stage().network
    pixels = torch.stack([to_tensor(Discs().picture(i)) for i in range(8)])
    with torch.no_grad():
        before = network.decode(network.encode(pixels).mean)
        normalise(network, network.encode(pixels).mean)
        latents = network.encode(pixels).mean
        after = network.decode(latents)
    cells = (latents * LATENT_SCALE).movedim(1, -1).reshape(-1, 4)
    assert torch.allclose(cells.mean(0), torch.zeros(4), atol=1e-3)
    assert torch.allclose(torch.cov(cells.T), torch.eye(4), atol=2e-2)
    assert torch.allclose(before, after, atol=1e-3)


def test_words_that_no_caption_uses_stay_at_zero() -> None:
    trainer = TextToImageTrainer(UNET, TEXT, TextToImageSettings(batch=2), torch.randn(24, 4, 8, 8), Discs())
    table = text_body(trainer.text).get_parameter("embeddings.token_embedding.weight")
    used = {i for text in ("a red disc", "a green disc", "a blue disc") for i in window(clip_tokenizer(), text, 77)}
    assert set(table.abs().sum(1).nonzero().flatten().tolist()) == used


def test_cells_with_something_in_them_count_more_than_the_background() -> None:
    x0 = torch.zeros(2, 4, 8, 8)
    x0[:, :, 2:5, 2:5] = 2
    weights = cell_weights(x0)
    assert weights.shape == (2, 8, 8)
    assert weights[0, 3, 3] > 3 * weights[0, 7, 7] > 0
    assert torch.allclose(weights.mean(dim=(1, 2)), torch.ones(2))


def test_a_window_is_start_text_end_and_end_marks() -> None:
    tokenizer = clip_tokenizer()
    ids = window(tokenizer, "a red disc", 77)
    assert len(ids) == 77 and ids[0] == tokenizer.start
    assert tokenizer.text(ids[1:4]) == "a red disc"
    assert set(ids[4:]) == {tokenizer.end}


def test_a_whole_training_leaves_a_checkpoint_that_loads_and_a_curve(tmp_path: Path) -> None:
    recipe = Recipe(
        vae=VAE,
        unet=UNET,
        text=TEXT,
        first_stage=FirstStageSettings(batch=2, crop=16),
        first_loop=LoopSettings(3, 1e-3),
        text_start=TextStartSettings(batch=2, width=8),
        text_loop=LoopSettings(3, 1e-3),
        second_stage=TextToImageSettings(batch=2),
        second_loop=LoopSettings(3, 1e-3),
        sample=8,
    )
    workshop, target = Workshop(tmp_path), tmp_path / "out" / "tiny.safetensors"
    told: list[str] = []
    for stage in STAGES:
        carry_out(stage, recipe, Discs(), workshop, target, lambda stage, *_: told.append(stage))
    assert {"first stage", "statistics", "latents", "text start", "second stage"} == set(told)
    assert (workshop.second_stage / "losses.png").exists()
    loaded = load_checkpoint(target)
    assert loaded.clip is not None and loaded.vae is not None
    assert loaded.clip.encode("a red disc").embedding.shape == (1, 77, 8)
    assert loaded.vae.decode(torch.zeros(1, 4, 8, 8)).shape == (1, 16, 16, 3)
    with safe_open(target, framework="pt") as file:
        assert file.metadata()["nodeloom.prediction"] == "v"
    told.clear()
    carry_out("first-stage", recipe, Discs(), workshop, target, lambda stage, *_: told.append(stage))
    assert told == [], "a finished stage is passed over"


def test_means_do_not_depend_on_the_batch() -> None:
    network = first_stage().network
    one = means(network, Discs(), 5, lambda *_: None, batch=1)
    many = means(network, Discs(), 5, lambda *_: None, batch=4)
    assert torch.allclose(one, many, atol=0.05)  # bfloat16


def test_a_curve_survives_odd_logs(tmp_path: Path) -> None:
    log = tmp_path / "losses.csv"
    log.write_text("step,loss,part\n1,0.5,nan\n2,0.25,0.1\n")
    draw_losses(log, tmp_path / "curve.png")
    assert Image.open(tmp_path / "curve.png").size[0] > 100
