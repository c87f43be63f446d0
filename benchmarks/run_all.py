"""Run every benchmark of this folder, keep what they say as JSON lines and lay it out as a table.

Each script prints JSON objects, one a line: `question` (a sentence), `value` and `unit`; if there are, `target` (a
sentence such as "at most 1.15"), `met` (true or false), `setting`, what was measured on what, and `note`, which is
printed below the table. Whatever else it says goes to standard error.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
RESULTS = FOLDER / "results.jsonl"
TABLE = ROOT / "docs" / "benchmarks.md"

Line = Mapping[str, object]


def scripts(wanted: Sequence[str]) -> list[Path]:
    """The scripts to run: those named, or all but this one."""
    found = {path.stem: path for path in sorted(FOLDER.glob("*.py")) if path != Path(__file__).resolve()}
    unknown = [name for name in wanted if name not in found]
    if unknown:
        sys.exit(f"No benchmark is named {', '.join(unknown)}. There are: {', '.join(found)}.")
    return [found[name] for name in wanted] if wanted else list(found.values())


def lines_of(script: Path) -> Iterator[Line]:
    """Run one script and read its lines; a script that fails gives one line that says so."""
    print(f"{script.stem} …", file=sys.stderr, flush=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    for text in answer.stdout.splitlines():
        if text.startswith("{"):
            line = json.loads(text)
            missing = {"question": "What does this line say?", "error": f"no question in {text[:60]}"}
            yield {"benchmark": script.stem, **line, **({} if "question" in line else missing)}
    if answer.returncode:
        yield {"benchmark": script.stem, "question": "Did it run?", "error": f"exit code {answer.returncode}"}


def machine() -> Line:
    """Where it was measured."""
    import torch

    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__.partition("+")[0],
    }


def processor() -> str:
    """The processor's name as the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for text in cpuinfo.read_text().splitlines():
            if text.startswith("model name"):
                return text.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def table(results: Sequence[Line], where: Line) -> str:
    """The page with one row for each line."""
    rows = [
        f"| {row['benchmark']} | {row['question']} | {value(row)} | {row.get('target', '')} | {verdict(row)} |"
        for row in results
    ]
    measured = ", ".join(f"{name} {what}" for name, what in where.items() if name != "date")
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Written by `make bench` on {where['date']}: {measured}.",
            "Ratios compare two things measured in the same run; the lines with their settings are in",
            "`benchmarks/results.jsonl`.",
            "",
            "| benchmark | question | measured | target | met |",
            "|---|---|---|---|---|",
            *rows,
            "",
            *(f"{row['question']}: {row['note']}\n" for row in results if "note" in row),
        ]
    )


def value(row: Line) -> str:
    """The measured value with its unit, short."""
    if "error" in row:
        return f"failed: {row['error']}"
    number = row.get("value")
    text = f"{number:.4g}" if isinstance(number, float) else str(number)
    return f"{text} {row.get('unit', '')}".strip()


def verdict(row: Line) -> str:
    """Yes, no or nothing."""
    return {True: "yes", False: "no"}.get(row.get("met"), "")  # type: ignore[arg-type]  # absent is one of the answers


def main() -> int:
    """Measure, keep, lay out. A run of some benchmarks replaces their lines only."""
    parser = argparse.ArgumentParser(description="Run the benchmarks; without names all of them.")
    parser.add_argument("names", nargs="*", help="benchmarks by the name of their file")
    wanted = scripts(parser.parse_args().names)
    kept = [json.loads(text) for text in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    again = {script.stem for script in wanted}
    where = machine()
    fresh = [{**line, **where} for script in wanted for line in lines_of(script)]
    results = sorted(
        [line for line in kept if line["benchmark"] not in again] + fresh, key=lambda line: line["benchmark"]
    )
    RESULTS.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in results), encoding="utf-8")
    TABLE.write_text(table(results, where), encoding="utf-8")
    print(TABLE.relative_to(ROOT))
    return int(any("error" in line for line in fresh))


if __name__ == "__main__":
    sys.exit(main())
