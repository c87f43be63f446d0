"""The events of a run as bars on standard error: one for the run, one for each node at work, moved by its steps."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.screen import errors, say
from cli.settings import title_of
from graph import events
from graph.events import Emit, Event
from graph.workflow import Workflow

WORTH_A_LINE = 0.05
"""Seconds below which a finished node leaves no line behind."""


@contextmanager
def bars(workflow: Workflow) -> Generator[Emit]:
    """A listener that draws bars while it is open; where standard error is no terminal it writes a few lines."""
    console = errors()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Bars(progress, workflow).hear


class Bars:
    """What is drawn: the bar of the run and those of the nodes at work."""

    def __init__(self, progress: Progress, workflow: Workflow) -> None:
        self._progress = progress
        self._workflow = workflow
        self._run: TaskID | None = None
        self._nodes: dict[str, TaskID] = {}
        self._names: dict[str, str] = {}
        self._told: set[str] = set()

    def hear(self, event: Event) -> None:
        """Draw what an event says."""
        match event:
            case events.RunStarted(to_run=to_run):
                self._run = self._progress.add_task("nodes", total=to_run)
            case events.NodeStarted(node=node):
                self._names[node] = self._name(event)
                self._nodes[node] = self._progress.add_task(self._names[node], total=1)
            case events.Progress(node=node, value=value, total=total) if node in self._nodes:
                self._step(node, value, total)
            case events.NodeFinished(node=node, seconds=seconds):
                self._end(node)
                if seconds >= WORTH_A_LINE:
                    self._line(f"{self._names.pop(node, node)}: {seconds:.2f} s")
            case events.NodeFailed(node=node):
                self._end(node)
            case events.NodeBlocked(node=node, class_type=class_type, message=message):
                self._line(f"step {node} ({class_type}) does not run: {message}")
            case _:
                pass

    def _step(self, node: str, value: float, total: float) -> None:
        if self._progress.disable and node not in self._told:
            self._told.add(node)
            self._line(f"{self._names[node]}: {total:g} steps …")
        self._progress.update(self._nodes[node], completed=value, total=total)

    def _name(self, event: events.NodeStarted) -> str:
        step = self._workflow.steps.get(event.display)
        title = title_of(step) if step is not None and event.node == event.display else ""
        return f"{event.node} {title or event.class_type}"

    def _end(self, node: str) -> None:
        if node in self._nodes:
            self._progress.remove_task(self._nodes.pop(node))
        if self._run is not None:
            self._progress.advance(self._run)

    def _line(self, text: str) -> None:
        self._progress.console.print(text, markup=False, soft_wrap=True)


@contextmanager
def silence(workflow: Workflow) -> Generator[Emit]:
    """A listener that says nothing but what keeps an output from being made."""

    def hear(event: Event) -> None:
        if isinstance(event, events.NodeBlocked):
            say(f"step {event.node} ({event.class_type}) does not run: {event.message}")

    yield hear
