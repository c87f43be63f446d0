"""Packs are loaded one after the other; whatever one does is told of that one, and the others are there."""

import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from graph.cache import Cache
from graph.plan import plan
from graph.registry import Registry
from graph.run import run
from graph.workflow import from_api
from packs.loading import LoadedPacks
from packs.report import PackChoice, report_to_json
from tests.packs.conftest import by_name, native

Write = Callable[[str, str], Path]
Load = Callable[..., LoadedPacks]

RUDE = """
import os, sys, builtins, warnings, torch
sys.path.insert(0, "/nowhere/at/all")
os.chdir("/")
os.environ["PATH"] = "/gone"
torch.set_default_dtype(torch.float64)
torch.nn.functional.relu = lambda x: 0
builtins.sorted = lambda x: x
warnings.simplefilter("error")
"""


def test_a_native_pack_brings_its_nodes(write: Write, load: Load) -> None:
    write("toys/__init__.py", native("ToyTwice"))
    write("toys/pack.toml", "[pack]\nversion = '1.0'\nlicence = 'MIT'\n")
    write("toys/web/panel.js", "")
    loaded = load()
    report = by_name(loaded)["toys"]
    assert (report.state, report.convention, report.nodes) == ("loaded", "native", ("ToyTwice",))
    assert (report.version, report.licence, report.source) == ("1.0", "MIT", "custom_nodes/toys")
    assert report.seconds > 0
    assert [web.pack for web in loaded.webs] == ["toys"]
    node = loaded.registry.get("ToyTwice")
    assert node is not None
    assert node.module == "custom_nodes.toys"
    steps = from_api({"1": {"class_type": "ToyTwice", "inputs": {"value": 21}}})
    cache = Cache(memory_bytes=0)
    assert run(plan(steps, loaded.registry, cache, targets=["1"]), cache).results == {"1": (42,)}


def test_the_modules_that_a_manifest_names_bring_nodes(write: Write, load: Load) -> None:
    write("toys/pack.toml", "[pack]\nmodules = ['blur', 'more.sharpen']\n")
    write("toys/__init__.py", "")
    write("toys/blur.py", native("ToyBlur"))
    write("toys/more/sharpen.py", native("ToySharpen"))
    assert by_name(load())["toys"].nodes == ("ToyBlur", "ToySharpen")


@pytest.mark.parametrize(
    ("source", "problem", "seen"),
    [
        ("raise ValueError('oh no')", "ValueError: oh no", "raise ValueError"),
        ("raise SystemExit(3)", "SystemExit: 3", "raise SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", "raise KeyboardInterrupt"),
        ("import no_such_package_at_all", "it imports no_such_package_at_all, which is not installed", "import no_"),
        ("x = (", "SyntaxError", "x = ("),
        ("def deep(): deep()\ndeep()", "RecursionError", "deep()"),
        ("", "it declares no nodes", ""),
    ],
)
def test_t47_a_pack_that_fails_is_reported_and_the_rest_load(
    write: Write, load: Load, source: str, problem: str, seen: str
) -> None:
    write("a_bad.py", source)
    write("b_good.py", native("ToyTwice"))
    loaded = load()
    bad, good = loaded.reports
    assert (bad.state, good.state) == ("failed", "loaded")
    assert problem in bad.problem
    assert bad.remedy
    assert seen in bad.traceback
    assert "packs/" not in bad.traceback.replace("custom_nodes", "")
    assert "ToyTwice" in loaded.registry


def test_t47_a_pack_that_never_returns_is_left_behind_and_it_is_told_where_it_hangs(write: Write, load: Load) -> None:
    write("a_hangs.py", "import threading\nthreading.Event().wait()\n")
    write("b_good.py", native("ToyTwice"))
    loaded = load(PackChoice(seconds=0.3))
    hangs, good = loaded.reports
    assert hangs.state == "failed"
    assert "did not end within 0.3 s" in hangs.problem
    assert "threading.Event().wait()" in hangs.traceback
    assert good.state == "loaded"


def test_t47_a_pack_cannot_take_the_place_of_a_node_that_is_there(write: Write, load: Load) -> None:
    write("a_first.py", native("ToyTwice"))
    write("b_second/__init__.py", native("ToyTwice") + native("ToyOther").replace("twice", "other"))
    loaded = load()
    first, second = loaded.reports
    assert first.nodes == ("ToyTwice",)
    assert second.state == "loaded"
    assert second.nodes == ("ToyOther",)
    [refusal] = second.refused
    assert (refusal.node, refusal.problem) == ("ToyTwice", "the id is taken by custom_nodes.a_first, which stays.")


