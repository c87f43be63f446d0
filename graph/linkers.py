"""Who may still ask for the steps of an expansion, so that they can be let go when nobody does."""

from typing import Final

from graph.steps import Link, Step, Wrapped

_PLAIN: Final = (Link, Wrapped, str, int, float, bool, type(None))


class Linkers:
    """Counts, for the steps of expansions, those with a link to them that are not finished with their inputs."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._sources: dict[str, tuple[str, ...]] = {}

    def of(self, step_id: str) -> int:
        """How many steps may still ask for this one by a link."""
        return self._counts.get(step_id, 0)

    def add(self, step: Step) -> None:
        """Count the links of a step that came by expansion."""
        sources = tuple([value.node for value in step.inputs.values() if isinstance(value, Link)])
        self._sources[step.id] = sources
        for source in sources:
            self._counts[source] = self._counts.get(source, 0) + 1

    def finish(self, step_id: str) -> list[str]:
        """A step needs its inputs no more: count its links no longer; gives those that nobody links to now."""
        free: list[str] = []
        for source in self._sources.pop(step_id, ()):
            left = self._counts[source] - 1
            if left:
                self._counts[source] = left
            else:
                del self._counts[source]
                free.append(source)
        return free


def plain_step(step: Step) -> Step:
    """The step without literals that are no JSON, such as tensors; itself where it has none."""
    kept = {name: value for name, value in step.inputs.items() if isinstance(value, _PLAIN)}
    return step if len(kept) == len(step.inputs) else Step(step.id, step.class_type, kept, step.extra)
