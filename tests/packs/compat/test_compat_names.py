"""Packs get the names they import; for those that are not given there is one sentence."""

import importlib
import sys
from collections.abc import Callable
from typing import Any

import pytest

import nodes
from packs.compat.names import FAMILIES, MODULES

House = Any

WORDS = {"comfy_execution.utils", *(name for name in MODULES if name.startswith("comfy_api.") and
         name.rpartition(".")[2] not in {"input", "input_impl", "util"})}  # fmt: skip

EXPECTED = {
    "nodes": "NODE_CLASS_MAPPINGS NODE_DISPLAY_NAME_MAPPINGS MAX_RESOLUTION common_ksampler KSampler VAEDecode "
    "VAEEncode CLIPTextEncode EmptyLatentImage "
    "LoadImage SaveImage PreviewImage interrupt_processing before_node_execution "
    "CheckpointLoaderSimple ConditioningCombine ImageScale LatentUpscale",
    "folder_paths": "models_dir base_path get_filename_list get_full_path get_full_path_or_raise get_input_directory "
    "get_output_directory get_temp_directory get_user_directory get_annotated_filepath exists_annotated_filepath "
    "add_model_folder_path folder_names_and_paths get_save_image_path supported_pt_extensions get_folder_paths "
    "filter_files_content_types filter_files_extensions map_legacy recursive_search annotated_filepath "
    "get_directory_by_type set_output_directory cache_helper output_directory",
    "node_helpers": "conditioning_set_values pillow image_alpha_fix hasher string_to_torch_dtype",
    "comfy.utils": "ProgressBar common_upscale lanczos bislerp load_torch_file save_torch_file set_attr get_attr "
    "state_dict_prefix_replace tiled_scale PROGRESS_BAR_ENABLED calculate_parameters copy_to_param "
    "repeat_to_batch_size set_progress_bar_global_hook tiled_scale_multidim resize_to_batch_size",
    "comfy.samplers": "SAMPLER_NAMES SCHEDULER_NAMES SCHEDULER_HANDLERS KSampler KSAMPLER sampler_object ksampler "
    "calculate_sigmas sample CFGGuider simple_scheduler normal_scheduler calc_cond_batch cfg_function "
    "sampling_function",
    "comfy.sample": "prepare_noise fix_empty_latent_channels sample sample_custom",
    "comfy.sd": "load_checkpoint_guess_config VAE CLIP",
    "comfy.model_management": "get_torch_device intermediate_device unet_offload_device text_encoder_device vae_device "
    "throw_exception_if_processing_interrupted processing_interrupted soft_empty_cache InterruptProcessingException "
    "load_models_gpu load_model_gpu get_free_memory get_total_memory is_device_mps is_device_cpu should_use_fp16 "
    "cast_to_device unload_all_models OOM_EXCEPTION VRAMState vram_state current_loaded_models free_memory",
    "comfy.model_patcher": "ModelPatcher",
    "comfy.model_sampling": "EPS V_PREDICTION X0 ModelSamplingDiscrete",
    "comfy.conds": "CONDRegular CONDCrossAttn CONDConstant CONDNoiseShape",
    "comfy.latent_formats": "LatentFormat SD15 SDXL",
    "comfy.comfy_types": "IO ComfyNodeABC InputTypeDict CheckLazyMixin FileLocator",
    "comfy.comfy_types.node_typing": "IO ComfyNodeABC InputTypeDict",
    "comfy.cli_args": "args LatentPreviewMethod",
    "cli_args": "args",
    "comfy.options": "enable_args_parsing",
    "comfy_execution.graph": "ExecutionBlocker",
    "comfy_execution.graph_utils": "GraphBuilder is_link ExecutionBlocker",
    "comfy_execution.progress": "get_progress_state",
    "comfy_execution.utils": "get_executing_context ExecutionContext",
    "comfy_api.latest": "ComfyExtension io ui Input InputImpl Types ComfyAPI ComfyAPISync",
    "comfy_api.latest.io": "ComfyNode Schema NodeOutput Int Image",
    "comfy_api.latest.ui": "PreviewImage PreviewText",
    "comfy_api.v0_0_1": "ComfyAPI ComfyAPISync",
    "comfy_api.v0_0_2": "ComfyAPI ComfyAPISync io ui",
    "comfy_api.input": "ImageInput AudioInput",
    "comfy_api.input_impl": "VideoFromFile",
    "comfy_api.util": "VideoCodec VideoContainer VideoComponents",
    "server": "PromptServer BinaryEventTypes",
    "protocol": "BinaryEventTypes",
    "execution": "ExecutionBlocker PromptExecutor",
    "latent_preview": "get_previewer prepare_callback LatentPreviewer",
    "comfyui_version": "__version__",
}


