"""The editor counts tokens by itself; the golden file it is held to says what this tokenizer says."""

import json

from tests.diffusion.prompt_counts import GOLDEN, corpus, golden

REMEDY = "write it anew with: python -m tests.diffusion.prompt_counts"


def test_the_golden_file_of_the_editor_is_what_the_tokenizer_says() -> None:
    assert GOLDEN.read_text(encoding="utf-8") == golden(), REMEDY


def test_the_golden_file_covers_what_prompts_are_made_of() -> None:
    cases = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
    assert [case["prompt"] for case in cases] == corpus()
    assert len({case["prompt"] for case in cases}) >= 400
    assert sum(len(case["windows"]) > 1 for case in cases) >= 40
    assert sum(case["unknown"] > 0 for case in cases) >= 10
    assert sum(any(weight != 1 for _, weight in case["spans"]) for case in cases) >= 80
