"""Prefixes, counters and files that are never overwritten."""

import multiprocessing
from datetime import datetime
from pathlib import Path

import pytest

from storage.errors import NameRefused, StorageError
from storage.folders import Folders
from storage.saving import TokenValues, expanded, save_target

NOW = datetime(2026, 3, 4, 5, 6, 7)
WORKFLOW = {
    "1": {"class_type": "KSampler", "inputs": {"seed": 42, "cfg": 7.5, "model": ["2", 0]}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a/b: \\c?"}, "_meta": {"title": "My prompt"}},
}
VALUES = TokenValues(NOW, width=640, height=480, workflow=WORKFLOW)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.under(tmp_path)


def test_the_counter_starts_at_one_and_grows(folders: Folders) -> None:
    target = save_target(folders, "output", "picture", VALUES)
    assert [target.write(b"", ".png").filename for _ in range(3)] == [
        "picture_00001_.png",
        "picture_00002_.png",
        "picture_00003_.png",
    ]


def test_the_counter_is_one_above_the_highest_even_with_gaps(folders: Folders) -> None:
    folders.output.mkdir(parents=True)
    for name in ("picture_00003_.png", "picture_00017_.png", "picture_99.txt", "other_00500_.png", "picture_x_.png"):
        (folders.output / name).touch()
    assert save_target(folders, "output", "picture", VALUES).write(b"", ".png").filename == "picture_00100_.png"
    assert save_target(folders, "output", "pict", VALUES).write(b"", ".png").filename == "pict_00001_.png"


def test_a_prefix_with_special_letters_of_patterns_counts_too(folders: Folders) -> None:
    target = save_target(folders, "output", "a+(b).c", VALUES)
    assert [target.write(b"", ".png").filename for _ in range(2)] == ["a+(b).c_00001_.png", "a+(b).c_00002_.png"]


def test_sub_folders_are_made_and_named_apart(folders: Folders) -> None:
    saved = save_target(folders, "output", "red/deep/apple", VALUES).write(b"data", ".png")
    assert (saved.filename, saved.subfolder, saved.kind) == ("apple_00001_.png", "red/deep", "output")
    assert saved.path == folders.output / "red" / "deep" / "apple_00001_.png"
    assert saved.path.read_bytes() == b"data"


def test_an_empty_last_part_of_a_prefix_is_only_a_counter(folders: Folders) -> None:
    assert save_target(folders, "output", "", VALUES).write(b"", ".png").filename == "_00001_.png"
    assert save_target(folders, "output", "sub/", VALUES).write(b"", ".png").path.parent.name == "sub"


@pytest.mark.parametrize(
    ("prefix", "result"),
    [
        ("%width%x%height%", "640x480"),
        ("%year%-%month%-%day% %hour%%minute%%second%", "2026-03-04 050607"),
        ("%date:yyyy-MM-dd%/%date:hhmmss%", "2026-03-04/050607"),
        ("%date:yy-M-d h.m.s%", "26-3-4 5.6.7"),
        ("%KSampler.seed% %KSampler.cfg%", "42 7.5"),
        ("%My prompt.text%", "a_b_ _c_"),
        ("%CLIPTextEncode.text%", "a_b_ _c_"),
        ("%KSampler.model%", "%KSampler.model%"),
        ("%Nobody.seed%", "%Nobody.seed%"),
        ("100%", "100%"),
        ("%%", "%%"),
    ],
)
def test_tokens_are_replaced(prefix: str, result: str) -> None:
    assert expanded(prefix, VALUES) == result


def test_a_replaced_value_can_not_leave_its_place(folders: Folders) -> None:
    for text in ("../../x", "/etc/passwd", "..", ".hidden", "a\nb", "\u202egnp", "", "C:\\x", "long " * 200, "🍎" * 90):
        workflow = {"1": {"class_type": "T", "inputs": {"text": text}}}
        saved = save_target(folders, "output", "%T.text%", TokenValues(NOW, workflow=workflow)).write(b"", ".png")
        assert saved.path.resolve().parent == folders.output.resolve()


@pytest.mark.parametrize(
    "workflow", [{"1": None}, {"1": {"inputs": []}}, {"1": {"_meta": 3, "class_type": "T"}}, {"1": []}]
)
def test_a_malformed_workflow_leaves_tokens_alone(workflow: dict[str, object]) -> None:
    assert expanded("%T.text%", TokenValues(NOW, workflow=workflow)) == "%T.text%"


@pytest.mark.parametrize(
    "prefix",
    ["../x", "a/../../x", "./x", "/tmp/x", "C:/x", "a\\b", "%date:../../%x", "a//b", "nul/x", "a\0b", "x" * 300, ".x"],
)
def test_a_prefix_that_leaves_or_breaks_names_is_refused_and_nothing_written(folders: Folders, prefix: str) -> None:
    with pytest.raises(NameRefused):
        save_target(folders, "output", prefix, VALUES).write(b"", ".png")
    assert not folders.output.exists() or list(folders.output.rglob("*")) == []


def test_a_linked_sub_folder_that_leaves_is_refused(folders: Folders, tmp_path: Path) -> None:
    folders.output.mkdir()
    (tmp_path / "plugins").mkdir()
    (folders.output / "door").symlink_to(tmp_path / "plugins")
    with pytest.raises(NameRefused):
        save_target(folders, "output", "door/x", VALUES)
    assert list((tmp_path / "plugins").iterdir()) == []


def test_a_file_in_the_place_of_a_sub_folder_is_an_error(folders: Folders) -> None:
    folders.output.mkdir()
    (folders.output / "x").touch()
    with pytest.raises(StorageError):
        save_target(folders, "output", "x/y", VALUES).write(b"", ".png")


def write_some(base: Path, count: int) -> None:
    for _ in range(count):
        save_target(Folders.under(base), "output", "race/p", VALUES).write(b"1234", ".png")


def test_processes_that_save_at_once_never_overwrite(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=write_some, args=(tmp_path, 40)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    names = sorted(path.name for path in (tmp_path / "output" / "race").iterdir())
    assert names == [f"p_{number:05}_.png" for number in range(1, 81)]
