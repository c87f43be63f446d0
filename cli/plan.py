"""Say which nodes of a workflow would run, which are cached, and why, without running or loading anything."""

import argparse
from typing import TYPE_CHECKING

from cli.options import WORKFLOW, add_cache, add_changes, add_folders
from cli.pack_options import add_packs

if TYPE_CHECKING:
    from cli.preparing import Prepared
    from graph.plan import Plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workflow, what to change in it, and where the cache lies."""
    parser.add_argument("workflow", metavar="WORKFLOW", help=WORKFLOW)
    parser.add_argument("--json", action="store_true", help="answer with an object")
    add_changes(parser)
    add_folders(parser)
    add_packs(parser)
    add_cache(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Plan the workflow and print a line a step."""
    from cli.assembly import assemble, cache_from
    from cli.preparing import prepare
    from cli.refusal import Refused
    from cli.reporting import INVALID, SUCCESS, count, refused_json, say_problems, say_refused
    from cli.screen import answer, answer_json
    from graph.plan import plan
    from graph.problems import problem_to_json

    house = assemble(arguments)
    try:
        prepared = prepare(arguments.workflow, arguments, house)
    except Refused as refused:
        if arguments.json:
            answer_json({"status": "invalid", "problems": [refused_json(refused)]})
        else:
            say_refused(refused)
        return INVALID
    if not arguments.json:
        say_problems(prepared.problems)
    if not prepared.valid:
        if arguments.json:
            answer_json({"status": "invalid", "problems": [problem_to_json(problem) for problem in prepared.problems]})
        else:
            answer(f"{arguments.workflow}: {count(prepared.problems)}")
        return INVALID
    planned = plan(prepared.workflow, house.registry, cache_from(arguments, house.folders), house.services)
    if arguments.json:
        answer_json(as_json(planned, prepared))
    else:
        answer(as_table(planned, prepared))
    return SUCCESS


def as_json(planned: "Plan", prepared: "Prepared") -> dict[str, object]:
    """The plan for programs."""
    from cli.settings import title_of
    from graph.problems import problem_to_json

    steps = prepared.workflow.steps
    return {
        "status": "valid",
        "targets": list(planned.targets),
        "steps": [
            {
                "node": entry.node,
                "class_type": entry.class_type,
                "title": title_of(steps[entry.node]) or None,
                "action": entry.action,
                "why": entry.why,
                "key": entry.key,
            }
            for entry in planned.entries
        ],
        "problems": [problem_to_json(problem) for problem in prepared.problems],
    }


def as_table(planned: "Plan", prepared: "Prepared") -> str:
    """The plan for people: order, step, node, what is done with it, and why."""
    from cli.settings import title_of

    rows = [("", "step", "node", "", "why")]
    for number, entry in enumerate(planned.entries, 1):
        title = title_of(prepared.workflow.steps[entry.node])
        name = f"{entry.class_type} “{title}”" if title and title != entry.class_type else entry.class_type
        rows.append((str(number), entry.node, name, entry.action, entry.why))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines: list[str] = []
    for *cells, why in rows:
        aligned = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        lines.append("  ".join([*aligned, why]).rstrip())
    numbers = [sum(entry.action == action for entry in planned.entries) for action in ("run", "cached", "not needed")]
    lines.append(f"{numbers[0]} to run, {numbers[1]} cached, {numbers[2]} not needed")
    return "\n".join(lines)
