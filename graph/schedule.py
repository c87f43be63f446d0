"""Which steps are wanted, which are ready, and whose values are still alive.

Steps are demanded, from the targets upstream as far as results are not known; whatever turns up while the run goes on
(lazy inputs, expansions, a kept result that is damaged) is demanded in the same way. Nothing here recurses.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from graph.cache import Cache, Found
from graph.calls import Values
from graph.errors import NodeError, PlanError
from graph.handle import Origin, RunContext
from graph.keys import Keys, needs_at_once, walk
from graph.linkers import Linkers, plain_step
from graph.registry import Registry
from graph.steps import Link, Step
from graph.tasks import State, Task


class Schedule:
    """The tasks of a run by step id. `on_cached` hears of every demanded step whose result was found."""

    def __init__(
        self, context: RunContext, registry: Registry, cache: Cache, known: Keys, keep: Collection[str],
        on_cached: Callable[[Task, Found], None],
    ) -> None:  # fmt: skip
        self.tasks: dict[str, Task] = {}
        self.ready: deque[Task] = deque()
        self.known = known
        self._context = context
        self._registry = registry
        self._cache = cache
        self._keep = frozenset(keep)
        self._on_cached = on_cached
        self._uses: dict[str, int] = {}
        self._forced: set[str] = set()
        self._first: dict[str, str] = {}
        self._extended = False
        self._linkers = Linkers()

    def extend(self, step_ids: Iterable[str]) -> None:
        """Make keys for steps that the plan does not know. Raises PlanError for links that lead nowhere."""
        wanted = [step_id for step_id in step_ids if step_id not in self.known.keys]
        if not wanted:
            return
        if not self._extended:
            self.known = self.known.copy()  # the plan stays what it was
            self._extended = True
        walk(self.known, self._context.step, self._registry, self._context.services, wanted)
        self.known.order.clear()  # the plan's own tells the order

    def add(self, step: Step, origin: Origin) -> None:
        """Make a step known that an expansion brings; one of its id from an earlier expansion is forgotten."""
        context = self._context
        if step.id in context.expanded:
            self.tasks.pop(step.id, None)
            self.known.keys.pop(step.id, None)
            self._uses.pop(step.id, None)
            self._linkers.finish(step.id)
        context.expanded[step.id] = step
        context.origins[step.id] = origin
        self._linkers.add(step)

    def demand(self, step_ids: Sequence[str]) -> None:
        """See to it that these steps are done some time, and with them all that they need."""
        fresh: list[Task] = []
        stack = list(reversed(step_ids))
        tasks = self.tasks
        while stack:
            step_id = stack.pop()
            if step_id in tasks:
                continue
            task = tasks[step_id] = self._new(step_id)
            if self._restore(task):
                continue
            fresh.append(task)
            twin = self._first.setdefault(task.key, step_id)
            links = self.known.upstream[step_id]
            if twin != step_id and twin in tasks:
                task.twin = twin
                task.needs = links = (twin,)
            elif task.node.waits_for_all:
                task.needs = links
            else:
                task.needs = needs_at_once(task.node, task.step)
            self._hold(task, links)
            stack.extend(reversed(task.needs))
        ready: list[Task] = []
        for task in fresh:
            for source in task.needs:
                self._wait(task, source)
            if not task.waiting:
                ready.append(task)
        self.ready.extendleft(reversed(ready))

    def wait_for(self, task: Task, step_ids: Sequence[str]) -> None:
        """Let a task wait for more steps; where all are done already it is ready again, ahead of the others."""
        self.demand(step_ids)
        for step_id in step_ids:
            self._wait(task, step_id)
        if not task.waiting:
            self.ready.appendleft(task)

    def wait_for_expansion(self, task: Task, made: Iterable[str]) -> None:
        """Let a task wait for what it expanded into, `made`, and keep alive what its result needs, no more its inputs.

        needs: the steps behind its result; inner: those that only have to run.
        """
        before = task.holds
        self._hold(task, task.needs)
        # What shows something comes first: behind the rest of a loop it would hold its values until the loop ends.
        self.wait_for(task, list(dict.fromkeys([*task.inner, *task.needs])))
        self._let_go(before)
        for step_id in made:
            if step_id not in self.tasks:
                self._settle(step_id)  # nobody will ever ask for some of them
        self._settle(task.step.id)

    def missing(self, task: Task) -> list[str]:
        """The values a task needs that are not there, though their steps are done; found ones are fetched."""
        return [source for source in dict.fromkeys(task.needs) if not self._fetch(source)]

    def redo(self, task: Task, step_ids: Sequence[str]) -> None:
        """Compute steps again whose values are gone, and let the task wait for them."""
        for step_id in step_ids:
            del self.tasks[step_id]
            self._forced.add(step_id)
        self.wait_for(task, step_ids)

    def values(self, link: Link) -> Values | None:
        """The values behind a link, or None where they were not computed. Raises NodeError for a wrong slot."""
        source = self.tasks.get(link.node)
        if source is None or source.outputs is None:
            return None
        if not 0 <= link.slot < len(source.outputs):
            raise NodeError(
                f"linked to output {link.slot} of step {link.node} ({source.node.id}), which has {len(source.outputs)}"
            )
        return source.outputs[link.slot]

    def done(self, task: Task, outputs: tuple[Values, ...]) -> None:
        """A task has its values: keep them while somebody needs them, and let the next ones go."""
        task.state = State.DONE
        step_id = task.step.id
        if self._uses.get(step_id) or step_id in self._keep:
            task.outputs = outputs
        task.given = {}
        task.pieces = ()
        self._let_go(task.holds)
        task.holds = ()
        released: list[Task] = []
        for dependent in task.dependents:
            dependent.waiting -= 1
            if not dependent.waiting:
                released.append(dependent)
        task.dependents = []
        if released:
            self.ready.extendleft(reversed(released))
        self._settle(step_id)

    def unfinished(self, step_ids: Iterable[str]) -> list[Task]:
        """Those of the steps that are not done; one that was let go of is."""
        found = (self.tasks.get(step_id) for step_id in step_ids)
        return [task for task in found if task is not None and task.state is not State.DONE]

    def ring(self, task: Task) -> list[Task]:
        """The ring of tasks that wait for each other, reached from one that will never be ready."""
        path: dict[str, Task] = {}
        while task.step.id not in path:
            path[task.step.id] = task
            waiting = self.unfinished([*task.needs, *task.inner])
            if not waiting:
                return [task]
            task = waiting[0]
        members = list(path.values())
        return members[list(path).index(task.step.id) :]

    def _new(self, step_id: str) -> Task:
        step = self._context.step(step_id)
        if step is None:
            raise PlanError(f"a link leads to step {step_id}, which does not exist")
        if step_id not in self.known.keys:
            self.extend([step_id])
        origin = self._context.origins.get(step_id) or Origin(step_id, None)
        return Task(step, self.known.nodes[step_id], self.known.keys[step_id], origin)

    def _restore(self, task: Task) -> bool:
        """Take the result from the cache; its values are fetched when somebody needs them."""
        step_id = task.step.id
        if step_id in self._forced:
            return False
        found = self._cache.look(task.key)
        if not isinstance(found, Found):
            return False
        if step_id in self._keep:
            entry = self._cache.get(task.key)
            if entry is None:
                return False
            task.outputs = entry.outputs
        task.state = State.DONE
        self._on_cached(task, found)
        return True

    def _wait(self, task: Task, source: str) -> None:
        upstream = self.tasks[source]
        if upstream.state is not State.DONE:
            upstream.dependents.append(task)
            task.waiting += 1
        elif upstream.outputs is None and self._cache.in_memory(upstream.key):
            self._fetch(source)  # now, before the memory tier gives its place to another

    def _fetch(self, step_id: str) -> bool:
        task = self.tasks[step_id]
        if task.outputs is None:
            entry = None if step_id in self._forced else self._cache.get(task.key)
            if entry is None:
                return False
            task.outputs = entry.outputs
        return True

    def _hold(self, task: Task, step_ids: Sequence[str]) -> None:
        uses = self._uses
        for step_id in step_ids:
            uses[step_id] = uses.get(step_id, 0) + 1
        task.holds = step_ids

    def _let_go(self, step_ids: Sequence[str]) -> None:
        uses = self._uses
        for step_id in step_ids:
            left = uses.get(step_id, 0) - 1
            uses[step_id] = left
            if left <= 0 and step_id not in self._keep:
                task = self.tasks.get(step_id)
                if task is not None:
                    task.outputs = None
                    self._settle(step_id)

    def _settle(self, step_id: str) -> None:
        """Let go of an expanded step that nobody can ask for any more, of its inputs where they were all it is needed
        for, and of what only it could ask for. So a loop holds what one turn of it needs, and not all of them.
        """
        context = self._context
        stack = [step_id]
        while stack:
            step_id = stack.pop()
            step = context.expanded.get(step_id)
            if step is None or self._linkers.of(step_id):
                continue
            task = self.tasks.get(step_id)
            in_use = bool(self._uses.get(step_id))
            if task is None or (task.state is State.DONE and not in_use):
                self._drop(step_id)
            elif task.state is State.EXPANDED or (task.state is State.DONE and task.outputs is not None):
                task.step = context.expanded[step_id] = plain_step(step)
            else:
                continue
            stack.extend(self._linkers.finish(step_id))

    def _drop(self, step_id: str) -> None:
        task = self.tasks.pop(step_id, None)
        if task is not None and self._first.get(task.key) == step_id:
            del self._first[task.key]
        self.known.drop(step_id)
        self._uses.pop(step_id, None)
        self._forced.discard(step_id)
        del self._context.expanded[step_id]
        del self._context.origins[step_id]


def results_of(tasks: Mapping[str, Task], targets: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """The values of the targets: one per output, or the list of them where a list was mapped or made."""
    results: dict[str, tuple[object, ...]] = {}
    for target in targets:
        task = tasks.get(target)
        if task is not None and task.outputs is not None:
            results[target] = tuple(
                list(values) if output.is_list or len(values) != 1 else values[0]
                for output, values in zip(task.node.outputs, task.outputs, strict=True)
            )
    return results
