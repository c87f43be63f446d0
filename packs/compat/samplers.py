"""Samplers and schedulers as packs know them: by name, as functions in the k-diffusion form, and those they write."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor

from diffusion.inpaint import masked
from diffusion.samplers import SAMPLERS
from diffusion.samplers import Sampler as Method
from diffusion.sampling import first_scale, fresh_noise, sampler_named
from diffusion.schedules import SCHEDULES, NoiseTable, Schedule, beta, linear_quadratic, normal, sgm_uniform, simple
from diffusion.shapes import Denoiser, Latents, OnStep, Sigma, Sigmas, quiet
from packs.compat.context import Context
from packs.compat.refusing import NotGiven

ModelCall = Callable[..., Tensor]
Callback = Callable[[dict[str, Any]], object]

PAIRS: Final = (
    "CFG++ samplers see the negative's own prediction, which a model as a function does not tell; pass the sampler to "
    "comfy.samplers.sample or to a CFGGuider"
)


class SchedulerHandler(NamedTuple):
    """A scheduler: a function of (model_sampling, steps), or else of n, sigma_min and sigma_max by name."""

    handler: Callable[..., Tensor]
    use_ms: bool = True


def table_of(model_sampling: Any) -> NoiseTable:
    """The noise levels of what packs call `model_sampling`."""
    table = getattr(model_sampling, "table", None)
    if isinstance(table, NoiseTable):
        return table
    return NoiseTable(torch.as_tensor(model_sampling.sigmas).detach().to("cpu", torch.float32))


class SamplerNames:
    """The samplers and schedulers that packs choose from, and may add to."""

    def __init__(self, context: Context | None = None) -> None:
        self.samplers = list(SAMPLERS)
        self.handlers = {name: SchedulerHandler(_of_model(schedule)) for name, schedule in SCHEDULES.items()}
        self.schedulers = list(self.handlers)

    def calculate_sigmas(self, model_sampling: Any, scheduler_name: str, steps: int) -> Tensor:
        """The noise levels of a run: (steps + 1,), falling to 0. Raises ValueError for an unknown scheduler."""
        found = self.handlers.get(scheduler_name)
        if found is None:
            raise ValueError(f"there is no scheduler {scheduler_name!r}: choose one of {', '.join(self.handlers)}")
        if found.use_ms:
            return found.handler(model_sampling, steps)
        low, high = float(model_sampling.sigma_min), float(model_sampling.sigma_max)
        return found.handler(n=steps, sigma_min=low, sigma_max=high)

    def schedule(self, model_sampling: Any, scheduler_name: str) -> Schedule:
        """The scheduler of this name as one of ours."""
        return lambda table, steps: self.calculate_sigmas(model_sampling, scheduler_name, steps)


def _of_model(schedule: Schedule) -> Callable[[Any, int], Tensor]:
    def levels(model_sampling: Any, steps: int) -> Tensor:
        return schedule(table_of(model_sampling), steps)

    return levels


def simple_scheduler(model_sampling: Any, steps: int) -> Tensor:
    """Every so-many-th training level."""
    return simple(table_of(model_sampling), steps)


def normal_scheduler(model_sampling: Any, steps: int, sgm: bool = False, floor: bool = False) -> Tensor:
    """Timesteps evenly; with `sgm` the cleanest is left out."""
    return (sgm_uniform if sgm else normal)(table_of(model_sampling), steps)


def ddim_scheduler(model_sampling: Any, steps: int) -> Tensor:
    """Every so-many-th training level from the second up."""
    return SCHEDULES["ddim_uniform"](table_of(model_sampling), steps)


def beta_scheduler(model_sampling: Any, steps: int, alpha: float = 0.6, **named: float) -> Tensor:
    """Training levels spread as a Beta distribution."""
    return beta(table_of(model_sampling), steps, alpha, named.get("beta", 0.6))


def linear_quadratic_schedule(
    model_sampling: Any, steps: int, threshold_noise: float = 0.025, linear_steps: int | None = None
) -> Tensor:
    """Straight down by a share, then a parabola."""
    if linear_steps not in (None, steps // 2):
        raise NotGiven("linear_quadratic_schedule takes half of the steps straight; leave out linear_steps.")
    return linear_quadratic(table_of(model_sampling), steps, threshold_noise)


def kl_optimal_scheduler(n: int, sigma_min: float, sigma_max: float) -> Tensor:
    """Even in atan sigma."""
    return SCHEDULES["kl_optimal"](NoiseTable(torch.tensor([sigma_min, sigma_max], dtype=torch.float32)), n)


class Sampler:
    """What packs derive samplers from: `sample` goes from noise to latents, both in network scale."""

    def sample(
        self,
        model_wrap: Any,
        sigmas: Tensor,
        extra_args: Mapping[str, Any],
        callback: Callable[..., object] | None,
        noise: Tensor,
        latent_image: Tensor | None = None,
        denoise_mask: Tensor | None = None,
        disable_pbar: bool = False,
    ) -> Tensor:
        """Denoise. A pack's own sampler says how."""
        raise NotImplementedError(f"{type(self).__name__} has no method sample of its own")

    def max_denoise(self, model_wrap: Any, sigmas: Tensor) -> bool:
        """Whether a run begins at the model's largest level."""
        high, first = float(model_wrap.inner_model.model_sampling.sigma_max), float(sigmas[0])
        return first > high or abs(first - high) <= 1e-5 * high


