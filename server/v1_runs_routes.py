"""The own API's runs: hand in, list, get, cancel, retry, delete, and follow what is told of them."""

import asyncio
import contextlib
from typing import Final

from aiohttp import web

from runs.errors import StillOpen, UnknownRun
from runs.records import OPEN, Record
from server.answers import empty
from server.errors import Refused
from server.keys import DESK, STREAMS
from server.openapi import EVENT_STREAM, operation
from server.problem import INVALID_WORKFLOW, has_errors, refused_for_problems
from server.v1_event_stream import GREETING, HEARTBEAT, MOST_STREAMS, as_text, follow
from server.v1_exchange import answer, large_answer, path_of, read_body, read_query
from server.v1_models import (
    Cancelled,
    EventList,
    EventQuery,
    EventView,
    Move,
    NewRun,
    RetryQuery,
    Run,
    RunList,
    RunOutputs,
    RunQuery,
    RunSummary,
    SinceQuery,
)
from server.v1_submitting import (
    Wanted,
    hand_in,
    judge,
    outputs_by_name,
    outputs_of,
    read_workflow,
    run_of,
    sent_before,
    summary_of,
    with_file,
)

routes = web.RouteTableDef()

TAG: Final = "runs"
WRITE_SECONDS: Final = 60.0
"""How long one piece of a stream may take to be sent before the stream is ended; the client comes back for the rest."""
LAST_EVENT_ID: Final = "Last-Event-ID"
RESUME: Final = {LAST_EVENT_ID: "The number of the last event that was heard; goes before `since`."}


@routes.post("/api/v1/runs")
@operation("Hand a run in", tag=TAG, body=NewRun, answers={201: RunSummary, 200: RunSummary})
async def submit_run(request: web.Request) -> web.StreamResponse:
    """Queue a workflow that passes the check as a whole. 200: this id was sent before, with the same workflow; with
    another one it is refused (409). 422: `errors` holds every problem."""
    body = await read_body(request, NewRun)
    wanted = Wanted(
        await read_workflow(request, body.workflow), body.targets, body, with_file(body.extra, body.workflow)
    )
    known = await sent_before(request, wanted)
    if known is not None:
        return answer(summary_of(known), headers=location(known))
    problems, checked = await judge(request, wanted.workflow, wanted.targets)
    if has_errors(problems):
        raise refused_for_problems(INVALID_WORKFLOW, "the workflow", problems)
    record = await hand_in(request, wanted, checked)
    return answer(summary_of(record), 201, location(record))


@routes.get("/api/v1/runs")
@operation("List runs", tag=TAG, query=RunQuery, answers={200: RunList})
async def list_runs(request: web.Request) -> web.StreamResponse:
    """The newest first."""
    query = read_query(request, RunQuery)
    desk = request.app[DESK]
    records = await desk.records(query.state, limit=query.limit, offset=query.offset)
    total = await desk.count(query.state)
    runs = [summary_of(record) for record in records]
    return await large_answer(RunList(runs=runs, total=total, offset=query.offset, limit=query.limit))


@routes.get("/api/v1/runs/{id}")
@operation("Get a run", tag=TAG, answers={200: Run})
async def get_run(request: web.Request) -> web.StreamResponse:
    """A run as it stands, with its workflow."""
    return await large_answer(run_of(await known_run(request)))


@routes.delete("/api/v1/runs/{id}")
@operation("Delete a run", tag=TAG, answers={204: None})
async def delete_run(request: web.Request) -> web.StreamResponse:
    """Forget a run that has ended, with its events; the files it saved stay. 409: it has not ended."""
    record = await known_run(request)
    if record.state in OPEN or not await request.app[DESK].forget([record.id]):
        await known_run(request)
        raise StillOpen(record.id)
    return empty(204)


@routes.post("/api/v1/runs/{id}/cancel")
@operation("Cancel a run", tag=TAG, answers={200: Cancelled})
async def cancel_run(request: web.Request) -> web.StreamResponse:
    """Take it out of the queue, or ask it to stop between two steps."""
    run = request.match_info["id"]
    return answer(Cancelled(id=run, cancelled=await request.app[DESK].cancel(run)))


@routes.post("/api/v1/runs/{id}/retry")
@operation("Run again", tag=TAG, query=RetryQuery, answers={201: RunSummary})
async def retry_run(request: web.Request) -> web.StreamResponse:
    """Queue the workflow of a run that has ended again, under a new id."""
    client_id = read_query(request, RetryQuery).client_id
    record = await request.app[DESK].retry(request.match_info["id"], client_id)
    return answer(summary_of(record), 201, location(record))


