"""The own API's workflows: judge and plan without running, and publish them as functions that are called by name."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from graph.errors import WorkflowError
from graph.formats.editor_json import is_editor_format
from graph.functions import Function, bind, problems_of, read_function, schema, to_json, with_names
from graph.interface import ABSENT
from graph.problems import Problem
from graph.workflow import to_document
from runs.desk import Desk
from runs.records import ENDED, Message, Record, Told
from server.answers import compact, empty
from server.keys import CATALOGUES, DESK, FOLDERS
from server.openapi import operation
from server.problem import (
    INVALID_FUNCTION,
    INVALID_INPUTS,
    has_errors,
    problems_to_json,
    refused_for_problems,
)
from server.v1_event_stream import is_last
from server.v1_exchange import answer, large_answer, path_of, read_body
from server.v1_models import (
    FunctionList,
    FunctionRun,
    FunctionSummary,
    FunctionView,
    Judged,
    NewFunction,
    NewFunctionRun,
    PlannedStep,
    PlanView,
    ProblemView,
    Verdict,
)
from server.v1_runs_routes import location
from server.v1_submitting import (
    OUTPUTS,
    Wanted,
    hand_in,
    judge,
    outputs_by_name,
    read_workflow,
    sent_before,
    summary_of,
)
from storage import StorageError
from storage.published import Published, file_of

routes = web.RouteTableDef()

TAG: Final = "workflows"
SCHEMA_JSON: Final = "application/schema+json"
LOOK_AGAIN_SECONDS: Final = 5.0
"""How often a record is looked at while its end is waited for, in case the end was told before."""


# Judging without running


@routes.post("/api/v1/validate")
@operation("Check a workflow", tag=TAG, body=Judged, answers={200: Verdict})
async def validate_workflow(request: web.Request) -> web.StreamResponse:
    """All problems at once; nothing is run."""
    body = await read_body(request, Judged)
    problems, complete = await judge(request, await read_workflow(request, body.workflow), body.targets)
    verdict = Verdict(valid=not has_errors(problems), complete=complete, problems=_views(problems))
    return await large_answer(verdict)


@routes.post("/api/v1/plan")
@operation("Plan a workflow", tag=TAG, body=Judged, answers={200: PlanView})
async def plan_workflow(request: web.Request) -> web.StreamResponse:
    """What would run, what is cached, and why; nothing is run."""
    body = await read_body(request, Judged)
    workflow = await read_workflow(request, body.workflow)
    problems, _ = await judge(request, workflow, body.targets)
    steps: list[PlannedStep] = []
    if not has_errors(problems):
        planned = await request.app[DESK].plan(workflow, body.targets)
        steps = [PlannedStep.model_validate(each) for each in planned]
    return await large_answer(PlanView(steps=steps, problems=_views(problems)))


def _views(problems: Sequence[Problem]) -> list[ProblemView]:
    return [ProblemView.model_construct(**dict[str, Any](each)) for each in problems_to_json(problems)]


# Publishing


@routes.get("/api/v1/workflows")
@operation("List published workflows", tag=TAG, answers={200: FunctionList})
async def list_workflows(request: web.Request) -> web.StreamResponse:
    """By name, with the names of their inputs and outputs."""
    published = _published(request)

    def listed() -> FunctionList:
        workflows: list[FunctionSummary] = []
        unreadable: list[str] = []
        for name in published.names():
            try:
                workflows.append(_summary(name, read_function(published.read(name))))
            except (StorageError, WorkflowError):
                unreadable.append(name)
        return FunctionList(workflows=workflows, unreadable=unreadable)

    return await large_answer(await asyncio.to_thread(listed))


@routes.put("/api/v1/workflows/{name}")
@operation("Publish a workflow", tag=TAG, body=NewFunction, answers={201: FunctionView, 200: FunctionView})
async def publish_workflow(request: web.Request) -> web.StreamResponse:
    """Give a workflow a name, and names to what may be set and what comes out. 200: it took the place of another.
    422: `errors` holds what is wrong with the names, their defaults and the workflow."""
    name = request.match_info["name"]
    file_of(name)
    body = await read_body(request, NewFunction)
    sent = body.model_dump(exclude_unset=True)
    if is_editor_format(body.workflow):
        sent["workflow"] = to_document(await read_workflow(request, body.workflow))
    function = read_function(sent)
    problems = await _problems_of(request, function)
    if has_errors(problems):
        raise refused_for_problems(INVALID_FUNCTION, f"the function {name!r}", problems)
    is_new = await asyncio.to_thread(_published(request).write, name, to_json(function))
    headers = {"Location": path_of("workflows", name)} if is_new else None
    return answer(_view(name, function), 201 if is_new else 200, headers, unset=False)


@routes.get("/api/v1/workflows/{name}")
@operation("Get a published workflow", tag=TAG, answers={200: FunctionView})
async def get_workflow(request: web.Request) -> web.StreamResponse:
    """With its steps, as it was published."""
    function = await _function(request)
    return answer(_view(request.match_info["name"], function), unset=False)


@routes.delete("/api/v1/workflows/{name}")
@operation("Delete a published workflow", tag=TAG, answers={204: None})
async def delete_workflow(request: web.Request) -> web.StreamResponse:
    """Its runs stay."""
    await asyncio.to_thread(_published(request).remove, request.match_info["name"])
    return empty(204)


@routes.get("/api/v1/workflows/{name}/schema")
@operation("Schema of the inputs", tag=TAG, answers={200: SCHEMA_JSON})
async def workflow_schema(request: web.Request) -> web.StreamResponse:
    """JSON Schema (2020-12) of the inputs: types, bounds, defaults, and the choices there are now."""
    function = await _function(request)
    registry = (await request.app[DESK].nodes()).registry
    told = await asyncio.to_thread(schema, function, registry, request.app[CATALOGUES])
    return web.Response(text=compact(told), content_type=SCHEMA_JSON)


# Calling


@routes.post("/api/v1/workflows/{name}/run")
@operation("Call a published workflow", tag=TAG, body=NewFunctionRun, answers={201: FunctionRun, 200: FunctionRun})
async def run_workflow(request: web.Request) -> web.StreamResponse:
    """Queue a run with these inputs. 201: it was queued and has not ended within `wait` seconds. 200: it has ended, or
    its id was sent before with the same inputs. 422: `errors` names what is wrong by the function's inputs."""
    name = request.match_info["name"]
    function = await _function(request)
    body = await read_body(request, NewFunctionRun)
    workflow, bound = bind(function, body.inputs, (await request.app[DESK].nodes()).registry)
    steps = {output: each.node for output, each in function.outputs.items()}
    wanted = Wanted(workflow, function.targets, body, {OUTPUTS: steps}, name)
    record = None if bound else await sent_before(request, wanted)
    is_new = record is None
    if record is None:
        checked, asked = await judge(request, workflow, function.targets)
        problems = with_names(function, bound, checked)
        if has_errors(problems):
            raise refused_for_problems(INVALID_INPUTS, f"this call of {name!r}", problems)
        record = await hand_in(request, wanted, asked)
    record = await _ended(request.app[DESK], record, body.wait)
    told = FunctionRun(run=summary_of(record), outputs=outputs_by_name(record))
    status = 201 if is_new and record.state not in ENDED else 200
    return await large_answer(told, status, location(record))


