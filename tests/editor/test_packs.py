"""Packs of nodes in a real server: theirs are there and run, a broken one is named, and new sources need no restart."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.editor.canvas_page import CanvasPage
from tests.editor.live_server import LiveServer

GOOD: Final = '''
"""A pack with one node."""

from typing import Annotated

from graph.results import Shown
from graph.spec import Range, node


@node("LivelyGreeting", category="lively", display_name="Lively Greeting", terminal=True)
def lively_greeting(name: str = "you", times: Annotated[int, Range(1, 9)] = 2) -> Shown:
    """Greet somebody again and again.

    name: who is greeted.
    """
    return Shown(ui={"text": [" ".join([f"Hello {name}!"] * times)]})
'''
CLASSES: Final = '''
class Shout:
    """Says it loud."""

    RETURN_TYPES = ()
    FUNCTION = "shout"
    CATEGORY = "lively"
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"text": ("STRING", {"default": "quiet"})}}

    def shout(self, text):
        return {"ui": {"text": [text.upper()]}, "result": ()}

NODE_CLASS_MAPPINGS = {"PackShout": Shout}
NODE_DISPLAY_NAME_MAPPINGS = {"PackShout": "Shout Out"}
'''
BROKEN: Final = "from brush_library_that_is_absent import Brush\n"

NewContext = Callable[..., BrowserContext]
Screenshot = Callable[[Page, str], None]


def put(folder: Path, name: str, text: str) -> None:
    """Write a file below a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a native pack, one of classes, and one that is broken."""
    folder = tmp_path_factory.mktemp("packs") / "custom_nodes"
    put(folder, "lively_pack/__init__.py", GOOD)
    put(folder, "lively_pack/pack.toml", '[pack]\nname = "lively_pack"\nversion = "1.0"\nlicence = "MIT"\n')
    put(folder, "shout_pack/__init__.py", CLASSES)
    put(folder, "painting_pack/__init__.py", BROKEN)
    put(folder, "painting_pack/requirements.txt", "brush-library-that-is-absent>=2\n")
    return folder


@pytest.fixture(scope="module")
def dev_server(built_editor: Path, packs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The real server for those who write packs."""
    server = LiveServer(tmp_path_factory.mktemp("dev"), f"--custom-nodes={packs}", "--dev")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def canvas(dev_server: LiveServer, new_context: NewContext) -> CanvasPage:
    """An empty canvas of that server."""
    page = new_context(color_scheme="dark").new_page()
    canvas = CanvasPage(page, dev_server.url)
    page.goto(dev_server.url)
    canvas.is_ready()
    canvas.new_workflow()
    return canvas


def shown_text(canvas: CanvasPage, title: str) -> Locator:
    """What a node shows after it has run."""
    return canvas.node(title).locator(".node-output-text")


def pack_list(page: Page, button: str) -> Locator:
    """The packs in the settings, opened by the mark in the bar."""
    page.get_by_role("button", name=button).click()
    return page.get_by_role("tabpanel", name="Packs")


def test_nodes_of_packs_are_in_the_palette_say_where_they_come_from_and_run(
    canvas: CanvasPage, expected_problems: list[str]
) -> None:
    expected_problems.append(r"status of 404 .*/docs/LivelyGreeting/")  # the pack brings no page on its node
    canvas.press("n")
    canvas.page.keyboard.type("lively")
    options = canvas.palette.get_by_role("option")
    expect(options.filter(has_text="Lively Greeting")).to_contain_text("lively_pack")
    expect(options.filter(has_text="Shout Out")).to_contain_text("shout_pack")
    canvas.page.keyboard.press("Escape")
    canvas.add("lively", "Lively Greeting", canvas.empty(0.2, 0.3))
    canvas.add("shout", "Shout Out", canvas.empty(0.6, 0.3))
    canvas.fill("Lively Greeting", "name", "reader")
    canvas.run()
    expect(shown_text(canvas, "Lively Greeting")).to_have_text("Hello reader! Hello reader!")
    expect(shown_text(canvas, "Shout Out")).to_have_text("QUIET")
    canvas.press("h")
    expect(canvas.page.locator(".node-help")).to_contain_text("From the pack lively_pack")


def test_a_broken_pack_is_named_with_its_remedy(canvas: CanvasPage, screenshot: Screenshot) -> None:
    shown = pack_list(canvas.page, "1 pack of nodes needs care")
    rows = shown.get_by_role("list", name="Packs", exact=True).locator("> li")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("painting_pack")
    expect(rows.first).to_contain_text("Failed")
    expect(rows.first).to_contain_text("pip install 'brush-library-that-is-absent>=2'")
    rows.first.get_by_text("Where it happened").click()
    expect(rows.first.locator("pre")).to_contain_text("import Brush")
    assert "/tmp" not in rows.first.inner_text()
    expect(rows.nth(1)).to_contain_text("1.0 · custom_nodes/lively_pack · 1 node")
    screenshot(canvas.page, "packs")


def test_a_changed_pack_changes_its_open_nodes_without_a_restart(
    canvas: CanvasPage, packs: Path, dev_server: LiveServer
) -> None:
    page = canvas.page
    canvas.add("lively", "Lively Greeting", canvas.empty(0.3, 0.3))
    canvas.fill("Lively Greeting", "name", "reader")
    canvas.run()
    expect(shown_text(canvas, "Lively Greeting")).to_have_text("Hello reader! Hello reader!")

    changed = GOOD.replace("Hello {name}!", "{word} {name}!").replace("times: Annot", 'word: str = "Bye", times: Annot')
    put(packs, "lively_pack/__init__.py", changed)
    expect(canvas.field("Lively Greeting", "word")).to_have_value("Bye")
    canvas.has_value("Lively Greeting", "name", "reader")
    canvas.run()
    expect(shown_text(canvas, "Lively Greeting")).to_have_text("Bye reader! Bye reader!")

    put(packs, "lively_pack/__init__.py", changed + "\nhalf an edit(")
    expect(page.get_by_text("The pack “lively_pack” failed", exact=False)).to_be_visible()
    canvas.node("LivelyGreeting").locator("header, .node-title").first.click()
    canvas.press("i")
    expect(page.locator(".unknown-node")).to_contain_text("The pack “lively_pack” brings it, and that is not there:")
    expect(pack_list(page, "2 packs of nodes need care")).to_contain_text("SyntaxError")
    page.keyboard.press("Escape")

    put(packs, "lively_pack/__init__.py", GOOD)
    expect(page.get_by_role("button", name="1 pack of nodes needs care")).to_be_visible()
    canvas.has_value("Lively Greeting", "name", "reader")
    canvas.run()
    expect(shown_text(canvas, "Lively Greeting")).to_have_text("Hello reader! Hello reader!")
    assert dev_server.log.read_text(errors="replace").count("Nodeloom listens") == 1
