"""The user's own files and settings."""

import json
import threading
from pathlib import Path

import pytest

from storage.errors import Absent, NameRefused
from storage.user_files import MOST_FILE_BYTES, SettingsRefused, TooLarge, UserFiles


@pytest.fixture
def files(tmp_path: Path) -> UserFiles:
    return UserFiles(tmp_path / "user")


def test_what_is_written_is_read_listed_and_told(files: UserFiles) -> None:
    told = files.write("workflows/sub/t.json", b"{}")
    assert (told.path, told.size) == ("workflows/sub/t.json", 2)
    assert told.modified > 1_600_000_000
    assert files.open("workflows/sub/t.json").read() == b"{}"
    files.write("workflows/a.json", b"")
    assert [file.path for file in files.list("workflows")] == ["a.json"]
    assert [file.path for file in files.list("workflows", recurse=True)] == ["a.json", "sub/t.json"]
    assert [(entry.name, entry.path, entry.type, entry.size) for entry in files.entries("workflows")] == [
        ("a.json", "workflows/a.json", "file", 0),
        ("sub", "workflows/sub", "directory", None),
    ]
    assert [entry.name for entry in files.entries()] == ["workflows"]


def test_the_top_and_workflows_are_there_from_the_beginning_and_other_folders_are_absent(files: UserFiles) -> None:
    assert files.list("") == files.entries() == ()
    assert files.list("workflows") == ()
    with pytest.raises(Absent):
        files.list("subgraphs")
    files.write("a", b"")
    with pytest.raises(Absent):
        files.list("a")


def test_a_file_is_overwritten_only_when_that_is_wanted(files: UserFiles) -> None:
    files.write("a", b"1")
    with pytest.raises(FileExistsError):
        files.write("a", b"2", overwrite=False)
    assert files.open("a").read() == b"1"
    files.write("a", b"2")
    assert files.open("a").read() == b"2"


def test_files_are_moved_and_deleted(files: UserFiles) -> None:
    files.write("a", b"1")
    files.write("b", b"2")
    with pytest.raises(FileExistsError):
        files.move("a", "b", overwrite=False)
    assert files.move("a", "sub/c").path == "sub/c"
    files.delete("b")
    assert [file.path for file in files.list("", recurse=True)] == ["sub/c"]
    for gone in ("a", "b", "sub"):
        with pytest.raises(Absent):
            files.delete(gone)


def test_too_large_a_file_is_refused(files: UserFiles) -> None:
    with pytest.raises(TooLarge):
        files.write("a", bytes(MOST_FILE_BYTES + 1))
    assert files.list("") == ()


@pytest.mark.parametrize(
    "name",
    [
        "../settings.json",
        "settings.json/..",
        "../digests.sqlite",
        "/etc/passwd",
        "..\\x",
        "C:/x",
        ".git/x",
        "a\r\nb",
        "",
    ],
    ids=ascii,
)
def test_database_settings_and_logs_have_no_name(files: UserFiles, name: str) -> None:
    """T01, T03, T04, T09, T32, T44."""
    files.merge_settings({"a": 1})
    (files.user / "digests.sqlite").write_bytes(b"database")
    files.write("mine", b"mine")
    for attempt in (
        lambda: files.open(name),
        lambda: files.write(name, b"evil"),
        lambda: files.write(name, b"evil", overwrite=False),
        lambda: files.delete(name),
        lambda: files.move("mine", name),
        lambda: files.move(name, "stolen"),
    ):
        with pytest.raises(NameRefused):
            attempt()
    if name:
        with pytest.raises(NameRefused):
            files.list(name)
    assert files.settings() == {"a": 1}
    assert (files.user / "digests.sqlite").read_bytes() == b"database"


def test_names_of_the_user_folder_itself_mean_files_of_the_user(files: UserFiles) -> None:
    """T32: the same name below `files/` is another file."""
    files.merge_settings({"a": 1})
    with pytest.raises(Absent):
        files.open("settings.json")
    files.write("settings.json", b"mine")
    assert files.settings() == {"a": 1}


def test_linked_files_and_folders_that_lead_out_are_neither_listed_nor_read(files: UserFiles, tmp_path: Path) -> None:
    """T05."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    files.write("a", b"")
    (files.root / "door").symlink_to(tmp_path / "outside")
    (files.root / "window").symlink_to(tmp_path / "outside" / "secret")
    assert [file.path for file in files.list("", recurse=True)] == ["a"]
    for name in ("door/secret", "window"):
        with pytest.raises(NameRefused):
            files.open(name)
    with pytest.raises(NameRefused):
        files.list("door")


def test_settings_are_merged_and_survive_a_restart(files: UserFiles) -> None:
    assert files.settings() == {}
    assert files.setting("theme") is None
    files.merge_settings({"theme": "dark", "size": 3})
    files.merge_settings({"size": {"w": 1}, "none": None})
    assert UserFiles(files.user).settings() == {"theme": "dark", "size": {"w": 1}, "none": None}
    assert files.setting("theme") == "dark"


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"a":1}' + b" " * 2**21])
def test_damaged_settings_are_moved_aside_and_not_lost(files: UserFiles, damage: bytes) -> None:
    files.user.mkdir()
    (files.user / "settings.json").write_bytes(damage)
    files.merge_settings({"a": 1})
    assert files.settings() == {"a": 1}
    (aside,) = files.user.glob("settings.damaged-*.json")
    assert aside.read_bytes() == damage


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_settings_that_are_too_large_too_deep_or_no_json_change_nothing(files: UserFiles) -> None:
    files.merge_settings({"a": 1})
    with pytest.raises(TooLarge):
        files.merge_settings({"big": "x" * 2**20})
    for value in (deep(100), deep(100_000), float("nan"), {1, 2}, "\ud800"):
        with pytest.raises(SettingsRefused):
            files.merge_settings({"bad": value})
    files.merge_settings({"flat": deep(50)})
    assert files.settings() == {"a": 1, "flat": deep(50)}


def test_settings_that_are_set_at_once_are_all_kept(files: UserFiles) -> None:
    threads = [
        threading.Thread(target=lambda number=number: files.merge_settings({str(number): number}))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files.settings() == {str(number): number for number in range(20)}
    assert json.loads((files.user / "settings.json").read_text()) == files.settings()
