"""The editor as a person uses it: its parts by the roles and names that a screen reader tells, gestures in words."""

import re
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

# Notes every picture that is shown on a node while it lasts: a preview may be gone before a test can look.
NOTE_PICTURES = """
window.picturesSeen = [];
const note = (node) => {
  const inNode = node instanceof HTMLImageElement && node.closest('.react-flow__node');
  if (inNode && node.src && !window.picturesSeen.includes(node.src)) window.picturesSeen.push(node.src);
};
const look = (changes) => changes.forEach((change) => {
  note(change.target);
  change.addedNodes.forEach((added) => {
    note(added);
    if (added instanceof Element) added.querySelectorAll('img').forEach(note);
  });
});
new MutationObserver(look).observe(document, {
  subtree: true, childList: true, attributes: true, attributeFilter: ['src'],
});
"""

DROP = """
([bytes, name, type]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const pane = document.querySelector('.react-flow__pane') ?? document.body;
  const box = pane.getBoundingClientRect();
  const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
  for (const kind of ['dragenter', 'dragover', 'drop'])
    pane.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data, ...at }));
}
"""


# What lies in the drafts, as text; opening a database that is not there yet would make an empty one.
DRAFTS = """
async () => {
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === 'nodeloom')) return '';
  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const database = await asked(indexedDB.open('nodeloom'));
  try {
    if (!database.objectStoreNames.contains('drafts')) return '';
    return JSON.stringify(await asked(database.transaction('drafts').objectStore('drafts').getAll()));
  } finally {
    database.close();
  }
}
"""
PATIENCE_SECONDS = 30.0
POLL_MS = 50


class EditorPage:
    """A page that shows the editor."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        page.add_init_script(NOTE_PICTURES)

    @classmethod
    def opened(cls, page: Page, url: str) -> "EditorPage":
        """The editor in a page, with its first workflow on the screen."""
        editor = cls(page, url)
        page.goto(url)
        editor.is_ready()
        return editor

    def is_ready(self) -> None:
        """Wait until a workflow is shown."""
        expect(self.nodes.first).to_be_visible()

    # What there is

    @property
    def nodes(self) -> Locator:
        """The nodes that are on the screen."""
        return self.page.locator(".react-flow__node-node")

    def node(self, title: str) -> Locator:
        """A node by its title."""
        return self.page.get_by_role("group", name=title, exact=True)

    def field(self, title: str, name: str) -> Locator:
        """The control of a node's widget."""
        return self.node(title).get_by_label(name, exact=True)

    def picture(self, title: str) -> Locator:
        """The finished picture on a node: it has an address of the server, a preview has none."""
        return self.node(title).locator("img[src*='view?']").first

    def titles(self) -> list[str]:
        """The titles of the nodes on the screen, sorted."""
        return sorted(each.get_attribute("aria-label") or "" for each in self.nodes.all())

    def previews(self) -> list[str]:
        """The addresses of the previews that were shown on nodes since the page was loaded."""
        seen: list[str] = self.page.evaluate("window.picturesSeen")
        return [address for address in seen if address.startswith("blob:")]

    # What is done

    def fill(self, title: str, name: str, value: str) -> None:
        """Type another value over the one that is there, and leave the field."""
        field = self.field(title, name)
        field.click()
        field.press("Control+a")
        field.press_sequentially(value) if len(value) < 8 else field.fill(value)
        field.press("Tab")

    def leave_field(self) -> None:
        """Have no field in use; what else has the keyboard keeps it."""
        self.page.evaluate("document.activeElement?.matches('input, textarea') && document.activeElement.blur()")

    def press(self, keys: str) -> None:
        """Press keys on the page with no field in use."""
        self.page.evaluate("document.activeElement instanceof HTMLElement && document.activeElement.blur()")
        self.page.keyboard.press(keys)

    def run(self) -> None:
        """Hand the workflow in, by the keys for it."""
        self.page.keyboard.press("Control+Enter")

    def drop(self, file: Path, media_type: str) -> None:
        """Drop a file onto the middle of the canvas."""
        self.page.evaluate(DROP, [list(file.read_bytes()), file.name, media_type])

    def reload(self) -> None:
        """Load the page again, and wait until what was open is shown."""
        self.page.reload()
        self.is_ready()

    def is_drafted(self, text: str) -> None:
        """Wait until the drafts hold a text, so that a reload or a crash cannot lose it."""
        until = time.monotonic() + PATIENCE_SECONDS
        while text not in self.page.evaluate(DRAFTS):
            assert time.monotonic() < until, f"no draft holds {text!r}"
            self.page.wait_for_timeout(POLL_MS)

    def has_value(self, title: str, name: str, value: str | re.Pattern[str]) -> None:
        """Wait until a widget shows a value."""
        expect(self.field(title, name)).to_have_value(value)
