"""Searching in what pictures say of how they were made."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from storage.listing import ListedFile, files_below
from storage.picture_words import MOST_CHARACTERS_OF_ONE, PictureWords, words_in
from storage.pictures import png_bytes
from storage.png_text import PictureTexts

PNG = frozenset({".png"})


def drawn(root: Path, name: str, texts: Mapping[str, str]) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png_bytes(1, 1, 3, b"\0\0\0", texts))
    return path


def prompt(text: str, seed: int = 7) -> dict[str, str]:
    step = {"class_type": "Encode", "inputs": {"text": text, "seed": seed, "model": ["1", 0]}}
    return {"prompt": json.dumps({"2": step})}


def names(found: tuple[list[ListedFile], int]) -> set[str]:
    assert found[1] == 0
    return {file.name for file in found[0]}


def test_every_word_has_to_stand_in_the_name_or_in_the_values(tmp_path: Path) -> None:
    drawn(tmp_path, "one.png", prompt("A red APPLE", 123456))
    drawn(tmp_path, "sub/two.png", prompt("a green apple"))
    drawn(tmp_path, "apple.png", {})
    words, files = PictureWords(), files_below(tmp_path, PNG)
    assert names(words.search(tmp_path, files, ["apple"])) == {"one.png", "sub/two.png", "apple.png"}
    assert names(words.search(tmp_path, files, ["red", "apple"])) == {"one.png"}
    assert names(words.search(tmp_path, files, ["a green"])) == {"sub/two.png"}
    assert names(words.search(tmp_path, files, ["sub", "green"])) == {"sub/two.png"}
    assert names(words.search(tmp_path, files, ["123456"])) == {"one.png"}
    assert names(words.search(tmp_path, files, ["encode"])) == set()


def test_a_picture_is_read_again_only_when_it_has_changed(tmp_path: Path) -> None:
    path = drawn(tmp_path, "a.png", prompt("frog"))
    words, files = PictureWords(), files_below(tmp_path, PNG)
    assert names(words.search(tmp_path, files, ["frog"])) == {"a.png"}
    path.unlink()
    assert names(words.search(tmp_path, files, ["frog"])) == {"a.png"}

    changed = drawn(tmp_path, "a.png", prompt("star"))
    os.utime(changed, ns=(0, files[0].mtime_ns + 1))
    files = files_below(tmp_path, PNG)
    assert names(words.search(tmp_path, files, ["frog"])) == set()
    assert names(words.search(tmp_path, files, ["star"])) == {"a.png"}


def test_one_search_opens_so_many_pictures_and_the_next_one_goes_on(tmp_path: Path) -> None:
    for number in range(5):
        drawn(tmp_path, f"{number}.png", prompt("frog"))
    words, files = PictureWords(), files_below(tmp_path, PNG)
    told = [(len(found), unread) for found, unread in (words.search(tmp_path, files, ["frog"], 2) for _ in range(3))]
    assert told == [(2, 3), (4, 1), (5, 0)]


def test_what_is_remembered_has_a_bound(tmp_path: Path) -> None:
    paths = [drawn(tmp_path, f"{number}.png", prompt("frog " * 100)) for number in range(3)]
    words, files = PictureWords(most_characters=700), files_below(tmp_path, PNG)
    files.sort(key=lambda file: file.name)
    assert len(names(words.search(tmp_path, files, ["frog"]))) == 3
    for path in paths:
        path.unlink()
    assert names(words.search(tmp_path, files, ["frog"])) == {"2.png"}


def test_broken_and_hostile_pictures_hold_no_words_and_stop_nobody(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "none.png").write_bytes(b"frog")
    drawn(tmp_path, "deep.png", {"prompt": "[" * 100_000})
    drawn(tmp_path, "list.png", {"prompt": '["frog"]', "workflow": '{"nodes": {"a": "frog"}}'})
    drawn(tmp_path, "good.png", prompt("frog"))
    assert names(PictureWords().search(tmp_path, files_below(tmp_path, PNG), ["frog"])) == {"good.png"}


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"prompt": '{"1": {"inputs": {"a": "Red", "b": 2.5, "c": true, "d": null, "e": ["x", 0]}}}'}, "red\n2.5"),
        (
            {"workflow": '{"nodes": [{"widgets_values": ["A Frog", 5]}, {"widgets_values": {"x": "y"}}]}'},
            "a frog\n5\ny",
        ),
        ({"prompt": '{"1": {"inputs": {"a": "red"}}}', "workflow": '{"nodes": [{"widgets_values": ["b"]}]}'}, "red"),
        ({"parameters": "A Frog\nSteps: 20"}, "a frog\nsteps: 20"),
        ({"prompt": "no json", "workflow": "9" * 5000}, ""),
    ],
)
def test_words_are_the_values_of_the_prompt_else_those_of_the_workflow(texts: dict[str, str], words: str) -> None:
    assert words_in(PictureTexts(texts)) == words


def test_the_words_of_a_picture_have_a_bound() -> None:
    assert len(words_in(PictureTexts({"parameters": "x" * 10**6}))) == MOST_CHARACTERS_OF_ONE
