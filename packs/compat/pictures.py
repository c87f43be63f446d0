"""Pictures that packs of the newer convention show and save: the service behind their words."""

import importlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from graph.handle import Run
from nodes.image import SAVED_LEVEL
from nodes.pictures import listed, png_texts, to_bytes
from nodes.preview_pictures import picture_of
from packs.compat.progress import picture_of as told
from packs.compat.refusing import NotGiven
from storage import Folders, Kind
from storage.pictures import png_bytes
from storage.saving import SaveTarget, TokenValues, save_target


class PackPictures:
    """Draws previews and writes pictures for `packs.convention.words`."""

    def preview(self, image: object, largest: int | None) -> object:
        """A picture (PIL, or a tensor (b, h, w, c) or (h, w, c)) as a run tells it. largest: pixels of a side."""
        picture = image
        if isinstance(picture, tuple | list):
            picture = picture[1]
        if isinstance(picture, Tensor):
            picture = picture_of(picture if picture.ndim == 4 else picture.unsqueeze(0))
        size = picture.size if isinstance(picture, Image.Image) else (1, 1)
        return told(("JPEG", picture, largest or max(size)))

    def save(
        self, images: Any, prefix: str, folder: str, run: Run, options: Mapping[str, Any]
    ) -> Sequence[Mapping[str, str]]:
        """Write pictures (b, h, w, c) as PNG, or with a `format` among the options as one moving picture."""
        batch: Tensor = images if images.ndim == 4 else images.unsqueeze(0)
        height, width, channels = batch.shape[1:]
        values = TokenValues(datetime.now(), width, height, run.workflow)
        kind: Kind = folder  # type: ignore[assignment]  # save_target judges it
        target = save_target(run.service(Folders), kind, prefix, values)
        texts = png_texts(run) if options.get("metadata", True) else {}
        if "format" in options:
            return [listed(_moving(batch, target, options))]
        level = int(options.get("compress_level", SAVED_LEVEL))
        return [
            listed(target.write(png_bytes(width, height, channels, to_bytes(one), texts, level), ".png"))
            for one in batch
        ]

    def save_sound(
        self, audio: object, prefix: str, folder: str, run: Run, options: Mapping[str, object]
    ) -> Sequence[Mapping[str, str]]:
        """Raises NotGiven."""
        raise NotGiven("Sounds are not written here yet; write the file below folder_paths.get_output_directory().")


def _moving(batch: Tensor, target: SaveTarget, options: Mapping[str, Any]) -> Any:
    frames = [Image.fromarray((one[..., :3].clamp(0, 1) * 255).to(torch.uint8).cpu().numpy()) for one in batch]
    out = io.BytesIO()
    milliseconds = round(1000 / float(options.get("fps", 6.0)))
    how = {name: options[name] for name in ("lossless", "quality", "method", "compress_level") if name in options}
    kind = str(options["format"])
    frames[0].save(out, kind.upper(), save_all=True, append_images=frames[1:], duration=milliseconds, **how)
    return target.write(out.getvalue(), f".{kind}")


def picture_services() -> Mapping[type, object]:
    """The service by the type that the words of packs ask for."""
    words: Any = importlib.import_module("packs.convention.words.pictures")
    words.Pictures.register(PackPictures)
    return {words.Pictures: PackPictures()}
