"""The gallery over what runs have saved: found by words, compared two by two, used as input."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from storage.pictures import png_bytes
from tests.editor.editor_page import EditorPage
from tests.editor.live_server import LiveServer

PROMPT, SAMPLER, SAVE, LOADER = "Prompt", "Sampler", "Save", "Load Image"

Screenshot = Callable[[Page, str], None]

# A drag as the browser itself makes one, from the middle of a tile to a place on the page.
DRAG = """
([tile, x, y]) => {
  const data = new DataTransfer();
  const source = tile.getBoundingClientRect();
  const over = document.elementFromPoint(x, y);
  const say = (element, kind, clientX, clientY) => element.dispatchEvent(
    new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data, clientX, clientY }));
  say(tile, 'dragstart', source.x + source.width / 2, source.y + source.height / 2);
  const refused = say(over, 'dragover', x, y);
  if (!refused) say(over, 'drop', x, y);
  return !refused;
}
"""


class GalleryPage:
    """The gallery of an editor, by the roles and names that a screen reader tells."""

    def __init__(self, editor: EditorPage) -> None:
        self.editor = editor
        self.page = editor.page
        self.panel = self.page.get_by_role("complementary", name="Gallery")
        self.grid = self.panel.get_by_role("grid")
        self.tiles = self.grid.get_by_role("gridcell")
        self.comparison = self.page.get_by_role("dialog", name="Compare")
        self.line = self.comparison.get_by_role("slider")

    def open(self) -> None:
        """Show the panel by its key."""
        self.editor.press("g")
        expect(self.panel).to_be_visible()

    def ask(self, text: str, seed: int) -> None:
        """Hand a quick run in."""
        self.editor.fill(PROMPT, "text", text)
        self.editor.fill(SAMPLER, "steps", "3")
        self.editor.fill(SAMPLER, "seed", str(seed))
        self.editor.run()

    def search(self, text: str) -> None:
        """Look for words."""
        self.panel.get_by_role("searchbox").fill(text)

    def act(self, name: str) -> Locator:
        """The button for what is selected."""
        return self.panel.get_by_role("toolbar").get_by_role("button", name=name, exact=True)

    def names(self) -> list[str]:
        """The names of the files that are shown, in their order."""
        return [(each.get_attribute("aria-label") or "").split(",")[0] for each in self.tiles.all()]


@pytest.fixture
def gallery(server: LiveServer, new_context: Callable[..., BrowserContext]) -> GalleryPage:
    """The gallery over whatever the tests of the editor have drawn."""
    return GalleryPage(EditorPage.opened(new_context(color_scheme="dark").new_page(), server.url))


@pytest.fixture(scope="module")
def filled(built_editor: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with two pictures: `new.png` of a frog, and `old.png` of an apple in a folder."""
    server = LiveServer(tmp_path_factory.mktemp("filled"))
    for at, name, text in ((1000, "sub/old.png", "a red apple"), (2000, "new.png", "a green frog")):
        prompt = json.dumps({"2": {"class_type": "CLIPTextEncode", "inputs": {"text": text}}})
        path = server.folder / "output" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png_bytes(64, 64, 3, bytes((at // 10, 40, 90)) * 64 * 64, {"prompt": prompt}))
        os.utime(path, (at, at))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def two(filled: LiveServer, new_context: Callable[..., BrowserContext]) -> GalleryPage:
    """The gallery over these two pictures, opened."""
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    gallery = GalleryPage(EditorPage.opened(context.new_page(), filled.url))
    gallery.open()
    expect(gallery.tiles).to_have_count(2)
    return gallery


def loaders(editor: EditorPage) -> Locator:
    """The nodes that read a picture."""
    return editor.page.get_by_role("group", name=LOADER, exact=True)


def test_two_runs_are_found_compared_and_used_as_input(
    gallery: GalleryPage, server: LiveServer, screenshot: Screenshot
) -> None:
    page, editor = gallery.page, gallery.editor
    gallery.open()
    expect(gallery.panel.get_by_role("status")).to_have_text(re.compile("[0-9] picture|^$"))
    editor.press(".")  # the panel lies over the canvas: all nodes beside it

    # Both appear by themselves, the newest first, and are found by the words that drew them.
    gallery.search("for the gallery")
    gallery.ask("a red apple, for the gallery", 5)
    expect(gallery.tiles).to_have_count(1, timeout=120_000)
    gallery.ask("a green frog, for the gallery", 6)
    expect(gallery.tiles).to_have_count(2, timeout=120_000)
    first, second = (path.name for path in server.saved()[-2:])
    assert gallery.names() == [second, first]
    for words, found in (
        ("FROG gallery", [second]),
        ('"the gallery"', [second, first]),
        (f"{first[:-4]} apple", [first]),
    ):
        gallery.search(words)
        expect(gallery.tiles).to_have_count(len(found))
        expect(gallery.tiles.first).to_have_accessible_name(re.compile("^" + re.escape(found[0])))
        assert gallery.names() == found
    gallery.search("a purple cow, for the gallery")
    expect(gallery.panel.get_by_text("No picture matches.")).to_be_visible()
    gallery.search("")
    expect(gallery.tiles.nth(1)).to_be_visible()
    assert gallery.names()[:2] == [second, first]
    widths = "images => Promise.all(images.map((image) => image.decode().then(() => image.naturalWidth)))"
    assert gallery.tiles.locator("img").evaluate_all(widths)[:2] == [128, 128]

    # Two of them against each other: the older one is A.
    gallery.tiles.nth(0).click()
    gallery.tiles.nth(1).click(modifiers=["Control"])
    expect(gallery.panel.get_by_text("2 selected")).to_be_visible()
    screenshot(page, "gallery")
    gallery.act("Compare").click()
    expect(gallery.comparison.get_by_alt_text(f"A: {first}")).to_be_visible()
    expect(gallery.comparison.get_by_alt_text(f"B: {second}")).to_be_visible()
    compares_with_mouse_and_keys(gallery, screenshot)
    page.keyboard.press("Escape")
    expect(gallery.comparison).to_be_hidden()

    # One as input: a node that reads it, in one step.
    gallery.tiles.nth(0).click()
    gallery.act("Use as input").click()
    expect(loaders(editor)).to_have_count(1)
    expect(editor.field(LOADER, "image")).to_have_text(f"{second} [output]")
    expect(editor.field(LOADER, "image")).not_to_have_attribute("aria-invalid", "true")
    expect(editor.picture(LOADER)).to_be_visible()
    editor.press("Control+z")
    expect(loaders(editor)).to_have_count(0)


def compares_with_mouse_and_keys(gallery: GalleryPage, screenshot: Screenshot) -> None:
    """The line goes where mouse and keys lead it; both pictures are zoomed in step; the values that differ are told."""
    page, comparison, line = gallery.page, gallery.comparison, gallery.line
    expect(line).to_have_attribute("aria-valuenow", "50")
    page.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", "52")
    page.keyboard.press("End")
    expect(line).to_have_attribute("aria-valuenow", "100")
    page.keyboard.press("Home")
    line.press("Shift+ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", "10")

    frame = comparison.locator(".comparison-frame").bounding_box()
    box = line.bounding_box()
    assert frame is not None and box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.4, frame["y"] + 50, steps=4)
    page.mouse.up()
    expect(line).to_have_attribute("aria-valuenow", "40")
    expect(line).to_have_attribute("aria-valuetext", "40 % of A")

    transforms = "images => images.map((image) => image.style.transform)"
    images = comparison.locator(".comparison-layer img")
    page.mouse.wheel(0, -300)
    expect(images.first).not_to_have_attribute("style", re.compile(r"scale\(1\)"))
    zoomed = images.evaluate_all(transforms)
    assert zoomed[0] == zoomed[1]
    page.keyboard.press("0")
    expect(images.first).to_have_attribute("style", re.compile(r"scale\(1\)"))
    assert images.evaluate_all(transforms) == ["translate(0px, 0px) scale(1)"] * 2

    page.keyboard.press("i")
    values = comparison.get_by_role("complementary", name="Differing values")
    expect(values.get_by_role("heading", name="KSampler · seed")).to_be_visible()
    expect(values.get_by_text("a red apple, for the gallery")).to_be_visible()
    screenshot(page, "compare")
    page.keyboard.press("d")
    expect(line).to_be_hidden()
    blend = "image => getComputedStyle(image.parentElement).mixBlendMode"
    assert comparison.get_by_alt_text(re.compile("^A: ")).evaluate(blend) == "difference"
    page.keyboard.press("b")
    boxes = [comparison.get_by_alt_text(re.compile(f"^{side}: ")).bounding_box() for side in "AB"]
    assert boxes[0] is not None and boxes[1] is not None
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


def test_the_grid_is_used_by_keys_alone(two: GalleryPage) -> None:
    page, editor = two.page, two.editor
    titles = editor.titles()
    two.grid.focus()
    page.keyboard.press("ArrowRight")
    expect(two.tiles.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    lightbox = page.get_by_role("dialog", name="old.png")
    expect(lightbox).to_be_visible()
    page.keyboard.press("i")
    expect(lightbox.get_by_text("a red apple", exact=True)).to_be_visible()
    page.keyboard.press("c")
    expect(two.comparison.get_by_alt_text("A: new.png")).to_be_visible()
    expect(two.comparison.get_by_alt_text("B: old.png")).to_be_visible()
    page.keyboard.press("Escape")
    expect(two.comparison).to_be_hidden()

    lightbox.get_by_role("button", name="Copy picture").click()
    expect(page.get_by_text("Picture copied")).to_be_visible()
    kinds: Any = page.evaluate("navigator.clipboard.read().then((items) => items.flatMap((item) => item.types))")
    assert kinds == ["image/png"]

    page.keyboard.press("Escape")
    expect(lightbox).to_be_hidden()
    expect(two.grid).to_be_focused()
    assert editor.titles() == titles
    page.keyboard.press("Shift+ArrowLeft")
    expect(two.panel.get_by_text("2 selected")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Added as 2 nodes")).to_be_visible()
    expect(loaders(editor).first).to_be_visible()
    editor.press("Control+z")
    expect(loaders(editor)).to_have_count(0)


def test_a_picture_is_dragged_onto_the_canvas_and_onto_a_node(two: GalleryPage) -> None:
    page, editor = two.page, two.editor
    canvas = page.locator(".react-flow__pane").bounding_box()
    assert canvas is not None
    place = [canvas["x"] + canvas["width"] * 0.4, canvas["y"] + canvas["height"] - 240]
    assert page.evaluate(DRAG, [two.tiles.nth(0).element_handle(), *place])
    expect(editor.field(LOADER, "image")).to_have_text("new.png [output]")

    box = editor.node(LOADER).bounding_box()
    assert box is not None
    assert page.evaluate(DRAG, [two.tiles.nth(1).element_handle(), box["x"] + box["width"] / 2, box["y"] + 12])
    expect(editor.field(LOADER, "image")).to_have_text("sub/old.png [output]")
    expect(loaders(editor)).to_have_count(1)
    editor.press("Control+z")
    expect(editor.field(LOADER, "image")).to_have_text("new.png [output]")
    editor.press("Control+z")
    expect(loaders(editor)).to_have_count(0)


def test_the_lightbox_sets_its_picture_at_the_node_that_is_selected(two: GalleryPage) -> None:
    page, editor = two.page, two.editor
    lightbox = page.get_by_role("dialog")
    for index, name in enumerate(["new.png [output]", "sub/old.png [output]"]):
        two.tiles.nth(index).dblclick()
        lightbox.get_by_role("button", name="Use as input (U)").click()
        expect(lightbox).to_be_hidden()
        expect(editor.field(LOADER, "image")).to_have_text(name)
        expect(loaders(editor)).to_have_count(1)
    editor.press("Control+z")
    expect(editor.field(LOADER, "image")).to_have_text("new.png [output]")


def test_pictures_of_one_node_are_compared_from_its_button(gallery: GalleryPage, server: LiveServer) -> None:
    save = gallery.editor.node(SAVE)
    gallery.editor.fill("Empty picture", "batch_size", "3")
    gallery.ask("a red apple, three times", 5)
    expect(save.locator("img[src*='view?']")).to_have_count(3, timeout=120_000)
    save.locator("img").first.hover()
    save.get_by_role("button", name="Compare the pictures").click()
    names = [path.name for path in server.saved()[-3:]]
    expect(gallery.comparison.get_by_alt_text(f"A: {names[0]}")).to_be_visible()
    gallery.comparison.get_by_label("Picture B").select_option(label=names[2])
    expect(gallery.comparison.get_by_alt_text(f"B: {names[2]}")).to_be_visible()
