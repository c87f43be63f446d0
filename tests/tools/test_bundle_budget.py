"""What counts as loaded at the start of the editor, and the bound on it."""

import gzip
import random
from pathlib import Path

import pytest

from tools import bundle_budget
from tools.bundle_budget import files_at_start, needed_by, sizes_at_start

PAGE = """<!doctype html><link rel="icon" href="./icon.svg"><link rel="stylesheet" href="./assets/main.css">
<link rel="modulepreload" href="./assets/vendor.js">
<script type="module" crossorigin src="./assets/main.js"></script>"""


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of four scripts, one of them loaded later."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets" / "main.css").write_text("a{}")
    (tmp_path / "assets" / "main.js").write_text(
        'import{a as e}from"./vendor.js";import"./parts.js";const f=()=>import("./later.js");e(f)'
    )
    (tmp_path / "assets" / "vendor.js").write_text("export const a=1;")
    (tmp_path / "assets" / "parts.js").write_text('export*from"./vendor.js"')
    (tmp_path / "assets" / "later.js").write_text("export default 2")
    monkeypatch.setattr(bundle_budget, "BUILT", tmp_path)
    return tmp_path


def test_what_the_page_and_its_modules_name_is_loaded_at_once_and_nothing_else(built: Path) -> None:
    expected = {"index.html", "assets/main.css", "assets/vendor.js", "assets/main.js", "assets/parts.js"}
    assert set(files_at_start(built)) == expected


def test_sizes_are_those_of_the_compressed_files(built: Path) -> None:
    sizes = sizes_at_start(built)
    assert sizes["assets/vendor.js"] == len(gzip.compress((built / "assets" / "vendor.js").read_bytes(), 9, mtime=0))


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ('import{a}from"./b.js"', ["assets/b.js"]),
        ('import a,{b as c}from"./b.js";import*as d from"../d.js"', ["assets/b.js", "d.js"]),
        ('x();import"./b.js"', ["assets/b.js"]),
        ('export{a}from"./b.js"', ["assets/b.js"]),
        ('const a=import("./b.js")', []),
        ("const a=\"import x from './b.js'\"", []),
    ],
)
def test_imports_of_a_bundled_module_are_read(source: str, needed: list[str]) -> None:
    assert list(needed_by("assets/a.js", source)) == needed


def test_a_build_above_the_bound_is_refused_with_its_largest_files_named(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bundle_budget.main(["--quiet"]) == 0
    assert capsys.readouterr().out == ""
    noise = random.Random(0).randbytes(200_000).hex()  # half of it is left by compression
    (built / "assets" / "vendor.js").write_text(f'export const a="{noise}"')
    assert bundle_budget.main(["--quiet", "--most=150000"]) == 1
    assert "assets/vendor.js" in capsys.readouterr().out
    assert bundle_budget.main(["--quiet"]) == 0


def test_a_missing_build_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bundle_budget, "BUILT", tmp_path / "none")
    assert bundle_budget.main([]) == 1
    assert "make editor" in capsys.readouterr().err
