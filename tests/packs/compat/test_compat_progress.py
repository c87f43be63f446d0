"""What packs tell while they run reaches the right node, and a run that is asked to stop stops them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from PIL import Image

from graph import events
from graph.handle import Run, RunContext, current_run
from nodes.preview_pictures import PreviewPicture
from packs.compat.routes import RecordedRoutes, tables_by_pack

House = Any
Toy = Callable[..., str]


def progress(house: House) -> list[tuple[str, float, float]]:
    return [(each.node, each.value, each.total) for each in house.heard if isinstance(each, events.Progress)]


def test_a_bar_tells_of_the_node_that_made_it_also_inside_an_expansion(house: House, toy_pack: Toy) -> None:
    body = """
    from comfy.utils import ProgressBar
    bar = ProgressBar(count)
    for _ in range(count):
        bar.update(1)
    bar.update_absolute(1, 4)
    return (count,)
    """
    outer = """
    from comfy_execution.graph_utils import GraphBuilder
    graph = GraphBuilder()
    return {"result": (graph.node("ToyBar", id="in", count=3).out(0),), "expand": graph.finalize()}
    """
    house.load(
        {
            "bars": toy_pack("ToyBar", {"count": "INT"}, "INT", body),
            "outer": toy_pack("ToyOuter", {"count": "INT"}, "INT", outer),
        }
    )
    steps = {
        "7": {"class_type": "ToyBar", "inputs": {"count": 2}},
        "8": {"class_type": "ToyOuter", "inputs": {"count": ["7", 0]}},
    }
    assert house.values(steps, "8") == (3,)
    first = [(value, total) for node, value, total in progress(house) if node == "7"]
    assert first == [(1, 2), (2, 2), (1, 4)]
    inner = [each for each in house.heard if isinstance(each, events.Progress) and each.node != "7"]
    assert {each.display for each in inner} == {"8"}
    assert len(inner) == 4


def test_a_bar_may_be_about_another_node_and_shows_pictures(house: House, toy_pack: Toy) -> None:
    body = """
    from comfy.utils import ProgressBar
    from PIL import Image
    ProgressBar(5, node_id="9").update_absolute(3)
    ProgressBar(5, node_id="nowhere").update_absolute(4)
    ProgressBar(5).update_absolute(5, 5, ("JPEG", Image.new("RGB", (600, 300)), 128))
    return (count,)
    """
    house.load({"bars": toy_pack("ToyBar", {"count": "INT"}, "INT", body)})
    steps = {
        "7": {"class_type": "ToyBar", "inputs": {"count": 1}},
        "9": {"class_type": "ToyBar", "inputs": {"count": ["7", 0]}},
    }
    house.values(steps, "7")
    told = progress(house)
    house.heard.clear()
    house.values(steps, "9")
    assert told[-1] == ("7", 5, 5)
    assert ("9", 3, 5) in progress(house)
    [_, picture] = [each.image for each in house.heard if isinstance(each, events.Preview)]
    assert isinstance(picture, PreviewPicture)
    assert picture.media_type in ("image/jpeg", "image/png")


def test_an_interrupt_ends_a_loop_with_a_bar(house: House, toy_pack: Toy) -> None:
    body = """
    import comfy.utils
    bar = comfy.utils.ProgressBar(10**9)
    while True:
        bar.update(1)
    """
    house.load({"endless": toy_pack("ToyEndless", {"count": "INT"}, "INT", body)})
    heard = house.heard.append

    def hear(event: events.Event) -> None:
        heard(event)
        if isinstance(event, events.Progress) and event.value >= 3:
            house.stop.set()

    house.heard = type("Ear", (list,), {"append": lambda self, event: hear(event)})()
    outcome = house.outcome({"1": {"class_type": "ToyEndless", "inputs": {"count": 1}}}, "1")
    assert outcome.status == "interrupted"


@pytest.mark.parametrize(
    "body",
    [
        "import nodes; nodes.interrupt_processing(); nodes.before_node_execution()",
        "import comfy.model_management as m; m.interrupt_current_processing(); assert m.processing_interrupted(); "
        "m.throw_exception_if_processing_interrupted()",
        "import comfy.model_management as m; raise m.InterruptProcessingException()",
        "import comfy.utils, nodes; nodes.interrupt_processing(); comfy.utils.ProgressBar(2).update(1)",
    ],
)
def test_a_pack_may_interrupt_its_own_run(house: House, toy_pack: Toy, body: str) -> None:
    house.load({"ends": toy_pack("ToyEnd", {"count": "INT"}, "INT", body)})
    assert house.outcome({"1": {"class_type": "ToyEnd", "inputs": {"count": 1}}}, "1").status == "interrupted"


def test_an_interrupt_ends_a_sampling_of_a_pack_after_the_step_at_hand(
    house: House, toy_pack: Toy, graph: Callable[..., dict[str, Any]]
) -> None:
    body = """
    import comfy.sample, comfy.samplers, nodes
    steps = []
    def callback(step, x0, x, total):
        steps.append(step)
        nodes.interrupt_processing(step == 1)
    noise = comfy.sample.prepare_noise(latent["samples"], 1)
    try:
        comfy.sample.sample(model, noise, 5, 1.0, "euler", "normal", positive, positive, latent["samples"],
                            callback=callback)
    finally:
        assert steps == [0, 1], steps
    """
    sockets = {"model": "MODEL", "positive": "CONDITIONING", "latent": "LATENT"}
    house.load({"samples": toy_pack("ToySample", sockets, "LATENT", body)})
    links = {"model": ["1", 0], "positive": ["2", 0], "latent": ["4", 0]}
    outcome = house.outcome(graph(**{"5": {"class_type": "ToySample", "inputs": links}}), "5")
    assert outcome.status == "interrupted"


def test_a_global_hook_hears_every_step_and_bars_can_be_silenced(house: House) -> None:
    tools = house.given.module("comfy.utils")
    heard: list[tuple[float, float]] = []
    tools.set_progress_bar_global_hook(lambda value, total, preview: heard.append((value, total)))
    tools.set_progress_bar_enabled(False)
    told: list[events.Event] = []
    token = current_run.set(Run.detached(context=RunContext(emit=told.append)))
    try:
        tools.ProgressBar(3).update(2)
    finally:
        current_run.reset(token)
    assert (heard, told) == ([(2, 3)], [])


SERVER = """
import server
from server import PromptServer
from aiohttp import web
import struct

