"""Packs are folders, files and entry points."""

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

from packs.finding import find_packs

Write = Callable[[str, str], Path]


def test_folders_files_and_entry_points_are_packs(folder: Path, write: Write) -> None:
    write("alpha/__init__.py", "")
    write("beta.py", "")
    write("gamma/pack.toml", "[pack]\nversion = '2'\n")
    point = EntryPoint("delta", "delta.nodes", "nodeloom.nodes")
    found = find_packs([folder], installed=[point])
    assert [(pack.name, pack.source) for pack in found] == [
        ("alpha", "custom_nodes/alpha"),
        ("beta", "custom_nodes/beta.py"),
        ("gamma", "custom_nodes/gamma"),
        ("delta", "entry point delta"),
    ]
    assert found[2].manifest.version == "2"


def test_what_is_hidden_switched_off_or_no_code_is_no_pack(folder: Path, write: Write) -> None:
    for name in (
        ".git/__init__.py",
        "__pycache__/__init__.py",
        "old.disabled/__init__.py",
        "pictures/a.txt",
        "notes.txt",
    ):
        write(name, "")
    assert find_packs([folder], installed=()) == ()


def test_a_folder_that_is_not_there_holds_none(tmp_path: Path) -> None:
    assert find_packs([tmp_path / "nowhere"], installed=()) == ()


def test_of_two_packs_with_one_name_the_first_counts_and_the_other_is_told(tmp_path: Path) -> None:
    for place in ("first", "second"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "toys.py").touch()
    found = find_packs([tmp_path / "first", tmp_path / "second"], installed=())
    assert found[0].problem is None
    assert found[0].source == "first/toys.py"
    assert found[1].problem is not None
    assert "two packs named 'toys'" in found[1].problem.problem


def test_t47_a_name_that_could_lead_elsewhere_is_refused(folder: Path, write: Write) -> None:
    write("a\nb/__init__.py", "")
    [pack] = find_packs([folder], installed=())
    assert pack.problem is not None
    assert "cannot be named" in pack.problem.problem


def test_a_folder_that_python_cannot_import_is_told_what_it_lacks(folder: Path, write: Write) -> None:
    write("bare/pack.toml", "[pack]\n")
    [bare] = find_packs([folder], installed=())
    assert bare.problem is not None
    assert "no __init__.py" in bare.problem.problem


def test_a_broken_manifest_is_the_packs_problem_alone(folder: Path, write: Write) -> None:
    write("bad/pack.toml", "[pack")
    write("good/__init__.py", "")
    bad, good = find_packs([folder], installed=())
    assert bad.problem is not None
    assert good.problem is None
