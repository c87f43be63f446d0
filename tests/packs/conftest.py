"""What tests of packs share: a folder of packs, and an importer that leaves nothing behind."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from graph.registry import Registry
from packs.finding import find_packs
from packs.importing import NothingGiven, PackImporter
from packs.loading import LoadedPacks, load_packs
from packs.native import read_native
from packs.report import PackChoice, PackReport

NATIVE = '''
from graph.spec import node


@node("{id}", category="toy")
def twice(value: int) -> int:
    """Double a number."""
    return value * 2
'''


def native(id: str) -> str:
    """The source of a pack with one node."""
    return NATIVE.replace("{id}", id)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of packs."""
    found = tmp_path / "custom_nodes"
    found.mkdir()
    return found


@pytest.fixture
def write(folder: Path) -> Callable[[str, str], Path]:
    """Writes a file below the folder of packs, with the indentation of its first line taken away."""

    def put(name: str, text: str) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return put


@pytest.fixture
def importer() -> Iterator[PackImporter]:
    """An open importer that gives packs nothing; what packs put onto sys.path goes again."""
    before = list(sys.path)
    one = PackImporter(NothingGiven())
    one.open()
    yield one
    one.close()
    sys.path[:] = before


@pytest.fixture
def load(folder: Path, importer: PackImporter) -> Callable[..., LoadedPacks]:
    """Loads the packs of the folder as an operator chose."""

    def loaded(choice: PackChoice | None = None, builtin: Registry | None = None) -> LoadedPacks:
        packs = find_packs([folder], installed=())
        return load_packs(packs, choice or PackChoice(), builtin or Registry(), [read_native], importer)

    return loaded


def by_name(loaded: LoadedPacks) -> dict[str, PackReport]:
    """The reports by the names of their packs."""
    return {report.name: report for report in loaded.reports}
