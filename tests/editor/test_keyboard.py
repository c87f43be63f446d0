"""The editor by keyboard alone: a graph is built, run, looked at and edited as a table, and the focus is never lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import LiveServer
from tests.editor.waiting import until

RUN_MS = 120_000

# What has the keyboard, in one line; "nothing" where the focus is lost.
FOCUSED = """
() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return 'nothing';
  const node = element.closest('.react-flow__node');
  const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent.trim();
  return [node === element || node === null ? '' : node.getAttribute('aria-label'), name].filter(Boolean).join(' / ');
}
"""

# Whether what has the keyboard shows it: an outline or a shadow, its own or that of the node it stands for.
RINGED = """
() => {
  const shows = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
  };
  const element = document.activeElement;
  const within = element.matches('.react-flow__node') ? [...element.children] : [];
  return [element, ...within].some(shows) || element.matches('.flow');
}
"""

NO_MOUSE = """
for (const kind of ['mousedown', 'pointerdown', 'touchstart'])
  window.addEventListener(kind, () => { throw new Error('a pointer was used'); }, true);
"""


class Keys:
    """Somebody without a mouse; a pointer that is used nevertheless is an error on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keyboard = page.keyboard

    def press(self, *keys: str) -> None:
        """Press keys one after the other; after each of them something has the keyboard."""
        for each in keys:
            self.keyboard.press(each)

    def has(self, name: str | re.Pattern[str]) -> None:
        """Wait until something of this name has the keyboard, and shows that it has it."""
        deadline = 300
        for _ in range(deadline):
            if re.fullmatch(name, self.focused()):
                break
            self.page.wait_for_timeout(50)
        assert re.fullmatch(name, self.focused()), f"{self.focused()!r} has the keyboard, not {name!r}"
        assert self.page.evaluate(RINGED), f"nobody sees that {self.focused()!r} has the keyboard"

    def focused(self) -> str:
        """What has the keyboard."""
        return str(self.page.evaluate(FOCUSED))

    def tab_to(self, name: str, keys: str = "Tab", most: int = 60) -> None:
        """Press Tab until something has the keyboard; all on the way shows that it has it."""
        for _ in range(most):
            self.keyboard.press(keys)
            if self.focused() == "nothing":
                continue  # past the last of the page the browser's own buttons come, then the first of the page
            assert self.page.evaluate(RINGED), f"nobody sees that {self.focused()!r} has the keyboard"
            if re.fullmatch(name, self.focused()):
                return
        raise AssertionError(f"{keys} does not lead to {name!r}")

    def add(self, words: str, title: str) -> None:
        """Add a node by the palette; it has the keyboard then."""
        self.press("n")
        expect(self.page.get_by_role("combobox", name="Search nodes")).to_be_focused()
        self.keyboard.type(words)
        self.press("Enter")
        self.has(re.escape(title))

    def connect(self, socket: str, partner: str) -> None:
        """Connect a socket of the selected node, in its panel, to a socket of another."""
        self.tab_to(re.escape(f"Connect {socket} to…"))
        self.press("Enter")
        self.keyboard.type(partner)
        expect(self.page.locator("[role=option]")).to_have_count(1)
        self.press("Enter")
        expect(self.page.locator("[role=option]")).to_have_count(0)


def announced(page: Page) -> Locator:
    """What is said aloud."""
    return page.get_by_role("status")


@pytest.fixture
def keys(server: LiveServer, new_context: Callable[..., BrowserContext]) -> Keys:
    """The editor with an empty workflow."""
    page = new_context().new_page()
    EditorPage.opened(page, server.url)
    page.evaluate(NO_MOUSE)
    page.keyboard.press("Alt+n")
    expect(page.get_by_text("Double-click to add a node")).to_be_visible()
    return Keys(page)


def test_a_workflow_is_built_and_run_by_keyboard_alone(keys: Keys) -> None:
    nodes_are_added(keys)
    nodes_are_connected(keys)
    values_are_typed(keys)
    keys.press("Control+Enter")
    page = keys.page
    expect(announced(page).filter(has_text=re.compile("Waiting|Running"))).to_have_count(1)
    expect(announced(page).filter(has_text="Done 1 picture")).to_have_count(1, timeout=RUN_MS)
    expect(EditorPage(page, "").picture("Save Image")).to_be_visible()
    the_picture_is_looked_at(keys)
    a_deletion_is_undone_and_redone(keys)


