"""Weights: reading files safely, recognising model families, and mapping published names onto our networks."""

from diffusion.checkpoints.assemble import Checkpoint
from diffusion.checkpoints.errors import CheckpointError, KeymapError
from diffusion.checkpoints.load import load_checkpoint, load_vae
from diffusion.checkpoints.read import TensorFile, read_tensors

__all__ = ["Checkpoint", "CheckpointError", "KeymapError", "TensorFile", "load_checkpoint", "load_vae", "read_tensors"]