async def _ended(desk: Desk, record: Record, seconds: float) -> Record:
    """The record once the run has ended, or as it is when the time is over."""
    end = time.monotonic() + seconds
    over = asyncio.Event()

    def hear(told: Told) -> None:
        if isinstance(told, Message) and told.run == record.id and is_last(told):
            over.set()

    leave = desk.listen(hear)
    try:
        while True:
            record = await desk.record(record.id) or record
            left = end - time.monotonic()
            if record.state in ENDED or left <= 0:
                return record
            try:
                await asyncio.wait_for(over.wait(), min(left, LOOK_AGAIN_SECONDS))
            except TimeoutError:
                continue
    finally:
        leave()


async def _problems_of(request: web.Request, function: Function) -> Sequence[Problem]:
    """What is wrong with a function that is to be published.

    What its inputs without a default hold in the workflow is only an example, which callers need not use.
    """
    registry = (await request.app[DESK].nodes()).registry
    named = problems_of(function, registry)
    if any(problem.code == "unknown_target" for problem in named) or not function.outputs:
        return named
    workflow, _ = bind(function, {}, registry)
    checked, _ = await judge(request, workflow, function.targets)
    examples = {name for name, each in function.inputs.items() if each.default is ABSENT}
    told = examples | {problem.input for problem in named if problem.input is not None}
    return [*named, *(each for each in with_names(function, (), checked) if each.node or each.input not in told)]


def _published(request: web.Request) -> Published:
    return Published.in_user_folder(request.app[FOLDERS].user)


async def _function(request: web.Request) -> Function:
    """The function that the path names. Raises NameRefused, Absent, StorageError for a file that holds none."""
    name = request.match_info["name"]
    data = await asyncio.to_thread(_published(request).read, name)
    try:
        return read_function(data)
    except WorkflowError as error:
        raise StorageError("a published workflow", str(error), "Publish it anew, or delete it.") from None


def _view(name: str, function: Function) -> FunctionView:
    return FunctionView.model_validate(to_json(function) | {"name": name})


def _summary(name: str, function: Function) -> FunctionSummary:
    return FunctionSummary(
        name=name, description=function.description, inputs=list(function.inputs), outputs=list(function.outputs)
    )
