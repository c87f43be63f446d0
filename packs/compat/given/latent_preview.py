"""What packs import as `latent_preview`."""

from packs.compat.context import Context
from packs.compat.previewing import LatentPreviewer, get_previewer, prepare_callback
from packs.compat.progress import MOST_SIDE


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {
        "LatentPreviewer": LatentPreviewer,
        "MAX_PREVIEW_RESOLUTION": MOST_SIDE,
        "get_previewer": get_previewer,
        "prepare_callback": prepare_callback,
    }
