"""Packs import their own modules and, under names they expect, what only packs are given."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import nodes
from packs.importing import PackImporter

Write = Callable[[str, str], Path]


class Gifts:
    """Gives a `nodes` that is not ours, and a family `gift` with one module inside."""

    def __init__(self) -> None:
        self.modules = {name: ModuleType(name) for name in ("nodes", "gift", "gift.box")}
        self.modules["nodes"].MAX = 7  # type: ignore[attr-defined]
        self.modules["gift"].__path__ = []
        self.modules["gift"].box = self.modules["gift.box"]  # type: ignore[attr-defined]
        self.modules["gift.box"].bow = "red"  # type: ignore[attr-defined]

    def module(self, name: str) -> ModuleType | None:
        if name.startswith("gift.") and name not in self.modules:
            raise ImportError(f"{name} is not given")
        return self.modules.get(name)

    def missing(self, module: str, name: str) -> str:
        return f"{module} has no {name} here"

    def may_shadow(self, name: str) -> bool:
        return name == "nodes"


@pytest.fixture
def importer() -> Iterator[PackImporter]:
    before = list(sys.path)
    one = PackImporter(Gifts())
    one.open()
    yield one
    one.close()
    sys.path[:] = before


def test_a_pack_gets_what_it_expects_and_we_keep_our_own(importer: PackImporter, write: Write) -> None:
    path = write(
        "pack/__init__.py",
        """
        import nodes
        import gift.box
        from gift.box import bow
        from gift import box as same
        import gift.box as again
        first = nodes.MAX, gift.box.bow, bow, same.bow, again.bow
        def late():
            import nodes
            from nodes import MAX
            return nodes.MAX, MAX
        """,
    )
    module = importer.load("pack", path.parent)
    assert module.first == (7, "red", "red", "red", "red")
    assert module.late() == (7, 7)
    assert sys.modules["nodes"] is nodes
    assert not hasattr(nodes, "MAX")


def test_modules_inside_a_pack_get_it_too_however_they_are_imported(importer: PackImporter, write: Write) -> None:
    path = write(
        "pack/__init__.py",
        """
        import os, sys, importlib
        from .inner.deep import value
        from . import inner
        sys.path.append(os.path.dirname(__file__))
        import besides_pack
        dynamic = importlib.import_module(".late", __name__)
        """,
    )
    write("pack/inner/__init__.py", "")
    for name in ("pack/inner/deep.py", "pack/besides_pack.py", "pack/late.py"):
        write(name, "from nodes import MAX as value\n")
    module = importer.load("pack", path.parent)
    assert (module.value, module.besides_pack.value, module.dynamic.value) == (7, 7, 7)
    assert module.__name__ == "custom_nodes.pack"


def test_names_that_are_none_of_ours_are_found_by_importlib_as_well(importer: PackImporter) -> None:
    assert importlib.import_module("gift.box").__dict__["bow"] == "red"
    assert importlib.import_module("nodes") is nodes


def test_a_name_that_is_missing_in_a_given_module_is_told_in_one_sentence(importer: PackImporter, write: Write) -> None:
    path = write("pack.py", "from gift.box import ribbon\n")
    with pytest.raises(ImportError, match=r"^gift\.box has no ribbon here$"):
        importer.load("pack", path)
    path = write("other.py", "import gift.paper\n")
    with pytest.raises(ImportError, match=r"^gift\.paper is not given$"):
        importer.load("other", path)


def test_a_pack_that_fails_leaves_no_module_behind(importer: PackImporter, write: Write) -> None:
    write("pack/part.py", "")
    path = write("pack/__init__.py", "from . import part\nraise ValueError('no')\n")
    with pytest.raises(ValueError, match="no"):
        importer.load("pack", path.parent)
    assert not [name for name in sys.modules if name.startswith("custom_nodes.")]


def test_what_a_pack_puts_into_its_builtins_reaches_nobody_else(importer: PackImporter, write: Write) -> None:
    module = importer.load("pack", write("pack.py", "__builtins__['len'] = lambda value: -1\nfound = len([])\n"))
    other = importer.load("other", write("other.py", "found = len([])\n"))
    assert (module.found, other.found, len([])) == (-1, 0, 0)


def test_after_closing_nothing_is_given_and_no_module_of_a_pack_is_left(importer: PackImporter, write: Write) -> None:
    importer.load("pack", write("pack.py", "import gift\n"))
    importlib.import_module("gift")
    importer.close()
    assert not [name for name in sys.modules if name == "custom_nodes" or name.startswith("custom_nodes.")]
    sys.modules.pop("gift", None)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("gift")


def test_a_forgotten_pack_is_read_anew(importer: PackImporter, write: Write) -> None:
    path = write("pack.py", "value = 1\n")
    assert importer.load("pack", path).value == 1
    path.write_text("value = 22  # of another length\n")
    importer.forget("pack")
    assert importer.load("pack", path).value == 22
