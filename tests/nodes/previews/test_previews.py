"""Previews of a sampling: what is shown and when, at what cost, and that nothing of it stays behind."""

import gc
import itertools
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from diffusion.autoencoder import ImageCodec
from diffusion.model import DiffusionModel
from diffusion.preview import fit_linear
from graph.events import Event, Preview, Progress
from graph.handle import Run, RunContext
from nodes.codecs import CODECS
from nodes.conditioning import clip_text_encode
from nodes.loading import CheckpointParts, checkpoint_loader_simple
from nodes.previews import LEAST_FRAMES, SHARE, Budget, Method, Painter, Previews, painting
from nodes.sampling import ksampler, ksampler_advanced, reporting
from nodes.sockets import Latent
from storage import Folders
from tests.nodes.previews.preview_stage import (
    CELLS,
    PATIENCE,
    SCALE,
    AtOnce,
    Clock,
    Screen,
    codec_that,
    opened,
    put_decoder,
    sampled,
    some_x0,
)


@pytest.fixture
def previews(folders: Folders) -> Iterator[Callable[[Method], Previews]]:
    """Makes previews with a thread, and ends their threads."""
    made: list[Previews] = []

    def make(method: Method) -> Previews:
        made.append(Previews(folders, method, share=1e9))
        return made[-1]

    yield make
    for one in made:
        one.close()


def threads_of_previews() -> int:
    return sum(thread.name == "previews" for thread in threading.enumerate())


# Who looks, and who does not


def test_a_run_without_the_service_makes_no_preview_and_no_thread(screen: Screen, model: DiffusionModel) -> None:
    before = threading.active_count()
    with reporting(screen.run(), 2, model) as on_step:
        on_step(0, some_x0(), some_x0())
    assert screen.pictures == []
    assert threading.active_count() == before


def test_the_method_none_makes_no_preview_and_no_thread(
    screen: Screen, model: DiffusionModel, previews: Callable[[Method], Previews]
) -> None:
    before = threading.active_count()
    with reporting(screen.run(previews("none")), 2, model) as on_step:
        on_step(0, some_x0(), some_x0())
    assert screen.pictures == []
    assert threading.active_count() == before


def test_the_first_step_is_shown_whatever_the_budget(folders: Folders, screen: Screen, model: DiffusionModel) -> None:
    poor = Previews(folders, "auto", share=0.0)
    with reporting(screen.run(poor), 20, model) as on_step:
        on_step(0, some_x0(), some_x0())
        screen.wait_for(1)
    poor.close()
    assert screen.pictures[0].media_type == "image/jpeg"
    assert screen.sizes() == [(132, 132)]


def test_every_step_is_shown_where_time_allows(folders: Folders, screen: Screen, model: DiffusionModel) -> None:
    clock = Clock()
    sampled(Painter(AtOnce(folders, "rgb"), screen.run(), model, 5, clock), clock, 5, seconds=100)
    assert len(screen.pictures) == 5
    assert len({picture.data for picture in screen.pictures}) == 5


def test_pictures_show_the_first_item_in_the_colours_of_its_first_stage(
    folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec
) -> None:
    x0 = some_x0()
    clock = Clock()
    sampled(Painter(AtOnce(folders, "rgb"), screen.run(), model, 5, clock), clock, 1, 1, x0)
    expected = fit_linear(codec).paint((x0[0] / SCALE).numpy()).mean(axis=(0, 1))
    found = torch.frombuffer(bytearray(opened(screen.pictures[0]).tobytes()), dtype=torch.uint8).reshape(-1, 3)
    assert found.float().mean(dim=0).tolist() == pytest.approx(expected.tolist(), abs=4)


# Newest wins, and nothing after the end


def test_of_what_comes_while_a_picture_is_drawn_only_the_newest_is_drawn(
    folders: Folders, screen: Screen, model: DiffusionModel, previews: Callable[[Method], Previews]
) -> None:
    drawing, go_on = threading.Event(), threading.Event()

    def slow(event: Event) -> None:
        drawing.set()
        assert go_on.wait(PATIENCE)
        screen.hear(event)

    # By a clock that goes on a second at each look there is always time for a picture.
    seconds = itertools.count()
    painter = Painter(previews("rgb"), Run.detached(context=RunContext(emit=slow)), model, 9, lambda: next(seconds))
    painter.show(0, some_x0(0))
    assert drawing.wait(PATIENCE)
    for step in range(1, 6):
        painter.show(step, some_x0(step))
    go_on.set()
    screen.wait_for(2)
    painter.show(6, some_x0(6))
    screen.wait_for(3)
    painter.close()
    alone = Screen()
    for step in (0, 5, 6):
        Painter(AtOnce(folders, "rgb"), alone.run(), model, 9).show(step, some_x0(step))
    assert screen.pictures == alone.pictures


