"""The numbers that determine a latent-diffusion UNet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class UNetConfig:
    """Hyper-parameters of the conditional UNet (Rombach et al. 2022; defaults are Stable Diffusion 1.5).

    channel_mult: width of each level in units of `model_channels`, the full-resolution level first.
    res_blocks: residual blocks of each level on the way down; the way up has one more.
    transformer_depth: transformer blocks behind each residual block of a level; 0 is a level without attention.
    middle_depth: transformer blocks in the middle.
    context_dim: width of the text embedding.
    num_heads: heads of every attention; None where head_channels fixes their width instead.
    linear_projections: whether transformers are entered through a linear layer (SD2, SDXL) or a 1 × 1 convolution.
    vector_channels: width of the vector that joins the time embedding (SDXL), or None.
    norm_groups: groups of every group norm; shapes cannot tell it, 32 is the family's rule.
    """

    in_channels: int = 4
    out_channels: int = 4
    model_channels: int = 320
    channel_mult: tuple[int, ...] = (1, 2, 4, 4)
    res_blocks: tuple[int, ...] = (2, 2, 2, 2)
    transformer_depth: tuple[int, ...] = (1, 1, 1, 0)
    middle_depth: int = 1
    context_dim: int = 768
    num_heads: int | None = 8
    head_channels: int | None = None
    linear_projections: bool = False
    vector_channels: int | None = None
    norm_groups: int = 32

    def heads(self, channels: int) -> int:
        """Attention heads of a level that is `channels` wide."""
        if self.head_channels is not None:
            return channels // self.head_channels
        assert self.num_heads is not None
        return self.num_heads
