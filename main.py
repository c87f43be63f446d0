"""The command line of Nodeloom: finds the command that was asked for, loads that one alone and carries it out."""

import argparse
import difflib
import os
import sys
from collections.abc import Sequence

from cli import COMMANDS, HIDDEN, command
from cli.refusal import Refused
from cli.screen import print_error

INVALID = 2
INTERRUPTED = 130


def overview() -> argparse.ArgumentParser:
    """The parser of the program's own options; its help lists the commands."""
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="main.py",
        usage="main.py COMMAND [OPTIONS]",
        description="Nodeloom: a node-graph workflow engine for diffusion image generation.",
        epilog=f"commands:\n{lines}\n\n'main.py COMMAND --help' tells more about one.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; the answer is the exit code of the process."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return carry_out(words)
    except Refused as refused:
        print_error(refused.message, remedy=refused.remedy)
        return INVALID
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def carry_out(words: list[str]) -> int:
    """Hand the words after the command's name to that command, or show the overview."""
    if words and (words[0] in COMMANDS or words[0] in HIDDEN):
        return command(words[0], words[1:])
    parser = overview()
    if words and not words[0].startswith("-"):
        near = difflib.get_close_matches(words[0], COMMANDS, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(COMMANDS)}."
        parser.error(f"no command is named '{words[0]}'. {hint}")
    if parser.parse_args(words).version:
        from cli.about import version

        print(f"Nodeloom {version()}")
        return 0
    parser.print_help()
    return 0 if words else INVALID


if __name__ == "__main__":
    sys.exit(main())
