"""Latents in files, so that a sampling can go on another day."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import safetensors
import torch
from safetensors.torch import load, save
from torch import Tensor

from graph.handle import Run
from graph.marks import ChoiceFrom
from graph.results import Shown
from graph.spec import node
from nodes.errors import InputError
from nodes.fingerprints import of_file, of_folder
from nodes.pictures import listed, png_texts
from nodes.prefixes import sound_prefix
from nodes.sockets import Latent
from storage import Folders
from storage.saving import TokenValues, save_target

SAMPLES = "latent_tensor"
IN_VAE_SCALE = "latent_format_version_0"
"""Its presence says that the samples are in VAE scale; older files hold them times SD1's factor."""

NOISE_MASK = "noise_mask"
BATCH_INDEX = "batch_index"
OLD_SCALE = 0.18215
LARGEST_FILE_BYTES = 2**30
CELL = 8


@node(
    "SaveLatent",
    category="_for_testing",
    display_name="SaveLatent",
    terminal=True,
    fingerprint=of_folder("output"),
    validate=sound_prefix,
)
def save_latent(samples: Latent, filename_prefix: str = "latents/Nodeloom", *, run: Run) -> Shown:
    """Write latents to a file of the output folder.

    filename_prefix: may hold sub-folders and tokens such as %date:yyyy-MM-dd%.
    """
    height, width = samples.samples.shape[2:]
    values = TokenValues(datetime.now(), width * CELL, height * CELL, run.workflow)
    target = save_target(run.service(Folders), "output", filename_prefix, values)
    saved = target.write(save(_tensors(samples), dict(png_texts(run))), ".latent")
    return Shown(ui={"latents": [listed(saved)]}, files=(saved.path,))


@node("LoadLatent", category="_for_testing", display_name="LoadLatent", fingerprint=of_file("latent"))
def load_latent(latent: Annotated[str, ChoiceFrom("input_latents")], *, run: Run) -> Latent:
    """Read latents from a file of the input folder.

    latent: a name, or one like `latents/Nodeloom_00001_.latent [output]`.
    """
    with run.service(Folders).open_annotated(latent) as file:
        data = file.read(LARGEST_FILE_BYTES + 1)
    if len(data) > LARGEST_FILE_BYTES:
        raise InputError(
            f"a file of at most {LARGEST_FILE_BYTES} bytes", f"a larger one, {latent!r}", "Split the batch."
        )
    try:
        tensors = load(data)
    except (safetensors.SafetensorError, KeyError, ValueError) as error:
        raise InputError("a file of safetensors", f"{error} in {latent!r}", "Save the latent again.") from error
    return _latent(tensors, latent)


def _tensors(latent: Latent) -> dict[str, Tensor]:
    tensors = {SAMPLES: latent.samples.contiguous(), IN_VAE_SCALE: torch.empty(0)}
    if latent.noise_mask is not None:
        tensors[NOISE_MASK] = latent.noise_mask.contiguous()
    if latent.batch_index is not None:
        tensors[BATCH_INDEX] = torch.tensor(latent.batch_index, dtype=torch.int64)
    return tensors


def _latent(tensors: Mapping[str, Tensor], name: str) -> Latent:
    samples, mask, rows = tensors.get(SAMPLES), tensors.get(NOISE_MASK), tensors.get(BATCH_INDEX)
    if samples is None or samples.ndim != 4 or 0 in samples.shape:
        found = "none" if samples is None else f"the shape {tuple(samples.shape)}"
        raise InputError(f"a tensor {SAMPLES} of shape (b, c, h, w)", f"{found} in {name!r}", "Save the latent again.")
    if mask is not None and (mask.ndim != 4 or mask.shape[1] != 1 or 0 in mask.shape):
        raise InputError("a mask of shape (b, 1, h, w)", f"{tuple(mask.shape)} in {name!r}", "Save the latent again.")
    if rows is not None and rows.shape != samples.shape[:1]:
        raise InputError("one row number a latent", f"{tuple(rows.shape)} in {name!r}", "Save the latent again.")
    scale = 1.0 if IN_VAE_SCALE in tensors else 1 / OLD_SCALE
    return Latent(
        samples.float() * scale,
        None if mask is None else mask.float(),
        None if rows is None else tuple(int(row) for row in rows),
    )
