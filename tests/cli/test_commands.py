"""check, plan, nodes, completion and the program itself, called in this process."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli import COMMANDS
from cli.completion import SHELLS, options
from main import main

STEPS: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 255}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}, "_meta": {"title": "Other way"}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "a"}},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(STEPS))
    return path


def folders(path: Path) -> list[str]:
    return [f"--{name}={path.parent / name}" for name in ("models", "input", "output", "temp", "user")]


def test_check_says_that_all_is_well(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(file), *folders(file)]) == 0
    assert capsys.readouterr().out == f"{file}: no problems\n"


def test_check_is_silent_on_request(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--quiet", str(file), str(file), *folders(file)]) == 0
    assert capsys.readouterr() == ("", "")


def test_check_lists_every_problem_with_its_remedy(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["--set", "1.width=0", "--set", '2.image=["1", 7]']
    assert main(["check", str(file), *settings, *folders(file)]) == 2
    answer = capsys.readouterr()
    assert answer.out == f"{file}: 2 errors\n"
    assert "step 1, input width: " in answer.err
    assert "[too_small]" in answer.err
    assert "step 2, input image: " in answer.err
    assert "[slot_out_of_range]" in answer.err


def test_check_answers_programs_with_the_same_problems(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(file), "--json", "--set", "1.width=0", *folders(file)]) == 2
    report = json.loads(capsys.readouterr().out)
    assert report["valid"] is False
    (problem,) = report["problems"]
    assert (problem["node"], problem["input"], problem["code"]) == ("1", "width", "too_small")


def test_what_cannot_be_read_or_set_is_a_problem_as_well(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(file.with_name("none.json"))
    assert main(["check", "--json", missing, str(file), *folders(file)]) == 2
    reports = json.loads(capsys.readouterr().out)
    assert [report["valid"] for report in reports] == [False, True]
    assert reports[0]["problems"][0]["code"] == "unreadable"
    assert main(["check", "--json", str(file), "--set", "Inverse.image=1", *folders(file)]) == 2
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "bad_setting"


def test_plan_says_what_would_run_and_after_a_run_what_is_cached(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(file), "--json", *folders(file)]) == 0
    before = json.loads(capsys.readouterr().out)
    assert [(step["node"], step["action"]) for step in before["steps"]] == [("1", "run"), ("2", "run"), ("3", "run")]
    assert before["steps"][1]["title"] == "Other way"

    assert main(["run", "--quiet", str(file), *folders(file)]) == 0
    assert capsys.readouterr() == (f"{file.parent / 'output' / 'a_00001_.png'}\n", "")

    assert main(["plan", str(file), *folders(file)]) == 0
    assert "0 to run, 1 cached, 2 not needed" in capsys.readouterr().out

    assert main(["plan", str(file), "--json", "--set", "SaveImage.filename_prefix=b", *folders(file)]) == 0
    after = {step["node"]: step for step in json.loads(capsys.readouterr().out)["steps"]}
    assert [after[node]["action"] for node in "123"] == ["not needed", "cached", "run"]
    assert "filename_prefix" in after["3"]["why"]


def test_plan_of_an_invalid_workflow_ends_with_2(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(file), "--json", "--set", "1.width=0", *folders(file)]) == 2
    assert json.loads(capsys.readouterr().out)["status"] == "invalid"


def test_a_file_of_folders_that_is_none_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["nodes"], ["check", str(file)], ["plan", str(file)], ["run", str(file)]):
        assert main([*command, f"--further-models={file.with_name('none.yaml')}", *folders(file)]) == 2
        assert "none.yaml: expected a readable YAML file" in capsys.readouterr().err


def test_nodes_lists_and_describes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes", *folders(file)]) == 0
    assert "KSampler " in capsys.readouterr().out
    assert main(["nodes", "KSampler", *folders(file)]) == 0
    page = capsys.readouterr().out
    assert "latent_image" in page
    assert "one of euler, " in page
    assert main(["nodes", "KSampler", "--json", *folders(file)]) == 0
    info = json.loads(capsys.readouterr().out)["KSampler"]
    assert info["input"]["required"]["seed"][1]["max"] == 2**64 - 1
    assert info["output"] == ["LATENT"]


def test_an_unknown_node_is_answered_with_near_names(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes", "KSamplr", *folders(file)]) == 2
    assert "'KSampler'" in capsys.readouterr().err


def test_an_unknown_command_is_answered_with_a_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rnu"])
    assert ended.value.code == 2
    assert "Did you mean 'run'?" in capsys.readouterr().err


@pytest.mark.parametrize("size", ["2X", "-1", "lots", ""])
def test_a_size_that_is_none_is_refused(size: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", str(file), f"--cache-disk={size}"])
    assert ended.value.code == 2
    assert "expected a size as 512M, 2G or 0" in capsys.readouterr().err


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_a_completion_script_knows_every_command_and_option(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(command in script for command in COMMANDS)
    assert all(option.lstrip("-") in script for found in options().values() for option, _ in found)


def test_the_version_is_that_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("Nodeloom 0.")
