"""Figures as Prometheus reads them (text format 0.0.4)."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

HELP: Final[Mapping[str, str]] = {
    "nodeloom_queue_length": "Runs that wait.",
    "nodeloom_runs": "Open runs by state.",
    "nodeloom_runs_ended_total": "Runs that ended since the server started, by state.",
    "nodeloom_nodes_run_total": "Nodes that ran since the server started.",
    "nodeloom_node_seconds_total": "Seconds that nodes ran, by class.",
    "nodeloom_cache_hits_total": "Steps whose results were known.",
    "nodeloom_preview_frames_total": "Preview pictures that workers sent.",
    "nodeloom_peak_memory_bytes": "The most resident memory that a run needed.",
    "nodeloom_worker_memory_bytes": "Resident memory of a worker.",
    "nodeloom_worker_ready": "Whether a worker is ready.",
    "nodeloom_worker_restarts_total": "Workers that took the place of one that died.",
    "nodeloom_server_memory_bytes": "Resident memory of the server's own process.",
}

_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
_LABELS: Final = re.compile(rf"{_LABEL.pattern}(?:,{_LABEL.pattern})*")
_ONE_LABEL: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="(.*)"', re.DOTALL)


def exposition(figures: Mapping[str, float]) -> str:
    """Figures by name with labels (`runs{state="done"}`) as text: grouped, each group under its HELP and TYPE.

    Raises ValueError for a name that Prometheus would not read.
    """
    groups: dict[str, dict[str, float]] = {}
    for key, value in figures.items():
        name, labels = split(key)
        groups.setdefault(name, {})[labels] = value
    lines: list[str] = []
    for name, samples in sorted(groups.items()):
        lines.append(f"# HELP {name} {HELP.get(name, 'A figure of this server.')}")
        lines.append(f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}")
        lines.extend(f"{name}{labels} {number(value)}" for labels, value in sorted(samples.items()))
    return "\n".join(lines) + "\n"


def split(key: str) -> tuple[str, str]:
    """A name, and its labels in braces with every value escaped. Raises ValueError."""
    name, brace, rest = key.partition("{")
    if not _NAME.fullmatch(name) or (brace and not rest.endswith("}")):
        raise ValueError(f'{key[:120]!r} is no name of a figure; expected name or name{{label="value"}}')
    told = rest[:-1]
    if not told or _LABELS.fullmatch(told):
        return name, f"{{{told}}}" if told else ""
    found = _ONE_LABEL.fullmatch(told)
    if found is None:
        raise ValueError(f'{key[:120]!r} has labels that cannot be read; expected label="value"')
    return name, labels_of([(found[1], found[2])])


def labels_of(labels: Iterable[tuple[str, str]]) -> str:
    """Labels in braces, their values escaped."""
    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in labels) + "}"


def escaped(value: str) -> str:
    """The value of a label as it stands between quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """A number as Prometheus reads it."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**63 else repr(float(value))
