"""What packs import as `comfy.utils`."""

import packs.compat.tensor_tools as tools
from packs.compat.context import Context
from packs.compat.progress import ProgressState, bar_class
from packs.compat.tensor_tools import (
    calculate_parameters,
    common_upscale,
    copy_to_param,
    get_attr,
    get_tiled_scale_steps,
    load_torch_file,
    repeat_to_batch_size,
    reshape_mask,
    resize_to_batch_size,
    save_torch_file,
    set_attr,
    set_attr_param,
    state_dict_key_replace,
    state_dict_prefix_replace,
    string_to_seed,
    tiled_scale,
    tiled_scale_multidim,
    weight_dtype,
)


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    state = context.part(ProgressState)
    functions = (
        calculate_parameters, common_upscale, copy_to_param, get_attr, get_tiled_scale_steps, load_torch_file,
        repeat_to_batch_size, reshape_mask, resize_to_batch_size, save_torch_file, set_attr, set_attr_param,
        state_dict_key_replace, state_dict_prefix_replace, string_to_seed, tiled_scale, tiled_scale_multidim,
        weight_dtype,
    )  # fmt: skip
    return {
        **{each.__name__: each for each in functions},
        "ALWAYS_SAFE_LOAD": True,
        "PROGRESS_BAR_ENABLED": True,
        "PROGRESS_BAR_HOOK": None,
        "ProgressBar": context.part(bar_class),
        "bislerp": tools.bislerp_upscale,
        "lanczos": tools.lanczos_upscale,
        "set_progress_bar_enabled": state.set_progress_bar_enabled,
        "set_progress_bar_global_hook": state.set_progress_bar_global_hook,
    }
