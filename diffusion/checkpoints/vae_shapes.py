"""The numbers of a KL autoencoder read off the shapes of its tensors. Names are LDM's, without prefix."""

from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.read import Shapes
from diffusion.checkpoints.unet_shapes import count, shape
from diffusion.vae import VAEConfig


def vae_config(shapes: Shapes, *, norm_groups: int) -> VAEConfig:
    """The configuration of the autoencoder that has these tensors; groups do not show in shapes.

    Raises CheckpointError where a tensor that tells a number is missing.
    """
    return VAEConfig(
        in_channels=shape(shapes, "encoder.conv_in.weight", 4)[1],
        out_channels=shape(shapes, "decoder.conv_out.weight", 4)[0],
        latent_channels=shape(shapes, "decoder.conv_in.weight", 4)[1],
        channels=channels(shapes),
        res_blocks=count(shapes, "encoder.down.0.block.{}.conv1.weight"),
        norm_groups=norm_groups,
    )


def channels(shapes: Shapes) -> tuple[int, ...]:
    """Width of each level, the full-resolution one first."""
    levels = count(shapes, "encoder.down.{}.block.0.conv1.weight")
    if levels == 0:
        raise CheckpointError(
            "expected an autoencoder with encoder levels (encoder.down.0.block.0.conv1.weight), found none"
        )
    return tuple(shape(shapes, f"encoder.down.{level}.block.0.conv1.weight", 4)[0] for level in range(levels))