def nodes_are_added(keys: Keys) -> None:
    """By the palette, each to a place of its own."""
    page = keys.page
    keys.add("load checkpoint", "Load Checkpoint")
    expect(announced(page).filter(has_text="Added a node")).to_have_count(1)
    keys.add("clip text encode", "CLIP Text Encode (Prompt)")
    keys.add("clip text encode", "CLIP Text Encode (Prompt)")
    keys.add("empty latent", "Empty Latent Image")
    keys.add("ksampler", "KSampler")
    keys.add("vae decode", "VAE Decode")
    keys.add("save image", "Save Image")
    keys.press("Escape", ".")  # nothing selected: everything is shown
    expect(page.locator(".react-flow__node-node")).to_have_count(7)
    boxes = page.locator(".react-flow__node-node").evaluate_all(
        "nodes => nodes.map((node) => node.getBoundingClientRect().toJSON())"
    )
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = (
                one["right"] <= other["left"]
                or other["right"] <= one["left"]
                or one["bottom"] <= other["top"]
                or other["bottom"] <= one["top"]
            )
            assert apart, "a node was put onto another"


def nodes_are_connected(keys: Keys) -> None:
    """In the panel of the node that is selected, from socket to socket without a drag."""
    keys.tab_to("Save Image")
    keys.press("i")
    keys.has("Inspector")
    keys.connect("images", "IMAGE")
    go_to(keys, "VAE Decode #6 · IMAGE", "Tab")
    keys.has("VAE Decode")
    keys.press("F6")
    keys.connect("samples", "KSampler LATENT")
    keys.connect("vae", "checkpoint VAE")
    go_to(keys, "KSampler #5 · LATENT", "Shift+Tab")
    keys.has("KSampler")
    keys.press("F6")
    keys.connect("model", "checkpoint MODEL")
    keys.connect("positive", "#2 CONDITIONING")
    keys.connect("negative", "#3 CONDITIONING")
    keys.connect("latent_image", "LATENT")
    go_to(keys, "CLIP Text Encode (Prompt) #2 · CONDITIONING", "Shift+Tab")
    keys.press("F6")
    keys.connect("clip", "CLIP")
    keys.press("i")  # within the panel: it closes, and the node has the keyboard again
    keys.has(r"CLIP Text Encode \(Prompt\)")
    keys.press("i")
    keys.press("Escape")
    keys.has(r"CLIP Text Encode \(Prompt\)")


def values_are_typed(keys: Keys) -> None:
    """Along the flow, and into the fields."""
    page = keys.page
    editor = EditorPage(keys.page, "")
    keys.press("Enter")
    keys.has(r"CLIP Text Encode \(Prompt\) / text")
    keys.keyboard.type("a red apple on a white background")
    keys.press("Escape")
    keys.has(r"CLIP Text Encode \(Prompt\)")
    node = page.locator('.react-flow__node[data-id="3"]')
    for _ in range(8):
        if node.evaluate("node => node === document.activeElement"):
            break
        keys.press("Tab")
    expect(node).to_be_focused()
    keys.press("F6")
    keys.connect("clip", "CLIP")
    keys.press("Escape")
    keys.tab_to("Empty Latent Image", "Shift+Tab")
    keys.press("Enter")
    keys.has("Empty Latent Image / width")
    for value in ("128", "128"):
        keys.press("Control+a")
        keys.keyboard.type(value)
        keys.press("Tab")
    keys.press("Escape")
    keys.tab_to("KSampler")
    keys.press("Enter")
    keys.tab_to("KSampler / steps")
    keys.press("Control+a")
    keys.keyboard.type("8")
    keys.press("Enter")
    editor.has_value("KSampler", "steps", "8")
    keys.press("Escape")


def the_picture_is_looked_at(keys: Keys) -> None:
    """Large, and back to the node it is on."""
    page = keys.page
    keys.tab_to("Save Image")
    keys.press("Enter")
    keys.tab_to("Save Image / Look at .*")
    keys.press("Enter")
    expect(page.locator(".lightbox img")).to_be_visible()
    keys.press("+", "Escape")
    expect(page.locator(".lightbox")).to_be_hidden()
    keys.has("Save Image / Look at .*")
    keys.press("Escape")
    keys.has("Save Image")


def a_deletion_is_undone_and_redone(keys: Keys) -> None:
    """Each is said aloud, and something has the keyboard all the while."""
    page = keys.page
    editor = EditorPage(keys.page, "")
    keys.press("Delete")
    expect(editor.node("Save Image")).to_have_count(0)
    expect(announced(page).filter(has_text="Deleted")).to_have_count(1)
    assert keys.focused() != "nothing"
    keys.press("Control+z")
    expect(editor.node("Save Image")).to_be_visible()
    expect(announced(page).filter(has_text="Undone: Deleted")).to_have_count(1)
    keys.press("Control+Shift+z")
    expect(editor.node("Save Image")).to_have_count(0)
    expect(announced(page).filter(has_text="Redone: Deleted")).to_have_count(1)
    assert keys.focused() != "nothing"


