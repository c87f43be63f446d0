"""Models from files as packs ask for them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from diffusion.checkpoints import load_checkpoint, load_vae
from nodes.devices import device_for
from packs.compat.clip import Clip
from packs.compat.context import Context
from packs.compat.model_patcher import ModelPatcher
from packs.compat.refusing import NotGiven
from packs.compat.vae import Vae

Parts = tuple[ModelPatcher | None, Clip | None, Vae | None, None]


class CheckpointReader:
    """Reads files onto the device where models work."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def load_checkpoint_guess_config(
        self,
        ckpt_path: str,
        output_vae: bool = True,
        output_clip: bool = True,
        output_clipvision: bool = False,
        embedding_directory: object = None,
        output_model: bool = True,
        model_options: object = None,
        te_model_options: object = None,
        metadata: object = None,
    ) -> Parts:
        """Model, text encoder and VAE of a file, None for what it lacks, and None for CLIP vision.

        Raises CheckpointError, and NotGiven where CLIP vision is asked for.
        """
        if output_clipvision:
            raise NotGiven("There is no CLIP vision model here yet; leave out output_clipvision.")
        found = load_checkpoint(Path(ckpt_path), device=device_for(self._context.run()))
        model = replace(found.model, first_stage=found.vae)
        return (
            ModelPatcher(model) if output_model else None,
            Clip(found.clip) if output_clip and found.clip is not None else None,
            Vae(found.vae) if output_vae and found.vae is not None else None,
            None,
        )

    def load_checkpoint(
        self, config_path: object = None, ckpt_path: str = "", *given: object, **named: object
    ) -> tuple[Any, ...]:
        """Model, text encoder and VAE of a file; what it is like is read off the file."""
        return self.load_checkpoint_guess_config(ckpt_path)[:3]

    def load_vae(self, path: str) -> Vae:
        """A VAE from a file of its own. Raises CheckpointError."""
        return Vae(load_vae(Path(path), device=device_for(self._context.run())))
