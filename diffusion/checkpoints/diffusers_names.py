"""Key maps from the names diffusers gives its UNet and autoencoder to ours.

diffusers counts blocks by level, the original layout counts them through; the tables are written out for as many levels
and blocks as a file has.
"""

from collections.abc import Iterator

from diffusion.checkpoints.keymap import Rule, as_convolution, renamed
from diffusion.checkpoints.read import Shapes
from diffusion.checkpoints.unet_shapes import count

UNET_RESNET = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
)
UNET_ENDS = (
    ("conv_in", "input_blocks.0.0"),
    ("time_embedding.linear_1", "time_embed.0"),
    ("time_embedding.linear_2", "time_embed.2"),
    ("mid_block.attentions.0", "middle_block.1"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
)
VAE_RESNET = (
    ("norm1", "norm1"),
    ("conv1", "conv1"),
    ("norm2", "norm2"),
    ("conv2", "conv2"),
    ("conv_shortcut", "nin_shortcut"),
)
# The second name of each is the one of diffusers before 0.17.
VAE_ATTENTION = (
    ("to_q", "q"),
    ("query", "q"),
    ("to_k", "k"),
    ("key", "k"),
    ("to_v", "v"),
    ("value", "v"),
    ("to_out.0", "proj_out"),
    ("proj_attn", "proj_out"),
)


def unet_rules(shapes: Shapes) -> tuple[Rule, ...]:
    """The key map of a UNet2DConditionModel with tensors of these names; targets are LDM's names."""
    return (
        *_pairs(UNET_ENDS, "", ""),
        *_pairs(UNET_RESNET, "mid_block.resnets.0.", "middle_block.0."),
        *_pairs(UNET_RESNET, "mid_block.resnets.1.", "middle_block.2."),
        *_way_down(shapes),
        *_way_up(shapes),
    )


def vae_rules(shapes: Shapes) -> tuple[Rule, ...]:
    """The key map of an AutoencoderKL with tensors of these names; targets are LDM's names.

    The decoder's blocks are counted from the smallest resolution there, from the full one here.
    """
    levels = count(shapes, "decoder.up_blocks.{}.resnets.0.conv1.weight")
    down = (
        rule
        for level in range(count(shapes, "encoder.down_blocks.{}.resnets.0.conv1.weight"))
        for rule in _vae_down(level)
    )
    up = (rule for level in range(levels) for rule in _vae_up(level, levels - 1 - level))
    return (
        *(renamed(f"{name}.{{kind}}", f"{name}.{{kind}}") for name in ("quant_conv", "post_quant_conv")),
        *(rule for half in ("encoder", "decoder") for rule in _vae_half(half)),
        *down,
        *up,
    )


def _pairs(names: tuple[tuple[str, str], ...], there: str, here: str) -> Iterator[Rule]:
    """The rules for modules and all they hold."""
    return (renamed(f"{there}{theirs}.{{rest*}}", f"{here}{ours}.{{rest}}") for theirs, ours in names)


def _way_down(shapes: Shapes) -> Iterator[Rule]:
    number = 1
    for level in range(count(shapes, "down_blocks.{}.resnets.0.conv1.weight")):
        block = f"down_blocks.{level}"
        for i in range(_resnets(shapes, block)):
            yield from _pairs(UNET_RESNET, f"{block}.resnets.{i}.", f"input_blocks.{number}.0.")
            yield renamed(f"{block}.attentions.{i}.{{rest*}}", f"input_blocks.{number}.1.{{rest}}")
            number += 1
        if f"{block}.downsamplers.0.conv.weight" in shapes:
            yield renamed(f"{block}.downsamplers.0.conv.{{kind}}", f"input_blocks.{number}.0.op.{{kind}}")
            number += 1


def _way_up(shapes: Shapes) -> Iterator[Rule]:
    number = 0
    for level in range(count(shapes, "up_blocks.{}.resnets.0.conv1.weight")):
        block = f"up_blocks.{level}"
        for i in range(_resnets(shapes, block)):
            yield from _pairs(UNET_RESNET, f"{block}.resnets.{i}.", f"output_blocks.{number}.0.")
            yield renamed(f"{block}.attentions.{i}.{{rest*}}", f"output_blocks.{number}.1.{{rest}}")
            number += 1
        # Upsampling stands behind the residual block and, where the level has it, the attention.
        place = 2 if f"{block}.attentions.0.norm.weight" in shapes else 1
        yield renamed(f"{block}.upsamplers.0.conv.{{kind}}", f"output_blocks.{number - 1}.{place}.conv.{{kind}}")


def _resnets(shapes: Shapes, block: str) -> int:
    return count(shapes, block + ".resnets.{}.conv1.weight")


def _vae_half(half: str) -> Iterator[Rule]:
    for end in ("conv_in", "conv_out"):
        yield renamed(f"{half}.{end}.{{kind}}", f"{half}.{end}.{{kind}}")
    yield renamed(f"{half}.conv_norm_out.{{kind}}", f"{half}.norm_out.{{kind}}")
    yield from _pairs(VAE_RESNET, f"{half}.mid_block.resnets.0.", f"{half}.mid.block_1.")
    yield from _pairs(VAE_RESNET, f"{half}.mid_block.resnets.1.", f"{half}.mid.block_2.")
    there, here = f"{half}.mid_block.attentions.0", f"{half}.mid.attn_1"
    yield renamed(f"{there}.group_norm.{{kind}}", f"{here}.norm.{{kind}}")
    for theirs, ours in VAE_ATTENTION:
        yield renamed(f"{there}.{theirs}.weight", f"{here}.{ours}.weight", as_convolution)
        yield renamed(f"{there}.{theirs}.bias", f"{here}.{ours}.bias")


def _vae_down(level: int) -> Iterator[Rule]:
    there, here = f"encoder.down_blocks.{level}", f"encoder.down.{level}"
    yield from _numbered_resnets(f"{there}.resnets", f"{here}.block")
    yield renamed(f"{there}.downsamplers.0.conv.{{kind}}", f"{here}.downsample.conv.{{kind}}")


def _vae_up(theirs: int, ours: int) -> Iterator[Rule]:
    there, here = f"decoder.up_blocks.{theirs}", f"decoder.up.{ours}"
    yield from _numbered_resnets(f"{there}.resnets", f"{here}.block")
    yield renamed(f"{there}.upsamplers.0.conv.{{kind}}", f"{here}.upsample.conv.{{kind}}")


def _numbered_resnets(there: str, here: str) -> Iterator[Rule]:
    return (
        renamed(f"{there}.{{number}}.{theirs}.{{kind}}", f"{here}.{{number}}.{ours}.{{kind}}")
        for theirs, ours in VAE_RESNET
    )
