"""Values between our wires and the forms in which packs know them; nothing is copied, and what comes back is equal."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import torch
from torch import Tensor

from diffusion.autoencoder import ImageCodec
from diffusion.clip import TextEncoder
from diffusion.conditioning import Condition
from diffusion.model import DiffusionModel
from graph.interface import ANY
from nodes.sockets import Latent
from packs.compat.clip import Clip
from packs.compat.conditions import conditions_of, entries_of, is_conditioning, is_latent, latent_dict, latent_of
from packs.compat.model_patcher import ModelPatcher
from packs.compat.vae import Vae

OUTWARD: Final[Mapping[type, Callable[[Any], object]]] = MappingProxyType(
    {DiffusionModel: ModelPatcher, TextEncoder: Clip, ImageCodec: Vae, Latent: latent_dict}
)
PICTURES: Final = frozenset({"IMAGE", "MASK"})


class CompatWires:
    """Implements `packs.convention.wires.Wires`."""

    def outward(self, value: object) -> object:
        """A value as a pack expects it; lists item by item, tensors and what packs made as they are."""
        change = OUTWARD.get(type(value))
        if change is not None:
            return change(value)
        if type(value) is tuple and value and all(isinstance(each, Condition) for each in value):
            return entries_of(cast(tuple[Condition, ...], value))
        if type(value) is list and any(_is_ours(each) for each in cast(list[object], value)):
            return [self.outward(each) for each in cast(list[object], value)]
        return value

    def inward(self, value: object, type: str) -> object:
        """What a pack returned, as it travels on a wire of this type. Raises ValueError, NotGiven."""
        if isinstance(value, ModelPatcher):
            return value.diffusion_model()
        if isinstance(value, Clip):
            return value.encoder
        if isinstance(value, Vae):
            return value.codec
        if isinstance(value, Tensor):
            return _picture(value, type) if type in PICTURES else value
        if value is None:
            return None
        if type == "LATENT":
            return latent_of(cast(Mapping[str, Any], value)) if isinstance(value, Mapping) else value
        if type == "CONDITIONING":
            return conditions_of(value) if isinstance(value, list) else value
        if type == ANY or "," in type:
            return self._by_value(value)
        return value

    def _by_value(self, value: object) -> object:
        """What a wire that takes anything carries: what looks like one of our values becomes one."""
        if is_latent(value):
            return latent_of(cast(Mapping[str, Any], value))
        if is_conditioning(value):
            return conditions_of(cast(list[object], value))
        if isinstance(value, list) and any(_is_theirs(each) for each in cast(list[object], value)):
            return [self.inward(each, ANY) for each in cast(list[object], value)]
        return value


def _is_ours(value: object) -> bool:
    if type(value) in OUTWARD:
        return True
    return type(value) is tuple and bool(value) and all(isinstance(each, Condition) for each in value)


def _is_theirs(value: object) -> bool:
    return isinstance(value, ModelPatcher | Clip | Vae) or is_latent(value) or is_conditioning(value)


def _picture(value: Tensor, type: str) -> Tensor:
    """Pictures and masks as our nodes take them: float32 on the CPU, a single mask as a batch of one."""
    planes = value.detach().to("cpu", torch.float32)
    return planes.unsqueeze(0) if type == "MASK" and planes.ndim == 2 else planes
