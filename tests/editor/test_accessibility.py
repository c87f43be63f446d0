"""Nobody is left out: axe finds nothing serious in any state, and motion, contrast and zoom are heeded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import LiveServer

AXE: Final = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
GRAVE: Final = ("serious", "critical")
RUN_MS: Final = 120_000
SCHEMES: Final = ("dark", "light")

# Colours of all types at sockets and links against what they lie on, as WCAG counts contrast.
CONTRASTS = """
() => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (colour) => {
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const parts = [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
    const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const node = getComputedStyle(document.querySelector('.node')).backgroundColor;
  const ground = getComputedStyle(document.body).backgroundColor;
  return [...document.querySelectorAll('.slot')].flatMap((slot) => {
    const colour = slot.style.getPropertyValue('--type');
    return [ratio(colour, node), ratio(colour, ground)];
  });
}
"""

Opened = Callable[..., Page]


@pytest.fixture
def opened(server: LiveServer, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Opens the editor in a browser with options of its own."""

    def opened(**options: object) -> Page:
        page = new_context(**options).new_page()
        EditorPage.opened(page, server.url)
        return page

    return opened


def grave(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page, with the elements it is about."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: Any = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['id']} ({each['impact']}): {[node['html'][:160] for node in each['nodes']]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]


@contextmanager
def shown(page: Page, keys: str, selector: str) -> Iterator[None]:
    """Something that keys open, until Escape or the same keys close it."""
    EditorPage(page, "").press(keys)
    expect(page.locator(selector).first).to_be_visible()
    yield
    page.keyboard.press("Escape")
    if page.locator(selector).count() > 0:
        EditorPage(page, "").press(keys)
    expect(page.locator(selector)).to_have_count(0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_grave_in_the_workflow_its_palettes_and_dialogs(opened: Opened, scheme: str) -> None:
    page = opened(color_scheme=scheme)
    assert grave(page) == [], "first workflow"
    states = {
        "palette": ("n", ".palette"),
        "commands": ("Control+k", "[role=dialog] [role=option]"),
        "settings": ("Control+Comma", "[role=dialog] select"),
        "find": ("Control+f", "[role=dialog] input"),
        "save": ("Control+Shift+s", "[role=dialog] input"),
        "shortcuts": ("?", "[role=dialog] kbd"),
    }
    for name, (keys, selector) in states.items():
        with shown(page, keys, selector):
            assert grave(page) == [], name
    page.get_by_role("button", name="Templates", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()
    assert grave(page) == [], "templates"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_grave_in_panels_and_menus(opened: Opened, scheme: str) -> None:
    page = opened(color_scheme=scheme)
    header = EditorPage(page, "").node("Sampler").locator(".title-text")
    header.click()
    for keys in "wqoih":
        with shown(page, keys, ".side-body > *"):
            assert grave(page) == [], f"panel of {keys}"
    EditorPage(page, "").press("o")
    page.get_by_role("button", name="Open Sampler #5").click()
    assert grave(page) == [], "a node in the outline"
    page.get_by_role("tab", name="Links").click()
    assert grave(page) == [], "links in the outline"
    EditorPage(page, "").press("o")
    header.click(button="right")
    expect(page.get_by_role("menu")).to_be_visible()
    assert grave(page) == [], "context menu"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert grave(page) == [], "menu"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_grave_in_runs_errors_and_pictures(
    opened: Opened, expected_problems: list[str], scheme: str
) -> None:
    expected_problems.append(r"status of 400 .*/api/prompt")
    page = opened(color_scheme=scheme)
    editor = EditorPage(page, "")
    editor.fill("Sampler", "steps", "5" if scheme == "dark" else "6")
    editor.run()
    expect(editor.picture("Save")).to_be_visible(timeout=RUN_MS)
    assert grave(page) == [], "done"
    editor.node("Save").get_by_role("button", name="Look at").click()
    expect(page.locator(".lightbox img")).to_be_visible()
    page.keyboard.press("i")
    expect(page.locator(".lightbox dl, .lightbox aside, .lightbox .facts").first).to_be_visible()
    assert grave(page) == [], "lightbox"
    page.keyboard.press("Escape")

    editor.press("Control+a")
    editor.press("Delete")
    editor.press("Control+z")
    page.route("**/api/prompt", _refused)
    editor.run()
    expect(editor.field("Model", "ckpt_name")).to_have_attribute("aria-invalid", "true")
    assert grave(page) == [], "error"
    page.get_by_role("button", name="1 problem").click()
    expect(page.get_by_role("complementary", name="Problems")).to_be_visible()
    assert grave(page) == [], "problems"


def _refused(route: Any) -> None:
    """Send a workflow on as if its model had been deleted meanwhile; the answer is the server's own."""
    body = route.request.post_data_json
    for step in body["prompt"].values():
        if step["class_type"] == "CheckpointLoaderSimple":
            step["inputs"]["ckpt_name"] = "deleted.safetensors"
    route.continue_(post_data=body)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_grave_on_a_phone(opened: Opened, scheme: str) -> None:
    page = opened(
        color_scheme=scheme, viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True, locale="zh-CN"
    )
    assert grave(page) == [], "first workflow"
    for panel in ("workflows", "queue", "outline", "inspector", "help"):
        page.locator(f'[data-command="panels.{panel}"]').tap()
        expect(page.locator(".side")).to_be_visible()
        assert grave(page) == [], panel
        page.locator(".side > header button").tap()
    page.locator('[data-command="view.settings"]').tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert grave(page) == [], "settings"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_colours_of_types_stand_out_from_nodes_and_ground(opened: Opened, scheme: str) -> None:
    page = opened(color_scheme=scheme)
    contrasts: list[float] = page.evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert min(contrasts) >= 3, "WCAG 1.4.11 asks for 3 to 1"


def test_nothing_moves_for_those_who_ask_for_calm(opened: Opened) -> None:
    page = opened(reduced_motion="reduce")
    editor = EditorPage(page, "")
    editor.fill("Sampler", "steps", "120")
    editor.run()
    expect(editor.node("Sampler").get_by_role("progressbar")).to_be_visible(timeout=RUN_MS)
    running = "document.getAnimations().filter((each) => each.playState === 'running' && each.effect.getTiming()"
    assert page.evaluate(f"{running}.duration > 20).length") == 0
    for keys in ("n", "Control+k", "Control+Comma"):
        editor.press(keys)
        expect(page.get_by_role("dialog").first).to_be_visible()
        assert page.evaluate(f"{running}.duration > 20).length") == 0, keys
        page.keyboard.press("Escape")
    page.keyboard.press("Control+Alt+Enter")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_forced_colours_leave_every_border_and_mark_to_be_seen(opened: Opened, scheme: str) -> None:
    page = opened(color_scheme=scheme, forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    edges = """
    (selector) => [...document.querySelectorAll(selector)].every((element) => {
      const { borderTopStyle, borderTopWidth, outlineStyle } = getComputedStyle(element);
      return (borderTopStyle !== 'none' && parseFloat(borderTopWidth) >= 1) || outlineStyle !== 'none';
    })
    """
    for selector in (".node", ".widget-input", ".button", ".canvas-tools"):
        assert page.evaluate(edges, selector), f"{selector} has no edge where colours are taken away"
    slots = "[...document.querySelectorAll('.slot')].map((slot) => getComputedStyle(slot, '::after').borderTopColor)"
    ground = page.evaluate("getComputedStyle(document.querySelector('.node')).backgroundColor")
    assert ground not in page.evaluate(slots), "sockets vanish"
    EditorPage(page, "").node("Sampler").locator(".title-text").click()
    outline = page.evaluate("getComputedStyle(document.querySelector('.node[data-selected]')).outlineStyle")
    assert outline != "none", "what is selected looks like all else"


@pytest.mark.parametrize("times", [2, 4])
def test_a_zoomed_page_flows_anew(opened: Opened, times: int) -> None:
    """A page of 1,280 by 1,024 at 200 and 400 % has this many pixels of its own (WCAG 1.4.10)."""
    page = opened(viewport={"width": 1280 // times, "height": 1024 // times}, device_scale_factor=times)
    fits = "document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight"
    assert page.evaluate(fits)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_in_viewport()
    for panel in ("outline", "queue", "inspector"):
        button = page.locator(f'[data-command="panels.{panel}"]')
        button.click()
        body = page.locator(".side-body")
        expect(body).to_be_visible()
        box = body.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280 // times + 1
        assert box["height"] >= 60, f"{panel} has no room"
        assert page.evaluate(fits)
        page.locator(".side > header button").click()
    page.keyboard.press("Control+Comma")
    expect(page.get_by_role("dialog")).to_be_visible()
    close = page.get_by_role("dialog").get_by_role("button", name="Close")
    expect(close).to_be_in_viewport()
    close.click()
