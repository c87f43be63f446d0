"""The numbers that determine a CLIP text model, and how to read them off its tensors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from transformers import CLIPTextConfig

from diffusion.clip.tokenizer import ClipTokenizer

HEAD_WIDTH = 64  # of every published CLIP text model

_LAYER = re.compile(r"encoder\.layers\.(\d+)\.")


class ClipError(ValueError):
    """A text model, or a request to one, that does not fit what CLIP is; the message says what would."""


@dataclass(frozen=True)
class ClipConfig:
    """Hyper-parameters of a CLIP text model (Radford et al. 2021; defaults are CLIP ViT-L/14, the one of SD 1).

    activation: name of the MLP's function: "quick_gelu" in OpenAI's models, "gelu" in OpenCLIP's.
    padding: the id that fills a window up; None is the end mark (CLIP-L), OpenCLIP takes 0.
    last_layer: the layer whose output a prompt becomes, counted from the end: -1 the last, -2 the one before.
    final_norm: whether that output goes through the final layer norm.
    """

    vocabulary: int = 49408
    width: int = 768
    layers: int = 12
    heads: int = 12
    mlp_width: int = 3072
    positions: int = 77
    activation: str = "quick_gelu"
    padding: int | None = None
    last_layer: int = -1
    final_norm: bool = True

    def __post_init__(self) -> None:
        if min(self.vocabulary, self.width, self.layers, self.heads, self.mlp_width) < 1:
            raise ClipError(f"every number of a CLIP text model is 1 or more, found {self}: the file is incomplete")
        if self.width % self.heads:
            raise ClipError(
                f"a CLIP text model of width {self.width} cannot have {self.heads} heads: the number of heads divides "
                f"the width; correct the checkpoint's metadata (nodeloom.clip.heads)"
            )
        if self.positions < 3:
            raise ClipError(
                f"a CLIP text model needs at least 3 positions (two marks and a token), found {self.positions}"
            )

    def for_transformers(self, tokenizer: ClipTokenizer) -> CLIPTextConfig:
        """The same numbers as transformers names them."""
        return CLIPTextConfig(
            vocab_size=self.vocabulary,
            hidden_size=self.width,
            intermediate_size=self.mlp_width,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            max_position_embeddings=self.positions,
            hidden_act=self.activation,
            bos_token_id=tokenizer.start,
            eos_token_id=tokenizer.end,
            pad_token_id=tokenizer.end if self.padding is None else self.padding,
        )


def config_from_shapes(
    shapes: Mapping[str, tuple[int, ...]], *, heads: int | None = None, activation: str = "quick_gelu"
) -> ClipConfig:
    """The configuration of a text model from the shapes of its tensors, named as transformers names them.

    Heads do not show in shapes: without `heads` they are 64 wide, as in every published model. Raises ClipError
    where a tensor that tells a number is missing.
    """
    width = embedding_width(shapes)
    return ClipConfig(
        vocabulary=_shape(shapes, "embeddings.token_embedding.weight")[0],
        width=width,
        layers=layer_count(shapes),
        heads=heads if heads is not None else max(1, width // HEAD_WIDTH),
        mlp_width=_shape(shapes, "encoder.layers.0.mlp.fc1.weight")[0],
        positions=_shape(shapes, "embeddings.position_embedding.weight")[0],
        activation=activation,
    )


def embedding_width(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Width of a token's vector."""
    return _shape(shapes, "embeddings.token_embedding.weight")[1]


def layer_count(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Number of transformer layers: how many different layer numbers there are."""
    return len({found[1] for name in shapes if (found := _LAYER.match(name))})


def _shape(shapes: Mapping[str, tuple[int, ...]], name: str) -> tuple[int, ...]:
    shape = shapes.get(name)
    if shape is None or len(shape) != 2 or 0 in shape:
        raise ClipError(f"a CLIP text model has a matrix {name}; found {'none' if shape is None else f'shape {shape}'}")
    return shape
