"""Noise levels: those a model was trained at, and those a run of so many steps visits."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import torch
from torch import Tensor

from diffusion.shapes import Sigmas

ZERO_SNR_LAST_ALPHA_BAR = 4.8973451890853435e-08
"""What stands for 0 as the last abar of a zero-terminal-SNR schedule, so that its sigma stays finite."""


@dataclass(frozen=True, eq=False)
class NoiseTable:
    """The noise levels of a training schedule, rising; the index of a level is the timestep the network knows it by.

    sigmas: (n,) float32 on the CPU, all above 0.
    """

    sigmas: Sigmas

    def __post_init__(self) -> None:
        sigmas = self.sigmas
        if sigmas.ndim != 1 or len(sigmas) < 2 or not (sigmas[0] > 0 and (sigmas.diff() > 0).all()):
            raise ValueError(
                "a noise table needs a vector of two or more rising levels above 0, and got shape "
                f"{tuple(sigmas.shape)}, beginning {sigmas.flatten()[:3].tolist()}: pass sigmas, the cleanest first"
            )

    @classmethod
    def from_betas(cls, betas: Tensor, *, zero_terminal_snr: bool = False) -> "NoiseTable":
        """The table of a discrete diffusion (Ho et al. 2020).

        sigma = sqrt((1 - abar) / abar) with abar = cumprod(1 - beta).
        zero_terminal_snr: rescale so that the last level is noise only (Lin et al. 2024).
        """
        abar = (1 - betas.double()).cumprod(0)
        if zero_terminal_snr:
            root = abar.sqrt()
            abar = ((root - root[-1]) * (root[0] / (root[0] - root[-1]))) ** 2
            abar[-1] = ZERO_SNR_LAST_ALPHA_BAR
        return cls(((1 - abar) / abar).sqrt().float())

    @classmethod
    def stable_diffusion(cls, *, zero_terminal_snr: bool = False) -> "NoiseTable":
        """The schedule of Stable Diffusion 1, 2 and XL: 1000 betas, linear in their square roots."""
        betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
        return cls.from_betas(betas, zero_terminal_snr=zero_terminal_snr)

    def __len__(self) -> int:
        return len(self.sigmas)

    @cached_property
    def log_sigmas(self) -> Tensor:
        """(n,) natural logarithms of the levels."""
        return self.sigmas.log()

    @cached_property
    def _log_middles(self) -> Tensor:
        return (self.log_sigmas[1:] + self.log_sigmas[:-1]) / 2

    @cached_property
    def sigma_min(self) -> float:
        """The smallest level."""
        return float(self.sigmas[0])

    @cached_property
    def sigma_max(self) -> float:
        """The largest level."""
        return float(self.sigmas[-1])

    def sigma(self, timestep: Tensor | float) -> Tensor:
        """The level at timesteps of any shape, between two of them interpolated in log sigma."""
        t = torch.as_tensor(timestep, dtype=torch.float32).clamp(0, len(self) - 1)
        low = t.floor().long()
        high = t.ceil().long()
        return torch.lerp(self.log_sigmas[low], self.log_sigmas[high], t - low).exp()

    def timestep(self, sigma: Tensor | float) -> Tensor:
        """The index of the level nearest in log sigma to each of `sigma` (any shape), int64."""
        return torch.searchsorted(self._log_middles, torch.as_tensor(sigma, dtype=torch.float32).log())

    def sigma_at_percent(self, percent: float) -> float:
        """The level at which `percent` (0..1) of the sampling is done: 0 gives infinity, 1 gives 0."""
        if percent <= 0:
            return math.inf
        if percent >= 1:
            return 0.0
        return float(self.sigma((1 - percent) * (len(self) - 1)))


Schedule = Callable[[NoiseTable, int], Sigmas]
"""From a model's noise table and a number of steps to the levels of a run: falling, 0 at the end."""


def normal(table: NoiseTable, steps: int) -> Sigmas:
    """Timesteps evenly from the noisiest to the cleanest."""
    return _with_zero(table.sigma(torch.linspace(len(table) - 1, 0, steps)))


def sgm_uniform(table: NoiseTable, steps: int) -> Sigmas:
    """Timesteps evenly from the noisiest, with the cleanest left out in favour of 0."""
    return _with_zero(table.sigma(torch.linspace(len(table) - 1, 0, steps + 1)[:-1]))


def simple(table: NoiseTable, steps: int) -> Sigmas:
    """Every (n / steps)-th training level from the noisiest down; more steps than levels are cut to those there are."""
    count = min(steps, len(table))
    return _with_zero(table.sigmas[[len(table) - 1 - int(i * len(table) / count) for i in range(count)]])


