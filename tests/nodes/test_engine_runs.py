"""Real workflows through the real engine, with a tiny checkpoint of random weights."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import nodes
from graph import events
from graph.cache import Cache, DiskTier
from graph.check import check
from graph.outcome import Outcome
from graph.plan import plan
from graph.registry import Registry
from graph.run import run
from graph.workflow import Workflow, from_api, read
from nodes.codecs import CODECS, size_of
from nodes.sockets import Latent
from storage import Digests, Folders
from storage.catalogues import catalogues

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "workflows").glob("*.json"))
TINY = "tiny.safetensors"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return nodes.registry()


@pytest.fixture
def folders(tmp_path: Path, tiny_models: Path) -> Folders:
    return replace(Folders.under(tmp_path), models=tiny_models)


@pytest.fixture
def services(folders: Folders) -> dict[type, object]:
    return {Folders: folders, Digests: Digests.in_user_folder(folders.user), torch.device: torch.device("cpu")}


class House:
    """An engine with its cache, which carries workflows out and remembers what it heard."""

    def __init__(self, registry: Registry, services: Mapping[type, object], disk: Path | None = None) -> None:
        self.registry = registry
        self.services = services
        self.cache = Cache(2**28, None if disk is None else DiskTier(disk, 2**28, CODECS), size_of)
        self.heard: list[events.Event] = []

    def carry_out(self, workflow: Workflow, targets: tuple[str, ...] | None = None) -> Outcome:
        folders = self.services[Folders]
        assert isinstance(folders, Folders)
        assert check(workflow, self.registry, catalogues(folders), targets) == ()
        planned = plan(workflow, self.registry, self.cache, self.services, targets)
        return run(planned, self.cache, self.services, self.heard.append, extra={"workflow": {"nodes": []}})


@pytest.fixture
def house(registry: Registry, services: dict[type, object]) -> House:
    return House(registry, services)


def step(class_type: str, **inputs: object) -> dict[str, object]:
    return {"class_type": class_type, "inputs": inputs}


def text_to_image(**changes: object) -> dict[str, Any]:
    """The usual graph at 64 × 64 with two steps; `changes` are inputs of the sampler."""
    sampler = {"seed": 1, "steps": 2, "cfg": 3.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
    return {
        "1": step("CheckpointLoaderSimple", ckpt_name=TINY),
        "2": step("CLIPTextEncode", text="a red apple", clip=["1", 1]),
        "3": step("CLIPTextEncode", text="", clip=["1", 1]),
        "4": step("EmptyLatentImage", width=64, height=64, batch_size=1),
        "5": step("KSampler", **{**sampler, **links, **changes}),
        "6": step("VAEDecode", samples=["5", 0], vae=["1", 2]),
        "7": step("SaveImage", images=["6", 0], filename_prefix="%KSampler.seed%/test"),
    }


def latent_of(house: House, graph: Mapping[str, Any], node: str = "5") -> torch.Tensor:
    outcome = house.carry_out(from_api(graph), (node,))
    assert outcome.error is None, outcome.error
    (latent,) = outcome.results[node]
    assert isinstance(latent, Latent)
    return latent.samples


def test_a_prompt_becomes_a_saved_picture(house: House, folders: Folders) -> None:
    outcome = house.carry_out(from_api(text_to_image()))
    assert outcome.status == "success", outcome.error
    assert outcome.outputs["7"].ui["images"] == [{"filename": "test_00001_.png", "subfolder": "1", "type": "output"}]
    assert (folders.output / "1" / "test_00001_.png").stat().st_size > 0
    steps = [(event.value, event.total) for event in house.heard if isinstance(event, events.Progress)]
    assert steps == [(1, 2), (2, 2)]


def test_a_second_run_runs_nothing(house: House) -> None:
    assert house.carry_out(from_api(text_to_image())).executed
    again = house.carry_out(from_api(text_to_image()))
    assert (again.status, again.executed) == ("success", ())


def test_a_changed_seed_runs_the_sampler_and_what_follows_only(house: House) -> None:
    house.carry_out(from_api(text_to_image()))
    assert house.carry_out(from_api(text_to_image(seed=2))).executed == ("5", "6", "7")


def test_a_deleted_picture_is_saved_again_and_nothing_else_runs(house: House, folders: Folders) -> None:
    house.carry_out(from_api(text_to_image()))
    (folders.output / "1" / "test_00001_.png").unlink()
    assert house.carry_out(from_api(text_to_image())).executed == ("7",)


def test_a_changed_checkpoint_runs_everything_that_comes_from_it(
    registry: Registry, tmp_path: Path, tiny_models: Path
) -> None:
    models = tmp_path / "models" / "checkpoints"
    models.mkdir(parents=True)
    data = (tiny_models / "checkpoints" / TINY).read_bytes()
    (models / TINY).write_bytes(data)
    folders = Folders.under(tmp_path)
    house = House(registry, {Folders: folders, Digests: Digests.in_user_folder(folders.user)})
    first = latent_of(house, text_to_image())
    (models / TINY).write_bytes(data[:-4000] + bytes(4000))
    outcome = house.carry_out(from_api(text_to_image()), ("5",))
    assert outcome.executed == ("1", "2", "3", "5")
    assert first.shape == (1, 4, 8, 8)


def test_the_disk_gives_latents_pictures_and_prompts_back_after_a_restart(
    registry: Registry, services: dict[type, object], tmp_path: Path
) -> None:
    first = latent_of(House(registry, services, tmp_path / "cache"), text_to_image())
    later = House(registry, services, tmp_path / "cache")
    outcome = later.carry_out(from_api(text_to_image()), ("5", "2"))
    assert outcome.executed == ()
    assert torch.equal(latent_of(later, text_to_image()), first)


def test_the_same_seed_gives_the_same_bits_in_another_engine(registry: Registry, services: dict[type, object]) -> None:
    results = [latent_of(House(registry, services), text_to_image()) for _ in range(2)]
    assert torch.equal(*results)
    assert not torch.equal(results[0], latent_of(House(registry, services), text_to_image(seed=2)))


def test_an_item_taken_out_of_a_batch_is_sampled_as_in_the_batch(house: House) -> None:
    graph = text_to_image()
    graph["4"]["inputs"]["batch_size"] = 3
    graph["8"] = step("LatentFromBatch", samples=["4", 0], batch_index=2, length=1)
    graph["9"] = graph["5"] | {"inputs": {**graph["5"]["inputs"], "latent_image": ["8", 0]}}
    batch, single = latent_of(house, graph), latent_of(house, graph, "9")
    assert torch.allclose(batch[2:], single, atol=1e-4)
    assert not torch.allclose(batch[:1], single, atol=1e-2)


def test_two_halves_of_a_sampling_are_the_whole(house: House) -> None:
    graph = text_to_image(steps=4)
    shared = {name: value for name, value in graph["5"]["inputs"].items() if name not in ("seed", "denoise")}
    shared["noise_seed"] = 1
    first = {"add_noise": "enable", "start_at_step": 0, "end_at_step": 2, "return_with_leftover_noise": "enable"}
    second = {"add_noise": "disable", "start_at_step": 2, "end_at_step": 10000, "return_with_leftover_noise": "disable"}
    graph["8"] = step("KSamplerAdvanced", **{**shared, **first})
    graph["9"] = step("KSamplerAdvanced", **{**shared, **second, "latent_image": ["8", 0]})
    assert torch.allclose(latent_of(house, graph), latent_of(house, graph, "9"), atol=1e-4)


def test_denoise_0_returns_the_latent_as_it_is(house: House) -> None:
    assert torch.equal(latent_of(house, text_to_image(denoise=0.0)), torch.zeros(1, 4, 8, 8))


def test_outside_the_mask_a_latent_stays(house: House) -> None:
    graph = text_to_image()
    graph["8"] = step("SolidMask", value=1.0, width=32, height=64)
    graph["9"] = step("SolidMask", value=0.0, width=64, height=64)
    graph["10"] = step("MaskComposite", destination=["9", 0], source=["8", 0], x=0, y=0, operation="add")
    graph["11"] = step("SetLatentNoiseMask", samples=["5", 0], mask=["10", 0])
    inputs = {**graph["5"]["inputs"], "latent_image": ["11", 0], "seed": 9, "denoise": 0.8}
    graph["12"] = step("KSampler", **inputs)
    before, after = latent_of(house, graph), latent_of(house, graph, "12")
    assert torch.allclose(before[..., 4:], after[..., 4:], atol=1e-5)
    assert not torch.allclose(before[..., :4], after[..., :4], atol=1e-2)


def test_encoding_for_inpainting_greys_the_hole_and_grows_the_mask(house: House) -> None:
    graph = {
        "1": step("CheckpointLoaderSimple", ckpt_name=TINY),
        "2": step("EmptyImage", width=68, height=64, batch_size=1, color=0xFF0000),
        "3": step("EmptyImage", width=68, height=64, batch_size=1, color=0x808080),
        "4": step("SolidMask", value=1.0, width=34, height=32),
        "5": step("VAEEncodeForInpaint", pixels=["2", 0], vae=["1", 2], mask=["4", 0], grow_mask_by=6),
        "6": step("VAEEncodeForInpaint", pixels=["3", 0], vae=["1", 2], mask=["4", 0], grow_mask_by=6),
    }
    red, grey = latent_of(house, graph), latent_of(house, graph, "6")
    assert red.shape == (1, 4, 8, 8)
    assert torch.allclose(red, grey, atol=0.05)


def test_a_stop_request_ends_the_sampler_between_two_steps(registry: Registry, services: dict[type, object]) -> None:
    house = House(registry, services)
    steps: list[float] = []

    def listen(event: events.Event) -> None:
        if isinstance(event, events.Progress):
            steps.append(event.value)

    planned = plan(from_api(text_to_image(steps=50)), registry, house.cache, services)
    outcome = run(planned, house.cache, services, listen, stop=lambda: len(steps) >= 2)
    assert outcome.status == "interrupted"
    assert steps == [1, 2]


def test_a_checkpoint_without_a_text_encoder_still_gives_its_model(
    registry: Registry, tmp_path: Path, tiny_models: Path
) -> None:
    source = tiny_models / "checkpoints" / TINY
    with safe_open(source, "pt") as file:
        metadata = file.metadata()
    tensors = {name: tensor for name, tensor in load_file(source).items() if not name.startswith("cond_stage_model.")}
    folders = Folders.under(tmp_path)
    (folders.models / "checkpoints").mkdir(parents=True)
    save_file(tensors, folders.models / "checkpoints" / TINY, metadata)
    house = House(registry, {Folders: folders, Digests: Digests.in_user_folder(folders.user)})
    outcome = house.carry_out(from_api(text_to_image()))
    assert "7" not in outcome.outputs
    blocked = [event for event in house.heard if isinstance(event, events.NodeBlocked)]
    assert blocked and "text encoder" in blocked[0].message
    graph = {
        "1": step("CheckpointLoaderSimple", ckpt_name=TINY),
        "2": step("EmptyImage", width=16, height=16, batch_size=1, color=0),
        "3": step("VAEEncode", pixels=["2", 0], vae=["1", 2]),
    }
    assert latent_of(house, graph, "3").shape == (1, 4, 2, 2)


@pytest.mark.parametrize("workflow", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_workflow_runs_in_miniature(house: House, folders: Folders, workflow: Path) -> None:
    """The whole graph as it ships, but with the tiny checkpoint and two steps."""
    outcome = house.carry_out(in_miniature(read(workflow)))
    assert outcome.status == "success", outcome.error
    assert outcome.outputs
    for output in outcome.outputs.values():
        assert output.files
        assert all(Path(file.path).is_relative_to(folders.output) for file in output.files)


def in_miniature(workflow: Workflow) -> Workflow:
    for number, each in workflow.steps.items():
        if each.class_type == "CheckpointLoaderSimple":
            workflow = workflow.with_input(number, "ckpt_name", TINY)
        if "steps" in each.inputs:
            workflow = workflow.with_input(number, "steps", 2)
        for name in ("start_at_step", "end_at_step"):
            if each.inputs.get(name) == 10:
                workflow = workflow.with_input(number, name, 1)
    return workflow


@pytest.mark.parametrize("workflow", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_workflow_is_titled_and_needs_no_file_but_the_model(workflow: Path) -> None:
    graph = json.loads(workflow.read_text(encoding="utf-8"))
    assert all(each["_meta"]["title"] for each in graph.values())
    assert not {each["class_type"] for each in graph.values()} & {"LoadImage", "LoadImageMask", "LoadLatent"}
    names = {each["inputs"].get("ckpt_name") for each in graph.values()} - {None}
    assert names == {"nodeloom-emoji.safetensors"}
