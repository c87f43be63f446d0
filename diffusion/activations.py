"""Activations that spare memory: where no gradient is recorded they work in place."""

import torch
import torch.nn.functional as F
from torch import Tensor


def silu_(x: Tensor) -> Tensor:
    """x * sigmoid(x), any shape; x itself is overwritten unless a gradient is recorded. Only for fresh tensors."""
    return F.silu(x, inplace=not torch.is_grad_enabled())


def gated_gelu(value: Tensor, gate: Tensor) -> Tensor:
    """value * gelu(gate) (GEGLU, Shazeer 2020), both of one shape; neither is changed."""
    if torch.is_grad_enabled():
        return value * F.gelu(gate)
    return F.gelu(gate).mul_(value)
