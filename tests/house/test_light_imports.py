"""What must start at once stays light: measured by the modules that get imported, which no busy machine can blur."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "transformers", "tokenizers", "diffusers", "torchsde", "scipy"}
NOT_FOR_HELP = HEAVY | {
    "networkx", "rich", "numpy", "PIL", "yaml", "safetensors", "asyncio", "graph", "nodes", "diffusion", "storage",
}  # fmt: skip
MOST_MODULES_FOR_HELP = 110


def modules_after(statement: str) -> set[str]:
    """Every module that is loaded once `statement` has run in a fresh interpreter, standard output aside."""
    program = (
        "import contextlib, io, sys\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    {statement}\n"
        "import json; print(json.dumps(sorted(sys.modules)))\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(answer.stdout))


def tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_the_engine_loads_no_model_library() -> None:
    modules = [f"graph.{path.stem}" for path in (ROOT / "graph").glob("*.py") if path.stem != "__init__"]
    assert not tops(modules_after(f"import graph, {', '.join(modules)}")) & (HEAVY | {"numpy", "nodes", "diffusion"})


def test_storage_loads_no_model_library() -> None:
    modules = [f"storage.{path.stem}" for path in (ROOT / "storage").glob("*.py") if path.stem != "__init__"]
    assert not tops(modules_after(f"import storage, {', '.join(modules)}")) & (HEAVY | {"nodes", "diffusion", "graph"})


@pytest.mark.parametrize("room", ["runs", "server", "packs", "tools"])
def test_a_room_beside_the_model_core_loads_no_model_library(room: str) -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.stem != "__init__" and "compat" not in path.relative_to(ROOT).parts
    ]
    assert not tops(modules_after(f"import {room}, {', '.join(modules)}")) & (HEAVY | {"numpy", "nodes", "diffusion"})


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    modules = modules_after(f"import main; main.main(['{command}', '--help'])")
    assert not tops(modules) & NOT_FOR_HELP
    assert len(modules) <= MOST_MODULES_FOR_HELP


def test_help_of_the_program_loads_no_command() -> None:
    modules = modules_after("import main; main.main(['--help'])")
    assert not {name for name in modules if name.startswith("cli.")} & {f"cli.{command}" for command in COMMANDS}
    assert not tops(modules) & NOT_FOR_HELP


@pytest.mark.parametrize("module", sorted(f"cli.{path.stem}" for path in (ROOT / "cli").glob("[!_]*.py")))
def test_importing_a_module_of_the_command_line_loads_no_model_library(module: str) -> None:
    assert not tops(modules_after(f"import {module}")) & (HEAVY | {"nodes", "diffusion"})
