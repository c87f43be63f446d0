"""Building blocks of the first stage, named as latent-diffusion checkpoints name their tensors."""

import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.activations import silu_


def group_norm(channels: int, groups: int) -> nn.GroupNorm:
    """Group norm with the first stage's epsilon."""
    return nn.GroupNorm(groups, channels, eps=1e-6)


class ResnetBlock(nn.Module):
    """Two 3 × 3 convolutions with a residual path (He et al. 2016, pre-activation)."""

    def __init__(self, channels_in: int, channels_out: int, groups: int) -> None:
        super().__init__()
        self.norm1 = group_norm(channels_in, groups)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.norm2 = group_norm(channels_out, groups)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        if channels_in != channels_out:
            self.nin_shortcut = nn.Conv2d(channels_in, channels_out, 1)
        else:
            self.nin_shortcut = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(b, c_in, h, w) to (b, c_out, h, w)."""
        h = self.conv1(silu_(self.norm1(x)))
        return self.conv2(silu_(self.norm2(h))).add_(self.nin_shortcut(x))


class AttnBlock(nn.Module):
    """Single-head self-attention over all cells of the smallest level."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = group_norm(channels, groups)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) to the same."""
        b, c, h, w = x.shape
        y = self.norm(x)
        # One head: (b, 1, h*w, c).
        q, k, v = (layer(y).reshape(b, 1, c, h * w).transpose(2, 3) for layer in (self.q, self.k, self.v))
        y = F.scaled_dot_product_attention(q, k, v)
        y = y.transpose(2, 3).reshape(b, c, h, w)
        return self.proj_out(y).add_(x)


class Downsample(nn.Module):
    """Halve height and width by a strided convolution, padded on the right and the bottom only."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) to (b, c, h/2, w/2)."""
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    """Double height and width by repetition, then smooth by a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) to (b, c, 2h, 2w)."""
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(nn.Module):
    """The residual blocks of one resolution and what leads to the next."""

    def __init__(self, widths: list[tuple[int, int]], groups: int) -> None:
        super().__init__()
        self.block = nn.ModuleList(ResnetBlock(a, b, groups) for a, b in widths)


class DownLevel(Level):
    """An encoder level; `downsample` is missing on the last one."""

    def __init__(self, widths: list[tuple[int, int]], groups: int, *, last: bool) -> None:
        super().__init__(widths, groups)
        self.downsample = nn.Identity() if last else Downsample(widths[-1][1])

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) to (b, c', h/2, w/2), or the same size on the last level."""
        for block in self.block:
            x = block(x)
        return self.downsample(x)


class UpLevel(Level):
    """A decoder level; `upsample` is missing on the full-resolution one."""

    def __init__(self, widths: list[tuple[int, int]], groups: int, *, first: bool) -> None:
        super().__init__(widths, groups)
        self.upsample = nn.Identity() if first else Upsample(widths[-1][1])

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) to (b, c', 2h, 2w), or the same size on the full-resolution level."""
        for block in self.block:
            x = block(x)
        return self.upsample(x)


class Middle(nn.Module):
    """Residual block, attention, residual block at the smallest resolution."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.block_1 = ResnetBlock(channels, channels, groups)
        self.attn_1 = AttnBlock(channels, groups)
        self.block_2 = ResnetBlock(channels, channels, groups)

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) to the same."""
        return self.block_2(self.attn_1(self.block_1(x)))
