"""The first stage: pictures to latents and back (KL autoencoder, f8 and f4)."""

from diffusion.vae.config import VAEConfig
from diffusion.vae.model import AutoencoderKL, Gaussian

__all__ = ["AutoencoderKL", "Gaussian", "VAEConfig"]
