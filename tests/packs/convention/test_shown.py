"""What nodes show in the newer convention is plain data; pictures and sounds are written by what was handed in."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from graph.handle import Run
from packs.convention.words import io, ui
from packs.convention.words.pictures import File, Pictures
from tests.packs.convention.conftest import Bench, step
from tests.packs.convention.schemas import add, made, schema


class Written(Pictures):
    """Notes what it is to write."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def preview(self, image: object, largest: int | None) -> object:
        raise NotImplementedError

    def save(self, images: Any, prefix: str, folder: str, run: Run, options: Mapping[str, object]) -> Sequence[File]:
        self.asked.append((tuple(images.shape), prefix, folder, run.node_id, dict(options)))
        count = 1 if "format" in options else len(images)
        return [{"filename": f"{prefix}_{index}.png", "subfolder": "", "type": folder} for index in range(count)]

    def save_sound(
        self, audio: object, prefix: str, folder: str, run: Run, options: Mapping[str, object]
    ) -> Sequence[File]:
        self.asked.append((audio, prefix, folder, run.node_id, dict(options)))
        return [{"filename": f"{prefix}.{options['format']}", "subfolder": "", "type": folder}]


def shown(bench: Bench, make: Any) -> tuple[Any, list[tuple[Any, ...]]]:
    """What the editor is told of a node that shows this, and what was written for it."""
    written = Written()
    add(bench, made(schema(outputs=[], is_output_node=True), lambda cls: io.NodeOutput(ui=make(cls))))
    outcome = bench.go({"7": step("Toy")}, run_services={Written: written})
    assert outcome.error is None, outcome.error
    return outcome.outputs["7"].ui, written.asked


IMAGES = torch.zeros(2, 8, 6, 3)


def test_previews_are_written_into_the_folder_of_temporary_files(bench: Bench) -> None:
    told, asked = shown(bench, lambda cls: ui.PreviewImage(IMAGES, cls=cls))
    assert told == {
        "images": [{"filename": f"preview_{index}.png", "subfolder": "", "type": "temp"} for index in range(2)],
        "animated": [False],
    }
    assert asked == [((2, 8, 6, 3), "preview", "temp", "7", {"compress_level": 1})]


def test_masks_are_shown_as_pictures(bench: Bench) -> None:
    _, asked = shown(bench, lambda cls: ui.PreviewMask(torch.zeros(2, 8, 6), cls=cls))
    assert asked[0][0] == (2, 8, 6, 3)


def test_pictures_are_saved_and_shown(bench: Bench) -> None:
    told, asked = shown(bench, lambda cls: ui.ImageSaveHelper.get_save_images_ui(IMAGES, "a", cls, compress_level=2))
    assert [each["type"] for each in told["images"]] == ["output", "output"]
    assert asked == [((2, 8, 6, 3), "a", "output", "7", {"compress_level": 2})]


def test_moving_pictures_are_one_file(bench: Bench) -> None:
    told, asked = shown(
        bench, lambda cls: ui.ImageSaveHelper.get_save_animated_webp_ui(IMAGES, "a", cls, 12.0, False, 50, 6)
    )
    assert (len(told["images"]), told["animated"]) == (1, [True])
    assert asked[0][4] == {"format": "webp", "fps": 12.0, "lossless": False, "quality": 50, "method": 6}
    told, asked = shown(Bench(), lambda cls: ui.ImageSaveHelper.get_save_animated_png_ui(IMAGES, "a", cls, 12.0, 3))
    assert told["animated"] == [True]
    assert asked[0][4] == {"format": "png", "fps": 12.0, "compress_level": 3}


def test_sounds_are_saved_and_shown(bench: Bench) -> None:
    sound = {"waveform": None, "sample_rate": 8000}
    told, asked = shown(bench, lambda cls: ui.AudioSaveHelper.get_save_audio_ui(sound, "a", cls, "mp3", "V0"))
    assert told == {"audio": [{"filename": "a.mp3", "subfolder": "", "type": "output"}]}
    assert asked == [(sound, "a", "output", "7", {"format": "mp3", "quality": "V0"})]
    assert shown(Bench(), lambda cls: ui.PreviewAudio(sound, cls=cls))[0]["audio"][0]["type"] == "temp"


def test_the_rest_is_told_as_it_is(bench: Bench) -> None:
    saved = ui.SavedResult("a.png", "sub", io.FolderType.output)
    assert (saved.filename, saved.subfolder, saved.type) == ("a.png", "sub", io.FolderType.output)
    file = {"filename": "a.png", "subfolder": "sub", "type": "output"}
    for each, expected in (
        (ui.PreviewText("hello"), {"text": ["hello"]}),
        (ui.SavedImages([saved]), {"images": [file]}),
        (ui.SavedImages([saved], is_animated=True), {"images": [file], "animated": [True]}),
        (ui.SavedAudios([saved]), {"audio": [file]}),
        (ui.PreviewVideo([saved]), {"images": [file], "animated": [True]}),
        (ui.PreviewUI3D("a.glb", {"zoom": 1}), {"result": ["a.glb", {"zoom": 1}]}),
        ({"images": [saved]}, {"images": [file]}),
    ):
        assert shown(Bench(), lambda cls, each=each: each)[0] == expected


def test_without_anybody_who_writes_pictures_the_node_says_so(bench: Bench) -> None:
    add(bench, made(schema(), lambda cls: io.NodeOutput(0, ui=ui.PreviewImage(IMAGES, cls=cls))))
    error = bench.go({"7": step("Toy")}, ["7"]).error
    assert error is not None
    assert "asks for a service of type Pictures" in error.message
