"""Transformers inside the UNet: every cell looks at all cells, then at the words of the prompt."""

import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.activations import gated_gelu
from diffusion.unet.config import UNetConfig


class CrossAttention(nn.Module):
    """Multi-head attention from one sequence to another (Vaswani et al. 2017)."""

    def __init__(self, width: int, context_dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context_dim, width, bias=False)
        self.to_v = nn.Linear(context_dim, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """(b, n, width) attends to (b, m, context_dim)."""
        q, k, v = (
            layer(source).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (b, heads, n, width / heads)
            for layer, source in ((self.to_q, x), (self.to_k, context), (self.to_v, context))
        )
        y = F.scaled_dot_product_attention(q, k, v)
        return self.to_out[0](y.transpose(1, 2).flatten(2))


class GEGLU(nn.Module):
    """Linear layer whose one half gates the other (Shazeer 2020)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        """(b, n, width) to (b, n, inner)."""
        value, gate = self.proj(x).chunk(2, dim=-1)
        return gated_gelu(value, gate)


class FeedForward(nn.Module):
    """Gated two-layer network; `net.1` is the place of a dropout that checkpoints count."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(GEGLU(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """(b, n, width) to the same."""
        return self.net(x)


class TransformerBlock(nn.Module):
    """Self-attention, attention to the prompt, feed-forward; each with its own residual path."""

    def __init__(self, width: int, context_dim: int, heads: int) -> None:
        super().__init__()
        self.attn1 = CrossAttention(width, width, heads)
        self.ff = FeedForward(width)
        self.attn2 = CrossAttention(width, context_dim, heads)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """(b, n, width), (b, m, context_dim) to (b, n, width)."""
        y = self.norm1(x)
        x = self.attn1(y, y).add_(x)
        x = self.attn2(self.norm2(x), context).add_(x)
        return self.ff(self.norm3(x)).add_(x)


class SpatialTransformer(nn.Module):
    """A picture as a sequence of cells through `depth` transformer blocks and back."""

    def __init__(self, channels: int, depth: int, config: UNetConfig) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(config.norm_groups, channels, eps=1e-6)
        linear = config.linear_projections
        self.proj_in = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(channels, config.context_dim, config.heads(channels)) for _ in range(depth)
        )
        self.proj_out = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """(b, c, h, w), (b, m, context_dim) to (b, c, h, w)."""
        height = x.shape[2]
        y = self.norm(x).flatten(2).transpose(1, 2)  # (b, h*w, c): a view where x is channels-last
        y = per_cell(self.proj_in, y)
        for block in self.transformer_blocks:
            y = block(y, context)
        y = per_cell(self.proj_out, y)
        return x + y.transpose(1, 2).unflatten(2, (height, -1))


def per_cell(layer: nn.Module, x: Tensor) -> Tensor:
    """Apply a linear layer or a 1 × 1 convolution, which is the same thing, to a sequence (b, n, c)."""
    assert isinstance(layer, nn.Linear | nn.Conv2d)
    return F.linear(x, layer.weight.flatten(1), layer.bias)
