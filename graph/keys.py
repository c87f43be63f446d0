"""Content addresses: the key of a step's result is a hash of everything the result depends on.

A key covers the node's id and version, its literals by name, the keys and slots of what is linked, and the outside
state its fingerprint names. Equal keys mean equal results, in any workflow, process or machine.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, cast

from graph.attempt import Failure, attempt
from graph.coerce import coerce
from graph.errors import CoerceError, CycleError, PlanError
from graph.interface import Input, Node
from graph.problems import ring
from graph.registry import Registry
from graph.steps import DEPTH, Link, Step, Wrapped

FORMAT: Final = "nodeloom-1"
"""Raised when keys or kept results change their meaning, so that old ones are no longer found."""
_DIGEST_BYTES: Final = 20


class Keyless(Exception):
    """A value has no canonical form, so nothing that depends on it can be found again."""


def token(value: object, depth: int = 0) -> str:
    """The canonical text of a JSON value. No two different values share one: 1, 1.0, true and -0.0 all differ.

    Raises Keyless for anything that is not JSON.
    """
    kind = value.__class__
    if kind is str:
        return f"s{len(cast(str, value))}:{value}"
    if kind is int:
        return f"i{value:x};"
    if kind is float:
        return f"f{cast(float, value).hex()};"
    if kind is bool:
        return "b1;" if value else "b0;"
    if value is None:
        return "n;"
    if depth > DEPTH:
        raise Keyless
    if isinstance(value, list | tuple):
        items = cast(list[object], value)
        return f"l{len(items)}:{''.join([token(item, depth + 1) for item in items])}"
    if isinstance(value, dict):
        pairs = cast(dict[object, object], value)
        if not all(isinstance(key, str) for key in pairs):
            raise Keyless
        ordered = sorted(cast(dict[str, object], value).items())
        return f"d{len(ordered)}:{''.join([token(key) + token(item, depth + 1) for key, item in ordered])}"
    if isinstance(value, str):
        return f"s{len(value)}:{value}"
    raise Keyless


def literal_token(input: Input, value: object) -> str:
    """The canonical text of an input's literal as the node will see it."""
    if value.__class__ is Wrapped:
        value = cast(Wrapped, value).value
    with suppress(CoerceError):  # the run will say so at the step itself
        value = coerce(input, value)
    return token(value)


def digest(text: str) -> str:
    """The hash of a text, 40 hexadecimal digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


@dataclass(slots=True)
class Keys:
    """What is known of the steps a walk has met, all by step id.

    order: every step after those it depends on, and each branch in one piece, so that its values can be freed early.
    upstream: the steps it links to. keys: the content addresses. volatile: steps that never find their result again.
    fingerprints: the outside state of those that name any.
    """

    order: list[str] = field(default_factory=list[str])
    upstream: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    keys: dict[str, str] = field(default_factory=dict[str, str])
    volatile: set[str] = field(default_factory=set[str])
    fingerprints: dict[str, str] = field(default_factory=dict[str, str])
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])

    def drop(self, step_id: str) -> None:
        """Forget a step; `order` keeps it."""
        self.upstream.pop(step_id, None)
        self.keys.pop(step_id, None)
        self.volatile.discard(step_id)
        self.fingerprints.pop(step_id, None)
        self.nodes.pop(step_id, None)

    def copy(self) -> "Keys":
        """The same, to be extended on its own."""
        return Keys(
            list(self.order), dict(self.upstream), dict(self.keys), set(self.volatile), dict(self.fingerprints),
            dict(self.nodes),
        )  # fmt: skip


def needs_at_once(node: Node, step: Step) -> list[str]:
    """The steps whose values a step needs before anything is asked of it: all linked but the lazy and raw ones."""
    found: list[str] = []
    for name, value in step.inputs.items():
        if isinstance(value, Link):
            declared = node.input(name, True)
            if declared is not None and not declared.lazy and not declared.raw_link:
                found.append(value.node)
    return found


def walk(
    known: Keys,
    step_of: Callable[[str], Step | None],
    registry: Registry,
    services: Mapping[type, object],
    wanted: Iterable[str],
) -> None:
    """Extend `known` by the wanted steps and all they link to, depth first, each step's key on the way back.

    Raises CycleError with the ring, PlanError for a step or link that leads nowhere.
    """
    opened: dict[str, None] = {}
    keys = known.keys
    for target in wanted:
        stack = [target]
        while stack:
            step_id = stack[-1]
            if step_id in keys:
                stack.pop()
                continue
            step = step_of(step_id)
            if step_id in opened:
                stack.pop()
                del opened[step_id]
                known.order.append(step_id)
                keys[step_id] = _key(known, cast(Step, step), services)
                continue
            opened[step_id] = None
            links = _open(known, step_id, step, registry)
            known.upstream[step_id] = links
            for source in reversed(links):
                if source not in keys:
                    if source in opened:
                        raise _cycle(list(opened), source)
                    stack.append(source)


def _open(known: Keys, step_id: str, step: Step | None, registry: Registry) -> list[str]:
    """Find the step's node and whom it depends on."""
    if step is None:
        raise PlanError(f"a link leads to step {step_id}, which does not exist; check the workflow first")
    node = registry.get(step.class_type) if step.class_type is not None else None
    if node is None:
        raise PlanError(f"step {step_id} names the node {step.class_type!r}, which does not exist; check it first")
    known.nodes[step_id] = node
    by_name = node.by_name
    links: list[str] = []
    for name, value in step.inputs.items():
        if value.__class__ is Link and (name in by_name or node.input(name, True) is not None):
            links.append(cast(Link, value).node)
    return links


