"""What packs import as `comfy.sample`."""

from packs.compat.context import Context
from packs.compat.ksampler import Samplings, fix_empty_latent_channels, prepare_noise, sample_custom


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    return {
        "fix_empty_latent_channels": fix_empty_latent_channels,
        "prepare_noise": prepare_noise,
        "sample": context.part(Samplings).sample,
        "sample_custom": sample_custom,
    }
