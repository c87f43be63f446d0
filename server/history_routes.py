"""`/history`: runs that have ended, with what they showed and how they went."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from runs.desk import Desk
from runs.errors import UnknownRun
from runs.records import ENDED, Message, Record
from server.answers import BadBody, compact, empty, json_answer, large_json_answer, read_json
from server.keys import DESK
from server.queue_routes import read_removal
from server.wire import HISTORY_MESSAGES, history_entry

routes = web.RouteTableDef()

MOST_ENTRIES: Final = 10_000
"""Entries of one answer; older ones are asked for with an offset."""

MOST_BYTES: Final = 200_000_000
"""Bytes of one answer, for runs whose workflows are very large; older entries are then left off."""

PAGE: Final = 100
"""Runs that are in memory at once while an answer is put together."""

Known = tuple[Record, Sequence[Message]]


@routes.get("/history", allow_head=False)
async def get_history(request: web.Request) -> web.StreamResponse:
    """Runs in the order of their ending, the oldest first; without an offset `max_items` counts from the newest."""
    most = _whole(request, "max_items", MOST_ENTRIES)
    offset = _whole(request, "offset", -1)
    desk = request.app[DESK]
    entries = await _newest(desk, most) if offset < 0 else await _from_oldest(desk, most, offset)
    response = web.StreamResponse()
    response.content_type = "application/json"
    response.charset = "utf-8"
    await response.prepare(request)
    await response.write(b"{")
    for count, entry in enumerate(entries):
        await response.write(b"," + entry if count else entry)
    await response.write(b"}")
    await response.write_eof()
    return response


@routes.get("/history/{id}")
async def get_entry(request: web.Request) -> web.Response:
    """One run that has ended, or `{}`."""
    desk = request.app[DESK]
    record = await desk.record(request.match_info["id"])
    known = await _known(desk, record) if record is not None and record.state in ENDED else None
    if known is None or record is None or not record.attempts:
        return json_answer({})
    return await large_json_answer({record.id: history_entry(*known)})


@routes.post("/history")
async def post_history(request: web.Request) -> web.Response:
    """Delete runs that have ended, with their events: `{"clear": true}` all, `{"delete": [ids]}` these."""
    clear, ids = read_removal(await read_json(request))
    desk = request.app[DESK]
    if clear:
        await desk.forget()
    if ids:
        await desk.forget(ids)
    return empty()


async def _newest(desk: Desk, most: int) -> list[bytes]:
    """The newest entries, oldest first, as parts of the JSON object."""
    found: dict[str, bytes] = {}
    size, offset = 0, 0
    while len(found) < most and size < MOST_BYTES:
        limit = min(PAGE, most - len(found))
        page = await desk.records(ENDED, limit=limit, offset=offset, newest_first=True, begun=True)
        # A run that ended meanwhile moves the others on: what was there before comes again.
        fresh = [record for record in page if record.id not in found]
        for run, entry in await _entries(desk, fresh):
            found[run] = entry
            size += len(entry)
        offset += len(page)
        if len(page) < limit:
            break
    return list(reversed(found.values()))


async def _from_oldest(desk: Desk, most: int, offset: int) -> list[bytes]:
    """Entries from an offset on, counted from the oldest."""
    found: dict[str, bytes] = {}
    size = 0
    while len(found) < most and size < MOST_BYTES:
        limit = min(PAGE, most - len(found))
        page = await desk.records(ENDED, limit=limit, offset=offset, newest_first=False, begun=True)
        for run, entry in await _entries(desk, page):
            found[run] = entry
            size += len(entry)
        offset += len(page)
        if len(page) < limit:
            break
    return list(found.values())


async def _entries(desk: Desk, records: Sequence[Record]) -> list[tuple[str, bytes]]:
    """Entries as text, written in a thread."""
    known = [each for record in records if (each := await _known(desk, record)) is not None]
    return await asyncio.to_thread(_written, known)


def _written(known: Sequence[Known]) -> list[tuple[str, bytes]]:
    return [
        (record.id, f"{compact(record.id)}:{compact(history_entry(record, events))}".encode())
        for record, events in known
    ]


async def _known(desk: Desk, record: Record) -> Known | None:
    """A run with what the history repeats of its events; None where it was deleted meanwhile."""
    try:
        events = await desk.events(record.id)
    except UnknownRun:
        return None
    return record, [event for event in events if event.type in HISTORY_MESSAGES]


def _whole(request: web.Request, name: str, usual: int) -> int:
    """A whole number of the query; -1 and other negative ones stand for none. Raises BadBody."""
    text = request.query.get(name, "")
    if not text:
        return usual
    try:
        value = int(text[:20])
    except ValueError:
        raise BadBody(f"{name} is a whole number, found {text[:40]!r}") from None
    if name == "max_items":
        return usual if value < 0 else min(value, usual)
    return min(value, 2**53)
