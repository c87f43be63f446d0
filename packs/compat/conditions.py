"""Latents and conditions between our frozen records and the dictionaries that packs know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final, cast

import torch
from torch import Tensor

from diffusion.conditioning import Area, AreaFraction, Condition, Conditioning
from nodes.sockets import Latent

PLAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pooled_output": "pooled",
        "strength": "strength",
        "mask": "mask",
        "mask_strength": "mask_strength",
        "set_area_to_bounds": "area_from_mask",
        "start_percent": "start_percent",
        "end_percent": "end_percent",
        "concat_latent_image": "concat_latent",
        "concat_mask": "concat_mask",
    }
)
"""Option of a condition as packs call it -> field of ours with the same value."""

AREA: Final = "area"
PERCENTAGE: Final = "percentage"
SIZE: Final = ("height", "width", "crop_h", "crop_w", "target_height", "target_width")
REFINER_SIZE: Final = ("height", "width", "crop_h", "crop_w", "aesthetic_score")
DEFAULTS: Final[Mapping[str, object]] = MappingProxyType(
    {each.name: each.default for each in fields(Condition) if each.name in PLAIN.values()}
)

Entry = list[Any]
"""A condition as packs know it: [embedding, options]."""


def entries_of(conditions: Iterable[Condition]) -> list[Entry]:
    """Conditions as a list of pairs that a pack may change."""
    return [[each.embedding, options_of(each)] for each in conditions]


def options_of(condition: Condition) -> dict[str, Any]:
    """The options of a condition; those that say nothing are left out."""
    told: dict[str, Any] = {}
    for name, field in PLAIN.items():
        value = getattr(condition, field)
        default = DEFAULTS[field]
        if value is not default and (isinstance(value, Tensor) or value != default):
            told[name] = value
    match condition.area:
        case Area(height, width, y, x):
            told[AREA] = (height, width, y, x)
        case AreaFraction(height, width, y, x):
            told[AREA] = (PERCENTAGE, height, width, y, x)
        case None:
            pass
    if condition.size is not None:
        names = SIZE if len(condition.size) == len(SIZE) else REFINER_SIZE
        told.update(zip(names, condition.size, strict=True))
    return told | dict(condition.extra)


def conditions_of(entries: Sequence[object]) -> Conditioning:
    """Pairs of a pack as our conditions; what they are called in no option of ours travels on untouched.

    Raises ValueError for what is no such pair.
    """
    return tuple(each if isinstance(each, Condition) else condition_of(each) for each in entries)


def condition_of(entry: object) -> Condition:
    """One pair as a condition. Raises ValueError."""
    if not is_entry(entry):
        raise ValueError(f"a CONDITIONING is a list of [tensor, options] pairs; found {type(entry).__name__} in it")
    embedding, options = cast(tuple[Tensor, Mapping[str, Any]], tuple(cast(Sequence[object], entry)))
    extra = dict(options)
    known: dict[str, Any] = {field: extra.pop(name) for name, field in PLAIN.items() if name in extra}
    known = {name: DEFAULTS[name] if value is None else value for name, value in known.items()}
    known["area"] = _area(extra.pop(AREA, None))
    for names in (SIZE, REFINER_SIZE):
        if all(name in extra for name in names):
            known["size"] = tuple(extra.pop(name) for name in names)
            break
    return Condition(embedding=embedding.cpu(), **known, extra=MappingProxyType(extra))


def is_entry(value: object) -> bool:
    """Whether a value is a pair of a tensor and a dictionary of options."""
    if not isinstance(value, list | tuple):
        return False
    pair = cast(Sequence[object], value)
    return len(pair) == 2 and isinstance(pair[0], Tensor) and isinstance(pair[1], Mapping)


def is_conditioning(value: object) -> bool:
    """Whether a value is a list of such pairs, with at least one."""
    if not isinstance(value, list) or not value:
        return False
    return all(is_entry(each) for each in cast(list[object], value))


def _area(said: object) -> Area | AreaFraction | None:
    if said is None:
        return None
    if not isinstance(said, list | tuple):
        raise ValueError(f"the area of a condition is (height, width, y, x), found {said!r:.80}")
    sides = cast(Sequence[Any], said)
    if len(sides) == 5 and sides[0] == PERCENTAGE:
        return AreaFraction(*(float(each) for each in sides[1:]))
    if len(sides) == 4:
        return Area(*(int(each) for each in sides))
    raise ValueError(f"the area of a condition is (height, width, y, x), found {said!r:.80}")


# Latents

SAMPLES: Final = "samples"
NOISE_MASK: Final = "noise_mask"
BATCH_INDEX: Final = "batch_index"


def latent_dict(latent: Latent) -> dict[str, Any]:
    """A latent as a dictionary that a pack may change."""
    told: dict[str, Any] = {SAMPLES: latent.samples}
    if latent.noise_mask is not None:
        told[NOISE_MASK] = latent.noise_mask
    if latent.batch_index is not None:
        told[BATCH_INDEX] = list(latent.batch_index)
    return told | dict(latent.extra)


def is_latent(value: object) -> bool:
    """Whether a value is a dictionary with samples."""
    return isinstance(value, Mapping) and isinstance(cast(Mapping[object, object], value).get(SAMPLES), Tensor)


def latent_of(told: Mapping[str, Any]) -> Latent:
    """A dictionary of a pack as a latent; what else stands in it travels on untouched. Raises ValueError."""
    extra = dict(told)
    samples = extra.pop(SAMPLES, None)
    if not isinstance(samples, Tensor):
        raise ValueError(f"a LATENT is a dictionary with a tensor 'samples', found {', '.join(told) or 'an empty one'}")
    mask = extra.pop(NOISE_MASK, None)
    if isinstance(mask, Tensor) and (mask.ndim != 4 or mask.shape[1] != 1):
        mask = mask.reshape(-1, 1, *mask.shape[-2:])
    rows = extra.pop(BATCH_INDEX, None)
    return Latent(
        samples=samples.to("cpu", torch.float32),
        noise_mask=mask.to("cpu", torch.float32) if isinstance(mask, Tensor) else None,
        batch_index=None if rows is None else tuple(int(row) for row in rows),
        extra=MappingProxyType(extra),
    )
