"""The text encoder: prompts to the vectors that steer a diffusion model. This is what travels on a CLIP wire."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import CLIPTextModel

from diffusion.clip.config import ClipConfig, ClipError
from diffusion.clip.tokenizer import ClipTokenizer, clip_tokenizer
from diffusion.clip.windows import Marks, Token, Window, lay_out
from diffusion.clip.words import EmbeddingLookup, Tokens, WordReader, no_embeddings
from diffusion.conditioning import Condition
from diffusion.shapes import Embedding

WINDOWS_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """A CLIP text model with its tokenizer and the choices that belong to a model family.

    last_layer: the layer whose output is taken: -1 the last, -2 the one before ("CLIP skip").
    embeddings: finds textual inversions by name.
    """

    network: CLIPTextModel
    config: ClipConfig
    tokenizer: ClipTokenizer
    last_layer: int = -1
    embeddings: EmbeddingLookup = no_embeddings

    def __post_init__(self) -> None:
        _check_vocabulary(self.config, self.tokenizer)
        if not 1 <= -self.last_layer <= self.config.layers:
            raise ClipError(
                f"the last layer must be between -1 and -{self.config.layers} for this text model of "
                f"{self.config.layers} layers, found {self.last_layer}"
            )

    @property
    def device(self) -> torch.device:
        """Where the network works."""
        return self._table.weight.device

    @property
    def dtype(self) -> torch.dtype:
        """How precisely the network works."""
        return self._table.weight.dtype

    def with_last_layer(self, layer: int) -> "TextEncoder":
        """The same encoder stopping at another layer: -1 the last, -2 the one before, ..."""
        return dataclasses.replace(self, last_layer=layer)

    def with_embeddings(self, embeddings: EmbeddingLookup) -> "TextEncoder":
        """The same encoder finding its textual inversions through another function."""
        return dataclasses.replace(self, embeddings=embeddings)

    def tokens(self, prompt: str) -> Tokens:
        """The windows a prompt fills: ids, symbols and weights, and warnings about what could not be read."""
        reader = WordReader(self.tokenizer, self.config.width, self._marks.padding.id, self.embeddings)
        words, warnings = reader.read(prompt)
        return Tokens(lay_out(words, self._marks), warnings)

    @torch.no_grad()
    def encode(self, prompt: str | Tokens) -> Condition:
        """What a prompt says to a diffusion model.

        The windows (n of 77 tokens) follow each other along the sequence. A token of weight w moves away from the
        empty prompt at the same position: `z_empty + (z - z_empty) * w`. Gives embedding (1, 77 n, d), and pooled
        (1, d): the state over the first window's end mark after the last layer and the final norm. Both
        float32 on the CPU.
        """
        tokens = self.tokens(prompt) if isinstance(prompt, str) else prompt
        weights = torch.tensor(tokens.weights, dtype=torch.float32)[..., None]  # (n, 77, 1)
        empty = lay_out((), self._marks) if bool((weights != 1).any()) else ()
        states, pooled = self._run((*empty, *tokens.windows))
        if empty:
            plain = states[0]  # (77, d)
            moved = plain + (states[1:] - plain) * weights
            states = torch.where(weights == 1, states[1:], moved)  # (n, 77, d)
            pooled = pooled[1:]
        return Condition(embedding=states.flatten(0, 1)[None], pooled=pooled[:1])

    def _run(self, windows: Sequence[Window]) -> tuple[Tensor, Tensor]:
        """States (n, 77, d) of the chosen layer and pooled states (n, d) of some windows, float32 on the CPU."""
        starts = range(0, len(windows), WINDOWS_AT_ONCE)
        results = [self._forward(windows[start : start + WINDOWS_AT_ONCE]) for start in starts]
        states, pooled = zip(*results, strict=True)
        return torch.cat(states), torch.cat(pooled)

    def _forward(self, windows: Sequence[Window]) -> tuple[Tensor, Tensor]:
        body = text_body(self.network)
        x = body.embeddings(inputs_embeds=self._embed(windows), position_ids=self._positions)
        mask = causal_mask(self.config.positions, x)
        chosen = x
        for number, layer in enumerate(body.encoder.layers, start=-self.config.layers):
            x = layer(x, mask)
            if number == self.last_layer:
                chosen = x
        last = body.final_layer_norm(x)  # (n, 77, d)
        states = body.final_layer_norm(chosen) if self.config.final_norm else chosen
        ends = torch.tensor([window.end for window in windows], device=x.device)
        pooled = last[torch.arange(len(windows), device=x.device), ends]  # (n, d)
        return states.float().cpu(), pooled.float().cpu()

    def _embed(self, windows: Sequence[Window]) -> Embedding:
        """Token vectors (n, 77, d), before positions are added; textual inversions stand in their places."""
        ids = torch.tensor([window.ids for window in windows], device=self.device)
        vectors = self._table(ids)
        for row, place, vector in _inserted(windows):
            vectors[row, place] = vector.to(vectors)
        return vectors

    @property
    def _table(self) -> torch.nn.Embedding:
        return text_body(self.network).embeddings.token_embedding

    @property
    def _positions(self) -> Tensor:
        return torch.arange(self.config.positions, device=self.device)[None]

    @property
    def _marks(self) -> Marks:
        tokenizer, padding = self.tokenizer, self.config.padding
        ids = (tokenizer.start, tokenizer.end, tokenizer.end if padding is None else padding)
        start, end, filler = (Token(number, tokenizer.piece(number)) for number in ids)
        return Marks(start, end, filler, self.config.positions)


def text_encoder(config: ClipConfig, weights: Mapping[str, Tensor]) -> TextEncoder:
    """A text encoder around given tensors, named as transformers names those of its text model (without `text_model.`).

    The network is built without memory of its own and takes the tensors themselves, so those mapped from a file stay
    mapped. Raises ClipError where names or shapes do not fit.
    """
    tokenizer = clip_tokenizer()
    network = _on_meta(config, tokenizer)
    body = text_body(network)
    try:
        body.load_state_dict(dict(weights), strict=True, assign=True)
    except RuntimeError as error:
        raise ClipError(f"these tensors are no CLIP text model of {config}: {error}") from error
    places = torch.arange(config.positions, device=body.embeddings.token_embedding.weight.device)
    body.embeddings.register_buffer("position_ids", places[None], persistent=False)
    network.eval().requires_grad_(False)
    return TextEncoder(network, config, tokenizer, last_layer=config.last_layer)


def text_tensor_shapes(config: ClipConfig) -> dict[str, tuple[int, ...]]:
    """The names and shapes of a text model's tensors. Raises ClipError where the configuration makes none."""
    body = text_body(_on_meta(config, clip_tokenizer()))
    return {name: tuple(tensor.shape) for name, tensor in body.state_dict().items()}


