"""The first minutes with the editor: a working workflow, another prompt, a picture out of the noise, nothing lost."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, WebSocket, expect

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import ROOT, LiveServer

PROMPT, SAMPLER, SAVE, MODEL = "Prompt", "Sampler", "Save", "Model"
TEMPLATE: Any = json.loads((ROOT / "workflows" / "text_to_image.json").read_text(encoding="utf-8"))
PREVIEW_KINDS = (1, 4)  # without and with the node's id

Screenshot = Callable[[Page, str], None]


def first_titles() -> list[str]:
    """The titles of the nodes in the workflow that is shown first."""
    return sorted(step["_meta"]["title"] for step in TEMPLATE.values())


def preview_frames(page: Page) -> list[bytes]:
    """Collects the frames of previews that the page gets from now on."""
    found: list[bytes] = []

    def received(frame: str | bytes) -> None:
        if isinstance(frame, bytes) and int.from_bytes(frame[:4], "big") in PREVIEW_KINDS:
            found.append(frame)

    def opened(socket: WebSocket) -> None:
        socket.on("framereceived", received)

    page.on("websocket", opened)
    return found


def test_a_person_changes_the_prompt_runs_it_and_loses_nothing(
    server: LiveServer, new_context: Callable[..., BrowserContext], screenshot: Screenshot
) -> None:
    page = new_context(color_scheme="dark").new_page()
    frames = preview_frames(page)

    editor = EditorPage.opened(page, server.url)
    expect(editor.node(SAVE)).to_be_visible()
    assert editor.titles() == first_titles()
    editor.has_value(PROMPT, "text", TEMPLATE["2"]["inputs"]["text"])

    editor.fill(PROMPT, "text", "a yellow star on a blue background, first minutes")
    editor.fill(SAMPLER, "steps", "60")
    editor.fill(SAMPLER, "cfg", "5")
    editor.has_value(SAMPLER, "steps", "60")

    before = len(server.saved())
    editor.run()
    expect(editor.picture(SAVE)).to_be_visible(timeout=120_000)
    assert frames, "the server sent no previews"
    assert editor.previews(), "no preview was shown on a node"
    assert len(server.saved()) == before + 1
    size = editor.picture(SAVE).evaluate(
        "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    )
    assert size == [128, 128]
    screenshot(page, "picture")

    editor.press("Control+z")
    editor.press("Control+z")
    editor.press("Control+z")
    editor.has_value(PROMPT, "text", TEMPLATE["2"]["inputs"]["text"])
    editor.has_value(SAMPLER, "steps", str(TEMPLATE["5"]["inputs"]["steps"]))
    editor.press("Control+Shift+z")
    editor.has_value(PROMPT, "text", "a yellow star on a blue background, first minutes")
    editor.has_value(SAMPLER, "steps", str(TEMPLATE["5"]["inputs"]["steps"]))

    editor.is_drafted("first minutes")
    editor.reload()
    editor.has_value(PROMPT, "text", "a yellow star on a blue background, first minutes")
    assert editor.titles() == first_titles()


def test_a_saved_picture_that_is_dropped_opens_the_workflow_that_drew_it(
    server: LiveServer, editor: EditorPage, new_context: Callable[..., BrowserContext]
) -> None:
    editor.fill(PROMPT, "text", "a green frog, to be dropped")
    editor.fill(SAMPLER, "steps", "4")
    editor.run()
    expect(editor.picture(SAVE)).to_be_visible(timeout=120_000)
    picture = server.saved()[-1]
    with Image.open(picture) as file:
        assert "a green frog, to be dropped" in file.info["workflow"]

    other = EditorPage.opened(new_context().new_page(), server.url)
    other.has_value(PROMPT, "text", TEMPLATE["2"]["inputs"]["text"])
    other.drop(picture, "image/png")
    other.has_value(PROMPT, "text", "a green frog, to be dropped")
    other.has_value(SAMPLER, "steps", "4")
    assert other.titles() == editor.titles()


def test_a_reload_in_the_middle_of_a_run_picks_it_up_again(editor: EditorPage, screenshot: Screenshot) -> None:
    editor.fill(PROMPT, "text", "a red apple, while the page is loaded again")
    editor.fill(SAMPLER, "steps", "200")
    editor.run()
    expect(editor.node(SAMPLER).get_by_role("progressbar")).to_be_visible()
    editor.is_drafted("while the page is loaded again")
    editor.reload()
    expect(editor.node(SAMPLER).get_by_role("progressbar")).to_be_visible()
    screenshot(editor.page, "running")
    expect(editor.picture(SAVE)).to_be_visible(timeout=200_000)


def test_a_value_that_the_server_refuses_is_marked_at_its_field(
    editor: EditorPage, expected_problems: list[str], screenshot: Screenshot
) -> None:
    expected_problems.append(r"status of 400 .*/api/prompt")
    editor.page.route(re.compile(r"/api/prompt$"), _with_a_missing_model)
    editor.run()
    field = editor.field(MODEL, "ckpt_name")
    expect(field).to_have_attribute("aria-invalid", "true")
    screenshot(editor.page, "error")


def _with_a_missing_model(route: Any) -> None:
    """Send a workflow on as if its model had been deleted meanwhile; the answer is the server's own."""
    body = route.request.post_data_json
    for step in body["prompt"].values():
        if step["class_type"] == "CheckpointLoaderSimple":
            step["inputs"]["ckpt_name"] = "deleted.safetensors"
    route.continue_(post_data=json.dumps(body))


