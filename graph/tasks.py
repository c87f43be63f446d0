"""The state of one step while a run goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from graph.calls import Piece, Values
from graph.handle import Origin
from graph.interface import Node
from graph.steps import Step


class State(Enum):
    """Where a step stands: it waits for values, runs beside others, waits for its expansion, or is done."""

    WAITING = "waiting"
    RUNNING = "running"
    EXPANDED = "expanded"
    DONE = "done"


@dataclass(eq=False, slots=True)
class Task:
    """A step on its way.

    needs: the steps whose values it needs to go on; waiting: how many of them are not done (one may count twice).
    dependents: the tasks that wait for this one. holds: the steps whose values it keeps alive until it is done.
    outputs: the values, None once nobody needs them. asked: the lazy inputs it has asked for.
    twin: a step of the same key, whose values it takes instead of computing them again.
    inner: the terminal steps of its expansion, which it waits for too.
    reported: a blocker said something, which is to be said every time.
    """

    step: Step
    node: Node
    key: str
    origin: Origin
    state: State = State.WAITING
    waiting: int = 0
    twin: str | None = None
    needs: Sequence[str] = ()
    holds: Sequence[str] = ()
    dependents: "list[Task]" = field(default_factory=list)
    outputs: tuple[Values, ...] | None = None
    given: Mapping[str, Values] = field(default_factory=dict[str, Values])
    asked: set[str] = field(default_factory=set)
    pieces: Sequence[Piece] = ()
    inner: Sequence[str] = ()
    reported: bool = False
    started: float = 0.0
