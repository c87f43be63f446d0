"""Latents made, scaled, kept, taken apart and put together by nodes."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from diffusion.noise import initial_noise
from graph.handle import Run
from nodes import latent, latent_files
from nodes.errors import InputError
from nodes.sockets import Latent
from storage import Folders, NameRefused


def some(count: int = 2, height: int = 4, width: int = 6, seed: int = 1) -> torch.Tensor:
    return torch.randn(count, 4, height, width, generator=torch.Generator().manual_seed(seed))


def test_an_empty_latent_has_an_eighth_of_the_pixels() -> None:
    assert torch.equal(latent.empty_latent_image(64, 128, 3).samples, torch.zeros(3, 4, 16, 8))


def test_scaling_takes_pixels_and_keeps_what_rides_along() -> None:
    start = Latent(some(), noise_mask=torch.ones(1, 1, 32, 48), batch_index=(4, 5), extra={"x": 1})
    scaled = latent.latent_upscale(start, "bislerp", 96, 128, "disabled")
    assert scaled.samples.shape == (2, 4, 16, 12)
    assert (scaled.batch_index, scaled.extra) == ((4, 5), {"x": 1})
    assert latent.latent_upscale(start, "area", 0, 128).samples.shape == (2, 4, 16, 24)
    assert latent.latent_upscale(start, "area", 96, 0).samples.shape == (2, 4, 8, 12)
    assert latent.latent_upscale(start, "area", 0, 0) is start
    assert latent.latent_upscale(start, "bilinear", 64, 128, "center").samples.shape == (2, 4, 16, 8)
    assert latent.latent_upscale_by(start, "nearest-exact", 1.5).samples.shape == (2, 4, 6, 9)


def test_an_item_of_a_batch_keeps_its_noise() -> None:
    batch = Latent(some(5))
    one = latent.latent_from_batch(batch, 3, 1)
    whole = initial_noise(batch.samples.shape, 7)
    assert torch.equal(initial_noise(one.samples.shape, 7, one.batch_index), whole[3:4])
    of_two = latent.latent_from_batch(latent.latent_from_batch(batch, 2, 3), 1, 9)
    assert of_two.batch_index == (3, 4)
    assert torch.equal(of_two.samples, batch.samples[3:])


def test_masks_are_taken_out_with_their_items() -> None:
    masks = torch.arange(3.0).reshape(3, 1, 1, 1)
    assert latent.latent_from_batch(Latent(some(3), masks), 1, 2).noise_mask.flatten().tolist() == [1, 2]  # type: ignore[union-attr]
    one_for_all = latent.latent_from_batch(Latent(some(3), masks[:1]), 1, 2).noise_mask
    assert one_for_all is not None and one_for_all.shape[0] == 1


def test_repeating_gives_every_repetition_noise_of_its_own() -> None:
    repeated = latent.repeat_latent_batch(Latent(some(2), batch_index=(3, 5)), 3)
    assert repeated.samples.shape[0] == 6
    assert repeated.batch_index == (3, 5, 6, 8, 9, 11)
    assert latent.repeat_latent_batch(Latent(some(2)), 2).batch_index is None
    masked = latent.repeat_latent_batch(Latent(some(2), torch.ones(2, 1, 4, 4)), 2).noise_mask
    assert masked is not None and masked.shape[0] == 4


def test_two_batches_become_one() -> None:
    joined = latent.latent_batch(Latent(some(2)), Latent(some(1, 8, 8)))
    assert joined.samples.shape == (3, 4, 4, 6)
    assert joined.batch_index == (0, 1, 0)


def test_a_noise_mask_gets_its_channel() -> None:
    masked = latent.set_latent_noise_mask(Latent(some()), torch.ones(2, 32, 48))
    assert masked.noise_mask is not None and masked.noise_mask.shape == (2, 1, 32, 48)


def test_arithmetic_of_latents() -> None:
    a, b = Latent(some(seed=1)), Latent(some(seed=2))
    assert torch.equal(latent.latent_add(a, b).samples, a.samples + b.samples)
    assert torch.equal(latent.latent_subtract(a, b).samples, a.samples - b.samples)
    assert torch.equal(latent.latent_multiply(a, -2).samples, a.samples * -2)
    assert torch.allclose(latent.latent_blend(a, b, 1).samples, a.samples)
    assert torch.allclose(latent.latent_interpolate(a, b, 1).samples, a.samples, atol=1e-5)
    assert torch.allclose(latent.latent_interpolate(a, b, 0).samples, b.samples, atol=1e-5)
    assert latent.latent_add(a, Latent(some(1, 2, 3))).samples.shape == a.samples.shape


def test_turning_and_mirroring_latents() -> None:
    start = Latent(some())
    assert latent.latent_rotate(start, "90 degrees").samples.shape == (2, 4, 6, 4)
    assert torch.equal(latent.latent_rotate(start, "180 degrees").samples, start.samples.flip(2, 3))
    assert torch.equal(latent.latent_flip(start, "y-axis: horizontally").samples, start.samples.flip(3))


def test_a_saved_latent_loads_again(run: Run) -> None:
    start = Latent(some(), noise_mask=torch.rand(1, 1, 8, 8), batch_index=(2, 9))
    shown = latent_files.save_latent(start, run=run)
    assert shown.ui["latents"] == [{"filename": "Nodeloom_00001_.latent", "subfolder": "latents", "type": "output"}]
    loaded = latent_files.load_latent("latents/Nodeloom_00001_.latent [output]", run=run)
    assert torch.equal(loaded.samples, start.samples)
    assert start.noise_mask is not None and loaded.noise_mask is not None
    assert torch.equal(loaded.noise_mask, start.noise_mask)
    assert loaded.batch_index == (2, 9)


def test_a_latent_of_older_files_is_scaled(run: Run, folders: Folders) -> None:
    folders.input.mkdir()
    samples = some()
    save_file({"latent_tensor": samples * 0.18215}, folders.input / "old.latent")
    assert torch.allclose(latent_files.load_latent("old.latent", run=run).samples, samples, atol=1e-5)


@pytest.mark.parametrize(
    "tensors",
    [
        {"other": torch.zeros(1)},
        {"latent_tensor": torch.zeros(4, 4)},
        {"latent_tensor": torch.zeros(0, 4, 2, 2)},
        {"latent_tensor": torch.zeros(1, 4, 2, 2), "noise_mask": torch.zeros(2)},
        {"latent_tensor": torch.zeros(1, 4, 2, 2), "batch_index": torch.zeros(7)},
    ],
)
def test_a_file_that_holds_no_latent_is_refused(run: Run, folders: Folders, tensors: dict[str, torch.Tensor]) -> None:
    folders.input.mkdir()
    save_file(tensors, folders.input / "a.latent")
    with pytest.raises(InputError, match=r"a\.latent"):
        latent_files.load_latent("a.latent", run=run)


@pytest.mark.parametrize("data", [b"", b"\xff" * 100, b"\x80\4cos\nsystem\n.", (10**15).to_bytes(8, "little") + b"{}"])
def test_damaged_and_foreign_files_are_refused(run: Run, folders: Folders, data: bytes) -> None:
    folders.input.mkdir()
    (folders.input / "a.latent").write_bytes(data)
    with pytest.raises(InputError, match="safetensors"):
        latent_files.load_latent("a.latent", run=run)


def test_a_latent_outside_the_folder_is_refused(run: Run, tmp_path: Path) -> None:
    save_file({"latent_tensor": some()}, tmp_path / "secret.latent")
    for name in ("../secret.latent", str(tmp_path / "secret.latent"), "../secret.latent [output]"):
        with pytest.raises(NameRefused):
            latent_files.load_latent(name, run=run)
