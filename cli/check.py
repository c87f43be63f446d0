"""List every problem of a workflow at once, without running it.

Ends with 0 when it can be run (warnings may be listed), with 2 when it cannot.
"""

import argparse
from typing import TYPE_CHECKING

from cli.options import WORKFLOW, add_changes, add_folders
from cli.pack_options import add_packs

if TYPE_CHECKING:
    from cli.assembly import House


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workflows, and how to answer."""
    parser.add_argument(
        "workflows",
        nargs="+",
        metavar="WORKFLOW",
        help=WORKFLOW,
    )
    parser.add_argument("--json", action="store_true", help="answer with an object; with a list for several workflows")
    parser.add_argument("--quiet", action="store_true", help="say nothing of workflows without problems")
    add_changes(parser)
    add_folders(parser)
    add_packs(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Check each workflow."""
    from cli.assembly import assemble
    from cli.reporting import INVALID, SUCCESS
    from cli.screen import answer_json

    house = assemble(arguments)
    reports = [one(name, arguments, house) for name in arguments.workflows]
    if arguments.json:
        answer_json(reports if len(reports) > 1 else reports[0])
    return SUCCESS if all(report["valid"] for report in reports) else INVALID


def one(name: str, arguments: argparse.Namespace, house: "House") -> dict[str, object]:
    """Check one workflow, say what was found, and give it as data."""
    from cli.preparing import prepare
    from cli.refusal import Refused
    from cli.reporting import count, refused_json, say_problems, say_refused
    from cli.screen import answer, say
    from graph.problems import problem_to_json

    try:
        prepared = prepare(name, arguments, house)
    except Refused as refused:
        if not arguments.json:
            say_refused(refused)
        return {"workflow": name, "valid": False, "problems": [refused_json(refused)]}
    if not arguments.json:
        if prepared.problems and len(arguments.workflows) > 1:
            say(f"{name}:")
        say_problems(prepared.problems)
        if prepared.problems or not arguments.quiet:
            answer(f"{name}: {count(prepared.problems)}")
    return {
        "workflow": name,
        "valid": prepared.valid,
        "problems": [problem_to_json(each) for each in prepared.problems],
    }
