"""Pictures of storage, which are bytes, and of the wires, which are tensors: one into the other."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import torch
from torch import Tensor

from graph.handle import Run
from graph.results import Shown
from nodes.sockets import Image, Mask
from storage import Folders, Kind, Saved
from storage.pictures import Frame, png_bytes
from storage.saving import TokenValues, save_target

NO_ALPHA_SIDE = 64
"""Side of the empty mask that goes with a picture without alpha; whoever uses a mask scales it."""

LONGEST_KEYWORD = 79


def image_of(frames: Sequence[Frame]) -> Image:
    """(b, h, w, 3) in 0..1 from frames of one size."""
    return torch.stack([_plane(frame.rgb, frame, 3) for frame in frames])


def mask_of(frames: Sequence[Frame]) -> Mask:
    """1 - alpha (b, h, w), so that what is cut out is to be changed; zeros of 64 × 64 where no frame has alpha."""
    if all(frame.alpha is None for frame in frames):
        return torch.zeros(len(frames), NO_ALPHA_SIDE, NO_ALPHA_SIDE)
    return torch.stack([_transparency(frame) for frame in frames])


def channel_of(frames: Sequence[Frame], channel: int) -> Mask:
    """Red, green or blue (0, 1, 2) of frames as (b, h, w) in 0..1."""
    return image_of(frames)[..., channel].contiguous()


def _transparency(frame: Frame) -> Tensor:
    if frame.alpha is None:
        return torch.zeros(frame.height, frame.width)
    return 1 - _plane(frame.alpha, frame, 1)[..., 0]


def _plane(data: bytes, frame: Frame, channels: int) -> Tensor:
    flat = torch.frombuffer(bytearray(data), dtype=torch.uint8)
    return flat.reshape(frame.height, frame.width, channels).float() / 255


def to_bytes(image: Tensor) -> bytes:
    """(h, w, c) in 0..1 as 8 bit, row by row; 255 * x is truncated, and what is no number is black."""
    return image.float().mul(255).nan_to_num(0, 255, 0).clamp(0, 255).to(torch.uint8).cpu().numpy().tobytes()


def png_texts(run: Run) -> Mapping[str, str]:
    """What a saved picture tells of its making: `prompt` (API JSON) and all extra entries, such as `workflow`."""
    entries = {"prompt": run.workflow, **run.extra}
    return {key: json.dumps(value) for key, value in entries.items() if _is_keyword(key)}


def _is_keyword(key: str) -> bool:
    return 0 < len(key) <= LONGEST_KEYWORD and key.isascii() and key.isprintable() and key == key.strip()


def save_pngs(images: Image, run: Run, kind: Kind, prefix: str, level: int) -> Shown:
    """Write every picture (b, h, w, c) of a batch as a PNG with its texts, and show them. level: zlib's, 0 to 9."""
    height, width, channels = images.shape[1:]
    values = TokenValues(datetime.now(), width, height, run.workflow)
    target = save_target(run.service(Folders), kind, prefix, values)
    texts = png_texts(run)
    saved = [target.write(png_bytes(width, height, channels, to_bytes(one), texts, level), ".png") for one in images]
    return Shown(ui={"images": [listed(one) for one in saved]}, files=tuple(one.path for one in saved))


def listed(saved: Saved) -> Mapping[str, str]:
    """A written file as the editor names it."""
    return {"filename": saved.filename, "subfolder": saved.subfolder, "type": saved.kind}
