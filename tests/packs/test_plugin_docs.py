"""The examples of docs/plugins.md are packs: each is loaded as a user's is, and its nodes run in a workflow."""

import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

import nodes
from cli import parser_of
from graph import events
from graph.cache import Cache
from graph.check import check
from graph.interface import Node
from graph.outcome import Outcome
from graph.plan import plan
from graph.problems import Problem
from graph.registry import Registry
from graph.run import run
from graph.workflow import from_api
from nodes.codecs import size_of
from nodes.preview_pictures import PreviewPicture
from packs.compat.context import Context
from packs.compat.giving import Giver, given
from packs.compat.names import FAMILIES, MODULES
from packs.compat.wires import CompatWires
from packs.convention.reader import class_reader, schema_reader
from packs.finding import GROUP, find_packs
from packs.importing import NothingGiven, PackImporter
from packs.loading import load_packs
from packs.manifest import KEYS, PERMISSIONS
from packs.native import read_native
from packs.report import PackChoice, PackReport
from storage import Digests, Folders
from tests.packs.conftest import by_name

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?:python|toml)\n# custom_nodes/(?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = {found["path"]: found["text"] for found in BLOCK.finditer(PAGE)}
PACK = "example_pack/"
SHIPPED = ROOT / "custom_nodes" / "example_pack.disabled"
IMAGE = {"class_type": "EmptyImage", "inputs": {"width": 4, "height": 4, "batch_size": 1, "color": 0xFFFFFF}}
WORDS = {"Any", "Final", "Mapping", "Sequence"}
"""Names that lie in modules because their own code imports them."""