def go_to(keys: Keys, socket: str, back_or_on: str) -> None:
    """By the button beside a link, to the node at its other end."""
    keys.tab_to(re.escape(f"Go to {socket}"), back_or_on)
    keys.press("Enter")


def test_the_outline_edits_a_workflow_as_a_table(keys: Keys) -> None:
    page = keys.page
    keys.add("empty latent", "Empty Latent Image")
    keys.add("vae decode", "VAE Decode")
    keys.add("upscale latent by", "Upscale Latent By")
    keys.press("o")
    keys.has("Outline")
    rows = page.get_by_role("table", name="Nodes").locator("tbody")
    expect(rows).to_have_count(3)

    keys.tab_to("Title of Empty Latent Image #1")
    keys.press("Control+a")
    keys.keyboard.type("Canvas")
    keys.press("Enter")
    expect(page.locator('.react-flow__node[aria-label="Canvas"]')).to_have_count(1)

    keys.tab_to("Open Canvas #1")
    keys.press("Enter")
    keys.tab_to("width")
    keys.press("Control+a")
    keys.keyboard.type("256")
    keys.press("Tab")
    EditorPage(page, "").has_value("Canvas", "width", "256")

    keys.tab_to("Connect LATENT to…")
    keys.press("Enter")
    keys.keyboard.type("decode samples")
    keys.press("Enter")
    expect(page.locator(".react-flow__edge")).to_have_count(1)

    # A link as a row: its end is put elsewhere, then it is cut.
    keys.tab_to("Nodes.*", "Shift+Tab")
    keys.press("ArrowRight")
    keys.tab_to("To VAE Decode #2 · samples: change")
    keys.press("Enter")
    keys.keyboard.type("upscale")
    keys.press("Enter")
    expect(page.locator('.react-flow__edge[aria-label="Canvas → Upscale Latent By"]')).to_have_count(1)
    keys.tab_to("Disconnect Canvas .*")
    keys.press("Enter")
    expect(page.locator(".react-flow__edge")).to_have_count(0)
    assert keys.focused() != "nothing"

    keys.tab_to("Links.*", "Shift+Tab")
    keys.press("ArrowLeft")
    keys.tab_to("Delete VAE Decode #2")
    keys.press("Enter")
    expect(rows).to_have_count(2)
    keys.has("Delete .*")
    keys.press("o")
    expect(page.get_by_role("complementary", name="Outline")).to_be_hidden()
    keys.has("Upscale Latent By")


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("n", "Escape"),
        ("Control+k", "Escape"),
        ("Control+Comma", "Escape"),
        ("Control+f", "Escape"),
        ("?", "Escape"),
        ("Control+Shift+s", "Escape"),
        ("i", "i"),
        ("h", "h"),
        ("o", "o"),
        ("q", "q"),
        ("w", "w"),
    ],
)
def test_what_is_closed_gives_the_keyboard_back(keys: Keys, opens: str, closes: str) -> None:
    keys.add("ksampler", "KSampler")
    keys.press(opens)
    layers = keys.page.locator("[role=dialog], .side")
    expect(layers).to_have_count(1)
    until(keys.page, "document.activeElement.closest('[role=dialog], .side') !== null")
    keys.press(closes)
    expect(layers).to_have_count(0)
    keys.has("KSampler")


def test_f6_goes_round_the_parts_of_the_page(keys: Keys) -> None:
    keys.add("ksampler", "KSampler")
    keys.press("i", "F6")
    parts = []
    for _ in range(4):
        parts.append(keys.page.evaluate("document.activeElement.closest('.top-bar, nav, aside, main').className"))
        keys.press("F6")
    assert parts == ["top-bar", "rail", "app-canvas", "side right side-inspector"]
    keys.press("Shift+F6", "Shift+F6")
    keys.has("KSampler")


def test_the_first_tab_leads_past_the_bars_to_the_canvas(
    server: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    EditorPage.opened(page, server.url)
    keys = Keys(page)
    keys.press("Tab")
    keys.has("Skip to the canvas")
    expect(page.get_by_role("button", name="Skip to the canvas")).to_be_in_viewport()
    keys.press("Enter", "Tab")
    keys.has("Model")
    order = ["Model"]
    for _ in range(6):
        keys.press("Tab")
        order.append(keys.focused())
    assert order[-2:] == ["Decode", "Save"], "nodes come along the flow"
    assert set(order) == {"Model", "Prompt", "Negative prompt", "Empty picture", "Sampler", "Decode", "Save"}


def test_the_context_menu_opens_at_the_node_that_has_the_keyboard(keys: Keys) -> None:
    keys.add("ksampler", "KSampler")
    keys.press("Shift+F10")
    expect(keys.page.get_by_role("menu")).to_be_visible()
    keys.press("Escape")
    expect(keys.page.get_by_role("menu")).to_be_hidden()
    keys.has("KSampler")
