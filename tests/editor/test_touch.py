"""The editor under fingers: on a phone and on a tablet everything can be reached, met and read."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import LiveServer
from tests.editor.touching import Fingers, Point
from tests.editor.waiting import until

PHONE: Final = {"width": 375, "height": 700}
TABLET: Final = {"width": 820, "height": 1180}
RUN_MS: Final = 120_000
LEAST: Final = 44

# Controls outside of nodes that are smaller than a finger needs. A control within a label is met through the label,
# one that lies in a sentence or is not shown is none of them.
SMALL = """
(least) => {
  const all = document.querySelectorAll('button, a[href], input, textarea, select, [role=tab], [role=menuitem]');
  return [...all].flatMap((element) => {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return [];
    if (element.closest('.react-flow__node, .react-flow__attribution, .skip-link, .palette-behind') !== null) return [];
    if (element.classList.contains('visually-hidden') || element.classList.contains('menu-anchor')) return [];
    const box = (element.labels?.[0]?.contains(element) ? element.labels[0] : element).getBoundingClientRect();
    const isSmall = box.width < least - 0.5 || box.height < least - 0.5;
    const name = element.getAttribute('aria-label') ?? element.textContent.trim();
    return isSmall && box.width > 1 ? [`${name} ${element.className}: ${box.width} x ${box.height}`] : [];
  });
}
"""

# What sticks out to the right of the page, apart from what lies on the canvas or scrolls in a box of its own.
OUTSIDE = """
() => [...document.querySelectorAll('body *')].flatMap((element) => {
  if (element.closest('.react-flow, .far-layer, .visually-hidden, [data-sonner-toaster]') !== null) return [];
  let box = element.getBoundingClientRect();
  if (box.width === 0 || box.right <= innerWidth + 1) return [];
  for (let each = element.parentElement; each !== null; each = each.parentElement)
    if (getComputedStyle(each).overflowX !== 'visible' && each !== document.body) return [];
  return [`${element.tagName} ${element.className}: ${box.right}`];
})
"""

TRANSFORM = (
    "new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport')).transform).toFloat64Array()"
)


def view(page: Page) -> tuple[float, float, float]:
    """Where the canvas is seen from: x, y and zoom."""
    matrix: Any = page.evaluate(f"[...{TRANSFORM}]")
    return matrix[12], matrix[13], matrix[0]


def middle(locator: Locator) -> Point:
    """Of something on the page, in pixels of the window."""
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def free_spot(page: Page) -> Point:
    """A place on the canvas where nothing lies, with room to stroke around it."""
    found: Any = page.evaluate(
        """() => {
          const pane = document.querySelector('.react-flow__pane').getBoundingClientRect();
          const isFree = (x, y) => document.elementFromPoint(x, y)?.classList.contains('react-flow__pane');
          for (let y = pane.top + 40; y < pane.bottom - 90; y += 10)
            for (let x = 60; x < innerWidth - 60; x += 10)
              if ([[0, 0], [40, 0], [-40, 0], [0, 30], [0, -30]].every(([dx, dy]) => isFree(x + dx, y + dy)))
                return [x, y];
          return null;
        }"""
    )
    assert found is not None
    return found[0], found[1]


@pytest.fixture(params=[PHONE, TABLET], ids=["phone", "tablet"])
def screen(
    request: pytest.FixtureRequest,
    server: LiveServer,
    new_context: Callable[..., BrowserContext],
    expected_problems: list[str],
) -> EditorPage:
    """The editor on a screen for fingers."""
    expected_problems.append("Ignored attempt to cancel a touchmove")  # what the browser says of a scroll under way
    context = new_context(viewport=request.param, has_touch=True, is_mobile=True, device_scale_factor=2)
    return EditorPage.opened(context.new_page(), server.url)


def nothing_sticks_out(page: Page) -> None:
    """Wait until nothing lies beside the page."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OUTSIDE) == []


def test_fingers_move_the_canvas(screen: EditorPage) -> None:
    page, fingers = screen.page, Fingers(screen.page)
    x, y, zoom = view(page)
    at = free_spot(page)
    fingers.stroke((at, (at[0] + 40, at[1] + 30)))
    moved = view(page)
    assert moved[0] > x + 20
    assert moved[1] > y + 15
    assert moved[2] == zoom

    left, right = (at[0] - 30, at[1]), (at[0] + 30, at[1])
    fingers.stroke((left, (left[0], left[1] + 40)), (right, (right[0], right[1] + 40)))
    both = view(page)
    assert both[1] > moved[1] + 20
    assert abs(both[2] - zoom) < zoom / 10

    fingers.stroke((left, (left[0] - 20, left[1])), (right, (right[0] + 20, right[1])))
    nearer = view(page)[2]
    assert nearer > both[2] * 1.2
    fingers.stroke(((left[0] - 20, left[1]), left), ((right[0] + 20, right[1]), right))
    assert view(page)[2] < nearer


def test_a_finger_drags_a_node(screen: EditorPage) -> None:
    title = screen.node("Model").locator(".title-text")
    x, y = middle(title)
    Fingers(screen.page).stroke(((x, y), (x + 50, y + 60)))
    moved = middle(title)
    assert abs(moved[0] - x - 50) < 25
    assert abs(moved[1] - y - 60) < 25


