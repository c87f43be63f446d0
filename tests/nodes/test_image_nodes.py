"""Pictures read, saved and edited by nodes."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image as PillowImage

from graph.handle import Run
from graph.results import Shown
from nodes import image, image_editing
from nodes.errors import InputError
from nodes.fingerprints import Services
from storage import Absent, Folders, NameRefused
from storage.png_text import read_texts


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def put(folders: Folders, name: str, picture: PillowImage.Image) -> Path:
    path = folders.input / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


def shown_files(shown: Shown) -> list[Path]:
    return [Path(file) for file in shown.files]


def test_a_saved_picture_is_the_truncated_one_and_carries_its_workflow(run: Run, folders: Folders) -> None:
    pixels = noise(2, 6, 5, 3)
    shown = image.save_image(pixels, "sub/%width%x%height%", run=run)
    assert shown.ui == {
        "images": [{"filename": f"5x6_0000{number}_.png", "subfolder": "sub", "type": "output"} for number in (1, 2)]
    }
    for path, expected in zip(shown_files(shown), pixels, strict=True):
        with path.open("rb") as file:
            texts = read_texts(file)
        assert json.loads(texts.prompt or "") == run.workflow
        assert json.loads(texts.workflow or "") == {"nodes": []}
        with PillowImage.open(path) as opened:
            data = torch.frombuffer(bytearray(opened.tobytes()), dtype=torch.uint8).reshape(6, 5, 3)
        assert torch.equal(data, (expected * 255).to(torch.uint8))


def test_values_beyond_the_range_and_no_numbers_are_saved_as_bounds(run: Run) -> None:
    pixels = torch.tensor([-1.0, 2.0, float("nan"), float("inf"), -float("inf"), 0.999]).reshape(1, 1, 2, 3)
    (path,) = shown_files(image.save_image(pixels, run=run))
    with PillowImage.open(path) as opened:
        assert list(opened.tobytes()) == [0, 255, 0, 255, 0, 254]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_saved_picture_loads_again(run: Run, channels: int) -> None:
    pixels = (noise(1, 4, 3, channels) * 255).floor() / 255 + 1e-4
    shown = image.save_image(pixels, "again", run=run)
    loaded = image.load_image("again_00001_.png [output]", run=run)
    assert torch.allclose(loaded.IMAGE, pixels[..., :3].expand(-1, -1, -1, 3), atol=1e-3)
    if channels == 4:
        assert torch.allclose(loaded.MASK, 1 - pixels[..., 3], atol=1e-3)
    else:
        assert torch.equal(loaded.MASK, torch.zeros(1, 64, 64))
    assert torch.equal(image.load_image_output("again_00001_.png", run=run).IMAGE, loaded.IMAGE)
    assert len(shown_files(shown)) == 1


def test_previews_go_to_the_folder_of_passing_files(run: Run, folders: Folders) -> None:
    (path,) = shown_files(image.preview_image(noise(1, 4, 4, 3), run=run))
    assert path.parent == folders.temp
    assert not folders.output.exists()


def test_an_animation_is_a_batch(run: Run, folders: Folders) -> None:
    folders.input.mkdir()
    frames = [PillowImage.new("RGB", (4, 3), colour) for colour in ("red", "lime")]
    frames[0].save(folders.input / "a.gif", save_all=True, append_images=frames[1:])
    loaded = image.load_image("a.gif", run=run)
    assert loaded.IMAGE.shape == (2, 3, 4, 3)
    assert loaded.IMAGE[:, 0, 0].argmax(dim=-1).tolist() == [0, 1]


def test_a_picture_that_is_not_there_is_named(run: Run) -> None:
    with pytest.raises(Absent, match=r"'gone\.png'"):
        image.load_image("gone.png", run=run)
    with pytest.raises(NameRefused):
        image.load_image("../gone.png", run=run)


def test_the_fingerprint_of_a_picture_follows_its_bytes(folders: Folders, services: Services) -> None:
    fingerprint = image.load_image.node.fingerprint
    assert fingerprint is not None
    put(folders, "a.png", PillowImage.new("RGB", (2, 2), "red"))
    put(folders, "b.png", PillowImage.new("RGB", (2, 2), "red"))
    put(folders, "c.png", PillowImage.new("RGB", (2, 2), "blue"))
    a, b, c = (fingerprint({"image": f"{name}.png"}, services) for name in "abc")
    assert a == b != c
    assert fingerprint({"image": None}, services) is None


def test_scaling_keeps_proportions_where_a_side_is_0() -> None:
    pixels = noise(2, 8, 16, 3)
    assert image_editing.image_scale(pixels, "area", 0, 4).shape == (2, 4, 8, 3)
    assert image_editing.image_scale(pixels, "lanczos", 8, 0).shape == (2, 4, 8, 3)
    assert torch.equal(image_editing.image_scale(pixels, "bicubic", 0, 0), pixels)
    assert image_editing.image_scale(pixels, "bicubic", 8, 8, "center").shape == (2, 8, 8, 3)
    assert image_editing.image_scale_by(pixels, "bilinear", 0.5).shape == (2, 4, 8, 3)
    assert image_editing.image_scale_by(pixels, "bilinear", 0.01).shape == (2, 1, 1, 3)
    assert image_editing.image_scale_to_total_pixels(pixels, "area", 0.01).shape == (2, 72, 145, 3)


def test_cropping_to_the_centre_cuts_the_sides() -> None:
    pixels = torch.zeros(1, 4, 8, 3)
    pixels[:, :, 2:6] = 1
    assert image_editing.image_scale(pixels, "nearest-exact", 4, 4, "center").min() == 1
    assert image_editing.image_scale(pixels, "nearest-exact", 4, 4, "disabled").min() == 0


def test_inverting_twice_changes_nothing() -> None:
    pixels = noise(1, 3, 3, 3)
    assert torch.allclose(image_editing.image_invert(image_editing.image_invert(pixels)), pixels)


def test_an_empty_picture_has_one_colour() -> None:
    pixels = image_editing.empty_image(3, 2, 2, 0xFF8000)
    assert pixels.shape == (2, 2, 3, 3)
    assert torch.allclose(pixels[1, 1, 2] * 255, torch.tensor([255.0, 128, 0]))


def test_a_batch_takes_the_size_and_the_channels_of_both() -> None:
    batch = image_editing.image_batch(noise(1, 4, 4, 3), noise(2, 8, 6, 4))
    assert batch.shape == (3, 4, 4, 4)
    assert torch.equal(batch[0, ..., 3], torch.ones(4, 4))
    with pytest.raises(InputError):
        image_editing.image_batch(noise(1, 4, 4, 1), noise(2, 4, 4, 4))


def test_taking_out_of_a_batch_stays_inside() -> None:
    batch = noise(3, 2, 2, 3)
    assert torch.equal(image_editing.image_from_batch(batch, 1, 5), batch[1:])
    assert torch.equal(image_editing.image_from_batch(batch, 100, 1), batch[2:])
    assert image_editing.repeat_image_batch(batch, 2).shape[0] == 6
    assert tuple(image_editing.get_image_size(noise(3, 4, 5, 3))) == (5, 4, 3)


def test_turning_four_times_and_mirroring_twice_change_nothing() -> None:
    pixels = noise(1, 3, 5, 3)
    turned = pixels
    for _ in range(4):
        turned = image_editing.image_rotate(turned, "90 degrees")
    assert torch.equal(turned, pixels)
    clockwise = image_editing.image_rotate(pixels, "90 degrees")
    assert torch.equal(clockwise[0, 0, -1], pixels[0, 0, 0])
    for method in ("x-axis: vertically", "y-axis: horizontally"):
        assert torch.equal(image_editing.image_flip(image_editing.image_flip(pixels, method), method), pixels)
    assert torch.equal(image_editing.image_flip(pixels, "x-axis: vertically")[0, 0], pixels[0, -1])


def test_a_crop_lies_inside() -> None:
    pixels = noise(1, 6, 6, 3)
    assert torch.equal(image_editing.image_crop(pixels, 2, 3, 1, 1), pixels[:, 1:4, 1:3])
    assert image_editing.image_crop(pixels, 100, 100, 100, 100).shape == (1, 1, 1, 3)


def test_a_picture_is_put_onto_another_where_the_mask_says() -> None:
    below, above = torch.zeros(1, 4, 4, 3), torch.ones(1, 2, 2, 3)
    assert image_editing.image_composite_masked(below, above, 3, 3).sum() == 3
    mask = torch.tensor([[[1.0, 0.5], [0, 0]]])
    assert image_editing.image_composite_masked(below, above, 0, 0, mask=mask).sum() == 4.5
    assert image_editing.image_composite_masked(below, above, resize_source=True).sum() == 48
    assert image_editing.image_composite_masked(below, above, 50, 50).sum() == 0
    assert below.sum() == 0


def test_a_border_to_be_painted_is_masked_and_fades_into_the_picture() -> None:
    padded = image_editing.image_pad_for_outpaint(torch.ones(1, 16, 16, 3), left=8, feathering=4)
    assert padded.IMAGE.shape == (1, 16, 24, 3)
    assert padded.MASK.shape == (1, 16, 24)
    assert torch.allclose(padded.MASK[0, 8, 6:14], torch.tensor([1, 1, 1, 0.5625, 0.25, 0.0625, 0, 0]))
    assert padded.MASK[0, :, 14:].sum() == 0
    assert (padded.IMAGE[..., :8, :] == 0.5).all()
