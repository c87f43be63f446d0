"""What packs import as `node_helpers`."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from PIL import ImageFile, UnidentifiedImageError
from torch import Tensor

from packs.compat.conditions import Entry
from packs.compat.context import Context


def conditioning_set_values(
    conditioning: Sequence[Any], values: Mapping[str, Any] | None = None, append: bool = False
) -> list[Entry]:
    """A CONDITIONING with options set in every entry; with `append` they are added to lists that are there."""
    found: list[Entry] = []
    for embedding, options in conditioning:
        told = dict(options)
        for name, value in (values or {}).items():
            before = told.get(name)
            told[name] = before + value if append and before is not None else value
        found.append([embedding, told])
    return found


def pillow(function: Callable[..., Any], argument: Any) -> Any:
    """Call a function of Pillow; a file that is cut short is read as far as it goes."""
    try:
        return function(argument)
    except (OSError, UnidentifiedImageError, ValueError):
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            return function(argument)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def image_alpha_fix(destination: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
    """Both pictures (b, h, w, c) with alpha or both without: the source follows the destination."""
    if destination.shape[-1] < source.shape[-1]:
        source = source[..., : destination.shape[-1]]
    elif destination.shape[-1] > source.shape[-1]:
        opaque = source.new_ones(*source.shape[:-1], destination.shape[-1] - source.shape[-1])
        source = torch.cat([source, opaque], dim=-1)
    return destination, source


def hasher() -> Callable[..., Any]:
    """The function that digests of files are made with."""
    return hashlib.sha256


def string_to_torch_dtype(string: str) -> Any:
    """A precision by its name: fp32, fp16, bf16; None for others."""
    return {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}.get(string)


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    functions = (conditioning_set_values, hasher, image_alpha_fix, pillow, string_to_torch_dtype)
    return {each.__name__: each for each in functions}