def test_t47_what_an_import_changes_around_it_is_told_and_put_back(write: Write, load: Load) -> None:
    write("rude.py", RUDE + native("ToyTwice"))
    relu, folder, path, filters = torch.nn.functional.relu, Path.cwd(), os.environ["PATH"], list(warnings.filters)
    report = by_name(load())["rude"]
    assert report.state == "loaded"
    told = " ".join(report.warnings)
    for part in ("sys.path", "working folder", "PATH", "default precision", "relu", "sorted"):
        assert part in told
    assert torch.nn.functional.relu is relu
    assert torch.get_default_dtype() == torch.float32
    assert Path.cwd() == folder
    assert os.environ["PATH"] == path
    assert sorted([2, 1]) == [1, 2]
    assert list(warnings.filters) == filters
    assert signal.getsignal(signal.SIGINT) is not None
    assert "/nowhere/at/all" in sys.path


def test_an_import_may_use_an_event_loop(write: Write, load: Load) -> None:
    write(
        "loops.py",
        "import asyncio\nasyncio.get_event_loop().run_until_complete(asyncio.sleep(0))\n" + native("ToyTwice"),
    )
    assert by_name(load())["loops"].state == "loaded"


def test_the_operator_chooses_which_packs_are_loaded(write: Write, load: Load) -> None:
    for name in ("a", "b", "c"):
        write(f"{name}.py", native(f"Toy{name}"))

    def states(choice: PackChoice) -> list[str]:
        return [report.state for report in load(choice).reports]

    assert states(PackChoice()) == ["loaded", "loaded", "loaded"]
    assert states(PackChoice(disabled=frozenset({"b"}))) == ["loaded", "disabled", "loaded"]
    assert states(PackChoice(only=frozenset({"c"}))) == ["disabled", "disabled", "loaded"]
    assert states(PackChoice(safe_mode=True)) == ["disabled", "disabled", "disabled"]


def test_requirements_that_are_not_met_are_told_with_the_command_that_mends_it(write: Write, load: Load) -> None:
    write("bad/__init__.py", "import no_such_package_at_all\n")
    write("bad/requirements.txt", "no-such-package-at-all>=2\n")
    write("good/__init__.py", native("ToyTwice"))
    write("good/requirements.txt", "no-such-package-at-all>=2\n")
    bad, good = load().reports
    assert bad.state == "failed"
    assert good.state == "loaded"
    assert bad.missing == good.missing == ("no-such-package-at-all>=2",)
    assert "not installed" in bad.problem
    assert "not installed" in good.problem
    assert "pip install 'no-such-package-at-all>=2'" in bad.remedy


def test_results_of_older_code_are_never_taken(write: Write, load: Load) -> None:
    def version() -> object:
        node = load().registry.get("ToyTwice")
        assert node is not None
        return node.version

    write("toys/__init__.py", native("ToyTwice"))
    before = version()
    assert version() == before
    write("toys/inner.py", "CONSTANT = 1\n")
    changed = version()
    assert changed != before


def test_the_built_in_nodes_stay_first_and_their_registry_is_not_changed(write: Write, load: Load) -> None:
    write("toys.py", native("ToyTwice"))
    builtin = Registry()
    loaded = load(None, builtin)
    assert len(builtin) == 0
    assert list(loaded.registry.ids()) == ["ToyTwice"]


def test_a_report_is_json_without_the_folders_of_the_machine(write: Write, load: Load, folder: Path) -> None:
    write("bad.py", "raise ValueError('x' * 100_000)\n")
    told = report_to_json(load().reports[0])
    assert set(told) >= {"name", "state", "source", "problem", "remedy", "traceback", "seconds", "nodes"}
    assert len(told["traceback"]) <= 20_000
    assert str(folder) not in told["source"]


def test_packs_are_loaded_again_after_the_importer_was_closed(write: Write, load: Load) -> None:
    write("toys.py", native("ToyTwice"))
    assert by_name(load())["toys"].state == "loaded"
    assert "custom_nodes.toys" in sys.modules