def ddim_uniform(table: NoiseTable, steps: int) -> Sigmas:
    """Every (n // steps)-th training level from index 1 up (Song et al. 2021); often one level more than asked for."""
    return _with_zero(table.sigmas[1 :: max(len(table) // steps, 1)].flip(0))


def karras(table: NoiseTable, steps: int, rho: float = 7.0) -> Sigmas:
    """Even in sigma^(1 / rho): equation 5 of Karras et al. (2022)."""
    ends = table.sigma_max ** (1 / rho), table.sigma_min ** (1 / rho)
    return _with_zero(torch.linspace(*ends, steps, dtype=torch.float64) ** rho)


def exponential(table: NoiseTable, steps: int) -> Sigmas:
    """Even in log sigma."""
    ends = math.log(table.sigma_max), math.log(table.sigma_min)
    return _with_zero(torch.linspace(*ends, steps, dtype=torch.float64).exp())


def beta(table: NoiseTable, steps: int, alpha: float = 0.6, beta: float = 0.6) -> Sigmas:
    """Training levels spread as a Beta distribution, denser at both ends (Lee et al. 2024).

    The level of quantile q is the one at index round((n - 1) * ppf(q)); levels named twice are visited once, so a run
    of many steps may be shorter than asked for.
    """
    last = len(table) - 1
    quantiles = 1 - torch.arange(steps, dtype=torch.float64) / steps
    between = (torch.arange(last, dtype=torch.float64) + 0.5) / last  # where rounding goes over to the next index
    ties_go_up = quantiles + 1e-12  # the median of 1000 levels lies between two of them: rounding takes 500
    indices = torch.searchsorted(beta_distribution(between, alpha, beta), ties_go_up)
    return _with_zero(table.sigmas[torch.unique_consecutive(indices)])


def linear_quadratic(table: NoiseTable, steps: int, threshold: float = 0.025) -> Sigmas:
    """From sigma_max half of the steps straight down by a share of `threshold`, then a parabola to 0 (Genmo 2024)."""
    linear = steps // 2
    if linear == 0:
        return torch.tensor([table.sigma_max, 0.0])
    i = torch.arange(steps + 1, dtype=torch.float64)
    line = i * (threshold / linear)
    bend = ((i - linear).clamp(min=0) / (steps - linear)) ** 2
    gone = line + bend * (1 - line[-1])
    return ((1 - gone) * table.sigma_max).float()


def kl_optimal(table: NoiseTable, steps: int) -> Sigmas:
    """Even in atan sigma: the schedule that bounds the KL divergence for isotropic data (Sabour et al. 2024)."""
    ends = math.atan(table.sigma_max), math.atan(table.sigma_min)
    return _with_zero(torch.linspace(*ends, steps, dtype=torch.float64).tan())


SCHEDULES: Mapping[str, Schedule] = MappingProxyType(
    {
        "simple": simple,
        "sgm_uniform": sgm_uniform,
        "karras": karras,
        "exponential": exponential,
        "ddim_uniform": ddim_uniform,
        "beta": beta,
        "normal": normal,
        "linear_quadratic": linear_quadratic,
        "kl_optimal": kl_optimal,
    }
)

SECOND_TO_LAST_DROPPED = frozenset({"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"})
"""Samplers that get one step more than asked for and then lose the level before the 0."""


def sigmas_for(
    table: NoiseTable, scheduler: str | Schedule, steps: int, sampler: str = "", denoise: float = 1.0
) -> Sigmas:
    """The levels of a run: (steps + 1,) falling to 0; some schedules give more or fewer (see there).

    scheduler: a name of SCHEDULES or such a function. sampler: its name, for those with a rule of their own.
    denoise: 1 begins with noise alone; below 1 the last `steps` steps of a run of int(steps / denoise) are kept;
        0 keeps none of them and the result is empty.
    """
    if steps < 1:
        raise ValueError(f"a run needs at least 1 step, and got {steps}")
    if isinstance(scheduler, str):
        if scheduler not in SCHEDULES:
            raise ValueError(f"there is no scheduler {scheduler!r}: choose one of {', '.join(SCHEDULES)}")
        scheduler = SCHEDULES[scheduler]
    if denoise <= 0:
        return torch.empty(0)
    total = int(steps / denoise) if denoise < 1 else steps
    if sampler in SECOND_TO_LAST_DROPPED:
        sigmas = scheduler(table, total + 1)
        sigmas = torch.cat([sigmas[:-2], sigmas[-1:]])
    else:
        sigmas = scheduler(table, total)
    return sigmas[-(steps + 1) :] if denoise < 1 else sigmas


def beta_distribution(x: Tensor, a: float, b: float) -> Tensor:
    """The distribution function of Beta(a, b) at x (any shape, strictly between 0 and 1), float64.

    By the continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated with Lentz's method.
    """
    if a <= 0 or b <= 0:
        raise ValueError(f"a Beta distribution needs two numbers above 0, and got {a} and {b}")
    x = x.double()
    mirrored = x > (a + 1) / (a + b + 2)  # the fraction converges fast on the near side of the mode
    near = torch.where(mirrored, 1 - x, x)
    p = a + (b - a) * mirrored.double()
    q = a + b - p
    front = p * near.log() + q * (1 - near).log() - (math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))
    d = 1 / (1 - (p + q) / (p + 1) * near)
    c = torch.ones_like(near)
    fraction = d
    for m in range(1, 200):
        even = m * (q - m) * near / ((p + 2 * m - 1) * (p + 2 * m))
        odd = -(p + m) * (p + q + m) * near / ((p + 2 * m) * (p + 2 * m + 1))
        for term in (even, odd):
            d = 1 / (1 + term * d)
            c = 1 + term / c
            fraction = fraction * d * c
    value = front.exp() / p * fraction
    return torch.where(mirrored, 1 - value, value)


def _with_zero(sigmas: Tensor) -> Sigmas:
    return torch.cat([sigmas.float(), torch.zeros(1)])
