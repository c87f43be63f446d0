"""From a trained first stage to the latents that the second stage learns on: normalised, and computed once."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from diffusion.train.data import CaptionedPictures
from diffusion.train.first_stage import to_tensor
from diffusion.vae import AutoencoderKL

LATENT_SCALE = 0.18215
"""What Stable Diffusion 1 multiplies latents by; the first stage is made to fit it, so that no file need say it."""

OnPicture = Callable[[int, int], None]
"""Called with (pictures done, pictures wanted)."""


@torch.no_grad()
def means(
    network: AutoencoderKL, pictures: CaptionedPictures, count: int, on_picture: OnPicture, batch: int = 16
) -> Tensor:
    """The modes of the first `count` pictures' latents: (count, c, h, w) float32, in the network's own scale."""
    parts: list[Tensor] = []
    for start in range(0, count, batch):
        planes = [to_tensor(pictures.picture(i)) for i in range(start, min(start + batch, count))]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            encoded = network.encode(torch.stack(planes).to(memory_format=torch.channels_last))
        parts.append(encoded.mean.float())
        on_picture(start + len(planes), count)
    return torch.cat(parts)


@torch.no_grad()
def normalise(network: AutoencoderKL, latents: Tensor) -> None:
    """Change the two 1 × 1 convolutions around the latents in place, so that latents times LATENT_SCALE are white.

    After it their channels have mean 0, variance 1 and no correlation over the sample `latents` (n, c, h, w), and
    decoding undoes it exactly. The log-variances are moved by the mean change of scale.
    """
    channels = latents.shape[1]
    cells = latents.movedim(1, -1).reshape(-1, channels).double()  # (n*h*w, c)
    mean = cells.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(cells.T))
    whiten = vectors @ torch.diag(values.rsqrt()) @ vectors.T / LATENT_SCALE  # (c, c)
    quant, post = network.quant_conv, network.post_quant_conv
    assert quant.bias is not None and post.bias is not None
    weight, bias = quant.weight.double().flatten(1), quant.bias.double()
    quant.weight[:channels] = (whiten @ weight[:channels]).float()[:, :, None, None]
    quant.bias[:channels] = (whiten @ (bias[:channels] - mean)).float()
    quant.bias[channels:] += 2 * whiten.diagonal().log().mean().float()
    back = post.weight.double().flatten(1)
    post.bias += (back @ mean).float()
    post.weight.copy_((back @ whiten.inverse()).float()[:, :, None, None])


def write_latents(path: Path, latents: Tensor) -> None:
    """Keep white latents (n, c, h, w) as float16."""
    save_file({"latents": latents.half().contiguous()}, path)


def read_latents(path: Path) -> Tensor:
    """The white latents (n, c, h, w) of a file, float16."""
    with safe_open(path, framework="pt") as file:
        return file.get_tensor("latents")
