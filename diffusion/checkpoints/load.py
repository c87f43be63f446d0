"""Loading weights: open, recognise, map, build."""

from pathlib import Path

import torch

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints.assemble import Checkpoint
from diffusion.checkpoints.detect import Family, detect
from diffusion.checkpoints.diffusers import DIFFUSERS_VAE, SD1_FOLDER
from diffusion.checkpoints.diffusers_folder import DiffusersFolder, read_folder, read_json, read_part
from diffusion.checkpoints.ldm_vae import LDM_VAE, PREFIXED_LDM_VAE
from diffusion.checkpoints.placement import Placement
from diffusion.checkpoints.read import TensorFile, read_tensors
from diffusion.checkpoints.sd1 import SD1

FILE_FAMILIES: tuple[Family[TensorFile, Checkpoint], ...] = (SD1,)
FOLDER_FAMILIES: tuple[Family[DiffusersFolder, Checkpoint], ...] = (SD1_FOLDER,)
VAE_FAMILIES: tuple[Family[TensorFile, ImageCodec], ...] = (LDM_VAE, PREFIXED_LDM_VAE, DIFFUSERS_VAE)


def load_checkpoint(
    path: str | Path, *, dtype: torch.dtype | None = None, device: torch.device | str = "cpu"
) -> Checkpoint:
    """The parts of a model from a single file or from a folder in diffusers' layout.

    dtype: None takes float32 on the CPU, elsewhere the file's own precision, but float32 always for the first stage.
    Where nothing is converted the weights stay mapped from the file. Raises CheckpointError where the file is unsound,
    of no known family, or its tensors do not come out even with the networks.
    """
    path, place = Path(path), Placement(dtype, torch.device(device))
    if path.is_dir():
        folder = read_folder(path)
        return detect(folder, FOLDER_FAMILIES).load(folder, place)
    file = read_tensors(path)
    return detect(file, FILE_FAMILIES).load(file, place)


def load_vae(path: str | Path, *, dtype: torch.dtype | None = None, device: torch.device | str = "cpu") -> ImageCodec:
    """A first stage that stands alone: a file with LDM's or diffusers' names, or a folder with config.json.

    dtype: None is float32. Raises CheckpointError as `load_checkpoint` does.
    """
    path, place = Path(path), Placement(dtype, torch.device(device))
    file = _read_vae_folder(path) if path.is_dir() else read_tensors(path)
    return detect(file, VAE_FAMILIES).load(file, place)


def _read_vae_folder(path: Path) -> DiffusersFolder:
    part = read_part(path)
    return DiffusersFolder(
        path=path, tensors=part.tensors, metadata=part.metadata, configurations={"vae": read_json(path / "config.json")}
    )
