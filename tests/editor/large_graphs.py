"""Large graphs in the real editor: made of one kind of node with every usual widget, opened, and gestured over.

The kind of node is added to what the server says it knows, and the graph takes the place of the first template, so that
the page opens it as anybody's workflow; a run is told on the page's own websocket, frame by frame.
"""

import json
import re
import statistics
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Page, Route

from tests.editor.editor_page import EditorPage
from tests.editor.waiting import until

KIND: Final = "ProbeNode"
WIDTH: Final = 240
HEIGHT: Final = 260
STEP: Final = (300, 320)
SECONDS: Final = 1.5
"""How long a gesture is measured."""
EVENTS: Final = 100
"""Movements of the mouse asked for in a second."""

DEFINITION: Final[dict[str, Any]] = {
    "name": KIND,
    "display_name": "Probe",
    "description": "Stands for any node.",
    "category": "testing",
    "python_module": "nodes",
    "input": {
        "required": {
            "model": ["MODEL", {}],
            "image": ["IMAGE", {}],
            "text": ["STRING", {"multiline": True, "default": "a red apple"}],
            "number": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 10.0, "step": 0.1}],
            "choice": [["one", "two", "three"], {}],
        }
    },
    "input_order": {"required": ["model", "image", "text", "number", "choice"]},
    "output": ["MODEL", "IMAGE"],
    "output_name": ["MODEL", "IMAGE"],
    "output_is_list": [False, False],
    "output_node": True,
}

# Frame times while something is done; the first frame does not count.
FRAMES = """
() => {
  window.frameTimes = [];
  let before = 0;
  const frame = (now) => {
    if (before > 0) window.frameTimes.push(now - before);
    before = now;
    window.framing = requestAnimationFrame(frame);
  };
  window.framing = requestAnimationFrame(frame);
}
"""
FRAMES_END = "() => { cancelAnimationFrame(window.framing); return window.frameTimes; }"

# When the first node was there and had been painted, in milliseconds since the page was asked for.
NOTE_START = """
window.firstNodeAt = null;
new MutationObserver((_, observer) => {
  if (document.querySelector('.react-flow__node-node, .far-layer') === null) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.firstNodeAt = performance.now(); }));
}).observe(document, { subtree: true, childList: true });
"""

# Remembers the page's websocket, so that frames can be told on it as if the server had sent them.
NOTE_SOCKET = """
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  constructor(...address) { super(...address); window.lastSocket = this; }
};
"""
TELL = """
(told) => {
  const data = typeof told === 'string' ? told : new Uint8Array(told).buffer;
  window.lastSocket.dispatchEvent(new MessageEvent('message', { data }));
}
"""

# Which nodes of the canvas change, by their ids, from now on.
WATCH_NODES = """
() => {
  window.changedNodes = new Set();
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const element = target instanceof Element ? target : target.parentElement;
      const node = element?.closest('.react-flow__node');
      if (node) window.changedNodes.add(node.dataset.id);
      else if (element?.closest('.react-flow__nodes, .react-flow__edges')) window.changedNodes.add('the canvas');
    }
  }).observe(document.querySelector('.react-flow'), {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
}
"""


def workflow(count: int) -> dict[str, Any]:
    """A workflow of so many nodes in a square grid with about twice as many links."""
    side = max(1, round(count**0.5))
    nodes = [_node(number, side) for number in range(count)]
    links: list[list[Any]] = []
    for number in range(count):
        for slot, (wire, source) in enumerate((("MODEL", number - 1), ("IMAGE", number - side))):
            if source >= 0:
                link = [len(links) + 1, source + 1, slot, number + 1, slot, wire]
                links.append(link)
                nodes[source]["outputs"][slot]["links"].append(link[0])
                nodes[number]["inputs"][slot]["link"] = link[0]
    return {
        "last_node_id": count,
        "last_link_id": len(links),
        "nodes": nodes,
        "links": links,
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }


def _node(number: int, side: int) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": KIND,
        "pos": [number % side * STEP[0], number // side * STEP[1]],
        "size": [WIDTH, HEIGHT],
        "flags": {},
        "order": number,
        "mode": 0,
        "title": f"Probe {number + 1}",
        "inputs": [{"name": "model", "type": "MODEL", "link": None}, {"name": "image", "type": "IMAGE", "link": None}],
        "outputs": [{"name": "MODEL", "type": "MODEL", "links": []}, {"name": "IMAGE", "type": "IMAGE", "links": []}],
        "properties": {},
        "widgets_values": [f"a red apple, number {number + 1}", 1.0, "one"],
    }


