"""`/jobs`: queue and history as one paged list, which the newer front end reads."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from runs.records import STATES, Record, State
from server.answers import BadBody, large_json_answer
from server.errors import Refused
from server.keys import DESK
from server.wire import JOB_STATES, job, job_detail

routes = web.RouteTableDef()

MOST_JOBS: Final = 1000
"""Jobs of one answer."""


@routes.get("/jobs")
async def get_jobs(request: web.Request) -> web.Response:
    """Runs of these statuses, the newest first unless `sort_order=asc`."""
    states = _states(request)
    limit = min(_count(request, "limit", MOST_JOBS), MOST_JOBS)
    offset = _count(request, "offset", 0)
    newest_first = _choice(request, "sort_order", ("desc", "asc")) == "desc"
    desk = request.app[DESK]
    total = await desk.count(states)
    records: Sequence[Record] = ()
    if limit and offset < total:
        records = await desk.records(states, limit=limit, offset=offset, newest_first=newest_first)
    pagination = {"offset": offset, "limit": limit, "total": total, "has_more": offset + len(records) < total}
    return await large_json_answer({"jobs": await asyncio.to_thread(_jobs, records), "pagination": pagination})


def _jobs(records: Sequence[Record]) -> list[dict[str, object]]:
    return [job(record) for record in records]


@routes.get("/jobs/{id}")
async def get_job(request: web.Request) -> web.Response:
    """One run with its workflow and what it showed; 404 for an unknown one."""
    record = await request.app[DESK].record(request.match_info["id"])
    if record is None:
        raise Refused(404, "unknown_job", "there is no job of this id; it may have been deleted")
    return await large_json_answer(job_detail(record))


def _states(request: web.Request) -> tuple[State, ...]:
    """The states that `status=pending,failed` stands for; all of them where it is not given. Raises BadBody."""
    listed = [each.strip() for text in request.query.getall("status", []) for each in text.split(",")]
    names = [each for each in listed if each]
    if not names:
        return STATES
    unknown = [name for name in names if name not in JOB_STATES]
    if unknown:
        raise BadBody(f"status is a list of {', '.join(JOB_STATES)}; found {unknown[0][:40]!r}")
    return tuple(dict.fromkeys(state for name in names for state in JOB_STATES[name]))


def _count(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadBody(f"{name} is a whole number from 0 on, found {text[:40]!r}")
    return int(text)


def _choice(request: web.Request, name: str, known: tuple[str, ...]) -> str:
    """One of these words, the first where none is given. Raises BadBody."""
    text = request.query.get(name) or known[0]
    if text not in known:
        raise BadBody(f"{name} is one of {', '.join(known)}; found {text[:40]!r}")
    return text
