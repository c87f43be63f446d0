"""What depends on what in a workflow: rings, what a set of steps needs, what hangs on it. No recursion anywhere."""

from collections.abc import Collection, Iterable, Mapping

from graph.interface import Node
from graph.registry import Registry
from graph.steps import Link, Step, Workflow

Links = Mapping[str, list[str]]
"""By step id the steps it depends on; one may stand there several times."""


def node_of(step: Step, registry: Registry) -> Node | None:
    """The node a step names, None where there is none."""
    return None if step.class_type is None else registry.get(step.class_type)


def terminals(workflow: Workflow, registry: Registry) -> tuple[str, ...]:
    """The steps that show or save something."""
    found: list[str] = []
    for step in workflow.steps.values():
        node = node_of(step, registry)
        if node is not None and node.terminal:
            found.append(step.id)
    return tuple(found)


def links_of(workflow: Workflow, registry: Registry) -> Links:
    """Whom each step depends on: the existing steps that its node's inputs are linked to."""
    links: dict[str, list[str]] = {}
    for step in workflow.steps.values():
        node = node_of(step, registry)
        links[step.id] = [
            value.node
            for name, value in step.inputs.items()
            if isinstance(value, Link)
            and value.node in workflow.steps
            and (node is None or node.input(name, True) is not None)
        ]
    return links


def followers_of(links: Links) -> Links:
    """The same links the other way round."""
    followers: dict[str, list[str]] = {step_id: [] for step_id in links}
    for step_id, upstream in links.items():
        for source in upstream:
            followers[source].append(step_id)
    return followers


def reachable(edges: Mapping[str, Collection[str]], start: Iterable[str], most: int | None = None) -> dict[str, None]:
    """What can be reached from `start`, itself included, in the order it is met; at most `most` steps."""
    reached: dict[str, None] = {}
    stack = list(start)
    while stack and (most is None or len(reached) < most):
        step_id = stack.pop()
        if step_id not in reached:
            reached[step_id] = None
            stack.extend(edges.get(step_id, ()))
    return reached


def rings(links: Links) -> list[tuple[str, ...]]:
    """Rings among the links, disjoint ones, each with its first step again at the end; none if there is none.

    What is left when all steps that wait for nothing are taken away, again and again (Kahn 1962), waits for a ring:
    going upstream from there leads into it.
    """
    waiting = {step_id: len(upstream) for step_id, upstream in links.items()}
    followers = followers_of(links)
    ready = [step_id for step_id, count in waiting.items() if count == 0]
    for step_id in ready:
        for follower in followers[step_id]:
            waiting[follower] -= 1
            if waiting[follower] == 0:
                ready.append(follower)
    found: list[tuple[str, ...]] = []
    if len(ready) == len(links):
        return found
    seen: set[str] = set()
    for start, count in waiting.items():
        path: dict[str, int] = {}
        step_id = start
        while count and step_id not in seen:
            seen.add(step_id)
            path[step_id] = len(path)
            step_id = next(source for source in links[step_id] if waiting[source])
        if step_id in path:
            members = list(path)[path[step_id] :]
            found.append((*members, members[0]))
    return found
