"""Extensions of node packs in the editor: controls that work, ones that break, and the ways to do without."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page, expect

from tests.editor.editor_page import PATIENCE_SECONDS, POLL_MS, EditorPage
from tests.editor.live_server import ROOT
from tests.editor.pack_server import PACKS, PackServer

CURVE, BROKEN = "Curve", "Broken"
STRAIGHT: Final = [0, 0.25, 0.5, 0.75, 1]
NEVER_READY: Final = "export default () => new Promise(() => undefined);"

NewContext = Callable[..., BrowserContext]
Screenshot = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def packs(built_editor: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackServer]:
    """A server with three packs: one as in docs/extensions.md, one that breaks, one for other editors."""
    server = PackServer(tmp_path_factory.mktemp("packs"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


def point(editor: EditorPage, number: int) -> Locator:
    """A slider of the curve on its node."""
    return editor.node(CURVE).get_by_role("slider", name=f"Point {number}", exact=True)


def curve_is(editor: EditorPage, *heights: float) -> None:
    """Wait until the control shows these heights."""
    for number, height in enumerate(heights, 1):
        expect(point(editor, number)).to_have_value(f"{height:g}")


def settings(page: Page, section: str) -> Locator:
    """A section of the settings, opened."""
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("tab", name=section).click()
    return page.get_by_role("tabpanel", name=section)


def sent_prompts(page: Page) -> list[Any]:
    """Collects what is handed in from now on."""
    found: list[Any] = []
    page.on(
        "request",
        lambda request: found.append(request.post_data_json) if request.url.endswith("/api/prompt") else None,
    )
    return found


def is_starting(page: Page, pack: str) -> None:
    """Wait until a page notes that it is starting a pack."""
    until = time.monotonic() + PATIENCE_SECONDS
    while pack not in str(page.evaluate("localStorage.getItem('nodeloom.extensions.starting')")):
        assert time.monotonic() < until, f"no page is starting {pack}"
        page.wait_for_timeout(POLL_MS)


def end_pages(browser: Browser) -> None:
    """Kill the processes that show pages, as a lack of memory does; the browser itself goes on."""
    session = browser.new_browser_cdp_session()
    ended = renderers(session)
    for process in ended:
        os.kill(process, signal.SIGKILL)
    until = time.monotonic() + PATIENCE_SECONDS
    while ended & renderers(session):
        assert time.monotonic() < until, "the browser does not notice that its pages are gone"
        time.sleep(POLL_MS / 1000)
    session.detach()


def renderers(session: CDPSession) -> set[int]:
    """The processes of a browser that show pages."""
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return {process["id"] for process in found if process["type"] == "renderer"}


def test_a_packs_control_shows_changes_undoes_and_sends_its_value(packs: PackServer, new_context: NewContext) -> None:
    page = new_context(color_scheme="dark").new_page()
    sent = sent_prompts(page)
    editor = EditorPage.opened(page, packs.url)
    curve_is(editor, *STRAIGHT)
    expect(editor.node(CURVE).get_by_role("group", name="curve")).to_be_visible()
    box = editor.node(CURVE).locator(".widget-foreign").bounding_box()
    assert box is not None
    zoom = page.locator(".react-flow__viewport").evaluate("each => new DOMMatrix(getComputedStyle(each).transform).a")
    assert box["height"] / zoom > 80, "the row is not as tall as the extension asked for"

    point(editor, 3).focus()
    page.keyboard.press("End")
    curve_is(editor, 0, 0.25, 1, 0.75, 1)
    editor.press("Control+z")
    curve_is(editor, *STRAIGHT)
    editor.press("Control+Shift+z")
    curve_is(editor, 0, 0.25, 1, 0.75, 1)

    editor.run()
    expect(editor.node(CURVE).locator(".node-output-text")).to_have_text(
        "amount=2.0 curve=[0, 0.25, 1, 0.75, 1]", use_inner_text=True
    )
    assert sent[-1]["prompt"]["1"]["inputs"]["curve"] == {"__value__": [0, 0.25, 1, 0.75, 1]}
    assert sent[-1]["extra_data"]["extra_pnginfo"]["workflow"]["nodes"][0]["widgets_values"] == [
        [0, 0.25, 1, 0.75, 1],
        2,
    ]

    editor.is_drafted("0.25,1,0.75")
    editor.reload()
    curve_is(editor, 0, 0.25, 1, 0.75, 1)


def test_both_places_of_a_value_show_the_same_and_a_new_node_has_the_control(
    packs: PackServer, new_context: NewContext
) -> None:
    editor = EditorPage.opened(new_context().new_page(), packs.url)
    page = editor.page
    curve_is(editor, *STRAIGHT)
    editor.node(CURVE).locator("header, .node-title").first.click()
    editor.press("i")
    beside = page.locator(".node-values").get_by_role("slider", name="Point 1", exact=True)
    beside.focus()
    page.keyboard.press("End")
    curve_is(editor, 1, *STRAIGHT[1:])
    point(editor, 5).focus()
    page.keyboard.press("Home")
    expect(page.locator(".node-values").get_by_role("slider", name="Point 5")).to_have_value("0")


def test_a_packs_command_and_menu_item_do_what_they_say(packs: PackServer, new_context: NewContext) -> None:
    editor = EditorPage.opened(new_context().new_page(), packs.url)
    page = editor.page
    curve_is(editor, *STRAIGHT)
    editor.node(CURVE).locator("header, .node-title").first.click(button="right")
    page.get_by_role("menuitem", name="Flip the curve").click()
    curve_is(editor, *reversed(STRAIGHT))
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("straighten")
    page.keyboard.press("Enter")
    curve_is(editor, *STRAIGHT)
    editor.press("Control+z")
    curve_is(editor, *reversed(STRAIGHT))
    editor.press("Alt+s")
    curve_is(editor, *STRAIGHT)
    editor.node(BROKEN).locator("header, .node-title").first.click(button="right")
    flip = page.get_by_role("menuitem", name="Flip the curve")
    expect(flip).to_have_attribute("aria-disabled", "true")


def test_a_broken_extension_is_named_and_its_value_can_still_be_edited_and_sent(
    packs: PackServer, new_context: NewContext, screenshot: Screenshot
) -> None:
    page = new_context(color_scheme="dark").new_page()
    sent = sent_prompts(page)
    editor = EditorPage.opened(page, packs.url)
    note = editor.node(BROKEN).get_by_role("note")
    expect(note).to_have_attribute("title", "The control of “broken_pack” failed: no crayon is sharp enough")
    editor.has_value(BROKEN, "thing", "kept")
    editor.fill(BROKEN, "thing", "mended")
    curve_is(editor, *STRAIGHT)
    editor.run()
    expect(editor.node(BROKEN).locator(".node-output-text")).to_have_text("thing=mended")
    assert sent[-1]["prompt"]["2"]["inputs"]["thing"] == "mended"

    listed = settings(page, "Extensions")
    expect(listed.get_by_role("list", name="Problems of broken_pack")).to_have_text("no crayon is sharp enough")
    expect(listed).to_contain_text("Controls for CURVE · 2 commands")
    expect(listed).to_contain_text("2 scripts are made for other editors")
    assert page.evaluate("window.otherEditorsScriptRan") is None
    screenshot(page, "settings")


def test_an_extension_that_is_off_leaves_a_plain_field_with_its_value_and_comes_back(
    packs: PackServer, new_context: NewContext
) -> None:
    editor = EditorPage.opened(new_context().new_page(), packs.url)
    page = editor.page
    curve_is(editor, *STRAIGHT)
    settings(page, "Extensions").get_by_role("switch", name="curve_pack").click()
    page.keyboard.press("Escape")
    plain = "[0,0.25,0.5,0.75,1]"
    editor.has_value(CURVE, "curve", plain)
    editor.reload()
    editor.has_value(CURVE, "curve", plain)
    editor.has_value(CURVE, "amount", "2.000")
    settings(page, "Extensions").get_by_role("switch", name="curve_pack").click()
    page.keyboard.press("Escape")
    curve_is(editor, *STRAIGHT)


def test_in_safe_mode_no_extension_is_loaded_and_no_value_lost(packs: PackServer, new_context: NewContext) -> None:
    page = new_context().new_page()
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url) if ".nodeloom.js" in request.url else None)
    editor = EditorPage.opened(page, f"{packs.url}/?safe=1")
    shown = settings(page, "Extensions")
    expect(shown).to_contain_text("Safe mode: no extension is loaded.")
    assert scripts == []
    shown.get_by_role("button", name="Leave safe mode").click()
    curve_is(editor, *STRAIGHT)
    assert "safe" not in page.url


def test_a_page_that_dies_while_an_extension_starts_is_noticed_and_the_next_one_waits_for_a_word(
    built_editor: Path, browser: Browser, new_context: NewContext, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    shutil.copytree(PACKS, copies)
    deadly = copies / "deadly_pack" / "web"
    deadly.mkdir(parents=True)
    (deadly / "deadly.nodeloom.js").write_text(NEVER_READY)
    server = PackServer(tmp_path / "base", copies)
    server.folder.mkdir()
    try:
        server.start()
        context = new_context()
        first = EditorPage.opened(context.new_page(), server.url)
        is_starting(first.page, "deadly_pack")
        with first.page.expect_event("crash"):
            end_pages(browser)
        second = EditorPage.opened(context.new_page(), server.url)
        page = second.page
        expect(page.get_by_text("The last start broke off at the extension “deadly_pack”.")).to_be_visible(
            timeout=30_000
        )
        expect(second.node(CURVE).get_by_role("slider", name="Point 1")).to_have_count(0)
        page.get_by_role("button", name="Load all but it").click()
        curve_is(second, *STRAIGHT)
        listed = settings(page, "Extensions")
        expect(listed.get_by_role("switch", name="deadly_pack")).not_to_be_checked()
        page.keyboard.press("Escape")
        second.reload()
        curve_is(second, *STRAIGHT)
    finally:
        server.kill()


def test_the_help_of_a_node_shows_its_packs_page_else_the_description(
    packs: PackServer, new_context: NewContext, expected_problems: list[str]
) -> None:
    expected_problems.append(r"status of 404 .*/docs/BrokenShow/")
    editor = EditorPage.opened(new_context().new_page(), packs.url)
    page = editor.page
    editor.node(CURVE).locator("header, .node-title").first.click()
    editor.press("h")
    shown = page.locator(".node-help")
    expect(shown.locator("strong")).to_have_text("curve")
    expect(shown).to_contain_text("<script>window.pageRan = true</script> is only text")
    assert page.evaluate("window.pageRan") is None
    editor.node(BROKEN).locator("header, .node-title").first.click()
    expect(shown).to_contain_text("The only description there is.")


def test_the_scripts_are_listed_for_every_editor(packs: PackServer) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{packs.url}/extensions", timeout=60) as answer:
        listed = json.loads(answer.read())
    assert "/extensions/curve_pack/curve.nodeloom.js" in listed and "/extensions/old_pack/old.js" in listed


def test_the_example_of_the_documentation_is_the_one_that_is_tested() -> None:
    example = (PACKS / "curve_pack" / "web" / "curve.nodeloom.js").read_text(encoding="utf-8").rstrip()
    assert f"```js\n{example}\n```" in (ROOT / "docs" / "extensions.md").read_text(encoding="utf-8")
