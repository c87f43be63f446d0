"""A head start for the text encoder: before any denoising it learns to say what a captioned picture looks like.

At the noisiest timestep the best a denoiser can do is the mean picture of a caption. Learning that mean directly, by a
small network on top of the text encoder, is a thousand times cheaper than through the UNet, and leaves the encoder with
states that tell things, colours and places apart. Without it the background's colour, which covers most of a picture,
is learned long before the thing on it. (Stable Diffusion's encoder had its head start from CLIP: Radford et al. 2021.)
"""

import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPTextModel

from diffusion.clip import ClipConfig, ClipTokenizer, clip_tokenizer
from diffusion.clip.encoder import text_body
from diffusion.train.data import CaptionedPictures


@dataclass(frozen=True)
class TextStartSettings:
    """What a batch looks like, and the width of the network on top."""

    batch: int = 128
    width: int = 512


class TextStartTrainer:
    """Mean squared error of the latents that the text's states, at two random places behind the text, lead to."""

    def __init__(
        self, text: ClipConfig, settings: TextStartSettings, latents: Tensor, pictures: CaptionedPictures
    ) -> None:
        torch.manual_seed(0)
        self.tokenizer = clip_tokenizer()
        self.text = new_text_model(text, self.tokenizer, pictures)
        self.head = nn.Sequential(
            nn.Linear(text.width, settings.width),
            nn.GELU(),
            nn.Linear(settings.width, settings.width),
            nn.GELU(),
            nn.Linear(settings.width, latents[0].numel()),
        )
        self.networks = nn.ModuleDict({"text": self.text, "head": self.head})
        self.optimizer = torch.optim.AdamW(self.networks.parameters(), weight_decay=0.0, betas=(0.9, 0.99), fused=True)
        self.settings = settings
        self.latents = latents
        self.pictures = pictures
        self.positions = text.positions

    def losses(self, step: int) -> dict[str, Tensor]:
        """The loss of the batch of this step."""
        numbers = random.Random(f"text start {step}")
        picks = [numbers.randrange(len(self.latents)) for _ in range(self.settings.batch)]
        windows = [window(self.tokenizer, self.pictures.caption(i, numbers), self.positions) for i in picks]
        places = torch.tensor([[numbers.randrange(ids.index(ids[-1]), len(ids)) for _ in range(2)] for ids in windows])
        x0 = self.latents[picks].float()  # (b, c, h, w)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.text(input_ids=torch.tensor(windows)).last_hidden_state  # (b, positions, width)
            chosen = states.gather(1, places[..., None].expand(-1, -1, states.shape[-1]))  # (b, 2, width)
            guesses = self.head(chosen).float().unflatten(-1, x0.shape[1:])  # (b, 2, c, h, w)
        errors = (guesses - x0[:, None]).square().mean(dim=(1, 2), keepdim=False)  # (b, h, w)
        return {"loss": (errors * cell_weights(x0)).mean(), "unweighted": errors.mean()}


def new_text_model(text: ClipConfig, tokenizer: ClipTokenizer, pictures: CaptionedPictures) -> CLIPTextModel:
    """A random text model. Words that no caption uses are, and therefore stay, zero: they say nothing."""
    model = CLIPTextModel(text.for_transformers(tokenizer))
    numbers = random.Random(0)
    count = len(pictures)
    captions = (pictures.caption(i % count, numbers) for i in range(max(count, 20_000)))
    used = torch.tensor(sorted({i for caption in captions for i in window(tokenizer, caption, text.positions)}))
    table = text_body(model).get_parameter("embeddings.token_embedding.weight")
    with torch.no_grad():
        kept = table[used].clone()
        table.zero_()
        table[used] = kept
    return model


def window(tokenizer: ClipTokenizer, text: str, positions: int) -> list[int]:
    """The ids of one window: start, text, end, and end marks to fill up; a text too long is cut."""
    ids = [number for number, _ in tokenizer.pieces(text)][: positions - 2]
    return [tokenizer.start, *ids] + [tokenizer.end] * (positions - 1 - len(ids))


def cell_weights(x0: Tensor, emphasis: float = 4.0) -> Tensor:
    """How much each cell counts: those unlike the picture's most common one, the things, more; 1 on average.

    x0: white latents (b, c, h, w). Returns (b, h, w).
    """
    smooth = F.avg_pool2d(x0, 3, stride=1, padding=1, count_include_pad=False)
    common = smooth.flatten(2).median(dim=2).values[:, :, None, None]
    unlike = (smooth - common).abs().mean(dim=1).clamp(max=1)  # (b, h, w)
    weights = 1 + emphasis * unlike
    return weights / weights.mean(dim=(1, 2), keepdim=True)