def test_a_picture_that_is_painted_when_the_sampling_ends_is_thrown_away(
    folders: Folders, model: DiffusionModel, codec: ImageCodec, previews: Callable[[Method], Previews]
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    late, screen = Screen(), Screen()
    service = previews("vae")
    waiting = replace(model, first_stage=codec_that(wait))
    with painting(late.run(service), waiting, 1) as painter:
        painter.show(0, some_x0())
        assert begun.wait(PATIENCE)
    go_on.set()
    with painting(screen.run(service), model, 1) as painter:
        painter.show(0, some_x0())
        screen.wait_for(1)  # the one thread is done with the late one
    assert late.pictures == []


def test_what_lies_in_the_slot_when_the_sampling_ends_is_not_drawn(
    folders: Folders, screen: Screen, model: DiffusionModel
) -> None:
    painter = Painter(AtOnce(folders, "rgb"), screen.run(), model, 9)
    painter.close()
    painter.draw(0, some_x0())
    painter.show(1, some_x0())
    assert screen.pictures == []


def test_an_error_in_the_sampling_ends_the_painting(
    screen: Screen, model: DiffusionModel, previews: Callable[[Method], Previews]
) -> None:
    with pytest.raises(ZeroDivisionError), painting(screen.run(previews("rgb")), model, 2) as painter:
        raise ZeroDivisionError
    painter.show(0, some_x0())
    assert screen.pictures == []


# Threads and memory


def test_all_samplings_share_one_thread_which_ends_with_the_service(
    screen: Screen, model: DiffusionModel, previews: Callable[[Method], Previews]
) -> None:
    before, service = threads_of_previews(), previews("rgb")
    for count in range(1, 6):
        with painting(screen.run(service), model, 1) as painter:
            painter.show(0, some_x0())
            screen.wait_for(count)
        assert threads_of_previews() == before + 1
    service.close()
    assert threads_of_previews() == before
    with painting(screen.run(service), model, 1) as painter:
        painter.show(0, some_x0())
        screen.wait_for(6)


def test_the_thread_computes_alone_and_leaves_the_others_their_workers(
    screen: Screen, model: DiffusionModel, codec: ImageCodec, previews: Callable[[Method], Previews]
) -> None:
    seen: list[int] = []

    workers = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        counting = replace(model, first_stage=codec_that(lambda: seen.append(torch.get_num_threads())))
        with painting(screen.run(previews("vae")), counting, 1) as painter:
            painter.show(0, some_x0())
            screen.wait_for(1)
        later = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
        later.start()
        later.join()
        assert [*seen, torch.get_num_threads()] == [1, 3, 3]
    finally:
        torch.set_num_threads(workers)


def test_an_idle_service_keeps_no_model(
    screen: Screen, model: DiffusionModel, previews: Callable[[Method], Previews]
) -> None:
    service, passing = previews("rgb"), replace(model)
    gone = weakref.ref(passing)
    with painting(screen.run(service), passing, 1) as painter:
        painter.show(0, some_x0())
        screen.wait_for(1)
    del passing, painter
    patience = time.monotonic() + PATIENCE
    while gone() is not None and time.monotonic() < patience:
        gc.collect()
        time.sleep(0.01)
    assert gone() is None


# The budget


def test_a_budget_allows_what_fits_into_its_share_of_the_time() -> None:
    clock = Clock()
    budget = Budget(0.02, clock)
    assert not budget.allows(0.01)
    clock.now = 1.0
    assert budget.allows(0.02)
    budget.spent += 0.015
    assert not budget.allows(0.01)
    clock.now = 1.25
    assert budget.allows(0.01)


def test_steps_too_short_for_the_budget_are_not_shown(folders: Folders, screen: Screen, model: DiffusionModel) -> None:
    clock = Clock()
    sampled(Painter(AtOnce(folders, "auto"), screen.run(), model, 1000, clock), clock, 1000, seconds=1e-9)
    assert len(screen.pictures) == 1


@pytest.mark.parametrize("seconds", [0.02, 0.05, 1.0])
def test_drawing_takes_its_share_of_the_time_and_no_more(
    folders: Folders, screen: Screen, model: DiffusionModel, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    cost = 0.003
    monkeypatch.setattr("nodes.previews.meter", lambda device: lambda: cost)
    clock = Clock()
    painter = Painter(AtOnce(folders, "rgb"), screen.run(), model, 300, clock)
    sampled(painter, clock, 300, seconds)
    assert painter.budget.spent == pytest.approx(len(screen.pictures) * cost)
    assert painter.budget.spent <= SHARE * clock.now
    assert len(screen.pictures) == pytest.approx(min(300, SHARE * clock.now / cost), abs=1)


def test_no_more_pictures_are_shown_than_can_be_seen(folders: Folders, screen: Screen, model: DiffusionModel) -> None:
    clock = Clock()
    sampled(Painter(AtOnce(folders, "rgb", share=1e9), screen.run(), model, 1000, clock), clock, 1000, seconds=0.001)
    assert 40 <= len(screen.pictures) <= 61


@pytest.mark.parametrize("method", ["vae", "tiny"])
def test_a_network_asked_for_by_name_shows_a_few_pictures_beyond_any_budget(
    folders: Folders, screen: Screen, model: DiffusionModel, codec: ImageCodec, method: Method
) -> None:
    put_decoder(folders, fit_linear(codec))
    clock = Clock()
    sampled(Painter(AtOnce(folders, method, share=0.0), screen.run(), model, 20, clock), clock, 20, seconds=0.001)
    assert screen.sizes() == [(CELLS * 8, CELLS * 8)] * LEAST_FRAMES


# In a real sampling


def loaded(tiny_models: Path, folders: Folders) -> CheckpointParts:
    context = RunContext(services={Folders: replace(folders, models=tiny_models), torch.device: torch.device("cpu")})
    return checkpoint_loader_simple("tiny.safetensors", run=Run.detached(context=context))


@pytest.mark.parametrize("method", ["auto", "rgb", "vae"])
def test_a_sampling_that_is_shown_gives_the_same_latents_as_one_that_is_not(
    tiny_models: Path, folders: Folders, screen: Screen, previews: Callable[[Method], Previews], method: Method
) -> None:
    parts = loaded(tiny_models, folders)
    prompt = clip_text_encode("a red apple", parts.CLIP)
    start = Latent(torch.zeros(2, 4, 8, 8))
    unseen, seen = (
        ksampler(
            model=parts.MODEL, steps=4, cfg=2.0, positive=prompt, negative=prompt, latent_image=start, run=run
        ).samples
        for run in (Screen().run(), screen.run(previews(method)))
    )
    assert torch.equal(unseen, seen)


def test_the_sampling_nodes_show_what_they_make(
    tiny_models: Path, folders: Folders, model: DiffusionModel, previews: Callable[[Method], Previews]
) -> None:
    parts, screen = loaded(tiny_models, folders), Screen()
    prompt = clip_text_encode("a red apple", parts.CLIP)
    shown = threading.Event()

    def hear(event: Event) -> None:
        screen.hear(event)
        if isinstance(event, Preview):
            shown.set()
        elif isinstance(event, Progress):  # a sampling this short would be over before its first picture is drawn
            assert shown.wait(PATIENCE)

    run = Run.detached(context=RunContext(services={Previews: previews("rgb")}, emit=hear))
    inputs = {"positive": prompt, "negative": prompt, "latent_image": Latent(torch.zeros(1, 4, 8, 8)), "steps": 2}
    for node in (ksampler, ksampler_advanced):
        shown.clear()
        before = len(screen.pictures)
        node(model=parts.MODEL, cfg=1.0, run=run, **inputs)
        assert len(screen.pictures) > before


# The model leads to its first stage


def test_a_loaded_checkpoint_leads_to_its_first_stage_through_patches(tiny_models: Path, folders: Folders) -> None:
    parts = loaded(tiny_models, folders)
    assert parts.MODEL.first_stage is parts.VAE
    assert replace(parts.MODEL, network=torch.nn.Identity()).first_stage is parts.VAE


def test_models_and_with_them_first_stages_have_no_way_to_the_disk() -> None:
    assert not {"MODEL", "VAE", "CLIP"} & CODECS.keys()
