"""`/prompt`: hand a workflow in, and ask how many runs wait."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import web

from graph.check import sound_outputs
from graph.describe import Catalogues
from graph.described import Descriptions
from graph.errors import WorkflowError
from graph.problems import Problem
from graph.reach import terminals
from graph.steps import Workflow, from_api
from runs.desk import Desk
from runs.errors import IdTaken
from runs.records import Record, Submission
from server.answers import BadBody, json_answer, large_json_answer, read_json
from server.keys import CATALOGUES, DESK
from server.node_errors import NodeErrors, node_errors, refusal, refused
from server.wire import LONGEST_NAME, is_name, number

routes = web.RouteTableDef()

MOST_STEPS: Final = 100_000
MANY_STEPS: Final = 500
"""Steps above which a workflow is read in a thread, so that the event loop goes on."""

_KEYS_OF_ACCOUNTS: Final = ("auth_token_comfy_org", "api_key_comfy_org")
"""What front ends send for services of others; it is never kept."""


class _Misfit(Exception):
    """A field of the request is not what it has to be; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it was read; `prompt` is None where there was none."""

    prompt: object
    prompt_id: str | None
    client_id: str | None
    extra: Mapping[str, object]
    number: float | None
    front: bool
    targets: tuple[str, ...] | None


@routes.get("/prompt")
async def get_prompt(request: web.Request) -> web.Response:
    """How many runs wait or are at work."""
    return json_answer({"exec_info": {"queue_remaining": request.app[DESK].remaining()}})


@routes.post("/prompt")
async def post_prompt(request: web.Request) -> web.Response:
    """Queue a workflow: 200 with its id and place, 400 with every problem, 409 for an id that another one has."""
    desk = request.app[DESK]
    try:
        body = await read_json(request)
    except BadBody as error:
        return json_answer(refused("invalid_json", str(error)), 400)
    try:
        asked = _read(body)
    except _Misfit as error:
        return await _refuse(desk, None, refused("invalid_prompt", str(error)))
    if asked is None:
        return await _refuse(desk, None, refused("no_prompt", "No prompt provided", "No prompt provided"))
    try:
        workflow = await _workflow(asked.prompt)
    except WorkflowError as error:
        return await _refuse(desk, asked, refused("invalid_prompt", str(error), error.where))
    return await _queue(desk, request.app[CATALOGUES], asked, workflow)


async def _queue(desk: Desk, catalogues: Catalogues, asked: _Asked, workflow: Workflow) -> web.Response:
    """Check a workflow and hand in what of it can run."""
    descriptions = await desk.nodes()
    targets = _targets(asked, workflow, descriptions)
    problems, validated = await desk.check(workflow, catalogues, targets)
    errors = [problem for problem in problems if problem.severity == "error"]
    sound: Sequence[str]
    found: NodeErrors = {}
    if not errors:
        sound = terminals(workflow, descriptions.registry) if targets is None else targets
    else:
        sound = await asyncio.to_thread(_sound, workflow, descriptions, errors, targets)
        if not sound:
            body = await asyncio.to_thread(refusal, errors, workflow, descriptions, catalogues)
            return await _refuse(desk, asked, body)
        found = await asyncio.to_thread(node_errors, errors, workflow, descriptions, catalogues)
    try:
        record = await desk.submit(_submission(asked, workflow, tuple(sound), validated))
    except IdTaken as error:
        return json_answer(refused("prompt_id_taken", str(error)), 409)
    return await large_json_answer(_accepted(record, found))


def _accepted(record: Record, found: NodeErrors) -> dict[str, object]:
    return {"prompt_id": record.id, "number": number(record.number), "node_errors": found}


async def _refuse(desk: Desk, asked: _Asked | None, body: Mapping[str, object]) -> web.Response:
    """Answer 400; a request without a number of its own uses one up, as it does on this wire."""
    if asked is None or asked.number is None:
        await desk.take_number()
    return await large_json_answer(body, 400)


def _targets(asked: _Asked, workflow: Workflow, descriptions: Descriptions) -> tuple[str, ...] | None:
    """The steps that are wanted: of those named the ones that show something; names of no step stay, to be refused."""
    if asked.targets is None:
        return None
    known = frozenset(terminals(workflow, descriptions.registry))
    return tuple(each for each in dict.fromkeys(asked.targets) if each in known or each not in workflow.steps)


def _sound(
    workflow: Workflow, descriptions: Descriptions, errors: Sequence[Problem], targets: tuple[str, ...] | None
) -> tuple[str, ...]:
    """What can run of a workflow that is partly wrong; nothing of one that names nodes or targets that are unknown."""
    if any(problem.code in ("unknown_node", "missing_class_type") or problem.node is None for problem in errors):
        return ()
    sound = dict.fromkeys(sound_outputs(workflow, descriptions.registry, errors))
    return tuple(sound) if targets is None else tuple(each for each in targets if each in sound)


def _submission(asked: _Asked, workflow: Workflow, targets: tuple[str, ...], validated: bool) -> Submission:
    """The run as it is handed in: the steps as they were sent, without what may stand around them."""
    document = cast(Mapping[str, Mapping[str, object]], asked.prompt)
    return Submission(
        workflow=document if workflow.wrapper is None else document["prompt"],
        targets=targets,
        id=asked.prompt_id,
        client_id=asked.client_id,
        extra=asked.extra,
        number=asked.number,
        front=asked.front,
        checked=validated,
    )


async def _workflow(prompt: object) -> Workflow:
    """The workflow of a request. Raises WorkflowError for what is none or has too many steps."""
    count = _count(prompt)
    _check_count(count)
    workflow = from_api(prompt) if 1 < count < MANY_STEPS else await asyncio.to_thread(from_api, prompt)
    _check_count(len(workflow.steps))  # they may lie one level below
    for step_id in workflow.steps:
        if not is_name(step_id):
            raise WorkflowError(
                f"the id of a step is text of at most {LONGEST_NAME} characters without control characters",
                where=step_id[:40],
            )
    return workflow


def _count(prompt: object) -> int:
    return len(cast(Mapping[str, object], prompt)) if isinstance(prompt, Mapping) else 0


def _check_count(count: int) -> None:
    if count > MOST_STEPS:
        raise WorkflowError(f"a workflow may have {MOST_STEPS} steps, this one has {count}; split it")


def _read(body: object) -> _Asked | None:
    """The fields of a request, None for one without a workflow. Raises _Misfit."""
    if body is None:
        return None
    if not isinstance(body, Mapping):
        raise _Misfit("the body is an object with the workflow under the key prompt")
    fields = cast(Mapping[str, object], body)
    if "prompt" not in fields:
        return None
    extra = fields.get("extra_data")
    if extra is not None and not isinstance(extra, Mapping):
        raise _Misfit("extra_data is an object")
    kept = {k: v for k, v in cast(Mapping[str, object], extra or {}).items() if k not in _KEYS_OF_ACCOUNTS}
    client_id = _name(fields, "client_id") or _name(kept, "client_id")
    if client_id is not None:
        kept["client_id"] = client_id
    front = fields.get("front") or False
    if not isinstance(front, bool):
        raise _Misfit("front is true or false")
    return _Asked(
        prompt=fields["prompt"],
        prompt_id=_name(fields, "prompt_id"),
        client_id=client_id,
        extra=kept,
        number=_priority(fields.get("number")),
        front=front,
        targets=_wanted(fields.get("partial_execution_targets")),
    )


def _name(fields: Mapping[str, object], key: str) -> str | None:
    """An id that a client chose; None for none, and for an empty one."""
    value = fields.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not is_name(value):
        raise _Misfit(f"{key} is text of at most {LONGEST_NAME} characters without control characters")
    return value


def _priority(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Misfit("number is a number; the smallest runs first")
    try:
        priority = float(value)
    except OverflowError:
        priority = math.inf
    if not math.isfinite(priority):
        raise _Misfit("number is a number between -1e308 and 1e308")
    return priority


def _wanted(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise _Misfit("partial_execution_targets is a list of ids of steps")
    named = cast(list[object], value)
    if len(named) > MOST_STEPS or not all(isinstance(each, str | int) for each in named):
        raise _Misfit("partial_execution_targets is a list of ids of steps")
    return tuple(str(each) for each in named)
