"""How long from the start of the process to the first denoising step?

The command line is called as a person would, with the model that ships; the clock stops when it reports the first step.
A process that only imports torch and transformers is timed in turns with it, to tell the machine's part from ours.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = ROOT / "workflows" / "text_to_image.json"
ROUNDS = 3
FIRST_STEP = " steps …"  # what `run` writes where standard error is no terminal


def first_step(folder: Path) -> float:
    """Seconds until the command line says that it denoises; the process is ended then."""
    folders = [f"--{name}={folder / name}" for name in ("output", "temp", "user")]
    words = [sys.executable, "main.py", "run", str(WORKFLOW), "--no-cache", *folders]
    started = time.perf_counter()
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        said: list[str] = []
        for line in process.stderr or ():
            said.append(line)
            if FIRST_STEP in line:
                seconds = time.perf_counter() - started
                process.kill()
                return seconds
    raise SystemExit(f"the workflow ended without a denoising step:\n{''.join(said)}")


def libraries() -> float:
    """Seconds of a process that imports the libraries and does nothing."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch, transformers"], cwd=ROOT, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure in turns; the first round warms the disk and does not count."""
    with tempfile.TemporaryDirectory() as folder:
        rounds = [(first_step(Path(folder)), libraries()) for _ in range(ROUNDS + 1)][1:]
    ours = statistics.median(first for first, _ in rounds)
    theirs = statistics.median(second for _, second in rounds)
    setting = f"{WORKFLOW.name}, medians of {ROUNDS} rounds; importing torch and transformers alone {theirs:.2f} s"
    for question, value, unit in (
        ("Process start to first denoising step", round(ours, 2), "s"),
        ("The same against importing torch and transformers", round(ours / theirs, 2), "×"),
    ):
        print(json.dumps({"question": question, "value": value, "unit": unit, "setting": setting}, ensure_ascii=False))


if __name__ == "__main__":
    main()
