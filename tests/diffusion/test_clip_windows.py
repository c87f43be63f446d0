"""Laws of laying words into windows."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from diffusion.clip.windows import SPLITTABLE, Marks, Token, Window, lay_out

MARKS = Marks(start=Token(-1, "start"), end=Token(-2, "end"), padding=Token(-3, "padding"), length=77)
words_of = st.lists(st.integers(1, 90), max_size=40)


def words(sizes: list[int]) -> list[tuple[Token, ...]]:
    """Words of given sizes whose tokens are numbered through."""
    numbers = iter(range(10**6))
    return [tuple(Token(next(numbers), "piece") for _ in range(size)) for size in sizes]


def text_of(window: Window) -> list[int]:
    return list(window.ids[1 : window.end])


def test_no_words_give_one_empty_window() -> None:
    (window,) = lay_out([], MARKS)
    assert window.ids == (-1, -2, *[-3] * 75)
    assert window.end == 1


@given(words_of)
def test_every_window_is_start_text_end_padding(sizes: list[int]) -> None:
    for window in lay_out(words(sizes), MARKS):
        assert len(window.ids) == 77
        assert window.ids[0] == -1
        assert window.ids[window.end] == -2
        assert set(window.ids[window.end + 1 :]) <= {-3}
        assert all(number >= 0 for number in text_of(window))


@given(words_of)
def test_no_token_is_lost_or_moved(sizes: list[int]) -> None:
    laid = lay_out(words(sizes), MARKS)
    assert [number for window in laid for number in text_of(window)] == list(range(sum(sizes)))


@given(words_of)
def test_short_words_stay_whole(sizes: list[int]) -> None:
    home = {number: place for place, window in enumerate(lay_out(words(sizes), MARKS)) for number in text_of(window)}
    for word in words(sizes):
        if len(word) < SPLITTABLE:
            assert len({home[token.id] for token in word}) == 1


@given(words_of)
def test_a_window_is_opened_only_when_the_next_word_does_not_fit(sizes: list[int]) -> None:
    laid = lay_out(words(sizes), MARKS)
    for window, following in pairwise(laid):
        assert text_of(following)
        assert 75 - len(text_of(window)) < SPLITTABLE


def test_75_tokens_fill_one_window_and_76_need_two() -> None:
    assert len(lay_out(words([1] * 75), MARKS)) == 1
    assert len(lay_out(words([1] * 76), MARKS)) == 2


def test_a_short_word_moves_on_whole_and_a_long_one_is_split() -> None:
    first, second = lay_out(words([70, 7]), MARKS)
    assert (first.end, second.end) == (71, 8)
    first, second = lay_out(words([70, 8]), MARKS)
    assert (first.end, second.end) == (76, 4)


def test_a_word_of_a_thousand_tokens_spreads_over_windows() -> None:
    assert [window.end for window in lay_out(words([1000]), MARKS)] == [76] * 13 + [26]
