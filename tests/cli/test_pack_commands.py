"""The command line and packs: a new one is written, all are told about, and none spoils an answer."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.pack_options import add_packs, pack_choice, pack_folders, pack_words
from packs.report import PackChoice

ROOT = Path(__file__).resolve().parents[2]
BROKEN = "print('noise')\nraise ValueError('oh no')\n"
SHOUTING = """
print("noise of an import")
from graph.spec import node

@node("ToyNumber", category="toy", terminal=True)
def number(value: int = 3) -> int:
    "A number."
    print("noise of a run")
    return value
"""


def called(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    return folder


def test_a_new_pack_has_a_node_that_works_and_a_test_that_passes(packs: Path) -> None:
    written = called("nodes", "new", "my_pack", f"--custom-nodes={packs}")
    assert written.stdout.strip() == str(packs / "my_pack")
    told = json.loads(called("nodes", "--packs", "--json", f"--custom-nodes={packs}").stdout)
    assert [(pack["name"], pack["state"], pack["nodes"]) for pack in told] == [
        ("my_pack", "loaded", ["MyPackBrightness"])
    ]
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(packs / "my_pack")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "2 passed" in tests.stdout, tests.stdout + tests.stderr


@pytest.mark.parametrize("name", ["My-pack", "3d", "../x", ""])
def test_t47_a_new_pack_has_a_name_that_can_be_imported(packs: Path, name: str) -> None:
    refused = called("nodes", "new", name, f"--custom-nodes={packs}")
    assert refused.returncode == 2
    assert "small letters" in refused.stderr
    assert list(packs.iterdir()) == []


def test_a_new_pack_is_written_over_nothing(packs: Path) -> None:
    (packs / "mine").mkdir()
    (packs / "mine" / "work.py").write_text("precious")
    refused = called("nodes", "new", "mine", f"--custom-nodes={packs}")
    assert refused.returncode == 2
    assert "is there already" in refused.stderr
    assert (packs / "mine" / "work.py").read_text() == "precious"


def test_the_page_about_packs_says_what_is_wrong_and_where(packs: Path) -> None:
    (packs / "bad.py").write_text(BROKEN)
    (packs / "good.py").write_text(SHOUTING)
    page = called("nodes", "--packs", f"--custom-nodes={packs}").stdout
    assert "bad   failed" in page
    assert "its import failed: ValueError: oh no." in page
    assert "| ValueError: oh no" in page
    assert "good  loaded, 1 node" in page


def test_packs_can_be_left_out_or_chosen_also_for_another_process() -> None:
    parser = argparse.ArgumentParser()
    add_packs(parser)
    words = ["--disable-pack=one", "--only-pack=one", "--only-pack=two", "--safe-mode", "--pack-seconds=3.5"]
    given = parser.parse_args(["--custom-nodes=here", *words])
    choice = pack_choice(given)
    assert choice == PackChoice(frozenset({"one"}), frozenset({"one", "two"}), True, 3.5)
    again = parser.parse_args(pack_words(given))
    assert pack_choice(again) == choice
    assert pack_folders(again) == pack_folders(given) == (Path("here").absolute(),)
    plain = parser.parse_args([])
    assert pack_choice(plain) == PackChoice()
    assert pack_choice(parser.parse_args(pack_words(plain))) == PackChoice()


def test_what_packs_print_never_gets_into_an_answer(packs: Path, tmp_path: Path) -> None:
    (packs / "loud.py").write_text(SHOUTING)
    described = called("nodes", "ToyNumber", "--json", f"--custom-nodes={packs}")
    assert json.loads(described.stdout)["ToyNumber"]["python_module"] == "custom_nodes.loud"
    assert "noise of an import" in described.stderr
    workflow = tmp_path / "workflow.json"
    workflow.write_text(json.dumps({"1": {"class_type": "ToyNumber", "inputs": {"value": 4}}}))
    folders = [f"--{name}={tmp_path / name}" for name in ("output", "temp", "user")]
    ran = called("run", str(workflow), "--json", f"--custom-nodes={packs}", *folders)
    assert json.loads(ran.stdout)["status"] == "success"
    assert "noise of a run" in ran.stderr


SHOWS = """
import torch
from comfy_api.latest import ComfyAPISync, ComfyExtension, io, ui

class Shows(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(node_id="Shows", inputs=[io.Int.Input("side", default=8)], is_output_node=True)

    @classmethod
    def execute(cls, side):
        picture = torch.ones(1, side, side, 3)
        ComfyAPISync().execution.set_progress(1, 1, preview_image=picture)
        return io.NodeOutput(ui=ui.PreviewImage(picture, cls=cls))

class Extension(ComfyExtension):
    async def get_node_list(self):
        return [Shows]

async def comfy_entrypoint():
    return Extension()
"""


def test_nodes_of_packs_show_pictures_in_a_run(packs: Path, tmp_path: Path) -> None:
    (packs / "shows.py").write_text(SHOWS, encoding="utf-8")
    workflow = tmp_path / "shows.json"
    workflow.write_text(json.dumps({"1": {"class_type": "Shows", "inputs": {"side": 8}}}), encoding="utf-8")
    folders = [f"--{name}={tmp_path / name}" for name in ("output", "temp", "user", "input")]
    done = called("run", str(workflow), "--only-pack", "shows", "--custom-nodes", str(packs), *folders)
    assert done.returncode == 0, done.stderr
    assert [path.suffix for path in (tmp_path / "temp").rglob("*") if path.is_file()] == [".png"]
