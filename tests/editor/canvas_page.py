"""The canvas as a hand uses it: places of nodes, sockets and links on the screen, and gestures of the mouse."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.editor.editor_page import PATIENCE_SECONDS, POLL_MS, EditorPage

Point = tuple[float, float]

STEPS = 12
"""Moves of the mouse in one drag: fewer than a hand makes, enough for everything that watches it."""

# The middle of a link's curve, in pixels of the page.
MIDDLE_OF_LINK = """
(path) => {
  const middle = path.getPointAtLength(path.getTotalLength() * PART).matrixTransform(path.getScreenCTM());
  return [middle.x, middle.y];
}
"""

# Everything that is drawn of a workflow, without what is selected: two workflows that look the same are equal in it.
DRAWN = """
() => JSON.stringify([
  [...document.querySelectorAll('.react-flow__node')].map((node) => [
    node.dataset.id, node.style.transform, node.style.width, node.style.height, node.textContent,
    node.querySelector('.node')?.dataset.look ?? '',
    [...node.querySelectorAll('input, textarea, select')].map((field) => field.value),
  ]).sort(),
  [...document.querySelectorAll('.react-flow__edge')].map((edge) => [
    edge.dataset.id, edge.querySelector('.link-line')?.getAttribute('d'),
  ]).sort(),
])
"""


class CanvasPage(EditorPage):
    """A page that shows the editor, with what a mouse does on its canvas."""

    def new_workflow(self) -> None:
        """Begin with an empty canvas, in a tab of its own."""
        self.page.get_by_role("button", name="New workflow", exact=True).click()
        expect(self.nodes).to_have_count(0)

    # Where things are

    @property
    def links(self) -> Locator:
        """The links that are on the screen."""
        return self.page.locator(".react-flow__edge")

    @property
    def groups(self) -> Locator:
        """The frames around nodes that are on the screen."""
        return self.page.locator(".react-flow__node-frame")

    @property
    def reroutes(self) -> Locator:
        """The points of links that are on the screen."""
        return self.page.locator(".react-flow__node-reroute")

    @property
    def palette(self) -> Locator:
        """The list of nodes to choose from."""
        return self.page.get_by_role("dialog", name="Add a node")

    def by_id(self, node: str) -> Locator:
        """A node by its number in the workflow."""
        return self.page.locator(f'.react-flow__node[data-id="{node}"]')

    def chosen(self) -> list[str]:
        """The numbers of the nodes that are selected, sorted."""
        found = self.page.locator(".react-flow__node-node.selected").all()
        return sorted(each.get_attribute("data-id") or "" for each in found)

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until something holds that only looking again and again can tell."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < ends, what
            self.page.wait_for_timeout(POLL_MS)

    def are_chosen(self, *nodes: str) -> None:
        """Wait until exactly these nodes are selected, by their numbers."""
        self.until(lambda: self.chosen() == list(nodes), f"{nodes} are not selected, but {self.chosen()}")

    def place(self, node: Locator) -> Point:
        """The upper left corner of a node on the screen."""
        box = box_of(node)
        return round(box["x"], 1), round(box["y"], 1)

    def header(self, node: Locator) -> Point:
        """The middle of a node's title, to take hold of it."""
        box = box_of(node.locator(".node-header, .group-title").first)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def slot(self, node: Locator, name: str) -> Point:
        """The middle of a socket, by its name: `clip`, or `LATENT` for an output."""
        found = node.locator(".slot").and_(self.page.get_by_label(re.compile(rf"^(Input|Output) {re.escape(name)} \(")))
        return middle_of(found.first)

    def link(self, index: int, part: float = 0.5) -> Point:
        """A point of a link's curve; 0 is where it begins and 1 where it ends."""
        x, y = self.links.nth(index).locator(".link-line").evaluate(MIDDLE_OF_LINK.replace("PART", str(part)))
        return float(x), float(y)

    def empty(self, x: float = 0.5, y: float = 0.5) -> Point:
        """A place of the canvas, in parts of its width and height."""
        box = box_of(self.page.locator(".flow"))
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    # What a hand does

    def drag(self, start: Point, end: Point, *keys: str) -> None:
        """Press, move and let go, with keys held down meanwhile."""
        mouse, keyboard = self.page.mouse, self.page.keyboard
        for key in keys:
            keyboard.down(key)
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=STEPS)
        mouse.up()
        for key in keys:
            keyboard.up(key)

    def choose(self, words: str, name: str) -> str:
        """Type into the palette, take the node of this name with the mouse; its number in the workflow."""
        expect(self.palette).to_be_visible()
        self.page.keyboard.type(words)
        self.palette.get_by_role("option").filter(has=self.page.get_by_text(name, exact=True)).click()
        expect(self.palette).to_be_hidden()
        expect(self.page.locator(".react-flow__node-node.selected")).to_have_count(1)
        return self.chosen()[0]

    def add(self, words: str, name: str, at: Point) -> str:
        """Double click on an empty place and choose a node for it."""
        self.page.mouse.dblclick(*at)
        return self.choose(words, name)

    def pick(self, *nodes: Locator) -> None:
        """Select these nodes and no others, by clicks on their titles."""
        for at, node in enumerate(nodes):
            self.page.keyboard.down("Control") if at else None
            self.page.mouse.click(*self.header(node))
            self.page.keyboard.up("Control") if at else None

    def menu(self, node: Locator, command: str) -> None:
        """Take a command from the menu of a node."""
        self.page.mouse.click(*self.header(node), button="right")
        self.page.get_by_role("menuitem", name=re.compile(rf"^{re.escape(command)}")).click()

    def command(self, name: str) -> None:
        """Take a command from the list of all of them."""
        self.page.keyboard.press("Control+k")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("combobox").fill(name)
        dialog.get_by_role("option", name=re.compile(rf"^{re.escape(name)}")).first.click()
        expect(dialog).to_be_hidden()

    def undo(self) -> None:
        """Take back one step."""
        self.press("Control+z")

    def redo(self) -> None:
        """Do it again."""
        self.press("Control+Shift+z")

    # What the workflow is

    def drawn(self) -> str:
        """All that is drawn of the workflow, as text to compare."""
        found: str = self.page.evaluate(DRAWN)
        return found

    def is_drawn(self, wanted: str) -> None:
        """Wait until the workflow looks so."""
        self.page.wait_for_function(f"(wanted) => ({DRAWN})() === wanted", arg=wanted)

    @contextmanager
    def one_step(self) -> Iterator[None]:
        """What is done within changes the workflow, and is exactly one step of its history."""
        self.leave_field()  # one that is in use shows more than the workflow, such as the tokens of a prompt
        before = self.drawn()
        yield
        self.page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=before)
        after = self.drawn()
        self.undo()
        self.is_drawn(before)
        self.redo()
        self.is_drawn(after)

    def exported(self, folder: Path) -> Any:
        """The workflow as it is handed in to run, from the menu."""
        return json.loads(self._downloaded("Download for the API", folder).read_text(encoding="utf-8"))

    def saved(self, folder: Path) -> Any:
        """The workflow as a file, from the menu."""
        return json.loads(self._downloaded("Download as workflow", folder).read_text(encoding="utf-8"))

    def _downloaded(self, item: str, folder: Path) -> Path:
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Menu", exact=True).click()
            self.page.get_by_role("menuitem", name=item).click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path


def box_of(found: Locator) -> FloatRect:
    """Where an element is on the screen."""
    expect(found).to_be_visible()
    box = found.bounding_box()
    assert box is not None
    return box


def middle_of(found: Locator) -> Point:
    """The middle of an element on the screen."""
    box = box_of(found)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def canvas_of(page: Page, url: str) -> CanvasPage:
    """The editor in a page, with an empty workflow open."""
    canvas = CanvasPage(page, url)
    page.goto(url)
    canvas.is_ready()
    canvas.new_workflow()
    return canvas


def template_of(page: Page, url: str) -> CanvasPage:
    """The editor in a page, with the workflow that is shown first: text to image."""
    canvas = CanvasPage(page, url)
    page.goto(url)
    canvas.is_ready()
    expect(canvas.node("Save")).to_be_visible()
    return canvas
