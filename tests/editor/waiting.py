"""Waiting for what only a script can tell; the page's own rules forbid Playwright to wait by scripts given as text."""

import time
from typing import Final

from playwright.sync_api import Page

PATIENCE_SECONDS: Final = 30.0
POLL_MS: Final = 50


def until(page: Page, script: str, argument: object = None) -> None:
    """Wait until a script says yes."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not page.evaluate(script, argument):
        assert time.monotonic() < end, f"still not: {script}"
        page.wait_for_timeout(POLL_MS)
