"""Options that several commands share: folders, cache sizes, and the words people write them in."""

import argparse
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = re.compile(r"^(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[KMGT]?)(?:i?B)?$", re.IGNORECASE)
UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def byte_size(text: str) -> int:
    """Bytes of `512M`, `2G`, `1.5GiB` or `0`; units are powers of 1024."""
    found = SIZE.match(text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"expected a size as 512M, 2G or 0; found '{text}'")
    return int(float(found["number"]) * UNITS[found["unit"].upper()])


WORKFLOW = "JSON (the API form, or as an editor saves it), YAML, a picture that carries one, or - for standard input"
"""What may stand for a workflow, for the help of the commands that take one."""


def home() -> Path:
    """Where the five folders lie unless an option says otherwise: the checkout, or where the user stands."""
    return ROOT if (ROOT / "pyproject.toml").is_file() else Path.cwd()


def add_folders(parser: argparse.ArgumentParser) -> None:
    """--models, --input, --output, --temp, --user and --further-models."""
    group = parser.add_argument_group("folders")
    base = home()
    for name, meaning in (
        ("models", "weights, by category"),
        ("input", "pictures that workflows load"),
        ("output", "where pictures are saved"),
        ("temp", "previews and other passing files"),
        ("user", "the disk cache and settings"),
    ):
        group.add_argument(
            f"--{name}", type=Path, metavar="DIR", default=base / name, help=f"{meaning} (default: {name}/)"
        )
    group.add_argument("--further-models", type=Path, metavar="FILE", help="a YAML file that names more model folders")


def add_cache(parser: argparse.ArgumentParser, memory: str = "2G") -> None:
    """--cache-memory, --cache-disk and --no-cache. memory: how much of it is used unless said otherwise."""
    group = parser.add_argument_group("cache")
    group.add_argument(
        "--cache-memory", type=byte_size, default=memory, metavar="SIZE", help=f"results kept in memory ({memory})"
    )
    group.add_argument(
        "--cache-disk", type=byte_size, default="10G", metavar="SIZE", help="results kept on disk; 0 for none (10G)"
    )
    group.add_argument("--no-cache", action="store_true", help="run every node; neither read nor write stored results")


def add_changes(parser: argparse.ArgumentParser) -> None:
    """--set and --seed: what to change in the workflow before it is used."""
    group = parser.add_argument_group("changes to the workflow")
    group.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NODE.INPUT=VALUE",
        dest="settings",
        help="give an input another value; NODE is an id, a title or, where it is the only one, a class; may repeat",
    )
    group.add_argument("--seed", type=int, metavar="N", help="the value of every seed input")