@pytest.mark.parametrize("module", sorted(name for name, source in MODULES.items() if source))
def test_a_pack_imports_each_name_that_is_given(house: House, module: str) -> None:
    if module in WORDS:
        pytest.importorskip("packs.convention.words.ui")
    for name in EXPECTED[module].split():
        found = house.module(f"import {module}\nfrom {module} import {name} as value\nagain = {module}.{name}\n")
        assert found.value is not None
        if module != "nodes":
            assert found.again is found.value


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_module_that_is_not_given_is_told_in_one_sentence_with_what_to_use(house: House, family: str) -> None:
    with pytest.raises(ImportError, match=r"^\S+ is not given to packs here\. .+\.$") as caught:
        house.module(f"import {family}.deeper\n")
    assert FAMILIES[family] in str(caught.value)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("from comfy.sd import load_lora_for_models", "There is no LoRA here yet"),
        ("from comfy.utils import gone", "comfy.utils.gone is not given to packs here"),
        ("import comfy.utils; comfy.utils.gone", "comfy.utils.gone is not given to packs here"),
        ("from comfy import ldm", "The layers of other networks are not here"),
        ("import comfy.nothing_known", "comfy.nothing_known is not given to packs here. There are comfy.cli_args"),
        ("from nodes import LoraLoader", "Nodes are found by their ids in nodes.NODE_CLASS_MAPPINGS"),
        ("import execution; execution.PromptExecutor(None)", "use the hidden inputs PROMPT"),
        ("import folder_paths; folder_paths.set_output_directory('/')", "--output"),
    ],
)
def test_a_name_that_is_missing_is_told_in_one_sentence(house: House, line: str, sentence: str) -> None:
    with pytest.raises((ImportError, AttributeError, NotImplementedError), match=sentence):
        house.module(line)


def test_a_pack_that_needs_what_is_not_there_is_reported_with_the_sentence(house: House) -> None:
    [report] = house.load({"needy": "import comfy.controlnet\n"}).reports
    assert report.state == "failed"
    assert "There is no ControlNet here yet" in report.problem


def test_our_own_packages_keep_their_names(house: House) -> None:
    module = house.module("import nodes, server\nfound = nodes.MAX_RESOLUTION, server.PromptServer.instance\n")
    assert module.found[0] == 16384
    assert sys.modules["nodes"] is nodes
    assert importlib.import_module("nodes") is nodes
    assert not hasattr(nodes, "MAX_RESOLUTION")


def test_libraries_find_the_names_that_are_nobody_elses_until_the_importer_is_closed(house: House) -> None:
    assert importlib.import_module("comfy.utils").ProgressBar is house.given.module("comfy.utils").ProgressBar
    house.importer.close()
    assert "comfy.utils" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("comfy.utils")


def test_modules_are_made_when_they_are_first_asked_for(house: House) -> None:
    assert house.given._made == {}
    house.module("import comfy.samplers\n")
    assert set(house.given._made) == {"comfy", "comfy.samplers"}


def test_ordinary_imports_are_left_alone(house: House) -> None:
    assert house.given.module("json") is None
    assert house.given.module("utils") is None
    assert house.given.module("app") is None
    assert house.module("import json, torch\nfrom os import path\nvalue = json.dumps(1)\n").value == "1"


def test_types_by_name_differ_as_the_convention_says(house: House) -> None:
    io = house.module("from comfy.comfy_types import IO\n").IO
    assert (io.ANY != "IMAGE") is False
    assert (io.NUMBER != "INT") is False
    assert io.IMAGE != "MASK"
    assert io.IMAGE == "IMAGE"
    assert f"{io.LATENT}" == "LATENT"


def test_a_node_whose_types_are_such_names_is_read(house: House) -> None:
    source = """
    from inspect import cleandoc
    from comfy.comfy_types import IO, ComfyNodeABC, InputTypeDict

    class Pick(ComfyNodeABC):
        @classmethod
        def INPUT_TYPES(cls) -> InputTypeDict:
            return {"required": {"value": (IO.ANY, {}), "image": (IO.IMAGE, {})}}
        RETURN_TYPES = (IO.ANY, IO.IMAGE)
        FUNCTION = "go"
        def go(self, value, image):
            return value, image
    NODE_CLASS_MAPPINGS = {"ToyPick": Pick}
    """
    house.load({"typed": source})
    node = house.registry.get("ToyPick")
    assert [each.type for each in node.inputs] == ["*", "IMAGE"]
    assert [each.type for each in node.outputs] == ["*", "IMAGE"]


def test_the_graph_builder_of_packs_is_ours(house: House, toy_pack: Callable[..., str]) -> None:
    body = """
    from comfy_execution.graph_utils import GraphBuilder, is_link
    graph = GraphBuilder()
    inner = graph.node("EmptyImage", width=8, height=8, batch_size=count, color=0)
    assert is_link(inner.out(0))
    return {"result": (inner.out(0),), "expand": graph.finalize()}
    """
    house.load({"loops": toy_pack("ToyGrow", {"count": "INT"}, "IMAGE", body)})
    [image] = house.values({"1": {"class_type": "ToyGrow", "inputs": {"count": 3}}}, "1")
    assert image.shape == (3, 8, 8, 3)


def test_a_blocker_of_a_pack_keeps_what_follows_from_running(house: House, toy_pack: Callable[..., str]) -> None:
    body = """
    from comfy_execution.graph import ExecutionBlocker
    return (ExecutionBlocker("no picture today"),)
    """
    house.load({"stops": toy_pack("ToyStop", {"count": "INT"}, "IMAGE", body)})
    steps = {
        "1": {"class_type": "ToyStop", "inputs": {"count": 1}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    }
    outcome = house.outcome(steps, "2")
    assert "2" not in outcome.executed
    assert any(getattr(event, "message", "") == "no picture today" for event in house.heard)
