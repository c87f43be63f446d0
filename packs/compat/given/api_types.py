"""What packs import as `comfy_api.util`: words about moving pictures."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from torch import Tensor

from packs.compat.context import Context


class VideoCodec(StrEnum):
    """How moving pictures are packed."""

    AUTO = "auto"
    H264 = "h264"

    @classmethod
    def as_input(cls) -> list[str]:
        """The names to choose from."""
        return [each.value for each in cls]


class VideoContainer(StrEnum):
    """The file that moving pictures lie in."""

    AUTO = "auto"
    MP4 = "mp4"

    @classmethod
    def as_input(cls) -> list[str]:
        """The names to choose from."""
        return [each.value for each in cls]

    @classmethod
    def get_extension(cls, value: str) -> str:
        """The ending of such a file."""
        return "mp4" if value in (cls.AUTO, cls.MP4) else ""


@dataclass
class VideoComponents:
    """Pictures (b, h, w, c) one after the other, so many a second, and their sound."""

    images: Tensor
    frame_rate: Fraction
    audio: Any = None
    metadata: Any = None


def names(context: Context) -> dict[str, Any]:
    """The contents of the module."""
    return {each.__name__: each for each in (VideoCodec, VideoComponents, VideoContainer)}
