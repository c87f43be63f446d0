"""The tokenizer of CLIP: text to ids of its byte-pair vocabulary and back.

The vocabulary (49408 ids) is built from the published merge table the first time a tokenizer is asked for: 256 byte
symbols, the same 256 ending a word, one symbol for each of 48894 merges, and the two marks that open and close a text.
Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", section 2.4.
"""

import functools
import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

START = "<|startoftext|>"
END = "<|endoftext|>"
END_OF_WORD = "</w>"
MERGES = 48894

# What CLIP calls a word: the two marks, English endings, runs of letters, single digits, runs of anything else.
WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def byte_symbols() -> tuple[str, ...]:
    """The 256 printable characters that stand for bytes, in the order of the vocabulary.

    Printable bytes stand for themselves and come first; the other bytes follow as the characters from U+0100 on.
    """
    printable = (*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1))
    others = 256 - len(printable)
    return (*map(chr, printable), *(chr(256 + i) for i in range(others)))


def read_merges() -> tuple[tuple[str, str], ...]:
    """The 48894 merges of the shipped table, the most frequent first."""
    table = resources.files("diffusion.clip").joinpath("vocabulary", "bpe_simple_vocab_16e6.txt.gz")
    lines = gzip.decompress(table.read_bytes()).decode("utf-8").split("\n", MERGES + 1)
    pairs = (line.split() for line in lines[1 : MERGES + 1])  # the first line names the table
    return tuple((left, right) for left, right in pairs)


def vocabulary(merges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Symbol -> id, numbered in the order: bytes, bytes ending a word, merges, the two marks."""
    symbols = byte_symbols()
    endings = tuple(symbol + END_OF_WORD for symbol in symbols)
    merged = tuple(left + right for left, right in merges)
    return {symbol: number for number, symbol in enumerate((*symbols, *endings, *merged, START, END))}


@dataclass(frozen=True)
class ClipTokenizer:
    """The byte-pair encoder with the numbers a window needs."""

    backend: Tokenizer
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many ids there are."""
        return self.backend.get_vocab_size()

    def pieces(self, text: str) -> tuple[tuple[int, str], ...]:
        """The (id, symbol) pairs of a text, without the marks at its ends."""
        encoded = self.backend.encode(text)
        return tuple(zip(encoded.ids, encoded.tokens, strict=True))

    def piece(self, number: int) -> str:
        """The symbol of one id; an id the vocabulary does not have shows as its number."""
        return self.backend.id_to_token(number) or str(number)

    def text(self, ids: Sequence[int]) -> str:
        """The text some ids stand for, without marks; words are separated by one space."""
        decoded = self.backend.decode(list(ids), skip_special_tokens=True)
        return decoded.replace(END_OF_WORD, " ").strip()


def build_tokenizer(merges: Sequence[tuple[str, str]]) -> ClipTokenizer:
    """A tokenizer over the vocabulary that some merges make.

    Text is brought to Unicode NFC and to lower case, white space counts as one space.
    """
    symbols = vocabulary(merges)
    backend = Tokenizer(
        models.BPE(vocab=symbols, merges=list(merges), end_of_word_suffix=END_OF_WORD, unk_token=END, fuse_unk=False)
    )
    backend.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens([START, END])
    return ClipTokenizer(backend, start=symbols[START], end=symbols[END])


@functools.cache
def clip_tokenizer() -> ClipTokenizer:
    """The tokenizer of every published CLIP text model, built on first use (a tenth of a second) and kept."""
    return build_tokenizer(read_merges())
