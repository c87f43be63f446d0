"""The conditional UNet of latent diffusion (Rombach et al. 2022; Ronneberger et al. 2015)."""

import torch
from torch import Tensor, nn

from diffusion.unet.attention import SpatialTransformer
from diffusion.unet.blocks import Downsample, ResBlock, Stage, Upsample, timestep_embedding
from diffusion.unet.config import UNetConfig


class UNet(nn.Module):
    """Predicts what the training asked for (noise or velocity) from noisy latents, a timestep and a prompt."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        width, groups = config.model_channels, config.norm_groups
        time_channels = 4 * width
        self.time_embed = nn.Sequential(
            nn.Linear(width, time_channels), nn.SiLU(), nn.Linear(time_channels, time_channels)
        )
        if config.vector_channels is not None:
            self.label_emb = nn.Sequential(
                nn.Sequential(
                    nn.Linear(config.vector_channels, time_channels),
                    nn.SiLU(),
                    nn.Linear(time_channels, time_channels),
                )
            )
        widths = [width * factor for factor in config.channel_mult]
        skips = self._build_input(widths, time_channels)
        middle = widths[-1]
        self.middle_block = Stage([ResBlock(middle, middle, time_channels, groups)])
        if config.middle_depth:
            self.middle_block.append(SpatialTransformer(middle, config.middle_depth, config))
        self.middle_block.append(ResBlock(middle, middle, time_channels, groups))
        self._build_output(widths, skips, time_channels)
        self.out = nn.Sequential(
            nn.GroupNorm(groups, widths[0]), nn.SiLU(), nn.Conv2d(widths[0], config.out_channels, 3, padding=1)
        )

    def _build_input(self, widths: list[int], time_channels: int) -> list[int]:
        """The way down; returns the channels of every skip connection."""
        config = self.config
        self.input_blocks = nn.ModuleList([Stage([nn.Conv2d(config.in_channels, config.model_channels, 3, padding=1)])])
        skips, channels = [config.model_channels], config.model_channels
        for level, width in enumerate(widths):
            for _ in range(config.res_blocks[level]):
                stage = Stage([ResBlock(channels, width, time_channels, config.norm_groups)])
                if depth := config.transformer_depth[level]:
                    stage.append(SpatialTransformer(width, depth, config))
                self.input_blocks.append(stage)
                channels = width
                skips.append(channels)
            if level < len(widths) - 1:
                self.input_blocks.append(Stage([Downsample(channels)]))
                skips.append(channels)
        return skips

    def _build_output(self, widths: list[int], skips: list[int], time_channels: int) -> None:
        """The way up; every stage takes one skip connection."""
        config = self.config
        self.output_blocks = nn.ModuleList()
        channels, skips = widths[-1], list(skips)
        for level in reversed(range(len(widths))):
            for i in range(config.res_blocks[level] + 1):
                width = widths[level]
                stage = Stage([ResBlock(channels + skips.pop(), width, time_channels, config.norm_groups)])
                if depth := config.transformer_depth[level]:
                    stage.append(SpatialTransformer(width, depth, config))
                if level > 0 and i == config.res_blocks[level]:
                    stage.append(Upsample(width))
                self.output_blocks.append(stage)
                channels = width

    def forward(self, x: Tensor, timesteps: Tensor, context: Tensor, y: Tensor | None = None) -> Tensor:
        """Predict from noisy latents.

        x: (b, in_channels, h, w), scaled to unit variance. timesteps: (b,) in training steps. context: (b, n,
        context_dim) text embedding. y: (b, vector_channels) where the configuration asks for it.
        Returns (b, out_channels, h, w).
        """
        embedding = self.time_embed(timestep_embedding(timesteps, self.config.model_channels).to(x.dtype))
        if self.config.vector_channels is not None:
            if y is None:
                raise ValueError(f"this UNet needs a vector y of width {self.config.vector_channels}, and got none")
            embedding = embedding + self.label_emb(y)
        skips: list[Tensor] = []
        for stage in self.input_blocks:
            x = stage(x, embedding, context)
            skips.append(x)
        x = self.middle_block(x, embedding, context)
        for stage in self.output_blocks:
            x = torch.cat([x, skips.pop()], dim=1)
            size = (skips[-1].shape[2], skips[-1].shape[3]) if skips else None
            x = stage(x, embedding, context, size)
        return self.out(x)
