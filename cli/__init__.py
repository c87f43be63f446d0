"""The commands, one file each: `add_arguments(parser)` is light, `execute(arguments)` loads what it needs."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

COMMANDS = {
    "run": "render a workflow and print the paths of what it saved",
    "serve": "start the server: the queue, its workers, the API and the editor",
    "check": "list every problem of a workflow without running it",
    "plan": "say which nodes would run, which are cached, and why",
    "convert": "turn an editor's file into the API form, or the API form into a file that editors open",
    "nodes": "list the nodes, or describe one",
    "train": "train the shipped model, or one of your own, from pictures with captions",
    "openapi": "print the OpenAPI document of the server's own API",
    "completion": "print a script that completes commands and options in a shell",
}

HIDDEN = ("worker",)
"""Commands that programs call, left out of lists."""


class Command(Protocol):
    """What the module of a command offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments. Nothing heavy may be imported for this."""
        ...

    def execute(self, arguments: argparse.Namespace) -> int:
        """Carry the command out; the answer is the exit code."""
        ...


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of one command, by the name of its file."""
    module = import_module(f"cli.{name}")
    description = (module.__doc__ or name).strip()
    parser = argparse.ArgumentParser(
        prog=f"main.py {name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cast(Command, module).add_arguments(parser)
    return parser


def command(name: str, words: Sequence[str]) -> int:
    """Parse the words after a command's name and carry the command out."""
    arguments = parser_of(name).parse_args(words)
    return cast(Command, import_module(f"cli.{name}")).execute(arguments)
