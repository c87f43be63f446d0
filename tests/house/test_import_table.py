"""The table of docs/architecture.md is the law of imports, also of those inside functions."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\|\s*(?P<rooms>`[^|]+`)\s*\|\s*(?P<allowed>[^|]+?)\s*\|$", re.MULTILINE)
ROOM = re.compile(r"`([\w/]+?)(?:/|\.py)`")
NOT_ROOMS = {"tests", "benchmarks", "docs", "workflows", "models", "input", "output", "temp", "user", "custom_nodes"}


def import_table() -> dict[str, set[str]]:
    """Room -> names it may import, read from the document; 'all' stands for every name the table holds."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [
        (ROOM.findall(row["rooms"]), {name.strip() for name in re.split(r",\s*(?:and\s+)?", row["allowed"])})
        for row in ROW.finditer(text)
    ]
    everything = {room for rooms, _ in rows for room in rooms} | {name for _, allowed in rows for name in allowed}
    return {room: (everything if "all" in allowed else allowed) for rooms, allowed in rows for room in rooms}


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, top-level name) of every import in a file, at any depth, `import_module("...")` included."""
    for found in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        match found:
            case ast.Import(names=names):
                yield from ((found.lineno, alias.name.partition(".")[0]) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield found.lineno, module.partition(".")[0]
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield found.lineno, module.partition(".")[0]
            case _:
                pass


def files_of(room: str) -> list[Path]:
    """The files of a room, without those of rooms inside it that the table has a line of their own for."""
    folder = ROOT / room
    if not folder.is_dir():
        return [ROOT / f"{room}.py"]
    inner = [ROOT / other for other in import_table() if other.startswith(f"{room}/")]
    return sorted(path for path in folder.rglob("*.py") if not any(path.is_relative_to(each) for each in inner))


@pytest.mark.parametrize("room", sorted(import_table()))
def test_a_room_imports_only_what_the_table_allows(room: str) -> None:
    allowed = import_table()[room] | {room} | sys.stdlib_module_names
    trespasses = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in files_of(room)
        for line, name in imported(path)
        if name not in allowed
    ]
    assert not trespasses, "\n".join(trespasses)


def test_every_folder_with_code_stands_in_the_table() -> None:
    rooms = {folder.name for folder in ROOT.iterdir() if folder.is_dir() and (folder / "__init__.py").exists()}
    assert rooms - NOT_ROOMS == {room for room in import_table() if (ROOT / room).is_dir() and "/" not in room}


def test_the_two_leaves_import_none_of_our_rooms() -> None:
    table = import_table()
    assert table["graph"] & table.keys() == set()
    assert table["diffusion"] & table.keys() == set()


def test_the_reader_sees_imports_inside_functions(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def late():\n    import torch.nn\n    from yaml import load\n    import_module('rich.table')\n")
    assert list(imported(module)) == [(2, "torch"), (3, "yaml"), (4, "rich")]


def test_only_the_planner_imports_networkx() -> None:
    importers = {path.name for path in files_of("graph") for _, name in imported(path) if name == "networkx"}
    assert importers == {"plan.py"}
