"""The ways of painting a latent, for a model: which there are, what they need, and what they were found to cost."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

import torch
from PIL import Image
from torch import nn

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints import CheckpointError
from diffusion.model import DiffusionModel
from diffusion.preview import LinearPreview, codec_digest, fit_linear, load_fit, load_fit_of_scale, save_fit
from diffusion.shapes import Latents
from diffusion.tiny_decoder import DOWNSCALE, TinyPreview, agrees, file_stem_for, load_tiny
from nodes.preview_pictures import cell_count, enlarged, picture_of, smaller
from storage import Folders

PROBE_CELLS: Final = 4
"""Side of the part of a latent on which a decoder is measured on the CPU."""

HOLD_UP: Final = 3.0
"""Seconds by which a second of drawing delays a sampling that works on all cores: its workers wait for the one that was
put aside, find their caches cold, and its own thread waits for the interpreter. Measured on two cores as 1.3 to 2.4."""

ROOM: Final = 4 * 2**30
"""Free bytes of a GPU without which a first stage is not tried there unasked: the sampling may need them."""

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Way:
    """A way of painting; `decode` takes latents (1, c, h, w) in network scale, float32 on the CPU.

    most_cells: along a side of what it decodes; larger latents are made smaller first. network: what computes, None for
    the linear map. device: where it does.
    """

    decode: Callable[[Latents], Image.Image]
    most_cells: int
    network: nn.Module | None = None
    device: torch.device = torch.device("cpu")

    def paint(self, latents: Latents) -> Image.Image:
        """The picture of latents (1, c, h, w), network scale, float32 on the CPU."""
        return self.decode(smaller(latents, self.most_cells))

    def cells(self, latents: Latents) -> int:
        """How many cells it decodes for latents of this size."""
        return cell_count(latents, self.most_cells)


class Ways:
    """Finds ways of painting, and remembers what was fitted, opened and measured. For one thread."""

    def __init__(self, folders: Folders, fits: Path, most_side: int) -> None:
        """folders: where small decoders lie (vae_approx). fits: where linear maps are kept. most_side: of pictures."""
        self._folders, self._fits_folder, self._most_side = folders, fits, most_side
        self._fits: dict[str, LinearPreview] = {}
        self._digests: WeakKeyDictionary[nn.Module, str] = WeakKeyDictionary()
        self._decoders: dict[tuple[Path, int, torch.device], TinyPreview | None] = {}
        self._agreements: dict[tuple[Path, int, str], bool] = {}
        self._costs: WeakKeyDictionary[nn.Module, float] = WeakKeyDictionary()  # seconds a latent cell

    def linear(self, model: DiffusionModel) -> Way | None:
        """By the linear map of the model's first stage, or one kept of a model with such latents."""
        fit, scale = self._fit(model), model.latent_scale
        if fit is None:
            return None
        side = self._most_side
        return Way(lambda latents: enlarged(Image.fromarray(fit.paint((latents[0] / scale).numpy())), side), side)

    def tiny(self, model: DiffusionModel) -> Way | None:
        """By a small decoder, if there is a file of it that goes with the model's latents."""
        tiny = self._tiny(model)
        if tiny is None:
            return None
        cells = max(1, self._most_side // DOWNSCALE)
        return Way(lambda latents: picture_of(tiny.decode(latents)), cells, tiny.network, tiny.device)

    def codec(self, model: DiffusionModel) -> Way | None:
        """By the model's first stage itself."""
        codec, scale = _codec_of(model), model.latent_scale
        if codec is None:
            return None
        cells = max(1, self._most_side // codec.downscale)
        return Way(lambda latents: picture_of(codec.decode(latents / scale)), cells, codec.network, codec.device)

    def spare_codec(self, model: DiffusionModel) -> Way | None:
        """As `codec`, unless memory is scarce where it works."""
        way = self.codec(model)
        scarce = way is not None and way.device.type == "cuda" and torch.cuda.mem_get_info(way.device)[0] < ROOM
        return None if scarce else way

    def known_cost(self, way: Way, latents: Latents) -> float | None:
        """Seconds that a picture of latents of this size takes; None where it was never measured."""
        each = None if way.network is None else self._costs.get(way.network)
        return None if each is None else each * way.cells(latents)

    def learn_cost(self, way: Way, latents: Latents, seconds: float) -> None:
        """Remember what a picture of latents of this size took."""
        if way.network is not None:
            self._costs[way.network] = seconds / way.cells(latents)

    def probe(self, way: Way, latents: Latents) -> float:
        """Measure a way of painting, on the CPU with a small part of the latents. Returns the seconds this took."""
        whole = meter(way.device)
        if way.device.type == "cpu":
            latents = latents[..., :PROBE_CELLS, :PROBE_CELLS]
        else:  # a small picture takes about as long as a large one; the first one also loads what computes it
            way.paint(latents)
        once = meter(way.device)
        way.paint(latents)
        self.learn_cost(way, latents, once())
        return whole()

    def _fit(self, model: DiffusionModel) -> LinearPreview | None:
        codec = _codec_of(model)
        if codec is None:
            return load_fit_of_scale(self._fits_folder, model.latent_channels, model.latent_scale)
        digest = self._digest(codec)
        fit = self._fits.get(digest) or load_fit(self._fits_folder, digest)
        if fit is None or fit.channels != codec.latent_channels:
            fit = fit_linear(codec)
            with suppress(OSError):  # a folder that cannot be written to only costs another fit
                save_fit(self._fits_folder, digest, fit, model.latent_scale)
        self._fits[digest] = fit
        return fit

    def _tiny(self, model: DiffusionModel) -> TinyPreview | None:
        path = self._tiny_path(model.latent_scale)
        if path is None:
            return None
        changed = path.stat().st_mtime_ns
        key = (path, changed, model.device)
        if key not in self._decoders:
            self._decoders[key] = _opened(path, model.device)
        tiny, codec = self._decoders[key], _codec_of(model)
        if tiny is None or tiny.latent_channels != model.latent_channels:
            return None
        if codec is None:
            return tiny
        pair = (path, changed, self._digest(codec))
        if pair not in self._agreements:
            self._agreements[pair] = agrees(tiny, codec, model.latent_scale)
            if not self._agreements[pair]:
                _LOG.info("%s was made for other latents than this model's: previews do without it", path.name)
        return tiny if self._agreements[pair] else None

    def _tiny_path(self, latent_scale: float) -> Path | None:
        stem = file_stem_for(latent_scale)
        if stem is None:
            return None
        paths = [Path(name) for name in self._folders.model_names("vae_approx")]
        found = [path for path in paths if path.name.startswith(stem) and path.suffix]
        found.sort(key=lambda path: (path.suffix != ".safetensors", path))
        return self._folders.model_path("vae_approx", found[0].as_posix()) if found else None

    def _digest(self, codec: ImageCodec) -> str:
        digest = self._digests.get(codec.network)
        if digest is None:
            digest = self._digests[codec.network] = codec_digest(codec)
        return digest


def meter(device: torch.device) -> Callable[[], float]:
    """Tells the seconds since now by which drawing holds a sampling up.

    On the CPU those of this thread alone, times `HOLD_UP`; elsewhere by the clock, which is rather
    too much than too little, since the sampling works there too.
    """
    if device.type == "cpu":
        started = time.thread_time()
        return lambda: (time.thread_time() - started) * HOLD_UP
    begun = time.perf_counter()
    return lambda: time.perf_counter() - begun


def _codec_of(model: DiffusionModel) -> ImageCodec | None:
    """The first stage of a model, if it is one for the model's latents."""
    codec = model.first_stage
    return codec if codec is not None and codec.latent_channels == model.latent_channels else None


def _opened(path: Path, device: torch.device) -> TinyPreview | None:
    try:
        return load_tiny(path, device=device)
    except CheckpointError as error:
        _LOG.warning("previews do without the small decoder: %s", error)
        return None
