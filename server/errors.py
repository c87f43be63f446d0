"""The one place where exceptions become answers.

Routes under `/api/v1` answer with `application/problem+json` (RFC 9457), all others in the shape that clients of this
field read: `{"error": {"type", "message", "details", "extra_info"}}`.
"""

import errno
import logging
import secrets
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from graph.errors import WorkflowError
from runs.errors import IdTaken, NotQueued, NoWorker, RunsError, StillOpen, StoreError, UnknownRun, WorkerRefused
from server.answers import BadBody, compact
from storage.errors import Absent, NameRefused, PictureRefused, StorageError
from storage.user_files import TooLarge

LOG: Final = logging.getLogger("nodeloom.server")
OWN_API: Final = "/api/v1/"
RETRY_AFTER: Final = "2"
"""Seconds after which a worker that is starting may be asked again."""

DATABASE: Final = "the database could not be read or written; the log of the server says why"
DISK_FULL: Final = "the disk of the server is full; delete what is not needed, then try again"


class Refused(Exception):
    """A route refuses a request: the status, a stable code, a sentence with the remedy, and what else to tell."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: str = "",
        more: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.more: Mapping[str, object] = more or {}
        self.headers: Mapping[str, str] = headers or {}


def refusal(request: web.Request, refused: Refused) -> web.Response:
    """A refusal as the answer that the clients of this route read."""
    if is_own_api(request):
        return problem(refused)
    body = {
        "error": {
            "type": refused.code,
            "message": refused.message,
            "details": refused.details,
            "extra_info": dict(refused.more),
        }
    }
    return web.Response(
        text=compact(body), status=refused.status, content_type="application/json", headers=refused.headers
    )


def problem(refused: Refused) -> web.Response:
    """A refusal as `application/problem+json`; `code` is stable, `detail` is for people."""
    detail = f"{refused.message}: {refused.details}" if refused.details else refused.message
    body = {
        **refused.more,
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": detail,
        "code": refused.code,
    }
    return web.Response(
        text=compact(body), status=refused.status, content_type="application/problem+json", headers=refused.headers
    )


def is_own_api(request: web.Request) -> bool:
    """Whether a request is for our own interface and not for the wire that other clients know."""
    return request.path.startswith(OWN_API)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever a route raises becomes an answer; what nobody expected gets a number that stands in the log too."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400 or not _says_nothing_more(error):
            raise
        return refusal(request, _of_aiohttp(error))
    except Exception as error:  # the routes' last line of defence; the log gets the traceback
        if isinstance(error, ConnectionError) or request.writer.output_size > 0:
            raise  # nobody listens any more, or half an answer is on its way: the connection has to end
        return refusal(request, refused_for(error) or _unexpected(error, request))


def refused_for(error: Exception) -> Refused | None:
    """The refusal that an exception of ours stands for; None for one that nobody expected."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refused(507, "disk_full", DISK_FULL)
    for kind, status, code in _KNOWN:
        if isinstance(error, kind):
            return _SPECIAL.get(kind, _told)(error, status, code)
    return None


def _told(error: Exception, status: int, code: str) -> Refused:
    return Refused(status, code, str(error))


def _told_in_parts(error: Exception, status: int, code: str) -> Refused:
    assert isinstance(error, StorageError)
    parts = {"expected": error.expected, "found": error.found, "remedy": error.remedy}
    return Refused(status, code, str(error), more=parts)


def _try_again(error: Exception, status: int, code: str) -> Refused:
    return Refused(status, code, str(error), headers={"Retry-After": RETRY_AFTER})


def _database(error: Exception, status: int, code: str) -> Refused:
    LOG.error("the database failed", exc_info=error)
    return Refused(status, code, DATABASE, headers={"Retry-After": RETRY_AFTER})


def _misfit(error: Exception, status: int, code: str) -> Refused:
    assert isinstance(error, ValidationError)
    found = [
        {"where": ".".join(str(part) for part in each["loc"]), "message": each["msg"]}
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    text = "; ".join(f"{each['where'] or 'the body'}: {each['message']}" for each in found[:5])
    return Refused(status, code, f"the body does not fit this route: {text}", more={"errors": found[:50]})


# The first that fits counts, so bases come last.
_KNOWN: Final[tuple[tuple[type[Exception], int, str], ...]] = (
    (BadBody, 400, "bad_body"),
    (ValidationError, 400, "bad_body"),
    (WorkflowError, 400, "bad_workflow"),
    (NameRefused, 400, "name_refused"),
    (PictureRefused, 400, "picture_refused"),
    (Absent, 404, "absent"),
    (TooLarge, 413, "too_large"),
    (StorageError, 400, "storage_refused"),
    (UnknownRun, 404, "unknown_run"),
    (IdTaken, 409, "id_taken"),
    (StillOpen, 409, "still_open"),
    (NotQueued, 409, "not_queued"),
    (NoWorker, 503, "no_worker"),
    (WorkerRefused, 502, "worker_refused"),
    (StoreError, 503, "database"),
    (RunsError, 500, "runs"),
)
_SPECIAL: Final[Mapping[type[Exception], Callable[[Exception, int, str], Refused]]] = {
    ValidationError: _misfit,
    NameRefused: _told_in_parts,
    PictureRefused: _told_in_parts,
    Absent: _told_in_parts,
    TooLarge: _told_in_parts,
    StorageError: _told_in_parts,
    NoWorker: _try_again,
    StoreError: _database,
}


def _unexpected(error: Exception, request: web.Request) -> Refused:
    number = secrets.token_hex(6)
    LOG.error("error %s in %s %s", number, request.method, request.rel_url.raw_path, exc_info=error)
    text = f"the server made a mistake; its log tells more under the number {number}"
    return Refused(500, "internal_error", text, more={"number": number})


_HTTP_CODES: Final[Mapping[int, tuple[str, str]]] = {
    404: ("not_found", "there is nothing at this address"),
    405: ("method_not_allowed", "this address does not take this method"),
    413: ("body_too_large", "the body is too large"),
}


def _says_nothing_more(error: web.HTTPException) -> bool:
    """Whether the text of an exception is the one aiohttp puts in, so that nothing is lost by saying it our way."""
    return error.status == 413 or error.text == f"{error.status}: {error.reason}"


def _of_aiohttp(error: web.HTTPException) -> Refused:
    code, message = _HTTP_CODES.get(error.status, (error.reason.lower().replace(" ", "_"), error.reason))
    if isinstance(error, web.HTTPMethodNotAllowed):
        message = f"{message}; it takes {', '.join(sorted(error.allowed_methods))}"
    headers = {name: value for name, value in error.headers.items() if name not in ("Content-Type", "Content-Length")}
    if error.status == 413:
        headers["Connection"] = "close"
    return Refused(error.status, code, message, headers=headers)
