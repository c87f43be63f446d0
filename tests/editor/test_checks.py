"""What the editor finds wrong before it sends a workflow, and the way around that; when seeds change."""

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.editor.canvas_page import template_of
from tests.editor.editor_page import PATIENCE_SECONDS, POLL_MS, EditorPage
from tests.editor.live_server import ROOT, LiveServer

SHOTS: Final = os.environ.get("NODELOOM_LOOK_AT")
"""A folder into which these tests put pictures of what they see, to be looked at by a person."""
PROMPT_URL: Final = re.compile(r"/api/prompt$")
TEMPLATE: Final[dict[str, Any]] = json.loads((ROOT / "workflows" / "text_to_image.json").read_text(encoding="utf-8"))


def look(page: Page, name: str) -> None:
    """Keep what is seen, where that is asked for."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def with_values(folder: Path, **values: object) -> Path:
    """The first template as a file, with other values: `ckpt_name`, `steps` and so on, wherever these are."""
    steps = json.loads(json.dumps(TEMPLATE))
    for step in steps.values():
        step["inputs"] |= {name: value for name, value in values.items() if name in step["inputs"]}
    path = folder / "changed.json"
    path.write_text(json.dumps(steps), encoding="utf-8")
    return path


def prompts_of(page: Page) -> list[Any]:
    """Collects what is sent to be run from now on."""
    sent: list[Any] = []

    def heard(request: Request) -> None:
        if PROMPT_URL.search(request.url):
            sent.append(request.post_data_json)

    page.on("request", heard)
    return sent


def step_of(body: Any, kind: str) -> dict[str, Any]:
    """The inputs of a step of what was sent, by its kind."""
    [inputs] = [step["inputs"] for step in body["prompt"].values() if step["class_type"] == kind]
    return inputs


def test_what_the_server_would_refuse_is_marked_and_not_sent(editor: EditorPage, tmp_path: Path) -> None:
    page = editor.page
    sent = prompts_of(page)
    editor.drop(with_values(tmp_path, ckpt_name="gone.safetensors", steps=20_000), "application/json")
    editor.has_value("Sampler", "steps", "20000")
    editor.run()
    expect(editor.field("Model", "ckpt_name")).to_have_attribute("aria-invalid", "true")
    expect(editor.field("Sampler", "steps")).to_have_attribute("aria-invalid", "true")
    expect(editor.node("Model").get_by_role("list")).to_contain_text("gone.safetensors is not among the choices.")
    expect(editor.node("Sampler").get_by_role("list")).to_contain_text("20000 is more than 10000.")
    panel = page.get_by_role("complementary", name="Problems")
    expect(panel).to_contain_text("This was not sent, as the server would refuse it.")
    look(page, "checks")
    assert sent == []

    editor.fill("Sampler", "steps", "2")
    expect(panel.get_by_role("button", name="Run anyway")).to_be_visible()
    editor.run()
    expect(editor.field("Sampler", "steps")).not_to_have_attribute("aria-invalid", "true")
    assert sent == []


def test_an_input_without_a_link_is_told_in_chinese(
    server: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    canvas = template_of(new_context().new_page(), server.url)
    page = canvas.page
    sent = prompts_of(page)
    page.keyboard.press("Control+Comma")
    page.get_by_role("dialog").get_by_label("Language").select_option("zh")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    decode = canvas.node("Decode")
    slot = decode.locator(".slot[aria-label*='VAE']")
    box = slot.bounding_box()
    assert box is not None
    canvas.drag((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), canvas.empty(0.6, 0.93))
    canvas.run()
    expect(decode.get_by_text("vae: 这里没有连接任何内容。")).to_be_visible()
    expect(page.get_by_role("button", name="仍然运行")).to_be_visible()
    look(page, "checks_zh")
    assert sent == []


def test_who_insists_gets_the_servers_own_word(
    editor: EditorPage, tmp_path: Path, expected_problems: list[str]
) -> None:
    expected_problems.append(r"status of 400 .*/api/prompt")
    page = editor.page
    editor.drop(with_values(tmp_path, ckpt_name="gone.safetensors"), "application/json")
    expect(editor.field("Model", "ckpt_name")).to_have_text(re.compile("gone"))
    editor.run()
    sent = prompts_of(page)
    page.get_by_role("button", name="Run anyway").click()
    panel = page.get_by_role("complementary", name="Problems")
    expect(panel.get_by_role("button", name="Run anyway")).to_have_count(0)
    expect(editor.field("Model", "ckpt_name")).to_have_attribute("aria-invalid", "true")
    expect(panel).not_to_contain_text("is not among the choices")
    assert step_of(sent[0], "CheckpointLoaderSimple")["ckpt_name"] == "gone.safetensors"


def test_choices_that_the_server_has_learned_meanwhile_count(editor: EditorPage, tmp_path: Path) -> None:
    page = editor.page
    asked: list[str] = []

    def with_another(route: Route) -> None:
        asked.append(route.request.url)
        answer = route.fetch()
        described = answer.json()
        described["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0].append("late.safetensors")
        route.fulfill(response=answer, json=described)

    editor.drop(with_values(tmp_path, ckpt_name="late.safetensors"), "application/json")
    expect(editor.field("Model", "ckpt_name")).to_have_text(re.compile("late"))
    page.route(re.compile(r"/api/object_info$"), with_another)
    page.route(PROMPT_URL, lambda route: route.fulfill(json={"prompt_id": "x", "number": 1, "node_errors": {}}))
    with page.expect_request(PROMPT_URL) as sent:
        editor.run()
    assert step_of(sent.value.post_data_json, "CheckpointLoaderSimple")["ckpt_name"] == "late.safetensors"
    assert len(asked) == 1
    expect(page.get_by_role("complementary", name="Problems")).to_have_count(0)


def test_a_seed_changes_before_or_after_a_run_as_is_set(editor: EditorPage) -> None:
    page = editor.page
    editor.fill("Sampler", "steps", "1")
    editor.fill("Sampler", "seed", "41")
    editor.node("Sampler").get_by_label("Each run").select_option("increment")
    sent = prompts_of(page)

    def ran(count: int) -> list[int]:
        editor.run()
        until = time.monotonic() + PATIENCE_SECONDS
        while len(sent) < count:
            assert time.monotonic() < until, "nothing was sent"
            page.wait_for_timeout(POLL_MS)
        return [step_of(body, "KSampler")["seed"] for body in sent]

    assert ran(1) == [41]
    editor.has_value("Sampler", "seed", "41")  # what is shown has run
    assert ran(2) == [41, 42]
    editor.has_value("Sampler", "seed", "42")

    editor.press("Control+Comma")
    page.get_by_role("dialog").get_by_text("after a run", exact=True).click()
    look(page, "seed_setting")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    editor.fill("Sampler", "seed", "70")
    assert ran(3)[-1] == 70
    editor.has_value("Sampler", "seed", "71")  # what is shown runs next
    assert ran(4)[-1] == 71
    editor.has_value("Sampler", "seed", "72")
    expect(editor.picture("Save")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("button", name=re.compile("^Stop the run"))).to_have_count(0, timeout=120_000)

    again = editor.node("Sampler").get_by_role("button", name="Use the seed of the last run")
    again.click()
    editor.has_value("Sampler", "seed", "71")
