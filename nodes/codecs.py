"""How socket values go to disk for the cache, and how much memory they hold.

Tensors are safetensors with JSON beside them, so nothing in a kept file can run. Models have no codec: their files are
on the disk already.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from diffusion.conditioning import Area, AreaFraction, Condition
from graph.disk import Codec
from graph.errors import Unpackable
from nodes.sockets import Latent

Tensors = dict[str, Tensor]

VALUE: Final = "value"
HEADER: Final = "header"
"""The bytes of the JSON beside the tensors, itself kept as a tensor, since metadata would have to be parsed apart."""

AREAS: Final[Mapping[str, type[Area] | type[AreaFraction]]] = MappingProxyType(
    {"cells": Area, "fractions": AreaFraction}
)


@dataclass(frozen=True)
class TensorCodec:
    """One bare tensor: IMAGE, MASK."""

    def pack(self, value: Any) -> bytes:
        """The tensor as safetensors."""
        if not isinstance(value, Tensor):
            raise Unpackable(f"expected a tensor, found {type(value).__name__}")
        return _packed({VALUE: value}, None)

    def unpack(self, data: bytes) -> Tensor:
        """The tensor again, on the CPU. Raises ValueError for damaged bytes."""
        tensors, _ = _unpacked(data)
        return _required(tensors, VALUE)


@dataclass(frozen=True)
class LatentCodec:
    """A Latent; what other packs keep beside it must be JSON or tensors."""

    def pack(self, value: Any) -> bytes:
        """Samples, mask and extra tensors as safetensors, the rest as JSON."""
        if not isinstance(value, Latent):
            raise Unpackable(f"expected a Latent, found {type(value).__name__}")
        tensors = {"samples": value.samples}
        if value.noise_mask is not None:
            tensors["noise_mask"] = value.noise_mask
        beside, plain = _split_extra(value.extra, "extra.")
        return _packed({**tensors, **beside}, {"batch_index": value.batch_index, "extra": plain})

    def unpack(self, data: bytes) -> Latent:
        """The Latent again. Raises ValueError for damaged bytes."""
        tensors, header = _unpacked(data)
        rows = header["batch_index"]
        return Latent(
            samples=_required(tensors, "samples"),
            noise_mask=tensors.get("noise_mask"),
            batch_index=None if rows is None else tuple(int(row) for row in rows),
            extra={**header["extra"], **_named(tensors, "extra.")},
        )


@dataclass(frozen=True)
class ConditioningCodec:
    """A tuple of Conditions, field by field, so that a field added later is kept too or the value is not kept."""

    def pack(self, value: Any) -> bytes:
        """Tensors as safetensors under `number.field`, the rest as JSON."""
        if not isinstance(value, tuple) or not all(isinstance(one, Condition) for one in value):
            raise Unpackable(f"expected Conditions, found {type(value).__name__}")
        tensors: Tensors = {}
        rows: list[Mapping[str, object]] = []
        for number, condition in enumerate(cast(tuple[Condition, ...], value)):
            values = {field.name: getattr(condition, field.name) for field in fields(condition)}
            extra = values.pop("extra")
            found, plain = _split(values, f"{number}.")
            beside, plain_extra = _split_extra(extra, f"{number}.extra.")
            tensors |= found | beside
            rows.append({"plain": plain, "extra": plain_extra})
        return _packed(tensors, rows)

    def unpack(self, data: bytes) -> tuple[Condition, ...]:
        """The Conditions again. Raises ValueError for damaged bytes."""
        tensors, header = _unpacked(data)
        return tuple(_condition(tensors, row, number) for number, row in enumerate(header))


@dataclass(frozen=True)
class PlainCodec:
    """Numbers, texts and truth values as JSON."""

    types: tuple[type, ...]

    def pack(self, value: Any) -> bytes:
        """The value as JSON."""
        if not isinstance(value, self.types):
            raise Unpackable(f"expected {self.types[0].__name__}, found {type(value).__name__}")
        return json.dumps(value).encode()

    def unpack(self, data: bytes) -> Any:
        """The value again. Raises ValueError for anything else."""
        value = json.loads(data)
        if not isinstance(value, self.types):
            raise ValueError(f"expected {self.types[0].__name__}, found {type(value).__name__}")
        return value


CODECS: Final[Mapping[str, Codec]] = MappingProxyType(
    {
        "IMAGE": TensorCodec(),
        "MASK": TensorCodec(),
        "LATENT": LatentCodec(),
        "CONDITIONING": ConditioningCodec(),
        "INT": PlainCodec((int,)),
        "FLOAT": PlainCodec((float, int)),
        "STRING": PlainCodec((str,)),
        "BOOLEAN": PlainCodec((bool,)),
    }
)
"""Codecs by wire type, for the disk tier of the cache."""


def _packed(tensors: Mapping[str, Tensor], header: object) -> bytes:
    """Tensors and JSON as one file. Raises Unpackable for what is neither."""
    try:
        text = json.dumps(header, default=_area_to_json).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Unpackable(f"a part of the value is neither a tensor nor JSON: {error}") from error
    apart = {name: _alone(tensor) for name, tensor in tensors.items()}
    return save({**apart, HEADER: torch.frombuffer(bytearray(text), dtype=torch.uint8)})


def _alone(tensor: Tensor) -> Tensor:
    """The tensor in memory of its own, as the format asks."""
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def _unpacked(data: bytes) -> tuple[Tensors, Any]:
    try:
        tensors = load(data)
        header = json.loads(tensors.pop(HEADER).numpy().tobytes(), object_hook=_area_from_json)
    except (SafetensorError, KeyError, TypeError) as error:
        raise ValueError(f"expected safetensors with a header, found damage: {error}") from error
    return tensors, header


def _required(tensors: Tensors, name: str) -> Tensor:
    if name not in tensors:
        raise ValueError(f"expected a tensor {name!r}, found {', '.join(tensors) or 'none'}")
    return tensors[name]


def _split(values: Mapping[str, object], prefix: str) -> tuple[Tensors, Mapping[str, object]]:
    """Tensors, their names prefixed, and the rest."""
    tensors = {prefix + name: value for name, value in values.items() if isinstance(value, Tensor)}
    return tensors, {name: value for name, value in values.items() if not isinstance(value, Tensor)}


def _split_extra(extra: Mapping[str, object], prefix: str) -> tuple[Tensors, Mapping[str, object]]:
    """The same for what others keep beside: only what comes back equal from JSON is taken."""
    tensors, plain = _split(extra, prefix)
    try:
        same = json.loads(json.dumps(plain)) == plain
    except (TypeError, ValueError, RecursionError) as error:
        raise Unpackable(f"a part of the value is neither a tensor nor JSON: {error}") from error
    if not same:
        raise Unpackable("a part of the value would not come back as it is")
    return tensors, plain


def _named(tensors: Tensors, prefix: str) -> Tensors:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _condition(tensors: Tensors, row: Any, number: int) -> Condition:
    plain = dict(row["plain"])
    if plain["size"] is not None:
        plain["size"] = tuple(plain["size"])
    beside = _named(tensors, f"{number}.extra.")
    own = {name: tensor for name, tensor in _named(tensors, f"{number}.").items() if not name.startswith("extra.")}
    return Condition(**own, **plain, extra=MappingProxyType({**row["extra"], **beside}))


def _area_to_json(value: object) -> object:
    for name, kind in AREAS.items():
        if isinstance(value, kind):
            return {"area": name, "sides": [value.height, value.width, value.y, value.x]}
    raise TypeError(f"{type(value).__name__} is no JSON")


def _area_from_json(value: dict[str, Any]) -> object:
    if value.keys() == {"area", "sides"} and value["area"] in AREAS:
        return AREAS[value["area"]](*value["sides"])
    return value


def size_of(value: object) -> int:
    """Bytes of memory that a value holds: every tensor storage once, a model by its weights."""
    storages: dict[int, int] = {}
    others = _measure(value, storages, set())
    return others + sum(storages.values())


def _measure(value: object, storages: dict[int, int], seen: set[int]) -> int:
    """Notes the storages of all tensors within, by address; returns the bytes of texts and shells."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, Tensor):
        storage = value.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return OBJECT_BYTES
    if isinstance(value, str | bytes):
        return OBJECT_BYTES + len(value)
    return OBJECT_BYTES + sum(_measure(part, storages, seen) for part in _parts(value))


OBJECT_BYTES: Final = 64
"""What a small object costs beside its contents, roughly."""


def _parts(value: object) -> tuple[object, ...]:
    """What a value holds, as far as it can hold tensors."""
    for kind, parts in CONTAINERS.items():
        if isinstance(value, kind):
            return parts(value)
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return tuple(getattr(value, field.name) for field in fields(cast(Any, value)))
    return ()


CONTAINERS: Final[Mapping[type, Callable[[Any], tuple[object, ...]]]] = MappingProxyType(
    {
        torch.nn.Module: lambda module: (*module.parameters(), *module.buffers()),
        Mapping: lambda mapping: (*mapping.keys(), *mapping.values()),
        tuple: tuple,
        list: tuple,
    }
)