def _key(known: Keys, step: Step, services: Mapping[type, object]) -> str:
    """The content address of a step whose upstream keys are known."""
    node = known.nodes[step.id]
    keys = known.keys
    by_name = node.by_name
    inputs = step.inputs
    parts = [FORMAT, token(node.id), token(node.version)]
    try:
        for name in sorted(inputs):
            value = inputs[name]
            if value.__class__ is Link:
                link = cast(Link, value)
                declared = by_name.get(name) or node.input(name, True)
                if declared is not None:
                    raw = f"r{len(link.node)}:{link.node}" if declared.raw_link else ""
                    parts.append(f"{len(name)}:{name}@{link.slot};{keys[link.node]}{raw}")
            else:
                declared = by_name.get(name) or node.input(name, False)
                if declared is not None:
                    parts.append(f"{len(name)}:{name}={literal_token(declared, value)}")
        if node.keyed_by_step:
            parts.append(f"at{len(step.id)}:{step.id}")
        if node.fingerprint is not None:
            known.fingerprints[step.id] = state = _outside(node, step, services)
            parts.append(state)
    except Keyless:
        known.volatile.add(step.id)
        return os.urandom(_DIGEST_BYTES).hex()
    if known.volatile and not known.volatile.isdisjoint(known.upstream[step.id]):
        known.volatile.add(step.id)
    return digest("\n".join(parts))


def _outside(node: Node, step: Step, services: Mapping[type, object]) -> str:
    """The outside state a node names, as text. Raises Keyless where it says there is no end to its changes."""
    literals: dict[str, object] = {}
    for name, value in step.inputs.items():
        declared = node.input(name, value.__class__ is Link)
        if declared is None:
            continue
        try:
            plain = cast(Wrapped, value).value if value.__class__ is Wrapped else value
            literals[name] = None if value.__class__ is Link else coerce(declared, plain)
        except CoerceError:
            raise Keyless from None
    state = attempt(node.fingerprint, literals, services) if node.fingerprint is not None else None
    if state is None or isinstance(state, Failure) or (isinstance(state, float) and state - state != 0):
        raise Keyless
    try:
        return "x" + token(state)
    except Keyless:
        return "x" + token(repr(state))


def _cycle(path: list[str], back_to: str) -> CycleError:
    members = (*path[path.index(back_to) :], back_to)
    return CycleError(f"steps depend on each other in a ring: {ring(members)}", members)
