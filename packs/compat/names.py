"""The names that packs import: which module of ours stands behind each, and a sentence for those that are not given."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_GIVEN: Final = "packs.compat.given"

MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nodes": f"{_GIVEN}.nodes",
        "folder_paths": f"{_GIVEN}.folder_paths",
        "node_helpers": f"{_GIVEN}.node_helpers",
        "latent_preview": f"{_GIVEN}.latent_preview",
        "execution": f"{_GIVEN}.execution",
        "server": f"{_GIVEN}.server",
        "protocol": f"{_GIVEN}.protocol",
        "cli_args": f"{_GIVEN}.cli_args",
        "comfyui_version": f"{_GIVEN}.version",
        "comfy": "",
        "comfy.cli_args": f"{_GIVEN}.cli_args",
        "comfy.comfy_types": f"{_GIVEN}.comfy_types",
        "comfy.comfy_types.node_typing": f"{_GIVEN}.comfy_types",
        "comfy.conds": f"{_GIVEN}.conds",
        "comfy.latent_formats": f"{_GIVEN}.latent_formats",
        "comfy.model_management": f"{_GIVEN}.model_management",
        "comfy.model_patcher": f"{_GIVEN}.model_patcher",
        "comfy.model_sampling": f"{_GIVEN}.model_sampling",
        "comfy.options": f"{_GIVEN}.options",
        "comfy.sample": f"{_GIVEN}.sample",
        "comfy.samplers": f"{_GIVEN}.samplers",
        "comfy.sd": f"{_GIVEN}.sd",
        "comfy.utils": f"{_GIVEN}.comfy_utils",
        "comfy_execution": "",
        "comfy_execution.graph": f"{_GIVEN}.execution_graph",
        "comfy_execution.graph_utils": f"{_GIVEN}.graph_utils",
        "comfy_execution.progress": f"{_GIVEN}.execution_progress",
        "comfy_execution.utils": f"{_GIVEN}.execution_context",
        "comfy_api": "",
        "comfy_api.input": f"{_GIVEN}.api_input",
        "comfy_api.input_impl": f"{_GIVEN}.api_input_impl",
        "comfy_api.latest": f"{_GIVEN}.api_latest",
        "comfy_api.latest.io": f"{_GIVEN}.api_io",
        "comfy_api.latest.ui": f"{_GIVEN}.api_ui",
        "comfy_api.util": f"{_GIVEN}.api_types",
        "comfy_api.v0_0_1": f"{_GIVEN}.api_latest",
        "comfy_api.v0_0_2": f"{_GIVEN}.api_latest",
    }
)
"""Foreign name -> the module of ours that lists what is in it; an empty text for a package that only holds others."""

SHADOWING: Final = frozenset({"nodes", "server", "protocol", "execution", "cli_args"})
"""Top-level names that only packs may see: our own packages have them, or another library may."""

_WEIGHTS: Final = "The networks here are our own; write the node against the MODEL, CLIP and VAE objects it is given."

FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "comfy.ldm": f"The layers of other networks are not here. {_WEIGHTS}",
        "comfy.model_base": f"The classes of other networks are not here. {_WEIGHTS}",
        "comfy.model_detection": "Files are recognised by comfy.sd.load_checkpoint_guess_config.",
        "comfy.supported_models": "Files are recognised by comfy.sd.load_checkpoint_guess_config.",
        "comfy.supported_models_base": "Files are recognised by comfy.sd.load_checkpoint_guess_config.",
        "comfy.controlnet": "There is no ControlNet here yet; steer with masks, areas and inpainting conditions.",
        "comfy.cldm": "There is no ControlNet here yet; steer with masks, areas and inpainting conditions.",
        "comfy.t2i_adapter": "There are no T2I adapters here yet; steer with masks, areas and inpainting conditions.",
        "comfy.lora": "There is no LoRA here yet; load a checkpoint into which it was merged.",
        "comfy.lora_convert": "There is no LoRA here yet; load a checkpoint into which it was merged.",
        "comfy.weight_adapter": "There is no LoRA here yet; load a checkpoint into which it was merged.",
        "comfy.ops": "Weights are not moved while they are used; take the layers of torch.nn.",
        "comfy.float": "Weights keep the precision of their file; take the types of torch.",
        "comfy.quant_ops": "Weights keep the precision of their file; take the types of torch.",
        "comfy.clip_model": "Text models come from transformers; use the CLIP object that the node is given.",
        "comfy.sd1_clip": "Text models come from transformers; use clip.tokenize and clip.encode_from_tokens.",
        "comfy.sdxl_clip": "Text models come from transformers; use clip.tokenize and clip.encode_from_tokens.",
        "comfy.text_encoders": "Text models come from transformers; use clip.tokenize and clip.encode_from_tokens.",
        "comfy.clip_vision": "There is no CLIP vision model here yet; take the one of transformers.",
        "comfy.gligen": "There is no GLIGEN here; let prompts speak for areas with ConditioningSetArea.",
        "comfy.hooks": "Conditions carry no hooks here; use the set_model_... functions of the MODEL.",
        "comfy.sampler_helpers": "Use comfy.samplers.sample, CFGGuider and calc_cond_batch.",
        "comfy.k_diffusion": "Use comfy.samplers.sampler_object(name), or KSAMPLER(function) for one of your own.",
        "comfy.extra_samplers": "Use comfy.samplers.sampler_object('uni_pc').",
        "comfy.diffusers_convert": "Folders in the layout of diffusers are read by comfy.sd as they are.",
        "comfy.diffusers_load": "Folders in the layout of diffusers are read by comfy.sd as they are.",
        "comfy.taesd": "Small decoders serve previews by themselves; decode with the VAE that the node is given.",
        "comfy.patcher_extension": "Wrappers and callbacks are not here; use MODEL.set_model_unet_function_wrapper.",
        "comfy.context_windows": "Context windows are not here yet.",
        "comfy.checkpoint_pickle": "Files are read without running anything in them, by comfy.utils.load_torch_file.",
        "comfy.rmsnorm": "Take torch.nn.RMSNorm.",
        "comfy_extras": "Nodes are found by their ids in nodes.NODE_CLASS_MAPPINGS, whichever module they come from.",
        "comfy_api_nodes": "Services elsewhere are not called from here; write the request in the pack itself.",
        "comfy_api.internal": "It is not for packs; take comfy_api.latest.",
        "comfy_config": "What a pack is called and needs stands in its pack.toml or pyproject.toml.",
        "comfy_execution.caching": "The cache is none of a pack's business; say IS_CHANGED for state outside.",
        "comfy_execution.validation": "Links are checked by the host; say VALIDATE_INPUTS for a judgement of your own.",
        "app.custom_node_manager": "Packs are listed by the HTTP API, at /api/v1/packs.",
        "app.database": "There is no database for packs; keep files below folder_paths.get_user_directory().",
        "app.frontend_management": "The editor is a part of the program; bring scripts with WEB_DIRECTORY.",
        "app.logger": "Take logging.getLogger(__name__).",
        "app.model_manager": "Models are listed by folder_paths.get_filename_list.",
        "app.user_manager": "There is one user; keep files below folder_paths.get_user_directory().",
        "app.app_settings": "Settings belong to the editor; keep files below folder_paths.get_user_directory().",
        "api_server": "Routes are added to server.PromptServer.instance.routes.",
        "middleware": "Routes are added to server.PromptServer.instance.routes.",
    }
)
"""Families of names that are known and not given -> what to use instead."""

ROOTS: Final = frozenset({"comfy", "comfy_execution", "comfy_api"})
"""Everything below these is known to be missing where it is not given."""

INSTEAD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nodes": "Nodes are found by their ids in nodes.NODE_CLASS_MAPPINGS.",
        "comfy.sd.load_lora_for_models": "There is no LoRA here yet; load a checkpoint into which it was merged.",
        "comfy.sd.load_clip": "Text models alone are not read yet; load them with their checkpoint.",
        "comfy.sd.load_diffusion_model": "Networks alone are not read yet; load them with their checkpoint.",
        "comfy.sd.load_unet": "Networks alone are not read yet; load them with their checkpoint.",
        "comfy.sd.load_gligen": "There is no GLIGEN here; let prompts speak for areas with ConditioningSetArea.",
        "comfy.sd.load_style_model": "There are no style models here yet.",
        "comfy.samplers.KSamplerX0Inpaint": "Masks are held by the sampling itself: pass denoise_mask.",
        "comfy.model_management": "Weights stay where they were loaded, so most of its functions have no work here.",
        "comfy.model_sampling": "The noise levels of a model are read at model.get_model_object('model_sampling').",
        "server": "PromptServer.instance has send_sync, routes, client_id and last_node_id.",
        "execution": "Runs are carried out by the host; use the hidden inputs PROMPT and DYNPROMPT.",
    }
)
"""A module, or a name in one -> what to use instead of what it does not have."""


def missing_module(name: str) -> str:
    """The sentence for a module of a known family that is not given; empty for one that is none of ours."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        sentence = FAMILIES.get(".".join(parts[:length]))
        if sentence is not None:
            return f"{name} is not given to packs here. {sentence}"
    if parts[0] in ROOTS:
        known = ", ".join(sorted(each for each in MODULES if each.startswith(f"{parts[0]}.")))
        return f"{name} is not given to packs here. There are {known}."
    return ""


def missing_name(module: str, name: str) -> str:
    """The sentence for a name that a given module does not have."""
    inner = missing_module(f"{module}.{name}")
    if inner and f"{module}.{name}" in FAMILIES:
        return inner
    instead = INSTEAD.get(f"{module}.{name}") or INSTEAD.get(module)
    if instead is None:
        instead = f"docs/plugins.md lists what {module} has."
    return f"{module}.{name} is not given to packs here. {instead}"
