"""What packs import as `comfy.model_management`."""

from functools import partial

import torch

from graph.errors import Interrupted
from packs.compat import devices, progress
from packs.compat.context import Context
from packs.compat.devices import CPUState, Devices, VRAMState

OF_DEVICES = (
    "cpu_mode", "get_free_memory", "get_torch_device", "get_torch_device_name", "get_total_memory", "is_amd",
    "is_nvidia", "maximum_vram_for_weights", "mps_mode", "should_use_bf16", "should_use_fp16", "soft_empty_cache",
    "text_encoder_device", "text_encoder_dtype", "text_encoder_offload_device", "unet_dtype",
    "unet_inital_load_device", "unet_offload_device", "vae_device", "vae_dtype", "vae_offload_device",
)  # fmt: skip
NOTHING = ("cleanup_models", "cleanup_models_gc", "load_model_gpu", "load_models_gpu", "unload_all_models")
NONE_HELD = ("free_memory", "loaded_models", "unload_model_clones")
NOT_SO = (
    "device_should_use_non_blocking", "device_supports_non_blocking", "force_channels_last", "is_ascend_npu",
    "is_directml_enabled", "is_intel_xpu", "is_mlu", "pytorch_attention_flash_attention", "sage_attention_enabled",
    "flash_attention_enabled", "supports_fp8_compute", "xformers_enabled", "xformers_enabled_vae",
)  # fmt: skip


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    found = context.part(Devices)
    on_cpu = found.cpu_mode()
    return {
        **{name: getattr(found, name) for name in OF_DEVICES},
        **dict.fromkeys(NOTHING, devices.nothing_to_do),
        **dict.fromkeys(NONE_HELD, devices.no_models),
        **dict.fromkeys(NOT_SO, devices.no),
        **{f"is_device_{kind}": partial(devices.is_device_type, kind=kind) for kind in ("cpu", "cuda", "mps", "xpu")},
        "CPUState": CPUState,
        "InterruptProcessingException": Interrupted,
        "OOM_EXCEPTION": torch.cuda.OutOfMemoryError,
        "VRAMState": VRAMState,
        "XFORMERS_IS_AVAILABLE": False,
        "cast_to": devices.cast_to,
        "cast_to_device": devices.cast_to_device,
        "cpu_state": CPUState.CPU if on_cpu else CPUState.GPU,
        "current_loaded_models": [],
        "directml_enabled": False,
        "dtype_size": devices.dtype_size,
        "extra_reserved_memory": lambda: 0,
        "get_autocast_device": devices.get_autocast_device,
        "intermediate_device": devices.intermediate_device,
        "interrupt_current_processing": progress.interrupt,
        "minimum_inference_memory": lambda: devices.GIBIBYTE,
        "module_size": devices.module_size,
        "processing_interrupted": progress.interrupted,
        "pytorch_attention_enabled": devices.yes,
        "supports_cast": devices.yes,
        "supports_dtype": devices.yes,
        "throw_exception_if_processing_interrupted": progress.stop_if_interrupted,
        "vram_state": VRAMState.DISABLED if on_cpu else VRAMState.HIGH_VRAM,
    }
