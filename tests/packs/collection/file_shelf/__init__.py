"""Files."""
import hashlib
import json
import os

import folder_paths

SHELF = os.path.join(folder_paths.models_dir, "shelf")
os.makedirs(SHELF, exist_ok=True)
folder_paths.add_model_folder_path("shelf", SHELF)
folder_paths.folder_names_and_paths["shelf"] = ([SHELF], {".json", ".txt"})


class ShelfSave:
    def __init__(self):
        self.output_dir = folder_paths.get_output_directory()
        self.type = "output"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"text": ("STRING", {"forceInput": True}), "filename_prefix": ("STRING", {"default": "shelf"})},
                "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}}

    RETURN_TYPES = ()
    OUTPUT_NODE = True
    FUNCTION = "save"
    CATEGORY = "shelf"

    def save(self, text, filename_prefix, prompt=None, extra_pnginfo=None):
        full, filename, counter, subfolder, filename_prefix = folder_paths.get_save_image_path(filename_prefix, self.output_dir)
        file = f"{filename}_{counter:05}_.json"
        with open(os.path.join(full, file), "w", encoding="utf-8") as f:
            json.dump({"text": text, "nodes": sorted(prompt or {})}, f)
        return {"ui": {"files": [{"filename": file, "subfolder": subfolder, "type": self.type}]}}


class ShelfLoad:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"name": (folder_paths.get_filename_list("shelf"),)}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "load"
    CATEGORY = "shelf"

    def load(self, name):
        with open(folder_paths.get_full_path_or_raise("shelf", name), encoding="utf-8") as f:
            return (f.read(),)

    @classmethod
    def IS_CHANGED(cls, name):
        m = hashlib.sha256()
        with open(folder_paths.get_full_path("shelf", name), "rb") as f:
            m.update(f.read())
        return m.digest().hex()

    @classmethod
    def VALIDATE_INPUTS(cls, name):
        if folder_paths.get_full_path("shelf", name) is None:
            return "Not on the shelf: {}".format(name)
        return True


class ShelfDice:
    """Never the same."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"sides": ("INT", {"default": 6})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "roll"
    CATEGORY = "shelf"

    def roll(self, sides):
        import random
        return (random.randint(1, sides),)

    @classmethod
    def IS_CHANGED(cls, **kwargs):
        return float("NaN")


NODE_CLASS_MAPPINGS = {"ShelfSave": ShelfSave, "ShelfLoad": ShelfLoad, "ShelfDice": ShelfDice}
