"""The log of a server: quiet on standard error unless asked, and the last lines kept for the page that shows them."""

import json
import logging
import sys

from server.log_lines import LogLines

NAME = "nodeloom"


class JsonLine(logging.Formatter):
    """A log record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in seconds, level, logger and message; the traceback of an error."""
        told: dict[str, object] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            told |= fields
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def begin_logging(level: str, as_json: bool) -> LogLines:
    """Send what this program logs to standard error, and keep the last lines; the answer holds them."""
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(JsonLine() if as_json else plain)
    shown.setLevel(logging.INFO if as_json and level == "warning" else level.upper())
    kept = LogLines()
    kept.setFormatter(plain)
    log = logging.getLogger(NAME)
    log.setLevel(min(shown.level, kept.level))
    log.propagate = False
    for handler in (shown, kept):
        log.addHandler(handler)
    return kept