@routes.post("/api/v1/runs/{id}/move")
@operation("Move a run in the queue", tag=TAG, body=Move, answers={200: RunSummary})
async def move_run(request: web.Request) -> web.StreamResponse:
    """Let a run that waits run just before another one, or last. Its priority changes, those of others only where two
    have the same; the order outlives a restart, and websockets hear a `status`. 409: one of the two no longer waits."""
    body = await read_body(request, Move)
    return answer(summary_of(await request.app[DESK].move(request.match_info["id"], body.before)))


@routes.get("/api/v1/runs/{id}/outputs")
@operation("What a run made", tag=TAG, answers={200: RunOutputs})
async def run_outputs(request: web.Request) -> web.StreamResponse:
    """Files with their addresses, and what else was shown."""
    record = await known_run(request)
    made = outputs_of(record)
    return await large_answer(RunOutputs(files=made.files, shown=made.shown, outputs=outputs_by_name(record)))


@routes.get("/api/v1/runs/{id}/events", allow_head=False)
@operation("Events of a run", tag=TAG, query=EventQuery, headers=RESUME, answers={200: EventList}, streams=True)
async def run_events(request: web.Request) -> web.StreamResponse:
    """What was told of a run so far, as JSON; with `Accept: text/event-stream` as a stream that goes on."""
    if EVENT_STREAM in request.headers.get("Accept", ""):
        return await stream_events(request)
    query = read_query(request, EventQuery)
    messages = await request.app[DESK].events(request.match_info["id"], query.since, query.limit)
    events = [
        EventView.model_construct(seq=each.seq, type=each.type, data=dict(each.data), at=each.at) for each in messages
    ]
    return await large_answer(EventList(events=events, last=events[-1].seq if events else query.since))


@routes.get("/api/v1/runs/{id}/events/stream", allow_head=False)
@operation("Follow a run", tag=TAG, query=SinceQuery, headers=RESUME, answers={200: EVENT_STREAM, 204: None})
async def stream_events(request: web.Request) -> web.StreamResponse:
    """Server-sent events: first what was logged after `since`, then what is told, without gap or repetition, until the
    run's last event (`executing` with node null). 204: nothing more will be told, so a browser comes back no more."""
    record = await known_run(request)
    since = _since(request)
    desk = request.app[DESK]
    if record.state not in OPEN and not await desk.events(record.id, since, 1):
        return empty(204)
    streams = request.app[STREAMS]
    if len(streams) >= MOST_STREAMS:
        message = "there are too many event streams; close another one, then try again"
        raise Refused(503, "too_many_streams", message, headers={"Retry-After": "5"})
    response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.content_type = EVENT_STREAM
    response.charset = "utf-8"
    streams.add(response)
    try:
        await _send(request, response, record.id, since)
    finally:
        streams.discard(response)
    return response


async def _send(request: web.Request, response: web.StreamResponse, run: str, since: int) -> None:
    """Write events until there are no more, or nobody who reads them."""
    await response.prepare(request)
    with contextlib.suppress(ConnectionError, TimeoutError, UnknownRun):  # gone, too slow, or deleted
        await asyncio.wait_for(response.write(GREETING), WRITE_SECONDS)
        async with contextlib.aclosing(follow(request.app[DESK], run, since)) as told:
            async for message in told:
                piece = HEARTBEAT if message is None else as_text(message)
                await asyncio.wait_for(response.write(piece), WRITE_SECONDS)
        await response.write_eof()


async def known_run(request: web.Request) -> Record:
    """The run that the path names. Raises UnknownRun."""
    asked = request.match_info["id"]
    record = await request.app[DESK].record(asked)
    if record is None:
        raise UnknownRun(asked)
    return record


def location(record: Record) -> dict[str, str]:
    """Where a run can be asked after."""
    return {"Location": path_of("runs", record.id)}


def _since(request: web.Request) -> int:
    """The number a stream goes on from; a browser that comes back says it in a header."""
    sent = request.headers.get(LAST_EVENT_ID)
    if sent is None:
        model = SinceQuery if request.path.endswith("/stream") else EventQuery
        return read_query(request, model).since
    if not sent.isascii() or not sent.isdigit() or len(sent) > 16:
        raise Refused(400, "bad_query", f"{LAST_EVENT_ID} is the number of an event; found {sent[:40]!r}")
    return int(sent)
