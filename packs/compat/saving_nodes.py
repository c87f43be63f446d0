"""SaveImage and PreviewImage as classes that packs derive from: folder, kind and compression are theirs to set."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from torch import Tensor

from nodes.image import PREVIEW_LEVEL, PREVIEW_PREFIX, SAVED_LEVEL
from nodes.pictures import listed, png_texts, to_bytes
from packs.compat.context import Context
from storage import Kind
from storage.paths import parts_of, resolve
from storage.pictures import png_bytes
from storage.saving import SaveTarget, TokenValues, expanded

INPUTS: Mapping[str, Any] = {
    "required": {"images": ("IMAGE",), "filename_prefix": ("STRING", {"default": "Nodeloom"})},
    "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
}


class ImageSaver:
    """Writes pictures as PNG. output_dir, type: where to, and what the editor calls that folder."""

    context: Context
    RETURN_TYPES = ()
    FUNCTION = "save_images"
    OUTPUT_NODE = True
    CATEGORY = "image"
    DESCRIPTION = "Write pictures as PNG, with the workflow inside."

    def __init__(self) -> None:
        self.output_dir = str(self.context.folders.output)
        self.type = "output"
        self.prefix_append = ""
        self.compress_level = SAVED_LEVEL

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The inputs."""
        return {section: dict(inputs) for section, inputs in INPUTS.items()}

    def save_images(
        self,
        images: Tensor,
        filename_prefix: str = "Nodeloom",
        prompt: object = None,
        extra_pnginfo: Mapping[str, object] | None = None,
    ) -> dict[str, Any]:
        """Write every picture of a batch, and show them. Raises NameRefused for a prefix that leads out."""
        run = self.context.run()
        height, width = images.shape[1:3]
        values = TokenValues(datetime.now(), width, height, run.workflow)
        text = expanded(filename_prefix + self.prefix_append, values).replace("%batch_num%", "0")
        subfolder, _, stem = text.rpartition("/")
        parts_of(f"{text}_00001_.png")
        root = Path(self.output_dir)
        if subfolder:
            resolve(root, subfolder)
        target = SaveTarget(root, cast(Kind, self.type), subfolder, stem)
        texts = dict(png_texts(run)) if prompt is None else {"prompt": json.dumps(prompt)}
        texts |= {key: json.dumps(value) for key, value in (extra_pnginfo or {}).items()}
        saved = [
            target.write(png_bytes(width, height, one.shape[-1], to_bytes(one), texts, self.compress_level), ".png")
            for one in images
        ]
        return {"ui": {"images": [dict(listed(one)) for one in saved]}}


class ImagePreviewer(ImageSaver):
    """Shows pictures without keeping them."""

    DESCRIPTION = "Show pictures without keeping them."

    def __init__(self) -> None:
        super().__init__()
        self.output_dir = str(self.context.folders.temp)
        self.type = "temp"
        self.prefix_append = f"_{PREVIEW_PREFIX}"
        self.compress_level = PREVIEW_LEVEL

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The inputs."""
        return {"required": {"images": ("IMAGE",)}, "hidden": dict(INPUTS["hidden"])}


def saving_classes(context: Context) -> dict[str, type]:
    """Both classes by the ids of their nodes, for these folders."""
    saver = type("SaveImage", (ImageSaver,), {"context": context, "__module__": "nodes"})
    return {
        "SaveImage": saver,
        "PreviewImage": type("PreviewImage", (ImagePreviewer, saver), {"context": context, "__module__": "nodes"}),
    }
