"""Runs that wait, run and ran: put into another order, stopped, tried again, found again after a reload."""

import json
import re
import urllib.request
from collections.abc import Callable
from struct import pack
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, WebSocketRoute, expect

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import LiveServer

MODEL, PROMPT, SAMPLER, SAVE = "Model", "Prompt", "Sampler", "Save"
Screenshot = Callable[[Page, str], None]
LONG_MS = 240_000


class QueueSide:
    """The panel with the queue and the history of an editor."""

    def __init__(self, editor: EditorPage) -> None:
        self.editor = editor
        self.page = editor.page
        self.page.get_by_role("button", name=re.compile("^Queue")).click()
        self.waiting = self.page.locator(".queue-item.waiting")
        self.running = self.page.locator(".queue-item.running")
        self.rows = self.page.locator(".history-row")

    def ids(self) -> list[str]:
        """The ids of the runs that wait, in the order that is shown."""
        return [each.get_attribute("data-reorder") or "" for each in self.waiting.all()]

    def row(self, run: str) -> Locator:
        """A run that waits."""
        return self.page.locator(f'.queue-item.waiting[data-reorder="{run}"]')

    def has_order(self, runs: list[str]) -> None:
        """Wait until these runs wait, in this order."""
        expect(self.waiting).to_have_count(len(runs))
        for index, run in enumerate(runs):
            expect(self.waiting.nth(index)).to_have_attribute("data-reorder", run)

    def menu(self, row: Locator, item: str) -> None:
        """Choose from the menu of a run that ran."""
        row.get_by_role("button", name="More").click()
        self.page.get_by_role("menuitem", name=item).click()


def asked(server: LiveServer, path: str) -> Any:
    """What the server says, without the editor."""
    with urllib.request.urlopen(f"{server.url}/api/{path}", timeout=60) as answer:
        return json.load(answer)


def waiting_on(server: LiveServer) -> list[str]:
    return [item[1] for item in asked(server, "queue")["queue_pending"]]


def busy(editor: EditorPage, steps: int = 200) -> None:
    """Hand in a run that goes on for a while, and wait until it samples."""
    editor.fill(SAMPLER, "steps", str(steps))
    editor.run()
    expect(editor.node(SAMPLER).get_by_role("progressbar")).to_be_visible(timeout=LONG_MS)


def handed_in(editor: EditorPage, queue: QueueSide, count: int) -> list[str]:
    """Hand in short runs, one after the other; their ids."""
    editor.fill(SAMPLER, "steps", "2")
    for number in range(count):
        editor.run()
        expect(queue.waiting).to_have_count(number + 1)
    return queue.ids()


def percent_and_step(editor: EditorPage) -> tuple[int, int]:
    """The percentage of the run and the step of the sampler that are shown at the same moment."""
    text = editor.page.evaluate(
        """(title) => [
          document.querySelector('.progress-text')?.textContent ?? '',
          document.querySelector(`[aria-label="${title}"] .node-mark-running`)?.textContent ?? '',
        ]""",
        SAMPLER,
    )
    percent, step = re.match(r"(\d+)%", text[0]), re.match(r"(\d+)/\d+", text[1])
    return (int(percent[1]) if percent else -1, int(step[1]) if step else -1)


def seconds_shown(editor: EditorPage) -> float:
    """The clock of the run beside its percentage."""
    text = editor.page.locator(".progress-text .number").inner_text()
    if ":" in text:
        minutes, seconds = text.split(":")
        return int(minutes) * 60 + int(seconds)
    return float(text.removesuffix(" s"))


def named(editor: EditorPage, name: str) -> None:
    """Save the workflow under a name."""
    editor.press("Control+s")
    dialog = editor.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(name)
    dialog.get_by_role("textbox").press("Enter")
    expect(dialog).to_be_hidden()


@pytest.fixture
def alone(own_server: LiveServer) -> LiveServer:
    """A server with an empty queue and history."""
    own_server.start()
    return own_server


