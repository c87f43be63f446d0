"""What travels on a wire between nodes, and under which name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, ClassVar

from torch import Tensor

import diffusion.conditioning as conditioning
from diffusion.autoencoder import ImageCodec
from diffusion.clip import TextEncoder
from diffusion.model import DiffusionModel
from graph.marks import Wire

Image = Annotated[Tensor, Wire("IMAGE")]
"""(b, h, w, c) float32 on the CPU in 0..1; c is 3 (RGB) or 4 (with alpha)."""

Mask = Annotated[Tensor, Wire("MASK")]
"""(b, h, w) float32 on the CPU in 0..1; 1 is the region that is meant, or is to be changed."""

Conditioning = Annotated[conditioning.Conditioning, Wire("CONDITIONING")]
"""Encoded prompts, their tensors on the CPU, so that one from the disk and one just made go together."""

Model = Annotated[DiffusionModel, Wire("MODEL")]
Clip = Annotated[TextEncoder, Wire("CLIP")]
Vae = Annotated[ImageCodec, Wire("VAE")]


@dataclass(frozen=True, eq=False)
class Latent:
    """Encoded pictures.

    samples: (b, c, h, w) float32 on the CPU, in VAE scale (a model's own factor is not applied).
    noise_mask: (b or 1, 1, H, W) in 0..1, 1 is to be changed; of any size, often that of the picture.
    batch_index: which rows of a seed's noise the items stand for, where a batch was taken apart; None is 0, 1, 2 …
    extra: what other packs keep beside, untouched.
    """

    wire: ClassVar[str] = "LATENT"

    samples: Tensor
    noise_mask: Tensor | None = None
    batch_index: tuple[int, ...] | None = None
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
