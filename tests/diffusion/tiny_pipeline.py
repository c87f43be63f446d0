"""A Stable Diffusion pipeline of diffusers in miniature, and its weights as the files people exchange.

Everything shapes do not tell (heads, groups, activation, schedule) is as in Stable Diffusion 1.5, so that the single
file needs no metadata; only widths, and the number of text layers, are smaller.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from diffusion.clip.tokenizer import END, START, read_merges, vocabulary
from tests.diffusion.checkpoint_files import randomise, write, write_json
from tests.diffusion.test_checkpoint_diffusers import Reference, ldm_tensors

TEXT_WIDTH = 128
BETAS: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
PREDICTIONS = ("epsilon", "v_prediction")


@dataclass(frozen=True)
class TinyPipeline:
    """The pipeline, and for each kind of prediction its folder and its single file."""

    pipeline: StableDiffusionPipeline
    folders: dict[str, Path]
    files: dict[str, Path]


def tiny_pipeline(folder: Path) -> TinyPipeline:
    """Build the pipeline with random weights and write it to a folder in both layouts."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        unet, vae, text = tiny_unet(), tiny_vae(), tiny_text_encoder()
    parts: dict[str, Any] = {
        "vae": vae,
        "text_encoder": text,
        "tokenizer": tokenizer(folder / "vocabulary"),
        "unet": unet,
        "scheduler": scheduler("epsilon"),
        "safety_checker": None,
        "feature_extractor": None,
    }
    pipeline = StableDiffusionPipeline(**parts, requires_safety_checker=False)
    pipeline.set_progress_bar_config(disable=True)
    folders = {prediction: folder / prediction for prediction in PREDICTIONS}
    pipeline.save_pretrained(folders["epsilon"])
    without_scheduler = shutil.ignore_patterns("scheduler")
    shutil.copytree(folders["epsilon"], folders["v_prediction"], ignore=without_scheduler, copy_function=os.link)
    scheduler("v_prediction").save_pretrained(folders["v_prediction"] / "scheduler")
    tensors = ldm_tensors(Reference(folders["epsilon"], unet, vae, text))
    files = {
        "epsilon": write(folder / "epsilon.safetensors", tensors),
        "v_prediction": write(folder / "v.safetensors", tensors, {"modelspec.prediction_type": "v"}),
    }
    return TinyPipeline(pipeline, folders, files)


def scheduler(prediction: str) -> DDIMScheduler:
    """The schedule the networks were trained with, as a folder tells it."""
    settings = BETAS | {"prediction_type": prediction, "clip_sample": False, "steps_offset": 1}
    return DDIMScheduler(**settings)


def tiny_unet() -> UNet2DConditionModel:
    """A tenth as wide as the published one; kinds of blocks, heads and groups are those of its configuration."""
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64, 96, 96), cross_attention_dim=TEXT_WIDTH, attention_head_dim=8, sample_size=8
    )
    randomise(unet)
    return unet


def tiny_vae() -> AutoencoderKL:
    """An eighth to a quarter as wide as the published one; its pictures keep mostly between black and white."""
    settings: dict[str, Any] = {
        "block_out_channels": (32, 32, 64, 64),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "layers_per_block": 2,
        "latent_channels": 4,
    }
    vae = AutoencoderKL(**settings)
    randomise(vae)
    with torch.no_grad():
        for weight in vae.decoder.conv_out.parameters():
            weight.mul_(0.4)
    return vae


def tiny_text_encoder() -> CLIPTextModel:
    """Three layers of two heads, 64 wide as in every published CLIP."""
    config = CLIPTextConfig(
        hidden_size=TEXT_WIDTH,
        intermediate_size=4 * TEXT_WIDTH,
        num_hidden_layers=3,
        num_attention_heads=2,
        bos_token_id=49406,
        eos_token_id=49407,
        pad_token_id=49407,
    )
    text = CLIPTextModel(config)
    randomise(text)
    return text


def tokenizer(folder: Path) -> CLIPTokenizer:
    """transformers' tokenizer over the shipped vocabulary, written to a folder in its own format."""
    merges = read_merges()
    write_json(folder / "vocab.json", vocabulary(merges))
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": 77,
        "bos_token": START,
        "eos_token": END,
        "unk_token": END,
        "pad_token": END,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return CLIPTokenizer.from_pretrained(folder)
