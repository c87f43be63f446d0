"""What packs import as `comfy.latent_formats`: scales and channels of the published families."""

from packs.compat.context import Context
from packs.compat.model_patcher import LatentFormat


class SD15(LatentFormat):
    """Stable Diffusion 1 and 2."""

    taesd_decoder_name = "taesd_decoder"

    def __init__(self, scale_factor: float = 0.18215) -> None:
        self.scale_factor = scale_factor


class SDXL(LatentFormat):
    """Stable Diffusion XL."""

    scale_factor = 0.13025
    taesd_decoder_name = "taesdxl_decoder"


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {"LatentFormat": LatentFormat, "SD15": SD15, "SDXL": SDXL}
