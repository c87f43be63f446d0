"""Stable Diffusion 1 (v1.1 to v1.5 and what grew from them) as one file in the original latent-diffusion layout.

Our modules are named as this layout names its tensors, so its key map is: strip a prefix.
"""

from diffusion.checkpoints.assemble import Checkpoint, Settings, assemble
from diffusion.checkpoints.detect import Family, Sign, has, has_none
from diffusion.checkpoints.keymap import Rule, behind, ignored, rename, renamed, under
from diffusion.checkpoints.ldm_vae import FIRST_STAGE_RULES
from diffusion.checkpoints.metadata import settings_of
from diffusion.checkpoints.placement import Placement
from diffusion.checkpoints.read import Shapes, TensorFile, shapes_of
from diffusion.checkpoints.unet_shapes import linear_projections

UNET = "model.diffusion_model."
TEXT = "cond_stage_model.transformer."

RULES: tuple[Rule, ...] = (
    renamed(UNET + "{rest*}", "unet.{rest}"),
    *behind("first_stage_model.", FIRST_STAGE_RULES),
    # Merging tools have stored this counter 0..76 in half precision, so it is made anew instead of read.
    ignored(TEXT + "text_model.embeddings.position_ids"),
    ignored(TEXT + "embeddings.position_ids"),
    renamed(TEXT + "text_model.{rest*}", "clip.{rest}"),
    *(
        renamed(f"{TEXT}{part}.{{rest*}}", f"clip.{part}.{{rest}}")
        for part in ("embeddings", "encoder", "final_layer_norm")
    ),
    # The rest of CLIP, which some files carry along: the picture side, and the way into the common space.
    ignored(TEXT + "vision_model.{rest*}"),
    ignored(TEXT + "visual_projection.weight"),
    ignored(TEXT + "text_projection.weight"),
    ignored(TEXT + "logit_scale"),
    ignored("cond_stage_model.logit_scale"),
    ignored("cond_stage_model.text_projection"),
    # What the training kept: averaged weights, tables of the noise schedule, counters.
    ignored("model_ema.{rest*}"),
    ignored("alphas_cumprod"),
    ignored("alphas_cumprod_prev"),
    ignored("betas"),
    ignored("log_one_minus_alphas_cumprod"),
    ignored("logvar"),
    ignored("lvlb_weights"),
    ignored("posterior_log_variance_clipped"),
    ignored("posterior_mean_coef1"),
    ignored("posterior_mean_coef2"),
    ignored("posterior_variance"),
    ignored("sqrt_alphas_cumprod"),
    ignored("sqrt_one_minus_alphas_cumprod"),
    ignored("sqrt_recip_alphas_cumprod"),
    ignored("sqrt_recipm1_alphas_cumprod"),
    ignored("scale_factor"),
    ignored("global_step"),
    ignored("loss.{rest*}"),
)


def load(file: TensorFile, place: Placement) -> Checkpoint:
    """The checkpoint in a file of this layout; text encoder and first stage may be left out of it."""
    settings = settings_of(file.metadata, Settings())
    return assemble(rename(RULES, file.tensors), settings, place, source=file.path.name)


def unet_shapes(file: TensorFile) -> Shapes:
    """The shapes of the UNet's tensors, without prefix."""
    return shapes_of(under(UNET, file.tensors))


def takes_the_latent_alone(unet: Shapes) -> bool:
    """Whether a UNet takes as many channels as it gives: inpainting and depth networks take more."""
    first, last = unet.get("input_blocks.0.0.weight", ()), unet.get("out.2.weight", ())
    return len(first) == len(last) == 4 and first[1] == last[0]


SD1: Family[TensorFile, Checkpoint] = Family(
    name="sd1",
    signs=(
        has("a UNet in the original layout", UNET + "input_blocks.0.0.weight"),
        has("the UNet's output", UNET + "out.2.weight"),
        has(
            "attention to a prompt in the UNet's middle", UNET + "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
        ),
        Sign("a UNet input that is the latent alone", lambda file: takes_the_latent_alone(unet_shapes(file))),
        Sign(
            "the absence of linear layers around transformers (as Stable Diffusion 2 and XL have them)",
            lambda file: not linear_projections(unet_shapes(file)),
            absence=True,
        ),
        has_none("a vector beside the prompt (Stable Diffusion XL)", UNET + "label_emb."),
        has_none("a text encoder in OpenCLIP's layout (Stable Diffusion 2)", "cond_stage_model.model."),
        has_none("several text encoders (Stable Diffusion XL)", "conditioner."),
    ),
    load=load,
)
