"""The configurations that stand beside the tensors in diffusers' layout: what they tell that shapes do not."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from diffusion.checkpoints.assemble import LATENT_SCALE, NORM_GROUPS, Settings
from diffusion.checkpoints.diffusers_folder import JsonObject
from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.metadata import prediction_named
from diffusion.schedules import NoiseTable

HEADS = 8


@dataclass(frozen=True)
class Reader:
    """A configuration whose values are checked as they are read. Raises CheckpointError for those without sense."""

    part: str
    content: JsonObject

    def whole_number(self, key: str, default: int) -> int:
        """A number of 1 or more."""
        value = self.content.get(key)
        if value is None:
            return default
        if type(value) is not int or not 0 < value < 10**6:
            raise self._wrong(key, "a whole number of 1 or more")
        return value

    def number(self, key: str, default: float) -> float:
        """A finite number above 0."""
        value = self.content.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value > 0):
            raise self._wrong(key, "a number above 0")
        return float(value)

    def text(self, key: str, default: str) -> str:
        """A string."""
        value = self.content.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._wrong(key, "a string")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where nothing is said."""
        value = self.content.get(key, False)
        if not isinstance(value, bool | None):
            raise self._wrong(key, "true or false")
        return bool(value)

    def numbers(self, key: str) -> tuple[float, ...] | None:
        """A list of numbers, or None where nothing is said."""
        value = self.content.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(type(one) in (int, float) for one in value):
            raise self._wrong(key, "a list of numbers")
        return tuple(value)

    def _wrong(self, key: str, expected: str) -> CheckpointError:
        return CheckpointError(
            f"the configuration of {self.part} says {key} = {str(self.content.get(key))[:80]!r}, expected {expected}"
        )


def folder_settings(configurations: Mapping[str, JsonObject]) -> Settings:
    """What a folder's configurations say that the shapes of its tensors do not."""
    unet, vae, text, scheduler = (
        Reader(part, configurations.get(part, {})) for part in ("unet", "vae", "text_encoder", "scheduler")
    )
    num_heads, head_channels = unet_heads(unet)
    return Settings(
        num_heads=num_heads,
        head_channels=head_channels,
        unet_norm_groups=unet.whole_number("norm_num_groups", NORM_GROUPS),
        vae_norm_groups=vae.whole_number("norm_num_groups", NORM_GROUPS),
        clip_heads=text.whole_number("num_attention_heads", 12) if "num_attention_heads" in text.content else None,
        clip_activation=text.text("hidden_act", "quick_gelu"),
        prediction=prediction_named(scheduler.text("prediction_type", "epsilon")),
        latent_scale=vae.number("scaling_factor", LATENT_SCALE),
        table=noise_table(scheduler),
    )


def unet_heads(unet: Reader) -> tuple[int | None, int | None]:
    """(number of heads, width of a head) of the UNet's attention, one of them None.

    `attention_head_dim` is, against its name, the number of heads, for the whole network or for each level.
    """
    key = "num_attention_heads" if unet.content.get("num_attention_heads") is not None else "attention_head_dim"
    if not isinstance(unet.content.get(key), list):
        return unet.whole_number(key, HEADS), None
    heads, widths = unet.numbers(key) or (), unet.numbers("block_out_channels") or ()
    if heads and len(set(heads)) == 1:
        return int(heads[0]), None
    ratios = {width / number for width, number in zip(widths, heads, strict=False) if number > 0}
    if len(heads) != len(widths) or len(ratios) != 1 or not (width := ratios.pop()).is_integer():
        raise CheckpointError(
            f"the configuration of the UNet says {key} = {list(heads)[:8]} for levels {list(widths)[:8]} wide: "
            f"expected one number of heads throughout or heads of one width"
        )
    return None, int(width)


def noise_table(scheduler: Reader) -> NoiseTable:
    """The noise levels of training. Raises CheckpointError for a schedule that is not known."""
    zero_terminal_snr = scheduler.flag("rescale_betas_zero_snr")
    steps = scheduler.whole_number("num_train_timesteps", 1000)
    start, end = scheduler.number("beta_start", 0.00085), scheduler.number("beta_end", 0.012)
    trained = scheduler.numbers("trained_betas")
    name = scheduler.text("beta_schedule", "scaled_linear")
    if trained is not None:
        betas = torch.tensor(trained, dtype=torch.float64)
    elif name == "scaled_linear":
        betas = torch.linspace(start**0.5, end**0.5, steps, dtype=torch.float64) ** 2
    elif name == "linear":
        betas = torch.linspace(start, end, steps, dtype=torch.float64)
    else:
        raise CheckpointError(f"the noise schedule {name[:40]!r} is not known, expected scaled_linear or linear")
    try:
        return NoiseTable.from_betas(betas, zero_terminal_snr=zero_terminal_snr)
    except ValueError as error:
        raise CheckpointError(f"the scheduler's betas make no noise schedule: {error}") from error
