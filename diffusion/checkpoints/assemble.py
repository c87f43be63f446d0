"""From tensors under our names to the parts of a checkpoint: what every family does once its key map has spoken."""

from dataclasses import dataclass, field

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.keymap import Mapped, account, under
from diffusion.checkpoints.placement import (
    Placement,
    placed_clip,
    placed_unet,
    placed_vae,
    tensor_shapes,
    text_shapes,
    unet_on_meta,
    vae_on_meta,
)
from diffusion.checkpoints.read import Shapes, shapes_of
from diffusion.checkpoints.unet_shapes import unet_config
from diffusion.checkpoints.vae_shapes import vae_config
from diffusion.clip import ClipConfig, ClipError, TextEncoder, config_from_shapes
from diffusion.model import DiffusionModel
from diffusion.prediction import Prediction, epsilon
from diffusion.schedules import NoiseTable
from diffusion.unet import UNet
from diffusion.vae import AutoencoderKL

UNET, VAE, CLIP = "unet.", "vae.", "clip."
LATENT_SCALE = 0.18215  # of Stable Diffusion 1 and 2
NORM_GROUPS = 32


@dataclass(frozen=True)
class Checkpoint:
    """The parts of a model; files may lack the text encoder or the autoencoder."""

    model: DiffusionModel
    clip: TextEncoder | None
    vae: ImageCodec | None


@dataclass(frozen=True)
class Settings:
    """What shapes cannot tell. The defaults are those of Stable Diffusion 1.

    num_heads, head_channels: how the UNet's attention is divided, by number or by width of its heads.
    clip_heads: None is heads of the usual width.
    """

    num_heads: int | None = 8
    head_channels: int | None = None
    unet_norm_groups: int = NORM_GROUPS
    vae_norm_groups: int = NORM_GROUPS
    clip_heads: int | None = None
    clip_activation: str = "quick_gelu"
    prediction: Prediction = epsilon
    latent_scale: float = LATENT_SCALE
    table: NoiseTable = field(default_factory=NoiseTable.stable_diffusion)


@dataclass(frozen=True)
class _Plan:
    """The networks a file asks for, without memory, and the tensors they need, under the prefixes of their parts."""

    unet: UNet
    vae: AutoencoderKL | None
    clip: ClipConfig | None

    @property
    def expected(self) -> Shapes:
        parts: list[tuple[str, Shapes]] = [(UNET, tensor_shapes(self.unet))]
        if self.vae is not None:
            parts.append((VAE, tensor_shapes(self.vae)))
        if self.clip is not None:
            parts.append((CLIP, text_shapes(self.clip)))
        return {prefix + name: size for prefix, shapes in parts for name, size in shapes.items()}


def assemble(mapped: Mapped, settings: Settings, place: Placement, *, source: str) -> Checkpoint:
    """The checkpoint whose tensors a key map has named `unet.…`, `vae.…` and `clip.…`.

    source: what the file is called in errors. Raises CheckpointError where shapes make no network, KeymapError where
    the tensors do not come out even with the networks.
    """
    plan = _plan(mapped, settings)
    tensors = account(mapped, plan.expected, source=source)
    unet, dtype = placed_unet(plan.unet, under(UNET, tensors), place)
    model = DiffusionModel(
        network=unet,
        table=settings.table,
        prediction=settings.prediction,
        latent_scale=settings.latent_scale,
        latent_channels=unet.config.out_channels,
        dtype=dtype,
        device=place.device,
    )
    return Checkpoint(
        model=model,
        clip=None if plan.clip is None else placed_clip(plan.clip, under(CLIP, tensors), place),
        vae=None if plan.vae is None else placed_vae(plan.vae, under(VAE, tensors), place),
    )


def assemble_vae(mapped: Mapped, norm_groups: int, place: Placement, *, source: str) -> ImageCodec:
    """The autoencoder whose tensors a key map has named `vae.…`. Raises as `assemble` does."""
    shapes = shapes_of(under(VAE, mapped.tensors))
    network = vae_on_meta(vae_config(shapes, norm_groups=norm_groups))
    expected = {VAE + name: size for name, size in tensor_shapes(network).items()}
    return placed_vae(network, under(VAE, account(mapped, expected, source=source)), place)


def _plan(mapped: Mapped, settings: Settings) -> _Plan:
    unet, vae, clip = (shapes_of(under(prefix, mapped.tensors)) for prefix in (UNET, VAE, CLIP))
    network = unet_on_meta(
        unet_config(
            unet,
            num_heads=settings.num_heads,
            head_channels=settings.head_channels,
            norm_groups=settings.unet_norm_groups,
        )
    )
    return _Plan(
        unet=network,
        vae=vae_on_meta(vae_config(vae, norm_groups=settings.vae_norm_groups)) if vae else None,
        clip=_clip_config(clip, settings) if clip else None,
    )


def _clip_config(shapes: Shapes, settings: Settings) -> ClipConfig:
    try:
        return config_from_shapes(shapes, heads=settings.clip_heads, activation=settings.clip_activation)
    except ClipError as error:
        raise CheckpointError(f"the file's text encoder cannot be used: {error}") from error
