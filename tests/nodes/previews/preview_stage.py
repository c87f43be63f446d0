"""A stage for tests of previews: a first stage that is faithful and cheap, a clock moved by hand, a screen."""

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from diffusion.autoencoder import ImageCodec
from diffusion.model import DiffusionModel
from diffusion.prediction import epsilon
from diffusion.preview import LinearPreview
from diffusion.schedules import NoiseTable
from diffusion.tiny_decoder import WIDTH, TinyDecoder
from diffusion.vae import AutoencoderKL, Gaussian, VAEConfig
from graph.events import Event, Preview
from graph.handle import Run, RunContext
from nodes.previews import Offer, Painter, PreviewPicture, Previews
from storage import Folders

SCALE = 0.18215
CELLS = 6
PATIENCE = 60
"""Seconds after which a test that waits gives up; nothing takes nearly as long."""


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class AtOnce(Previews):
    """Previews that are drawn in the sampling's own thread, so that their order is certain."""

    def offer(self, offer: Offer) -> None:
        offer.painter.draw(offer.step, offer.x0)


class Screen:
    """Hears a run and keeps its previews."""

    def __init__(self) -> None:
        self.pictures: list[PreviewPicture] = []
        self.changed = threading.Condition()

    def hear(self, event: Event) -> None:
        if isinstance(event, Preview):
            assert isinstance(event.image, PreviewPicture)
            with self.changed:
                self.pictures.append(event.image)
                self.changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.pictures) >= count, PATIENCE), "no picture came"

    def sizes(self) -> list[tuple[int, int]]:
        return [opened(picture).size for picture in self.pictures]

    def run(self, previews: Previews | None = None) -> Run:
        services: dict[type, object] = {} if previews is None else {Previews: previews}
        return Run.detached(context=RunContext(services=services, emit=self.hear))


def opened(picture: PreviewPicture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.data))
    assert image.get_format_mimetype() == picture.media_type
    return image


class FirstStage(torch.nn.Module):
    """A faithful first stage at f8: latents are the mean colours of blocks, and their mean. `before` it decodes, it may
    do something else."""

    def __init__(self, before: Callable[[], object]) -> None:
        super().__init__()
        self.config = VAEConfig(channels=(1,) * 4)
        self.decoder, self.post_quant_conv = torch.nn.Conv2d(4, 3, 1, bias=False), torch.nn.Identity()
        self.requires_grad_(False)
        self.decoder.weight.copy_(torch.eye(3, 4)[..., None, None])
        self._before = before

    def encode(self, pixels: Tensor) -> Gaussian:
        means = torch.nn.functional.avg_pool2d(pixels, 8)
        latents = torch.cat([means, means.mean(dim=1, keepdim=True)], dim=1) / SCALE
        return Gaussian(latents, torch.zeros_like(latents))

    def decode(self, latents: Tensor) -> Tensor:
        self._before()
        return torch.nn.functional.interpolate(self.decoder(latents * SCALE), scale_factor=8.0)


def codec_that(before: Callable[[], object]) -> ImageCodec:
    """That first stage, with what happens before it decodes."""
    return ImageCodec(cast(AutoencoderKL, FirstStage(before)))


def model_with(codec: ImageCodec) -> DiffusionModel:
    """A model of such latents; it is never asked for anything."""
    table = NoiseTable.stable_diffusion()
    return DiffusionModel(torch.nn.Identity(), table, epsilon, SCALE, codec.latent_channels, first_stage=codec)


def some_x0(seed: int = 0, side: int = CELLS) -> Tensor:
    return torch.randn(2, 4, side, side, generator=torch.Generator().manual_seed(seed))


def sampled(painter: Painter, clock: Clock, steps: int, seconds: float, x0: Tensor | None = None) -> None:
    """Steps of a sampling that take so long each."""
    for step in range(steps):
        clock.now += seconds
        painter.show(step, some_x0(step) if x0 is None else x0)


def put_decoder(folders: Folders, fit: LinearPreview, name: str = "taesd_decoder.safetensors") -> Path:
    """A small decoder that paints what a linear preview does: its blocks add nothing, its convolutions pass on."""
    channels = fit.channels
    tensors = {key: torch.zeros_like(tensor) for key, tensor in TinyDecoder(channels).state_dict().items()}
    for channel in range(channels):
        tensors["1.weight"][channel, channel, 1, 1] = 1
        tensors["1.weight"][channels + channel, channel, 1, 1] = -1
    for number in (7, 12, 17):
        tensors[f"{number}.weight"][range(WIDTH), range(WIDTH), 1, 1] = 1
    weights = torch.from_numpy(fit.weights).T / SCALE
    tensors["19.weight"][:, :channels, 1, 1] = weights
    tensors["19.weight"][:, channels : 2 * channels, 1, 1] = -weights
    tensors["19.bias"][:] = torch.from_numpy(fit.bias)
    path = folders.models / "vae_approx" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path)
    return path
