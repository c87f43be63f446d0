"""Large graphs stay light: little is mounted, far away it is one picture, and a preview touches one node alone."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from tests.editor.large_graphs import WATCH_NODES, LargeGraph
from tests.editor.live_server import LiveServer

MOST_ELEMENTS: Final = 5_000
PREVIEWS: Final = 40
MOST_SCRIPT_MS: Final = 25.0
"""Of scripting for one preview, on a machine that does much else; a page that rendered 1,000 nodes would take more."""


def picture(number: int) -> bytes:
    """A small PNG, another for each number."""
    file = BytesIO()
    Image.new("RGB", (64, 64), (number * 5 % 256, 80, 120)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(params=[300, 1000])
def graph(request: pytest.FixtureRequest, server: LiveServer, new_context: Callable[..., BrowserContext]) -> LargeGraph:
    """The editor with a large graph."""
    page = new_context(viewport={"width": 1600, "height": 900}).new_page()
    return LargeGraph.opened(page, server.url, request.param)


def test_far_away_a_graph_is_one_picture(graph: LargeGraph) -> None:
    graph.go_far()
    expect(graph.page.locator("canvas.far-layer")).to_have_count(1)
    assert graph.mounted() == 0
    assert graph.page.locator(".react-flow__edge").count() == 0
    assert graph.elements() < MOST_ELEMENTS / 5


def test_near_by_only_what_is_seen_is_mounted(graph: LargeGraph) -> None:
    graph.go_near()
    assert graph.page.locator(".far-layer").count() == 0
    assert 6 <= graph.mounted() <= 60
    assert graph.elements() <= MOST_ELEMENTS
    spot = graph.empty_spot()
    graph.frames(spot, is_pressed=True)
    graph.settle()
    assert graph.mounted() <= 60, "what was passed by stays mounted"
    assert graph.elements() <= MOST_ELEMENTS
    graph.sweep()
    graph.go_near()
    assert graph.elements() <= MOST_ELEMENTS


def test_a_preview_changes_no_node_but_its_own(graph: LargeGraph) -> None:
    page = graph.page
    graph.go_near()
    near = page.locator(".react-flow__node-node").first.get_attribute("data-id")
    assert near is not None
    graph.run()
    graph.preview(near, picture(0))
    shown = page.locator(f'.react-flow__node[data-id="{near}"] img[src^="blob:"]')
    expect(shown).to_have_count(1)
    graph.settle()

    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate(WATCH_NODES)
    before = _script_seconds(session.send("Performance.getMetrics"))
    address = shown.get_attribute("src")
    for number in range(1, PREVIEWS + 1):
        graph.preview(near, picture(number))
        page.wait_for_timeout(50)
    expect(shown).not_to_have_attribute("src", str(address))
    graph.settle()
    spent = _script_seconds(session.send("Performance.getMetrics")) - before
    assert page.evaluate("[...window.changedNodes]") == [near]
    assert spent * 1000 / PREVIEWS < MOST_SCRIPT_MS


def test_a_drag_of_a_node_leaves_the_others_alone(graph: LargeGraph) -> None:
    page = graph.page
    graph.go_near()
    node = page.locator(".react-flow__node-node").nth(4)
    moved = node.get_attribute("data-id")
    title = node.locator(".title-text").bounding_box()
    assert title is not None
    at = (title["x"] + 30, title["y"] + 8)
    page.mouse.click(*at)  # it is selected, which is told on the node itself
    graph.settle()
    page.evaluate(WATCH_NODES)
    graph.frames(at, is_pressed=True)
    graph.settle()
    changed: list[str] = page.evaluate("[...window.changedNodes]")
    assert set(changed) <= {moved, "the canvas"}


def _script_seconds(metrics: Any) -> float:
    return next(each["value"] for each in metrics["metrics"] if each["name"] == "ScriptDuration")
