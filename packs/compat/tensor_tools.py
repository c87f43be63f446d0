"""What packs do with tensors and files of tensors: scaling, repeating, reading, renaming keys."""

import zlib
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from diffusion.checkpoints import read_tensors
from diffusion.masks import repeat_rows
from diffusion.resize import IMAGE_METHODS, LATENT_METHODS, bislerp, crop_to_aspect, lanczos
from packs.compat.tiling import Progress, count_tiles, tiled

UPSCALE_METHODS: Final = (*IMAGE_METHODS, "bislerp")

StateDict = MutableMapping[str, Tensor]


def common_upscale(samples: Tensor, width: int, height: int, upscale_method: str, crop: str) -> Tensor:
    """samples (b, c, h, w), or (b, c, t, h, w), scaled. crop: "center" cuts to the new proportions first."""
    if samples.ndim == 5:
        frames = samples.movedim(2, 1)  # (b, t, c, h, w)
        flat = common_upscale(frames.reshape(-1, *frames.shape[2:]), width, height, upscale_method, crop)
        return flat.reshape(*frames.shape[:2], *flat.shape[1:]).movedim(1, 2)
    if crop == "center":
        samples = crop_to_aspect(samples, height, width)
    if upscale_method == "nearest":
        return functional.interpolate(samples, size=(height, width), mode="nearest")
    resize = {**LATENT_METHODS, **IMAGE_METHODS}.get(upscale_method)
    if resize is None:
        raise ValueError(f"there is no way of scaling {upscale_method!r}; choose one of {', '.join(UPSCALE_METHODS)}")
    return resize(samples, height, width)


def lanczos_upscale(samples: Tensor, width: int, height: int) -> Tensor:
    """(b, c, h, w) in 0..1 by Pillow's Lanczos filter."""
    return lanczos(samples, height, width)


def bislerp_upscale(samples: Tensor, width: int, height: int) -> Tensor:
    """(b, c, h, w) with direction and length of the vectors interpolated apart."""
    return bislerp(samples, height, width)


def resize_to_batch_size(tensor: Tensor, batch_size: int) -> Tensor:
    """Rows picked evenly, or repeated in place, until there are so many."""
    count = tensor.shape[0]
    if count == batch_size:
        return tensor
    if batch_size <= 1:
        return tensor[:batch_size]
    if batch_size < count:
        scale = (count - 1) / (batch_size - 1)
        return tensor[[min(round(i * scale), count - 1) for i in range(batch_size)]]
    scale = count / batch_size
    return tensor[[min(int((i + 0.5) * scale), count - 1) for i in range(batch_size)]]


def repeat_to_batch_size(tensor: Tensor, batch_size: int, dim: int = 0) -> Tensor:
    """Repeated from the first until there are so many along a dimension; surplus ones are left out."""
    return (
        tensor if tensor.shape[dim] == batch_size else repeat_rows(tensor.movedim(dim, 0), batch_size).movedim(0, dim)
    )


# Tiles


def get_tiled_scale_steps(width: int, height: int, tile_x: int, tile_y: int, overlap: int) -> int:
    """How many pieces `tiled_scale` cuts a picture into."""
    return count_tiles(height, width, tile_y, tile_x, overlap)


def tiled_scale(
    samples: Tensor,
    function: Callable[[Tensor], Tensor],
    tile_x: int = 64,
    tile_y: int = 64,
    overlap: int = 8,
    upscale_amount: float = 4,
    out_channels: int = 3,
    output_device: torch.device | str = "cpu",
    pbar: Any = None,
) -> Tensor:
    """(b, c, h, w) piece by piece through a function that scales: (b, out_channels, h * amount, w * amount)."""
    return tiled_scale_multidim(
        samples, function, (tile_y, tile_x), overlap, upscale_amount, out_channels, output_device, pbar=pbar
    )


def tiled_scale_multidim(
    samples: Tensor,
    function: Callable[[Tensor], Tensor],
    tile: Sequence[int] = (64, 64),
    overlap: int = 8,
    upscale_amount: float = 4,
    out_channels: int = 3,
    output_device: torch.device | str = "cpu",
    downscale: bool = False,
    index_formulas: object = None,
    pbar: Any = None,
) -> Tensor:
    """The same with any number of sides. downscale: the function makes them smaller by the amount."""
    told: Progress | None = None if pbar is None else pbar.update
    amount = 1 / upscale_amount if downscale else upscale_amount
    return tiled(samples, function, tile, int(overlap), amount, out_channels, output_device, told)


