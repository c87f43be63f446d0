"""Render a workflow, or a published one by its name, and print the paths of what it saved, last and one a line.

What did not change since an earlier run is taken from the cache, also after a restart. Ctrl-C asks the run to stop
between two denoising steps. Ends with 0 when all outputs were made, 2 when the workflow is invalid, 1 when a node
failed, 130 when it was interrupted.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, cast

from cli.inputs import add_inputs
from cli.options import WORKFLOW, add_cache, add_changes, add_folders
from cli.pack_options import add_packs

if TYPE_CHECKING:
    from cli.assembly import House
    from cli.inputs import Ready
    from cli.preparing import Prepared
    from cli.summary import Summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workflow, what to change in it, where files lie, and how to answer."""
    parser.add_argument("workflow", metavar="WORKFLOW", help=f"{WORKFLOW}; or the name of a published workflow")
    parser.add_argument("--json", action="store_true", help="print one object that sums the run up, and nothing else")
    parser.add_argument("--quiet", action="store_true", help="no bars and no lines on standard error but errors")
    add_changes(parser)
    parser.add_argument(
        "--extra",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a further text in saved pictures, JSON or plain; may repeat",
    )
    add_folders(parser)
    add_packs(parser)
    add_inputs(parser)
    add_cache(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Check the workflow, carry it out, and say what it made."""
    from cli.assembly import assemble
    from cli.inputs import prepare_run
    from cli.refusal import Refused
    from cli.reporting import (
        FAILED,
        INTERRUPTED,
        INVALID,
        SUCCESS,
        count,
        refused_json,
        say_problems,
        say_refused,
    )
    from cli.screen import answer, answer_json, say
    from cli.summary import Summary
    from graph.problems import problem_to_json

    try:
        extra = extra_texts(arguments.extra)
        house = assemble(arguments)
        ready = prepare_run(arguments.workflow, arguments, house)
    except Refused as refused:
        say_refused(refused)
        if arguments.json:
            answer_json(Summary("invalid", problems=[refused_json(refused)]).as_json())
        return INVALID
    prepared = ready.prepared
    say_problems([each for each in prepared.problems if each.severity == "error" or not arguments.quiet])
    if not prepared.valid:
        say(f"{arguments.workflow}: {count(prepared.problems)}; nothing was run.")
        if arguments.json:
            answer_json(Summary("invalid", problems=[problem_to_json(each) for each in prepared.problems]).as_json())
        return INVALID
    summary = carry_out(ready, came_along(prepared, arguments) | extra, arguments, house)
    if not arguments.quiet or summary.status != "success":
        summary.say()
    if arguments.json:
        answer_json(summary.as_json())
    else:
        for output in summary.outputs:
            answer(str(output["path"]))
    return {"success": SUCCESS, "interrupted": INTERRUPTED}.get(summary.status, FAILED)


def carry_out(ready: "Ready", extra: Mapping[str, object], arguments: argparse.Namespace, house: "House") -> "Summary":
    """Plan and run a valid workflow, showing how far it is."""
    from cli.assembly import cache_from
    from cli.interrupts import asked_to_stop
    from cli.progress import bars, silence
    from cli.summary import summarise
    from graph.plan import plan
    from graph.run import run

    cache = cache_from(arguments, house.folders)
    display = silence if arguments.quiet else bars
    with asked_to_stop() as stop:
        started = time.perf_counter()
        workflow = ready.prepared.workflow
        planned = plan(workflow, house.registry, cache, house.services, ready.targets)
        with display(workflow) as hear, redirect_stdout(sys.stderr):  # what nodes print is no part of the answer
            outcome = run(planned, cache, house.services, hear, stop, extra)
        return summarise(outcome, planned.targets, house.folders, time.perf_counter() - started)


def came_along(prepared: "Prepared", arguments: argparse.Namespace) -> dict[str, object]:
    """What came with the workflow; the editor's own file is left out once options have changed what it shows."""
    changed = bool(arguments.settings) or arguments.seed is not None
    return {key: value for key, value in prepared.extra.items() if not (changed and key == "workflow")}


def extra_texts(options: Sequence[str]) -> dict[str, object]:
    """The values of `--extra`. Raises Refused for what is no KEY=VALUE."""
    from cli.refusal import Refused

    texts: dict[str, object] = {}
    for option in options:
        key, equals, text = option.partition("=")
        if not equals or not key or key == "prompt":
            raise Refused(
                "bad_extra", f"expected KEY=VALUE, KEY not being prompt; found '{option}'.", "Write --extra author=me."
            )
        try:
            texts[key] = cast(object, json.loads(text))
        except (ValueError, RecursionError):
            texts[key] = text
    return texts
