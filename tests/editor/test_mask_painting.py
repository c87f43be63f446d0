"""A mask painted by hand: what is painted is what the node gives, and what is inpainted."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import ROOT, LiveServer

SIDE = 128
SOURCE, KEEP, SHOW = "Picture to change", "Save", "The mask"
PAINTED_FROM, PAINTED_TO = (44, 64), (84, 64)
RUN_MS = 180_000

Screenshot = Callable[[Page, str], None]


def inpainting() -> dict[str, Any]:
    """The shipped inpaint workflow, with a picture that is uploaded, and its mask, in place of what it makes itself."""
    steps: dict[str, Any] = json.loads((ROOT / "workflows" / "inpaint.json").read_text(encoding="utf-8"))
    for made in ("2", "4", "5", "6", "7", "8", "9", "10"):
        del steps[made]
    source = {"class_type": "LoadImage", "inputs": {"image": ""}, "_meta": {"title": SOURCE}}
    steps["20"] = source
    steps["11"]["inputs"]["pixels"] = ["20", 0]
    steps["12"]["inputs"]["mask"] = ["20", 1]
    steps["14"]["inputs"] |= {"steps": 6, "denoise": 1.0}
    steps["16"]["inputs"] |= {"destination": ["20", 0], "mask": ["20", 1]}
    steps["21"] = {"class_type": "MaskToImage", "inputs": {"mask": ["20", 1]}, "_meta": {"title": "Mask as a picture"}}
    steps["22"] = {
        "class_type": "SaveImage",
        "inputs": {"images": ["21", 0], "filename_prefix": "painted_mask"},
        "_meta": {"title": SHOW},
    }
    return steps


def drawn(folder: Path, name: str = "portrait.png", side: int = SIDE) -> Path:
    """A picture that nobody could take for noise: rings on a blue ground."""
    picture = Image.new("RGB", (side, side), (40, 90, 200))
    draw = ImageDraw.Draw(picture)
    for radius, colour in ((44, (220, 40, 40)), (26, (250, 220, 80))):
        reach = radius * side // SIDE
        draw.ellipse([side // 2 - reach, side // 2 - reach, side // 2 + reach, side // 2 + reach], fill=colour)
    path = folder / name
    picture.save(path)
    return path


def opened(editor: EditorPage, folder: Path, picture: Path) -> None:
    """Open the workflow, and upload the picture by the button of its node."""
    workflow = folder / "inpaint_by_hand.json"
    workflow.write_text(json.dumps(inpainting()), encoding="utf-8")
    editor.drop(workflow, "application/json")
    node = editor.node(SOURCE)
    expect(node).to_be_visible()
    node.get_by_test_id("widget-file").set_input_files(picture)
    expect(editor.field(SOURCE, "image")).to_have_text(picture.name)
    expect(editor.picture(SOURCE)).to_be_visible()


class MaskPage:
    """The mask editor as a person uses it, in pixels of the picture."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stage = page.get_by_role("application", name=re.compile("to paint the mask on"))
        expect(self.stage).to_be_visible()
        expect(self.picture).to_be_visible()

    @property
    def picture(self) -> Locator:
        """The picture that lies under the mask."""
        return self.stage.locator("img")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the picture is on the page."""
        box = self.picture.bounding_box()
        assert box is not None
        side = int(self.picture.evaluate("image => image.naturalWidth"))
        return box["x"] + x * box["width"] / side, box["y"] + y * box["height"] / side

    def stroke(self, *places: Sequence[float], button: Any = "left") -> None:
        """Draw with the mouse through these places."""
        mouse = self.page.mouse
        mouse.move(*self.at(*places[0]))
        mouse.down(button=button)
        for place in places[1:]:
            mouse.move(*self.at(*place), steps=3)
        mouse.up(button=button)

    def shade(self, x: float, y: float) -> int:
        """How strongly a place is shown as painted: the alpha of the canvas over the picture, 0 to 255."""
        canvas = self.stage.locator("canvas")
        left, top = self.at(x, y)
        return int(
            canvas.evaluate(
                """(canvas, [left, top]) => {
                  const box = canvas.getBoundingClientRect();
                  const ratio = canvas.width / box.width;
                  const x = Math.round((left - box.left) * ratio);
                  const y = Math.round((top - box.top) * ratio);
                  const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
                  pixel.drawImage(canvas, x, y, 1, 1, 0, 0, 1, 1);
                  return pixel.getImageData(0, 0, 1, 1).data[3];
                }""",
                [left, top],
            )
        )

    def shows(self, x: float, y: float, *, painted: bool) -> None:
        """Wait until a place is shown as painted, or as not painted."""
        canvas = self.stage.locator("canvas")
        expect(canvas).to_be_attached()
        for _ in range(100):
            if (self.shade(x, y) > 60) is painted:
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"{x}, {y} is {'not ' if painted else ''}painted")

    def set(self, name: str, value: int) -> None:
        """Move a slider."""
        self.page.get_by_role("slider", name=name).fill(str(value))

    def save(self) -> None:
        """Save, and wait until the workflow is there again."""
        self.page.get_by_role("button", name="Save mask").click()
        expect(self.stage).to_be_hidden()


def paint(editor: EditorPage) -> MaskPage:
    """Open the mask editor by the button on the picture."""
    editor.node(SOURCE).get_by_role("button", name="Paint a mask on").click()
    return MaskPage(editor.page)


def saved_as(server: LiveServer, prefix: str) -> Path:
    """The last picture that was saved under a prefix."""
    return [path for path in server.saved() if path.name.startswith(prefix)][-1]


def means(picture: Image.Image, box: tuple[int, int, int, int]) -> float:
    """The mean of all channels in a part of a picture."""
    return sum(ImageStat.Stat(picture.crop(box)).mean) / len(picture.getbands())


def test_what_is_painted_by_hand_is_inpainted_and_nothing_else(
    server: LiveServer, new_context: Callable[..., BrowserContext], tmp_path: Path, screenshot: Screenshot
) -> None:
    page = new_context(color_scheme="dark").new_page()
    editor = EditorPage.opened(page, server.url)
    original = drawn(tmp_path)
    opened(editor, tmp_path, original)

    mask = paint(editor)
    mask.set("Hardness", 100)
    mask.set("Size", 480)
    mask.stroke((20, 20), (100, 20))
    mask.shows(60, 20, painted=True)
    mask.page.keyboard.press("Control+z")
    mask.shows(60, 20, painted=False)
    mask.page.keyboard.press("Control+Shift+z")
    mask.shows(60, 20, painted=True)
    mask.page.keyboard.press("e")
    mask.stroke((15, 20), (110, 20))
    mask.shows(60, 20, painted=False)
    mask.page.keyboard.press("b")
    mask.stroke(PAINTED_FROM, PAINTED_TO)
    mask.shows(64, 64, painted=True)
    screenshot(page, "mask")
    mask.save()
    expect(editor.field(SOURCE, "image")).to_have_text("clipspace/portrait-mask.png")
    expect(editor.field(SOURCE, "image")).not_to_have_attribute("aria-invalid", "true")

    editor.run()
    expect(editor.picture(KEEP)).to_be_visible(timeout=RUN_MS)
    expect(editor.picture(SHOW)).to_be_visible(timeout=RUN_MS)
    with Image.open(saved_as(server, "painted_mask")) as file:
        given = file.convert("L")
    assert given.size == (SIDE, SIDE)
    assert given.getpixel(PAINTED_FROM) == given.getpixel((64, 64)) == given.getpixel(PAINTED_TO) == 255
    assert given.getpixel((60, 20)) == given.getpixel((64, 110)) == given.getpixel((4, 4)) == 0
    with Image.open(original) as before, Image.open(saved_as(server, "inpaint")) as after:
        changed = ImageChops.difference(before.convert("RGB"), after.convert("RGB"))
    outside = changed.copy()
    outside.paste((0, 0, 0), mask=given.point(lambda value: 255 if value else 0))
    assert max(outside.tobytes()) <= 2  # what is not painted stays, but for rounding
    inside = Image.new("RGB", changed.size)
    inside.paste(changed, mask=given)
    assert means(inside, (44, 58, 84, 70)) > 10

    # One step of the history, and the picture it named before is still there.
    editor.press("Control+z")
    expect(editor.field(SOURCE, "image")).to_have_text(original.name)
    expect(editor.picture(SOURCE)).to_be_visible()
    editor.press("Control+Shift+z")
    expect(editor.field(SOURCE, "image")).to_have_text("clipspace/portrait-mask.png")

    # What was painted is where it begins the next time.
    again = paint(editor)
    again.shows(64, 64, painted=True)
    again.shows(64, 110, painted=False)
    again.page.keyboard.press("Escape")
    expect(again.stage).to_be_hidden()


def test_keys_alone_paint_and_what_was_painted_is_not_lost_by_mistake(editor: EditorPage, tmp_path: Path) -> None:
    page = editor.page
    opened(editor, tmp_path, drawn(tmp_path, "keys.png"))
    editor.node(SOURCE).click(position={"x": 40, "y": 12})
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="All commands").fill("paint a mask")
    page.keyboard.press("Enter")
    mask = MaskPage(page)
    expect(mask.stage).to_be_focused()
    mask.shows(64, 64, painted=False)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    mask.shows(64, 64, painted=True)
    expect(page.get_by_role("status").filter(has_text="Painted at 64, 64")).to_be_attached()
    page.keyboard.down("Space")
    for _ in range(6):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.up("Space")
    mask.shows(110, 64, painted=True)
    page.keyboard.press("i")
    mask.shows(110, 64, painted=False)
    mask.shows(10, 10, painted=True)

    page.keyboard.press("Escape")
    question = page.get_by_role("alertdialog")
    expect(question).to_be_visible()
    question.get_by_role("button", name="Cancel").click()
    mask.shows(10, 10, painted=True)
    page.get_by_role("button", name="Cancel").click()
    question.get_by_role("button", name="Discard it").click()
    expect(mask.stage).to_be_hidden()
    expect(editor.field(SOURCE, "image")).to_have_text("keys.png")


def test_a_mask_that_cannot_be_saved_stays_and_can_be_saved_later(
    editor: EditorPage, tmp_path: Path, expected_problems: list[str]
) -> None:
    expected_problems.append(r"status of 500 .*/api/upload/mask|500 \(Internal Server Error\)")
    page = editor.page
    opened(editor, tmp_path, drawn(tmp_path, "refused.png"))
    mask = paint(editor)
    mask.stroke((30, 30), (90, 90))
    mask.shows(60, 60, painted=True)

    def refuse(route: Route) -> None:
        body = {"title": "x", "status": 500, "detail": "the disk is full", "remedy": "Free some space."}
        route.fulfill(status=500, json=body)

    page.route(re.compile("/api/upload/mask"), refuse)
    page.get_by_role("button", name="Save mask").click()
    expect(page.get_by_role("alert")).to_contain_text("the disk is full Free some space.")
    mask.shows(60, 60, painted=True)
    page.unroute(re.compile("/api/upload/mask"))
    mask.save()
    expect(editor.field(SOURCE, "image")).to_have_text("clipspace/refused-mask.png")


def test_fingers_paint_with_one_and_zoom_with_two(
    server: LiveServer, new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    context = new_context(has_touch=True, is_mobile=True)
    page = context.new_page()
    editor = EditorPage.opened(page, server.url)
    opened(editor, tmp_path, drawn(tmp_path, "touched.png"))
    mask = paint(editor)
    page.set_viewport_size({"width": 375, "height": 700})
    expect(page.get_by_role("slider", name="Size")).to_be_in_viewport()
    devices = context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(places)]
        devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", mask.at(30, 64))
    touch("touchMove", mask.at(60, 64))
    touch("touchMove", mask.at(100, 64))
    touch("touchEnd")
    mask.shows(64, 64, painted=True)

    before = mask.picture.bounding_box()
    assert before is not None
    x, y = mask.at(64, 30)
    touch("touchStart", (x - 20, y))
    touch("touchStart", (x - 20, y), (x + 20, y))
    touch("touchMove", (x - 60, y), (x + 60, y))
    touch("touchEnd")
    after = mask.picture.bounding_box()
    assert after is not None
    assert after["width"] > 2 * before["width"]
    mask.shows(64, 30, painted=False)  # two fingers leave no paint
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        if box is not None and button.is_visible():
            assert box["height"] >= 44, button.text_content()
    mask.save()
    expect(editor.field(SOURCE, "image")).to_have_text("clipspace/touched-mask.png")
