"""A prompt is written with help: an embedding completed, tokens counted, words weighted, and all of it undone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import BrowserContext, Locator, Page, expect
from safetensors.torch import save_file

from diffusion.clip.tokenizer import clip_tokenizer
from tests.editor.editor_page import EditorPage
from tests.editor.live_server import LiveServer

PROMPT = "Prompt"
VECTORS = 4
Screenshot = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def inky(built_editor: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a tiny embedding in a further models folder."""
    folder = tmp_path_factory.mktemp("inky")
    embeddings = folder / "more" / "embeddings"
    embeddings.mkdir(parents=True)
    save_file({"emb_params": torch.zeros(VECTORS, 8)}, embeddings / "ink-wash.safetensors")
    save_file({"emb_params": torch.zeros(1, 8)}, embeddings / "ink-blot.safetensors")
    (folder / "more.yaml").write_text(f"mine:\n    base_path: {folder / 'more'}\n    embeddings: embeddings\n")
    server = LiveServer(folder, f"--further-models={folder / 'more.yaml'}")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def tokens(text: str) -> int:
    """How many tokens a text without embeddings has for the tokenizer itself."""
    return len(clip_tokenizer().pieces(text))


def counts(page: Page, number: int) -> None:
    """Wait until the line under the prompt tells a number of tokens."""
    expect(page.locator(".prompt-tokens")).to_contain_text(re.compile(rf"^\D*{number}/75$"))


def options_in(page: Page) -> Locator:
    """The completions that are offered."""
    return page.get_by_role("listbox", name="Completions").get_by_role("option")


def box_of(shown: Locator) -> dict[str, float]:
    box = shown.bounding_box()
    assert box is not None
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    return {"x": x, "y": y, "width": width, "height": height, "bottom": y + height, "right": x + width}


def test_a_prompt_is_completed_counted_weighted_and_undone_by_keyboard(
    inky: LiveServer, new_context: Callable[..., BrowserContext], screenshot: Screenshot
) -> None:
    page = new_context(color_scheme="dark").new_page()
    editor = EditorPage.opened(page, inky.url)
    field = editor.field(PROMPT, "text")
    start = field.input_value()
    field.click()
    page.keyboard.press("Control+End")
    counts(page, tokens(start))

    page.keyboard.type(", embedding:ink")
    options = options_in(page)
    expect(options).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(options.nth(1)).to_contain_text(f"{VECTORS} tokens")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id") or "")
    screenshot(page, "prompt")
    page.keyboard.press("Enter")
    expect(options).to_have_count(0)
    expect(field).to_be_focused()
    completed = f"{start}, embedding:ink-wash"
    expect(field).to_have_value(completed)
    counts(page, tokens(f"{start},") + VECTORS)

    page.keyboard.type(" embedding:ink")
    expect(options).to_have_count(2)
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_be_focused()  # the first Escape closes the list, only the next one leaves the field
    for _ in " embedding:ink":
        page.keyboard.press("Backspace")
    expect(field).to_have_value(completed)

    page.wait_for_timeout(700)  # a pause in typing begins another step
    page.keyboard.press("Control+ArrowUp")
    page.keyboard.press("Control+ArrowUp")
    expect(field).to_have_value(f"{start}, (embedding:ink-wash:1.1)")
    counts(page, tokens(f"{start},") + VECTORS)
    page.keyboard.press("Control+z")
    expect(field).to_have_value(completed)
    page.keyboard.press("Control+Shift+z")
    expect(field).to_have_value(f"{start}, (embedding:ink-wash:1.1)")
    while field.input_value() != start:
        before = field.input_value()
        page.keyboard.press("Control+z")
        expect(field).not_to_have_value(before)
    counts(page, tokens(start))
    editor.is_drafted(start)


@pytest.mark.parametrize("zoom", [0.6, 1.0, 1.8])
def test_the_list_stands_beside_the_line_of_the_cursor_at_every_zoom(
    inky: LiveServer, new_context: Callable[..., BrowserContext], zoom: float
) -> None:
    page = new_context().new_page()
    editor = EditorPage.opened(page, inky.url)
    field = editor.field(PROMPT, "text")
    field.click()
    for _ in range(20):
        width, laid = field.evaluate("area => [area.getBoundingClientRect().width, area.offsetWidth]")
        if abs(width / laid - zoom) < 0.12:
            break
        page.mouse.move(720, 20 if field.bounding_box() is None else box_of(field)["y"] - 40)
        page.mouse.wheel(0, -60 if width / laid < zoom else 60)
        page.wait_for_timeout(50)
    field.click()
    field.press("Control+a")
    page.keyboard.type("one\ntwo\nthree embedding:")
    shown = page.locator(".prompt-completions")
    expect(shown).to_be_visible()
    expect(shown.get_by_role("option")).to_have_count(2)
    area, beside = box_of(field), box_of(shown)
    line = page.evaluate(
        """area => {
          const scale = area.getBoundingClientRect().width / area.offsetWidth;
          return parseFloat(getComputedStyle(area).lineHeight) * scale;
        }""",
        field.element_handle(),
    )
    # The list may lie over other lines of the prompt but not over the last one, where the cursor is.
    bottom = min(
        area["y"] + 5 * field.evaluate("a => a.getBoundingClientRect().width / a.offsetWidth") + 3 * line,
        area["bottom"],
    )
    assert beside["y"] >= bottom - 3 or beside["bottom"] <= bottom - line + 3
    assert abs(beside["y"] - bottom) < 14 or abs(beside["bottom"] - (bottom - line)) < 14
    assert beside["x"] >= 0 and beside["right"] <= 1440 and beside["bottom"] <= 900
    height = box_of(shown.get_by_role("option").first)["height"]
    assert 27 <= height <= 29  # as large as ever, however small or large the node is


def test_the_inspector_helps_as_the_canvas_does(inky: LiveServer, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    editor = EditorPage.opened(page, inky.url)
    editor.node(PROMPT).locator("header").click()
    inspector = page.locator(".inspector")
    if not inspector.is_visible():
        page.get_by_role("button", name="Inspector", exact=True).click()
    field = inspector.get_by_label("text", exact=True)
    before = box_of(field)
    field.click()
    expect(inspector.locator(".prompt-tokens")).to_be_visible()
    assert box_of(field) == before  # nothing moves when the line comes
    field.press("Control+End")
    page.keyboard.type(" (never closed, embedding:nobody, ")
    expect(inspector.locator(".prompt-hint")).to_contain_text("is never closed")
    expect(inspector.locator(".prompt-mark")).to_have_count(1)
    line, panel = box_of(inspector.locator(".prompt-status")), box_of(inspector)
    assert panel["x"] <= line["x"] and line["right"] <= panel["right"]
    page.keyboard.type("ink")
    expect(options_in(page)).to_have_count(2)
    options_in(page).first.click()
    expect(field).to_have_value(re.compile(r"embedding:ink-blot$"))
    expect(field).to_be_focused()


def test_a_finger_finds_rows_large_enough(inky: LiveServer, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(has_touch=True, is_mobile=True).new_page()
    editor = EditorPage.opened(page, inky.url)
    field = editor.field(PROMPT, "text")
    field.tap()
    page.keyboard.press("Control+End")
    page.keyboard.type(" embedding:")
    option = options_in(page).first
    expect(option).to_be_visible()
    assert box_of(option)["height"] >= 44
    option.tap()
    expect(field).to_have_value(re.compile(r" embedding:ink-blot$"))
