"""The parts of the house style that a machine can read: sizes, names, types, where one prints and catches."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("graph", "storage", "diffusion", "nodes", "runs", "server", "packs", "cli")
CATCH_ALL_PLACES = {"graph/attempt.py", "server/errors.py"}  # around a node's run, and around a request
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
LONG_TABLE = 10
EDITOR_SUFFIXES = {".ts", ".tsx", ".css"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def of_the_program() -> list[Path]:
    return [*sources(*ROOMS), ROOT / "main.py"]


def of_the_house() -> list[Path]:
    return [*of_the_program(), *sources("tests", "benchmarks", "tools")]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def length(statement: ast.stmt) -> int:
    return (statement.end_lineno or statement.lineno) - statement.lineno + 1


def table_lines(body: list[ast.stmt]) -> int:
    """Lines of data tables: long assignments of displays, which are read as data and not as code."""
    tables = (
        length(statement)
        for statement in body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        and isinstance(statement.value, ast.Dict | ast.Tuple | ast.List | ast.Set | ast.Call | ast.Constant)
    )
    return sum(lines for lines in tables if lines > LONG_TABLE)


def functions(path: Path) -> Iterator[Function]:
    return (found for found in ast.walk(tree(path)) if isinstance(found, Function))


def test_a_file_stays_under_400_lines_tables_aside() -> None:
    lines = {
        named(path): len(path.read_text(encoding="utf-8").splitlines()) - table_lines(tree(path).body)
        for path in of_the_house()
    }
    assert {name: count for name, count in lines.items() if count >= MOST_LINES_OF_A_FILE} == {}


def sources_of_the_editor() -> list[Path]:
    """Its scripts and style sheets with their tests; sentences and fixtures are data."""
    found = (path for folder in ("editor/src", "editor/tests") for path in (ROOT / folder).rglob("*"))
    return sorted(path for path in found if path.suffix in EDITOR_SUFFIXES)


def test_a_file_of_the_editor_stays_under_400_lines() -> None:
    lines = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources_of_the_editor()}
    assert len(lines) > 100
    assert {name: count for name, count in lines.items() if count >= MOST_LINES_OF_A_FILE} == {}


def test_a_function_stays_under_60_lines_tables_aside() -> None:
    lines = {
        f"{named(path)}:{found.lineno} {found.name}": length(found) - table_lines(found.body)
        for path in of_the_house()
        for found in functions(path)
    }
    assert {name: count for name, count in lines.items() if count >= MOST_LINES_OF_A_FUNCTION} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    empty = [named(path) for path in of_the_house() if EMPTY_NAMES & {path.stem, *path.relative_to(ROOT).parts[:-1]}]
    assert empty == []


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = [named(path) for path in of_the_house() if path.stat().st_size and not ast.get_docstring(tree(path))]
    assert silent == []


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{named(path)}:{found.lineno}"
        for path in of_the_program()
        for found in ast.walk(tree(path))
        if isinstance(found, ast.Call) and isinstance(found.func, ast.Name) and found.func.id == "print"
    ]
    assert [place for place in printing if not place.startswith(("cli/", "main.py"))] == []


def catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"}) for kind in caught
    )


def test_everything_is_caught_in_the_named_places_only() -> None:
    places = {
        named(path)
        for path in of_the_program()
        for found in ast.walk(tree(path))
        if isinstance(found, ast.ExceptHandler) and catches_all(found)
    }
    assert places <= CATCH_ALL_PLACES


def test_no_function_writes_module_state() -> None:
    writing = [
        f"{named(path)}:{found.lineno}"
        for path in of_the_program()
        for found in ast.walk(tree(path))
        if isinstance(found, ast.Global)
    ]
    assert writing == []


def untyped(function: Function) -> bool:
    arguments = function.args
    named_arguments = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    missing = [one.arg for one in named_arguments if one.annotation is None and one.arg not in {"self", "cls"}]
    return bool(missing) or function.returns is None


def test_public_functions_carry_types() -> None:
    bare = [
        f"{named(path)}:{found.lineno} {found.name}"
        for path in of_the_program()
        for found in functions(path)
        if not found.name.startswith("_") and untyped(found)
    ]
    assert bare == []


def test_main_is_shorter_than_80_lines() -> None:
    assert len((ROOT / "main.py").read_text(encoding="utf-8").splitlines()) < 80


def test_files_of_tests_have_names_of_their_own() -> None:
    names = Counter(path.name for path in sources("tests") if path.name not in ("conftest.py", "__init__.py"))
    assert [name for name, count in names.items() if count > 1] == []
    packs = ROOT / "tests" / "packs" / "collection"  # what packs are made of, not modules of tests
    assert not [path for path in (ROOT / "tests").rglob("__init__.py") if packs not in path.parents]


def test_every_room_of_the_engine_has_its_folder_of_tests() -> None:
    assert [room for room in ROOMS if not list((ROOT / "tests" / room).glob("test_*.py"))] == []
