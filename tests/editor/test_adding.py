"""Nodes and files that are added: the list of nodes by every key for it, files on their way, nothing typed lost."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.editor.canvas_page import CanvasPage, canvas_of, template_of
from tests.editor.editor_page import EditorPage
from tests.editor.live_server import LiveServer

SHOTS: Final = os.environ.get("NODELOOM_LOOK_AT")
"""A folder into which these tests put pictures of what they see, to be looked at by a person."""


def look(page: Page, name: str) -> None:
    """Keep what is seen, where that is asked for."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


@pytest.fixture
def canvas(server: LiveServer, new_context: Callable[..., BrowserContext]) -> CanvasPage:
    """An empty canvas."""
    return canvas_of(new_context(color_scheme="light").new_page(), server.url)


@pytest.mark.parametrize("keys", ["Space", "Shift+A", "n"])
def test_the_list_of_nodes_opens_by_keys_and_says_where_a_node_is_from(canvas: CanvasPage, keys: str) -> None:
    page = canvas.page
    page.mouse.move(*canvas.empty(0.4, 0.4))
    canvas.press(keys)
    expect(canvas.palette).to_be_visible()
    page.keyboard.type("ksampl conditioning sampling nodeloom")  # a name, a type, a category and a pack
    first = canvas.palette.get_by_role("option").first
    expect(first).to_contain_text("KSampler")
    expect(first).to_contain_text("Nodeloom")
    expect(first.locator(".palette-line")).to_have_text(re.compile(r"\w+"))
    look(page, "palette_rows")
    page.keyboard.press("Enter")
    expect(canvas.nodes).to_have_count(1)


def test_the_space_bar_opens_it_on_a_node_and_presses_buttons_elsewhere(canvas: CanvasPage) -> None:
    page = canvas.page
    canvas.add("vae decode", "VAE Decode", canvas.empty(0.3, 0.3))
    node = canvas.nodes.first
    node.focus()
    page.keyboard.press("Space")
    expect(canvas.palette).to_be_visible()
    page.keyboard.press("Escape")
    expect(canvas.palette).to_be_hidden()

    page.get_by_role("button", name="Workflows", exact=True).focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("complementary", name="Workflows")).to_be_visible()
    expect(canvas.palette).to_be_hidden()
    node.focus()
    page.keyboard.press("Tab")  # goes on along the flow: no list opens
    expect(canvas.palette).to_be_hidden()


@pytest.mark.parametrize(
    ("keys", "typed", "chunk", "wanted"),
    [("Control+f", "decode", "FindDialog", "Decode"), ("Control+k", "bypass", "CommandPalette", "Bypass")],
)
def test_what_is_typed_before_a_dialog_is_there_is_in_its_box(
    server: LiveServer, new_context: Callable[..., BrowserContext], keys: str, typed: str, chunk: str, wanted: str
) -> None:
    page = new_context().new_page()
    canvas = template_of(page, server.url)
    canvas.pick(canvas.node("Decode"))
    before = canvas.drawn()
    waiting: list[Route] = []
    page.route(re.compile(rf"/assets/{chunk}-.*\.js$"), lambda route: waiting.append(route))
    canvas.page.keyboard.press(keys)
    page.keyboard.type(typed)  # `d`, `n`, `b` and others are shortcuts
    page.keyboard.press("Delete")
    canvas.until(lambda: len(waiting) == 1, "the dialog was not asked for")
    waiting[0].continue_()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox")).to_have_value(typed)
    expect(dialog.get_by_role("option").first).to_contain_text(wanted)
    page.keyboard.type("x")
    expect(dialog.get_by_role("combobox")).to_have_value(f"{typed}x")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert canvas.drawn() == before
    canvas.press("Control+f")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_have_value("")


def test_a_dropped_picture_is_a_node_at_once_and_shows_how_far_it_is(editor: EditorPage, tmp_path: Path) -> None:
    page = editor.page
    picture = tmp_path / "far away.png"
    Image.new("RGB", (64, 48), "teal").save(picture)
    held: list[Route] = []
    page.route(re.compile(r"/api/upload/image$"), lambda route: held.append(route))
    editor.drop(picture, "image/png")
    node = editor.node("Load Image")
    expect(node.get_by_role("progressbar")).to_be_visible()
    look(page, "upload")
    held[0].continue_()
    expect(node.get_by_role("button", name="Look at far away.png")).to_be_visible()
    expect(node.get_by_role("progressbar")).to_have_count(0)
    editor.press("Control+z")  # the node and its file came in one step
    expect(node).to_have_count(0)
    editor.press("Control+Shift+z")
    expect(node.get_by_role("button", name="Look at far away.png")).to_be_visible()


def test_a_file_for_a_node_that_reads_outputs_lands_where_that_node_looks(
    server: LiveServer, canvas: CanvasPage, tmp_path: Path
) -> None:
    picture = tmp_path / "made elsewhere.png"
    Image.new("RGB", (64, 48), "olive").save(picture)
    number = canvas.add("load image outputs", "Load Image (from Outputs)", canvas.empty(0.3, 0.3))
    canvas.by_id(number).get_by_test_id("widget-file").set_input_files(picture)
    expect(canvas.by_id(number).get_by_role("button", name=re.compile(r"Look at made elsewhere\.png"))).to_be_visible()
    steps = canvas.exported(tmp_path)
    assert steps[number]["inputs"]["image"] == "made elsewhere.png [output]"
    assert (server.folder / "output" / "made elsewhere.png").is_file()
    assert not (server.folder / "input" / "made elsewhere.png").exists()


def test_a_fresh_server_has_an_empty_list_of_workflows(
    own_server: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    own_server.start()
    editor = EditorPage.opened(new_context().new_page(), own_server.url)
    editor.press("w")
    expect(editor.page.get_by_text("Nothing is saved yet.")).to_be_visible()  # and the console stays clean


def test_a_mask_is_painted_from_far_away_by_a_finger(
    server: LiveServer, new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    picture = tmp_path / "small.png"
    Image.new("RGB", (64, 48), "purple").save(picture)
    context = new_context(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    editor = EditorPage.opened(context.new_page(), server.url)
    page = editor.page
    editor.drop(picture, "image/png")
    expect(editor.node("Load Image").get_by_role("button", name="Look at small.png")).to_be_visible()
    page.get_by_role("button", name="Zoom out", exact=True).click()
    button = page.locator(".flow").get_by_role("button", name="Paint a mask", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    look(page, "touch_mask")
    button.tap()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_nodes_of_packs_are_shown_in_the_words_of_their_packs(
    server: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    words = {"zh": {"nodeDefs": {"KSampler": {"display_name": "包的采样器", "inputs": {"seed": {"name": "包的种子"}}}}}}
    page = new_context(locale="zh-CN").new_page()
    page.route(
        re.compile(r"/api/i18n$"), lambda route: route.fulfill(body=json.dumps(words), content_type="application/json")
    )
    editor = EditorPage.opened(page, server.url)
    expect(editor.node("采样器").get_by_label("包的种子", exact=True)).to_be_visible()
    editor.press("n")
    page.keyboard.type("包的采样器")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_contain_text("包的采样器")
