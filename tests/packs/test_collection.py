"""Packs of many shapes, written as authors of the convention write theirs, load side by side and blame nobody else."""

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import nodes
from graph.registry import Registry
from packs.report import PackReport
from tests.packs.collected import COLLECTION, Collected, step

BROKEN = """
import os, warnings
os.environ["PATH"] = "/nowhere"
warnings.simplefilter("error")
raise RuntimeError("my models are gone")
"""
GREEDY = """
class Mine:
    @classmethod
    def INPUT_TYPES(cls): return {"required": {}}
    RETURN_TYPES = ("INT",)
    FUNCTION = "go"
    def go(self): return (1 / 0,)

NODE_CLASS_MAPPINGS = {"KSampler": Mine, "LatentMix": Mine, "Mine": Mine}
"""
WANTS = "from comfy.ldm.modules.attention import optimized_attention\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, tiny_models: Path) -> Iterator[Collected]:
    before = list(sys.path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = Collected(
            tmp_path_factory.mktemp("collected"),
            tiny_models,
            nodes.registry(),
            {"broken": BROKEN, "zz_greedy": GREEDY, "wants_more": WANTS},
        )
    yield one
    one.close()
    sys.path[:] = before


GOOD = {
    "Flow-Kit": ("classes", 9),
    "async_fetch": ("classes", 2),
    "conditioning_edit": ("classes", 4),
    "file_shelf": ("classes", 3),
    "image-maths": ("classes", 3),
    "ksampler_extras": ("classes", 4),
    "latent_tools": ("classes", 2),
    "list_mappers": ("classes", 4),
    "model_patches": ("classes", 3),
    "schema_nodes": ("schema", 3),
    "server_talk": ("classes", 1),
    "stringy_tools": ("classes", 3),
}


def told(report: PackReport) -> tuple[object, ...]:
    return report.state, report.convention, len(report.nodes), report.refused, report.problem, report.missing


def test_the_collection_is_told_pack_by_pack(house: Collected) -> None:
    assert set(house.reports) == set(GOOD) | {"broken", "zz_greedy", "wants_more"}
    assert {name: told(house.reports[name]) for name in GOOD} == {
        name: ("loaded", convention, count, (), "", ()) for name, (convention, count) in GOOD.items()
    }


def test_only_a_pack_that_changes_its_surroundings_is_told_to_have(house: Collected) -> None:
    changed = {name: report.warnings for name, report in house.reports.items() if report.warnings}
    assert changed == {
        "stringy_tools": ("changed sys.path (1 added, 0 removed)",),
        "broken": ("changed environment variables (PATH)",),
    }


def test_every_pack_of_the_collection_is_among_these() -> None:
    there = {each.stem for each in COLLECTION.iterdir() if not each.name.startswith((".", "_"))}
    assert there == set(GOOD)


def test_a_pack_that_fails_is_blamed_with_its_own_lines_alone(house: Collected) -> None:
    report = house.reports["broken"]
    assert (report.state, report.problem) == ("failed", "its import failed: RuntimeError: my models are gone.")
    assert "my models are gone" in report.traceback
    assert "broken.py" in report.traceback
    assert not any(other in report.traceback for other in GOOD)
    assert not any(name.startswith("custom_nodes.broken") for name in sys.modules)


def test_a_pack_that_wants_what_is_not_given_hears_what_to_use(house: Collected) -> None:
    report = house.reports["wants_more"]
    assert report.state == "failed"
    assert "comfy.ldm.modules.attention is not given to packs here" in report.problem


def test_a_node_whose_id_is_taken_is_refused_in_the_pack_that_came_later(house: Collected) -> None:
    report = house.reports["zz_greedy"]
    assert (report.state, report.nodes) == ("loaded", ("Mine",))
    assert {each.node: each.problem for each in report.refused} == {
        "KSampler": f"the id is taken by {module(house.registry, 'KSampler')}, which stays.",
        "LatentMix": "the id is taken by custom_nodes.latent_tools, which stays.",
    }
    assert house.reports["latent_tools"].refused == ()


def module(registry: Registry, id: str) -> str:
    node = registry.get(id)
    assert node is not None
    return node.module


def test_a_node_that_fails_is_told_with_its_own_pack(house: Collected) -> None:
    error = house.go({"1": step("Mine")}, "1").error
    assert error is not None
    assert (error.node, error.class_type, error.exception_type) == ("1", "Mine", "ZeroDivisionError")
    assert any("zz_greedy.py" in line for line in error.traceback)
    assert module(house.registry, "Mine") == "custom_nodes.zz_greedy"


def test_names_and_folders_for_the_editor_are_those_the_packs_gave(house: Collected) -> None:
    shown = {each.id: each.display_name for each in house.registry}
    assert shown["ImageBlendMath+"] == "🧮 Blend Images"
    assert shown["StringyJoin"] == "📝 Join"
    assert shown["FlowForOpen"] == "🔁 For ▸"
    assert shown["SchemaRepeat"] == "Repeat 🧩"
    assert shown["TimesPlus"] == "TimesPlus"
    assert [(web.pack, Path(web.folder).name) for web in house.loaded.webs] == [("server_talk", "js")]
    report = house.reports["file_shelf"]
    assert (report.version, report.licence) == ("1.4.0", "MIT")


def test_modules_of_the_host_keep_their_names_beside_those_that_packs_see(house: Collected) -> None:
    import nodes as ours

    assert not hasattr(ours, "MAX_RESOLUTION")
    assert house.module("ksampler_extras").nodes is not ours
    assert "server" not in sys.modules or not hasattr(sys.modules["server"], "PromptServer")