# Files and keys


def load_torch_file(
    ckpt: str, safe_load: bool = True, device: torch.device | str | None = None, return_metadata: bool = False
) -> Any:
    """The tensors of a file by name; nothing in it is run, whatever `safe_load` says. Raises CheckpointError."""
    file = read_tensors(Path(ckpt))
    tensors = dict(file.tensors)
    if device is not None and torch.device(device).type != "cpu":
        tensors = {name: tensor.to(device) for name, tensor in tensors.items()}
    return (tensors, dict(file.metadata) or None) if return_metadata else tensors


def save_torch_file(sd: Mapping[str, Tensor], ckpt: str, metadata: Mapping[str, str] | None = None) -> None:
    """Write tensors as .safetensors."""
    tensors = {name: tensor.detach().contiguous() for name, tensor in sd.items()}
    save_file(tensors, ckpt, metadata=None if metadata is None else dict(metadata))


def calculate_parameters(sd: Mapping[str, Tensor], prefix: str = "") -> int:
    """How many numbers the tensors hold whose names begin so."""
    return sum(tensor.nelement() for name, tensor in sd.items() if name.startswith(prefix))


def weight_dtype(sd: Mapping[str, Tensor], prefix: str = "") -> torch.dtype | None:
    """The precision of most numbers whose names begin so, None where there are none."""
    counts: dict[torch.dtype, int] = {}
    for name, tensor in sd.items():
        if name.startswith(prefix):
            counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.numel()
    return max(counts, key=lambda each: counts[each]) if counts else None


def state_dict_key_replace(state_dict: StateDict, keys_to_replace: Mapping[str, str]) -> StateDict:
    """Rename keys, in place."""
    for old, new in keys_to_replace.items():
        if old in state_dict:
            state_dict[new] = state_dict.pop(old)
    return state_dict


def state_dict_prefix_replace(
    state_dict: StateDict, replace_prefix: Mapping[str, str], filter_keys: bool = False
) -> StateDict:
    """Give keys that begin so another beginning: in place, or with `filter_keys` these alone in a new dictionary."""
    out: StateDict = {} if filter_keys else state_dict
    for old, new in replace_prefix.items():
        for name in [each for each in state_dict if each.startswith(old)]:
            tensor = state_dict.pop(name)
            out[new + name[len(old) :]] = tensor
    return out


def get_attr(obj: Any, attr: str) -> Any:
    """An attribute by its dotted path."""
    for name in attr.split("."):
        obj = getattr(obj, name)
    return obj


def set_attr(obj: Any, attr: str, value: Any) -> Any:
    """Set an attribute by its dotted path; the one that was there before."""
    *path, last = attr.split(".")
    for name in path:
        obj = getattr(obj, name)
    before = getattr(obj, last)
    setattr(obj, last, value)
    return before


def set_attr_param(obj: Any, attr: str, value: Tensor) -> Any:
    """Set a weight by its dotted path; the one that was there before."""
    return set_attr(obj, attr, nn.Parameter(value, requires_grad=False))


def copy_to_param(obj: Any, attr: str, value: Tensor) -> None:
    """Copy numbers into a weight by its dotted path."""
    get_attr(obj, attr).data.copy_(value)


def reshape_mask(input_mask: Tensor, output_shape: Sequence[int]) -> Tensor:
    """A mask scaled to (b, c, h, w), its rows repeated as needed."""
    planes = input_mask.reshape(-1, 1, *input_mask.shape[-2:])
    planes = functional.interpolate(planes, size=tuple(output_shape[-2:]), mode="bilinear")
    return repeat_rows(planes, output_shape[0]).expand(-1, output_shape[1], -1, -1)


def string_to_seed(data: Iterable[int] | str) -> int:
    """A number of 32 bits that a text stands for, its CRC-32."""
    return zlib.crc32(data.encode() if isinstance(data, str) else bytes(data))
