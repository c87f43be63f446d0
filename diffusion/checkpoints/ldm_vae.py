"""First stages in the original latent-diffusion layout, on their own or inside a checkpoint."""

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints.assemble import assemble_vae
from diffusion.checkpoints.detect import Family, has
from diffusion.checkpoints.keymap import Rule, as_convolution, behind, ignored, rename, renamed
from diffusion.checkpoints.metadata import vae_norm_groups
from diffusion.checkpoints.placement import Placement
from diffusion.checkpoints.read import TensorFile

PREFIX = "first_stage_model."

FIRST_STAGE_RULES: tuple[Rule, ...] = (
    # Some tools write these 1 × 1 convolutions as matrices.
    *(
        renamed(f"{half}.mid.attn_1.{layer}.weight", f"vae.{half}.mid.attn_1.{layer}.weight", as_convolution)
        for half in ("encoder", "decoder")
        for layer in ("q", "k", "v", "proj_out")
    ),
    renamed("encoder.{rest*}", "vae.encoder.{rest}"),
    renamed("decoder.{rest*}", "vae.decoder.{rest}"),
    renamed("quant_conv.{kind}", "vae.quant_conv.{kind}"),
    renamed("post_quant_conv.{kind}", "vae.post_quant_conv.{kind}"),
    ignored("loss.{rest*}"),
    ignored("model_ema.{rest*}"),
)

STAND_ALONE_RULES: tuple[Rule, ...] = (
    *FIRST_STAGE_RULES,
    *behind(PREFIX, FIRST_STAGE_RULES),
    ignored("logvar"),
    ignored("global_step"),
)


def load(file: TensorFile, place: Placement) -> ImageCodec:
    """The autoencoder in a file of this layout."""
    mapped = rename(STAND_ALONE_RULES, file.tensors)
    return assemble_vae(mapped, vae_norm_groups(file.metadata), place, source=file.path.name)


LDM_VAE: Family[TensorFile, ImageCodec] = Family(
    name="vae",
    signs=(
        has("an encoder", "encoder.down.0.block.0.conv1.weight"),
        has("a decoder", "decoder.up.0.block.0.conv1.weight"),
    ),
    load=load,
)

PREFIXED_LDM_VAE: Family[TensorFile, ImageCodec] = Family(
    name="vae of a checkpoint",
    signs=(
        has("an encoder", PREFIX + "encoder.down.0.block.0.conv1.weight"),
        has("a decoder", PREFIX + "decoder.up.0.block.0.conv1.weight"),
    ),
    load=load,
)
