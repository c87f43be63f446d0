"""What a network was trained to say: one function per kind, from its raw output to the expected clean latents (x0)."""

from collections.abc import Callable

from diffusion.shapes import Latents, Sigma

Prediction = Callable[[Latents, Latents, Sigma], Latents]
"""From (raw output, noisy latents x = x0 + sigma * noise, sigma) to x0; all float32."""


def epsilon(output: Latents, x: Latents, sigma: Sigma) -> Latents:
    """The network names the noise (Ho et al. 2020): x0 = x - sigma * output."""
    return x - output * sigma


def v_prediction(output: Latents, x: Latents, sigma: Sigma) -> Latents:
    """The network names the velocity of Salimans & Ho (2022).

    x0 = x / (sigma² + 1) - output * sigma / sqrt(sigma² + 1).
    """
    variance = sigma**2 + 1
    return x / variance - output * (sigma / variance**0.5)


def clean(output: Latents, x: Latents, sigma: Sigma) -> Latents:
    """The network names x0 itself."""
    return output
