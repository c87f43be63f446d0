"""Pictures saved in a format of choice."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

import nodes
from graph.check import check
from graph.handle import Run
from graph.workflow import from_api
from nodes.image_saving import FORMATS, save_image_format
from storage import Folders
from storage.catalogues import catalogues
from storage.picture_texts import read_picture_texts

TYPES = {"png": ("PNG", ".png"), "webp": ("WEBP", ".webp"), "jpeg": ("JPEG", ".jpg")}


def gradient(channels: int = 3) -> torch.Tensor:
    """Two smooth pictures, which every format keeps nearly as they are."""
    line = torch.linspace(0.1, 0.9, 32)
    return torch.stack([line.expand(24, 32), line.flip(0).expand(24, 32)])[..., None].repeat(1, 1, 1, channels)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_keeps_the_pictures_and_their_workflow(run: Run, folders: Folders, format: str) -> None:
    shown = save_image_format(gradient(), "sub/%width%", format, 95, run=run)
    name, ending = TYPES[format]
    assert shown.ui == {
        "images": [{"filename": f"32_0000{n}_{ending}", "subfolder": "sub", "type": "output"} for n in (1, 2)]
    }
    for path, expected in zip(map(Path, shown.files), gradient(), strict=True):
        assert path.parent == folders.output / "sub"
        with path.open("rb") as file:
            texts = read_picture_texts(file)
        assert json.loads(texts.prompt or "") == run.workflow
        assert json.loads(texts.workflow or "") == {"nodes": []}
        with Image.open(path) as picture:
            assert (picture.format, picture.size) == (name, (32, 24))
            data = torch.frombuffer(bytearray(picture.convert("RGB").tobytes()), dtype=torch.uint8)
        assert (data.reshape(24, 32, 3) / 255 - expected).abs().max() < (0.004 if format == "png" else 0.03)


@pytest.mark.parametrize("format", ["webp", "jpeg"])
def test_less_quality_gives_smaller_files(run: Run, format: str) -> None:
    noise = torch.rand(1, 64, 64, 3, generator=torch.Generator().manual_seed(0))
    shown = [save_image_format(noise, "x", format, quality, run=run) for quality in (1, 50, 100)]
    sizes = [Path(file).stat().st_size for one in shown for file in one.files]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize(("format", "mode"), [("png", "RGBA"), ("webp", "RGBA"), ("jpeg", "RGB")])
def test_transparency_is_kept_where_the_format_has_it(run: Run, format: str, mode: str) -> None:
    for file in save_image_format(gradient(4), "x", format, 90, run=run).files:
        with Image.open(file) as picture:
            assert picture.mode == mode


SOUND = {"filename_prefix": "x", "format": "webp", "quality": 90}


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [({"format": "gif"}, "format"), ({"quality": 0}, "quality"), ({"filename_prefix": "../x"}, "filename_prefix")],
)
def test_what_cannot_be_saved_is_found_before_the_run(folders: Folders, inputs: dict[str, object], wrong: str) -> None:
    workflow = from_api(
        {
            "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
            "2": {"class_type": "SaveImageFormat", "inputs": {"images": ["1", 0], **SOUND, **inputs}},
        }
    )
    problems = check(workflow, nodes.registry(), catalogues(folders))
    assert [(problem.node, problem.input) for problem in problems] == [("2", wrong)]
