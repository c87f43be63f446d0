"""What packs import as `comfy_api.input`: names to annotate values with."""

from typing import Any, TypedDict

from torch import Tensor

from packs.compat.context import Context


class AudioInput(TypedDict):
    """A sound: waveform (b, c, t) and samples a second."""

    waveform: Tensor
    sample_rate: int


class VideoInput:
    """A moving picture; there are none on wires yet."""


def names(context: Context) -> dict[str, Any]:
    """The contents of the module."""
    return {
        "Audio": AudioInput,
        "AudioInput": AudioInput,
        "Image": Tensor,
        "ImageInput": Tensor,
        "Latent": dict,
        "LatentInput": dict,
        "Mask": Tensor,
        "MaskInput": Tensor,
        "Video": VideoInput,
        "VideoInput": VideoInput,
    }
