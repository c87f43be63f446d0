"""A house into which the whole collection of packs is loaded, with one cache for all runs."""

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from graph import events
from graph.cache import Cache
from graph.check import check
from graph.outcome import Outcome
from graph.plan import plan
from graph.problems import Problem
from graph.registry import Registry
from graph.run import run
from graph.steps import from_api
from nodes.codecs import size_of
from packs.compat.context import Context
from packs.compat.giving import given
from packs.compat.wires import CompatWires
from packs.convention.reader import class_reader, schema_reader
from packs.finding import find_packs
from packs.importing import PackImporter
from packs.loading import LoadedPacks, load_packs
from packs.native import read_native
from packs.report import PackChoice
from storage import Digests, Folders

COLLECTION = Path(__file__).parent / "collection"


class Collected:
    """The packs lie in a folder of their own; `more` are further packs by file name and source."""

    def __init__(self, base: Path, models: Path, builtin: Registry, more: Mapping[str, str] | None = None) -> None:
        self.folders = Folders.under(base)
        shutil.copytree(models, self.folders.models, dirs_exist_ok=True)
        packs = base / "custom_nodes"
        shutil.copytree(COLLECTION, packs, ignore=shutil.ignore_patterns("__pycache__"))
        for name, source in (more or {}).items():
            (packs / f"{name}.py").write_text(source, encoding="utf-8")
        self.packs = packs
        self.services: dict[type, object] = {
            Folders: self.folders,
            Digests: Digests.in_user_folder(self.folders.user),
            torch.device: torch.device("cpu"),
        }
        self.registry = builtin
        self.context = Context(self.folders, lambda: self.registry, self.services, (packs,), "1.2")
        self.importer = PackImporter(given(self.context))
        self.importer.open()
        wires = CompatWires()
        readers = [read_native, class_reader(wires), schema_reader(wires)]
        found = find_packs([packs], installed=())
        self.loaded: LoadedPacks = load_packs(found, PackChoice(seconds=120), builtin, readers, self.importer)
        self.registry = self.loaded.registry
        self.reports = {report.name: report for report in self.loaded.reports}
        self.cache = Cache(2**28, None, size_of)
        self.heard: list[events.Event] = []

    def close(self) -> None:
        """Forget the packs."""
        self.importer.close()

    def module(self, pack: str, inner: str = "") -> ModuleType:
        """A module of a pack, to look at what it counted."""
        import sys

        return sys.modules[f"custom_nodes.{pack}{inner}"]

    def check(self, steps: Mapping[str, Any], targets: Collection[str] | None = None) -> tuple[Problem, ...]:
        """The errors of a workflow."""
        problems = check(from_api(dict(steps)), self.registry, {}, targets)
        return tuple(each for each in problems if each.severity == "error")

    def go(self, steps: Mapping[str, Any], *targets: str, **options: Any) -> Outcome:
        """Plan and run a workflow; what was said is in `heard`."""
        self.heard = []
        planned = plan(from_api(dict(steps)), self.registry, self.cache, self.services, targets or None)
        return run(planned, self.cache, self.services, self.heard.append, **options)

    def values(self, steps: Mapping[str, Any], target: str) -> tuple[Any, ...]:
        """The values of a step of a workflow that ends well."""
        outcome = self.go(steps, target)
        assert outcome.status == "success", outcome.error
        return tuple(outcome.results[target])

    def said(self, kind: type[Any]) -> list[Any]:
        """The events of one kind."""
        return [each for each in self.heard if isinstance(each, kind)]


def step(class_type: str, **inputs: object) -> dict[str, Any]:
    """A step of a workflow."""
    return {"class_type": class_type, "inputs": inputs}


def drawn(**further: Any) -> dict[str, Any]:
    """A checkpoint, two prompts and an empty latent as steps 1 to 4, and further ones."""
    return {
        "1": step("CheckpointLoaderSimple", ckpt_name="tiny.safetensors"),
        "2": step("CLIPTextEncode", text="a red fox", clip=["1", 1]),
        "3": step("CLIPTextEncode", text="blue", clip=["1", 1]),
        "4": step("EmptyLatentImage", width=64, height=64, batch_size=1),
        **further,
    }
