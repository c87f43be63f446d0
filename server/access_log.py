"""A record of every request that was answered, its parts as fields for logs of JSON; tokens never stand in it."""

import logging
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

LOG: Final = logging.getLogger("nodeloom.access")


class AccessLog(AbstractAccessLogger):
    """Logs method, path, status and ms, as text and as fields; only where a runner is given it, with `LOG`."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write one line. time: in seconds."""
        line = {
            "method": request.method,
            "path": shown_path(request),
            "status": response.status,
            "ms": round(time * 1000, 1),
        }
        told = f"{line['method']} {line['path']} {line['status']}"
        self.logger.info("%s", told, extra={"fields": line})


def shown_path(request: web.BaseRequest) -> str:
    """Path and query of a request as they were sent, percent signs and all, so that no line break gets into a log; of
    a token there is only that there was one."""
    url = request.rel_url
    if "token" in url.query:
        url = url.update_query(token="-")
    return f"{url.raw_path}?{url.raw_query_string}" if url.raw_query_string else url.raw_path
