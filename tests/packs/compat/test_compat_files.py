"""Packs name files as they are used to, and no name leads out of its folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from storage import NameRefused

House = Any

OUTSIDE = ("../secret.txt", "/etc/passwd", "a/../../secret.txt", "..\\secret.txt", "C:/secret.txt", "a/./b", "")


@pytest.fixture
def names(house: House) -> Any:
    return house.given.module("folder_paths")


@pytest.mark.parametrize("name", OUTSIDE)
def test_t47_no_name_of_a_file_leads_out_of_its_folder(house: House, names: Any, name: str) -> None:
    (house.folders.input.parent / "secret.txt").write_text("secret")
    house.folders.input.mkdir(parents=True, exist_ok=True)
    with pytest.raises(NameRefused):
        names.get_annotated_filepath(name)
    with pytest.raises(NameRefused):
        names.get_full_path("checkpoints", name)
    with pytest.raises(NameRefused):
        names.get_save_image_path(f"{name}/x" if name else "/x", names.get_output_directory())
    assert not names.exists_annotated_filepath(name)


def test_t47_a_link_that_leads_out_is_not_followed(house: House, names: Any) -> None:
    house.folders.input.mkdir(parents=True, exist_ok=True)
    (house.folders.input.parent / "secret.txt").write_text("secret")
    (house.folders.input / "link.txt").symlink_to(house.folders.input.parent / "secret.txt")
    with pytest.raises(NameRefused):
        names.get_annotated_filepath("link.txt")


def test_files_are_named_with_their_folder_in_brackets(house: House, names: Any) -> None:
    assert names.get_annotated_filepath("a.png") == str(house.folders.input.resolve() / "a.png")
    assert names.get_annotated_filepath("sub/a.png [output]") == str(house.folders.output.resolve() / "sub" / "a.png")
    assert names.annotated_filepath("a.png [temp]") == ("a.png", str(house.folders.temp))
    assert names.annotated_filepath("a.png") == ("a.png", None)
    assert names.get_directory_by_type("temp") == str(house.folders.temp)
    assert names.get_directory_by_type("elsewhere") is None


def test_categories_are_listed_and_packs_add_their_own(house: House, names: Any, tmp_path: Path) -> None:
    assert names.get_filename_list("checkpoints") == ["tiny.safetensors"]
    path = names.get_full_path_or_raise("checkpoints", "tiny.safetensors")
    assert Path(path).is_file()
    assert names.get_full_path("checkpoints", "none.safetensors") is None
    with pytest.raises(FileNotFoundError, match=r"none\.safetensors"):
        names.get_full_path_or_raise("checkpoints", "none.safetensors")
    with pytest.raises(KeyError, match="add_model_folder_path"):
        names.get_filename_list("my_models")
    (tmp_path / "mine" / "sub").mkdir(parents=True)
    (tmp_path / "mine" / "sub" / "a.onnx").write_text("")
    names.add_model_folder_path("my_models", str(tmp_path / "mine"))
    assert names.get_filename_list("my_models") == ["sub/a.onnx"]
    names.folder_names_and_paths["listed"] = ([str(tmp_path / "mine")], {".onnx"})
    assert names.get_filename_list("listed") == ["sub/a.onnx"]
    names.folder_names_and_paths["listed"][1].clear()
    assert names.get_full_path("listed", "sub/a.onnx") == str((tmp_path / "mine" / "sub" / "a.onnx").resolve())
    assert names.map_legacy("unet") == "diffusion_models"
    assert names.get_folder_paths("clip") == names.get_folder_paths("text_encoders")


def test_a_default_folder_comes_first(house: House, names: Any) -> None:
    names.add_model_folder_path("mine", "/one")
    names.add_model_folder_path("mine", "/two", is_default=True)
    names.add_model_folder_path("mine", "/one", is_default=True)
    assert names.get_folder_paths("mine") == ["/one", "/two"]


def test_lists_of_names_are_filtered(names: Any) -> None:
    files = ["b.PNG", "a.mp4", "c.flac", "d.glb", "e.txt"]
    assert names.filter_files_content_types(files, ["image"]) == ["b.PNG"]
    assert names.filter_files_content_types(files, ["video", "model"]) == ["a.mp4", "d.glb"]
    assert names.filter_files_extensions(files, [".png", ".txt"]) == ["b.PNG", "e.txt"]


SAVE = """
import os, json, folder_paths
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

class Save:
    def __init__(self):
        self.output_dir = folder_paths.get_output_directory()
        self.type = "output"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"images": ("IMAGE",), "filename_prefix": ("STRING", {"default": "toy/x"})},
                "hidden": {"prompt": "PROMPT"}}
    RETURN_TYPES = ()
    FUNCTION = "save"
    OUTPUT_NODE = True

    def save(self, images, filename_prefix, prompt=None):
        folder, filename, counter, subfolder, prefix = folder_paths.get_save_image_path(
            filename_prefix, self.output_dir, images[0].shape[1], images[0].shape[0])
        results = []
        for batch_number, image in enumerate(images):
            picture = Image.fromarray((255.0 * image.cpu().numpy()).clip(0, 255).astype(np.uint8))
            info = PngInfo()
            info.add_text("prompt", json.dumps(prompt))
            file = f"{filename.replace('%batch_num%', str(batch_number))}_{counter:05}_.png"
            picture.save(os.path.join(folder, file), pnginfo=info)
            results.append({"filename": file, "subfolder": subfolder, "type": self.type})
            counter += 1
        return {"ui": {"images": results}}

