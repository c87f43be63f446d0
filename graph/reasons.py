"""Why a step has to run: what differs from when its result was last known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from graph.keys import Keys
from graph.remembered import Components, Remembered, components_of
from graph.steps import Workflow

FIRST: Final = "first run"
GONE: Final = "its output file is gone"
EVICTED: Final = "evicted from the cache"
NOT_CACHEABLE: Final = "not cacheable"
OUTSIDE: Final = "outside state changed"
EXPANDED: Final = "its node expanded into it"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step runs, as a sentence; `cause` is the step where the change began, None if nothing changed."""

    sentence: str
    cause: str | None


def reasons(
    workflow: Workflow, known: Keys, remembered: Remembered, running: Collection[str], gone: Collection[str]
) -> Mapping[str, Reason]:
    """The reason of every running step, in order. A change is named where it began, not where it was passed on."""
    causes: dict[str, str] = {}
    found: dict[str, Reason] = {}
    for step_id in known.order:
        before = remembered.get(step_id)
        if before is not None and before.key == known.keys[step_id]:
            reason = Reason(EVICTED, None)
        else:
            reason = _change(workflow, known, before, step_id, causes)
        if reason.cause is not None:
            causes[step_id] = reason.cause
        if step_id in running:
            found[step_id] = Reason(GONE, reason.cause) if step_id in gone else reason
    return found


def _change(
    workflow: Workflow, known: Keys, before: Components | None, step_id: str, causes: Mapping[str, str]
) -> Reason:
    """What makes the step's key differ from the one it had."""
    if step_id in known.volatile:
        root = next((causes[source] for source in known.upstream[step_id] if source in known.volatile), None)
        if root is None:
            return Reason(NOT_CACHEABLE, step_id)
        return Reason(f"upstream node {_named(known, root)} is not cacheable", root)
    if before is None:
        return Reason(FIRST, step_id)
    now = components_of(workflow.steps[step_id], known.nodes[step_id], known)
    own = _own_change(before, now)
    if own is not None:
        return Reason(own, step_id)
    for name, source in now.sources.items():
        if source.key != before.sources[name].key:
            root = causes.get(source.node, source.node)
            return Reason(f"upstream node {_named(known, root)} changed", root)
    return Reason("the engine's way to name results changed", step_id)


def _own_change(before: Components, now: Components) -> str | None:
    """What changed at the step itself, or None where it is the same."""
    if before.class_type != now.class_type:
        return f"the node changed from {before.class_type} to {now.class_type}"
    if before.version != now.version:
        return f"version of the node changed from {before.version} to {now.version}"
    names = dict.fromkeys([*now.literals, *now.sources, *before.literals, *before.sources])
    changed = [name for name in names if _given(before, name) != _given(now, name)]
    if changed:
        listed = ", ".join(f"`{name}`" for name in changed[:4])
        more = f" and {len(changed) - 4} more" if len(changed) > 4 else ""
        return f"{'inputs' if len(changed) > 1 else 'input'} {listed}{more} changed"
    return OUTSIDE if before.fingerprint != now.fingerprint else None


def _given(components: Components, name: str) -> object:
    """What an input was given: a literal's text, or the output it was linked to."""
    source = components.sources.get(name)
    return components.literals.get(name) if source is None else (source.node, source.slot)


def _named(known: Keys, step_id: str) -> str:
    return f"{step_id} ({known.nodes[step_id].id})"
