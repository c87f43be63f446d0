"""Exit codes, and what the commands say about the problems of a workflow: to people in lines, to programs as JSON."""

from collections.abc import Mapping, Sequence

from cli.refusal import Refused
from cli.screen import print_error, say
from graph.problems import Problem

SUCCESS = 0
FAILED = 1
INVALID = 2
INTERRUPTED = 130


def errors_in(problems: Sequence[Problem]) -> int:
    """How many of them keep the workflow from running."""
    return sum(problem.severity == "error" for problem in problems)


def say_problems(problems: Sequence[Problem]) -> None:
    """Every problem in two lines: where and what, then the remedy."""
    for problem in problems:
        say(f"{problem.severity}: {place(problem)}{problem.message} [{problem.code}]")
        if problem.remedy:
            say(f"    {problem.remedy}")


def count(problems: Sequence[Problem]) -> str:
    """How many errors and warnings there are, in words."""
    errors = errors_in(problems)
    words = [f"{number} {kind}{'' if number == 1 else 's'}" for number, kind in (
        (errors, "error"), (len(problems) - errors, "warning"),
    ) if number]  # fmt: skip
    return " and ".join(words) or "no problems"


def place(problem: Problem) -> str:
    """Where a problem lies, with a colon, or nothing where it is about the whole workflow."""
    if problem.node is None:
        return ""
    return f"step {problem.node}, input {problem.input}: " if problem.input else f"step {problem.node}: "


def say_refused(refused: Refused) -> None:
    """Why a command does not begin."""
    print_error(f"{refused.message} [{refused.code}]", remedy=refused.remedy)


def refused_json(refused: Refused) -> Mapping[str, object]:
    """The same for programs, in the form of a problem."""
    return {
        "severity": "error",
        "node": refused.node,
        "input": refused.input,
        "code": refused.code,
        "message": refused.message,
        "remedy": refused.remedy,
        "details": {},
    }
