"""The noise predictor: the conditional UNet of latent diffusion."""

from diffusion.unet.config import UNetConfig
from diffusion.unet.model import UNet

__all__ = ["UNet", "UNetConfig"]