class Load:
    @classmethod
    def INPUT_TYPES(cls):
        folder = folder_paths.get_input_directory()
        return {"required": {"image": (sorted(os.listdir(folder)), {"image_upload": True})}}
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "load"
    def load(self, image):
        import torch, node_helpers
        picture = node_helpers.pillow(Image.open, folder_paths.get_annotated_filepath(image))
        return (torch.from_numpy(np.array(picture.convert("RGB")).astype(np.float32) / 255.0)[None],)
    @classmethod
    def IS_CHANGED(cls, image):
        return os.path.getmtime(folder_paths.get_annotated_filepath(image))
    @classmethod
    def VALIDATE_INPUTS(cls, image):
        return folder_paths.exists_annotated_filepath(image) or f"no such picture: {image}"

NODE_CLASS_MAPPINGS = {"ToySave": Save, "ToyLoad": Load}
"""


def test_a_pack_loads_and_saves_pictures_by_its_own_hand(house: House) -> None:
    house.folders.input.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (255, 0, 51)).save(house.folders.input / "red.png")
    [report] = house.load({"files": SAVE}).reports
    assert report.nodes == ("ToySave", "ToyLoad")
    steps = {
        "1": {"class_type": "ToyLoad", "inputs": {"image": "red.png"}},
        "2": {"class_type": "ToySave", "inputs": {"images": ["1", 0], "filename_prefix": "toy/%width%"}},
    }
    outcome = house.outcome(steps, "2")
    assert outcome.status == "success", outcome.error
    assert outcome.outputs["2"].ui["images"] == [{"filename": "8_00001_.png", "subfolder": "toy", "type": "output"}]
    with Image.open(house.folders.output / "toy" / "8_00001_.png") as picture:
        assert picture.getpixel((0, 0)) == (255, 0, 51)
        assert json.loads(picture.text["prompt"])["1"]["class_type"] == "ToyLoad"  # type: ignore[attr-defined]


def test_t47_a_prefix_that_leads_out_ends_the_node_and_writes_nothing(house: House) -> None:
    house.folders.input.mkdir(parents=True, exist_ok=True)
    house.load({"files": SAVE})
    steps = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
        "2": {"class_type": "ToySave", "inputs": {"images": ["1", 0], "filename_prefix": "../../x"}},
    }
    outcome = house.outcome(steps, "2")
    assert outcome.status == "error"
    assert "step out of the folder" in outcome.error.message
    assert not list(house.folders.output.parent.glob("*.png"))


def test_a_pack_derives_from_the_nodes_that_save(house: House) -> None:
    source = """
    import folder_paths, nodes

    class Show(nodes.PreviewImage):
        def __init__(self):
            super().__init__()
            self.prefix_append = "_mine"

        @classmethod
        def INPUT_TYPES(s):
            return {"required": {"images": ("IMAGE",)}, "hidden": {"prompt": "PROMPT"}}

        def save_images(self, images, filename_prefix="shown", prompt=None, extra_pnginfo=None):
            return super().save_images(images, filename_prefix, prompt, extra_pnginfo)

    NODE_CLASS_MAPPINGS = {"ToyShow": Show}
    """
    house.load({"shows": source})
    steps = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 2, "color": 0}},
        "2": {"class_type": "ToyShow", "inputs": {"images": ["1", 0]}},
    }
    outcome = house.outcome(steps, "2")
    assert outcome.status == "success", outcome.error
    assert [each["filename"] for each in outcome.outputs["2"].ui["images"]] == [
        "shown_mine_00001_.png",
        "shown_mine_00002_.png",
    ]
    assert (house.folders.temp / "shown_mine_00002_.png").is_file()


def test_files_of_tensors_are_read_without_running_anything(house: House, tmp_path: Path) -> None:
    tools = house.given.module("comfy.utils")
    tensors = {"a.weight": torch.ones(2, 3), "a.bias": torch.zeros(2)}
    tools.save_torch_file(tensors, str(tmp_path / "x.safetensors"), metadata={"made": "here"})
    found, metadata = tools.load_torch_file(str(tmp_path / "x.safetensors"), return_metadata=True)
    assert (found.keys(), metadata) == (tensors.keys(), {"made": "here"})
    renamed = tools.state_dict_prefix_replace(dict(found), {"a.": "b."}, filter_keys=True)
    assert renamed.keys() == {"b.weight", "b.bias"}
    assert tools.calculate_parameters(found) == 8

    class Evil:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"a": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(ValueError, match="more than plain tensors"):
        tools.load_torch_file(str(tmp_path / "evil.pt"), safe_load=False)
    assert not (tmp_path / "ran").exists()


def test_a_checkpoint_is_loaded_by_its_name(house: House, toy_pack: Callable[..., str]) -> None:
    body = """
    import comfy.sd, folder_paths, nodes
    path = folder_paths.get_full_path_or_raise("checkpoints", name)
    model, clip, vae = comfy.sd.load_checkpoint_guess_config(path, output_vae=True, output_clip=True)[:3]
    tokens = clip.tokenize("a fox")
    positive = clip.encode_from_tokens_scheduled(tokens)
    (latent,) = nodes.EmptyLatentImage().generate(64, 64, 1)
    (latent,) = nodes.common_ksampler(model, 1, 1, 1.0, "euler", "simple", positive, positive, latent)
    return nodes.VAEDecode().decode(vae, latent)
    """
    house.load({"loads": toy_pack("ToyWhole", {"name": "STRING"}, "IMAGE", body)})
    [image] = house.values({"1": {"class_type": "ToyWhole", "inputs": {"name": "tiny.safetensors"}}}, "1")
    assert image.shape == (1, 64, 64, 3)
