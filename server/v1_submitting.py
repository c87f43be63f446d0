"""Hand a run in for the own API: checked as a whole first, and answered with what was sent before under its id."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from aiohttp import web

from graph.formats.editor_json import is_editor_format
from graph.formats.editor_json import to_api as editor_to_api
from graph.formats.kinds import NodeTable
from graph.problems import Problem
from graph.reach import terminals
from graph.workflow import Workflow, from_api, to_api
from runs.records import Record, Submission
from server.keys import CATALOGUES, DESK
from server.v1_exchange import as_mapping, view_url
from server.v1_models import OutputFile, Outputs, Run, RunError, RunOptions, RunSummary

LARGE: Final = 300
"""Steps from which a workflow is read in a thread."""
OUTPUTS: Final = "function_outputs"
"""In what came along with a run of a function: the steps of its outputs, by name."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run as a route wants it. targets: None for all steps that save or show."""

    workflow: Workflow
    targets: Sequence[str] | None
    options: RunOptions
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    function: str | None = None


async def read_workflow(request: web.Request, document: Mapping[str, object]) -> Workflow:
    """The API form, or a file as an editor saves it, as a workflow. Raises WorkflowError."""
    if is_editor_format(document):
        descriptions = await request.app[DESK].nodes()
        kinds = NodeTable.from_registry(descriptions.registry, request.app[CATALOGUES])
        return await asyncio.to_thread(lambda: from_api(editor_to_api(document, kinds)))
    return from_api(document) if len(document) < LARGE else await asyncio.to_thread(from_api, document)


def with_file(extra: Mapping[str, object], document: Mapping[str, object]) -> Mapping[str, object]:
    """What comes along with a run, and an editor's file as the `workflow` of saved pictures, unless there is one."""
    if not is_editor_format(document):
        return extra
    texts = as_mapping(extra.get("extra_pnginfo"))
    return {**extra, "extra_pnginfo": {"workflow": document, **texts}}


async def judge(
    request: web.Request, workflow: Workflow, targets: Sequence[str] | None
) -> tuple[tuple[Problem, ...], bool]:
    """All problems, and whether the nodes' own validation was asked. Raises NoWorker."""
    return await request.app[DESK].check(workflow, request.app[CATALOGUES], targets)


async def sent_before(request: web.Request, wanted: Wanted) -> Record | None:
    """The run that has this id already, if its workflow is the same. Raises IdTaken if it is not."""
    chosen = wanted.options.id
    known = None if chosen is None else await request.app[DESK].record(chosen)
    return None if known is None else await _submit(request, wanted, known.targets, checked=False)


async def hand_in(request: web.Request, wanted: Wanted, checked: bool) -> Record:
    """Queue a run that passed the check. Raises IdTaken."""
    targets = wanted.targets
    if targets is None:
        targets = terminals(wanted.workflow, (await request.app[DESK].nodes()).registry)
    return await _submit(request, wanted, tuple(dict.fromkeys(targets)), checked)


async def _submit(request: web.Request, wanted: Wanted, targets: tuple[str, ...], checked: bool) -> Record:
    options = wanted.options
    return await request.app[DESK].submit(
        Submission(
            workflow=to_api(wanted.workflow),
            targets=targets,
            id=options.id,
            client_id=options.client_id,
            extra=wanted.extra,
            number=options.priority,
            front=options.front,
            checked=checked,
            function=wanted.function,
            deadline=options.deadline,
        )
    )


# Records as models


def summary_of(record: Record) -> RunSummary:
    """A record as the API tells it."""
    return RunSummary.model_construct(**_told(record))


def run_of(record: Record) -> Run:
    """A record with its workflow."""
    return Run.model_construct(**_told(record), workflow=dict(record.workflow), extra=dict(record.extra))


def _told(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "state": record.state,
        "priority": float(record.number),
        "client_id": record.client_id,
        "function": record.function,
        "targets": list(record.targets),
        "deadline": record.deadline,
        "submitted_at": record.submitted_at,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "attempts": record.attempts,
        "worker": record.worker,
        "cached": record.cached,
        "seconds": dict(record.seconds),
        "memory": None if record.memory is None else dict(record.memory),
        "error": None if record.error is None else _error(record.error),
    }


def _error(error: Mapping[str, object]) -> RunError:
    """What went wrong; the traceback stays in the events, since it names files of the server."""
    node, class_type = error.get("node_id"), error.get("node_type")
    return RunError(
        type=str(error.get("exception_type", "")),
        message=str(error.get("exception_message", "")).rstrip("\n"),
        node=None if node is None else str(node),
        class_type=None if class_type is None else str(class_type),
        inputs=dict(as_mapping(error.get("current_inputs"))),
    )


def outputs_of(record: Record, node: str | None = None) -> Outputs:
    """What a run made, or what one step of it made: files with their addresses, and what else was shown."""
    files: list[OutputFile] = []
    shown: dict[str, dict[str, object]] = {}
    for step, ui in record.outputs.items():
        # A step that expanded while running shows its results by steps of their own.
        if node is not None and node not in (step, record.meta.get(step, {}).get("display_node")):
            continue
        for name, value in ui.items():
            found = _files(step, name, value)
            files.extend(found)
            if not found:
                shown.setdefault(step, {})[name] = value
    return Outputs(files=files, shown=shown)


def _files(step: str, name: str, value: object) -> list[OutputFile]:
    """The files in one entry of what a step shows: a list of objects with a name and a folder."""
    if not isinstance(value, list | tuple):
        return []
    found: list[OutputFile] = []
    for item in map(as_mapping, cast(Sequence[object], value)):
        if "filename" in item and "type" in item:
            filename, subfolder, kind = str(item["filename"]), str(item.get("subfolder", "")), str(item["type"])
            url = view_url(filename, subfolder, kind)
            found.append(OutputFile(node=step, name=name, filename=filename, subfolder=subfolder, type=kind, url=url))
    return found


def outputs_by_name(record: Record) -> dict[str, Outputs]:
    """What a run of a function made, by the names of its outputs; nothing for another run or one that goes on."""
    steps = as_mapping(record.extra.get(OUTPUTS))
    made = {name: outputs_of(record, str(step)) for name, step in steps.items()}
    return made if record.function is not None and record.ended_at is not None else {}
