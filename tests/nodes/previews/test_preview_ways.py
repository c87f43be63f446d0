"""The ways of painting a preview: which is chosen for a model, and what each makes of its latents."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from diffusion.autoencoder import ImageCodec
from diffusion.model import DiffusionModel
from diffusion.preview import LinearPreview, codec_digest, fit_linear, save_fit
from nodes.preview_pictures import encoded, smaller
from nodes.previews import CHOICE_STEP, Method, Painter, Previews
from storage import Folders
from tests.nodes.previews.preview_stage import (
    CELLS,
    SCALE,
    AtOnce,
    Clock,
    Screen,
    codec_that,
    opened,
    put_decoder,
    sampled,
    some_x0,
)

LINEAR_SIZE = (132, 132)
SHARP_SIZE = (CELLS * 8, CELLS * 8)


def sizes_of(service: Previews, screen: Screen, model: DiffusionModel, seconds: float = 100.0) -> list[tuple[int, int]]:
    clock = Clock()
    sampled(Painter(service, screen.run(), model, 8, clock), clock, 8, seconds)
    return screen.sizes()


CHANGED = [LINEAR_SIZE] * (CHOICE_STEP - 1) + [SHARP_SIZE] * (8 - CHOICE_STEP + 1)


def test_auto_changes_over_to_the_small_decoder_once(
    folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec
) -> None:
    put_decoder(folders, fit_linear(codec))
    service = AtOnce(folders, "auto")
    assert sizes_of(service, screen, model) == CHANGED
    tiny, whole = service.ways.tiny(model), service.ways.codec(model)
    assert tiny is not None
    assert whole is not None
    assert service.ways.known_cost(tiny, some_x0()) is not None, "it was used"
    assert service.ways.known_cost(whole, some_x0()) is None, "it was not needed"


def test_auto_takes_the_first_stage_where_there_is_no_small_decoder(
    folders: Folders, screen: Screen, model: DiffusionModel
) -> None:
    assert sizes_of(AtOnce(folders, "auto"), screen, model) == CHANGED


def test_auto_stays_linear_where_networks_are_too_slow(
    folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec
) -> None:
    put_decoder(folders, fit_linear(codec))
    service = AtOnce(folders, "auto")
    for way in (service.ways.tiny(model), service.ways.codec(model)):
        assert way is not None
        service.ways.learn_cost(way, some_x0(), 100.0)
    assert sizes_of(service, screen, model, seconds=100.0) == [LINEAR_SIZE] * 8


def test_a_small_decoder_for_other_latents_of_that_scale_is_not_used(
    folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec
) -> None:
    fit = fit_linear(codec)
    put_decoder(folders, LinearPreview(-fit.weights, fit.bias))
    assert AtOnce(folders, "auto").ways.tiny(model) is None
    assert sizes_of(AtOnce(folders, "tiny"), screen, model) == [LINEAR_SIZE] * 8


def test_the_small_decoder_is_chosen_by_the_scale_of_the_model(
    folders: Folders, model: DiffusionModel, codec: ImageCodec
) -> None:
    put_decoder(folders, fit_linear(codec), "taesdxl_decoder.safetensors")
    ways = AtOnce(folders, "auto").ways
    assert ways.tiny(model) is None
    assert ways.tiny(replace(model, latent_scale=0.13025, first_stage=None)) is not None
    assert ways.tiny(replace(model, latent_scale=1.0, first_stage=None)) is None


def test_a_damaged_small_decoder_is_told_of_and_done_without(
    folders: Folders, screen: Screen, model: DiffusionModel, caplog: pytest.LogCaptureFixture
) -> None:
    path = folders.models / "vae_approx" / "taesd_decoder.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no tensors")
    assert sizes_of(AtOnce(folders, "tiny"), screen, model) == [LINEAR_SIZE] * 8
    assert "without the small decoder" in caplog.text


def test_a_first_stage_that_fails_leaves_the_linear_pictures(
    folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec, caplog: pytest.LogCaptureFixture
) -> None:
    save_fit(folders.user / "previews", codec_digest(codec), fit_linear(codec), SCALE)

    def fail() -> None:
        raise RuntimeError("out of memory")

    failing = replace(model, first_stage=codec_that(fail))
    assert set(sizes_of(AtOnce(folders, "vae"), screen, failing)) == {LINEAR_SIZE}
    assert "out of memory" in caplog.text


def test_a_model_without_first_stage_is_shown_by_a_kept_fit_or_not_at_all(
    folders: Folders, screen: Screen, model: DiffusionModel
) -> None:
    alone = replace(model, first_stage=None)
    assert sizes_of(AtOnce(folders, "auto"), screen, alone) == []
    assert sizes_of(AtOnce(folders, "vae"), screen, alone) == []
    red = LinearPreview(torch.zeros(4, 3).numpy(), torch.tensor([1.0, 0, 0]).numpy())
    save_fit(folders.user / "previews", "another", red, SCALE)
    assert sizes_of(AtOnce(folders, "auto"), screen, alone) == [LINEAR_SIZE] * 8
    red_pixel = opened(screen.pictures[0]).getpixel((60, 60))
    assert isinstance(red_pixel, tuple)
    assert red_pixel[0] > 240 > 20 > red_pixel[2]


def test_a_model_without_first_stage_is_shown_by_a_small_decoder(
    folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec
) -> None:
    put_decoder(folders, fit_linear(codec))
    sizes = sizes_of(AtOnce(folders, "auto"), screen, replace(model, first_stage=None))
    assert sizes == [SHARP_SIZE] * (8 - CHOICE_STEP + 1)


def test_a_fit_is_kept_and_read_instead_of_made_again(
    tmp_path: Path, folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec
) -> None:
    assert sizes_of(AtOnce(folders, "rgb", fits=tmp_path / "fits"), screen, model) == [LINEAR_SIZE] * 8
    assert [path.name for path in (tmp_path / "fits").iterdir()] == [f"{codec_digest(codec)}.json"]
    blue = LinearPreview(torch.zeros(4, 3).numpy(), torch.tensor([0.0, 0, 1]).numpy())
    save_fit(tmp_path / "fits", codec_digest(codec), blue, SCALE)
    sizes_of(AtOnce(folders, "rgb", fits=tmp_path / "fits"), screen, model)
    pixel = opened(screen.pictures[-1]).getpixel((60, 60))
    assert isinstance(pixel, tuple)
    assert pixel[2] > 240 > 20 > pixel[0]


def test_a_folder_that_cannot_be_written_to_costs_the_fit_and_no_picture(
    tmp_path: Path, folders: Folders, screen: Screen, model: DiffusionModel
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert sizes_of(AtOnce(folders, "rgb", fits=tmp_path / "file"), screen, model) == [LINEAR_SIZE] * 8


@pytest.mark.parametrize("method", ["rgb", "tiny", "vae"])
def test_no_picture_is_larger_than_asked_for(
    folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec, method: Method
) -> None:
    put_decoder(folders, fit_linear(codec))
    clock = Clock()
    painter = Painter(AtOnce(folders, method, most_side=64), screen.run(), model, 1, clock)
    sampled(painter, clock, 1, 1, torch.randn(1, 4, 20, 70))
    assert max(screen.sizes()[0]) <= 64


def test_what_is_no_picture_latent_of_the_model_is_not_shown(
    folders: Folders, screen: Screen, model: DiffusionModel
) -> None:
    painter = Painter(AtOnce(folders, "rgb"), screen.run(), model, 9)
    painter.show(0, torch.zeros(1, 16, 4, 4))
    painter.show(1, torch.zeros(1, 4, 3, 4, 4))
    assert screen.pictures == []


def test_latents_that_are_no_numbers_are_shown_black(folders: Folders, screen: Screen, model: DiffusionModel) -> None:
    clock = Clock()
    for method in ("rgb", "vae"):
        painter = Painter(AtOnce(folders, method), screen.run(), model, 1, clock)
        sampled(painter, clock, 1, 1, torch.full((1, 4, 4, 4), float("nan")))
    assert [opened(picture).getextrema() for picture in screen.pictures] == [((0, 0),) * 3] * 2


def test_a_very_small_picture_is_sent_in_the_smaller_format() -> None:
    plain = Image.new("RGB", (8, 8), (200, 100, 0))
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    assert encoded(plain).media_type == "image/png"
    assert encoded(noise).media_type == "image/jpeg"
    assert [opened(encoded(one)).size for one in (plain, noise)] == [(8, 8), (64, 64)]


def test_latents_are_made_smaller_by_means() -> None:
    latents = torch.arange(24.0).reshape(1, 1, 4, 6)
    assert smaller(latents, 6) is latents
    assert torch.equal(smaller(latents, 3)[0, 0, 0], torch.tensor([3.5, 5.5, 7.5]))
    assert smaller(torch.zeros(1, 4, 100, 7), 32).shape == (1, 4, 25, 2)
