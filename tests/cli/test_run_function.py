"""`main.py run NAME --input …`: a published workflow is called from the command line, its inputs typed by its nodes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cli.inputs import add_inputs
from cli.options import add_folders
from main import main
from storage.published import Published

FUNCTION: dict[str, Any] = {
    "description": "a plain picture, and its inverse, which is no output",
    "workflow": {
        "1": {"class_type": "EmptyImage", "inputs": {"height": 8, "batch_size": 1, "color": 255}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}},
        "3": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "other"}},
    },
    "inputs": {
        "width": {"node": "1", "input": "width"},
        "high": {"node": "1", "input": "height"},
        "count": {"node": "1", "input": "batch_size", "default": 2},
        "name": {"node": "2", "input": "filename_prefix"},
    },
    "outputs": {"picture": {"node": "2"}},
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    Published.in_user_folder(tmp_path / "user").write("plain", FUNCTION)

    def call(*words: str) -> tuple[int, str, str]:
        folders = [f"--{name}={tmp_path / name}" for name in ("models", "output", "temp", "user")]
        capsys.readouterr()
        code = main(["run", *words, *folders])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_published_workflow_runs_for_its_outputs_with_its_inputs_set(run: Run, tmp_path: Path) -> None:
    code, out, err = run("plain", "--input", "width=24", "--input=name=a = b", "--quiet")
    assert code == 0, err
    paths = [Path(line) for line in out.splitlines()]
    assert [path.name for path in paths] == ["a = b_00001_.png", "a = b_00002_.png"]
    with Image.open(paths[0]) as picture:
        assert picture.size == (24, 8)
        assert json.loads(picture.text["prompt"])["1"]["inputs"]["width"] == 24  # type: ignore[attr-defined]
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == [path.name for path in paths]


def test_all_that_is_wrong_is_told_by_the_names_of_the_inputs(run: Run) -> None:
    words = ("--input", "high=0", "--input", "count=two", "--input", "hihg=3")
    code, out, err = run("plain", "--json", *words)
    assert code == 2
    found = {problem["input"]: problem["code"] for problem in json.loads(out)["problems"]}
    assert found == {
        "hihg": "unknown_input",
        "width": "missing_input",
        "high": "too_small",
        "count": "wrong_type",
    }
    for name in found:
        assert f"input {name!r}" in err
    assert "Did you mean 'high'?" in err
    assert "nothing was run" in err


def test_changes_by_set_come_after_the_inputs(run: Run) -> None:
    code, out, err = run("plain", "--quiet", "--input", "width=16", "--set", "1.width=32", "--input", "count=1")
    assert code == 0, err
    with Image.open(out.strip()) as picture:
        assert picture.size == (32, 8)


def test_inputs_for_a_file_are_refused_with_a_sentence(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plain.json"
    file.write_text(json.dumps(FUNCTION["workflow"]))
    code, out, err = run(str(file), "--input", "width=3", "--json")
    assert (code, json.loads(out)["problems"][0]["code"]) == (2, "no_function")
    assert "is a file" in err
    assert "--set" in err


def test_a_name_that_nobody_published_is_told_with_those_there_are(run: Run) -> None:
    code, _, err = run("plane", "--input", "width=3")
    assert code == 2
    assert "no published workflow is named 'plane'" in err
    assert "There are: plain." in err
    code, _, err = run("../user/workflows/plain", "--input", "width=3")
    assert code == 2


def test_a_file_goes_before_a_published_workflow_of_the_same_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plain").write_text(json.dumps({"1": {"class_type": "Nothing", "inputs": {}}}))
    code, _, err = run("plain")
    assert code == 2
    assert "there is no node 'Nothing'" in err


def test_a_file_in_the_folder_that_is_no_function_is_told(run: Run, tmp_path: Path) -> None:
    Published.in_user_folder(tmp_path / "user").write("broken", {"workflow": 5})
    code, _, err = run("broken")
    assert code == 2
    assert "the published workflow 'broken'" in err


@pytest.mark.parametrize(
    ("words", "folder", "values"),
    [
        ([], None, {}),
        (["--input", "pictures"], "pictures", {}),
        (["--input=/tmp/a=b"], "/tmp/a=b", {}),
        (["--input", "./a=b"], "a=b", {}),
        (
            ["--input", "a=b", "--input=c=", "--input", "pictures", "--input", "a=d=e"],
            "pictures",
            {"a": "d=e", "c": ""},
        ),
        (["--input", "text=two\nlines"], None, {"text": "two\nlines"}),
    ],
)
def test_the_two_meanings_of_the_option_are_told_apart(
    words: list[str], folder: str | None, values: dict[str, str]
) -> None:
    import argparse

    from cli.options import home

    parser = argparse.ArgumentParser()
    add_folders(parser)
    add_inputs(parser)
    for _ in range(2):  # nothing is left over from one call to the next
        found = parser.parse_args(words)
        assert found.input == (home() / "input" if folder is None else Path(folder))
        assert found.values == values
    assert parser.format_help().count("--input") == 2  # the usage and the one explanation
