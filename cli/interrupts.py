"""Ctrl-C as a question first: the run is asked to stop between two steps; a second one ends the process at once."""

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

NOTICE = "\nStopping after the current step; Ctrl-C again stops at once.\n"


@contextmanager
def asked_to_stop() -> Generator[threading.Event]:
    """An event that the first SIGINT sets. Within, no KeyboardInterrupt is raised."""
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.write(sys.stderr.fileno(), NOTICE.encode())  # not print: a signal may come in the middle of one

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
