"""What the steps of several samplers are made of."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from diffusion.shapes import Latents, Sigma


def derivative(x: Latents, x0: Latents, sigma: Sigma) -> Latents:
    """dx/dsigma of the probability-flow ODE: equation 3 of Karras et al. (2022), which is the noise in x."""
    return (x - x0) / sigma


def glide(x: Latents, x0: Latents, sigma: Sigma, sigma_next: Sigma) -> Latents:
    """The exact solution of the ODE at `sigma_next` if x0 stayed as it is: the noise shrinks with sigma."""
    return x0 + (x - x0) * (sigma_next / sigma)


def middle(sigma: Sigma, sigma_next: Sigma, at: float = 0.5) -> Sigma:
    """The level between two others in log sigma."""
    return torch.lerp(sigma.log(), sigma_next.log(), at).exp()


def ancestral_levels(sigma: Sigma, sigma_next: Sigma, eta: float = 1.0) -> tuple[Sigma, Sigma]:
    """How an ancestral step divides: (the level to go down to, the deviation of the noise to add).

    Their squares add up to sigma_next². eta 0 adds none; eta 1 adds as much as the posterior of the forward process
    (Ho et al. 2020; Song et al. 2021, equation 16).
    """
    up = torch.minimum(sigma_next, eta * sigma_next * (1 - (sigma_next / sigma) ** 2).clamp(min=0).sqrt())
    return (sigma_next**2 - up**2).clamp(min=0).sqrt(), up


Quadrature = tuple[np.ndarray, np.ndarray]
"""Places in -1..1 and their weights, for integrals by a weighted sum."""


def gauss_legendre(points: int) -> Quadrature:
    """The rule that is exact for polynomials of degree 2 * points - 1."""
    return np.polynomial.legendre.leggauss(points)


def lagrange_integrals(
    nodes: Sequence[float],
    start: float,
    end: float,
    rule: Quadrature,
    variable: Callable[[np.ndarray], np.ndarray] = np.asarray,
) -> list[float]:
    """The integrals from `start` to `end` of the polynomials that are 1 at one node and 0 at the others.

    They are the weights of a linear multistep method with steps of any size. variable: what the polynomials are of
    (and the nodes' values are in), if not of what is integrated over.
    """
    places, weights = rule
    half = (end - start) / 2
    at = variable((end + start) / 2 + half * places)
    integrals: list[float] = []
    for j, node in enumerate(nodes):
        basis = np.ones_like(at)
        for k, other in enumerate(nodes):
            if k != j:
                basis *= (at - other) / (node - other)
        integrals.append(float(half * (weights * basis).sum()))
    return integrals


def weighted_sum(weights: Sequence[float], tensors: Sequence[Tensor]) -> Tensor:
    """Σ weight · tensor over the shorter of the two sequences."""
    terms = [tensor * weight for weight, tensor in zip(weights, tensors, strict=False)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
