"""Passing files: cleared at the start, bounded while they grow, and nothing else touched."""

import os
from pathlib import Path

import pytest

from storage.errors import StorageError
from storage.temporary import bound_folder, clear_folder


def test_a_folder_is_emptied_and_stays(tmp_path: Path) -> None:
    temp = tmp_path / "temp"
    (temp / "sub" / "deep").mkdir(parents=True)
    for path in (temp / "a.png", temp / "sub" / "deep" / "b.png", temp / ".hidden"):
        path.write_text("x")
    clear_folder(temp)
    assert temp.is_dir() and list(temp.iterdir()) == []
    clear_folder(tmp_path / "absent")


def test_links_are_removed_and_what_they_lead_to_stays(tmp_path: Path) -> None:
    """T05."""
    temp, outside = tmp_path / "temp", tmp_path / "outside"
    temp.mkdir()
    outside.mkdir()
    (outside / "treasure").write_text("x")
    (temp / "folder").symlink_to(outside)
    (temp / "file").symlink_to(outside / "treasure")
    (temp / "sub").mkdir()
    (temp / "sub" / "folder").symlink_to(outside)
    assert bound_folder(temp, 0) == 0
    clear_folder(temp)
    assert list(temp.iterdir()) == []
    assert (outside / "treasure").read_text() == "x"


def test_a_folder_that_holds_others_of_the_installation_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "a.png").write_text("x")
    with pytest.raises(StorageError, match="Name an empty folder"):
        clear_folder(tmp_path, [tmp_path / "output"])
    with pytest.raises(StorageError):
        clear_folder(tmp_path / "output", [tmp_path / "output"])
    with pytest.raises(StorageError):
        clear_folder(Path("/"))
    with pytest.raises(StorageError):
        clear_folder(Path.cwd())
    assert (tmp_path / "output" / "a.png").exists()


def test_the_oldest_files_go_first_until_the_rest_fits(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    names = ["new.png", "sub/oldest.png", "old.png", ".partial-1"]
    for name, age in zip(names, (4, 1, 2, 0), strict=True):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (age, age))
    assert bound_folder(tmp_path, 1000) == 0
    assert bound_folder(tmp_path, 250) == 200
    assert sorted(path.name for path in tmp_path.rglob("*.png")) == ["new.png"]
    assert (tmp_path / ".partial-1").exists()
