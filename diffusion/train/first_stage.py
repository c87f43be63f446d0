"""Training of the first stage: an autoencoder that turns pictures into small latents and back."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from diffusion.train.identity_start import start_as_blur
from diffusion.vae import AutoencoderKL, VAEConfig

PictureSource = Callable[[random.Random], Image.Image]
"""Draws one random RGB training picture."""


@dataclass(frozen=True)
class FirstStageSettings:
    """What a batch looks like and how the losses weigh.

    crop: pixels along one side of the random crops that make a batch; smaller is faster and enough for colours and
    edges. edges: weight of the loss on differences of neighbouring pixels. divergence: weight of the pull towards
    standard normal latents, in loss per nat and latent number.
    """

    batch: int = 16
    crop: int = 64
    edges: float = 0.5
    divergence: float = 2e-4


class FirstStageTrainer:
    """L1 loss on pixels and on edges, with a light pull of the latents towards a standard normal (Rombach 2022)."""

    def __init__(self, config: VAEConfig, settings: FirstStageSettings, pictures: PictureSource) -> None:
        torch.manual_seed(0)
        self.network = AutoencoderKL(config).to(memory_format=torch.channels_last)  # pyright: ignore
        start_as_blur(self.network, random_crops(pictures, settings.batch, settings.crop, random.Random(0)))
        self.networks = nn.ModuleDict({"vae": self.network})
        self.optimizer = torch.optim.AdamW(self.networks.parameters(), weight_decay=0.0, betas=(0.9, 0.99), fused=True)
        self.settings = settings
        self.pictures = pictures

    def losses(self, step: int) -> dict[str, Tensor]:
        """Losses of the batch of this step."""
        settings = self.settings
        crops = random_crops(self.pictures, settings.batch, settings.crop, random.Random(f"first stage {step}"))
        pixels = crops.to(memory_format=torch.channels_last)
        noise_source = torch.Generator().manual_seed(step)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            latents = self.network.encode(pixels)
            noise = torch.randn(latents.mean.shape, generator=noise_source)
            decoded = self.network.decode(latents.sample(noise))
        decoded = decoded.float()
        colour = (decoded - pixels).abs().mean()
        edges = edge_difference(decoded, pixels)
        divergence = type(latents)(latents.mean.float(), latents.logvar.float()).divergence()
        loss = colour + settings.edges * edges + settings.divergence * divergence
        return {"loss": loss, "colour": colour, "edges": edges, "divergence": divergence}


def edge_difference(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of the gradients of two batches of pictures (b, c, h, w), along both axes."""
    across = (a[..., 1:] - a[..., :-1]) - (b[..., 1:] - b[..., :-1])
    down = (a[..., 1:, :] - a[..., :-1, :]) - (b[..., 1:, :] - b[..., :-1, :])
    return across.abs().mean() + down.abs().mean()


def random_crops(pictures: PictureSource, count: int, side: int, random_numbers: random.Random) -> Tensor:
    """(count, 3, side, side) in -1..1, cut from fresh random pictures at random places; some are mirrored."""
    crops = []
    for _ in range(count):
        picture = pictures(random_numbers)
        left = random_numbers.randint(0, picture.width - side)
        top = random_numbers.randint(0, picture.height - side)
        crop = picture.crop((left, top, left + side, top + side))
        if random_numbers.random() < 0.5:
            crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        crops.append(to_tensor(crop))
    return torch.stack(crops)


def to_tensor(picture: Image.Image) -> Tensor:
    """RGB picture to (3, h, w) float32 in -1..1."""
    pixels = torch.from_numpy(np.array(picture, dtype=np.float32))
    return (pixels / 127.5 - 1).movedim(-1, 0)


def reconstruct(network: AutoencoderKL, pixels: Tensor) -> Tensor:
    """Through the latents and back: (b, 3, h, w) in -1..1 to the same, clamped."""
    with torch.no_grad():
        return F.hardtanh(network.decode(network.encode(pixels).mean))
