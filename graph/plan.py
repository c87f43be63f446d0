"""Plan a run: what the wanted outputs need, in which order, what is known already, and why the rest has to run.

Order and keys come from one walk (`graph.keys.walk`), depth first, so that a branch is done and freed before the next
begins; a sort by generations, such as networkx gives, would hold the values of all branches at once, and building its
graph costs about 4 µs a step, on every cached re-run too. networkx has the graph of what will run, for whoever wants to
look at it: which steps could go side by side, what hangs on what.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import networkx as nx

from graph.cache import Cache, Gone
from graph.errors import PlanError
from graph.handle import NO_SERVICES
from graph.keys import Keys, needs_at_once, walk
from graph.reach import terminals
from graph.reasons import Reason, reasons
from graph.registry import Registry
from graph.steps import Workflow

Action = Literal["run", "cached", "not needed"]
_MEMORY: Final = "its result is in memory"
_DISK: Final = "its result is on disk"
_IDLE: Final = "nothing that runs needs it"


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """What is done with one step: `run` it, take its `cached` result, or leave it alone, and why."""

    node: str
    class_type: str
    action: Action
    why: str
    key: str


@dataclass(frozen=True, eq=False)
class Plan:
    """What to do for the wanted steps of a workflow.

    targets: what the run is for. requested: whether the caller named them, and so wants their values.
    known: order, keys and links of all steps the targets could need. cached: the steps whose results are known, in
    order, with the place. running: the steps that will run, in order, and why.
    """

    workflow: Workflow
    registry: Registry
    targets: tuple[str, ...]
    requested: bool
    known: Keys
    cached: Mapping[str, Literal["memory", "disk"]]
    running: Mapping[str, Reason]

    @property
    def entries(self) -> tuple[PlanEntry, ...]:
        """Every step the targets could need, each after those it depends on."""
        return tuple(self._entry(step_id) for step_id in self.known.order)

    def _entry(self, step_id: str) -> PlanEntry:
        node = self.known.nodes[step_id].id
        key = self.known.keys[step_id]
        if step_id in self.running:
            return PlanEntry(step_id, node, "run", self.running[step_id].sentence, key)
        where = self.cached.get(step_id)
        if where is None:
            return PlanEntry(step_id, node, "not needed", _IDLE, key)
        return PlanEntry(step_id, node, "cached", _MEMORY if where == "memory" else _DISK, key)

    def graph(self) -> "nx.DiGraph[str]":
        """The steps that will run, with an edge from each to those that wait for it."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.running)
        for step_id in self.running:
            graph.add_edges_from(
                (source, step_id) for source in _waits_for(self.known, self.workflow, step_id) if source in self.running
            )
        return graph

    def waves(self) -> tuple[tuple[str, ...], ...]:
        """The steps that will run in groups, each needing only what the groups before it make."""
        return tuple(tuple(wave) for wave in nx.topological_generations(self.graph()))


def plan(
    workflow: Workflow,
    registry: Registry,
    cache: Cache,
    services: Mapping[type, object] = NO_SERVICES,
    targets: Collection[str] | None = None,
) -> Plan:
    """Plan a run for the targets, or for every terminal step.

    Raises PlanError for a workflow with unknown steps or nodes, or one without outputs, CycleError for a ring;
    `check` finds all of these beforehand.
    """
    wanted = terminals(workflow, registry) if targets is None else tuple(dict.fromkeys(targets))
    if not wanted:
        raise PlanError("nothing in this workflow shows or saves a result; name the steps that are wanted")
    for target in wanted:
        if target not in workflow.steps:
            raise PlanError(f"step {target} is wanted and does not exist; name a step of the workflow")
    known = Keys()
    walk(known, workflow.steps.get, registry, services, wanted)
    cached: dict[str, Literal["memory", "disk"]] = {}
    gone: set[str] = set()
    needed = _needed(workflow, known, cache, wanted, cached, gone)
    known_results: dict[str, Literal["memory", "disk"]] = {}
    for step_id in known.order:
        if step_id in cached:
            known_results[step_id] = cached[step_id]
        elif step_id not in needed and cache.in_memory(known.keys[step_id]):
            known_results[step_id] = "memory"
    running: Mapping[str, Reason] = reasons(workflow, known, cache.remembered, needed, gone) if needed else {}
    return Plan(workflow, registry, wanted, targets is not None, known, known_results, running)


def _needed(
    workflow: Workflow,
    known: Keys,
    cache: Cache,
    wanted: Iterable[str],
    cached: dict[str, Literal["memory", "disk"]],
    gone: set[str],
) -> set[str]:
    """The steps that have to run: from the wanted ones upstream, as far as results are not known."""
    needed: set[str] = set()
    stack = list(wanted)
    while stack:
        step_id = stack.pop()
        if step_id in needed or step_id in cached:
            continue
        found = cache.look(known.keys[step_id])
        if found is None or isinstance(found, Gone):
            if found is not None:
                gone.add(step_id)
            needed.add(step_id)
            stack.extend(_waits_for(known, workflow, step_id))
        else:
            cached[step_id] = found.where
    return needed


def _waits_for(known: Keys, workflow: Workflow, step_id: str) -> list[str]:
    """The steps whose values this one needs before anything is asked of it."""
    node = known.nodes[step_id]
    return known.upstream[step_id] if node.waits_for_all else needs_at_once(node, workflow.steps[step_id])