def test_waiting_runs_are_put_into_another_order_by_keys_and_by_dragging_and_end_in_it(
    alone: LiveServer, new_context: Callable[..., BrowserContext], screenshot: Screenshot
) -> None:
    editor = EditorPage.opened(new_context(color_scheme="dark").new_page(), alone.url)
    named(editor, "Apples")
    queue = QueueSide(editor)
    editor.fill(SAMPLER, "steps", "8")
    editor.run()
    expect(queue.rows).to_have_count(1, timeout=LONG_MS)
    first = asked(alone, "jobs?status=completed&limit=10")["jobs"][0]["id"]
    busy(editor, 400)
    one, two, three, four = handed_in(editor, queue, 4)
    assert waiting_on(alone) == [one, two, three, four]

    queue.row(three).focus()
    editor.page.keyboard.press("Alt+ArrowUp")
    queue.has_order([one, three, two, four])
    expect(queue.row(three)).to_be_focused()
    editor.page.keyboard.press("Alt+ArrowUp")
    queue.has_order([three, one, two, four])
    expect(queue.row(three)).to_be_focused()
    expect(queue.page.get_by_text("Apples is now at place 1 of 4")).to_be_attached()

    source, target = queue.row(four).bounding_box(), queue.row(one).bounding_box()
    assert source and target
    mouse = editor.page.mouse
    mouse.move(source["x"] + 60, source["y"] + source["height"] / 2)
    mouse.down()
    mouse.move(target["x"] + 60, target["y"] + target["height"], steps=6)
    mouse.move(target["x"] + 60, target["y"] + 4, steps=4)
    expect(queue.row(four)).to_have_attribute("data-dragged", "true")
    screenshot(editor.page, "queue")
    mouse.up()
    queue.has_order([three, four, one, two])

    queue.row(two).hover()
    queue.row(two).get_by_role("button", name="Run next").click()
    queue.has_order([two, three, four, one])
    expect(queue.row(two)).to_be_focused()
    queue.row(four).get_by_role("button", name="Take out of the queue").click()
    queue.has_order([two, three, one])
    editor.page.wait_for_function(
        "async (expected) => { const queue = await (await fetch('./api/queue')).json();"
        " return JSON.stringify(queue.queue_pending.map((item) => item[1])) === expected; }",
        arg=json.dumps([two, three, one], separators=(",", ":")),
    )

    queue.running.get_by_role("button", name="Stop").click()
    expect(queue.waiting).to_have_count(0, timeout=LONG_MS)
    expect(queue.running).to_have_count(0, timeout=LONG_MS)
    ended = asked(alone, "jobs?status=completed&limit=10")["jobs"]
    assert [job["id"] for job in reversed(ended)] == [first, two, three, one]
    assert {job["workflow_name"] for job in ended} == {"Apples"}
    cancelled = {job["id"] for job in asked(alone, "jobs?status=cancelled&limit=10")["jobs"]}
    assert four in cancelled
    assert len(cancelled) == 2


