"""Keys that somebody changes in the settings: they work at once, are shown everywhere, and can be given back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import LiveServer

RUN: Final = "run.queue"
BYPASS: Final = "node.bypass"

NewContext = Callable[..., BrowserContext]
Screenshot = Callable[[Page, str], None]


def open_keys(page: Page) -> Locator:
    """The section of keys, opened by the keyboard alone."""
    page.keyboard.press("Control+Comma")
    page.get_by_role("tab", name="General").focus()
    page.keyboard.press("ArrowRight")
    return page.get_by_role("tabpanel", name="Keys")


def row(keys: Locator, command: str) -> Locator:
    """A command in the list."""
    return keys.locator(f"[data-command='{command}']")


def change(page: Page, keys: Locator, command: str, combination: str) -> None:
    """Begin to change the keys of a command from the keyboard, and press others."""
    row(keys, command).locator(".key-change").focus()
    page.keyboard.press("Enter")
    expect(row(keys, command)).to_contain_text("Press the new combination.")
    page.keyboard.press(combination)


def prompts(page: Page) -> list[str]:
    """Collects the hand-ins from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if request.url.endswith("/api/prompt") else None)
    return found


def test_new_keys_for_run_work_at_once_and_are_shown_wherever_the_old_ones_were(
    editor: EditorPage, screenshot: Screenshot
) -> None:
    page = editor.page
    editor.fill("Sampler", "steps", "1")
    keys = open_keys(page)
    change(page, keys, RUN, "Alt+r")
    expect(row(keys, RUN).locator("kbd")).to_have_text(["Alt+R"])
    screenshot(page, "settings_keys")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    button = page.locator("button[data-command='run.queue']")
    expect(button).to_have_attribute("aria-keyshortcuts", "Alt+R")
    expect(button).to_have_attribute("title", "Run (Alt+R)")
    sent = prompts(page)
    page.keyboard.press("Control+Enter")
    with page.expect_response(lambda answer: answer.url.endswith("/api/prompt")):
        page.keyboard.press("Alt+r")
    assert len(sent) == 1

    page.keyboard.press("Control+k")
    option = page.get_by_role("option").filter(has_text="Run").first
    expect(option.locator("kbd")).to_have_text("Alt+R")
    page.keyboard.press("Escape")
    editor.press("Shift+?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.get_by_text("Alt+R", exact=True)).to_be_visible()
    page.keyboard.press("Escape")

    editor.reload()
    expect(button).to_have_attribute("title", "Run (Alt+R)")


def test_keys_that_another_command_has_are_named_with_it_and_move_only_when_told(editor: EditorPage) -> None:
    page = editor.page
    keys = open_keys(page)
    change(page, keys, RUN, "Control+b")
    expect(row(keys, RUN).get_by_role("alert")).to_contain_text("Ctrl+B belongs to “Bypass”.")
    row(keys, RUN).get_by_role("button", name="Leave it there").click()
    expect(row(keys, RUN).locator("kbd")).to_have_text(["Ctrl+↵"])

    change(page, keys, RUN, "Control+b")
    page.keyboard.press("Enter")  # the focus is on what was asked
    expect(row(keys, RUN).locator("kbd")).to_have_text(["Ctrl+B"])
    expect(row(keys, BYPASS)).to_contain_text("No keys")

    row(keys, BYPASS).get_by_role("button", name="Usual keys for “Bypass”").click()
    expect(row(keys, BYPASS).get_by_role("alert")).to_contain_text("Ctrl+B belongs to “Run”.")
    row(keys, BYPASS).get_by_role("button", name="Leave it there").click()
    row(keys, RUN).get_by_role("button", name="Usual keys for “Run”").click()
    row(keys, BYPASS).get_by_role("button", name="Usual keys for “Bypass”").click()
    expect(row(keys, RUN).locator("kbd")).to_have_text(["Ctrl+↵"])
    expect(row(keys, BYPASS).locator("kbd")).to_have_text(["Ctrl+B"])


def test_keys_of_the_browser_and_of_the_page_are_refused_and_copying_stays_copying(editor: EditorPage) -> None:
    page = editor.page
    keys = open_keys(page)
    change(page, keys, RUN, "Control+Shift+n")
    expect(row(keys, RUN).get_by_role("alert")).to_contain_text("Ctrl+Shift+N is kept by the browser")
    page.keyboard.press("ArrowDown")
    expect(row(keys, RUN).get_by_role("alert")).to_contain_text("moves about in lists")
    page.keyboard.press("Control+c")
    expect(row(keys, RUN).get_by_role("alert")).to_contain_text("Ctrl+C belongs to “Copy”.")
    expect(row(keys, RUN).get_by_role("button", name="Use it here instead")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    expect(row(keys, RUN).locator("kbd")).to_have_text(["Ctrl+↵"])


def test_letters_as_keys_write_letters_in_fields(editor: EditorPage) -> None:
    page = editor.page
    keys = open_keys(page)
    change(page, keys, RUN, "j")
    page.keyboard.press("Escape")
    sent = prompts(page)
    editor.fill("Prompt", "text", "jj")
    editor.has_value("Prompt", "text", "jj")
    assert sent == []


def test_all_keys_can_be_found_reset_and_taken_along_as_a_file(
    server: LiveServer, new_context: NewContext, tmp_path: Path
) -> None:
    first = EditorPage.opened(new_context().new_page(), server.url)
    page = first.page
    keys = open_keys(page)
    keys.get_by_role("searchbox").fill("bypass")
    expect(keys.get_by_role("listitem")).to_have_count(2)  # of nodes, and of groups
    change(page, keys, BYPASS, "Alt+Shift+b")
    page.get_by_role("tab", name="General").click()
    page.get_by_text("Dark", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / "settings.json"
    download.value.save_as(file)
    assert json.loads(file.read_text())["keys"] == {BYPASS: ["Alt+Shift+KeyB"]}

    other = EditorPage.opened(new_context(color_scheme="light").new_page(), server.url).page
    keys = open_keys(other)
    other.get_by_role("tab", name="General").click()
    other.locator(".settings-file input[type=file]").set_input_files(file)
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    other.get_by_role("tab", name="Keys").click()
    expect(row(keys, BYPASS).locator("kbd")).to_have_text(["Alt+Shift+B"])
    keys.get_by_role("button", name="Reset all").click()
    expect(row(keys, BYPASS).locator("kbd")).to_have_text(["Ctrl+B"])
    expect(keys.get_by_role("button", name="Reset all")).to_be_disabled()