def test_two_windows_keep_a_draft_each(server: LiveServer, new_context: Callable[..., BrowserContext]) -> None:
    context = new_context()
    windows = {name: EditorPage.opened(context.new_page(), server.url) for name in ("one", "other")}
    for name, window in windows.items():
        window.fill(PROMPT, "text", f"the {name} window")
        window.is_drafted(f"the {name} window")
    for name, window in windows.items():
        window.reload()
        window.has_value(PROMPT, "text", f"the {name} window")


def test_a_server_that_crashes_and_comes_back_goes_on_with_the_run(
    own_server: LiveServer, new_context: Callable[..., BrowserContext], expected_problems: list[str]
) -> None:
    expected_problems += ["ERR_CONNECTION", "WebSocket", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE"]
    own_server.start()
    editor = EditorPage.opened(new_context().new_page(), own_server.url)
    editor.fill(PROMPT, "text", "a red apple, through a crash")
    editor.fill(SAMPLER, "steps", "200")
    editor.run()
    expect(editor.node(SAMPLER).get_by_role("progressbar")).to_be_visible()

    own_server.kill()
    lost = editor.page.get_by_role("button", name="Not connected")
    expect(lost).to_be_visible()
    editor.has_value(PROMPT, "text", "a red apple, through a crash")
    own_server.start()
    expect(lost).to_be_hidden(timeout=60_000)
    expect(editor.picture(SAVE)).to_be_visible(timeout=200_000)


def test_every_template_opens_from_its_card(editor: EditorPage, screenshot: Screenshot) -> None:
    page = editor.page
    cards = page.get_by_role("dialog").get_by_role("listitem")
    page.get_by_role("button", name="Templates", exact=True).click()
    expect(cards).to_have_count(len(list((ROOT / "workflows").glob("*.json"))))
    widths = "images => Promise.all(images.map((image) => image.decode().then(() => image.naturalWidth)))"
    assert set(cards.locator("img").evaluate_all(widths)) == {256}
    screenshot(page, "templates")

    cards.filter(has_text="Regions").get_by_role("button").click()
    expect(editor.node("Left prompt")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_chinese_browser_gets_chinese_words(
    server: LiveServer, new_context: Callable[..., BrowserContext], screenshot: Screenshot
) -> None:
    page = new_context(locale="zh-CN").new_page()
    EditorPage.opened(page, server.url)
    expect(page.get_by_role("button", name="运行", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    if shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout:
        screenshot(page, "chinese")  # only where there are letters to draw it with


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_theme_is_that_of_the_system(
    server: LiveServer, new_context: Callable[..., BrowserContext], screenshot: Screenshot, scheme: str
) -> None:
    page = new_context(color_scheme=scheme).new_page()
    EditorPage.opened(page, server.url)
    colours = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number)")
    is_dark = sum(colours[:3]) < 3 * 128
    assert is_dark == (scheme == "dark")
    screenshot(page, scheme)


def test_the_editor_is_served_compressed_and_kept_by_browsers(server: LiveServer, built_editor: Path) -> None:
    import urllib.request

    script = next(path for path in (built_editor / "assets").glob("*.js") if path.stat().st_size > 50_000)
    request = urllib.request.Request(f"{server.url}/assets/{script.name}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
        assert int(answer.headers["Content-Length"]) < script.stat().st_size / 2
