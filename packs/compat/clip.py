"""A CLIP as packs know it: our text encoder, asked in two steps, tokens and then their encoding."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import torch
from torch import Tensor

from diffusion.clip import TextEncoder, Token, Tokens, Window
from packs.compat.conditions import Entry
from packs.compat.refusing import NotGiven, Refused

NAME: Final = "l"
"""What packs call the tokens of the first text model."""

LORA: Final = "There is no LoRA here yet; load a checkpoint into which it was merged."
INSIDE: Final = "The text model comes from transformers; use tokenize and encode_from_tokens of the CLIP."

Pair = tuple[Any, ...]
"""A token of a pack: its id or its vector, its weight, and perhaps the number of its word."""


class ClipTokens:
    """The tokenizer of a CLIP as packs know it."""

    def __init__(self, clip: "Clip") -> None:
        self._clip = clip

    def tokenize_with_weights(self, text: str, return_word_ids: bool = False, **named: object) -> dict[str, Any]:
        """The tokens of a prompt."""
        return self._clip.tokenize(text, return_word_ids)

    def untokenize(self, pairs: Iterable[Pair]) -> list[tuple[Pair, str]]:
        """Each token with its symbol."""
        tokenizer = self._clip.encoder.tokenizer
        return [(pair, tokenizer.piece(int(pair[0]))) for pair in pairs if not isinstance(pair[0], Tensor)]


class Clip:
    """A text encoder with the choice of its last layer."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder = encoder
        self.cond_stage_model = Refused(INSIDE)
        self.patcher = Refused(LORA)

    @property
    def layer_idx(self) -> int:
        """The layer whose output is taken."""
        return self.encoder.last_layer

    @property
    def tokenizer(self) -> ClipTokens:
        """The tokenizer."""
        return ClipTokens(self)

    def clone(self, *given: object, **named: object) -> "Clip":
        """A copy with a choice of its own, of the same weights."""
        return Clip(self.encoder)

    def clip_layer(self, layer_idx: int) -> None:
        """Take the output of another layer: -1 the last, -2 the one before. Raises ClipError."""
        self.encoder = self.encoder.with_last_layer(layer_idx)

    def tokenize(self, text: str, return_word_ids: bool = False, **named: object) -> dict[str, Any]:
        """A prompt as windows of (id, weight); the vector of a textual inversion stands in the place of an id."""
        windows = self.encoder.tokens(text).windows
        return {NAME: [[_pair(token, number, return_word_ids) for number, token in enumerate(each.tokens)]
                       for each in windows]}  # fmt: skip

    def encode_from_tokens(
        self, tokens: Mapping[str, Any], return_pooled: Any = False, return_dict: bool = False
    ) -> Any:
        """Tokens encoded: (1, 77 n, d), with pooled (1, d) beside it where that is asked, or both as a dictionary."""
        condition = self.encoder.encode(self._tokens(tokens))
        if return_dict:
            return {"cond": condition.embedding, "pooled_output": condition.pooled}
        return (condition.embedding, condition.pooled) if return_pooled else condition.embedding

    def encode_from_tokens_scheduled(
        self,
        tokens: Mapping[str, Any],
        unprojected: bool = False,
        add_dict: Mapping[str, Any] | None = None,
        show_pbar: bool = True,
    ) -> list[Entry]:
        """Tokens as a CONDITIONING."""
        condition = self.encoder.encode(self._tokens(tokens))
        return [[condition.embedding, {"pooled_output": condition.pooled, **(add_dict or {})}]]

    def encode(self, text: str) -> Tensor:
        """A prompt encoded."""
        return self.encode_from_tokens(self.tokenize(text))

    def load_model(self, *given: object) -> "Clip":
        """Nothing has to be loaded."""
        return self

    def get_sd(self) -> dict[str, Tensor]:
        """The weights by their names."""
        return dict(self.encoder.network.state_dict())

    def add_patches(self, *given: object, **named: object) -> None:
        """Raises NotGiven."""
        raise NotGiven(f"CLIP.add_patches is not given to packs here. {LORA}")

    def __getattr__(self, name: str) -> Any:
        """Say what is not there."""
        raise AttributeError(f"a CLIP has no {name} here. docs/plugins.md lists what it has.")

    def _tokens(self, tokens: Mapping[str, Any]) -> Tokens:
        windows = tokens.get(NAME)
        if windows is None:
            windows = next(iter(tokens.values()), None)
        if not isinstance(windows, Sequence) or not windows:
            raise ValueError("tokens are what clip.tokenize(text) gives: {'l': [[(id, weight), ...], ...]}")
        return Tokens(tuple(self._window(cast(Sequence[Pair], each)) for each in windows))

    def _window(self, pairs: Sequence[Pair]) -> Window:
        tokenizer = self.encoder.tokenizer
        padding = self.encoder.config.padding
        filler = tokenizer.end if padding is None else padding
        read: list[Token] = []
        for pair in pairs:
            what, weight = pair[0], float(pair[1]) if len(pair) > 1 else 1.0
            vector = torch.as_tensor(what) if isinstance(what, Tensor) and what.ndim else None
            number = filler if vector is not None else int(what)
            read.append(Token(number, tokenizer.piece(number), weight, vector))
        if len(read) != self.encoder.config.positions:
            raise ValueError(f"a window has {self.encoder.config.positions} tokens, found {len(read)}")
        places = (at for at, each in enumerate(read) if at and each.id == tokenizer.end and each.vector is None)
        return Window(tuple(read), end=next(places, len(read) - 1))


def _pair(token: Token, number: int, with_word: bool) -> Pair:
    pair = (token.id if token.vector is None else token.vector, token.weight)
    return (*pair, number) if with_word else pair
