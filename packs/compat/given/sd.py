"""What packs import as `comfy.sd`."""

from packs.compat.checkpoints import CheckpointReader
from packs.compat.clip import Clip
from packs.compat.context import Context
from packs.compat.vae import Vae


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    reader = context.part(CheckpointReader)
    return {
        "CLIP": Clip,
        "VAE": Vae,
        "load_checkpoint": reader.load_checkpoint,
        "load_checkpoint_guess_config": reader.load_checkpoint_guess_config,
    }
