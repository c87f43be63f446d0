"""Samplers: functions from noise to latents that know nothing of the model but a function from noisy x to x0."""

from diffusion.samplers.table import SAMPLERS, NoiseKind, Sampler

__all__ = ["SAMPLERS", "NoiseKind", "Sampler"]
