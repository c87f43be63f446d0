"""Counters and gauges of a desk, for whoever watches the server."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runs.process import WorkerProcess
from runs.records import OPEN, State
from runs.telling import Teller
from runs.words import Ended


@dataclass(eq=False)
class Figures:
    """What happened since the desk was opened."""

    previews: int = 0
    cache_hits: int = 0
    nodes_run: int = 0
    peak_memory: int = 0
    states: Counter[State] = field(default_factory=Counter[State])
    node_seconds: dict[str, float] = field(default_factory=dict[str, float])

    def ended(self, teller: Teller, word: Ended) -> None:
        """Count a run that its worker has ended."""
        self.cache_hits += len(word.cached)
        self.nodes_run += len(word.executed)
        self.peak_memory = max(self.peak_memory, word.memory.get("peak", 0))
        for class_type, seconds in teller.seconds_by_class.items():
            self.node_seconds[class_type] = self.node_seconds.get(class_type, 0.0) + seconds

    def all(self, counts: Mapping[State, int], workers: Sequence[WorkerProcess], restarts: int) -> Mapping[str, float]:
        """Every figure by its name with labels, as Prometheus writes them (label values escaped)."""
        found: dict[str, float] = {
            "nodeloom_queue_length": counts.get("queued", 0),
            "nodeloom_cache_hits_total": self.cache_hits,
            "nodeloom_nodes_run_total": self.nodes_run,
            "nodeloom_preview_frames_total": self.previews,
            "nodeloom_peak_memory_bytes": self.peak_memory,
            "nodeloom_worker_restarts_total": restarts,
        }
        for state in OPEN:
            found[labelled("nodeloom_runs", state=state)] = counts.get(state, 0)
        for state, number in self.states.items():
            found[labelled("nodeloom_runs_ended_total", state=state)] = number
        for class_type, seconds in self.node_seconds.items():
            found[labelled("nodeloom_node_seconds_total", class_type=class_type)] = round(seconds, 6)
        for worker in workers:
            found[labelled("nodeloom_worker_memory_bytes", worker=worker.name)] = worker.memory
            found[labelled("nodeloom_worker_ready", worker=worker.name)] = float(worker.ready is not None)
        return found


def labelled(name: str, **labels: str) -> str:
    """A name with its labels, their values escaped as the Prometheus text format asks."""
    escaped = {
        label: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for label, value in labels.items()
    }
    pairs = ",".join(f'{label}="{value}"' for label, value in escaped.items())
    return f"{name}{{{pairs}}}"
