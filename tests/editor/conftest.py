"""What the tests of the editor share: the built editor, the real server, and a browser.

They are skipped, with the reason, where there is no Chromium or the editor cannot be built; with
NODELOOM_BROWSER_TESTS=required they fail instead. NODELOOM_CHROMIUM names a Chromium that is not on PATH.
NODELOOM_SCREENSHOTS=1 writes the pictures of docs/images/ anew.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Final, NoReturn

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import ROOT, LiveServer
from tests.editor.watched import Watched
from tools.build_editor import HERE, BuildFailed, build
from tools.node import NoNode

CHROMIUM: Final = "NODELOOM_CHROMIUM"
REQUIRED: Final = "NODELOOM_BROWSER_TESTS"
SCREENSHOTS: Final = "NODELOOM_SCREENSHOTS"
PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WIDTH: Final = 1440
HEIGHT: Final = 900
PATIENCE_MS: Final = 30_000
"""How long a page may take for anything that is waited for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker of a parallel run, where they share a server and a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(f"editor {item.path.stem}"))


def not_possible(reason: str) -> NoReturn:
    """Skip for a reason, or fail for it where these tests are required."""
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(f"{REQUIRED}=required, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The Chromium of this machine."""
    named = os.environ.get(CHROMIUM)
    found = named or next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        not_possible(f"there is no Chromium; install one (Debian: apt-get install chromium) or name it in {CHROMIUM}")
    return Path(found)


@pytest.fixture(scope="session")
def built_editor(chromium: Path) -> Path:
    """The editor as its sources are now, built where that is needed; a Chromium is looked for first."""
    try:
        build(HERE)
    except (BuildFailed, NoNode, OSError) as error:
        not_possible(f"the editor is not built: {error}")
    return HERE.built


@pytest.fixture(scope="session")
def server(built_editor: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that all tests share; what one leaves in the queue and in the folders the next one finds."""
    server = LiveServer(tmp_path_factory.mktemp("server"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def own_server(built_editor: Path, tmp_path: Path) -> Iterator[LiveServer]:
    """A server of the test's own, not started: for tests that stop it or need to be alone with it."""
    server = LiveServer(tmp_path)
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """A browser for the tests of a file. No longer: while it is open, its event loop is that of the whole thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def expected_problems() -> list[str]:
    """Patterns of errors that a test causes on purpose; it appends them."""
    return []


@pytest.fixture
def new_context(browser: Browser, expected_problems: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Opens browsers that share nothing with each other; options are those of Playwright's `new_context`.

    The test fails at its end for script errors, error messages and requests to other hosts that nobody expected.
    """
    contexts: list[tuple[BrowserContext, Watched]] = []

    def opened(**options: object) -> BrowserContext:
        usual = {"viewport": {"width": WIDTH, "height": HEIGHT}, "locale": "en-US", "reduced_motion": "reduce"}
        context = browser.new_context(**(usual | options))  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        contexts.append((context, Watched(context)))
        return context

    yield opened
    for context, _ in contexts:
        context.close()
    seen = [problem for _, watched in contexts for problem in watched.seen]
    assert [problem for problem in seen if not any(re.search(each, problem) for each in expected_problems)] == []


@pytest.fixture
def editor(server: LiveServer, new_context: Callable[..., BrowserContext]) -> EditorPage:
    """The editor as somebody sees it who has never opened it before."""
    return EditorPage.opened(new_context().new_page(), server.url)


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """Keeps what a page shows as docs/images/editor_<name>.png, where that is asked for."""

    def keep(page: Page, name: str) -> None:
        if os.environ.get(SCREENSHOTS):
            with Image.open(BytesIO(page.screenshot(animations="disabled"))) as taken:
                small = taken.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            small.save(ROOT / "docs" / "images" / f"editor_{name}.png", optimize=True)

    return keep
