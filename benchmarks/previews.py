"""What previews cost: sampling with each way of making them against sampling without, at the shipped model's own size.

All ways take turns in every round, so that whatever else the machine does meets each of them; the value is the median
of the rounds' ratios. Linear maps and costs are known before the first round, as from the second sampling on they are.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import torch

from diffusion.checkpoints import load_checkpoint
from diffusion.conditioning import Condition
from diffusion.model import DiffusionModel
from diffusion.preview import fit_linear
from diffusion.sampling import ksample
from graph.events import Event, Preview
from graph.handle import Run, RunContext
from nodes.conditioning import clip_text_encode
from nodes.previews import Method, Previews
from nodes.sampling import reporting
from storage import Folders

CHECKPOINT: Final = Path(__file__).resolve().parents[1] / "models" / "checkpoints" / "nodeloom-emoji.safetensors"
SIDE: Final = 128
STEPS: Final = 20
ROUNDS: Final = 24
METHODS: Final[tuple[Method, ...]] = ("none", "rgb", "auto", "vae")
TARGETS: Final[Mapping[str, float]] = MappingProxyType({"rgb": 1.02, "auto": 1.02})
NOTES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "vae": "asked for by name, the first stage shows three pictures even where the budget of 2 % allows none: of "
        "this model one costs as much as three steps"
    }
)


class Bench:
    """The shipped model with a prompt, and the previews of every method."""

    def __init__(self, folder: Path) -> None:
        parts = load_checkpoint(CHECKPOINT)
        assert parts.clip is not None, "the shipped model has a text encoder"
        assert parts.vae is not None, "the shipped model has a first stage"
        self.codec = parts.vae
        self.model: DiffusionModel = replace(parts.model, first_stage=parts.vae)
        self.positive: tuple[Condition, ...] = clip_text_encode("a red apple on a blue background", parts.clip)
        self.negative: tuple[Condition, ...] = clip_text_encode("", parts.clip)
        folders = Folders.under(folder)
        self.previews = {method: Previews(folders, method) for method in METHODS}

    def sampling(self, method: Method) -> tuple[float, int]:
        """Seconds of one sampling, and how many pictures it showed."""
        shown: list[Event] = []

        def hear(event: Event) -> None:
            if isinstance(event, Preview):
                shown.append(event)

        run = Run.detached(context=RunContext(services={Previews: self.previews[method]}, emit=hear))
        latents = torch.zeros(1, self.model.latent_channels, SIDE // self.codec.downscale, SIDE // self.codec.downscale)
        start = time.perf_counter()
        with reporting(run, STEPS, self.model) as on_step:
            ksample(
                self.model,
                self.positive,
                self.negative,
                latents,
                seed=1,
                steps=STEPS,
                cfg=4.0,
                sampler="euler",
                scheduler="normal",
                on_step=on_step,
            )
        return time.perf_counter() - start, len(shown)


def report(method: Method, rounds: Mapping[Method, list[tuple[float, int]]]) -> None:
    """The cost of one method as a JSON line."""
    pairs = zip(rounds[method], rounds["none"], strict=True)
    ratio = statistics.median(one[0] / other[0] for one, other in pairs)
    seconds = statistics.median(one[0] for one in rounds["none"])
    frames = statistics.median(one[1] for one in rounds[method])
    line: dict[str, object] = {
        "question": f"Sampling with previews by {method!r}, to sampling without",
        "value": round(ratio, 4),
        "unit": "×",
        "setting": f"{SIDE} px, {STEPS} steps of {seconds / STEPS * 1000:.0f} ms, {frames:g} pictures a sampling, "
        f"{torch.get_num_threads()} threads, median of {ROUNDS} rounds in turns",
    }
    if method in TARGETS:
        line |= {"target": f"at most {TARGETS[method]:g}", "met": ratio <= TARGETS[method]}
    if method in NOTES:
        line["note"] = NOTES[method]
    print(json.dumps(line, ensure_ascii=False), flush=True)


def main() -> None:
    """Measure the fit once and the samplings in turns."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        start = time.perf_counter()
        fit_linear(bench.codec)
        once = time.perf_counter() - start
        for method in METHODS:
            bench.sampling(method)
        rounds: dict[Method, list[tuple[float, int]]] = {method: [] for method in METHODS}
        for number in range(ROUNDS):
            # Each round begins with another method, so that none always follows the same one.
            for method in METHODS[number % len(METHODS) :] + METHODS[: number % len(METHODS)]:
                rounds[method].append(bench.sampling(method))
        for previews in bench.previews.values():
            previews.close()
    for method in METHODS[1:]:
        report(method, rounds)
    line = {
        "question": "Fitting the linear map of a first stage, once",
        "value": round(once, 3),
        "unit": "s",
        "setting": f"the shipped model's, {torch.get_num_threads()} threads",
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
