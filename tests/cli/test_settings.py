"""`--set` and `--seed`: whom they name, how a value is read, what they say when they do not fit."""

from typing import Annotated

import pytest

from cli.settings import SettingError, changed
from graph.marks import Choice, Range, Seed, Wire
from graph.registry import Registry
from graph.spec import node
from graph.workflow import Link, Workflow, from_api

Picture = Annotated[object, Wire("IMAGE")]


@node("Paint", category="test")
def paint(
    text: str = "",
    seed: Annotated[int, Range(0, 2**64 - 1), Seed()] = 0,
    strength: float = 1.0,
    tiled: bool = False,
    method: Annotated[str, Choice(("area", "nearest"))] = "area",
    size: Annotated[int, Choice((256, 512))] = 512,
) -> Picture:
    """Paint."""
    return (text, seed, strength, tiled, method, size)


@node("Keep", category="test", terminal=True)
def keep(images: Picture, prefix: str = "a") -> None:
    """Keep."""


REGISTRY = Registry([paint.node, keep.node])


def workflow() -> Workflow:
    return from_api(
        {
            "1": {"class_type": "Paint", "inputs": {"text": "x", "seed": 1}, "_meta": {"title": "The sky"}},
            "2": {"class_type": "Paint", "inputs": {"text": "y", "seed": ["9", 0]}, "_meta": {"title": "Ground 1.5"}},
            "3": {"class_type": "Keep", "inputs": {"images": ["1", 0]}},
            "4": {"class_type": "Lost", "inputs": {"number": 1}},
        }
    )


def value_after(setting: str, node: str, name: str) -> object:
    return changed(workflow(), [setting], None, REGISTRY).steps[node].inputs[name]


@pytest.mark.parametrize(
    ("setting", "node", "name", "value"),
    [
        ("1.seed=18446744073709551615", "1", "seed", 2**64 - 1),
        ("1.strength=2", "1", "strength", 2.0),
        ("1.tiled=true", "1", "tiled", True),
        ("1.text=[3, 4]", "1", "text", "[3, 4]"),
        ("1.text=a=b, c.d=e", "1", "text", "a=b, c.d=e"),
        ("1.text=", "1", "text", ""),
        ("1.method=nearest", "1", "method", "nearest"),
        ("1.size=256", "1", "size", 256),
        ("3.images=[\"2\", 0]", "3", "images", Link("2", 0)),
        ("4.number=7", "4", "number", 7),
        ("4.number=seven", "4", "number", "seven"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_the_type_of_its_input(setting: str, node: str, name: str, value: object) -> None:
    found = value_after(setting, node, name)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("target", ["1", "The sky", "the SKY"])
def test_a_step_is_named_by_id_or_title(target: str) -> None:
    assert value_after(f"{target}.text=green", "1", "text") == "green"


def test_a_title_may_hold_a_dot() -> None:
    assert value_after("Ground 1.5.text=mud", "2", "text") == "mud"


def test_a_class_names_a_step_where_it_is_the_only_one() -> None:
    assert value_after("Keep.prefix=b", "3", "prefix") == "b"
    with pytest.raises(SettingError, match=r"'Paint' is the class of 2 steps: 1, 2.*by its id"):
        changed(workflow(), ["Paint.text=z"], None, REGISTRY)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("Keeb.prefix=b", "no step is called 'Keeb'. Did you mean 'Keep'"),
        ("77.prefix=b", "no step is called '77'. There are: 1, The sky, Paint"),
        ("1.txt=b", "step 1 (Paint) has no input 'txt'. Did you mean 'text'"),
        ("1.seed=many", "step 1, input 'seed' takes a whole number; found 'many'"),
        ("1.tiled=maybe", "takes true or false; found 'maybe'"),
        ("1.text", "expected NODE.INPUT=VALUE"),
        ("seed=3", "expected NODE.INPUT=VALUE"),
        (".seed=3", "expected NODE.INPUT=VALUE"),
    ],
)
def test_what_does_not_fit_is_said_with_a_remedy(setting: str, words: str) -> None:
    with pytest.raises(SettingError) as raised:
        changed(workflow(), [setting], None, REGISTRY)
    assert words in str(raised.value)


def test_a_seed_goes_into_every_seed_input_that_is_no_link() -> None:
    seeded = changed(workflow(), [], 5, REGISTRY)
    assert seeded.steps["1"].inputs["seed"] == 5
    assert seeded.steps["2"].inputs["seed"] == Link("9", 0)


def test_a_setting_wins_over_the_seed() -> None:
    assert changed(workflow(), ["1.seed=9"], 5, REGISTRY).steps["1"].inputs["seed"] == 9


def test_a_seed_without_a_seed_input_is_refused() -> None:
    with pytest.raises(SettingError, match="no step has a seed input"):
        changed(from_api({"3": {"class_type": "Keep", "inputs": {}}}), [], 5, REGISTRY)
