"""Training pictures and captions say the same thing."""

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffusion.train.data import EmojiPictures, FolderPictures
from diffusion.train.emoji import SUBJECTS
from diffusion.train.pictures import COLOURS, FONT, PICTURE_SIZE, Scene, caption, random_caption, random_scene, render

needs_font = pytest.mark.skipif(not FONT.exists(), reason="fonts-noto-color-emoji is not installed")


def subject(name: str):
    return next(one for one in SUBJECTS if name in one.names)


def test_captions_read_as_english() -> None:
    assert caption(Scene(subject("red apple"), "blue")) == "a red apple on a blue background"
    assert caption(Scene(subject("octopus"), "orange")) == "an octopus on an orange background"
    assert caption(Scene(subject("grapes"), "red")) == "grapes on a red background"
    placed = Scene(subject("owl"), "grey", "small", "on the left")
    assert caption(placed) == "a small owl on the left on a grey background"


def test_no_name_stands_for_two_things() -> None:
    names = [name for one in SUBJECTS for name in one.names]
    assert len(names) == len(set(names))
    assert len(SUBJECTS) >= 64


def test_a_random_caption_names_the_thing_and_the_colour() -> None:
    numbers = random.Random(0)
    for _ in range(300):
        scene = random_scene(numbers)
        words = random_caption(scene, numbers)
        assert scene.colour in words
        assert any(name in words for name in scene.subject.names)


@needs_font
def test_every_subject_is_drawn_in_several_colours_of_its_own() -> None:
    for one in SUBJECTS:
        pixels = np.asarray(render(Scene(one, "grey"))).reshape(-1, 3)
        ink = pixels[np.abs(pixels.astype(int) - COLOURS["grey"]).sum(1) > 60]
        assert len(ink) > 500, one.names[0]


@needs_font
def test_a_scene_is_drawn_where_and_on_what_its_caption_says() -> None:
    picture = np.asarray(render(Scene(subject("star"), "blue", "small", "on the left")))
    assert picture.shape == (PICTURE_SIZE, PICTURE_SIZE, 3)
    assert tuple(picture[0, -1]) == COLOURS["blue"]
    ink = np.abs(picture.astype(int) - COLOURS["blue"]).sum(-1) > 60
    assert ink[:, : PICTURE_SIZE // 2].any() and not ink[:, PICTURE_SIZE // 2 :].any()


@needs_font
def test_the_same_number_is_the_same_picture() -> None:
    one, two = EmojiPictures(10), EmojiPictures(20)
    assert one.picture(3).tobytes() == two.picture(3).tobytes()
    assert one.picture(3).tobytes() != one.picture(4).tobytes()


def test_a_folder_gives_square_pictures_with_the_captions_beside_them(tmp_path: Path) -> None:
    Image.new("RGB", (40, 20), "red").save(tmp_path / "b_red_wall.png")
    Image.new("L", (20, 40), 255).save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("a white wall\n\na pale wall\n", encoding="utf-8")
    pictures = FolderPictures(tmp_path, 16)
    assert len(pictures) == 2
    assert pictures.picture(0).size == (16, 16) and pictures.picture(0).mode == "RGB"
    assert {pictures.caption(0, random.Random(i)) for i in range(20)} == {"a white wall", "a pale wall"}
    assert pictures.caption(1, random.Random(0)) == "b red wall"


def test_a_folder_without_pictures_says_what_it_expected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected files ending in \.png"):
        len(FolderPictures(tmp_path, 16))