class House:
    """The packs of the page in a folder, loaded with what packs are given; it remembers what it heard."""

    def __init__(self, base: Path, files: Mapping[str, str]) -> None:
        self.folders = Folders.under(base)
        self.packs = base / "custom_nodes"
        for name, text in files.items():
            path = self.packs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.services: dict[type, object] = {
            Folders: self.folders,
            Digests: Digests.in_user_folder(self.folders.user),
            torch.device: torch.device("cpu"),
        }
        self.registry: Registry = nodes.registry()
        self.giver: Giver = given(Context(self.folders, lambda: self.registry, self.services, (self.packs,), "1.2"))
        self.importer = PackImporter(self.giver)
        self.cache = Cache(2**28, None, size_of)
        self.heard: list[events.Event] = []
        self.reports: dict[str, PackReport] = {}

    def load(self) -> None:
        """Load what lies in the folder."""
        wires = CompatWires()
        readers = (read_native, class_reader(wires), schema_reader(wires))
        found = find_packs([self.packs], installed=())
        loaded = load_packs(found, PackChoice(seconds=300), self.registry, readers, self.importer)
        self.registry = loaded.registry
        self.reports = by_name(loaded)

    def node(self, id: str) -> Node:
        """A node that is there."""
        found = self.registry.get(id)
        assert found is not None
        return found

    def problems(self, steps: Mapping[str, Any], target: str) -> tuple[Problem, ...]:
        """What a check says."""
        return check(from_api(dict(steps)), self.registry, {}, [target])

    def run(self, steps: Mapping[str, Any], target: str) -> Outcome:
        """Check, plan and run a workflow that is in order."""
        self.heard.clear()
        assert self.problems(steps, target) == ()
        planned = plan(from_api(dict(steps)), self.registry, self.cache, self.services, (target,))
        outcome = run(planned, self.cache, self.services, self.heard.append)
        assert outcome.status == "success", outcome.error
        return outcome

    def values(self, steps: Mapping[str, Any], target: str) -> Any:
        """The outputs of a step."""
        return self.run(steps, target).results[target]

    def said(self, kind: type[Any]) -> list[Any]:
        """What was heard of one kind."""
        return [event for event in self.heard if isinstance(event, kind)]

    def progress(self) -> list[tuple[float, float]]:
        """The steps of bars."""
        return [(each.value, each.total) for each in self.said(events.Progress)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    before = list(sys.path)
    one = House(tmp_path, EXAMPLES)
    one.importer.open()
    one.load()
    yield one
    one.importer.close()
    sys.path[:] = before


def step(class_type: str, **inputs: object) -> dict[str, object]:
    return {"class_type": class_type, "inputs": inputs}


def test_every_example_is_a_pack_that_loads_without_a_word_of_blame(house: House) -> None:
    assert set(house.reports) == {path.partition("/")[0].removesuffix(".py") for path in EXAMPLES}
    reports = list(house.reports.values())
    for report in reports:
        told = (report.state, report.problem, report.refused, report.warnings, report.missing)
        assert told == ("loaded", "", (), (), ()), report
        assert report.nodes
    assert {report.convention for report in reports} == {"native", "classes", "schema"}
    pack = house.reports["example_pack"]
    assert (pack.version, pack.licence) == ("1.0.0", "Apache-2.0")


def test_a_picture_is_painted_with_a_type_of_ones_own(house: House) -> None:
    steps = {"1": IMAGE, "2": step("ExamplePalette", name="forest")}
    image, brightness = house.values(
        steps | {"3": step("ExampleDuotone", image=["1", 0], palette=["2", 0], strength=1.0)}, "3"
    )
    assert torch.allclose(image[0, 0, 0], torch.tensor([0.9, 0.95, 0.5]))
    assert torch.allclose(brightness, torch.ones(1, 4, 4))
    assert [each.name for each in house.node("ExampleDuotone").outputs] == ["image", "brightness"]
    steps["3"] = step("ExampleDuotone", image=["1", 0], palette=["1", 0], strength=2.0)
    assert [(each.input, each.node) for each in house.problems(steps, "3")] == [("palette", "3"), ("strength", "3")]


def test_the_test_of_the_pack_passes(house: House) -> None:
    path = house.packs / "example_pack" / "tests" / "test_example_pack.py"
    names: dict[str, Any] = {"__file__": str(path)}
    try:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
        tests = [value for name, value in names.items() if name.startswith("test_")]
        assert len(tests) == 2
        for test in tests:
            test()
    finally:
        sys.modules.pop("example_pack", None)


def test_progress_previews_and_words_are_told(house: House) -> None:
    (image,) = house.values({"1": IMAGE, "2": step("WatchingFade", image=["1", 0], steps=3)}, "2")
    assert torch.allclose(image, torch.tensor(1 / 3))
    assert house.progress() == [(1, 3), (2, 3), (3, 3)]
    previews = [each.image for each in house.said(events.Preview)]
    assert len(previews) == 3
    assert all(isinstance(each, PreviewPicture) for each in previews)
    assert [each.text for each in house.said(events.NodeText)] == ["faded"]
    assert [(each.kind, each.data) for each in house.said(events.NodeSaid)] == [("watching.faded", {"steps": 3})]


def test_a_file_is_read_again_once_it_has_changed(house: House) -> None:
    file = house.folders.input / "words.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("first", encoding="utf-8")
    steps = {"1": step("ReadingText", file="words.txt")}
    assert house.values(steps, "1") == ("first",)
    assert house.run(steps, "1").executed == ()
    file.write_text("then another one", encoding="utf-8")
    assert house.values(steps, "1") == ("then another one",)


def test_only_the_picture_that_is_chosen_is_made(house: House) -> None:
    steps = {"1": IMAGE, "2": step("ImageInvert", image=["1", 0])}
    for second, made, value in ((False, {"1", "3"}, 1.0), (True, {"2", "3"}, 0.0)):
        steps["3"] = step("ChoosingPicture", picture_a=["1", 0], picture_b=["2", 0], second=second)
        (image,) = house.values(steps, "3")
        assert {each.node for each in house.said(events.NodeFinished)} == made
        assert image.unique().tolist() == [value]


def test_a_node_becomes_a_graph_of_built_in_ones(house: House) -> None:
    for times, value in ((0, 1.0), (3, 0.0)):
        (image,) = house.values({"1": IMAGE, "2": step("GrowingInvert", image=["1", 0], times=times)}, "2")
        assert image.unique().tolist() == [value]
    started = [each for each in house.said(events.NodeStarted) if each.class_type == "ImageInvert"]
    assert len(started) == 3
    assert {each.display for each in started} == {"2"}


def test_a_class_shows_returns_and_refuses(house: House) -> None:
    right = {"text": "ab", "times": 3, "between": "line"}
    assert house.values({"1": step("ClassPackRepeat", **right)}, "1") == ("ab\nab\nab", 8)
    assert [each.ui for each in house.said(events.NodeShown)] == [{"text": ["1: 8 letters"]}]
    for name, wrong in (("times", 101), ("between", "dots")):
        [problem] = house.problems({"1": step("ClassPackRepeat", **(right | {name: wrong}))}, "1")
        assert problem.input == name
    [problem] = house.problems({"1": step("ClassPackRepeat", **(right | {"text": " "}))}, "1")
    assert "there is nothing to repeat" in problem.message


def test_the_loop_runs_five_thousand_rounds_at_the_node_that_was_drawn(house: House) -> None:
    assert house.values({"1": step("LoopSum", rounds=0)}, "1") == (0,)
    outcome = house.run({"1": step("LoopSum", rounds=5000)}, "1")
    assert outcome.results["1"] == (5000 * 5001 // 2,)
    assert len(house.said(events.NodeFinished)) >= 10_000
    assert {each.display for each in house.said(events.NodeStarted)} == {"1"}
    assert house.run({"1": step("LoopSum", rounds=5000)}, "1").executed == ()


def test_an_asynchronous_node_tells_how_far_it_is(house: House) -> None:
    steps = {"1": step("WaitingEcho", text="hello", seconds=0.01)}
    assert house.node("WaitingEcho").is_async
    assert house.values(steps, "1") == ("hello",)
    assert house.progress() == [(done, 4) for done in range(1, 5)]


def test_a_class_sends_pictures_and_words(house: House) -> None:
    assert house.values({"1": step("ShowingRamp", steps=2)}, "1") == (2,)
    assert house.progress() == [(1, 2), (2, 2)]
    previews = [each.image for each in house.said(events.Preview)]
    assert [type(each) for each in previews] == [PreviewPicture, PreviewPicture]
    assert [(each.kind, each.data) for each in house.said(events.NodeSaid)] == [("showing.ready", {"steps": 2})]


def test_a_schema_clamps_and_refuses(house: House) -> None:
    for value, to, clamped in ((-3.0, "unit", 0.0), (-3.0, "signed", -1.0), (0.25, "unit", 0.25)):
        assert house.values({"1": step("SchemaClamp", value=value, to=to)}, "1") == (clamped,)
    [problem] = house.problems({"1": step("SchemaClamp", value=5000.0, to="unit")}, "1")
    assert "far out of bounds" in problem.message


def rows(heading: str) -> dict[str, str]:
    """The table below a heading: what stands in the first cell -> the rest."""
    table = PAGE.partition(heading)[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ", 1) for line in table.splitlines() if line.startswith("| `")]
    return dict(cells)  # type: ignore[arg-type]


def names_in(text: str) -> set[str]:
    """What stands between backticks."""
    return set(re.findall(r"`([^`]+)`", text))


def test_the_page_lists_every_name_that_packs_are_given(house: House) -> None:
    table = rows("| Module | What is in it |\n")
    listed = {module: cells for first, cells in table.items() for module in names_in(first)}
    for name, source in MODULES.items():
        if not source:
            continue
        if name not in listed:
            assert f"(also `{name}`" in PAGE or f", `{name}`)" in PAGE, name
            continue
        module = house.giver.module(name)
        public = {each for each in vars(module) if not each.startswith("_")} - WORDS
        assert public <= names_in(listed[name]), name
    assert set(listed) <= set(MODULES)


def test_the_page_says_what_to_use_in_place_of_every_name_that_is_not_given() -> None:
    table = rows("| Not given | Use instead |\n")
    told = {name: sentence.removesuffix(" |") for first, sentence in table.items() for name in names_in(first)}
    assert told == dict(FAMILIES)


def test_the_page_names_every_field_of_a_manifest() -> None:
    table = rows("| Field | |\n")
    assert {name for first in table for name in names_in(first)} == set(KEYS)
    assert names_in(table["`permissions`"]) == {f'"{each}"' for each in PERMISSIONS}
    assert f'[project.entry-points."{GROUP}"]' in PAGE


def test_every_command_of_the_page_is_one() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    commands = [words[2:] for words in lines if words[:2] == ["python", "main.py"]]
    assert len(commands) >= 8
    for name, *words in commands:
        parser_of(name).parse_args(words)


def test_the_pack_that_ships_is_that_of_the_page_and_is_switched_off() -> None:
    for name, text in EXAMPLES.items():
        if name.startswith(PACK):
            assert (SHIPPED / name.removeprefix(PACK)).read_text(encoding="utf-8") == text
    files = {path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*") if "__pycache__" not in path.parts}
    assert files == {name.removeprefix(PACK) for name in EXAMPLES if name.startswith(PACK)} | {"README.md", "tests"}
    assert SHIPPED.name not in {pack.name for pack in find_packs([SHIPPED.parent], installed=())}


def test_the_pack_that_ships_is_loaded_once_its_name_says_so(tmp_path: Path) -> None:
    packs = tmp_path / "custom_nodes"
    shutil.copytree(SHIPPED, packs / "example_pack", ignore=shutil.ignore_patterns("__pycache__"))
    importer = PackImporter(NothingGiven())
    importer.open()
    try:
        found = find_packs([packs], installed=())
        loaded = load_packs(found, PackChoice(seconds=300), Registry(), [read_native], importer)
    finally:
        importer.close()
    [report] = loaded.reports
    assert (report.state, report.nodes) == ("loaded", ("ExamplePalette", "ExampleDuotone"))
