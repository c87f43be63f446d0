"""Laws of the prompt language."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.clip.prompt import HEAVIEST, Span, escape, parse


def spans(prompt: str) -> list[tuple[str, float]]:
    return [(span.text, round(span.weight, 12)) for span in parse(prompt)]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", []),
        ("a cat", [("a cat", 1.0)]),
        ("a (cat) here", [("a ", 1.0), ("cat", 1.1), (" here", 1.0)]),
        ("(cat:1.3)", [("cat", 1.3)]),
        ("(cat:0)", [("cat", 0.0)]),
        ("(cat: -.5 )", [("cat", -0.5)]),
        ("(cat:1e-1)", [("cat", 0.1)]),
        ("((cat))", [("cat", 1.21)]),
        ("((cat:2) dog:0.5)", [("cat", 1.0), (" dog", 0.5)]),
        ("(a (b:1.2) c)", [("a ", 1.1), ("b", 1.32), (" c", 1.1)]),
        ("(cat)s", [("cat", 1.1), ("s", 1.0)]),
        (r"\(cat\)", [("(cat)", 1.0)]),
        (r"(cat\):1.2)", [("cat)", 1.2)]),
        (r"a\b", [(r"a\b", 1.0)]),
        ("((cat)", [("(", 1.0), ("cat", 1.1)]),
        ("cat) dog", [("cat) dog", 1.0)]),
        (")(", [(")(", 1.0)]),
        ("()", []),
        ("(a:b:1.2)", [("a:b", 1.2)]),
        ("(16:9)", [("16", 9.0)]),
        ("(:3)", [(":3", 1.1)]),
        ("(a:nan)", [("a:nan", 1.1)]),
        ("(a:inf)", [("a:inf", 1.1)]),
        ("(a:1_0)", [("a:1_0", 1.1)]),
        ("(a:1.2 (b))", [("a:1.2 ", 1.1), ("b", 1.21)]),
        ("(embedding:7)", [("embedding:7", 1.1)]),
        ("(embedding:7:1.4)", [("embedding:7", 1.4)]),
        ("(x, embedding:7)", [("x, embedding:7", 1.1)]),
        ("16:9, cat:1.2", [("16:9, cat:1.2", 1.0)]),
    ],
)
def test_the_language_means_what_its_page_says(prompt: str, expected: list[tuple[str, float]]) -> None:
    assert spans(prompt) == expected


@given(st.text())
def test_escaped_text_means_itself(text: str) -> None:
    assert parse(escape(text)) == ((Span(text, 1.0),) if text else ())


@given(st.text(alphabet="ab:1. ()\\"))
def test_nothing_a_person_types_is_an_error_and_weights_stay_finite(prompt: str) -> None:
    for span in parse(prompt):
        assert span.text
        assert abs(span.weight) <= HEAVIEST


@given(st.text(alphabet=st.characters(exclude_characters="()")), st.integers(0, 30))
def test_each_pair_of_parentheses_multiplies_by_a_tenth_more(text: str, depth: int) -> None:
    # A text that ends in a colon and a number would set the factor instead; the space and letter at the end prevent it.
    (span,) = parse("(" * depth + text + " x" + ")" * depth)
    assert span.text == text + " x"
    assert span.weight == pytest.approx(min(1.1**depth, HEAVIEST))


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=5))
def test_factors_of_nested_groups_multiply(tenths: list[int]) -> None:
    prompt, product = "word", 1.0
    for factor in tenths:
        prompt = f"({prompt}:{factor / 10})"
        product *= factor / 10
    (span,) = parse(prompt)
    assert span.weight == pytest.approx(max(-HEAVIEST, min(HEAVIEST, product)))


@given(st.text(alphabet="ab ()\\"))
def test_without_numbers_only_matched_parentheses_and_escapes_disappear(prompt: str) -> None:
    kept = "".join(span.text for span in parse(prompt))
    letters = [sign for sign in prompt if sign in "ab "]
    assert [sign for sign in kept if sign in "ab "] == letters


@pytest.mark.parametrize(
    "prompt",
    [
        "(" * 100_000,
        ")" * 100_000,
        "(" * 50_000 + "cat" + ")" * 50_000,
        "(" * 50_000 + "cat" + ":1.1)" * 50_000,
        "(a:1.1)" * 30_000,
        "(" + "a:" * 100_000 + ")",
        "(" * 50_000 + ":" * 50_000,
    ],
)
def test_a_hundred_thousand_signs_take_a_moment(prompt: str) -> None:
    began = time.process_time()
    found = parse(prompt)
    assert time.process_time() - began < 30
    assert all(abs(span.weight) <= HEAVIEST for span in found)
