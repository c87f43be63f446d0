"""Exceptions become answers, in the words of the clients that read them, and never with a trace or a path."""

import errno
import logging
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import BaseModel

from graph.errors import WorkflowError
from runs.errors import IdTaken, NoWorker, RunsError, StillOpen, StoreError, UnknownRun, WorkerRefused
from server.answers import BadBody
from server.errors import Refused
from storage.errors import Absent, NameRefused, PictureRefused
from tests.server.small_server import Client, serving, small_app


class Body(BaseModel):
    """A body of the own API."""

    steps: int


def misfit() -> Exception:
    try:
        Body.model_validate({"steps": "secret"})
    except ValueError as error:
        return error
    raise AssertionError


KNOWN = [
    (BadBody("no JSON"), 400, "bad_body"),
    (misfit(), 400, "bad_body"),
    (WorkflowError("no workflow"), 400, "bad_workflow"),
    (NameRefused("a name", "none", "Name one."), 400, "name_refused"),
    (PictureRefused("a picture", "none", "Send one."), 400, "picture_refused"),
    (Absent("a file", "none", "Choose one."), 404, "absent"),
    (UnknownRun("x"), 404, "unknown_run"),
    (IdTaken("x"), 409, "id_taken"),
    (StillOpen("x"), 409, "still_open"),
    (NoWorker("none is ready"), 503, "no_worker"),
    (WorkerRefused("no"), 502, "worker_refused"),
    (StoreError("/home/someone/runs.sqlite is locked"), 503, "database"),
    (RunsError("x"), 500, "runs"),
    (OSError(errno.ENOSPC, "No space left on device", "/home/someone/x"), 507, "disk_full"),
    (Refused(418, "teapot", "no coffee", more={"cups": 1}), 418, "teapot"),
    (web.HTTPNotFound(), 404, "not_found"),
    (web.HTTPRequestEntityTooLarge(10, 20), 413, "body_too_large"),
    (web.HTTPUnsupportedMediaType(), 415, "unsupported_media_type"),
    (ZeroDivisionError("/home/someone/secret"), 500, "internal_error"),
    (OSError(errno.EACCES, "Permission denied", "/home/someone/x"), 500, "internal_error"),
]


def failing(base: Path, error: Exception) -> web.Application:
    """The application, every route of which raises this."""
    app = small_app(base)

    async def fail(request: web.Request) -> web.StreamResponse:
        raise error

    app.middlewares.append(web.middleware(lambda request, handler: fail(request)))
    return app


@pytest.mark.parametrize(("error", "status", "code"), KNOWN, ids=[f"{code}-{type(e).__name__}" for e, _, code in KNOWN])
async def test_an_exception_becomes_an_answer_in_both_shapes(
    tmp_path: Path, error: Exception, status: int, code: str
) -> None:
    async with serving(failing(tmp_path, error)) as client:
        wire = await client.get("/queue")
        assert (wire.status, wire.content_type) == (status, "application/json")
        body = await wire.json()
        assert set(body) == {"error"}
        assert set(body["error"]) == {"type", "message", "details", "extra_info"}
        assert body["error"]["type"] == code
        assert body["error"]["message"]
        own = await client.get("/api/v1/runs")
        assert (own.status, own.content_type) == (status, "application/problem+json")
        told = await own.json()
        assert (told["status"], told["code"], told["type"]) == (status, code, "about:blank")
        assert told["title"] and told["detail"]
        for text in (await wire.text(), await own.text()):
            assert "/home" not in text and "Traceback" not in text and ".py" not in text
        if status == 503:
            assert int(wire.headers["Retry-After"]) > 0


async def test_what_nobody_expected_stands_in_the_log_under_the_number_of_the_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(failing(tmp_path, ZeroDivisionError("the reason"))) as client:
        with caplog.at_level(logging.ERROR, "nodeloom.server"):
            number = (await (await client.get("/queue")).json())["error"]["extra_info"]["number"]
    record = next(record for record in caplog.records if record.name == "nodeloom.server")
    assert number in record.getMessage()
    assert "ZeroDivisionError: the reason" in caplog.text


async def test_a_value_that_did_not_fit_is_not_sent_back(tmp_path: Path) -> None:
    async with serving(failing(tmp_path, misfit())) as client:
        told = await (await client.post("/api/v1/runs", json={})).json()
        assert told["errors"][0]["where"] == "steps"
        assert "secret" not in str(told)


@pytest.mark.parametrize(
    "error",
    [web.HTTPSeeOther("/"), web.HTTPBadRequest(text=""), web.HTTPConflict(text="File already exists")],
    ids=["redirect", "empty", "text"],
)
async def test_an_answer_that_a_route_raised_on_purpose_is_kept(tmp_path: Path, error: web.HTTPException) -> None:
    async with serving(failing(tmp_path, error)) as client:
        answer = await client.get("/queue", allow_redirects=False)
        assert (answer.status, await answer.text()) == (error.status, error.text)


async def test_a_failure_in_the_middle_of_an_answer_ends_the_connection(tmp_path: Path) -> None:
    app = small_app(tmp_path)

    async def fail(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.content_length = 100
        await answer.prepare(request)
        await answer.write(b"half")
        raise ZeroDivisionError

    app.middlewares.append(web.middleware(lambda request, handler: fail(request)))
    async with serving(app) as client:
        with pytest.raises(Exception, match=r"payload|disconnected|closed"):
            await (await client.get("/queue")).read()


async def test_the_wrong_method_is_told_with_the_right_ones(open_client: Client) -> None:
    answer = await open_client.delete("/system_stats")
    assert answer.status == 405
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}
    read = await open_client.get("/internal/logs/subscribe")
    assert (read.status, read.headers["Allow"]) == (405, "PATCH")
    assert (await open_client.options("/system_stats")).status == 405


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_an_unknown_address_is_404_whatever_the_method(open_client: Client, method: str) -> None:
    for path in ("/nothing", "/api/nothing", "/api", "/api/v1/nothing"):
        answer = await open_client.request(method, path)
        assert answer.status == 404
        assert answer.content_type == ("application/problem+json" if "v1" in path else "application/json")
