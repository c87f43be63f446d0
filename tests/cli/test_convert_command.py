"""`convert` turns one form into the other; `run`, `check` and `plan` take an editor's file as it is."""

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from main import main

STEPS: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 16, "batch_size": 1, "color": 255}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}
INFO = {
    "Far.Away": {
        "input": {"required": {"pixels": ["IMAGE"], "amount": ["INT", {"default": 1}]}},
        "output": ["IMAGE"],
        "display_name": "Far away",
    }
}


def drawn(**more: Any) -> dict[str, Any]:
    return {
        "nodes": [
            {"id": 1, "type": "EmptyImage", "outputs": [{"name": "IMAGE"}], "widgets_values": [8, 16, 1, 255]},
            {"id": 2, "type": "SaveImage", "inputs": [{"name": "images", "link": 1}], "widgets_values": ["a"]},
        ],
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
        "version": 0.4,
        **more,
    }


def with_unknown() -> dict[str, Any]:
    data = drawn()
    data["nodes"].append(
        {"id": 3, "type": "Far.Away", "inputs": [{"name": "pixels", "link": 2}], "widgets_values": [5]}
    )
    data["links"].append([2, 1, 0, 3, 0, "IMAGE"])
    return data


def written(path: Path, data: object) -> str:
    path.write_text(json.dumps(data), encoding="utf-8")
    return str(path)


def folders(path: Path) -> list[str]:
    return [f"--{name}={path / name}" for name in ("models", "input", "output", "temp", "user")]


def without_meta(steps: dict[str, Any]) -> dict[str, Any]:
    return {name: {key: each[key] for key in each if key != "_meta"} for name, each in steps.items()}


def test_an_editors_file_is_printed_in_the_api_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", written(tmp_path / "a.json", drawn()), *folders(tmp_path)]) == 0
    told = capsys.readouterr()
    assert without_meta(json.loads(told.out)) == STEPS
    assert told.err == ""


def test_the_api_form_becomes_a_file_that_reads_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "editor.json"
    words = ["--to", "editor", "-o", str(out), "--indent", "0", *folders(tmp_path)]
    assert main(["convert", written(tmp_path / "a.json", STEPS), *words]) == 0
    assert capsys.readouterr().out == ""
    assert out.read_text().count("\n") == 1
    assert main(["convert", str(out), *folders(tmp_path)]) == 0
    assert without_meta(json.loads(capsys.readouterr().out)) == STEPS


def test_standard_input_and_pictures_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(drawn()).encode())))
    assert main(["convert", "-", *folders(tmp_path)]) == 0
    assert without_meta(json.loads(capsys.readouterr().out)) == STEPS
    info = PngInfo()
    info.add_text("workflow", json.dumps(drawn()))
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=info)
    assert main(["convert", str(tmp_path / "a.png"), *folders(tmp_path)]) == 0
    assert without_meta(json.loads(capsys.readouterr().out)) == STEPS
    assert main(["convert", str(tmp_path / "a.png"), "--to", "editor", *folders(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == drawn()


@pytest.mark.parametrize("packed", [False, True])
def test_a_description_tells_the_names_of_values_of_a_node_that_is_not_installed(
    packed: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "a.json", with_unknown())
    assert main(["convert", file, *folders(tmp_path)]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["3"]["inputs"] == {"pixels": ["1", 0]}
    assert "step 3 is a node 'Far.Away' that is not known here" in told.err
    assert "--nodes" in told.err
    text = json.dumps(INFO).encode()
    nodes = tmp_path / ("info.json.gz" if packed else "info.json")
    nodes.write_bytes(gzip.compress(text) if packed else text)
    assert main(["convert", file, "--nodes", str(nodes), *folders(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["3"]["inputs"] == {"pixels": ["1", 0], "amount": 5}


def test_what_cannot_be_converted_is_refused_with_place_and_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = drawn()
    broken["nodes"][1]["widgets_values"] = 7
    assert main(["convert", written(tmp_path / "a.json", broken), *folders(tmp_path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "node 2: widgets_values is a list or an object, found a number (at nodes.1.widgets_values)" in told.err
    good = written(tmp_path / "b.json", drawn())
    for nodes in (b"\x1f\x8bnot gzip", b"[1]", b"{"):
        (tmp_path / "info").write_bytes(nodes)
        assert main(["convert", good, "--nodes", str(tmp_path / "info"), *folders(tmp_path)]) == 2
        assert "bad_nodes" in capsys.readouterr().err
    assert main(["convert", good, "-o", str(tmp_path / "no" / "b.json"), *folders(tmp_path)]) == 2
    assert "No such file" in capsys.readouterr().err


def test_check_plan_and_run_take_an_editors_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path / "a.json", drawn())
    assert main(["check", file, *folders(tmp_path)]) == 0
    assert main(["plan", file, *folders(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["run", file, "--quiet", *folders(tmp_path)]) == 0
    saved = Path(capsys.readouterr().out.strip())
    with Image.open(saved) as picture:
        assert picture.size == (8, 16)
        assert json.loads(picture.text["workflow"]) == drawn()  # type: ignore[attr-defined]
        assert without_meta(json.loads(picture.text["prompt"])) == STEPS  # type: ignore[attr-defined]
    assert main(["check", written(tmp_path / "b.json", with_unknown()), *folders(tmp_path)]) == 2
    assert "Far.Away" in capsys.readouterr().err
