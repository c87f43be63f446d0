"""Chinese is whole: every word of every core node and template has its translation, and files keep their names."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Final

from playwright.sync_api import BrowserContext, expect

from tests.editor.editor_page import EditorPage
from tests.editor.live_server import ROOT, LiveServer

WORDS: Final[dict[str, str]] = json.loads((ROOT / "editor" / "src" / "i18n" / "nodes.zh.json").read_text("utf-8"))


def texts_of(about: dict[str, Any]) -> Iterator[str]:
    """Everything of a node that the editor shows: names, descriptions, tooltips."""
    yield from about["category"].split("/")
    yield from (
        about["display_name"],
        about["description"],
        *about["output_name"],
        *filter(None, about.get("output_tooltips") or ()),
    )
    for name, (_, *options) in (
        (name, spec) for kind in ("required", "optional") for name, spec in about["input"].get(kind, {}).items()
    ):
        yield name
        yield from (each["tooltip"] for each in options if "tooltip" in each)


def test_every_text_of_every_core_node_has_chinese_words(server: LiveServer) -> None:
    with urllib.request.urlopen(f"{server.url}/api/object_info", timeout=60) as answer:
        described: dict[str, Any] = json.load(answer)
    missing = {text for about in described.values() for text in texts_of(about) if text and text not in WORDS}
    assert missing == set()


def test_every_title_in_a_template_has_chinese_words() -> None:
    templates = [json.loads(path.read_text("utf-8")) for path in (ROOT / "workflows").glob("*.json")]
    titles = {step["_meta"]["title"] for each in templates for step in each.values() if "_meta" in step}
    assert titles - set(WORDS) == set()


def test_a_chinese_editor_shows_chinese_nodes_and_stores_their_own_names(
    server: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(locale="zh-CN").new_page()
    editor = EditorPage.opened(page, server.url)
    sampler = editor.node("采样器")
    for name in ("种子", "步数", "调度器", "降噪"):
        expect(sampler.get_by_label(name, exact=True)).to_be_visible()
    expect(sampler.get_by_label("输入 正面条件（CONDITIONING）")).to_be_attached()

    editor.press("n")
    page.keyboard.type("vae 解码")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_contain_text("将 Latent 解码为图像")
    page.keyboard.press("Control+a")
    page.keyboard.type("upscale image by")  # its English name finds it too
    expect(page.get_by_role("dialog").get_by_role("option").first).to_contain_text("按倍数缩放图像")
    page.keyboard.press("Enter")
    expect(editor.node("按倍数缩放图像")).to_be_visible()

    with page.expect_request(re.compile(r"/api/prompt$")) as asked:
        editor.run()
    prompt: Any = asked.value.post_data_json
    steps = {step["class_type"]: step["inputs"] for step in prompt["prompt"].values()}
    assert {"seed", "steps", "sampler_name"} <= set(steps["KSampler"])
    added = next(
        node for node in prompt["extra_data"]["extra_pnginfo"]["workflow"]["nodes"] if node["type"] == "ImageScaleBy"
    )
    assert [output["name"] for output in added["outputs"]] == ["IMAGE"]
    assert "title" not in added

    editor.press("Control+Comma")
    page.get_by_role("dialog").get_by_label("语言").select_option("en")
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Upscale Image By", exact=True)).to_be_visible()


def test_a_chinese_template_has_chinese_titles(server: LiveServer, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(locale="zh-CN").new_page()
    editor = EditorPage.opened(page, server.url)
    page.get_by_role("button", name="模板", exact=True).click()
    page.get_by_role("dialog").get_by_role("listitem").filter(has_text="局部重绘").get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(editor.node("负面提示词")).to_be_attached()
    assert not [title for title in editor.titles() if re.fullmatch(r"[A-Za-z ]+", title)]
