"""What people see: lines and bars on standard error; standard output is for the answer alone."""

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def errors() -> "Console":
    """A console on standard error, for bars and tables."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A line for people."""
    print(text, file=sys.stderr, flush=True)


def print_error(message: str, *, remedy: str = "") -> None:
    """What went wrong, and below it what to do."""
    say(f"error: {message}")
    if remedy:
        say(f"    {remedy}")


def answer(text: str) -> None:
    """A line of the answer."""
    print(text, flush=True)


def answer_json(value: object) -> None:
    """One JSON value as the answer."""
    answer(json.dumps(value, ensure_ascii=False, indent=2, default=str))