class KSAMPLER(Sampler):
    """A sampler that is a function in the k-diffusion form, with options for it."""

    def __init__(
        self,
        sampler_function: Callable[..., Tensor],
        extra_options: Mapping[str, Any] | None = None,
        inpaint_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.sampler_function = sampler_function
        self.extra_options = dict(extra_options or {})
        self.inpaint_options = dict(inpaint_options or {})

    def method(self, extra_args: Mapping[str, Any] | None = None, guider: object = None) -> Method:
        """The sampler as one of ours. extra_args: what a pack's function hands on to the model; guider: behind it."""
        function = self.sampler_function
        if isinstance(function, NamedFunction):
            return function.method.with_options(**self.extra_options) if self.extra_options else function.method
        return Method(partial(_solved_by, function, self.extra_options, dict(extra_args or {}), guider))

    def sample(
        self,
        model_wrap: Any,
        sigmas: Tensor,
        extra_args: Mapping[str, Any],
        callback: Callable[..., object] | None,
        noise: Tensor,
        latent_image: Tensor | None = None,
        denoise_mask: Tensor | None = None,
        disable_pbar: bool = False,
    ) -> Tensor:
        """Denoise by a model as a function; latents in network scale."""
        method = self.method(extra_args, model_wrap)
        if method.sees_negative:
            raise NotGiven(f"{PAIRS}.")
        latent = torch.zeros_like(noise) if latent_image is None else latent_image
        denoise = denoiser_of(model_wrap, extra_args)
        if denoise_mask is not None:
            denoise = masked(denoise, latent, noise, denoise_mask)
        levels = sigmas.detach().to("cpu", torch.float32)
        highest = float(model_wrap.inner_model.model_sampling.sigma_max)
        x = latent + noise * first_scale(float(levels[0]), highest)
        total = len(levels) - 1

        def on_step(step: int, x0: Latents, x: Latents) -> None:
            if callback is not None:
                callback(step, x0, x, total)

        return method(denoise, x, levels, on_step, fresh_noise(method, x, levels, int(extra_args.get("seed") or 0)))


class NamedFunction:
    """A sampler of ours as a function in the k-diffusion form."""

    def __init__(self, name: str) -> None:
        self.method = sampler_named(name)
        self.__name__ = f"sample_{name}"

    def __call__(
        self,
        model: ModelCall,
        x: Tensor,
        sigmas: Tensor,
        extra_args: Mapping[str, Any] | None = None,
        callback: Callback | None = None,
        disable: bool | None = None,
        noise_sampler: Callable[[Any, Any], Tensor] | None = None,
        **options: Any,
    ) -> Tensor:
        """From noisy latents at the first level to latents at the last."""
        if self.method.sees_negative:
            raise NotGiven(f"{PAIRS}.")
        method = self.method.with_options(**options) if options else self.method
        levels = sigmas.detach().to("cpu", torch.float32)
        noise = noise_sampler or fresh_noise(method, x, levels, int((extra_args or {}).get("seed") or 0))
        told = quiet if callback is None else _telling(callback, levels)
        return method(denoiser_of(model, extra_args or {}), x, levels, told, noise)


def sampler_object(name: str) -> KSAMPLER:
    """The sampler of this name. Raises ValueError for an unknown one."""
    return KSAMPLER(NamedFunction(name))


def ksampler(
    sampler_name: str,
    extra_options: Mapping[str, Any] | None = None,
    inpaint_options: Mapping[str, Any] | None = None,
) -> KSAMPLER:
    """The sampler of this name with options of its function, such as eta. Raises ValueError for an unknown one."""
    return KSAMPLER(NamedFunction(sampler_name), extra_options, inpaint_options)


def denoiser_of(model: ModelCall, extra_args: Mapping[str, Any]) -> Denoiser:
    """A model as a function of packs, whose levels come a row each, as one of ours."""

    def denoise(x: Latents, sigma: Sigma) -> Latents:
        return model(x, level_rows(x, sigma), **extra_args)

    return denoise


def level_rows(x: Latents, sigma: Sigma) -> Tensor:
    """One level as (b,) on the device of the latents."""
    return sigma.to(x).expand(x.shape[0]).clone()


def level_of(sigma: Any) -> Sigma:
    """The one level of (b,) or of a number, on the CPU."""
    return torch.as_tensor(sigma, dtype=torch.float32).flatten()[0].cpu()


class ModelFunction:
    """One of our denoisers as the model of a pack's sampler. inner_model: the guider behind it."""

    def __init__(self, denoise: Denoiser, guider: object, sigmas: Tensor) -> None:
        self._denoise = denoise
        self.inner_model: Any = guider
        self.sigmas = sigmas

    def __call__(self, x: Tensor, sigma: Any, **named: Any) -> Tensor:
        """x (b, c, h, w) at levels (b,), which are all the same, to x0."""
        return self._denoise(x, level_of(sigma))


def _telling(callback: Callback, sigmas: Sigmas) -> OnStep:
    def on_step(step: int, x0: Latents, x: Latents) -> None:
        level = sigmas[min(step, len(sigmas) - 1)]
        callback({"x": x, "i": step, "sigma": level, "sigma_hat": level, "denoised": x0})

    return on_step


def _solved_by(
    function: Callable[..., Tensor],
    options: Mapping[str, Any],
    extra_args: Mapping[str, Any],
    guider: object,
    denoise: Denoiser,
    x: Latents,
    sigmas: Sigmas,
    on_step: OnStep = quiet,
) -> Latents:
    """A pack's function, called with one of our denoisers as its model."""

    def callback(told: dict[str, Any]) -> None:
        on_step(int(told["i"]), told["denoised"], told["x"])

    levels = sigmas.to(x.device)
    model = ModelFunction(denoise, guider, levels)
    return function(model, x, levels, extra_args=dict(extra_args), callback=callback, disable=True, **options)
