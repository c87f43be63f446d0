"""Which version this is."""

from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def version() -> str:
    """The version in pyproject.toml of a checkout, else the installed one."""
    import tomllib

    project = ROOT / "pyproject.toml"
    if project.is_file():
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("nodeloom")
