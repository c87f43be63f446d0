"""Noise levels and kinds of prediction as packs know them: what `model_sampling` of a model is."""

import math
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor

from diffusion.model import DiffusionModel
from diffusion.prediction import clean, epsilon, v_prediction
from diffusion.schedules import NoiseTable
from diffusion.shapes import Latents, Sigma

ENDLESS: Final = 999999999.9
"""What packs know as the level at the very beginning, above all levels."""


def _over(sigma: Any, like: Tensor) -> Tensor:
    """Levels (b,) or one number in the shape in which they multiply latents."""
    level = torch.as_tensor(sigma).to(like)
    return level.reshape(level.shape[:1] + (1,) * (like.ndim - 1)) if level.ndim else level


class EPS:
    """The network names the noise."""

    sigma_data: float = 1.0

    def calculate_input(self, sigma: Any, noise: Tensor) -> Tensor:
        """Noisy latents scaled to unit variance."""
        return noise / (_over(sigma, noise) ** 2 + self.sigma_data**2) ** 0.5

    def calculate_denoised(self, sigma: Any, model_output: Tensor, model_input: Tensor) -> Tensor:
        """x0 from what the network says."""
        return epsilon(model_output, model_input, _over(sigma, model_output))

    def noise_scaling(self, sigma: Any, noise: Tensor, latent_image: Tensor, max_denoise: bool = False) -> Tensor:
        """What a sampling starts from."""
        level = _over(sigma, noise)
        return noise * (torch.sqrt(1.0 + level**2.0) if max_denoise else level) + latent_image

    def inverse_noise_scaling(self, sigma: Any, latent: Tensor) -> Tensor:
        """What a sampling ends with: the latents themselves."""
        return latent


class V_PREDICTION(EPS):
    """The network names the velocity."""

    def calculate_denoised(self, sigma: Any, model_output: Tensor, model_input: Tensor) -> Tensor:
        """x0 from what the network says."""
        return v_prediction(model_output, model_input, _over(sigma, model_output))


class X0(EPS):
    """The network names x0 itself."""

    def calculate_denoised(self, sigma: Any, model_output: Tensor, model_input: Tensor) -> Tensor:
        """What the network says."""
        return model_output


class ModelSamplingDiscrete(torch.nn.Module):
    """The levels of a training schedule; a kind of prediction is mixed in beside it."""

    sigmas: Tensor
    log_sigmas: Tensor

    def __init__(self, model_config: object = None, zsnr: bool | None = None) -> None:
        super().__init__()
        self.sigma_data = 1.0
        self.set_sigmas(NoiseTable.stable_diffusion(zero_terminal_snr=bool(zsnr)).sigmas)

    @property
    def num_timesteps(self) -> int:
        """How many levels there are."""
        return len(self.sigmas)

    @property
    def sigma_min(self) -> Tensor:
        """The smallest level."""
        return self.sigmas[0]

    @property
    def sigma_max(self) -> Tensor:
        """The largest level."""
        return self.sigmas[-1]

    @property
    def table(self) -> NoiseTable:
        """The levels as our schedules take them."""
        return NoiseTable(self.sigmas.detach().to("cpu", torch.float32))

    def set_sigmas(self, sigmas: Tensor) -> None:
        """Take other levels, rising."""
        self.register_buffer("sigmas", sigmas.float(), persistent=False)
        self.register_buffer("log_sigmas", sigmas.log().float(), persistent=False)

    def timestep(self, sigma: Any) -> Tensor:
        """The index of the nearest level."""
        level = torch.as_tensor(sigma, dtype=torch.float32)
        return self.table.timestep(level.cpu()).to(level.device)

    def sigma(self, timestep: Any) -> Tensor:
        """The level at a timestep, between two of them interpolated."""
        place = torch.as_tensor(timestep, dtype=torch.float32)
        return self.table.sigma(place.cpu()).to(place.device)

    def percent_to_sigma(self, percent: float) -> float:
        """The level at which this part of a sampling is done."""
        level = self.table.sigma_at_percent(percent)
        return ENDLESS if math.isinf(level) else level


class EpsilonLevels(ModelSamplingDiscrete, EPS):
    """Discrete levels of a network that names the noise."""


class VelocityLevels(ModelSamplingDiscrete, V_PREDICTION):
    """Discrete levels of a network that names the velocity."""


class CleanLevels(ModelSamplingDiscrete, X0):
    """Discrete levels of a network that names x0."""


class OtherLevels(ModelSamplingDiscrete, EPS):
    """Discrete levels of a network whose kind of prediction a pack wrote."""

    def __init__(self, model: DiffusionModel) -> None:
        super().__init__()
        self._prediction = model.prediction

    def calculate_denoised(self, sigma: Any, model_output: Tensor, model_input: Tensor) -> Tensor:
        """x0 from what the network says."""
        return self._prediction(model_output, model_input, _over(sigma, model_output))


def levels_of(model: DiffusionModel) -> ModelSamplingDiscrete:
    """The levels and the prediction of a model."""
    kinds: dict[object, type[ModelSamplingDiscrete]] = {
        epsilon: EpsilonLevels,
        v_prediction: VelocityLevels,
        clean: CleanLevels,
    }
    kind = kinds.get(model.prediction)
    levels = OtherLevels(model) if kind is None else kind()
    levels.set_sigmas(model.table.sigmas)
    return levels


def with_levels(model: DiffusionModel, levels: Any) -> DiffusionModel:
    """The model at the levels, and with the prediction, of an object of a pack. Raises ValueError for bad levels."""
    table = NoiseTable(torch.as_tensor(levels.sigmas).detach().to("cpu", torch.float32))

    def prediction(output: Latents, x: Latents, sigma: Sigma) -> Latents:
        return levels.calculate_denoised(sigma, output, x)

    return replace(model, table=table, prediction=prediction)
