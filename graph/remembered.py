"""What each step was like when its result was last known, so that a plan can say what has changed since."""

import json
import logging
import os
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from graph.interface import Node
from graph.keys import Keyless, Keys, digest, literal_token
from graph.steps import Link, Step

_LOG: Final = logging.getLogger(__name__)
_SHORT: Final = 40


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input came from: a step, its output, and the key its result had."""

    node: str
    slot: int
    key: str


@dataclass(frozen=True, slots=True)
class Components:
    """What a step's key was made of. literals: by input name the value's canonical text, or its hash if long."""

    class_type: str
    version: str
    key: str
    literals: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: Mapping[str, Source] = field(default_factory=dict[str, Source])
    fingerprint: str | None = None


def components_of(step: Step, node: Node, known: Keys) -> Components:
    """What the step is made of now."""
    literals: dict[str, str] = {}
    sources: dict[str, Source] = {}
    for name, value in step.inputs.items():
        if value.__class__ is Link:
            link = cast(Link, value)
            if node.input(name, True) is not None:
                sources[name] = Source(link.node, link.slot, known.keys[link.node])
            continue
        declared = node.input(name, False)
        if declared is not None:
            try:
                text = literal_token(declared, value)
            except Keyless:
                text = "?"
            literals[name] = text if len(text) <= _SHORT else digest(text)
    state = known.fingerprints.get(step.id)
    return Components(node.id, str(node.version), known.keys[step.id], literals, sources, state and digest(state))


class Remembered:
    """Components by step id, the latest `most` of them, kept in a small JSON file where there is one."""

    def __init__(self, path: Path | None, most: int = 20_000) -> None:
        self._path = path
        self._most = most
        self._steps: OrderedDict[str, Components] | None = None
        self._changed = False

    def get(self, step_id: str) -> Components | None:
        """What the step was like, or None where it never ended well."""
        return self._loaded().get(step_id)

    def put(self, step_id: str, components: Components) -> None:
        """Remember a step."""
        steps = self._loaded()
        steps[step_id] = components
        steps.move_to_end(step_id)
        self._changed = True
        if len(steps) > self._most:
            steps.popitem(last=False)

    def save(self) -> None:
        """Write what has changed. A full disk costs no more than the sentences."""
        if self._path is None or not self._changed:
            return
        aside = self._path.with_name(f"tmp-{os.getpid()}-{secrets.token_hex(8)}.json")
        body = {step_id: _to_json(components) for step_id, components in self._loaded().items()}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(body, separators=(",", ":")), encoding="utf-8")
            aside.replace(self._path)
        except OSError as error:
            _LOG.warning("what ran last could not be written to %s: %s", self._path, error)
            aside.unlink(missing_ok=True)
            return
        self._changed = False

    def _loaded(self) -> "OrderedDict[str, Components]":
        if self._steps is None:
            self._steps = OrderedDict() if self._path is None else _read(self._path)
        return self._steps


def _to_json(components: Components) -> list[object]:
    sources = {name: [source.node, source.slot, source.key] for name, source in components.sources.items()}
    return [
        components.class_type, components.version, components.key, components.literals, sources,
        components.fingerprint,
    ]  # fmt: skip


def _read(path: Path) -> OrderedDict[str, Components]:
    """What the file says; nothing where it is absent or damaged."""
    steps: OrderedDict[str, Components] = OrderedDict()
    try:
        body = cast(dict[str, list[Any]], json.loads(path.read_bytes()))
        for step_id, (class_type, version, key, literals, sources, fingerprint) in body.items():
            linked = {name: Source(node, slot, source_key) for name, (node, slot, source_key) in sources.items()}
            steps[step_id] = Components(class_type, version, key, dict(literals), linked, fingerprint)
    except FileNotFoundError:
        return steps
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        _LOG.warning("%s is damaged and begins anew: %s", path, error)
    return steps
