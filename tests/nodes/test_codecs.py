"""Socket values on disk and their sizes in memory."""

from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import pytest
import torch

from diffusion.conditioning import Area, AreaFraction, Condition
from graph.errors import Unpackable
from nodes.codecs import CODECS, size_of
from nodes.sockets import Latent


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def there_and_back(wire: str, value: Any) -> Any:
    return CODECS[wire].unpack(CODECS[wire].pack(value))


def same(a: object, b: object) -> bool:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return a.dtype == b.dtype and torch.equal(a, b)
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("wire", ["IMAGE", "MASK"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_tensors_come_back_equal(wire: str, dtype: torch.dtype) -> None:
    value = noise(2, 3, 4).to(dtype)
    assert same(there_and_back(wire, value), value)
    view = value.transpose(0, 2)
    assert same(there_and_back(wire, view), view)
    assert same(there_and_back(wire, value[:1].expand(5, 3, 4)), value[:1].expand(5, 3, 4))


@pytest.mark.parametrize(
    "value",
    [
        Latent(noise(1, 4, 2, 2)),
        Latent(noise(2, 4, 2, 2), noise(1, 1, 16, 16), (3, 4), {"a": [1, {"b": None}], "t": noise(2)}),
    ],
)
def test_latents_come_back_equal(value: Latent) -> None:
    back = there_and_back("LATENT", value)
    assert same(back.samples, value.samples)
    assert (back.noise_mask is None) == (value.noise_mask is None)
    assert back.batch_index == value.batch_index
    assert back.extra.keys() == value.extra.keys()
    assert all(same(back.extra[name], value.extra[name]) for name in value.extra)


FULL = Condition(
    embedding=noise(1, 77, 8),
    pooled=noise(1, 8),
    area=Area(4, 5, 1, 2),
    strength=0.7,
    mask=noise(1, 9, 9),
    mask_strength=0.3,
    area_from_mask=True,
    start_percent=0.1,
    end_percent=0.9,
    size=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
    concat_latent=noise(1, 4, 2, 2),
    concat_mask=noise(1, 2, 2),
    extra=MappingProxyType({"hint": [1, 2], "deep": {"a": "b"}, "tensor": noise(3)}),
)


def test_conditionings_come_back_equal_in_every_field() -> None:
    value = (FULL, Condition(noise(1, 5, 8)), replace(FULL, area=AreaFraction(0.5, 0.25, 0.1, 1 / 3)))
    back = there_and_back("CONDITIONING", value)
    assert len(back) == 3
    for one, other in zip(value, back, strict=True):
        for field in fields(Condition):
            if field.name != "extra":
                assert same(getattr(one, field.name), getattr(other, field.name)), field.name
        assert one.extra.keys() == other.extra.keys()
        assert all(same(one.extra[name], other.extra[name]) for name in one.extra)
    assert there_and_back("CONDITIONING", ()) == ()


def test_the_full_condition_of_this_test_sets_every_field() -> None:
    plain = Condition(noise(1, 1, 1))
    assert [
        field.name for field in fields(Condition) if same(getattr(FULL, field.name), getattr(plain, field.name))
    ] == []


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ("INT", 2**64 - 1),
        ("INT", -3),
        ("FLOAT", 1 / 3),
        ("FLOAT", 1e-300),
        ("FLOAT", 3),
        ("STRING", "苹果 \n \0 \ud800 🍎"),
        ("BOOLEAN", True),
    ],
)
def test_plain_values_come_back_equal(wire: str, value: object) -> None:
    assert same(there_and_back(wire, value), value)


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ("IMAGE", "no tensor"),
        ("LATENT", {"samples": noise(1)}),
        ("LATENT", Latent(noise(1, 4, 1, 1), extra={"x": object()})),
        ("LATENT", Latent(noise(1, 4, 1, 1), extra={"x": (1, 2)})),
        ("CONDITIONING", [FULL]),
        ("CONDITIONING", (replace(FULL, extra={"x": {1: 2}}),)),
        ("INT", "3"),
        ("BOOLEAN", 1),
        ("STRING", None),
    ],
)
def test_what_would_not_come_back_is_not_packed(wire: str, value: object) -> None:
    with pytest.raises(Unpackable):
        CODECS[wire].pack(value)


@pytest.mark.parametrize("wire", CODECS)
@pytest.mark.parametrize("data", [b"", b"\x80\4cos\nsystem\n.", b"{}", b"[[[", b"\xff" * 64])
def test_damaged_bytes_raise_an_ordinary_error(wire: str, data: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        CODECS[wire].unpack(data)


def test_models_are_not_written() -> None:
    assert not {"MODEL", "CLIP", "VAE"} & CODECS.keys()


def test_a_tensor_counts_its_storage_once() -> None:
    picture = torch.zeros(1, 100, 100, 3)
    assert 120_000 <= size_of(picture) < 121_000
    assert size_of((picture, picture[:, :10], picture.transpose(1, 2))) < 122_000
    assert size_of(picture[:, :1]) >= 120_000  # the view keeps all of it alive
    assert size_of((picture, picture.clone())) >= 240_000


def test_models_count_by_their_weights() -> None:
    network = torch.nn.Linear(100, 100)
    size = 4 * (100 * 100 + 100)
    assert size <= size_of(network) < size + 1000
    assert size <= size_of({"network": network, "again": [network]}) < size + 2000
    condition = Condition(noise(1, 100, 100), extra={"model": network})
    assert size_of((condition,)) >= size + 40_000


def test_plain_values_have_a_size() -> None:
    assert 0 < size_of(1) < 100
    assert 1000 < size_of("x" * 1000) < 1200
    ring: list[object] = []
    ring.append(ring)
    assert size_of(ring) < 1000
