"""Folders in diffusers' layout: one sub-folder for each part with its config.json and its tensors.

Configurations are read as data only. One that asks for program code of its own is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from torch import Tensor

from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.read import TensorFile, read_tensors

JsonObject = Mapping[str, object]

LONGEST_CONFIGURATION = 4 * 2**20
REMOTE_CODE = ("auto_map", "custom_pipeline", "trust_remote_code")
PARTS = ("unet", "vae", "text_encoder")

# The names under which parts store their tensors, the preferred first.
STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
SUFFIXES = (
    ".safetensors",
    ".fp16.safetensors",
    ".safetensors.index.json",
    ".safetensors.index.fp16.json",
    ".fp16.safetensors.index.json",
    ".bin",
    ".fp16.bin",
)


@dataclass(frozen=True)
class DiffusersFolder(TensorFile):
    """A folder as one set of tensors, named `unet.…`, `vae.…`, `text_encoder.…`, with each part's configuration."""

    index: JsonObject = field(default_factory=dict)
    configurations: Mapping[str, JsonObject] = field(default_factory=dict)


def read_folder(path: Path) -> DiffusersFolder:
    """All of a folder with a model_index.json. Raises CheckpointError where a part is damaged or wants to run code."""
    index_path = path / "model_index.json"
    if not index_path.is_file():
        raise CheckpointError(
            f"the folder {path.name} has no model_index.json: expected a model in diffusers' layout, "
            f"or choose a single file of weights"
        )
    index = read_json(index_path)
    _refuse_code(index_path, index)
    tensors: dict[str, Tensor] = {}
    configurations: dict[str, JsonObject] = {}
    for part in PARTS:
        if (path / part).is_dir():
            configurations[part] = read_json(path / part / "config.json")
            tensors |= {f"{part}.{name}": tensor for name, tensor in read_part(path / part).tensors.items()}
    scheduler = path / "scheduler" / "scheduler_config.json"
    if scheduler.is_file():
        configurations["scheduler"] = read_json(scheduler)
    return DiffusersFolder(path=path, tensors=tensors, index=index, configurations=configurations)


def read_part(folder: Path) -> TensorFile:
    """The tensors of one part: one file, or the files that an index names."""
    for suffix in SUFFIXES:
        for stem in STEMS:
            found = folder / (stem + suffix)
            if found.is_file():
                return _read_shards(found) if suffix.endswith(".json") else read_tensors(found)
    raise CheckpointError(
        f"the folder {folder.name} holds no tensors: expected a file such as {STEMS[0]}{SUFFIXES[0]} in {folder}"
    )


def read_json(path: Path) -> JsonObject:
    """A configuration. Raises CheckpointError where it is missing, no JSON object, too long, or asks for code."""
    if not path.is_file():
        raise CheckpointError(f"{path.parent.name} has no {path.name}: the folder is incomplete, download it again")
    size = path.stat().st_size
    if size > LONGEST_CONFIGURATION:
        raise CheckpointError(f"{path.name} has {size} bytes, at most {LONGEST_CONFIGURATION} are read")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path.parent.name}/{path.name} is no valid JSON ({error}): download it again"
        ) from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path.parent.name}/{path.name} is no JSON object: download it again")
    _refuse_code(path, content)
    return content


def _refuse_code(path: Path, configuration: JsonObject) -> None:
    asking = next((key for key in REMOTE_CODE if configuration.get(key)), None)
    if asking is not None:
        raise CheckpointError(
            f"{path.parent.name}/{path.name} asks for program code that comes with the model ({asking}): refused. "
            f"Only models whose parts are known here are loaded; if you trust this one, remove that entry"
        )


def _read_shards(index_path: Path) -> TensorFile:
    """The tensors of all files an index names; each name must be a plain file name of the same folder."""
    shards = read_json(index_path).get("weight_map")
    if not isinstance(shards, dict) or not all(isinstance(name, str) for name in shards.values()):
        raise CheckpointError(f"{index_path.name} has no weight_map from tensors to files: download it again")
    tensors: dict[str, Tensor] = {}
    for name in sorted(set(shards.values())):
        if name != PurePosixPath(name).name or name != PureWindowsPath(name).name or name in ("", ".", ".."):
            raise CheckpointError(f"{index_path.name} names the file {name[:80]!r}, expected one of its own folder")
        tensors |= read_tensors(index_path.parent / name).tensors
    if tensors.keys() != shards.keys():
        odd = min(tensors.keys() ^ shards.keys())
        raise CheckpointError(
            f"{index_path.name} lists {len(shards)} tensors, its files hold {len(tensors)} (differing in {odd[:200]}): "
            f"a file is missing or of another version; download the folder again"
        )
    return TensorFile(index_path, tensors)
