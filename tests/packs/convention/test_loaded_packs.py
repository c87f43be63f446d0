"""Packs of both conventions, from their folders through the loader to a result."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.cache import Cache
from graph.plan import plan
from graph.registry import Registry
from graph.run import run
from graph.steps import from_api
from packs.convention.reader import class_reader, schema_reader
from packs.convention.wires import PlainWires
from packs.finding import find_packs
from packs.importing import PackImporter
from packs.loading import LoadedPacks, load_packs
from packs.native import read_native
from packs.report import PackChoice
from tests.packs.conftest import by_name

CLASSES = '''
class Double:
    """Doubles."""
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"x": ("INT", {"default": 1})}}
    RETURN_TYPES = ("INT",)
    FUNCTION = "double"
    CATEGORY = "toys"
    def double(self, x):
        return (x * 2,)

class Broken:
    FUNCTION = "work"
    RETURN_TYPES = ()
    def work(self): pass
    @classmethod
    def INPUT_TYPES(cls):
        raise RuntimeError("no models here")

NODE_CLASS_MAPPINGS = {"Double": Double, "Broken": Broken}
NODE_DISPLAY_NAME_MAPPINGS = {"Double": "Double it"}
WEB_DIRECTORY = "./js"
'''

SCHEMAS = """
from packs.convention.words import io

class Half(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(node_id="Half", inputs=[io.Int.Input("x")], outputs=[io.Int.Output()])
    @classmethod
    def execute(cls, x):
        return io.NodeOutput(x // 2)

class Extension(io.ComfyExtension):
    async def get_node_list(self):
        return [Half]

async def comfy_entrypoint():
    return Extension()
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def loaded(folder: Path, importer: PackImporter) -> Callable[[], LoadedPacks]:
    def load() -> LoadedPacks:
        wires = PlainWires()
        readers = [read_native, class_reader(wires), schema_reader(wires)]
        return load_packs(find_packs([folder], installed=()), PackChoice(), Registry(), readers, importer)

    return load


def test_packs_of_both_conventions_run_together(write: Write, loaded: Callable[[], LoadedPacks]) -> None:
    write("older/__init__.py", CLASSES)
    write("older/js/panel.js", "")
    write("newer.py", SCHEMAS)
    packs = loaded()
    older, newer = by_name(packs)["older"], by_name(packs)["newer"]
    assert (older.state, older.convention, older.nodes) == ("loaded", "classes", ("Double",))
    assert [(each.node, each.problem) for each in older.refused] == [("Broken", "RuntimeError: no models here.")]
    assert (newer.state, newer.convention, newer.nodes) == ("loaded", "schema", ("Half",))
    assert [web.pack for web in packs.webs] == ["older"]
    node = packs.registry.get("Double")
    assert node is not None
    assert (node.display_name, node.module) == ("Double it", "custom_nodes.older")
    steps = from_api(
        {
            "1": {"class_type": "Double", "inputs": {"x": 21}},
            "2": {"class_type": "Half", "inputs": {"x": ["1", 0]}},
        }
    )
    cache = Cache(memory_bytes=1_000_000)
    for executed in (("1", "2"), ()):
        outcome = run(plan(steps, packs.registry, cache, targets=["2"]), cache)
        assert (outcome.results, outcome.executed) == ({"2": (21,)}, executed)


def test_a_pack_that_speaks_both_ways_is_told_as_such(write: Write, loaded: Callable[[], LoadedPacks]) -> None:
    write("both/__init__.py", CLASSES + SCHEMAS)
    [report] = loaded().reports
    assert (report.convention, report.nodes) == ("mixed", ("Double", "Half"))


def test_a_pack_of_the_newer_convention_may_bring_a_folder_for_the_editor(
    write: Write, loaded: Callable[[], LoadedPacks]
) -> None:
    write("newer/__init__.py", SCHEMAS + '\nWEB_DIRECTORY = "web"\n')
    write("newer/web/panel.js", "")
    packs = loaded()
    assert [report.convention for report in packs.reports] == ["schema"]
    assert [Path(web.folder).name for web in packs.webs] == ["web"]


@pytest.mark.parametrize("place", ["..", "/", "../other", "gone", "__init__.py"])
def test_a_folder_for_the_editor_lies_inside_the_pack(
    write: Write, loaded: Callable[[], LoadedPacks], place: str
) -> None:
    write("other/secret.js", "")
    write("other/__init__.py", CLASSES.replace("Double", "Other").replace("./js", "gone"))
    write("rude/__init__.py", CLASSES.replace("./js", place))
    assert loaded().webs == ()


def test_a_pack_that_brings_a_folder_for_the_editor_alone_is_loaded(
    write: Write, loaded: Callable[[], LoadedPacks]
) -> None:
    write("panels/__init__.py", 'WEB_DIRECTORY = "web"\nNODE_CLASS_MAPPINGS = {}\n')
    write("panels/web/panel.js", "")
    packs = loaded()
    assert [(report.state, report.nodes) for report in packs.reports] == [("loaded", ())]
    assert [web.pack for web in packs.webs] == ["panels"]
