"""The tokenizer against transformers' own, built independently from vocabulary files."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import CLIPTokenizer

from diffusion.clip.tokenizer import clip_tokenizer, read_merges, vocabulary

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "diffusion" / "clip" / "vocabulary" / "bpe_simple_vocab_16e6.txt.gz"

PROMPTS = [
    "a photo of a cat",
    "A Photo  of\ta\nCAT!!!",
    "don't it's we'll they've I'd you're I'm she's",
    "1girl, 4k, 8K UHD, f/1.8, 1920x1080",
    "café naïve Ångström coöperate",
    "cafe\u0301 decomposed",
    "一只猫坐在窗台上, 油画",
    "кошка на окне",
    "قطة على النافذة",
    "😀😺🏳️‍🌈👩‍👩‍👧 emoji",
    "tab\tcontrol\x00\x01\x7f\u200b\ufeff end",
    "...---...!!!???",
    "<|startoftext|> a cat <|endoftext|> b",
    "a_b-c/d\\e",
    "𝕱𝖆𝖓𝖈𝖞 ﬁ ½ Ⅷ ①",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "'s 't ''s !'s '",
    "",
    "   ",
]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> CLIPTokenizer:
    """transformers' tokenizer read from a vocab.json and a merges.txt written straight from the published table."""
    folder = tmp_path_factory.mktemp("tokenizer")
    lines = gzip.decompress(TABLE.read_bytes()).decode("utf-8").split("\n")[1 : 49152 - 256 - 2 + 1]
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    names = letters + [letter + "</w>" for letter in letters] + [line.replace(" ", "") for line in lines]
    names += ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({name: i for i, name in enumerate(names)}), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "CLIPTokenizer"}', encoding="utf-8")
    return CLIPTokenizer.from_pretrained(folder)


def test_the_vocabulary_has_the_published_numbers() -> None:
    symbols = vocabulary(read_merges())
    assert len(symbols) == 49408
    assert symbols["<|startoftext|>"] == 49406
    assert symbols["<|endoftext|>"] == 49407
    assert symbols["!"] == 0
    assert symbols["!</w>"] == 256
    assert symbols["cat</w>"] == 2368


@pytest.mark.parametrize("prompt", PROMPTS)
def test_ids_equal_those_of_transformers(prompt: str, reference: CLIPTokenizer) -> None:
    expected = reference(prompt, add_special_tokens=False)["input_ids"]
    assert [number for number, _ in clip_tokenizer().pieces(prompt)] == expected


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_gives_the_ids_of_transformers(text: str, reference: CLIPTokenizer) -> None:
    expected = reference(text, add_special_tokens=False)["input_ids"]
    assert [number for number, _ in clip_tokenizer().pieces(text)] == expected


@settings(max_examples=200, deadline=None)
@given(words=st.lists(st.text(max_size=12), max_size=6))
def test_words_on_their_own_give_the_ids_of_the_whole(words: list[str]) -> None:
    tokenizer = clip_tokenizer()
    text = " ".join(" ".join(words).split())
    one_by_one = [piece for word in text.split() for piece in tokenizer.pieces(word)]
    assert one_by_one == list(tokenizer.pieces(text))


def test_plain_english_survives_the_way_there_and_back() -> None:
    tokenizer = clip_tokenizer()
    text = "a small cottage by the sea , watercolor , 1 9 2 0"
    assert tokenizer.text([number for number, _ in tokenizer.pieces(text)]) == text
    assert tokenizer.text([tokenizer.start, 2368, tokenizer.end, tokenizer.end]) == "cat"


def test_importing_the_tokenizer_reads_no_vocabulary() -> None:
    program = "import runpy, sys; print(runpy.run_path(sys.argv[1])['clip_tokenizer'].cache_info().currsize)"
    module = str(ROOT / "diffusion" / "clip" / "tokenizer.py")
    answer = subprocess.run([sys.executable, "-c", program, module], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "0"


def test_a_word_of_a_hundred_thousand_signs_is_read() -> None:
    assert len(clip_tokenizer().pieces("(" * 100_000)) > 1000
