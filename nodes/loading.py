"""Models from files."""

from dataclasses import replace
from typing import Annotated, NamedTuple, cast

from diffusion.checkpoints import load_checkpoint, load_vae
from graph.handle import Run
from graph.marks import ChoiceFrom
from graph.results import Blocker
from graph.spec import node
from nodes.devices import device_for, on_device
from nodes.fingerprints import of_model
from nodes.sockets import Clip, Model, Vae
from storage import Folders


class CheckpointParts(NamedTuple):
    """The parts of a checkpoint, as outputs."""

    MODEL: Model
    CLIP: Clip
    VAE: Vae


@node(
    "CheckpointLoaderSimple",
    category="loaders",
    display_name="Load Checkpoint",
    fingerprint=on_device(of_model("ckpt_name", "checkpoints")),
)
def checkpoint_loader_simple(ckpt_name: Annotated[str, ChoiceFrom("checkpoints")], *, run: Run) -> CheckpointParts:
    """Load a model with its text encoder and its VAE from one file.

    ckpt_name: a file of models/checkpoints.
    """
    path = run.service(Folders).model_path("checkpoints", ckpt_name)
    checkpoint = load_checkpoint(path, device=device_for(run))
    clip = checkpoint.clip or lacking("text encoder", ckpt_name)
    vae = checkpoint.vae or lacking("VAE", ckpt_name)
    model = replace(checkpoint.model, first_stage=checkpoint.vae)
    return CheckpointParts(model, cast(Clip, clip), cast(Vae, vae))


@node("VAELoader", category="loaders", display_name="Load VAE", fingerprint=on_device(of_model("vae_name", "vae")))
def vae_loader(vae_name: Annotated[str, ChoiceFrom("vae")], *, run: Run) -> Vae:
    """Load a VAE from a file of its own.

    vae_name: a file of models/vae.
    """
    return load_vae(run.service(Folders).model_path("vae", vae_name), device=device_for(run))


def lacking(part: str, name: str) -> Blocker:
    """What stands for a part that a file lacks: only who needs it is kept from running, and says why."""
    return Blocker(f"expected a checkpoint with a {part}; found none in {name!r}. Load the {part} from another file.")
