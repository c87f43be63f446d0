"""A workflow is read from JSON, YAML, standard input or a picture that carries one."""

import io
import json
import sys
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cli.reading import SourceError, read_source
from graph.workflow import to_api

STEPS = {"1": {"class_type": "Paint", "inputs": {"text": "näve 🐸", "seed": 2**63}}}
YAML = "1:\n  class_type: Paint\n  inputs:\n    text: näve 🐸\n    seed: 9223372036854775808\n"


def picture(path: Path, **texts: str) -> Path:
    info = PngInfo()
    for key, text in texts.items():
        info.add_itxt(key, text)
    Image.new("RGB", (4, 4)).save(path, pnginfo=info)
    return path


def test_json_and_yaml_files_give_the_same_workflow(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(STEPS), encoding="utf-8")
    (tmp_path / "a.yml").write_text(YAML, encoding="utf-8")
    assert to_api(read_source(str(tmp_path / "a.json")).workflow) == STEPS
    assert to_api(read_source(str(tmp_path / "a.yml")).workflow) == STEPS


@pytest.mark.parametrize("text", [json.dumps(STEPS), "\n " + json.dumps(STEPS), YAML])
def test_standard_input_may_be_json_or_yaml(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert to_api(read_source("-").workflow) == STEPS


def test_a_picture_gives_its_workflow_and_what_came_along(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", prompt=json.dumps(STEPS), workflow='{"nodes": []}', Comment="by hand")
    source = read_source(str(path))
    assert to_api(source.workflow) == STEPS
    assert source.extra == {"workflow": {"nodes": []}}


def test_a_picture_is_known_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", prompt=json.dumps(STEPS)).rename(tmp_path / "a.json")
    assert to_api(read_source(str(path)).workflow) == STEPS


def test_a_picture_without_a_workflow_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"text 'prompt' or 'workflow'; found these texts: parameters"):
        read_source(str(picture(tmp_path / "a.png", parameters="steps: 20")))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", '{"1": ', r"a\.json: line 1, column"),
        ("a.json", '{"nodes": [], "links": []}', "convert FILE --to api"),
        ("a.yaml", "1: [", r"a\.yaml: .*YAML"),
    ],
)
def test_a_broken_file_is_named_with_the_place(name: str, text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError, match=words):
        read_source(str(tmp_path / name))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.json: there is no such file"):
        read_source(str(tmp_path / "none.json"))
    with pytest.raises(SourceError, match="directory"):
        read_source(str(tmp_path))
