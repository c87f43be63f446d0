"""Which Node builds the editor."""

import sys
from pathlib import Path

import pytest

from tools import node
from tools.node import Node, NoNode, find_node, new_enough, version_of


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ((18, 20), False),
        ((20, 18), False),
        ((20, 19), True),
        ((20, 20), True),
        ((21, 7), False),
        ((22, 11), False),
        ((22, 12), True),
        ((23, 0), True),
        ((24, 19), True),
        (None, False),
    ],
)
def test_the_versions_that_the_bundler_runs_on_are_taken(version: tuple[int, int] | None, enough: bool) -> None:
    assert new_enough(version) is enough


def program(folder: Path, name: str, says: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)
    return path


def test_the_version_is_what_the_program_says(tmp_path: Path) -> None:
    assert version_of(program(tmp_path, "node", "v24.19.0")) == (24, 19)
    assert version_of(program(tmp_path, "other", "nothing")) is None
    assert version_of(tmp_path / "missing") is None


def test_the_systems_node_is_taken_only_with_its_npm_and_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(node, "in_environment", lambda: Node(Path("ours"), ("ours",)))
    found = program(tmp_path, "node", "v24.19.0")
    assert find_node().program == Path("ours")
    npm = program(tmp_path, "npm", "11.0.0")
    assert find_node() == Node(found, (str(npm),))
    program(tmp_path, "node", "v18.20.0")
    assert find_node().program == Path("ours")


def test_nothing_is_installed_outside_an_environment_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(node, "in_environment", lambda: None)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(NoNode, match=r"20\.19"):
        find_node()


def test_programs_of_node_find_that_very_node_first(tmp_path: Path) -> None:
    path = Node(tmp_path / "bin" / "node", ("npm",)).environment()["PATH"]
    assert path.startswith(str(tmp_path / "bin"))
