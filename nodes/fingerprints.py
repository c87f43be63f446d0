"""Outside state that nodes depend on, as texts that join their cache keys."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from storage import Digests, Folders, Kind

Services = Mapping[type, object]
Fingerprint = Callable[[Mapping[str, object], Services], str | None]
"""From the literals of a node's inputs (None for linked ones) to a text; None says that no two runs are alike."""

Service = TypeVar("Service")


def of_model(input: str, category: str) -> Fingerprint:
    """The digest of the model file that an input names."""

    def fingerprint(literals: Mapping[str, object], services: Services) -> str | None:
        return _digest(literals.get(input), services, lambda folders, name: folders.model_path(category, name))

    return fingerprint


def of_file(input: str, kind: Kind = "input") -> Fingerprint:
    """The digest of the file that an input names, such as `a.png [output]`; without a bracket it lies in `kind`."""

    def fingerprint(literals: Mapping[str, object], services: Services) -> str | None:
        return _digest(literals.get(input), services, lambda folders, name: folders.resolve_annotated(name, kind))

    return fingerprint


def of_folder(kind: Kind) -> Fingerprint:
    """The folder that is written to: what was saved elsewhere is not saved here."""

    def fingerprint(literals: Mapping[str, object], services: Services) -> str | None:
        return str(_service(services, Folders).root(kind).resolve())

    return fingerprint


def _digest(name: object, services: Services, find: Callable[[Folders, str], Path]) -> str | None:
    if not isinstance(name, str):
        return None
    return _service(services, Digests).of(find(_service(services, Folders), name))


def _service(services: Services, kind: type[Service]) -> Service:
    return cast(Service, services[kind])
