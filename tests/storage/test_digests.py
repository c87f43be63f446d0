"""File digests that are remembered."""

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

from storage.digests import Digests
from storage.errors import Absent


@pytest.fixture
def digests(tmp_path: Path) -> Digests:
    return Digests.in_user_folder(tmp_path / "user")


def old_file(path: Path, data: bytes, seconds_ago: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    then = path.stat().st_mtime_ns - seconds_ago * 10**9
    os.utime(path, ns=(then, then))
    return path


def remembered(digests: Digests) -> int:
    with sqlite3.connect(digests.database) as database:
        return database.execute("SELECT count(*) FROM digests").fetchone()[0]


def test_the_digest_is_the_files_sha256(digests: Digests, tmp_path: Path) -> None:
    file = old_file(tmp_path / "a", b"weights")
    assert digests.of(file) == hashlib.sha256(b"weights").hexdigest()


def test_an_unchanged_file_is_not_read_again(digests: Digests, tmp_path: Path) -> None:
    file = old_file(tmp_path / "a", b"weights")
    first = digests.of(file)
    stat = file.stat()
    file.write_bytes(b"WEIGHTS")  # other bytes behind the same size and time: only a reader would notice
    os.utime(file, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
    assert digests.of(file) == first
    assert Digests(digests.database).of(file) == first


def test_a_changed_file_has_a_new_digest(digests: Digests, tmp_path: Path) -> None:
    file = old_file(tmp_path / "a", b"weights")
    first = digests.of(file)
    old_file(file, b"WEIGHTS", seconds_ago=50)
    assert digests.of(file) != first
    assert remembered(digests) == 1


def test_a_file_just_written_is_not_remembered(digests: Digests, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"one")
    first = digests.of(file)
    assert remembered(digests) == 0
    file.write_bytes(b"two")
    assert digests.of(file) != first


def test_a_folder_has_a_digest_of_names_and_contents(digests: Digests, tmp_path: Path) -> None:
    old_file(tmp_path / "m" / "a", b"1")
    old_file(tmp_path / "m" / "sub" / "b", b"2")
    first = digests.of(tmp_path / "m")
    assert digests.of(tmp_path / "m") == first
    (tmp_path / "m" / "a").rename(tmp_path / "m" / "c")
    second = digests.of(tmp_path / "m")
    assert second != first


def test_a_damaged_database_is_begun_anew(digests: Digests, tmp_path: Path) -> None:
    digests.database.parent.mkdir()
    digests.database.write_bytes(b"this is no database at all" * 100)
    assert digests.of(old_file(tmp_path / "a", b"x")) == hashlib.sha256(b"x").hexdigest()
    assert remembered(digests) == 1


def test_an_absent_file_is_named(digests: Digests, tmp_path: Path) -> None:
    with pytest.raises(Absent, match=r"'gone\.ckpt'"):
        digests.of(tmp_path / "gone.ckpt")