def test_a_long_press_opens_the_menu(screen: EditorPage) -> None:
    page, fingers = screen.page, Fingers(screen.page)
    menu = page.get_by_role("menu")
    fingers.hold(middle(screen.node("Model").locator(".title-text")))
    expect(menu.get_by_role("menuitem", name="Duplicate")).to_be_visible()
    nothing_sticks_out(page)
    assert page.evaluate(SMALL, LEAST) == []
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    fingers.hold(free_spot(page))
    expect(menu.get_by_role("menuitem", name="Add a node")).to_be_visible()
    menu.get_by_role("menuitem", name="Add a node").tap()
    expect(page.get_by_role("combobox", name="Search nodes")).to_be_focused()


def test_two_taps_on_slots_connect_them(screen: EditorPage) -> None:
    page, fingers = screen.page, Fingers(screen.page)
    link = page.locator('.react-flow__edge[aria-label="Model → Prompt"]')
    page.get_by_role("button", name="Outline", exact=True).tap()
    page.get_by_role("tab", name="Links").tap()
    page.get_by_role("button", name="Disconnect Model #1 · CLIP from Prompt #2 · clip").tap()
    page.get_by_role("complementary").get_by_role("button", name="Close", exact=True).tap()
    expect(page.locator(".react-flow__edge").first).to_be_attached()
    expect(link).to_have_count(0)

    source = screen.node("Model").get_by_label("Output CLIP (CLIP)")
    target = screen.node("Prompt").get_by_label("Input clip (CLIP)")
    x = middle(source)[0]
    if middle(target)[0] > page.viewport_size["width"] - 30:  # type: ignore[index]  # a size was given
        spot = free_spot(page)
        fingers.stroke((spot, (spot[0] - max(0, x - 60), spot[1])))
    fingers.tap(middle(source))
    expect(page.locator(".react-flow__connection, .slot[data-fit]").first).to_be_attached()
    fingers.tap(middle(target))
    expect(link).to_have_count(1)


def test_a_prompt_is_edited_run_and_looked_at(screen: EditorPage) -> None:
    page = screen.page
    page.get_by_role("button", name="Outline", exact=True).tap()
    page.get_by_role("button", name="Go to Prompt #2").tap()
    page.get_by_role("complementary").get_by_role("button", name="Close", exact=True).tap()
    field = screen.field("Prompt", "text")
    field.tap()
    field.fill("a green frog, by finger")
    page.get_by_role("button", name="Outline", exact=True).tap()
    page.get_by_role("button", name="Open Sampler #5").tap()
    page.get_by_role("complementary").get_by_label("steps", exact=True).fill("6")
    page.get_by_role("button", name="Go to Save #7").tap()
    page.get_by_role("complementary").get_by_role("button", name="Close", exact=True).tap()
    page.get_by_role("button", name="Run", exact=True).tap()
    expect(screen.picture("Save")).to_be_visible(timeout=RUN_MS)
    nothing_sticks_out(page)

    screen.node("Save").get_by_role("button", name="Look at").tap()
    picture = page.locator(".lightbox img")
    expect(picture).to_be_visible()
    nothing_sticks_out(page)
    assert page.evaluate(SMALL, LEAST) == []
    x, y = middle(picture)
    before = picture.bounding_box()
    assert before is not None
    Fingers(page).stroke(((x - 30, y), (x - 90, y)), ((x + 30, y), (x + 90, y)))
    wider = "width => document.querySelector('.lightbox img').getBoundingClientRect().width > width * 1.3"
    until(page, wider, before["width"])
    page.get_by_role("dialog").get_by_role("button", name="Close").tap()
    expect(page.locator(".lightbox")).to_be_hidden()


@pytest.mark.parametrize("panel", ["Workflows", "Queue and history", "Outline", "Inspector", "Node help"])
def test_panels_fit_and_are_large_enough_for_fingers(screen: EditorPage, panel: str) -> None:
    page = screen.page
    screen.node("Model").locator(".title-text").tap()
    nothing_sticks_out(page)
    assert page.evaluate(SMALL, LEAST) == []
    page.get_by_role("button", name=panel, exact=True).tap()
    expect(page.get_by_role("complementary")).to_be_visible()
    nothing_sticks_out(page)
    assert page.evaluate(SMALL, LEAST) == []
    page.get_by_role("complementary").get_by_role("button", name="Close", exact=True).tap()
    expect(page.get_by_role("complementary")).to_be_hidden()


@pytest.mark.parametrize("command", ["Settings", "Templates…", "Keyboard shortcuts", "All commands", "Find"])
def test_dialogs_fit_and_are_large_enough_for_fingers(screen: EditorPage, command: str) -> None:
    page = screen.page
    page.get_by_role("button", name="Menu", exact=True).tap()
    expect(page.get_by_role("menu")).to_be_visible()
    nothing_sticks_out(page)
    assert page.evaluate(SMALL, LEAST) == []
    page.get_by_role("menuitem", name=command.rstrip("…")).tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    nothing_sticks_out(page)
    assert page.evaluate(SMALL, LEAST) == []