def text_body(network: CLIPTextModel) -> CLIPTextModel:
    """The module that holds embeddings, layers and final norm; some versions of transformers wrap it once more."""
    return getattr(network, "text_model", network)


def causal_mask(length: int, like: Tensor) -> Tensor:
    """(1, 1, length, length): what keeps a token from seeing later ones, added to attention scores."""
    blocked = torch.full((length, length), float("-inf"), dtype=like.dtype, device=like.device)
    return blocked.triu(diagonal=1)[None, None]


def _check_vocabulary(config: ClipConfig, tokenizer: ClipTokenizer) -> None:
    if config.vocabulary < tokenizer.size:
        raise ClipError(
            f"the text model knows {config.vocabulary} tokens, the CLIP vocabulary has {tokenizer.size}: "
            f"this is no CLIP text model"
        )


def _on_meta(config: ClipConfig, tokenizer: ClipTokenizer) -> CLIPTextModel:
    _check_vocabulary(config, tokenizer)
    try:
        with torch.device("meta"):
            return CLIPTextModel(config.for_transformers(tokenizer))
    except (RuntimeError, ValueError, KeyError, ArithmeticError) as error:
        raise ClipError(f"no CLIP text model has the numbers {config}: {error}") from error


def _inserted(windows: Sequence[Window]) -> Iterator[tuple[int, int, Tensor]]:
    for row, window in enumerate(windows):
        for place, token in enumerate(window.tokens):
            if token.vector is not None:
                yield row, place, token.vector
