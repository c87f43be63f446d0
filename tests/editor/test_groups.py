"""Groups as a whole, ends of links, inputs that are put away: by mouse and by keyboard, each one step of history."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.editor.canvas_page import CanvasPage, Point, box_of, template_of
from tests.editor.live_server import LiveServer

SHOTS: Final = os.environ.get("NODELOOM_LOOK_AT")
"""A folder into which these tests put pictures of what they see, to be looked at by a person."""


@pytest.fixture
def template(server: LiveServer, new_context: Callable[..., BrowserContext]) -> CanvasPage:
    """The workflow that is shown first, text to image, with a group around its decoder and the node that saves."""
    canvas = template_of(new_context(color_scheme="dark").new_page(), server.url)
    canvas.pick(canvas.node("Decode"), canvas.node("Save"))
    with canvas.one_step():
        canvas.page.keyboard.press("Control+g")
    expect(canvas.groups).to_have_count(1)
    return canvas


def look(page: Page, name: str) -> None:
    """Keep what is seen, where that is asked for."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def looks(canvas: CanvasPage, *titles: str) -> list[str | None]:
    """Whether nodes are muted or bypassed."""
    return [canvas.node(title).locator(".node").get_attribute("data-look") for title in titles]


def group_menu(canvas: CanvasPage, command: str) -> None:
    """Take a command from the menu of the group."""
    canvas.menu(canvas.groups.first, command)


def test_a_group_mutes_bypasses_and_frees_the_nodes_in_it(template: CanvasPage) -> None:
    canvas = template
    with canvas.one_step():
        group_menu(canvas, "Mute the group")
    assert looks(canvas, "Decode", "Save", "Sampler") == ["muted", "muted", None]
    with canvas.one_step():
        group_menu(canvas, "Bypass the group")
    assert looks(canvas, "Decode", "Save", "Sampler") == ["bypassed", "bypassed", None]
    with canvas.one_step():  # by the usual keys, while the group alone is selected
        canvas.page.keyboard.press("Control+b")
    assert looks(canvas, "Decode", "Save") == [None, None]
    group_menu(canvas, "Select its nodes")
    assert sorted(canvas.chosen()) == sorted(
        [canvas.node(title).get_attribute("data-id") or "" for title in ("Decode", "Save")]
    )


def test_a_group_runs_only_what_its_nodes_need(template: CanvasPage) -> None:
    canvas, page = template, template.page
    with page.expect_request(re.compile(r"/api/prompt$")) as asked:
        group_menu(canvas, "Run this group")
    body: Any = asked.value.post_data_json
    steps = {node: step["class_type"] for node, step in body["prompt"].items()}
    assert [steps[node] for node in body["partial_execution_targets"]] == ["SaveImage"]
    expect(canvas.picture("Save")).to_be_visible(timeout=200_000)


def test_a_group_without_anything_to_show_says_so(template: CanvasPage) -> None:
    canvas, page = template, template.page
    canvas.pick(canvas.node("Sampler"))
    page.keyboard.press("Control+g")
    expect(canvas.groups).to_have_count(2)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/api/prompt") else None)
    page.mouse.click(*canvas.header(canvas.groups.last), button="right")
    page.get_by_role("menuitem", name="Run this group").click()
    expect(page.get_by_text("No node in this group saves or shows anything")).to_be_visible()
    assert asked == []


def test_a_frame_moves_with_its_nodes_and_with_ctrl_alone(template: CanvasPage) -> None:
    canvas, page = template, template.page
    frame, decode = canvas.groups.first, canvas.node("Decode")
    before, corner, grip = canvas.place(decode), canvas.place(frame), canvas.header(frame)
    with canvas.one_step():
        canvas.drag(grip, (grip[0] - 20, grip[1] + 60))
    assert canvas.place(frame)[1] > corner[1] + 40
    assert moved(canvas.place(decode), before) == pytest.approx(moved(canvas.place(frame), corner), abs=1)
    before, corner, grip = canvas.place(decode), canvas.place(frame), canvas.header(frame)
    with canvas.one_step():
        canvas.drag(grip, (grip[0] + 40, grip[1] - 40), "Control")
    assert canvas.place(decode) == before
    assert canvas.place(frame)[1] < corner[1] - 20

    corner = canvas.place(frame)
    frame.focus()
    page.keyboard.press("Enter")
    with canvas.one_step():  # by keys: with Ctrl the frame alone
        page.keyboard.press("Control+ArrowDown")
    assert canvas.place(decode) == before
    assert canvas.place(frame)[1] > corner[1]


def moved(now: Point, before: Point) -> Point:
    """How far something is from where it was."""
    return now[0] - before[0], now[1] - before[1]


def test_a_frame_becomes_as_large_as_its_nodes_need(template: CanvasPage) -> None:
    canvas = template
    frame = canvas.groups.first
    wanted = box_of(frame)
    corner = (wanted["x"] + wanted["width"] - 4, wanted["y"] + wanted["height"] - 4)
    canvas.page.mouse.click(*canvas.header(frame))
    with canvas.one_step():
        canvas.drag(corner, (corner[0] + 60, corner[1] + 80))
    assert box_of(frame)["width"] > wanted["width"] + 30
    with canvas.one_step():
        group_menu(canvas, "Fit to its nodes")
    found = box_of(frame)
    assert [found[side] for side in ("x", "y", "width", "height")] == pytest.approx(
        [wanted[side] for side in ("x", "y", "width", "height")], abs=2
    )


