"""`main.py run` as people and scripts meet it: a workflow file in, pictures, a summary and an exit code out."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from main import main
from storage.png_text import read_texts

ROOT = Path(__file__).resolve().parents[2]
LOADER, PROMPT, EMPTY, SAMPLER, DECODE, SAVE = "4", "6", "5", "3", "8", "9"


def workflow(steps: int = 2) -> dict[str, Any]:
    """A prompt to a picture of 64 × 64 pixels."""
    return {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny.safetensors"}},
        "6": {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": "a red apple", "clip": ["4", 1]},
            "_meta": {"title": "prompt"},
        },
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["4", 0],
                "seed": 1,
                "steps": steps,
                "cfg": 5.0,
                "sampler_name": "euler",
                "scheduler": "karras",
                "positive": ["6", 0],
                "negative": ["7", 0],
                "latent_image": ["5", 0],
                "denoise": 1.0,
            },
        },
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "picture"}},
    }


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Bench:
    """A folder with a workflow, and the command line called on it, here or in a process of its own."""

    folder: Path
    models: Path
    capture: pytest.CaptureFixture[str]

    def write(self, steps: Mapping[str, Any], name: str = "workflow.json") -> str:
        path = self.folder / name
        path.write_text(json.dumps(steps), encoding="utf-8")
        return str(path)

    def words(self, *further: str, output: str = "output") -> list[str]:
        folders = [f"--{name}={self.folder / name}" for name in ("input", "temp", "user")]
        return ["run", *folders, f"--models={self.models}", f"--output={self.folder / output}", *further]

    def here(self, *further: str, output: str = "output") -> Answer:
        self.capture.readouterr()
        code = main(self.words(*further, output=output))
        captured = self.capture.readouterr()
        return Answer(code, captured.out, captured.err)

    def process(self, *further: str, output: str = "output") -> Answer:
        words = [sys.executable, "main.py", *self.words(*further, output=output)]
        ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    def summary(self, *further: str, output: str = "output") -> dict[str, Any]:
        answer = self.here("--json", *further, output=output)
        assert answer.code == 0, answer.err
        return json.loads(answer.out)


@pytest.fixture
def bench(tmp_path: Path, tiny_models: Path, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, tiny_models, capsys)


def test_the_path_of_the_picture_is_all_of_the_answer(bench: Bench) -> None:
    answer = bench.process(bench.write(workflow()))
    assert answer.code == 0, answer.err
    assert answer.out == f"{bench.folder / 'output' / 'picture_00001_.png'}\n"
    assert Path(answer.out.strip()).read_bytes().startswith(b"\x89PNG")
    assert "7 run, 0 cached" in answer.err


def test_after_a_restart_the_disk_serves_what_did_not_change(bench: Bench) -> None:
    file = bench.write(workflow())
    first = json.loads(bench.process("--json", file).out)
    assert sorted(first["executed"]) == ["3", "4", "5", "6", "7", "8", "9"]
    assert first["cached"] == []
    assert set(first["seconds"]) == set(first["executed"])
    assert first["total_seconds"] >= max(first["seconds"].values())
    assert [output["node"] for output in first["outputs"]] == [SAVE]

    again = bench.summary(file)
    assert again["executed"] == []
    assert again["cached"] == [SAVE]
    assert again["outputs"] == first["outputs"]

    elsewhere = bench.summary(file, output="elsewhere")
    assert elsewhere["executed"] == [SAVE]
    assert elsewhere["cached"] == [DECODE]
    pictures = [Path(run["outputs"][0]["path"]) for run in (first, elsewhere)]
    assert pictures[0].parent != pictures[1].parent
    assert pictures[0].read_bytes() == pictures[1].read_bytes()

    pictures[0].unlink()
    assert bench.summary(file)["executed"] == [SAVE]

    seeded = bench.summary(file, "--seed", "8")
    assert SAMPLER in seeded["executed"]
    assert not {PROMPT, EMPTY, "7"} & set(seeded["executed"])


def test_the_same_workflow_twice_gives_the_same_bytes(bench: Bench) -> None:
    file = bench.write(workflow())
    runs = [bench.summary(file, "--no-cache", output=name) for name in ("one", "two")]
    assert [len(run["executed"]) for run in runs] == [7, 7]
    one, two = (Path(run["outputs"][0]["path"]).read_bytes() for run in runs)
    assert one == two
    other = bench.summary(file, "--no-cache", "--set", "KSampler.seed=2", output="three")
    assert Path(other["outputs"][0]["path"]).read_bytes() != one


def test_a_picture_is_run_again_as_the_workflow_it_carries(bench: Bench) -> None:
    settings = ["--set", "prompt.text=a green frog", "--set", "KSampler.steps=1", "--extra", 'workflow={"by": "me"}']
    first = bench.summary(bench.write(workflow()), *settings)
    picture = first["outputs"][0]["path"]
    again = bench.summary(picture, output="again")
    assert again["executed"] == [SAVE]
    assert Path(again["outputs"][0]["path"]).read_bytes() == Path(picture).read_bytes()
    with Path(picture).open("rb") as file:
        texts = read_texts(file)
    assert json.loads(texts.prompt or "")["6"]["inputs"]["text"] == "a green frog"
    assert json.loads(texts.prompt or "")["3"]["inputs"]["steps"] == 1
    assert json.loads(texts.workflow or "") == {"by": "me"}


def test_an_invalid_workflow_ends_with_2_and_all_its_problems(bench: Bench) -> None:
    broken = workflow()
    broken["3"]["inputs"]["steps"] = 0
    broken["8"]["class_type"] = "VAEDecoder"
    answer = bench.here("--json", bench.write(broken))
    summary = json.loads(answer.out)
    assert answer.code == 2
    assert summary["status"] == "invalid"
    assert (summary["outputs"], summary["executed"]) == ([], [])
    found = {(problem["node"], problem["input"], problem["code"]) for problem in summary["problems"]}
    assert {("3", "steps", "too_small"), ("8", None, "unknown_node")} <= found
    assert all(problem["message"] and problem["remedy"] for problem in summary["problems"])
    assert "VAEDecode" in answer.err
    assert not (bench.folder / "output").exists()


def test_a_failing_node_ends_with_1_and_is_named(bench: Bench) -> None:
    damaged = bench.folder / "models" / "checkpoints" / "tiny.safetensors"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes((bench.models / "checkpoints" / "tiny.safetensors").read_bytes()[:5000])
    answer = bench.here("--json", bench.write(workflow()), f"--models={bench.folder / 'models'}")
    error = json.loads(answer.out)["error"]
    assert answer.code == 1
    assert (error["node"], error["class_type"]) == (LOADER, "CheckpointLoaderSimple")
    assert error["inputs"] == {"ckpt_name": ["'tiny.safetensors'"]}
    assert any("load_checkpoint" in line for line in error["traceback"])
    assert "step 4 (CheckpointLoaderSimple) failed" in answer.err


def test_ctrl_c_stops_between_steps_and_ends_with_130(bench: Bench) -> None:
    words = [sys.executable, "main.py", *bench.words("--json", bench.write(workflow(steps=9000)))]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stderr:
            if "9000 steps" in line:
                break
        process.send_signal(signal.SIGINT)
        answer, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    summary = json.loads(answer)
    assert summary["status"] == "interrupted"
    assert SAMPLER not in summary["executed"]
    assert LOADER in summary["executed"]
    assert "Traceback" not in errors


def test_a_second_ctrl_c_ends_the_process_at_once() -> None:
    program = (
        "import time\nfrom cli.interrupts import asked_to_stop\n"
        "with asked_to_stop() as asked:\n    print('ready', flush=True)\n"
        "    while not asked.is_set():\n        time.sleep(0.01)\n"
        "    print('asked', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == -signal.SIGINT
