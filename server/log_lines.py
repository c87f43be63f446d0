"""The last lines of the log, for the page that shows them."""

import logging
import time
from collections import deque
from typing import Final

MOST_LINES: Final = 2000
LONGEST_LINE: Final = 2000


class LogLines(logging.Handler):
    """A log handler that keeps the newest lines in memory, each with its time in seconds."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: deque[tuple[float, str]] = deque(maxlen=MOST_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append((record.created, self.format(record)[:LONGEST_LINE]))

    def add(self, text: str) -> None:
        """Keep a line that did not come through logging, such as one a worker printed."""
        self.lines.append((time.time(), text[:LONGEST_LINE]))
