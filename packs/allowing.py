"""Whether the HTTP routes of a pack are served: only where the operator named the pack, and the pack asks for it."""

from collections.abc import Sequence
from dataclasses import replace

from packs.finding import FoundPack
from packs.manifest import PACK
from packs.report import PackChoice, PackReport

ROUTES = "routes"
"""The permission that a pack.toml asks for."""


def with_routes(report: PackReport, pack: FoundPack, routes: Sequence[str], choice: PackChoice) -> PackReport:
    """The report of a pack together with its routes, and why they are not served if they are not.

    routes: each as `GET /path`. A pack without a pack.toml has no place to ask, so its name is enough.
    """
    if not routes:
        return report
    report = replace(report, routes=tuple(dict.fromkeys(routes)))
    if report.state != "loaded":
        return report
    if pack.name not in choice.routes:
        problem = "its HTTP routes are not served, because nobody allowed them."
        remedy = f"If you trust it, start the server with --allow-routes {_quoted(pack.name)}."
    elif not _asks(pack):
        problem = f"its HTTP routes are not served, because its {PACK} does not ask for the permission {ROUTES!r}."
        remedy = f'Write permissions = ["{ROUTES}"] into its {PACK}.'
    else:
        return replace(report, serves_routes=True)
    return replace(report, problem=_both(report.problem, problem), remedy=_both(report.remedy, remedy))


def _asks(pack: FoundPack) -> bool:
    """Whether a pack asks for routes, or has no manifest of ours to ask in."""
    has_own = pack.path is not None and (pack.path / PACK).is_file()
    return not has_own or ROUTES in pack.manifest.permissions


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name


def _both(first: str, second: str) -> str:
    return f"{first} {second}".strip()
