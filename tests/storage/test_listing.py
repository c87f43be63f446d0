"""What lies below a folder, with its state."""

import os
from pathlib import Path

from storage.listing import ListedFile, files_below

ENDINGS = frozenset({".png"})


def test_files_of_all_folders_are_listed_with_their_size_and_time(tmp_path: Path) -> None:
    for name in ("a.png", "sub/deep/B.PNG", "sub/c.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"123")
        os.utime(path, ns=(5, 1_000_000_007))
    assert sorted(files_below(tmp_path, ENDINGS), key=lambda file: file.name) == [
        ListedFile("a.png", 3, 1_000_000_007),
        ListedFile("sub/deep/B.PNG", 3, 1_000_000_007),
    ]
    assert files_below(tmp_path / "absent", ENDINGS) == []


def test_what_the_guard_would_refuse_is_not_listed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / ".hidden").mkdir(parents=True)
    (root / "folder.png").mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    for path in (root / "a.png", root / ".b.png", root / ".hidden" / "c.png", root / "d\u202e.png", outside / "e.png"):
        path.write_bytes(b"x")
    (root / "inside.png").symlink_to(root / "a.png")
    (root / "out.png").symlink_to(outside / "e.png")
    (root / "broken.png").symlink_to(root / "nothing.png")
    (root / "linked").symlink_to(outside)
    assert sorted(file.name for file in files_below(root, ENDINGS)) == ["a.png", "inside.png"]
