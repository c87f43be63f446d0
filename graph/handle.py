"""The handle a node holds while it runs: progress, previews, the stop request, the workflow and handed-in services."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from graph.errors import GraphError, Interrupted
from graph.events import Emit, NodeSaid, NodeText, Preview, Progress, unheard
from graph.steps import Step, Workflow, to_api

Service = TypeVar("Service")
Stop = Callable[[], bool]


def never() -> bool:
    """A stop request that never comes."""
    return False


def always() -> bool:
    """A stop request that has come."""
    return True


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a step comes from: the step that was drawn, and the step that expanded into it (None if drawn)."""

    display: str
    parent: str | None


@dataclass(eq=False)
class RunContext:
    """What all steps of one run share. `expanded` grows when nodes expand, and shrinks when nobody can ask for a step
    any more; `origins` names the expanded ones only.

    id: of the run, for whoever keeps a log of runs; empty where nobody does.
    """

    workflow: Workflow = field(default_factory=Workflow)
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    services: Mapping[type, object] = field(default_factory=dict[type, object])
    emit: Emit = unheard
    stop: Stop = never
    expanded: dict[str, Step] = field(default_factory=dict[str, Step])
    origins: dict[str, Origin] = field(default_factory=dict[str, Origin])
    id: str = ""
    _api: dict[str, object] | None = None

    def api(self) -> dict[str, object]:
        """The drawn workflow in the API form, made once."""
        if self._api is None:
            self._api = to_api(self.workflow)
        return self._api

    def step(self, id: str) -> Step | None:
        """A step, drawn or expanded."""
        return self.workflow.steps.get(id) or self.expanded.get(id)


class Run:
    """The run as one node sees it. Nodes ask for it by a parameter of this type."""

    __slots__ = ("_context", "class_type", "display_id", "node_id", "parent_id")

    def __init__(self, context: RunContext, node_id: str, origin: Origin, class_type: str = "") -> None:
        self._context = context
        self.node_id = node_id
        self.display_id = origin.display
        self.parent_id = origin.parent
        self.class_type = class_type

    @classmethod
    def detached(cls, node_id: str = "1", context: RunContext | None = None) -> "Run":
        """A handle outside any run, to call a node's function by hand."""
        return cls(context or RunContext(), node_id, Origin(node_id, None))

    def at(self, step_id: str) -> "Run":
        """The run as another of its steps sees it. Raises GraphError where there is no such step."""
        step = self._context.step(step_id)
        if step is None:
            raise GraphError(f"there is no step {step_id!r} in this run; name one that was drawn or expanded")
        return Run(self._context, step_id, self.origin(step_id), step.class_type or "")

    @property
    def run_id(self) -> str:
        """The id of the run, empty where it has none."""
        return self._context.id

    @property
    def workflow(self) -> Mapping[str, object]:
        """The drawn workflow in the API form."""
        return self._context.api()

    @property
    def extra(self) -> Mapping[str, object]:
        """What came along with the workflow, such as the editor's own file (`extra_pnginfo`)."""
        return self._context.extra

    def progress(self, value: float, total: float) -> None:
        """Tell that `value` of `total` units are done."""
        self._context.emit(Progress(self.node_id, self.display_id, value, total, time.time()))

    def preview(self, image: object) -> None:
        """Show a picture of what is being made."""
        self._context.emit(Preview(self.node_id, self.display_id, image, time.time()))

    def say(self, kind: str, data: Mapping[str, object]) -> None:
        """Say something to whoever looks on, such as a pack's own part of the editor."""
        self._context.emit(NodeSaid(self.node_id, self.display_id, kind, data, time.time()))

    def text(self, text: str) -> None:
        """Say in words what the node is at, such as a file that is being fetched; shown on it while it runs."""
        self._context.emit(NodeText(self.node_id, self.display_id, text, time.time()))

    def stop_requested(self) -> bool:
        """Whether the run was asked to stop."""
        return self._context.stop()

    def check_stop(self) -> None:
        """Raise `Interrupted` if the run was asked to stop."""
        if self._context.stop():
            raise Interrupted("the run was asked to stop")

    def request_stop(self) -> None:
        """Ask the run to stop, as its user may; there is no taking back."""
        self._context.stop = always

    def service(self, kind: type[Service]) -> Service:
        """The object of this type that the assembler handed in. Raises GraphError where there is none."""
        found = self._context.services.get(kind)
        if found is None:
            found = next((each for each in self._context.services.values() if isinstance(each, kind)), None)
        if not isinstance(found, kind):
            known = ", ".join(each.__name__ for each in self._context.services) or "none"
            raise GraphError(
                f"node {self.node_id} asks for a service of type {kind.__name__}; handed in: {known}. "
                "Hand one in with the services of the run"
            )
        return found

    def step(self, id: str) -> Step | None:
        """A step of this run by id, drawn or expanded."""
        return self._context.step(id)

    def step_ids(self) -> Iterator[str]:
        """The ids of the steps there are, the drawn ones first; of expansions those that somebody may still ask for."""
        yield from self._context.workflow.steps
        yield from tuple(self._context.expanded)

    def origin(self, id: str) -> Origin:
        """Where a step comes from."""
        return self._context.origins.get(id) or Origin(id, None)


current_run: Final[ContextVar[Run | None]] = ContextVar("current_run", default=None)
"""The handle of the node that is running here, for code that was not handed one."""

call_index: Final[ContextVar[int | None]] = ContextVar("call_index", default=None)
"""Which of the calls of a step this is, from 0: one for each item where lists are mapped."""

NO_SERVICES: Final[Mapping[type, object]] = MappingProxyType({})
