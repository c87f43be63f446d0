"""Devices, precisions and memory as packs ask for them. Weights stay where they were loaded."""

import os
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

import torch
from torch import Tensor

from nodes.devices import device_for
from packs.compat.context import Context

CPU: Final = torch.device("cpu")
GIBIBYTE: Final = 2**30


class VRAMState(Enum):
    """How much memory of a GPU there is for weights."""

    DISABLED = 0
    NO_VRAM = 1
    LOW_VRAM = 2
    NORMAL_VRAM = 3
    HIGH_VRAM = 4
    SHARED = 5


class CPUState(Enum):
    """What kind of device computes."""

    GPU = 0
    CPU = 1
    MPS = 2


class Devices:
    """The functions of `comfy.model_management` that depend on where models work."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get_torch_device(self) -> torch.device:
        """Where networks work."""
        return device_for(self._context.run())

    def unet_offload_device(self) -> torch.device:
        """Where networks are while they do not work: in the same place."""
        return self.get_torch_device()

    text_encoder_device = text_encoder_offload_device = vae_device = vae_offload_device = get_torch_device
    unet_inital_load_device = get_torch_device

    def get_torch_device_name(self, device: Any) -> str:
        """A device in words."""
        found = torch.device(device)
        return f"{found} {torch.cuda.get_device_name(found)}" if found.type == "cuda" else str(found)

    def get_total_memory(self, dev: Any = None, torch_total_too: bool = False) -> Any:
        """Bytes of memory of a device."""
        device = self.get_torch_device() if dev is None else torch.device(dev)
        if device.type == "cuda":
            total = torch.cuda.mem_get_info(device)[1]
        else:
            total = _pages("SC_PHYS_PAGES")
        return (total, total) if torch_total_too else total

    def get_free_memory(self, dev: Any = None, torch_free_too: bool = False) -> Any:
        """Bytes of memory of a device that nobody uses."""
        device = self.get_torch_device() if dev is None else torch.device(dev)
        if device.type == "cuda":
            reserved = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
            free = torch.cuda.mem_get_info(device)[0] + reserved
            return (free, reserved) if torch_free_too else free
        free = _pages("SC_AVPHYS_PAGES")
        return (free, free) if torch_free_too else free

    def should_use_fp16(self, device: Any = None, *given: object, **named: object) -> bool:
        """Whether half precision is quicker there."""
        return self._kind(device) == "cuda"

    def should_use_bf16(self, device: Any = None, *given: object, **named: object) -> bool:
        """Whether brain floats are quicker there."""
        return self._kind(device) == "cuda" and torch.cuda.is_bf16_supported()

    def unet_dtype(self, device: Any = None, *given: object, **named: object) -> torch.dtype:
        """The precision of networks there."""
        return torch.float16 if self.should_use_fp16(device) else torch.float32

    text_encoder_dtype = unet_dtype

    def vae_dtype(self, device: Any = None, allowed_dtypes: Iterable[torch.dtype] = ()) -> torch.dtype:
        """The precision of first stages."""
        return torch.float32

    def soft_empty_cache(self, force: bool = False) -> None:
        """Give memory of a GPU back that nobody uses."""
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def is_nvidia(self) -> bool:
        """Whether networks work on a GPU of this maker."""
        return self._kind(None) == "cuda" and torch.version.cuda is not None

    def is_amd(self) -> bool:
        """Whether networks work on a GPU of this maker."""
        return self._kind(None) == "cuda" and torch.version.hip is not None

    def cpu_mode(self) -> bool:
        """Whether networks work on the CPU."""
        return self._kind(None) == "cpu"

    def mps_mode(self) -> bool:
        """Whether networks work on a GPU of Apple's."""
        return self._kind(None) == "mps"

    def maximum_vram_for_weights(self, device: Any = None) -> float:
        """Bytes that weights may take there."""
        return self.get_total_memory(device) * 0.88

    def _kind(self, device: Any) -> str:
        return (self.get_torch_device() if device is None else torch.device(device)).type


def _pages(name: str) -> int:
    """Bytes of main memory by a question to the system; where it does not answer, a gibibyte."""
    try:
        return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return GIBIBYTE


def intermediate_device() -> torch.device:
    """Where values on wires lie."""
    return CPU


def is_device_type(device: Any, kind: str) -> bool:
    """Whether a device is of a kind, such as cuda."""
    return torch.device(device).type == kind


def cast_to(
    weight: Tensor, dtype: torch.dtype | None = None, device: Any = None, non_blocking: bool = False, copy: bool = False
) -> Tensor:
    """A tensor elsewhere, in another precision."""
    found = weight.to(device=device, dtype=dtype, non_blocking=non_blocking)
    return found.clone() if copy and found is weight else found


def cast_to_device(tensor: Tensor, device: Any, dtype: torch.dtype | None, copy: bool = False) -> Tensor:
    """A tensor elsewhere, in another precision."""
    return cast_to(tensor, dtype, device, copy=copy)


def dtype_size(dtype: torch.dtype) -> int:
    """Bytes of a number."""
    return dtype.itemsize


def module_size(module: torch.nn.Module) -> int:
    """Bytes of weights."""
    return sum(each.numel() * each.element_size() for each in module.state_dict().values())


def get_autocast_device(dev: Any) -> str:
    """The kind of a device."""
    return getattr(dev, "type", "cuda")


def nothing_to_do(*given: object, **named: object) -> None:
    """Weights are where they work, and stay there."""


def no_models(*given: object, **named: object) -> list[object]:
    """None is held beside those on the wires."""
    return []


def no(*given: object, **named: object) -> bool:
    """It is not so."""
    return False


def yes(*given: object, **named: object) -> bool:
    """It is so."""
    return True
