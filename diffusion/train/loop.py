"""The training loop that every trainer here shares: schedule, averaging, resumable state, a log of losses."""

import csv
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

OnStep = Callable[[int, int, Mapping[str, float]], None]
"""Called after every step with (steps done, steps wanted, losses); raising stops the training after a save."""


class Trainer(Protocol):
    """What a loop needs of a trainer."""

    @property
    def networks(self) -> nn.ModuleDict:
        """What is trained, by name."""
        ...

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """What changes the networks' weights."""
        ...

    def losses(self, step: int) -> dict[str, Tensor]:
        """Losses of a fresh batch; the entry `loss` is the one to minimise. Batches depend on `step` alone."""
        ...


@dataclass(frozen=True)
class LoopSettings:
    """How long and how fast to learn.

    steps: optimiser steps in all. learning_rate: its peak; a linear warm-up leads to it, half a cosine to zero.
    average: decay of the weights' exponential moving average, reached after a warm-up. clip: gradient norm bound.
    save_every: seconds between saves.
    """

    steps: int
    learning_rate: float
    warm_up: int = 100
    average: float = 0.999
    clip: float = 1.0
    save_every: float = 120.0


def train(trainer: Trainer, settings: LoopSettings, folder: Path, on_step: OnStep) -> None:
    """Train until `settings.steps`, going on from what `folder` holds of an earlier run.

    Writes `state.pt` (weights, optimiser, average: all it takes to resume) and `losses.csv` into `folder`.
    The state is saved also when the loop is interrupted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    average = WeightAverage(trainer.networks, settings.average)
    done = _load(folder / "state.pt", trainer, average)
    _cut_log(folder / "losses.csv", done)
    saved = time.monotonic()
    try:
        while done < settings.steps:
            losses = _step(trainer, settings, done)
            average.update(trainer.networks, done)
            done += 1
            numbers = {name: float(value.detach()) for name, value in losses.items()}
            _log(folder / "losses.csv", done, numbers)
            on_step(done, settings.steps, numbers)
            if time.monotonic() - saved > settings.save_every:
                _save(folder / "state.pt", trainer, average, done)
                saved = time.monotonic()
    finally:
        _save(folder / "state.pt", trainer, average, done)


def _step(trainer: Trainer, settings: LoopSettings, done: int) -> dict[str, Tensor]:
    for group in trainer.optimizer.param_groups:
        group["lr"] = settings.learning_rate * learning_rate_factor(done, settings.steps, settings.warm_up)
    losses = trainer.losses(done)
    if not torch.isfinite(losses["loss"]):
        raise ArithmeticError(f"the loss became {losses['loss'].item()} at step {done}: lower the learning rate")
    trainer.optimizer.zero_grad(set_to_none=True)
    losses["loss"].backward()
    nn.utils.clip_grad_norm_(trainer.networks.parameters(), settings.clip)
    trainer.optimizer.step()
    return losses


def learning_rate_factor(step: int, steps: int, warm_up: int) -> float:
    """Linear warm-up to 1, then half a cosine down to 0 at `steps`."""
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))


class WeightAverage:
    """Exponential moving average of weights (Polyak & Juditsky 1992), with a decay that grows to its final value."""

    def __init__(self, networks: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: value.detach().clone() for name, value in networks.state_dict().items()}

    @torch.no_grad()
    def update(self, networks: nn.Module, step: int) -> None:
        """Move the average towards the present weights."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in networks.state_dict().items():
            self.weights[name].lerp_(value, 1 - decay)


def averaged(folder: Path) -> dict[str, Tensor]:
    """The averaged weights that a training left in `folder`, by their names in the trainer's networks."""
    return torch.load(folder / "state.pt", weights_only=True)["average"]


def _save(path: Path, trainer: Trainer, average: WeightAverage, done: int) -> None:
    state = {
        "step": done,
        "networks": trainer.networks.state_dict(),
        "optimizer": trainer.optimizer.state_dict(),
        "average": average.weights,
    }
    temporary = path.with_suffix(".part")
    torch.save(state, temporary)
    temporary.replace(path)


def _load(path: Path, trainer: Trainer, average: WeightAverage) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    trainer.networks.load_state_dict(state["networks"])
    trainer.optimizer.load_state_dict(state["optimizer"])
    average.weights = state["average"]
    return state["step"]


def _log(path: Path, step: int, losses: Mapping[str, float]) -> None:
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(["step", *losses])
        writer.writerow([step, *(f"{value:.6g}" for value in losses.values())])


def _cut_log(path: Path, done: int) -> None:
    """Forget what was logged after the last save, so that a resumed run does not log steps twice."""
    if path.exists():
        head, *rows = path.read_text().splitlines(keepends=True)
        path.write_text(head + "".join(row for row in rows if int(row.split(",", 1)[0]) <= done))
