"""Every node of the collection runs on the real engine; what did not change is not computed again."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import nodes
from graph.events import NodeSaid, NodeStarted, NodeText, Progress
from tests.packs.collected import Collected, drawn, step


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, tiny_models: Path) -> Iterator[Collected]:
    before = list(sys.path)
    one = Collected(tmp_path_factory.mktemp("collected"), tiny_models, nodes.registry())
    yield one
    one.close()
    sys.path[:] = before


def test_pictures_are_added_measured_and_masked(house: Collected) -> None:
    steps = {
        "1": step("EmptyImage", width=8, height=8, batch_size=1, color=0x404040),
        "2": step("EmptyImage", width=16, height=16, batch_size=1, color=0x808080),
        "3": step("ImageBlendMath+", image_a=["1", 0], image_b=["2", 0], op="add", amount=1.0),
        "4": step("ImageStatistics+", image=["3", 0]),
        "5": step("MaskFromBrightness+", image=["3", 0], threshold=0.5),
    }
    mean, deviation, width, height = house.values(steps, "4")
    assert (mean, deviation) == (pytest.approx(0xC0 / 255, abs=1e-3), pytest.approx(0, abs=1e-3))
    assert (width, height) == (8, 8)
    [mask] = house.values(steps, "5")
    assert mask.shape == (1, 8, 8)
    assert mask.min() == 1
    assert house.go(steps, "4", "5").executed == ()
    steps["5"]["inputs"]["invert"] = True
    assert house.go(steps, "5").executed == ("5",)


def test_texts_are_joined_under_names_that_nobody_declared(house: Collected) -> None:
    steps = {
        "1": step("StringyReplace", text="a cat, a cot", find="c.t", replace="dog", mode="regex"),
        "2": step("StringyJoin", separator=" + ", text_1=["1", 0], text_2=["1", 1], text_3="end"),
        "3": step("StringyShow", anything=["2", 0]),
    }
    assert house.check(steps) == ()
    outcome = house.go(steps)
    assert outcome.outputs["3"].ui == {"text": ["a dog, a dog + 2 + end", "StringyShow"]}
    again = house.go(steps)
    assert (again.executed, again.outputs["3"].ui) == ((), outcome.outputs["3"].ui)
    steps["1"]["inputs"]["find"] = "c("
    [problem] = house.check(steps)
    assert "not a regular expression" in problem.message + str(problem.details)


def test_lists_are_made_mapped_summed_and_selected(house: Collected) -> None:
    steps = {
        "1": step("MakeNumbers", start=1, count=3),
        "2": step("MakeNumbers", start=7, count=2),
        "3": step("TimesPlus", x=["1", 0], y=["2", 0]),
        "4": step("SumList", values=["3", 0], factor=2),
        "5": step("EmptyImage", width=8, height=8, batch_size=3, color=0),
        "6": step("SelectImages", images=["5", 0], indexes="2,0"),
    }
    assert house.values(steps, "3") == ([17, 28, 38],)
    assert house.values(steps, "4") == (166, [38, 28, 17])
    [pictures] = house.values(steps, "6")
    assert [tuple(each.shape) for each in pictures] == [(1, 8, 8, 3)] * 2
    before = house.module("list_mappers").TimesPlus.calls
    steps["2"]["inputs"]["count"] = 1
    assert house.values(steps, "3") == ([17, 27, 37],)
    assert house.module("list_mappers").TimesPlus.calls == before + 3


def loop(turns: int) -> dict[str, Any]:
    """2 to the power of `turns` in one slot, all powers in another."""
    return {
        "1": step("FlowForOpen", remaining=turns, value1=1),
        "2": step("FlowNumbers", a=["1", 2], b=2, op="a*b"),
        "3": step("FlowAccumulate", to_add=["2", 0], accumulation=["1", 3]),
        "4": step("FlowForClose", flow=["1", 0], value1=["2", 0], value2=["3", 0]),
        "5": step("FlowAccumulationToList", accumulation=["4", 1]),
    }


def test_a_for_loop_runs_its_body_as_often_as_it_says(house: Collected) -> None:
    ran = house.module("Flow-Kit", ".flow.little").ran
    ran.clear()
    assert house.values(loop(6), "4")[0] == 64
    assert ran["a*b"] == 6
    assert house.values(loop(6), "5") == ([2, 4, 8, 16, 32, 64],)
    assert ran["a*b"] == 6, "the second run found the loop in the cache"
    shown = {each.display for each in house.said(NodeStarted)}
    assert shown == {"5"}


def test_what_a_loop_does_is_shown_at_the_nodes_that_were_drawn(house: Collected) -> None:
    assert house.values(loop(9), "4")[0] == 512
    assert {each.display for each in house.said(NodeStarted)} == {"1", "2", "3", "4"}


def test_a_while_loop_ends_when_its_condition_does(house: Collected) -> None:
    steps = {
        "1": step("FlowWhileOpen", condition=True, value0=1),
        "2": step("FlowNumbers", a=["1", 1], b=3, op="a*b"),
        "3": step("FlowNumbers", a=["2", 0], b=100, op="a<b"),
        "4": step("FlowWhileClose", flow=["1", 0], condition=["3", 0], value0=["2", 0]),
    }
    assert house.values(steps, "4")[0] == 243


@pytest.mark.parametrize(("condition", "expected", "left_out"), [(True, 30, "3"), (False, 12, "2")])
def test_of_two_branches_the_one_that_is_wanted_runs(
    house: Collected, condition: bool, expected: int, left_out: str
) -> None:
    steps = {
        "2": step("FlowNumbers", a=5, b=6, op="a*b"),
        "3": step("FlowNumbers", a=7, b=5, op="a+b"),
        "4": step("FlowIfElse", condition=condition, on_true=["2", 0], on_false=["3", 0]),
    }
    outcome = house.go(steps, "4")
    assert outcome.results["4"] == (expected,)
    assert left_out not in outcome.executed


def test_a_closed_gate_keeps_what_follows_from_running(house: Collected) -> None:
    steps = {
        "1": step("FlowGate", value=4, open=False, message="closed"),
        "2": step("StringyShow", anything=["1", 0]),
        "3": step("StringyShow", anything="beside"),
    }
    outcome = house.go(steps)
    assert outcome.status == "success"
    assert set(outcome.outputs) == {"3"}
    steps["1"]["inputs"]["open"] = True
    assert house.go(steps).outputs["2"].ui["text"] == ["4", "StringyShow"]


def sampled(**last: Any) -> dict[str, Any]:
    links = {"positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
    sampler = step(
        "KSamplerWithSigmas", model=["1", 0], noise_seed=7, cfg=3.0, sampler=["5", 0], sigmas=["6", 0], **links
    )
    return drawn(
        **{
            "5": step("HalfEulerSampler", strength=0.5),
            "6": step("Img2ImgSigmas", model=["1", 0], scheduler="normal", steps=4, start_at=0.0),
            "7": sampler,
            **last,
        }
    )


SETTINGS = {"seed": 7, "steps": 4, "cfg": 3.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
LINKS = {"positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}


def test_a_sampler_of_a_pack_that_is_eulers_method_comes_to_what_ours_does(house: Collected) -> None:
    latent, denoised = house.values(sampled(), "7")
    [ours] = house.values(drawn(**{"5": step("KSampler", model=["1", 0], **LINKS, **SETTINGS)}), "5")
    torch.testing.assert_close(latent.samples, ours.samples, rtol=1e-3, atol=1e-4)
    assert denoised.samples.shape == latent.samples.shape
    again = house.go(sampled(), "7")
    assert again.executed == ()


def test_a_schedule_that_begins_half_way_has_half_the_steps(house: Collected) -> None:
    steps = sampled()
    steps["6"]["inputs"]["start_at"] = 0.5
    [sigmas] = house.values(steps, "6")
    assert sigmas.shape == (3,)
    house.values(steps, "7")
    assert [(each.value, each.total) for each in house.said(Progress) if each.node == "7"][-1] == (2, 2)


def test_a_class_derived_from_a_node_of_the_host_samples_twice(house: Collected) -> None:
    twice = drawn(**{"5": step("KSamplerTwice", model=["1", 0], **LINKS, **SETTINGS)})
    [found] = house.values(twice, "5")
    once = step("KSampler", model=["1", 0], **LINKS, **SETTINGS)
    second = step("KSampler", model=["1", 0], **LINKS, **SETTINGS | {"denoise": 0.5})
    second["inputs"]["latent_image"] = ["5", 0]
    [ours] = house.values(drawn(**{"5": once, "6": second}), "6")
    assert torch.equal(found.samples, ours.samples)


def test_patches_of_a_model_go_on_to_our_sampler_together(house: Collected) -> None:
    steps = drawn(
        **{
            "5": step("RescaleCfgToy", model=["1", 0], multiplier=0.7),
            "6": step("ClampDenoised", model=["5", 0], most=0.01),
            "7": step("CountNetworkCalls", model=["6", 0]),
            "8": step("KSampler", model=["7", 0], **LINKS, **SETTINGS),
            "9": step("KSampler", model=["5", 0], **LINKS, **SETTINGS),
            "10": step("KSampler", model=["1", 0], **LINKS, **SETTINGS),
        }
    )
    outcome = house.go(steps, "7", "8", "9", "10")
    assert outcome.status == "success", outcome.error
    counter: Any = outcome.results["7"][1]
    assert counter.calls == 4
    clamped, rescaled, plain = (outcome.results[each][0].samples for each in ("8", "9", "10"))  # type: ignore[attr-defined]
    assert not torch.equal(rescaled, plain)
    assert clamped.abs().max() < plain.abs().max()
    assert house.go(steps, "8", "9").executed == ()
    assert counter.calls == 4


def test_conditions_are_scaled_timed_joined_and_looked_at(house: Collected) -> None:
    steps = drawn(
        **{
            "5": step("ConditioningScale", conditioning=["2", 0], scale=0.5),
            "6": step("ConditioningTimes", conditioning=["5", 0], start=0.25, end=0.75, x=3),
            "7": step("ConditioningJoin", conditioning_to=["6", 0], conditioning_from=["3", 0]),
            "8": step("ConditioningLook", conditioning=["7", 0]),
            "9": step("KSampler", model=["1", 0], **{**LINKS, "positive": ["7", 0]}, **SETTINGS),
        }
    )
    ((before,),), ((timed,),) = house.values(steps, "2"), house.values(steps, "6")
    assert torch.equal(timed.embedding, before.embedding * 0.5)
    assert (timed.start_percent, timed.end_percent, timed.extra["my_own_mark"]) == (0.25, 0.75, 3)
    names, length = house.values(steps, "8")
    assert "my_own_mark" in names
    assert length == 2 * before.embedding.shape[1]
    assert house.go(steps, "9").status == "success"
    assert house.go(steps, "9").executed == ()


def test_latents_are_mixed_and_made_noisy_and_keep_what_packs_put_beside(house: Collected) -> None:
    steps = drawn(
        **{
            "5": step("LatentNoiseAdd", latent=["4", 0], seed=3, strength=1.0),
            "6": step("LatentMix", a=["5", 0], b=["4", 0], share=0.25),
            "7": step("SolidMask", value=1.0, width=64, height=64),
            "8": step("LatentNoiseAdd", latent=["6", 0], seed=4, strength=0.0, mask=["7", 0]),
        }
    )
    latent, maker = house.values(steps, "8")
    wanted = torch.randn(latent.samples.shape, generator=torch.manual_seed(3)) * 0.75
    torch.testing.assert_close(latent.samples, wanted)
    assert maker == "LatentMix"
    assert latent.noise_mask.shape == (1, 1, 64, 64)


def test_a_file_that_changed_is_read_again_and_one_that_did_not_is_not(house: Collected) -> None:
    shelf = house.folders.models / "shelf"
    (shelf / "a.txt").write_text("first")
    steps = {
        "1": step("ShelfLoad", name="a.txt"),
        "2": step("ShelfSave", text=["1", 0], filename_prefix="sub/note"),
        "3": step("ShelfDice", sides=6),
    }
    assert house.check(steps) == ()
    [saved] = house.go(steps, "2").outputs["2"].ui["files"]  # type: ignore[misc]
    written = house.folders.output / saved["subfolder"] / saved["filename"]
    assert json.loads(written.read_text()) == {"text": "first", "nodes": ["1", "2", "3"]}
    assert house.go(steps, "2").executed == ()
    (shelf / "a.txt").write_text("second")
    assert house.go(steps, "2").executed == ("1", "2")
    assert house.values(steps, "1") == ("second",)
    assert (house.go(steps, "3").executed, house.go(steps, "3").executed) == (("3",), ("3",))
    steps["1"]["inputs"]["name"] = "gone.txt"
    [problem] = house.check(steps, ["1"])
    assert "Not on the shelf: gone.txt" in problem.message + str(problem.details)


class Service:
    """A small service on this machine that answers when `guests` have asked."""

    def __init__(self, guests: int) -> None:
        self.port = 0
        self._waiting = guests
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(60)

    async def _serve(self, ready: threading.Event) -> None:
        self._all, self._stop = asyncio.Event(), asyncio.Event()
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await self._stop.wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readline()).split()[1].decode()
        while (await reader.readline()).strip():
            pass
        self._waiting -= 1
        if self._waiting <= 0:
            self._all.set()
        await self._all.wait()
        code = "404 Not Found" if path == "/gone" else "200 OK"
        writer.write(f"HTTP/1.0 {code}\r\n\r\nbody of {path}".encode())
        writer.close()

    def close(self) -> None:
        """Answer no more."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)


