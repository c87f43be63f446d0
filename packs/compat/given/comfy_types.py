"""What packs import as `comfy.comfy_types`: names of types, and classes to annotate with."""

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import Any, TypedDict

from packs.compat.context import Context


class IO(StrEnum):
    """Types of inputs and outputs; ANY differs from nothing."""

    STRING = "STRING"
    IMAGE = "IMAGE"
    MASK = "MASK"
    LATENT = "LATENT"
    BOOLEAN = "BOOLEAN"
    INT = "INT"
    FLOAT = "FLOAT"
    COMBO = "COMBO"
    CONDITIONING = "CONDITIONING"
    SAMPLER = "SAMPLER"
    SIGMAS = "SIGMAS"
    GUIDER = "GUIDER"
    NOISE = "NOISE"
    CLIP = "CLIP"
    CONTROL_NET = "CONTROL_NET"
    VAE = "VAE"
    MODEL = "MODEL"
    LORA_MODEL = "LORA_MODEL"
    LOSS_MAP = "LOSS_MAP"
    CLIP_VISION = "CLIP_VISION"
    CLIP_VISION_OUTPUT = "CLIP_VISION_OUTPUT"
    STYLE_MODEL = "STYLE_MODEL"
    GLIGEN = "GLIGEN"
    UPSCALE_MODEL = "UPSCALE_MODEL"
    AUDIO = "AUDIO"
    VIDEO = "VIDEO"
    WEBCAM = "WEBCAM"
    POINT = "POINT"
    FACE_ANALYSIS = "FACE_ANALYSIS"
    BBOX = "BBOX"
    SEGS = "SEGS"
    ANY = "*"
    NUMBER = "FLOAT,INT"
    PRIMITIVE = "STRING,FLOAT,INT,BOOLEAN"

    def __ne__(self, value: object) -> bool:
        """Whether they share no type; types that are not texts differ."""
        if self.value == "*" or value == "*":
            return False
        if not isinstance(value, str):
            return True
        return not set(self.value.split(",")) & set(str.__str__(value).split(","))

    __hash__ = StrEnum.__hash__


class InputTypeDict(TypedDict, total=False):
    """What INPUT_TYPES returns."""

    required: dict[str, Any]
    optional: dict[str, Any]
    hidden: dict[str, Any]


class ComfyNodeABC(ABC):
    """A class to derive nodes from."""

    DESCRIPTION: str = ""
    CATEGORY: str = ""
    EXPERIMENTAL: bool = False
    DEPRECATED: bool = False

    @classmethod
    @abstractmethod
    def INPUT_TYPES(cls) -> InputTypeDict:
        """The inputs."""
        return {"required": {}}


class CheckLazyMixin:
    """Asks for every lazy input that is not there yet."""

    def check_lazy_status(self, **kwargs: Any) -> list[str]:
        """The names of those that are missing."""
        return [name for name, value in kwargs.items() if value is None]


class FileLocator(TypedDict):
    """A file as the editor finds it."""

    filename: str
    subfolder: str
    type: str


class Options(TypedDict, total=False):
    """Options of an input or a part of them; any names."""


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    options = ("HiddenInputTypeDict", "InputTypeOptions", "MultiSelectOptions", "RemoteInputOptions", "RemoteOptions")
    kinds: tuple[type, ...] = (CheckLazyMixin, ComfyNodeABC, FileLocator, IO, InputTypeDict)
    return {**{each.__name__: each for each in kinds}, **dict.fromkeys(options, Options), "InputTypes": IO}
