"""Refusals of the own API that carry a list of problems, each with its place, code, sentence and remedy."""

from collections.abc import Mapping, Sequence
from typing import Final

from graph.problems import Problem, problem_to_json
from server.errors import Refused

INVALID_WORKFLOW: Final = "invalid_workflow"
INVALID_INPUTS: Final = "invalid_inputs"
INVALID_FUNCTION: Final = "invalid_function"
MOST_TOLD: Final = 10_000
"""Problems in one answer; a workflow of 100,000 broken steps is told so by the first of them."""


def refused_for_problems(code: str, what: str, problems: Sequence[Problem]) -> Refused:
    """The refusal (422) that names them all: `errors` holds each problem as data.

    what: the thing that is wrong, for the sentence, such as "the workflow".
    """
    errors = sum(problem.severity == "error" for problem in problems)
    text = f"{what} has {errors} error{'' if errors == 1 else 's'}; each says in 'errors' what to do"
    return Refused(422, code, text, more={"errors": problems_to_json(problems)})


def problems_to_json(problems: Sequence[Problem]) -> Sequence[Mapping[str, object]]:
    """Problems as data, errors first where not all can be told."""
    told = list(problems)
    if len(told) > MOST_TOLD:
        told = sorted(told, key=lambda problem: problem.severity != "error")[:MOST_TOLD]
    return [problem_to_json(problem) for problem in told]


def has_errors(problems: Sequence[Problem]) -> bool:
    """Whether any of them keeps a workflow from running."""
    return any(problem.severity == "error" for problem in problems)


def not_found(code: str, what: str, remedy: str) -> Refused:
    """The refusal (404) for something that is not there."""
    return Refused(404, code, f"there is no {what}; {remedy}")
