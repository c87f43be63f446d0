"""Prompts encoded, and told where, when and how strongly to speak."""

from dataclasses import replace
from typing import Annotated

import torch
from torch.nn import functional

from diffusion.conditioning import Area, AreaFraction, Condition
from graph.marks import Choice, Multiline, Range
from graph.spec import node
from nodes.errors import InputError
from nodes.sockets import Clip, Conditioning, Mask

LARGEST_SIDE = 16384
CELL = 8

Side = Annotated[int, Range(64, LARGEST_SIDE, step=8)]
Place = Annotated[int, Range(0, LARGEST_SIDE, step=8)]
Fraction = Annotated[float, Range(0, 1.0, step=0.01)]
Strength = Annotated[float, Range(0.0, 10.0, step=0.01)]


@node("CLIPTextEncode", category="conditioning", display_name="CLIP Text Encode (Prompt)")
def clip_text_encode(text: Annotated[str, Multiline(dynamic_prompts=True)], clip: Clip) -> Conditioning:
    """Encode a prompt with a text encoder.

    text: the prompt; (word:1.2) weighs a word, longer prompts continue in further windows.
    clip: the text encoder.
    """
    condition = clip.encode(text)
    pooled = None if condition.pooled is None else condition.pooled.cpu()
    return (replace(condition, embedding=condition.embedding.cpu(), pooled=pooled),)


@node("CLIPSetLastLayer", category="conditioning", display_name="CLIP Set Last Layer")
def clip_set_last_layer(clip: Clip, stop_at_clip_layer: Annotated[int, Range(-24, -1, step=1)] = -1) -> Clip:
    """Take the output of an earlier layer of the text encoder.

    stop_at_clip_layer: -1 is the last layer, -2 the one before it.
    """
    return clip.with_last_layer(stop_at_clip_layer)


@node("ConditioningCombine", category="conditioning", display_name="Conditioning (Combine)")
def conditioning_combine(conditioning_1: Conditioning, conditioning_2: Conditioning) -> Conditioning:
    """Let both speak: what the model predicts for each is averaged."""
    return conditioning_1 + conditioning_2


@node("ConditioningAverage", category="conditioning", display_name="ConditioningAverage")
def conditioning_average(
    conditioning_to: Conditioning,
    conditioning_from: Conditioning,
    conditioning_to_strength: Annotated[float, Range(0.0, 1.0, step=0.01)] = 1.0,
) -> Conditioning:
    """Mix two prompts into one, as a weighted mean of their embeddings.

    conditioning_to: every entry of it is mixed.
    conditioning_from: its first entry is mixed in.
    conditioning_to_strength: 1 leaves conditioning_to alone, 0 takes conditioning_from.
    """
    source, share = _first(conditioning_from), conditioning_to_strength

    def mixed(condition: Condition) -> Condition:
        length = condition.embedding.shape[1]
        other = source.embedding[:, :length]
        other = functional.pad(other, (0, 0, 0, length - other.shape[1]))  # (b, n, d)
        pooled = source.pooled if condition.pooled is None else condition.pooled
        if condition.pooled is not None and source.pooled is not None:
            pooled = condition.pooled * share + source.pooled * (1 - share)
        return replace(condition, embedding=condition.embedding * share + other * (1 - share), pooled=pooled)

    return tuple(mixed(condition) for condition in conditioning_to)


@node("ConditioningConcat", category="conditioning", display_name="Conditioning (Concat)")
def conditioning_concat(conditioning_to: Conditioning, conditioning_from: Conditioning) -> Conditioning:
    """Append a prompt to another, as if it stood in windows of its own.

    conditioning_to: every entry of it is made longer.
    conditioning_from: its first entry is appended.
    """
    added = _first(conditioning_from).embedding
    return tuple(
        replace(condition, embedding=torch.cat([condition.embedding, added], dim=1)) for condition in conditioning_to
    )


@node("ConditioningSetArea", category="conditioning", display_name="Conditioning (Set Area)")
def conditioning_set_area(
    conditioning: Conditioning,
    width: Side = 64,
    height: Side = 64,
    x: Place = 0,
    y: Place = 0,
    strength: Strength = 1.0,
) -> Conditioning:
    """Let a prompt speak for a rectangle only, given in pixels.

    strength: its weight where several prompts overlap.
    """
    area = Area(height // CELL, width // CELL, y // CELL, x // CELL)
    return tuple(replace(condition, area=area, strength=strength) for condition in conditioning)


@node("ConditioningSetAreaPercentage", category="conditioning", display_name="Conditioning (Set Area with Percentage)")
def conditioning_set_area_percentage(
    conditioning: Conditioning,
    width: Fraction = 1.0,
    height: Fraction = 1.0,
    x: Fraction = 0,
    y: Fraction = 0,
    strength: Strength = 1.0,
) -> Conditioning:
    """Let a prompt speak for a rectangle only, given in fractions of the picture.

    strength: its weight where several prompts overlap.
    """
    area = AreaFraction(height, width, y, x)
    return tuple(replace(condition, area=area, strength=strength) for condition in conditioning)


@node("ConditioningSetAreaStrength", category="conditioning", display_name="ConditioningSetAreaStrength")
def conditioning_set_area_strength(conditioning: Conditioning, strength: Strength = 1.0) -> Conditioning:
    """Set how much a prompt weighs where several overlap."""
    return tuple(replace(condition, strength=strength) for condition in conditioning)


@node("ConditioningSetMask", category="conditioning", display_name="Conditioning (Set Mask)")
def conditioning_set_mask(
    conditioning: Conditioning,
    mask: Mask,
    strength: Strength = 1.0,
    set_cond_area: Annotated[str, Choice(("default", "mask bounds"))] = "default",
) -> Conditioning:
    """Let a prompt speak where a mask is 1.

    strength: multiplies the mask.
    set_cond_area: "mask bounds" shows the model only the rectangle around the mask.
    """
    planes = mask if mask.ndim == 3 else mask.unsqueeze(0)
    return tuple(
        replace(condition, mask=planes, mask_strength=strength, area_from_mask=set_cond_area != "default")
        for condition in conditioning
    )


@node("ConditioningZeroOut", category="advanced/conditioning", display_name="ConditioningZeroOut")
def conditioning_zero_out(conditioning: Conditioning) -> Conditioning:
    """Replace a prompt's embeddings by zeros; some models take that for "no prompt"."""
    return tuple(
        replace(
            condition,
            embedding=torch.zeros_like(condition.embedding),
            pooled=None if condition.pooled is None else torch.zeros_like(condition.pooled),
        )
        for condition in conditioning
    )


@node("ConditioningSetTimestepRange", category="advanced/conditioning", display_name="ConditioningSetTimestepRange")
def conditioning_set_timestep_range(
    conditioning: Conditioning,
    start: Annotated[float, Range(0.0, 1.0, step=0.001)] = 0.0,
    end: Annotated[float, Range(0.0, 1.0, step=0.001)] = 1.0,
) -> Conditioning:
    """Let a prompt speak during a part of the sampling only.

    start: 0 is the beginning, pure noise.
    end: 1 is the finished picture.
    """
    return tuple(replace(condition, start_percent=start, end_percent=end) for condition in conditioning)


def _first(conditioning: Conditioning) -> Condition:
    if not conditioning:
        raise InputError("a conditioning of at least one entry", "an empty one", "Link an encoded prompt.")
    return conditioning[0]
