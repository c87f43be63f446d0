"""From what the user typed to a workflow that is read, changed as asked, and checked."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

from cli.assembly import House
from cli.reading import read_source
from cli.settings import changed
from graph.check import check
from graph.problems import Problem
from graph.workflow import Workflow


@dataclass(frozen=True)
class Prepared:
    """A workflow with its problems, and what came along with it (`extra`)."""

    workflow: Workflow
    extra: Mapping[str, object]
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Whether it can be run; warnings do not count."""
        return not any(problem.severity == "error" for problem in self.problems)


def prepare(name: str, arguments: argparse.Namespace, house: House) -> Prepared:
    """The workflow behind a name. Raises Refused where it cannot be read or a change does not fit it."""
    source = read_source(name, house.table, arguments.seed)
    workflow = changed(source.workflow, arguments.settings, arguments.seed, house.registry)
    return Prepared(workflow, source.extra, check(workflow, house.registry, house.catalogues))
