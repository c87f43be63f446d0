"""Stable Diffusion 1 as a folder in diffusers' layout, and autoencoders with diffusers' names."""

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints.assemble import NORM_GROUPS, Checkpoint, assemble, assemble_vae
from diffusion.checkpoints.detect import Family, Sign, has, has_none
from diffusion.checkpoints.diffusers_config import Reader, folder_settings
from diffusion.checkpoints.diffusers_folder import DiffusersFolder
from diffusion.checkpoints.diffusers_names import unet_rules, vae_rules
from diffusion.checkpoints.keymap import Rule, behind, ignored, into, rename, renamed, under
from diffusion.checkpoints.metadata import vae_norm_groups
from diffusion.checkpoints.placement import Placement
from diffusion.checkpoints.read import Shapes, TensorFile, shapes_of

TEXT_RULES: tuple[Rule, ...] = (
    ignored("text_encoder.text_model.embeddings.position_ids"),
    ignored("text_encoder.embeddings.position_ids"),
    ignored("text_encoder.text_projection.weight"),
    renamed("text_encoder.text_model.{rest*}", "clip.{rest}"),
    renamed("text_encoder.{rest*}", "clip.{rest}"),
)


def rules(folder: DiffusersFolder) -> tuple[Rule, ...]:
    """The key map for the tensors of a folder."""
    return (
        *behind("unet.", into("unet.", unet_rules(part_shapes(folder, "unet")))),
        *behind("vae.", into("vae.", vae_rules(part_shapes(folder, "vae")))),
        *TEXT_RULES,
    )


def load(folder: DiffusersFolder, place: Placement) -> Checkpoint:
    """The checkpoint in a folder; text encoder and first stage may be left out of it."""
    settings = folder_settings(folder.configurations)
    return assemble(rename(rules(folder), folder.tensors), settings, place, source=folder.path.name)


def load_vae(file: TensorFile, place: Placement) -> ImageCodec:
    """The autoencoder in a file, or a folder with config.json, with diffusers' names."""
    groups = vae_norm_groups(file.metadata)
    if isinstance(file, DiffusersFolder):
        groups = Reader("vae", file.configurations.get("vae", {})).whole_number("norm_num_groups", NORM_GROUPS)
    mapped = rename(into("vae.", vae_rules(file.shapes)), file.tensors)
    return assemble_vae(mapped, groups, place, source=file.path.name)


def part_shapes(folder: TensorFile, part: str) -> Shapes:
    """The shapes of one part's tensors, without prefix."""
    return shapes_of(under(part + ".", folder.tensors))


def _takes_the_latent_alone(folder: TensorFile) -> bool:
    first = folder.shapes.get("unet.conv_in.weight", ())
    last = folder.shapes.get("unet.conv_out.weight", ())
    return len(first) == len(last) == 4 and first[1] == last[0]


def _linear_projections(folder: TensorFile) -> bool:
    return any(
        name.endswith(".proj_in.weight") and len(size) == 2 for name, size in part_shapes(folder, "unet").items()
    )


def _one_text_encoder(folder: DiffusersFolder) -> bool:
    return "text_encoder_2" not in folder.index


SD1_FOLDER: Family[DiffusersFolder, Checkpoint] = Family(
    name="sd1",
    signs=(
        has("a UNet in diffusers' layout", "unet.conv_in.weight"),
        has("levels on the way down", "unet.down_blocks.0.resnets.0.conv1.weight"),
        has(
            "attention to a prompt in the UNet's middle",
            "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight",
        ),
        Sign("a UNet input that is the latent alone", _takes_the_latent_alone),
        Sign(
            "the absence of linear layers around transformers (as Stable Diffusion 2 and XL have them)",
            lambda folder: not _linear_projections(folder),
            absence=True,
        ),
        has_none("a vector beside the prompt (Stable Diffusion XL)", "unet.add_embedding."),
        Sign(
            "the absence of a second text encoder (Stable Diffusion XL)",
            _one_text_encoder,
            absence=True,
        ),
    ),
    load=load,
)

DIFFUSERS_VAE: Family[TensorFile, ImageCodec] = Family(
    name="vae in diffusers' layout",
    signs=(
        has("an encoder", "encoder.down_blocks.0.resnets.0.conv1.weight"),
        has("a decoder", "decoder.up_blocks.0.resnets.0.conv1.weight"),
    ),
    load=load_vae,
)
