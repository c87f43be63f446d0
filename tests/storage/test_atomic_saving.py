"""Files appear under their names whole or not at all, whoever is killed meanwhile."""

import errno
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from storage import paths
from storage.errors import Absent, NameRefused
from storage.folders import Folders
from storage.paths import PARTIAL, delete_file, move_file, open_to_read, partial_in, replace_file
from storage.saving import SaveTarget, TokenValues, save_target
from storage.temporary import clear_partials

SIZE = 8 * 2**20
ROUNDS = 8


def target(base: Path) -> SaveTarget:
    return save_target(Folders.under(base), "output", "big/p", TokenValues(datetime(2026, 1, 1)))


def save_for_ever(base: Path) -> None:
    data = b"\xa5" * SIZE
    while True:
        target(base).write(data, ".bin")


def replace_for_ever(root: Path) -> None:
    number = 0
    while True:
        number += 1
        replace_file(root, "settings.bin", bytes([number % 256]) * SIZE)


def killed_while(work: Callable[[Path], None], base: Path, has_begun: Callable[[], bool]) -> None:
    """Start a process, kill it a moment after it has begun, and wait until it is dead."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=(base,))
    process.start()
    give_up = time.monotonic() + 60
    while not has_begun():
        assert time.monotonic() < give_up and process.is_alive()
        time.sleep(0.002)
    time.sleep(0.011)
    process.kill()
    process.join()


def entries(folder: Path) -> int:
    return len(list(folder.iterdir())) if folder.exists() else 0


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_bytes_are_published_exclusively(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        without_links(monkeypatch)
    with partial_in(tmp_path, "sub") as first, partial_in(tmp_path, "sub") as second:
        first.file.write(b"first")
        second.file.write(b"second")
        assert [path.name.startswith(PARTIAL) for path in (tmp_path / "sub").iterdir()] == [True, True]
        first.publish("a.txt")
        with pytest.raises(FileExistsError):
            second.publish("a.txt")
        second.publish("b.txt")
    assert {path.name: path.read_bytes() for path in (tmp_path / "sub").iterdir()} == {
        "a.txt": b"first",
        "b.txt": b"second",
    }


def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system like exFAT, which answers hard links so."""

    def refuse(*names: object, **options: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(paths.os, "link", refuse)


def test_a_save_that_is_killed_leaves_no_half_file_under_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "output" / "big"
    for _ in range(ROUNDS):
        enough = entries(folder) + 3
        killed_while(save_for_ever, tmp_path, lambda enough=enough: entries(folder) >= enough)
    named = [path for path in folder.iterdir() if not path.name.startswith(".")]
    assert len(named) >= ROUNDS
    assert {path.stat().st_size for path in named} == {SIZE}
    assert all(set(path.read_bytes()) == {0xA5} for path in named)


def test_a_file_that_is_replaced_while_its_writer_is_killed_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "settings.bin"
    replace_file(tmp_path, file.name, bytes(SIZE))
    for _ in range(ROUNDS):
        before = file.stat().st_mtime_ns
        killed_while(replace_for_ever, tmp_path, lambda before=before: file.stat().st_mtime_ns != before)
        data = file.read_bytes()
        assert len(data) == SIZE and len(set(data)) == 1


def test_what_killed_writers_left_is_cleared_after_a_day_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    old, young = tmp_path / "sub" / f"{PARTIAL}0123", tmp_path / f"{PARTIAL}4567"
    kept = tmp_path / "sub" / "picture.png"
    for path in (old, young, kept):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))
    os.utime(kept, (1, 1))
    assert clear_partials(tmp_path) == 1
    assert (old.exists(), young.exists(), kept.exists()) == (False, True, True)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), partial_in(tmp_path) as partial:
        partial.file.write(b"half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_reader_of_a_replaced_file_sees_one_whole_state(tmp_path: Path) -> None:
    replace_file(tmp_path, "a", bytes(100_000))
    done = threading.Event()

    def replace() -> None:
        for number in range(200):
            replace_file(tmp_path, "a", bytes([number % 256]) * (100_000 + number))
        done.set()

    thread = threading.Thread(target=replace)
    thread.start()
    while not done.is_set():
        with open_to_read(tmp_path, "a") as file:
            data = file.read()
        assert len(set(data)) == 1 and len(data) >= 100_000
    thread.join()


def test_nothing_is_written_moved_or_deleted_through_a_link_that_leads_out(tmp_path: Path) -> None:
    """T05, T09."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "plugin.py").write_text("plugin")
    (root / "a").write_text("a")
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "plugin.py")
    for name in ("folder/plugin.py", "file"):
        with pytest.raises(NameRefused):
            replace_file(root, name, b"evil")
        with pytest.raises(NameRefused):
            move_file(root, name, "mine", overwrite=True)
    with pytest.raises(NameRefused):
        move_file(root, "a", "folder/plugin.py", overwrite=True)
    with pytest.raises(NameRefused):
        delete_file(root, "folder/plugin.py")
    with pytest.raises(NameRefused), partial_in(root, "folder"):
        pass
    delete_file(root, "file")
    move_file(root, "a", "b", overwrite=False)
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"plugin.py": "plugin"}
    assert sorted(path.name for path in root.iterdir()) == ["b", "folder"]


@pytest.mark.parametrize("name", ["../x", "/x", "a\\b", "a\nb", ".hidden", "nul", "a" * 300, "", "a?b"], ids=ascii)
def test_a_hostile_name_is_refused_by_every_kind_of_writing(tmp_path: Path, name: str) -> None:
    """T01, T03, T04, T43."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "a").touch()
    with pytest.raises(NameRefused):
        replace_file(root, name, b"x")
    with pytest.raises(NameRefused):
        move_file(root, "a", name, overwrite=True)
    with partial_in(root) as partial, pytest.raises(NameRefused):
        partial.publish(name)
    assert [path.name for path in tmp_path.rglob("*")] == ["root", "a"]


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_a_move_takes_a_free_name_or_replaces_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        without_links(monkeypatch)
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    with pytest.raises(FileExistsError):
        move_file(tmp_path, "a", "b", overwrite=False)
    move_file(tmp_path, "a", "sub/c", overwrite=False)
    assert ((tmp_path / "sub" / "c").read_text(), (tmp_path / "a").exists()) == ("a", False)
    move_file(tmp_path, "sub/c", "b", overwrite=True)
    assert (tmp_path / "b").read_text() == "a"
    with pytest.raises(Absent):
        move_file(tmp_path, "sub/c", "d", overwrite=True)


def test_a_folder_is_neither_replaced_nor_deleted_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        replace_file(tmp_path, "folder", b"x")
    with pytest.raises(FileExistsError):
        move_file(tmp_path, "a", "folder", overwrite=True)
    with pytest.raises(Absent):
        delete_file(tmp_path, "folder")
    assert (tmp_path / "folder").is_dir() and (tmp_path / "a").is_file()
