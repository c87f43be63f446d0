"""What packs have brought, as workers told it: reports, folders for editors, and where their HTTP routes are served.

It outlives the workers that told it, and in the database the server, so that an editor finds what it knows while new
workers load.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from runs.records import NodesChanged
from runs.words import Ready

Report = Mapping[str, Any]
"""One `packs.report.report_to_json`, with `had`: ids of the nodes it brought when it last brought any."""

FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class PackRoute:
    """An HTTP route of a pack, its path as aiohttp writes patterns."""

    pack: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Door:
    """Where a worker serves routes of packs: on this machine, at a port, to whoever sends the secret."""

    worker: str
    port: int
    secret: str
    routes: tuple[PackRoute, ...]


class Brought:
    """What is known of packs. Of several workers: all packs there are, and of one that failed somewhere that it did."""

    def __init__(self) -> None:
        self._reports: list[Report] = []
        self._webs: dict[str, str] = {}
        self._had: dict[str, list[str]] = {}
        self._said: dict[str, Ready] = {}

    @property
    def reports(self) -> Sequence[Report]:
        """A report for each pack, in the order in which they were loaded."""
        return self._reports

    @property
    def webs(self) -> Mapping[str, str]:
        """The folder that a pack brings for editors, by its name; nobody has judged it yet."""
        return self._webs

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of packs that could not be loaded."""
        return tuple(report["name"] for report in self._reports if report["state"] == FAILED)

    def doors(self) -> Sequence[Door]:
        """Where routes of packs are served, also by workers that are gone: their routes are none of anybody else."""
        return [door for worker, ready in self._said.items() if (door := _door(worker, ready.routes)) is not None]

    def hear(self, worker: str, ready: Ready) -> bool:
        """Take in what a worker says; whether that is news, but for how long imports took."""
        before = _without_seconds(self._reports), self._webs
        self._said[worker] = ready
        merged: dict[str, Report] = {}
        for report in (report for each in self._said.values() for report in each.packs):
            known = merged.get(cast(str, report["name"]))
            if known is None or (report["state"] == FAILED and known["state"] != FAILED):
                merged[cast(str, report["name"])] = report
        for name, report in merged.items():
            if report["nodes"]:
                self._had[name] = list(report["nodes"])
        self._reports = [{**report, "had": self._had.get(name, [])} for name, report in merged.items()]
        self._webs = {
            cast(str, web["pack"]): cast(str, web["folder"]) for each in self._said.values() for web in each.webs
        }
        return before != (_without_seconds(self._reports), self._webs)

    def to_json(self) -> Mapping[str, object]:
        """What is to be remembered beyond the end of the server."""
        return {"reports": list(self._reports), "webs": self._webs, "had": self._had}

    def remember(self, kept: object) -> None:
        """Begin with what an earlier server knew."""
        if isinstance(kept, Mapping):
            known = cast(Mapping[str, Any], kept)
            self._reports, self._webs, self._had = known["reports"], known["webs"], known["had"]


def difference(before: Sequence[Mapping[str, object]], now: Sequence[Mapping[str, object]]) -> Iterator[list[str]]:
    """Ids of the nodes that were added, removed, and described anew."""
    old, new = ({cast(str, node["id"]): node for node in nodes} for nodes in (before, now))
    yield [name for name in new if name not in old]
    yield [name for name in old if name not in new]
    yield [name for name, node in new.items() if name in old and old[name] != node]


def changed(
    before: Sequence[Mapping[str, object]], now: Sequence[Mapping[str, object]], failed: Collection[str]
) -> NodesChanged:
    """The difference as it is told to listeners."""
    added, removed, others = difference(before, now)
    return NodesChanged(tuple(added), tuple(removed), tuple(others), tuple(failed))


def _without_seconds(reports: Sequence[Report]) -> list[Report]:
    return [{name: value for name, value in report.items() if name != "seconds"} for report in reports]


def _door(worker: str, told: Mapping[str, Any]) -> Door | None:
    if not told:
        return None
    routes = tuple(PackRoute(each["pack"], each["method"], each["path"]) for each in told["routes"])
    return Door(worker, told["port"], told["secret"], routes)
