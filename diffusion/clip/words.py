"""From a prompt to words of tokens: weights, vocabulary ids, and the vectors of textual inversions.

`embedding:name` stands for the vectors a textual inversion learned (Gal et al. 2022, "An Image is Worth One Word").
Whoever knows where such files lie hands in the function that finds them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

from diffusion.clip.prompt import parse
from diffusion.clip.tokenizer import ClipTokenizer
from diffusion.clip.windows import Token, Window

EmbeddingLookup = Callable[[str], Tensor | None]
"""From the name of a textual inversion to its vectors, (n, d) or (d,); None where the name is unknown."""

EMBEDDING = "embedding:"
_PUNCTUATION = ",.;:!?"


def no_embeddings(name: str) -> None:
    """An `EmbeddingLookup` that knows none."""


@dataclass(frozen=True)
class Tokens:
    """A prompt as the text model reads it.

    warnings: what of the prompt could not be read, a sentence each (unknown embeddings, embeddings of another width).
    """

    windows: tuple[Window, ...]
    warnings: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[tuple[int, ...], ...]:
        """The vocabulary ids, a row for each window."""
        return tuple(window.ids for window in self.windows)

    @property
    def pieces(self) -> tuple[tuple[str, ...], ...]:
        """The symbols of the vocabulary, a row for each window."""
        return tuple(tuple(token.piece for token in window.tokens) for window in self.windows)

    @property
    def weights(self) -> tuple[tuple[float, ...], ...]:
        """How strongly each token counts, a row for each window."""
        return tuple(tuple(token.weight for token in window.tokens) for window in self.windows)


@dataclass(frozen=True)
class WordReader:
    """Splits prompts into words of tokens for a text model of one width."""

    tokenizer: ClipTokenizer
    width: int
    padding: int
    embeddings: EmbeddingLookup

    def read(self, prompt: str) -> tuple[tuple[tuple[Token, ...], ...], tuple[str, ...]]:
        """The words of a prompt in order, and warnings about what could not be read."""
        words: list[tuple[Token, ...]] = []
        warnings: list[str] = []
        for span in parse(prompt):
            for written in span.text.split():
                name, text = "", written
                if written.startswith(EMBEDDING):
                    name, vectors, text = self._find(written.removeprefix(EMBEDDING))
                    if vectors is None:
                        warnings.append(f"unknown embedding {name!r} in the prompt: it was left out")
                    elif vectors.ndim != 2 or vectors.shape[1] != self.width:
                        warnings.append(
                            f"embedding {name!r} has shape {tuple(vectors.shape)}, this text model takes vectors of "
                            f"width {self.width}: it was left out; use one made for the same model family"
                        )
                    else:
                        words.append(tuple(self._inserted(name, vectors, span.weight)))
                if text:
                    pieces = self.tokenizer.pieces(text)
                    words.append(tuple(Token(number, piece, span.weight) for number, piece in pieces))
        return tuple(words), tuple(dict.fromkeys(warnings))

    def _inserted(self, name: str, vectors: Tensor, weight: float) -> Iterator[Token]:
        for number, vector in enumerate(vectors):
            yield Token(self.padding, f"{EMBEDDING}{name}[{number}]", weight, vector)

    def _find(self, written: str) -> tuple[str, Tensor | None, str]:
        """(name, vectors, text behind the name): a name may end before a comma or before punctuation."""
        before_comma = re.split(r"[,\s]", written, maxsplit=1)[0]
        shortest = before_comma.rstrip(_PUNCTUATION)
        for name in dict.fromkeys((written, before_comma, shortest)):
            vectors = self.embeddings(name) if name else None
            if vectors is not None:
                return name, vectors[None] if vectors.ndim == 1 else vectors, written[len(name) :]
        return shortest, None, written[len(shortest) :]