def test_a_group_gets_its_colour_and_its_name_without_the_mouse(template: CanvasPage, tmp_path: Path) -> None:
    canvas, page = template, template.page
    canvas.groups.first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Colour").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("menuitem", name="Green")).to_be_visible()
    look(page, "group_menu")
    page.get_by_role("menuitem", name="Green").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_have_count(0)
    canvas.groups.first.focus()
    page.keyboard.press("F2")
    page.keyboard.press("Control+a")
    page.keyboard.type("End of it")
    page.keyboard.press("Enter")
    expect(canvas.groups.first).to_contain_text("End of it")
    [group] = canvas.saved(tmp_path)["groups"]
    assert (group["title"], group["color"]) == ("End of it", "#2f6138")


def test_a_selected_group_is_edited_beside_the_canvas(template: CanvasPage) -> None:
    canvas, page = template, template.page
    page.mouse.click(*canvas.header(canvas.groups.first))
    page.keyboard.press("i")
    panel = page.get_by_role("complementary", name="Inspector")
    panel.get_by_label("Title of the group").fill("Seen here")
    expect(canvas.groups.first).to_contain_text("Seen here")
    panel.get_by_role("button", name="Blue").click()
    look(page, "group_inspector")
    panel.get_by_role("button", name="Mute the group").click()
    assert looks(canvas, "Decode", "Save") == ["muted", "muted"]


def test_the_output_end_of_a_link_moves_to_another_output(template: CanvasPage, tmp_path: Path) -> None:
    canvas = template
    sampler, prompt, negative = (canvas.node(title) for title in ("Sampler", "Prompt", "Negative prompt"))
    number = {title: canvas.node(title).get_attribute("data-id") for title in ("Prompt", "Negative prompt", "Sampler")}
    count = canvas.links.count()

    start = canvas.slot(prompt, "CONDITIONING")
    with canvas.one_step():  # the line beside the socket is taken hold of
        canvas.drag((start[0] + 20 * zoom(canvas), start[1]), canvas.slot(negative, "CONDITIONING"))
    expect(canvas.links).to_have_count(count)
    steps = canvas.exported(tmp_path)
    assert steps[number["Sampler"]]["inputs"]["positive"] == [number["Negative prompt"], 0]

    with canvas.one_step():  # with Ctrl all links of an output
        canvas.drag(canvas.slot(negative, "CONDITIONING"), canvas.slot(prompt, "CONDITIONING"), "Control")
    steps = canvas.exported(tmp_path)
    assert [steps[number["Sampler"]]["inputs"][name] for name in ("positive", "negative")] == [
        [number["Prompt"], 0],
        [number["Prompt"], 0],
    ]
    with canvas.one_step():  # let go on nothing
        canvas.drag(canvas.slot(prompt, "CONDITIONING"), canvas.empty(0.6, 0.93), "Control")
    expect(canvas.links).to_have_count(count - 2)
    with canvas.one_step():
        canvas.drag(canvas.slot(prompt, "CONDITIONING"), canvas.slot(sampler, "positive"))
    with canvas.one_step():  # with Alt the link at an input stays, and a copy of it goes on
        canvas.drag(canvas.slot(sampler, "positive"), canvas.slot(sampler, "negative"), "Alt")
    expect(canvas.links).to_have_count(count)


def zoom(canvas: CanvasPage) -> float:
    """How much of life size the canvas is shown in."""
    transform: str = canvas.page.locator(".react-flow__viewport").evaluate("(each) => each.style.transform")
    found = re.search(r"scale\(([\d.]+)\)", transform)
    assert found is not None
    return float(found[1])


def test_inputs_without_links_are_put_away_and_come_back(template: CanvasPage, tmp_path: Path) -> None:
    canvas, page = template, template.page
    sampler = canvas.node("Sampler")
    canvas.drag(canvas.slot(sampler, "latent_image"), canvas.empty(0.6, 0.93))
    whole = box_of(sampler)["height"]
    canvas.pick(sampler)
    with canvas.one_step():
        page.keyboard.press("Control+h")
    expect(sampler.get_by_label(re.compile(r"^Input latent_image"))).to_have_count(0)
    expect(sampler.get_by_label(re.compile(r"^Input positive"))).to_have_count(1)
    expect(sampler.get_by_label("seed", exact=True)).to_be_visible()
    assert box_of(sampler)["height"] < whole
    look(page, "hidden_inputs")

    number = sampler.get_attribute("data-id")
    [node] = [node for node in canvas.saved(tmp_path)["nodes"] if str(node["id"]) == number]
    assert "latent_image" in [each["name"] for each in node["inputs"]]
    assert node["properties"]["nodeloom.hiddenInputs"] == ["latent_image"]

    sampler.get_by_role("button", name="Show 1 hidden input").click()
    expect(sampler.get_by_label(re.compile(r"^Input latent_image"))).to_have_count(1)
    assert box_of(sampler)["height"] == pytest.approx(whole, abs=1)

    page.keyboard.press("Control+h")
    expect(sampler.get_by_label(re.compile(r"^Input latent_image"))).to_have_count(0)
    with canvas.one_step():  # a link that is dropped on the node finds the input that is put away
        canvas.drag(
            canvas.slot(canvas.node("Empty picture"), "LATENT"), (box_of(sampler)["x"] + 90, box_of(sampler)["y"] + 150)
        )
    expect(sampler.get_by_label(re.compile(r"^Input latent_image"))).to_have_count(1)
    assert canvas.exported(tmp_path)[number]["inputs"]["latent_image"]
