"""Networks built without memory of their own and given the tensors of a file, in a place and a precision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints.errors import CheckpointError
from diffusion.checkpoints.read import Shapes, shapes_of
from diffusion.clip import ClipConfig, ClipError, TextEncoder, text_encoder, text_tensor_shapes
from diffusion.unet import UNet, UNetConfig
from diffusion.vae import AutoencoderKL, VAEConfig

Network = TypeVar("Network", bound=nn.Module)

COMPUTABLE = (torch.float32, torch.bfloat16, torch.float16)


@dataclass(frozen=True)
class Placement:
    """Where networks are put and how precisely they work.

    dtype: None takes float32 on the CPU, where half precision is slow, and for the first stage, which half precision
        can overflow; else the file's own precision.
    """

    dtype: torch.dtype | None
    device: torch.device

    def dtype_for(self, stored: torch.dtype) -> torch.dtype:
        """The precision of a network whose file stores it so."""
        if self.dtype is not None:
            return self.dtype
        if self.device.type == "cpu" or stored not in COMPUTABLE:
            return torch.float32
        return stored

    def put(self, tensor: Tensor, dtype: torch.dtype) -> Tensor:
        """The tensor in its place; where nothing changes it is the same one, still mapped from its file."""
        return tensor.to(self.device, dtype)


def unet_on_meta(config: UNetConfig) -> UNet:
    """The network without memory. Raises CheckpointError where its numbers fit no network."""
    _check_heads(config)
    return _on_meta(lambda: UNet(config), config)


def vae_on_meta(config: VAEConfig) -> AutoencoderKL:
    """The autoencoder without memory. Raises CheckpointError where its numbers fit no network."""
    return _on_meta(lambda: AutoencoderKL(config), config)


def tensor_shapes(network: nn.Module) -> Shapes:
    """The shape of every tensor a network keeps."""
    return shapes_of(network.state_dict())


def text_shapes(config: ClipConfig) -> Shapes:
    """The shape of every tensor a text encoder keeps. Raises CheckpointError where its numbers fit no text model."""
    try:
        return text_tensor_shapes(config)
    except ClipError as error:
        raise CheckpointError(f"the file's text encoder cannot be used: {error}") from error


def placed_unet(network: UNet, tensors: Mapping[str, Tensor], place: Placement) -> tuple[UNet, torch.dtype]:
    """The network with its tensors, and the precision it works in."""
    dtype = place.dtype_for(tensors["input_blocks.0.0.weight"].dtype)
    return _assigned(network, tensors, place, dtype), dtype


def placed_vae(network: AutoencoderKL, tensors: Mapping[str, Tensor], place: Placement) -> ImageCodec:
    """The autoencoder with its tensors as a codec."""
    dtype = place.dtype or torch.float32
    return ImageCodec(_assigned(network, tensors, place, dtype), dtype=dtype, device=place.device)


def placed_clip(config: ClipConfig, tensors: Mapping[str, Tensor], place: Placement) -> TextEncoder:
    """The text encoder with its tensors. Raises CheckpointError where they make none."""
    dtype = place.dtype_for(tensors["embeddings.token_embedding.weight"].dtype)
    try:
        return text_encoder(config, {name: place.put(tensor, dtype) for name, tensor in tensors.items()})
    except ClipError as error:
        raise CheckpointError(f"the file's text encoder cannot be used: {error}") from error


def _check_heads(config: UNetConfig) -> None:
    """Every level with attention is divisible into its heads (the modules find out only when they run)."""
    depths = (*config.transformer_depth, config.middle_depth)
    for factor, depth in zip((*config.channel_mult, config.channel_mult[-1]), depths, strict=True):
        width = factor * config.model_channels
        if depth and (config.heads(width) < 1 or width % config.heads(width)):
            raise CheckpointError(
                f"the UNet has a level {width} wide, which cannot be divided into {config.heads(width)} heads: "
                f"give the number of heads in the file's metadata (nodeloom.unet.heads)"
            )


def _on_meta(build: Callable[[], Network], config: object) -> Network:
    try:
        with torch.device("meta"):
            return build()
    except (RuntimeError, ValueError, ArithmeticError, TypeError) as error:
        raise CheckpointError(
            f"no network has the numbers {config} ({error}): the file's shapes or metadata are damaged"
        ) from error


def _assigned(network: Network, tensors: Mapping[str, Tensor], place: Placement, dtype: torch.dtype) -> Network:
    network.load_state_dict({name: place.put(tensor, dtype) for name, tensor in tensors.items()}, assign=True)
    return network.eval().requires_grad_(False)