def test_a_finger_drags_a_waiting_run_by_its_handle(
    alone: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    context = new_context(has_touch=True)
    editor = EditorPage.opened(context.new_page(), alone.url)
    queue = QueueSide(editor)
    busy(editor, 400)
    one, two, three = handed_in(editor, queue, 3)
    handle, target = queue.row(three).locator(".queue-handle").bounding_box(), queue.row(one).bounding_box()
    assert handle and target
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    touch = context.new_cdp_session(editor.page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 9):
        now = y + (target["y"] + 2 - y) * part / 8
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": now}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    queue.has_order([three, one, two])
    queue.page.get_by_role("button", name="Take all that wait out of the queue").click()
    expect(queue.waiting).to_have_count(0)
    queue.running.get_by_role("button", name="Stop").click()
    expect(queue.running).to_have_count(0, timeout=LONG_MS)


def test_a_reload_changes_neither_the_percentage_nor_the_clock_nor_the_name_of_a_run(
    alone: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    editor = EditorPage.opened(new_context().new_page(), alone.url)
    named(editor, "Through a reload")
    editor.fill(SAMPLER, "steps", "2")
    editor.run()
    expect(editor.picture(SAVE)).to_be_visible(timeout=LONG_MS)
    busy(editor, 400)
    editor.page.wait_for_function(
        "() => parseInt(document.querySelector('.node-mark-running')?.textContent, 10) >= 4", timeout=LONG_MS
    )
    percent, step = percent_and_step(editor)
    clock = seconds_shown(editor)
    assert percent >= 0
    editor.is_drafted("400")
    editor.reload()
    expect(editor.node(SAMPLER).get_by_role("progressbar")).to_be_visible()
    editor.page.wait_for_function(
        "(step) => Number(document.querySelector('.node-mark-running')?.textContent.split('/')[0]) >= step",
        arg=step,
        timeout=LONG_MS,
    )
    expect(editor.page.locator(".progress-text .number")).to_be_visible()
    later, later_step = percent_and_step(editor)
    # Two nodes are to run, the others are known: the sampler is one half, its steps say how much of it.
    of_a_step = 100 / 400 / 2
    assert later <= percent + (later_step - step + 4) * of_a_step + 1
    assert later <= 50
    assert seconds_shown(editor) >= clock

    queue = QueueSide(editor)
    expect(queue.running).to_contain_text("Through a reload")
    queue.running.get_by_role("button", name="Stop").click()
    expect(queue.rows).to_have_count(2, timeout=LONG_MS)
    expect(queue.rows.nth(1)).to_contain_text("Through a reload")
    picture = queue.rows.nth(1).locator("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_the_history_names_runs_opens_their_workflow_and_tries_again_what_failed(
    alone: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    editor = EditorPage.opened(new_context().new_page(), alone.url)
    editor.fill(PROMPT, "text", "a blue fish, from the history")
    named(editor, "Fish")
    editor.fill(SAMPLER, "steps", "3")
    editor.run()
    expect(editor.picture(SAVE)).to_be_visible(timeout=LONG_MS)
    took = editor.page.get_by_role("button", name=re.compile("^Done after"))
    took.click()
    times = editor.page.get_by_role("region", name="Time of each node")
    expect(times.get_by_role("button", name=re.compile(f"^{SAMPLER}"))).to_be_visible()
    assert times.get_by_role("button").count() == editor.nodes.count()
    editor.page.keyboard.press("Escape")

    busy(editor, 400)
    queue = QueueSide(editor)
    queue.running.get_by_role("button", name="Stop").click()
    expect(queue.rows).to_have_count(2, timeout=LONG_MS)
    stopped = queue.rows.first
    expect(stopped).to_contain_text("stopped")
    editor.fill(SAMPLER, "steps", "5")
    stopped.get_by_role("button", name="Try again").click()
    expect(queue.running).to_contain_text("Fish", timeout=LONG_MS)
    expect(editor.node(SAMPLER).locator(".node-mark-running")).to_contain_text("/400", timeout=LONG_MS)
    queue.running.get_by_role("button", name="Stop").click()
    expect(queue.rows).to_have_count(3, timeout=LONG_MS)

    queue.menu(queue.rows.last, "Open its workflow")
    expect(editor.page.get_by_role("tab", name=re.compile("Fish"))).to_have_count(2)
    editor.has_value(PROMPT, "text", "a blue fish, from the history")
    editor.has_value(SAMPLER, "steps", "3")


def test_a_workflow_runs_by_itself_on_every_change_until_that_is_turned_off(
    alone: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    editor = EditorPage.opened(new_context().new_page(), alone.url)
    page = editor.page
    queue = QueueSide(editor)
    page.get_by_role("button", name="More ways to run").click()
    page.get_by_role("menuitemradio", name="On every change").click()
    mark = page.get_by_role("button", name=re.compile("^Runs on every change"))
    expect(mark).to_be_visible()
    for number, steps in enumerate(("2", "3")):
        editor.fill(SAMPLER, "steps", steps)
        expect(queue.rows).to_have_count(number + 1, timeout=LONG_MS)
    mark.click()
    expect(mark).to_be_hidden()
    editor.fill(SAMPLER, "steps", "4")
    editor.is_drafted("4")
    assert len(asked(alone, "jobs")["jobs"]) == 2


def test_what_a_node_says_is_shown_on_it_until_the_next_run(
    alone: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    said = b"reading 3 of 7 <b>files</b>"

    def between(browser: WebSocketRoute) -> None:
        """Let everything through; as soon as a node begins, it says something."""
        server = browser.connect_to_server()
        browser.on_message(server.send)

        def told(frame: str | bytes) -> None:
            browser.send(frame)
            about = json.loads(frame) if isinstance(frame, str) else {}
            node = about.get("data", {}).get("node") if about.get("type") == "executing" else None
            if node == "5":
                browser.send(pack(">II", 3, len(node)) + node.encode() + said)

        server.on_message(told)

    page.route_web_socket(re.compile(r"/ws\?"), between)
    editor = EditorPage.opened(page, alone.url)
    editor.fill(SAMPLER, "steps", "60")
    editor.run()
    text = editor.node(SAMPLER).get_by_role("note")
    expect(text).to_have_text(said.decode(), timeout=LONG_MS)
    expect(editor.picture(SAVE)).to_be_visible(timeout=LONG_MS)
    expect(text).to_have_text(said.decode())
    editor.run()  # all results are known, so that nobody says anything
    expect(text).to_be_hidden(timeout=LONG_MS)


def test_an_upload_tells_how_far_it_is_and_can_be_given_up(
    alone: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    editor = EditorPage.opened(new_context().new_page(), alone.url)
    page = editor.page
    page.keyboard.press("Escape")
    page.locator(".react-flow__pane").dblclick(position={"x": 700, "y": 700})
    search = page.get_by_role("combobox", name="Search nodes")
    search.fill("Load Image")
    search.press("Enter")
    node = editor.node("Load Image")
    expect(node).to_be_visible()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    network.send("Network.emulateNetworkConditions", slow)
    file = {"name": "large.png", "mimeType": "image/png", "buffer": bytes(3_000_000)}
    node.get_by_test_id("widget-file").set_input_files([file])  # type: ignore[list-item]
    expect(node.locator("progress[value]")).to_be_visible()
    expect(node.locator(".widget-upload-percent")).to_have_text(re.compile(r"^\d+%$"))
    node.get_by_role("button", name="Stop sending large.png").click()
    expect(node.locator("progress")).to_be_hidden()
    assert not list((alone.folder / "input").glob("large*"))
