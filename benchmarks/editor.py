"""How smooth is the editor with large graphs, and how soon can it be used?

The built editor is opened in a real browser against the real server; the mouse is moved through the browser's own input
and frames are counted as the page gets them. Without a graphics card the browser paints in software, so a desktop is
faster. It needs a Chromium (NODELOOM_CHROMIUM names one that is not on PATH).
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.editor.conftest import CHROMIUM, FLAGS, PROGRAMS
from tests.editor.large_graphs import NOTE_START, LargeGraph, fps
from tests.editor.live_server import LiveServer
from tests.editor.waiting import until
from tools.build_editor import HERE, build
from tools.bundle_budget import BUILT, MOST_BYTES, sizes_at_start

SIZES = (300, 1000)
ROUNDS = 3
STARTS = 5
LEAST_FPS = 45
MOST_START_SECONDS = 2.0
MOST_ELEMENTS = 5_000
VIEWPORT = {"width": 1600, "height": 900}


def tell(question: str, value: float, unit: str, setting: str, target: str = "", *, met: bool | None = None) -> None:
    """Print one line of the results."""
    judged = {} if met is None else {"target": target, "met": met}
    line = {"question": question, "value": value, "unit": unit, "setting": setting, **judged}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def page_of(browser: Browser) -> Page:
    """A page that shares nothing with those before it."""
    context = browser.new_context(viewport=VIEWPORT, locale="en-US")  # type: ignore[arg-type]  # a width and a height
    context.set_default_timeout(60_000)
    return context.new_page()


def start(browser: Browser, url: str) -> float:
    """Seconds from asking for the page until a field of the first workflow has been painted and takes the keyboard."""
    page = page_of(browser)
    page.add_init_script(NOTE_START)
    page.goto(url)
    until(page, "window.firstNodeAt !== null")
    seconds = float(page.evaluate("window.firstNodeAt")) / 1000
    page.locator(".react-flow__node-node textarea").first.focus()
    assert page.evaluate("document.activeElement.matches('textarea')")
    page.context.close()
    return seconds


def rates(browser: Browser, url: str, count: int) -> tuple[dict[str, float], int, float]:
    """Frames a second of every gesture, elements near by, and megabytes of memory the page's scripts hold."""
    page = page_of(browser)
    graph = LargeGraph.opened(page, url, count)
    graph.go_near()
    elements = graph.elements()
    found = {"near pan": median(lambda: graph.frames(graph.empty_spot(), is_pressed=True))}

    def drag() -> list[float]:
        title = page.locator(".react-flow__node-node .title-text").nth(4).bounding_box()
        assert title is not None
        return graph.frames((title["x"] + 20, title["y"] + 8), is_pressed=True)

    found["near drag"] = median(drag)

    def sweep() -> list[float]:
        graph.go_near()
        return graph.sweep()

    found["sweep of the zoom"] = median(sweep)
    graph.go_far()
    middle = round(count**0.5) // 2
    found["far pan"] = median(lambda: graph.frames(graph.far_spot(middle + 0.5, middle + 0.5), is_pressed=True))
    found["far drag"] = median(lambda: graph.frames(graph.far_spot(middle, middle), is_pressed=True))
    heap = float(page.evaluate("performance.memory.usedJSHeapSize")) / 1e6
    page.context.close()
    return found, elements, heap


def median(measure: Callable[[], list[float]]) -> float:
    """The middle one of several rounds, in frames a second."""
    return round(statistics.median(fps(measure()) for _ in range(ROUNDS)), 1)


def measure(browser: Browser, url: str) -> None:
    """Everything, line by line."""
    seconds = round(statistics.median(start(browser, url) for _ in range(STARTS)), 2)
    setting = f"first workflow, empty browser, warm server, median of {STARTS}"
    met = seconds <= MOST_START_SECONDS
    tell("Start of the editor to its first field", seconds, "s", setting, f"at most {MOST_START_SECONDS:g}", met=met)
    for count in SIZES:
        found, elements, heap = rates(browser, url, count)
        setting = f"{count} nodes with text, number and choice, 1600 × 900, software rendering, median of {ROUNDS}"
        for gesture, rate in found.items():
            question = f"Editor with {count} nodes, {gesture}"
            if gesture.startswith("sweep"):
                tell(question, rate, "fps", setting)
            else:
                tell(question, rate, "fps", setting, f"at least {LEAST_FPS}", met=rate >= LEAST_FPS)
        question = f"Editor with {count} nodes, elements of the page at zoom 1"
        tell(question, elements, "elements", setting, f"at most {MOST_ELEMENTS}", met=elements <= MOST_ELEMENTS)
        tell(f"Editor with {count} nodes, memory of its scripts", round(heap), "MB", setting)
    size = sum(sizes_at_start(BUILT).values())
    tell("What a browser fetches before the editor shows", round(size / 1000), "kB", "compressed",
         f"at most {MOST_BYTES // 1000}", met=size <= MOST_BYTES)  # fmt: skip


def main() -> None:
    """Build, serve, open, measure."""
    build(HERE)
    chromium = os.environ.get(CHROMIUM) or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if chromium is None:
        sys.exit(f"There is no Chromium; install one or name it in {CHROMIUM}.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = LiveServer(Path(folder))
        try:
            server.start()
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            measure(browser, server.url)
            browser.close()
        finally:
            server.kill()


if __name__ == "__main__":
    main()
