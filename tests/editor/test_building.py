"""Graphs built by the mouse alone, from an empty canvas to a picture; every gesture is one step of the history."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.editor.canvas_page import CanvasPage, box_of, canvas_of, middle_of, template_of
from tests.editor.live_server import LiveServer

Screenshot = Callable[[Page, str], None]

RUN_MS = 200_000
"""How long a picture may take on a machine that does something else too."""


@pytest.fixture
def canvas(server: LiveServer, new_context: Callable[..., BrowserContext]) -> CanvasPage:
    """An empty canvas, as somebody sees it who has never opened the editor before."""
    return canvas_of(new_context(color_scheme="dark").new_page(), server.url)


@pytest.fixture
def template(server: LiveServer, new_context: Callable[..., BrowserContext]) -> CanvasPage:
    """The workflow that is shown first: text to image."""
    return template_of(new_context(color_scheme="dark").new_page(), server.url)


def test_a_person_builds_text_to_image_with_the_mouse_and_gets_a_picture(
    canvas: CanvasPage, screenshot: Screenshot
) -> None:
    page = canvas.page
    with canvas.one_step():
        loader = canvas.by_id(canvas.add("load check", "Load Checkpoint", canvas.empty(0.03, 0.35)))
    expect(loader).to_be_visible()

    a_dropped_link_asks_for_a_node(canvas, loader, lambda: screenshot(page, "palette"))

    prompts = []
    for text, y in (("a red apple on a blue background", 0.05), ("", 0.32)):
        with canvas.one_step():
            canvas.drag(canvas.slot(loader, "CLIP"), canvas.empty(0.28, y))
            prompt = canvas.by_id(canvas.choose("prompt", "CLIP Text Encode (Prompt)"))
        prompts.append(prompt)
        page.mouse.click(*middle_of(prompt.get_by_label("text", exact=True)))
        page.keyboard.type(text)
    expect(canvas.links).to_have_count(2)

    with canvas.one_step():
        latent = canvas.by_id(canvas.add("empty latent", "Empty Latent Image", canvas.empty(0.28, 0.6)))
    for name in ("width", "height"):
        field = latent.get_by_label(name, exact=True)
        page.mouse.dblclick(*middle_of(field))
        page.keyboard.press("Control+a")
        page.keyboard.type("128")
        page.keyboard.press("Tab")
        expect(field).to_have_value("128")
    with canvas.one_step():
        sampler = canvas.by_id(canvas.add("ksampler", "KSampler", canvas.empty(0.57, 0.2)))
    for start, name in ((prompts[0], "positive"), (prompts[1], "negative")):
        with canvas.one_step():
            canvas.drag(canvas.slot(start, "CONDITIONING"), canvas.slot(sampler, name))
    with canvas.one_step():
        canvas.drag(canvas.slot(sampler, "model"), canvas.slot(loader, "MODEL"))
    with canvas.one_step():  # on the body of a node: its best socket is taken
        canvas.drag(canvas.slot(latent, "LATENT"), middle_of(sampler))
    with canvas.one_step():
        canvas.drag(canvas.slot(sampler, "LATENT"), canvas.empty(0.8, 0.1))
        decode = canvas.by_id(canvas.choose("decode", "VAE Decode"))
    with canvas.one_step():
        canvas.drag(canvas.slot(loader, "VAE"), canvas.slot(decode, "vae"))
    with canvas.one_step():
        canvas.drag(canvas.slot(decode, "IMAGE"), canvas.empty(0.8, 0.35))
        save = canvas.by_id(canvas.choose("save image", "Save Image"))
    expect(canvas.links).to_have_count(9)

    page.get_by_role("button", name="Run", exact=True).click()
    expect(save.locator("img[src*='view?']").first).to_be_visible(timeout=RUN_MS)


def a_dropped_link_asks_for_a_node(canvas: CanvasPage, loader: Locator, look: Callable[[], None]) -> None:
    """A link that is dropped on nothing opens the palette for its type; Escape leaves all as it was."""
    page = canvas.page
    page.mouse.move(*canvas.slot(loader, "CLIP"))
    page.mouse.down()
    page.mouse.move(*canvas.empty(0.3, 0.1), steps=8)
    page.mouse.up()
    expect(canvas.palette).to_be_visible()
    expect(canvas.palette.locator(".chip")).to_contain_text("CLIP")
    few = canvas.palette.get_by_role("option").count()
    look()
    canvas.palette.get_by_role("button", name="Show nodes for other types than CLIP too").click()
    expect(canvas.palette.locator(".chip")).to_have_count(0)
    assert canvas.palette.get_by_role("option").count() > few
    page.keyboard.press("Escape")
    expect(canvas.palette).to_be_hidden()
    expect(canvas.links).to_have_count(0)


def test_ends_of_links_go_elsewhere_and_off(template: CanvasPage) -> None:
    canvas = template
    sampler, prompt, negative = (canvas.node(title) for title in ("Sampler", "Prompt", "Negative prompt"))
    count = canvas.links.count()
    with canvas.one_step():  # from one input to another, which has one already: that goes
        canvas.drag(canvas.slot(sampler, "positive"), canvas.slot(sampler, "negative"))
    expect(canvas.links).to_have_count(count - 1)
    with canvas.one_step():
        canvas.drag(canvas.slot(sampler, "negative"), canvas.empty(0.6, 0.93))
    expect(canvas.links).to_have_count(count - 2)
    with canvas.one_step():
        canvas.drag(canvas.slot(prompt, "CONDITIONING"), canvas.slot(sampler, "positive"))
    with canvas.one_step():  # backwards, from the input that takes it
        canvas.drag(canvas.slot(sampler, "negative"), canvas.slot(negative, "CONDITIONING"))
    expect(canvas.links).to_have_count(count)

    before = canvas.drawn()  # what does not fit is refused, and the history hears nothing of it
    canvas.drag(canvas.slot(sampler, "LATENT"), canvas.slot(sampler, "model"))
    canvas.drag(canvas.slot(prompt, "CONDITIONING"), canvas.slot(canvas.node("Decode"), "vae"))
    expect(canvas.palette).to_be_hidden()
    assert canvas.drawn() == before


def test_a_node_that_is_dropped_on_a_link_goes_into_it_and_out_again(template: CanvasPage) -> None:
    canvas = template
    save, decode = canvas.node("Save"), canvas.node("Decode")
    canvas.page.mouse.click(*canvas.header(save))
    with canvas.one_step():
        canvas.drag(canvas.header(save), (canvas.header(save)[0], canvas.header(save)[1] + 260))
    added = canvas.by_id(canvas.add("invert", "Invert Image", canvas.empty(0.6, 0.8)))
    count = canvas.links.count()
    ends = [canvas.slot(decode, "IMAGE"), canvas.slot(save, "images")]
    middle = ((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2)
    with canvas.one_step():
        canvas.drag(canvas.header(added), middle)
    expect(canvas.links).to_have_count(count + 1)
    canvas.pick(added)
    with canvas.one_step():
        canvas.press("Control+Delete")
    expect(canvas.links).to_have_count(count)
    expect(added).to_have_count(0)


def test_points_of_links_are_made_moved_and_removed(template: CanvasPage) -> None:
    canvas = template
    mouse, keyboard = canvas.page.mouse, canvas.page.keyboard
    with canvas.one_step():
        keyboard.down("Alt")
        mouse.click(*canvas.link(0))
        keyboard.up("Alt")
    expect(canvas.reroutes).to_have_count(1)
    with canvas.one_step():
        x, y = middle_of(canvas.reroutes.first)
        canvas.drag((x, y), (x + 30, y - 60))
    with canvas.one_step():
        mouse.dblclick(*canvas.link(4, 0.6))
    expect(canvas.reroutes).to_have_count(2)
    mouse.click(*middle_of(canvas.reroutes.first))
    with canvas.one_step():
        keyboard.press("Delete")
    expect(canvas.reroutes).to_have_count(1)


def test_groups_take_their_members_along(template: CanvasPage) -> None:
    canvas = template
    prompt, negative, sampler = (canvas.node(title) for title in ("Prompt", "Negative prompt", "Sampler"))
    canvas.pick(prompt, negative)
    with canvas.one_step():
        canvas.page.keyboard.press("Control+g")
    expect(canvas.groups).to_have_count(1)
    places = [canvas.place(node) for node in (prompt, negative, sampler)]
    title = canvas.groups.first.locator(".group-title")
    start = middle_of(title)
    with canvas.one_step():
        canvas.drag(start, (start[0] + 40, start[1] - 50))
    moved = [canvas.place(node) for node in (prompt, negative, sampler)]
    steps = [(round(new[0] - old[0]), round(new[1] - old[1])) for new, old in zip(moved, places, strict=True)]
    assert steps[0] == steps[1] != (0, 0)
    assert steps[2] == (0, 0)
    with canvas.one_step():
        canvas.page.mouse.dblclick(*middle_of(title))
        canvas.page.keyboard.type("Words\n")
    expect(title).to_have_text("Words")


def test_nodes_are_bypassed_muted_folded_and_renamed(template: CanvasPage) -> None:
    canvas = template
    negative = canvas.node("Negative prompt")
    height = box_of(negative)["height"]
    for keys, look in (("Control+b", "bypassed"), ("Control+m", "muted")):
        canvas.pick(negative)
        with canvas.one_step():
            canvas.page.keyboard.press(keys)
        expect(negative.locator(f".node[data-look={look}]")).to_be_visible()
    with canvas.one_step():
        negative.get_by_role("button", name="Fold").click()
    assert box_of(negative)["height"] < height / 2
    with canvas.one_step():
        canvas.page.mouse.dblclick(*canvas.header(negative))
        canvas.page.keyboard.type("Not this\n")
    expect(canvas.node("Not this")).to_be_visible()


def test_copies_go_to_another_tab_and_through_text(
    server: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    canvas = CanvasPage(context.new_page(), server.url)
    canvas.page.goto(server.url)
    canvas.is_ready()
    canvas.fill("Prompt", "text", "a copied fish")
    canvas.pick(canvas.node("Model"), canvas.node("Prompt"))
    canvas.press("Control+c")
    text = canvas.page.evaluate("navigator.clipboard.readText()")
    assert "a copied fish" in text
    assert '"nodeloom"' in text

    canvas.new_workflow()
    with canvas.one_step():
        canvas.press("Control+v")
    expect(canvas.nodes).to_have_count(2)
    expect(canvas.links).to_have_count(1)
    canvas.has_value("Prompt", "text", "a copied fish")

    # As text it goes from one browser to another.
    other = canvas_of(context.new_page(), server.url)
    other.page.evaluate("(text) => navigator.clipboard.writeText(text)", text.replace("fish", "bird"))
    other.press("Control+v")
    other.has_value("Prompt", "text", "a copied bird")
    other.pick(other.node("Prompt"))
    with other.one_step():
        other.press("Control+d")
    expect(other.nodes).to_have_count(3)
    expect(other.links).to_have_count(2)


def test_nodes_are_lined_up_and_set_out_in_one_step_each(template: CanvasPage) -> None:
    canvas = template
    first, second = canvas.node("Prompt"), canvas.node("Empty picture")
    with canvas.one_step():
        canvas.drag(canvas.header(second), (canvas.header(second)[0] + 55, canvas.header(second)[1] + 40))
    canvas.pick(first, second)
    with canvas.one_step():
        canvas.command("Align left")
    assert canvas.place(first)[0] == canvas.place(second)[0]
    canvas.page.mouse.click(*canvas.empty(0.25, 0.95))
    with canvas.one_step():
        canvas.page.keyboard.press("Alt+l")
    heights = [canvas.place(canvas.node(title))[1] for title in ("Prompt", "Negative prompt", "Empty picture")]
    assert heights == sorted(heights)


def test_what_is_first_seen_has_the_prompt_above_the_negative_one(template: CanvasPage) -> None:
    titles = ("Prompt", "Negative prompt", "Empty picture")
    places = [template.place(template.node(title)) for title in titles]
    assert [y for _, y in places] == sorted(y for _, y in places)


def test_nodes_are_selected_by_a_box_along_the_flow_and_found_by_words(template: CanvasPage) -> None:
    canvas = template
    sampler = canvas.node("Sampler")
    x, y = canvas.place(canvas.node("Prompt"))
    canvas.drag((x - 10, y - 20), (x + 60, canvas.place(canvas.node("Empty picture"))[1] + 20), "Shift")
    canvas.are_chosen("2", "3", "4")
    canvas.menu(sampler, "Select all that leads here")
    canvas.are_chosen("1", "2", "3", "4", "5")
    canvas.page.mouse.click(*canvas.empty(0.25, 0.95))
    canvas.menu(sampler, "Select all that follows")
    canvas.are_chosen("5", "6", "7")

    canvas.page.keyboard.press("Control+f")
    expect(canvas.page.get_by_role("dialog")).to_be_visible()
    canvas.page.keyboard.type("decode")
    canvas.page.keyboard.press("Enter")
    expect(canvas.page.get_by_role("dialog")).to_be_hidden()
    expect(canvas.node("Decode")).to_be_focused()
    canvas.are_chosen("6")

    before = canvas.place(canvas.node("Decode"))
    box = box_of(canvas.page.get_by_role("img", name="Map"))
    canvas.page.mouse.click(box["x"] + 20, box["y"] + box["height"] / 2)
    canvas.until(lambda: canvas.place(canvas.node("Model"))[0] > 300, "the map did not go to its left end")
    canvas.page.mouse.click(box["x"] + box["width"] - 30, box["y"] + box["height"] / 2)
    canvas.until(lambda: canvas.place(canvas.node("Decode"))[0] < before[0], "the map did not go to its right end")


def test_a_panel_that_opens_moves_nothing_unless_it_would_hide_what_is_selected(template: CanvasPage) -> None:
    canvas = template
    titles = ("Model", "Prompt", "Sampler", "Save")
    places = [canvas.place(canvas.node(title)) for title in titles]
    canvas.pick(canvas.node("Sampler"))
    for panel in ("Inspector", "Queue and history"):
        canvas.page.get_by_role("button", name=panel).click()
        expect(canvas.page.locator(f".side.{'right' if panel == 'Inspector' else 'left'}")).to_be_visible()
        assert [canvas.place(canvas.node(title)) for title in titles] == places
        canvas.page.get_by_role("button", name=panel).click()
        assert [canvas.place(canvas.node(title)) for title in titles] == places

    canvas.pick(canvas.node("Save"))
    canvas.page.get_by_role("button", name="Inspector").click()
    panel = canvas.page.locator(".side.right")
    node = canvas.node("Save")
    canvas.until(lambda: right_of(node) < box_of(panel)["x"], "the panel lies over the node")


def right_of(found: Locator) -> float:
    """The right edge of an element on the screen."""
    box = box_of(found)
    return box["x"] + box["width"]
