"""Training of the second stage: a UNet that denoises latents by a caption, and the text encoder that reads it."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from diffusion.clip import ClipConfig, clip_tokenizer
from diffusion.schedules import NoiseTable
from diffusion.train.data import CaptionedPictures
from diffusion.train.text_start import cell_weights, new_text_model, window
from diffusion.unet import UNet, UNetConfig


@dataclass(frozen=True)
class TextToImageSettings:
    """What a batch looks like.

    unconditional: share of captions left empty, which is what classifier-free guidance needs (Ho & Salimans 2022).
    """

    batch: int = 32
    unconditional: float = 0.1


class TextToImageTrainer:
    """Velocity prediction (Salimans & Ho 2022) at uniformly random timesteps of Stable Diffusion's noise schedule."""

    def __init__(
        self,
        unet: UNetConfig,
        text: ClipConfig,
        settings: TextToImageSettings,
        latents: Tensor,
        pictures: CaptionedPictures,
        start: Mapping[str, Tensor] | None = None,
    ) -> None:
        """`start` is what the text encoder begins with (see text_start), or nothing."""
        torch.manual_seed(0)
        self.tokenizer = clip_tokenizer()
        self.unet = UNet(unet).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        start_as_identity(self.unet)
        self.text = new_text_model(text, self.tokenizer, pictures)
        if start is not None:
            self.text.load_state_dict(start)
        self.networks = nn.ModuleDict({"unet": self.unet, "text": self.text})
        self.optimizer = torch.optim.AdamW(self.networks.parameters(), weight_decay=0.0, betas=(0.9, 0.99), fused=True)
        self.settings = settings
        self.latents = latents
        self.pictures = pictures
        self.positions = text.positions
        self.log_sigmas = NoiseTable.stable_diffusion().sigmas.log()

    def losses(self, step: int) -> dict[str, Tensor]:
        """Mean squared error of the velocity over the batch of this step, and its halves by noise level."""
        numbers = random.Random(f"text to image {step}")
        source = torch.Generator().manual_seed(step)
        picks = [numbers.randrange(len(self.latents)) for _ in range(self.settings.batch)]
        captions = [
            "" if numbers.random() < self.settings.unconditional else self.pictures.caption(pick, numbers)
            for pick in picks
        ]
        x0 = self.latents[picks].float()  # (b, c, h, w)
        noise = torch.randn(x0.shape, generator=source)
        timesteps = torch.randint(0, len(self.log_sigmas), (len(picks),), generator=source)
        sigma = self.log_sigmas[timesteps].exp()[:, None, None, None]
        spread = (sigma.square() + 1).sqrt()
        noisy = ((x0 + sigma * noise) / spread).to(memory_format=torch.channels_last)
        wanted = (noise - sigma * x0) / spread
        with torch.autocast("cpu", dtype=torch.bfloat16):
            context = self.text(input_ids=self.token_ids(captions)).last_hidden_state  # (b, positions, width)
            velocity = self.unet(noisy, timesteps, context)
        errors = (velocity.float() - wanted).square().mean(dim=1)  # (b, h, w)
        errors = (errors * cell_weights(x0)).mean(dim=(1, 2))  # (b,)
        early = timesteps >= len(self.log_sigmas) // 2
        return {"loss": errors.mean(), "noisy half": errors[early].mean(), "clean half": errors[~early].mean()}

    def token_ids(self, captions: Iterable[str]) -> Tensor:
        """(b, positions) ids of captions of one window each: start, text, end, and end marks to fill up."""
        return torch.tensor([window(self.tokenizer, caption, self.positions) for caption in captions])


@torch.no_grad()
def start_as_identity(unet: UNet) -> None:
    """Start every residual branch, and the output, at zero, as Dhariwal & Nichol (2021) do."""
    for name, module in unet.named_modules():
        last = name.endswith(("out_layers.3", "proj_out", "out.2"))
        if last and isinstance(module, nn.Conv2d | nn.Linear):
            for parameter in module.parameters():
                parameter.zero_()
