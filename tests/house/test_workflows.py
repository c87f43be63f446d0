"""Every workflow that ships is valid, and renders with the model that ships."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / "workflows").glob("*.json"))


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "main.py", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_there_are_workflows() -> None:
    assert ROOT / "workflows" / "text_to_image.json" in WORKFLOWS


def test_every_workflow_checks_clean() -> None:
    answer = command("check", *map(str, WORKFLOWS))
    assert answer.returncode == 0, answer.stderr + answer.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_stands_in_the_readme(workflow: Path) -> None:
    assert f"`{workflow.name}`" in (ROOT / "workflows" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_renders(workflow: Path, tmp_path: Path) -> None:
    folders = [f"--{name}={tmp_path / name}" for name in ("output", "temp", "user")]
    answer = command("run", str(workflow), "--json", "--cache-disk", "0", *folders)
    assert answer.returncode == 0, answer.stderr
    summary = json.loads(answer.stdout)
    assert summary["status"] == "success"
    assert summary["outputs"]
    assert all(Path(output["path"]).stat().st_size for output in summary["outputs"])
