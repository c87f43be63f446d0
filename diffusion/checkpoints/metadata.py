"""What a checkpoint says about itself where shapes are silent: strings in the file's metadata.

nodeloom.family            the family's name, which settles detection
nodeloom.prediction        "epsilon" or "v" (modelspec.prediction_type is read as well)
nodeloom.latent_scale      what latents are multiplied with on their way into the network
nodeloom.unet.heads        attention heads, the same number on every level
nodeloom.unet.norm_groups  groups of the UNet's group norms
nodeloom.vae.norm_groups   groups of the first stage's group norms
nodeloom.clip.heads        attention heads of the text encoder
"""

import math
from collections.abc import Mapping

from diffusion.checkpoints.assemble import LATENT_SCALE, NORM_GROUPS, Settings
from diffusion.checkpoints.errors import CheckpointError
from diffusion.prediction import Prediction, clean, epsilon, v_prediction

Metadata = Mapping[str, str]

PREDICTIONS: tuple[tuple[str, Prediction], ...] = (
    ("epsilon", epsilon),
    ("v", v_prediction),
    ("v_prediction", v_prediction),
    ("sample", clean),
)


def settings_of(metadata: Metadata, default: Settings) -> Settings:
    """A family's settings with what the file says about itself. Raises CheckpointError for values without sense."""
    return Settings(
        num_heads=_whole_number(metadata, "nodeloom.unet.heads", default.num_heads),
        head_channels=None if "nodeloom.unet.heads" in metadata else default.head_channels,
        unet_norm_groups=_whole_number(metadata, "nodeloom.unet.norm_groups", None) or default.unet_norm_groups,
        vae_norm_groups=vae_norm_groups(metadata, default.vae_norm_groups),
        clip_heads=_whole_number(metadata, "nodeloom.clip.heads", default.clip_heads),
        clip_activation=default.clip_activation,
        prediction=_prediction(metadata, default.prediction),
        latent_scale=_latent_scale(metadata, default.latent_scale),
        table=default.table,
    )


def vae_norm_groups(metadata: Metadata, default: int = NORM_GROUPS) -> int:
    """Groups of the first stage's group norms."""
    return _whole_number(metadata, "nodeloom.vae.norm_groups", None) or default


def prediction_named(name: str) -> Prediction:
    """The prediction of this name. Raises CheckpointError for an unknown one."""
    for known, function in PREDICTIONS:
        if known == name:
            return function
    known = ", ".join(known for known, _ in PREDICTIONS)
    raise CheckpointError(f"the checkpoint was trained to predict {name[:40]!r}, known are {known}")


def _prediction(metadata: Metadata, default: Prediction) -> Prediction:
    name = metadata.get("nodeloom.prediction", metadata.get("modelspec.prediction_type"))
    return default if name is None else prediction_named(name)


def _whole_number(metadata: Metadata, key: str, default: int | None) -> int | None:
    text = metadata.get(key)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and int(text) > 0):
        raise CheckpointError(f"the file's metadata says {key} = {text[:40]!r}, expected a whole number of 1 or more")
    return int(text)


def _latent_scale(metadata: Metadata, default: float) -> float:
    text = metadata.get("nodeloom.latent_scale")
    if text is None:
        return default
    try:
        scale = float(text)
    except ValueError:
        scale = math.nan
    if not (math.isfinite(scale) and scale > 0):
        raise CheckpointError(
            f"the file's metadata says nodeloom.latent_scale = {text[:40]!r}, expected a number above 0 "
            f"such as {LATENT_SCALE}"
        )
    return scale