@PromptServer.instance.routes.get("/toy/hello")
async def hello(request):
    return web.json_response({})

@PromptServer.instance.routes.post("/toy/{name}")
async def post(request):
    return web.json_response({})

class Say:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"count": ("INT",)}, "hidden": {"id": "UNIQUE_ID"}}
    RETURN_TYPES = ("STRING",)
    FUNCTION = "say"
    def say(self, count, id):
        instance = PromptServer.instance
        assert instance.last_node_id == id
        instance.send_sync("toy.histogram", {"bins": (1, 2), "count": count}, instance.client_id)
        instance.send_sync("executing", {"node": None})
        instance.send_sync("progress", {"value": 1})
        instance.send_progress_text("at it", id)
        instance.send_sync(server.BinaryEventTypes.PREVIEW_IMAGE, struct.pack(">I", 2) + b"png")
        return (str(instance.client_id),)
NODE_CLASS_MAPPINGS = {"ToySay": Say}
"""


def test_what_a_pack_says_reaches_whoever_looks_on_but_never_in_the_hosts_own_words(house: House) -> None:
    house.load({"says": SERVER})
    house.values({"4": {"class_type": "ToySay", "inputs": {"count": 3}}}, "4")
    said = [(each.node, each.kind, each.data) for each in house.heard if isinstance(each, events.NodeSaid)]
    assert said == [("4", "toy.histogram", {"bins": [1, 2], "count": 3})]
    assert [each.text for each in house.heard if isinstance(each, events.NodeText)] == ["at it"]
    [picture] = [each.image for each in house.heard if isinstance(each, events.Preview)]
    assert picture == PreviewPicture("image/png", b"png")


def test_routes_are_written_down_by_the_pack_whose_handlers_they_have(house: House) -> None:
    routes = RecordedRoutes(lambda: tables_by_pack(house.context, house.importer.owner))
    house.load({"other": "NODE_CLASS_MAPPINGS = {}", "says": SERVER})
    assert routes.as_text() == {"says": ["GET /toy/hello", "POST /toy/{name}"]}
    assert [each.route.handler.__name__ for each in routes.of("says")] == ["hello", "post"]
    routes.forget("says")
    assert routes.of("says") == []


def test_what_the_server_does_not_give_is_told(house: House) -> None:
    instance = house.given.module("server").PromptServer.instance
    instance.send_sync("toy.unheard", {})
    for use in (lambda: instance.app.router, lambda: instance.prompt_queue.get_current_queue()):
        with pytest.raises(NotImplementedError, match=r"PromptServer\.instance\.routes|/api/queue"):
            use()


def test_a_run_can_be_previewed_by_the_previewer_of_its_model(house: House, toy_pack: Toy) -> None:
    module = house.given.module("latent_preview")
    assert module.get_previewer("cpu", house.given.module("comfy.latent_formats").SD15()) is None

    class Mine(module.LatentPreviewer):
        def decode_latent_to_preview(self, x0: torch.Tensor) -> Image.Image:
            return Image.new("RGB", (8, 8))

    kind, picture, side = Mine().decode_latent_to_preview_image("JPEG", torch.zeros(1, 4, 8, 8))
    assert (kind, picture.size, side) == ("JPEG", (8, 8), 512)
