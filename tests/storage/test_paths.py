"""The guard between names and paths."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import Absent, NameRefused
from storage.paths import create_new, open_to_read, parts_of, resolve


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "out"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.txt").write_text("inside")
    (tmp_path / "secret.txt").write_text("outside")
    return root


def test_a_plain_name_is_read(root: Path) -> None:
    with open_to_read(root, "sub/a.txt") as file:
        assert file.read() == b"inside"


def test_an_absent_file_is_absent_and_not_refused(root: Path) -> None:
    with pytest.raises(Absent, match=r"no file named 'sub/b\.txt'"):
        open_to_read(root, "sub/b.txt")
    with pytest.raises(Absent):
        open_to_read(root, "none/b.txt")
    with pytest.raises(Absent):
        open_to_read(root, "sub")


def test_names_in_any_script_with_spaces_and_dots_inside_are_plain() -> None:
    for name in ("ein Bild.png", "图片/照片.png", "v1.5 (final).safetensors", "a..b.png", "naïve+tag=1.png", "🍎.png"):
        assert "/".join(parts_of(name)) == name


@given(st.text(min_size=1, max_size=40))
def test_whatever_the_guard_lets_through_stays_under_the_root(name: str) -> None:
    root = Path("/somewhere/out")
    try:
        path = resolve(root, name)
    except NameRefused:
        return
    assert path.is_relative_to(root) and path != root
    assert path.relative_to(root).as_posix() == name


def test_a_link_that_stays_inside_is_followed(root: Path) -> None:
    (root / "link.txt").symlink_to(root / "sub" / "a.txt")
    assert open_to_read(root, "link.txt").read() == b"inside"


def test_a_link_to_the_outside_is_refused(root: Path) -> None:
    (root / "link.txt").symlink_to(root.parent / "secret.txt")
    (root / "folder").symlink_to(root.parent)
    for name in ("link.txt", "folder/secret.txt"):
        with pytest.raises(NameRefused, match="leads out"):
            open_to_read(root, name)
    with pytest.raises(NameRefused, match="leads out"):
        create_new(root, "folder/new.txt")


def test_a_link_loop_is_refused(root: Path) -> None:
    (root / "a").symlink_to(root / "b")
    (root / "b").symlink_to(root / "a")
    with pytest.raises((NameRefused, Absent)):
        open_to_read(root, "a")


def test_a_sibling_with_the_roots_name_as_prefix_is_outside(root: Path) -> None:
    evil = root.parent / "out-evil"
    evil.mkdir()
    (evil / "a.txt").write_text("evil")
    (root / "link").symlink_to(evil)
    with pytest.raises(NameRefused):
        open_to_read(root, "link/a.txt")
    with pytest.raises(NameRefused):
        open_to_read(root, "../out-evil/a.txt")


def test_a_root_that_is_itself_a_link_works(root: Path) -> None:
    linked = root.parent / "linked"
    linked.symlink_to(root)
    assert open_to_read(linked, "sub/a.txt").read() == b"inside"


def test_a_pipe_is_no_file_and_does_not_hang(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(Absent):
        open_to_read(root, "pipe")


def test_a_folder_swapped_for_a_link_between_check_and_open_never_shows_the_outside(root: Path) -> None:
    """A second thread swaps a folder with a link to the outside as fast as it can; a thousand opens see the inside."""
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text("outside")
    link, real, spare = root / "door", root / "real", root / "spare"
    real.mkdir()
    (real / "a.txt").write_text("inside")
    link.symlink_to(outside)
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            os.rename(link, spare)  # noqa: PTH104
            os.rename(real, link)  # noqa: PTH104
            os.rename(link, real)  # noqa: PTH104
            os.rename(spare, link)  # noqa: PTH104

    thread = threading.Thread(target=swap)
    thread.start()
    seen: set[bytes] = set()
    try:
        for _ in range(1000):
            try:
                with open_to_read(root, "door/a.txt") as file:
                    seen.add(file.read())
            except (NameRefused, Absent):
                continue
    finally:
        done.set()
        thread.join()
    assert b"outside" not in seen


def test_creating_makes_the_folders_and_never_overwrites(root: Path) -> None:
    with create_new(root, "new/deep/a.txt") as file:
        file.write(b"1")
    assert (root / "new" / "deep" / "a.txt").read_bytes() == b"1"
    with pytest.raises(FileExistsError):
        create_new(root, "new/deep/a.txt")
    (root / "broken").symlink_to(root / "nowhere")
    with pytest.raises((FileExistsError, NameRefused)):
        create_new(root, "broken")
    assert not (root / "nowhere").exists()


def test_new_names_hold_nothing_that_windows_cannot_store(root: Path) -> None:
    for character in '<>"|?*':
        with pytest.raises(NameRefused):
            create_new(root, f"a{character}b")


def test_a_refusal_says_what_was_expected_found_and_how_to_mend_it(root: Path) -> None:
    with pytest.raises(NameRefused) as refused:
        resolve(root, "../secret.txt")
    assert refused.value.expected == "a plain relative file name"
    assert "step out of the folder" in refused.value.found
    assert "'../secret.txt'" in refused.value.found
    assert refused.value.remedy