@dataclass
class LargeGraph:
    """A page with a large graph on it."""

    page: Page
    prompt_id: str = ""
    """Of the run that was handed in last."""

    @classmethod
    def opened(cls, page: Page, url: str, count: int) -> "LargeGraph":
        """The editor with a graph of so many nodes, all of it shown."""
        page.route(re.compile(r"/api/object_info$"), _with_probe)
        text = json.dumps(workflow(count))
        page.route(
            re.compile(r"/api/v1/templates/text_to_image$"),
            lambda route: route.fulfill(body=text, content_type="application/json"),
        )
        page.route(re.compile(r"/api/prompt$"), _queued)
        page.add_init_script(NOTE_START)
        page.add_init_script(NOTE_SOCKET)
        page.goto(url)
        until(page, "window.firstNodeAt !== null")
        return cls(page)

    def go_near(self) -> None:
        """Show the middle of the graph in life size."""
        EditorPage(self.page, "").press("Alt+0")
        until(self.page, "document.querySelectorAll('.react-flow__node-node').length > 3")
        self.settle()

    def go_far(self) -> None:
        """Show all of it."""
        EditorPage(self.page, "").press(".")
        self.page.wait_for_selector(".far-layer")
        self.settle()

    def settle(self) -> None:
        """Wait until what was begun is painted."""
        self.page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 300))")

    def elements(self) -> int:
        """How many elements the page has."""
        return int(self.page.evaluate("document.getElementsByTagName('*').length"))

    def mounted(self) -> int:
        """How many nodes are elements."""
        return self.page.locator(".react-flow__node-node").count()

    def run(self) -> None:
        """Hand the workflow in; a run of it begins and is at work on its first node."""
        self.page.keyboard.press("Control+Enter")
        with self.page.expect_response(re.compile(r"/api/prompt$")) as answer:
            self.page.get_by_role("button", name="Run anyway").click()  # nothing in it saves a picture
        self.page.get_by_role("complementary", name="Problems").get_by_role("button", name="Close").click()
        self.prompt_id = answer.value.json()["prompt_id"]
        self.page.get_by_role("button", name="Stop").wait_for()  # the answer has been read
        for kind, data in (("execution_start", {}), ("executing", {"node": "1", "display_node": "1"})):
            self.tell(json.dumps({"type": kind, "data": {"prompt_id": self.prompt_id, **data}}))

    def tell(self, frame: str | bytes) -> None:
        """Tell the page something as the server would."""
        self.page.evaluate(TELL, frame if isinstance(frame, str) else list(frame))

    def preview(self, node: str, image: bytes) -> None:
        """A picture in the making, as the wire has it."""
        about = {"node_id": node, "display_node_id": node, "prompt_id": self.prompt_id, "image_type": "image/png"}
        head = json.dumps(about).encode()
        self.tell(struct.pack(">II", 4, len(head)) + head + image)

    def empty_spot(self) -> tuple[float, float]:
        """A place between the nodes, near the middle."""
        found: Any = self.page.evaluate(
            """() => {
              const box = document.querySelector('.react-flow__pane').getBoundingClientRect();
              for (let y = box.top + box.height / 2; y < box.bottom; y += 6)
                for (let x = box.left + box.width / 2; x < box.right; x += 6)
                  if (document.elementFromPoint(x, y)?.classList.contains('react-flow__pane')) return [x, y];
              return null;
            }"""
        )
        return found[0], found[1]

    def far_spot(self, row: float, column: float) -> tuple[float, float]:
        """Where a place of the grid lies on the screen: whole numbers are middles of nodes, halves lie between them."""
        found: Any = self.page.evaluate(
            """([x, y]) => {
              const box = document.querySelector('.react-flow').getBoundingClientRect();
              const shown = getComputedStyle(document.querySelector('.react-flow__viewport')).transform;
              const at = new DOMMatrix(shown).transformPoint({ x, y });
              return [box.left + at.x, box.top + at.y];
            }""",
            [column * STEP[0] + WIDTH / 2, row * STEP[1] + HEIGHT / 2],
        )
        return found[0], found[1]

    def frames(self, begin: tuple[float, float], *, is_pressed: bool, button: str = "left") -> list[float]:
        """Frame times while the mouse goes round in circles from a place; pressed, it drags what lies there."""
        mouse = self.page.mouse
        mouse.move(*begin)
        if is_pressed:
            mouse.down(button=button)  # type: ignore[arg-type]  # one of the names of buttons
        self.page.evaluate(FRAMES)
        started = time.perf_counter()
        step = 0
        while (passed := time.perf_counter() - started) < SECONDS:
            step += 1
            mouse.move(begin[0] + 160 * _wave(passed), begin[1] + 110 * _wave(passed * 1.3))
            time.sleep(max(0.0, started + step / EVENTS - time.perf_counter()))
        found: list[float] = self.page.evaluate(FRAMES_END)
        if is_pressed:
            mouse.up(button=button)  # type: ignore[arg-type]  # as above
        return found

    def sweep(self) -> list[float]:
        """Frame times while the wheel zooms out through every threshold and in again."""
        self.page.mouse.move(*self.empty_spot())
        self.page.evaluate(FRAMES)
        started = time.perf_counter()
        while (passed := time.perf_counter() - started) < SECONDS:
            self.page.mouse.wheel(0, 40 if passed < SECONDS / 2 else -40)
            time.sleep(1 / EVENTS)
        found: list[float] = self.page.evaluate(FRAMES_END)
        return found


def fps(frames: Sequence[float]) -> float:
    """Frames a second, from the times between them in milliseconds."""
    return 1000 / statistics.fmean(frames) if frames else 0.0


def _wave(seconds: float) -> float:
    """Between -1 and 1, there and back in a second and a half."""
    part = seconds / SECONDS * 2 % 2
    return 2 * part if part < 0.5 else 2 - 2 * part if part < 1.5 else 2 * part - 4


def _with_probe(route: Route) -> None:
    answer = route.fetch()
    known: Any = answer.json()
    route.fulfill(response=answer, json={KIND: DEFINITION} | known)


def _queued(route: Route) -> None:
    asked: Any = route.request.post_data_json
    route.fulfill(json={"prompt_id": asked["prompt_id"], "number": 1, "node_errors": {}})
