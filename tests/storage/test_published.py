"""Published workflows on disk: whole or not there, and no name leads anywhere else."""

import json
from pathlib import Path

import pytest

from storage.errors import Absent, NameRefused, StorageError
from storage.published import Published


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published.in_user_folder(tmp_path / "user")


def test_what_was_written_is_read_back_and_listed(published: Published) -> None:
    assert published.names() == ()
    assert published.write("portrait", {"a": "ä", "b": [1, None]}) is True
    assert published.write("a.b-c_9", {}) is True
    assert published.write("portrait", {"a": "new"}) is False
    assert published.names() == ("a.b-c_9", "portrait")
    assert published.read("portrait") == {"a": "new"}
    assert "portrait" in published
    assert "other" not in published


def test_deleting_works_once_and_says_when_there_is_nothing(published: Published) -> None:
    with pytest.raises(Absent, match="none named 'portrait'"):
        published.remove("portrait")
    published.write("portrait", {})
    published.remove("portrait")
    assert published.names() == ()
    with pytest.raises(Absent):
        published.remove("portrait")
    with pytest.raises(Absent):
        published.read("portrait")


@pytest.mark.parametrize(
    "name",
    ["", "..", ".", ".hidden", "../x", "a/b", "a\\b", "/etc/passwd", "C:x", "a b", "ä", "a\n", "a\x00", "CON", "nul.x",
     "x" * 101, "a%2fb", "a\u202eb"],
)  # fmt: skip
def test_a_name_that_is_no_plain_name_is_refused_everywhere(published: Published, name: str) -> None:
    for act in (published.read, published.remove, lambda name: published.write(name, {})):
        with pytest.raises(NameRefused):
            act(name)
    assert name not in published
    assert not published.folder.exists() or list(published.folder.iterdir()) == []


def test_the_longest_name_can_be_written_and_deleted(published: Published) -> None:
    published.write("x" * 100, {"long": True})
    assert published.read("x" * 100) == {"long": True}
    published.remove("x" * 100)


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(published: Published) -> None:
    published.write("portrait", {"old": True})
    with pytest.raises(ValueError, match="JSON compliant"):
        published.write("portrait", {"new": float("nan")})
    (published.folder / "taken.json").mkdir()
    with pytest.raises(StorageError, match="Choose another name"):
        published.write("taken", {"new": True})
    assert published.read("portrait") == {"old": True}
    assert sorted(path.name for path in published.folder.iterdir()) == ["portrait.json", "taken.json"]
    with pytest.raises(Absent):
        published.remove("taken")


def test_what_a_dying_process_left_half_written_is_not_listed(published: Published) -> None:
    published.write("portrait", {})
    (published.folder / ".partial-0123456789abcdef").write_text('{"ha')
    assert published.names() == ("portrait",)
    assert published.read("portrait") == {}


def test_a_link_out_of_the_folder_is_neither_read_nor_written_through(published: Published, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"secret": 1}')
    published.folder.mkdir(parents=True)
    (published.folder / "linked.json").symlink_to(secret)
    assert published.names() == ()
    assert "linked" not in published
    with pytest.raises(NameRefused):
        published.read("linked")
    with pytest.raises(NameRefused):
        published.write("linked", {"mine": True})
    published.remove("linked")
    assert json.loads(secret.read_text()) == {"secret": 1}
    assert published.write("linked", {"mine": True}) is True
    assert published.read("linked") == {"mine": True}


def test_a_file_that_is_no_json_is_told_with_a_remedy(published: Published) -> None:
    published.write("portrait", {})
    (published.folder / "portrait.json").write_text("{")
    with pytest.raises(StorageError, match="Publish it anew"):
        published.read("portrait")
