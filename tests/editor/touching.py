"""Fingers on a page: taps, strokes, pinches and long presses as the browser gets them from a screen."""

from collections.abc import Sequence

from playwright.sync_api import CDPSession, Page

Point = tuple[float, float]

LONG_PRESS_MS = 800
STEPS = 12


class Fingers:
    """Sends touches through the browser's own input, so that gestures are made of them as on a phone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, points: Sequence[Point]) -> None:
        """One event with all fingers that are down."""
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def stroke(self, *fingers: tuple[Point, Point]) -> None:
        """Each finger goes from its first to its second point, all at the same time."""
        self.send("touchStart", [begin for begin, _ in fingers])
        for step in range(1, STEPS + 1):
            part = step / STEPS
            between = [(x + (to_x - x) * part, y + (to_y - y) * part) for (x, y), (to_x, to_y) in fingers]
            self.send("touchMove", between)
        self.send("touchEnd", [])

    def hold(self, at: Point) -> None:
        """A long press."""
        self.send("touchStart", [at])
        self.page.wait_for_timeout(LONG_PRESS_MS)
        self.send("touchEnd", [])

    def tap(self, at: Point) -> None:
        """A short one."""
        self.send("touchStart", [at])
        self.send("touchEnd", [])
