"""Latents to a small picture by one linear map, fitted to the first stage at hand and kept by its digest.

Nothing is tabulated by hand: a few synthetic pictures go through the first stage and back, and least squares says which
colour a latent cell stands for. What comes out has one pixel a cell, and costs next to nothing.
"""

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from diffusion.autoencoder import ImageCodec

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

SEED: Final = 20_240_229
SIDE: Final = 64
PICTURES: Final = 3
"""Synthetic pictures of a fit and their side in pixels: 192 cells at f8, for the 5 unknowns of each colour.

Eight of 128 pixels paint no better (correlation 0.99 with the decoder's block means either way), and three cost a first
stage of Stable Diffusion's size 0.9 s on two cores of 2.5 GHz.
"""

ENDING: Final = ".json"
VERSION: Final = 1
LARGEST_FILE: Final = 2**16
"""Bytes of a kept fit, at most; anything larger is none."""


@dataclass(frozen=True, eq=False)
class LinearPreview:
    """The colour of a latent cell as a linear function of its numbers: weights (c, 3), bias (3,); colours in 0..1."""

    weights: Floats
    bias: Floats

    @property
    def channels(self) -> int:
        """Channels of the latents it paints."""
        return self.weights.shape[0]

    def paint(self, latents: Floats) -> Bytes:
        """The picture of a latent: (c, h, w) in VAE scale to (h, w, 3), one pixel a cell; what is no number is black.

        Plain numpy without matrix products, so that it starts no threads beside those of a sampling.
        """
        if latents.ndim != 3 or latents.shape[0] != self.channels:
            raise ValueError(
                f"this preview paints latents of {self.channels} channels (c h w), and got shape {latents.shape}: "
                f"fit one to the VAE of these latents"
            )
        colours = np.einsum("chw,ck->hwk", latents.astype(np.float32, copy=False), self.weights) + self.bias
        bounded = np.clip(np.nan_to_num(colours, nan=0.0), 0, 1)
        return (bounded * 255 + 0.5).astype(np.uint8)


def fit_linear(codec: ImageCodec) -> LinearPreview:
    """The linear map that best says what the codec makes of a latent cell, by least squares over synthetic pictures.

    Deterministic. Raises ValueError where the codec's latents are no numbers.
    """
    rows: list[NDArray[np.float64]] = []
    colours: list[NDArray[np.float64]] = []
    for picture in synthetic_pictures(_side_for(codec.downscale), PICTURES):
        latents = codec.encode(torch.from_numpy(picture)[None])  # (1, c, h/f, w/f)
        decoded = codec.decode(latents)[0, ..., :3].numpy()
        rows.append(latents[0].double().movedim(0, -1).reshape(-1, codec.latent_channels).numpy())
        colours.append(block_means(decoded, codec.downscale).reshape(-1, 3).astype(np.float64))
    cells = np.concatenate(rows)
    if not np.isfinite(cells).all():
        raise ValueError("expected a VAE whose latents are numbers, found some that are not: load it in float32")
    solution = np.linalg.lstsq(np.column_stack([cells, np.ones(len(cells))]), np.concatenate(colours), rcond=None)[0]
    return LinearPreview(solution[:-1].astype(np.float32), solution[-1].astype(np.float32))


def block_means(pixels: Floats, block: int) -> Floats:
    """The mean colour of each block: (h, w, 3) to (h / block, w / block, 3)."""
    height, width = (side // block for side in pixels.shape[:2])
    cut = pixels[: height * block, : width * block]
    return cut.reshape(height, block, width, block, -1).mean(axis=(1, 3))


def synthetic_pictures(side: int, count: int, seed: int = SEED) -> Iterator[Floats]:
    """Pictures (side, side, 3) in 0..1 of smooth gradients, soft blobs and straight edges, always the same ones."""
    random = np.random.Generator(np.random.PCG64(seed))
    y, x = np.meshgrid(*[np.linspace(0, 1, side, dtype=np.float32)] * 2, indexing="ij")
    for _ in range(count):
        corners = random.random((4, 3), dtype=np.float32)
        shares = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y], axis=-1)
        picture = shares @ corners  # (side, side, 3)
        for _ in range(3):
            (top, left), radius = random.random(2), random.uniform(0.08, 0.3)
            blob = np.exp(-((y - top) ** 2 + (x - left) ** 2) / (2 * radius**2))
            picture += blob[..., None] * (random.random(3) - picture)
        for _ in range(2):
            angle, place = random.uniform(0, 2 * math.pi), random.uniform(0.25, 0.45)
            behind = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle) > place
            picture = np.where(behind[..., None], random.random(3), picture)
        yield picture.astype(np.float32)


def codec_digest(codec: ImageCodec) -> str:
    """What tells decoders apart: a hexadecimal BLAKE2 digest over their tensors in the order of their names.

    The same file loaded in another precision has another digest, and is fitted for itself.
    """
    digest = hashlib.blake2b(digest_size=16)
    parts = {**codec.network.decoder.state_dict(), **codec.network.post_quant_conv.state_dict(prefix="post.")}
    for name in sorted(parts):
        tensor = parts[name].detach().cpu().contiguous()
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def load_fit(folder: Path, digest: str) -> LinearPreview | None:
    """The kept fit of this digest, or None where there is none or its file is damaged."""
    read = _read(folder / (digest + ENDING))
    return None if read is None else read[0]


def load_fit_of_scale(folder: Path, channels: int, latent_scale: float) -> LinearPreview | None:
    """The newest kept fit of a model with these latents: what a model without a first stage of its own can borrow."""
    found: list[tuple[float, LinearPreview]] = []
    with suppress(OSError):
        for path in folder.glob("*" + ENDING):
            read = _read(path)
            if read is not None and read[0].channels == channels and math.isclose(read[1], latent_scale):
                found.append((path.stat().st_mtime, read[0]))
    return max(found, key=lambda one: one[0])[1] if found else None


def save_fit(folder: Path, digest: str, fit: LinearPreview, latent_scale: float) -> None:
    """Keep a fit under its digest, beside the scale of the model it was made for. Raises OSError.

    The file appears whole or not at all, also where several processes write it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "version": VERSION,
        "latent_scale": latent_scale,
        "weights": fit.weights.tolist(),
        "bias": fit.bias.tolist(),
    }
    descriptor, passing = tempfile.mkstemp(dir=folder, prefix=".", suffix=".new")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        Path(passing).replace(folder / (digest + ENDING))
    finally:
        Path(passing).unlink(missing_ok=True)


def _read(path: Path) -> tuple[LinearPreview, float] | None:
    """A fit and the scale it was made for; None for a file that is missing, too large or says something else."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        weights = np.asarray(content["weights"], dtype=np.float32)
        bias = np.asarray(content["bias"], dtype=np.float32)
        version, scale = content["version"], float(content["latent_scale"])
    except (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError):
        return None
    sound = version == VERSION and weights.ndim == 2 and weights.shape[1] == 3 and bias.shape == (3,)
    if not sound or not (np.isfinite(weights).all() and np.isfinite(bias).all() and math.isfinite(scale)):
        return None
    return LinearPreview(weights, bias), scale


def _side_for(downscale: int) -> int:
    """A side that is a multiple of the downscale factor and has at least four cells."""
    return max(SIDE // downscale, 4) * downscale