def test_asynchronous_nodes_ask_a_service_all_at_once_and_each_tells_its_progress(house: Collected) -> None:
    service = Service(3)
    try:
        steps = {str(i): step("FetchLocal", port=service.port, path=f"/{i}") for i in range(3)}
        steps["9"] = step("FetchWait", value=["0", 0], steps=3)
        outcome = house.go(steps, *steps)
        assert outcome.status == "success", outcome.error
        assert [outcome.results[str(i)] for i in range(3)] == [(f"body of /{i}", 200) for i in range(3)]
        assert outcome.results["9"] == ('{"value": "body of /0"}',)
        assert house.module("async_fetch").most == {"now": 0, "at_once": 3}
        told = {node: [(e.value, e.total) for e in house.said(Progress) if e.node == node] for node in ("0", "1", "9")}
        assert told == {"0": [(1, 2), (2, 2)], "1": [(1, 2), (2, 2)], "9": [(1, 3), (2, 3), (3, 3)]}
        assert house.go(steps, *steps).executed == ()
        error = house.go({"1": step("FetchLocal", port=service.port, path="/gone")}, "1").error
        assert error is not None
        assert error.message == "/gone: the service answered 404"
    finally:
        service.close()


def test_nodes_of_the_newer_convention_show_choose_and_expand(house: Collected) -> None:
    steps = {
        "1": step("SchemaRepeat", text="ab", times=2, how="joined"),
        "2": step("SchemaRepeat", text="never", times=2, how="lines"),
        "3": step("SchemaSwitch", switch=True, yes=["1", 0], no=["2", 0]),
        "4": step("SchemaChain", text=["3", 0], links=2),
    }
    assert house.check(steps) == ()
    outcome = house.go(steps, "1", "4")
    assert outcome.results == {"1": ("abab", 4), "4": ("abab" * 4,)}
    assert "2" not in outcome.executed
    assert outcome.outputs["1"].ui["text"] == ["1: abab"]
    assert {each.display for each in house.said(NodeStarted)} == {"1", "3", "4"}
    assert house.go(steps, "4").executed == ()
    steps["1"]["inputs"]["times"] = 13
    [problem] = house.check(steps)
    assert "not thirteen" in problem.message + str(problem.details)


def test_a_node_talks_to_its_part_of_the_editor(house: Collected) -> None:
    steps = {
        "1": step("EmptyImage", width=4, height=4, batch_size=1, color=0xFFFFFF),
        "2": step("TalkHistogram", image=["1", 0], bins=2),
    }
    outcome = house.go(steps)
    assert outcome.outputs["2"].ui == {"counts": [0, 48]}
    assert [(each.kind, each.data) for each in house.said(NodeSaid)] == [
        ("server_talk.histogram", {"node": "2", "counts": [0, 48]})
    ]
    assert [each.text for each in house.said(NodeText)] == ["48 values"]
    again = house.go(steps)
    assert (again.executed, again.outputs["2"].ui) == ((), {"counts": [0, 48]})
    assert house.said(NodeSaid) == []


def test_every_node_of_the_collection_has_been_named_here(house: Collected) -> None:
    told = Path(__file__).read_text(encoding="utf-8")
    assert [name for each in house.loaded.reports for name in each.nodes if f'"{name}"' not in told] == []
