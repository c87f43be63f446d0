"""Subgraphs by the mouse: made, opened, edited, run, saved, unpacked; their inputs and outputs put in order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.editor.canvas_page import CanvasPage, middle_of, template_of
from tests.editor.live_server import LiveServer

Screenshot = Callable[[Page, str], None]

RUN_MS = 200_000
"""How long a picture may take on a machine that does something else too."""


@pytest.fixture
def template(server: LiveServer, new_context: Callable[..., BrowserContext]) -> CanvasPage:
    """The workflow that is shown first: text to image."""
    return template_of(new_context(color_scheme="dark", accept_downloads=True).new_page(), server.url)


def meant(prompt: Any) -> Any:
    """A prompt without the numbers of its nodes, which say nothing: each by its kind and all that leads to it."""

    def told(node: str) -> Any:
        step = prompt[node]
        inputs = {
            name: [told(value[0]), value[1]] if isinstance(value, list) else value
            for name, value in step["inputs"].items()
        }
        return step["class_type"], sorted(inputs.items(), key=lambda item: item[0])

    used = {value[0] for step in prompt.values() for value in step["inputs"].values() if isinstance(value, list)}
    return sorted((told(node) for node in prompt if node not in used), key=repr)


def test_a_subgraph_is_made_edited_run_saved_and_unpacked(
    template: CanvasPage, tmp_path: Path, screenshot: Screenshot
) -> None:
    canvas, page = template, template.page
    canvas.fill("Sampler", "steps", "4")
    original = canvas.exported(tmp_path)
    canvas.pick(*(canvas.node(title) for title in ("Prompt", "Negative prompt", "Sampler")))
    with canvas.one_step():
        page.keyboard.press("Control+Shift+g")
        page.get_by_role("dialog").get_by_role("textbox").fill("Drawing")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_hidden()
    instance = canvas.node("Drawing")
    expect(canvas.nodes).to_have_count(5)
    assert meant(canvas.exported(tmp_path)) == meant(original)

    instance.get_by_role("button", name="Open subgraph").click()
    expect(page.get_by_role("navigation", name="Open subgraph")).to_contain_text("Drawing")
    canvas.fill("Prompt", "text", "a yellow star on a green background")
    screenshot(page, "subgraph")
    page.get_by_role("button", name="Leave the subgraph").click()
    expect(instance).to_be_visible()

    page.get_by_role("button", name="Run", exact=True).click()
    expect(canvas.picture("Save")).to_be_visible(timeout=RUN_MS)
    changed = canvas.exported(tmp_path)
    texts = [step["inputs"]["text"] for step in changed.values() if step["class_type"] == "CLIPTextEncode"]
    assert "a yellow star on a green background" in texts

    file = tmp_path / "kept.json"
    saved = canvas.saved(tmp_path)
    next(path for path in tmp_path.glob("*.json") if not path.name.endswith(".api.json")).rename(file)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Menu", exact=True).click()
        page.get_by_role("menuitem", name="Open a file").click()
    chooser.value.set_files(file)
    expect(page.get_by_role("tab", name="kept")).to_be_visible()
    expect(canvas.node("Drawing")).to_be_visible()
    assert canvas.exported(tmp_path) == changed
    assert canvas.saved(tmp_path) == saved

    canvas.pick(canvas.node("Drawing"))
    with canvas.one_step():
        canvas.menu(canvas.node("Drawing"), "Unpack the subgraph")
    expect(canvas.nodes).to_have_count(7)
    canvas.fill("Prompt", "text", original["2"]["inputs"]["text"])
    assert meant(canvas.exported(tmp_path)) == meant(original)


def test_inputs_and_outputs_of_a_subgraph_are_renamed_reordered_and_removed(
    template: CanvasPage, tmp_path: Path
) -> None:
    canvas, page = template, template.page
    original = canvas.exported(tmp_path)
    canvas.pick(*(canvas.node(title) for title in ("Prompt", "Negative prompt", "Sampler")))
    page.keyboard.press("Control+Shift+g")
    page.get_by_role("dialog").get_by_role("textbox").fill("Drawing")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    canvas.node("Drawing").get_by_role("button", name="Open subgraph").click()
    inputs = canvas.by_id("-10")
    expect(inputs).to_be_visible()
    expect(inputs.locator(".node-rows .title-text")).to_have_text(["model", "clip", "latent_image"])

    with canvas.one_step():  # on the canvas
        page.mouse.dblclick(*middle_of(inputs.locator(".slot-name", has_text="clip").locator(".title-text")))
        page.keyboard.type("Words\n")
    with canvas.one_step():
        inputs.locator(".node-row").nth(2).hover()
        inputs.get_by_role("button", name="Move latent_image up").click()
    expect(inputs.locator(".node-rows .title-text")).to_have_text(["model", "latent_image", "Words"])

    inputs.focus()  # and by the keyboard in the inspector
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Name of model")).to_be_focused()
    page.get_by_role("textbox", name="Name of Words").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Language\n")
    expect(page.get_by_role("textbox", name="Name of Language")).to_be_visible()
    up = page.locator(".side").get_by_role("button", name="Move Language up")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    expect(inputs.locator(".node-rows .title-text")).to_have_text(["Language", "model", "latent_image"])

    canvas.page.mouse.click(*canvas.empty(0.25, 0.95))
    page.get_by_role("textbox", name="Subgraph").fill("Painting")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Leave the subgraph").click()
    painting = canvas.node("Painting")
    for name in ("latent_image", "model", "Language"):
        canvas.slot(painting, name)
    assert meant(canvas.exported(tmp_path)) == meant(original)

    count = canvas.links.count()
    painting.get_by_role("button", name="Open subgraph").click()
    with canvas.one_step():
        inputs.locator(".node-row").nth(2).hover()
        inputs.get_by_role("button", name="Remove latent_image").click()
    page.get_by_role("button", name="Leave the subgraph").click()
    expect(canvas.links).to_have_count(count - 1)
    canvas.undo()
    expect(canvas.links).to_have_count(count)
    assert meant(canvas.exported(tmp_path)) == meant(original)
