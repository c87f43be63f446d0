"""Laws of key maps: every tensor of a file and every tensor of the network is accounted for."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusion.checkpoints.errors import KeymapError
from diffusion.checkpoints.keymap import (
    Rule,
    account,
    apply,
    as_convolution,
    behind,
    ignored,
    into,
    rename,
    renamed,
    under,
)

ROW = torch.arange(6.0)

parts = st.text(alphabet="abc123_", min_size=1, max_size=4)
names = st.lists(parts, min_size=1, max_size=4).map(".".join)


@given(st.dictionaries(names, st.just(ROW), max_size=20))
def test_stripping_a_prefix_is_undone_by_adding_it(tensors: dict[str, torch.Tensor]) -> None:
    source = {"model." + name: tensor for name, tensor in tensors.items()}
    expected = dict.fromkeys(tensors, (6,))
    assert apply([renamed("model.{rest*}", "{rest}")], source, expected).keys() == tensors.keys()
    assert under("model.", source).keys() == tensors.keys()


def test_a_word_is_one_part_of_a_name_and_a_starred_one_is_many() -> None:
    assert renamed("a.{i}.w", "b.{i}").names("a.3.w") == ("b.3",)
    assert renamed("a.{i}.w", "b.{i}").names("a.3.4.w") is None
    assert renamed("a.{rest*}", "{rest}").names("a.3.4.w") == ("3.4.w",)
    assert renamed("a.{rest*}", "{rest}").names("a.") is None
    assert renamed("a.b", "c").names("a-b") is None
    assert renamed("{x}.{y}", "{y}.{x}.{y}").names("1.2") == ("2.1.2",)


def test_rules_can_be_put_behind_and_into_prefixes() -> None:
    (rule,) = behind("file.", into("ours.", [renamed("{x}.w", "{x}.weight")]))
    assert rule.names("file.conv.w") == ("ours.conv.weight",)


def test_one_tensor_is_taken_apart_for_several_targets() -> None:
    rule = Rule("qkv", ("q", "k", "v"), lambda tensor: tensor.chunk(3))
    answer = apply([rule], {"qkv": ROW}, {"q": (2,), "k": (2,), "v": (2,)})
    assert [answer[name].tolist() for name in "qkv"] == [[0, 1], [2, 3], [4, 5]]


def test_a_matrix_becomes_the_convolution_it_equals_and_shares_its_memory() -> None:
    matrix = torch.randn(3, 2)
    (kernel,) = as_convolution(matrix)
    assert kernel.shape == (3, 2, 1, 1)
    assert kernel.data_ptr() == matrix.data_ptr()
    assert as_convolution(kernel)[0] is kernel


def test_the_first_rule_that_fits_speaks() -> None:
    mapped = rename([ignored("a.b"), renamed("a.{rest*}", "{rest}")], {"a.b": ROW, "a.c": ROW})
    assert list(mapped.tensors) == ["c"]
    assert mapped.unknown == ()


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ({"a.x": ROW, "a.y": ROW, "odd.one": ROW}, r"1 unknown \(such as odd\.one\)"),
        ({"a.x": ROW, "a.y": ROW, "a.z": ROW}, r"1 unexpected \(such as z\)"),
        ({"a.x": ROW}, r"1 missing \(such as y\)"),
        ({}, r"2 missing \(such as x\)"),
        ({"a.x": ROW, "a.y": ROW[:5]}, r"1 of another shape \(such as y of shape \(5,\), expected \(6,\)\)"),
        ({"a.x": ROW, "a.y": ROW, "b.x": ROW}, r"1 given twice \(such as b\.x\)"),
    ],
)
def test_what_does_not_come_out_even_is_named_with_a_count_and_an_example(
    source: dict[str, torch.Tensor], fault: str
) -> None:
    rules = [renamed("a.{rest*}", "{rest}"), renamed("b.{rest*}", "{rest}")]
    with pytest.raises(KeymapError, match=fault):
        account(rename(rules, source), {"x": (6,), "y": (6,)}, source="the file")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(KeymapError, match=r"my\.file.*2 unknown.*1 unexpected.*1 missing"):
        apply([renamed("a.{x}", "{x}")], {"a.z": ROW, "u": ROW, "v": ROW}, {"x": (6,)}, name="my.file")
