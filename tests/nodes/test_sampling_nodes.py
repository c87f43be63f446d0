"""What sampling nodes do around the sampling itself."""

from dataclasses import replace

import pytest
import torch

from diffusion.model import DiffusionModel
from diffusion.prediction import epsilon
from diffusion.schedules import NoiseTable
from graph.errors import Interrupted
from graph.events import Event, Progress
from graph.handle import Run, RunContext
from nodes.sampling import fitted, reporting
from nodes.sockets import Latent

THREE_CHANNELS = DiffusionModel(
    network=torch.nn.Identity(),
    table=NoiseTable.stable_diffusion(),
    prediction=epsilon,
    latent_scale=1.0,
    latent_channels=3,
)


def test_an_empty_latent_takes_the_channels_of_the_model() -> None:
    empty = Latent(torch.zeros(2, 4, 5, 6), batch_index=(3, 4))
    fitting = fitted(empty, THREE_CHANNELS)
    assert torch.equal(fitting.samples, torch.zeros(2, 3, 5, 6))
    assert fitting.batch_index == (3, 4)


def test_a_latent_with_content_or_the_right_channels_stays_itself() -> None:
    full = Latent(torch.ones(1, 4, 5, 6))
    assert fitted(full, THREE_CHANNELS) is full
    right = Latent(torch.zeros(1, 3, 5, 6))
    assert fitted(right, THREE_CHANNELS) is right
    assert fitted(full, replace(THREE_CHANNELS, latent_channels=4)) is full


def test_progress_never_says_more_than_all() -> None:
    heard: list[Event] = []
    with reporting(Run.detached(context=RunContext(emit=heard.append)), 2, THREE_CHANNELS) as on_step:
        for number in range(3):
            on_step(number, torch.zeros(1), torch.zeros(1))
    assert [(event.value, event.total) for event in heard if isinstance(event, Progress)] == [(1, 2), (2, 2), (3, 3)]


def test_a_stop_request_is_heard_before_the_progress() -> None:
    heard: list[Event] = []
    run = Run.detached(context=RunContext(emit=heard.append, stop=lambda: True))
    with reporting(run, 2, THREE_CHANNELS) as on_step, pytest.raises(Interrupted):
        on_step(0, torch.zeros(1), torch.zeros(1))
    assert heard == []
