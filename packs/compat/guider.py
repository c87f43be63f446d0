"""Guidance as packs know it: a guider that they derive from, and the functions that it is made of."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor

from diffusion.conditioning import Conditioning
from diffusion.guidance import Predictor, guided, guided_pair
from diffusion.hooks import GuidanceStep, guide
from diffusion.model import DiffusionModel
from diffusion.sampling import sample_guided
from diffusion.shapes import Denoiser, GuidedPair, Latents, OnStep, Sigma
from packs.compat.conditions import condition_of, conditions_of, options_of
from packs.compat.model_patcher import ModelPatcher, ModelView
from packs.compat.patch_functions import ASK_BOTH, Options, hooks_of
from packs.compat.progress import stop_if_interrupted
from packs.compat.refusing import NotGiven
from packs.compat.samplers import KSAMPLER, Sampler, level_of, level_rows, sampler_object

EMBEDDING = "cross_attn"

Prepared = list[dict[str, Any]]
"""A CONDITIONING during a sampling: options, and the embedding beside them."""

StepCallback = Callable[[int, Tensor, Tensor, int], object]
"""Told (step, x0, x, number of steps), in network scale."""


def prepared(conditioning: Sequence[object]) -> Prepared:
    """A CONDITIONING as a guider keeps it."""
    return [{EMBEDDING: each.embedding, **options_of(each)} for each in conditions_of(conditioning)]


def unprepared(conds: Prepared | None) -> Conditioning:
    """What a guider keeps, as our conditions; none for None."""
    return tuple(
        condition_of([each[EMBEDDING], {name: value for name, value in each.items() if name != EMBEDDING}])
        for each in conds or ()
    )


def patcher_of(model: object) -> ModelPatcher:
    """A model in the form of packs, whichever form it has. Raises TypeError."""
    if isinstance(model, ModelPatcher):
        return model
    if isinstance(model, DiffusionModel):
        return ModelPatcher(model)
    raise TypeError(f"a sampling needs a MODEL, found {type(model).__name__}")


# The functions that guiders are made of


def calc_cond_batch(
    model: ModelView,
    conds: Sequence[Prepared | None],
    x_in: Tensor,
    timestep: Any,
    model_options: Options | None = None,
) -> list[Tensor]:
    """What the network says for each of several conditionings: one x0 each; None agrees with the first other."""
    hooked = _hooked(model, model_options)
    sides = tuple(unprepared(each) for each in conds)
    predict = _kept(
        model, ("predict", *map(_identity, conds), x_in.shape), lambda: Predictor(hooked, sides, x_in), conds
    )
    return list(predict(x_in, level_of(timestep)))


def cfg_function(
    model: ModelView,
    cond_pred: Tensor,
    uncond_pred: Tensor,
    cond_scale: float,
    x: Tensor,
    timestep: Any,
    model_options: Options | None = None,
    cond: Prepared | None = None,
    uncond: Prepared | None = None,
) -> Tensor:
    """One x0 of both sides, by the functions of the options where there are some."""
    hooks = replace(_hooked(model, model_options).hooks, before=())
    both = unprepared(cond), unprepared(uncond)
    return guide(hooks, GuidanceStep(x, level_of(timestep), cond_scale, cond_pred, uncond_pred, both))[0]


def sampling_function(
    model: ModelView,
    x: Tensor,
    timestep: Any,
    uncond: Prepared | None,
    cond: Prepared | None,
    cond_scale: float,
    model_options: Options | None = None,
    seed: int | None = None,
) -> Tensor:
    """Classifier-free guidance with the functions of the options: x0."""
    hooked = _hooked(model, model_options)
    both = not math.isclose(cond_scale, 1.0) or bool((model_options or {}).get(ASK_BOTH))
    asked = uncond if both else None
    key = ("guide", _identity(cond), _identity(asked), _changes(model_options), cond_scale, x.shape)

    def make() -> Denoiser:
        return guided(hooked, unprepared(cond), unprepared(asked), cond_scale, x)

    return _kept(model, key, make, (cond, asked))(x, level_of(timestep))


def _hooked(model: ModelView, options: Options | None) -> DiffusionModel:
    return model.of if not options else replace(model.of, hooks=hooks_of(options, model))


def _identity(conds: Prepared | None) -> tuple[object, ...]:
    return tuple(tuple((name, id(value)) for name, value in each.items()) for each in conds or ())


def _changes(options: Options | None) -> tuple[object, ...]:
    """What tells options apart: the functions and values in them."""
    pairs = (options or {}).items()
    return tuple((name, *map(id, value)) if isinstance(value, list) else (name, id(value)) for name, value in pairs)


def _kept(model: ModelView, key: tuple[object, ...], make: Callable[[], Any], holds: object) -> Any:
    """What was prepared for these conditions in this sampling; `holds` keeps alive what the key names by identity."""
    found = model.prepared.get(key)
    if found is None:
        if isinstance(holds, Sequence):
            holds = [[dict(each) for each in cast(Prepared, conds)] for conds in holds if conds]
        found = model.prepared[key] = (make(), holds)
    return found[0]


class CFGGuider:
    """Guidance for one sampling. Packs derive from it and say in `predict_noise` what x0 is."""

    def __init__(self, model_patcher: object) -> None:
        self.model_patcher = patcher_of(model_patcher)
        self.model_options = self.model_patcher.model_options
        self.original_conds: dict[str, Prepared] = {}
        self.conds: dict[str, Prepared] = {}
        self.cfg = 1.0
        self.inner_model: ModelView | None = None

    def set_conds(self, positive: Sequence[object], negative: Sequence[object]) -> None:
        """Take a positive and a negative CONDITIONING."""
        self.inner_set_conds({"positive": positive, "negative": negative})

    def inner_set_conds(self, conds: Mapping[str, Sequence[object]]) -> None:
        """Take conditionings by names of the guider's own."""
        for name, each in conds.items():
            self.original_conds[name] = prepared(each)

    def set_cfg(self, cfg: float) -> None:
        """Take the strength of guidance."""
        self.cfg = cfg

    def __call__(self, *given: Any, **named: Any) -> Tensor:
        """What the model says: see `predict_noise`."""
        return self.predict_noise(*given, **named)

    def predict_noise(
        self, x: Tensor, timestep: Any, model_options: Options | None = None, seed: int | None = None
    ) -> Tensor:
        """x (b, c, h, w) at levels (b,) to x0, in network scale."""
        model = self.inner_model
        assert model is not None, "a guider predicts only while it samples"
        options = self.model_options if model_options is None else model_options
        negative, positive = self.conds.get("negative"), self.conds.get("positive")
        return sampling_function(model, x, timestep, negative, positive, self.cfg, model_options=options, seed=seed)

    def sample(
        self,
        noise: Tensor,
        latent_image: Tensor,
        sampler: Sampler,
        sigmas: Tensor,
        denoise_mask: Tensor | None = None,
        callback: StepCallback | None = None,
        disable_pbar: bool = False,
        seed: int | None = None,
    ) -> Tensor:
        """Denoise latents (VAE scale). Raises Interrupted where the run is asked to stop."""
        if len(sigmas) < 2:
            return latent_image
        patcher = self.model_patcher
        if self.model_options is not patcher.model_options:
            patcher = patcher.clone()
            patcher.model_options = self.model_options
        model, self.inner_model = patcher.diffusion_model(), patcher.model.anew()
        self.conds = {name: [dict(one) for one in each] for name, each in self.original_conds.items()}
        on_step = _told(callback, len(sigmas) - 1)
        seed = int(seed or 0)
        try:
            if type(sampler).sample is not KSAMPLER.sample:
                return self._sampled_by(sampler, model, noise, latent_image, sigmas, denoise_mask, on_step, seed)
            method = cast(KSAMPLER, sampler).method({"seed": seed, "model_options": self.model_options}, self)
            return sample_guided(
                model,
                lambda clean: self._denoiser(model, clean, method.sees_negative, seed),
                latent_image.cpu(),
                noise.cpu(),
                sigmas=sigmas,
                sampler=method,
                seed=seed,
                noise_mask=denoise_mask,
                on_step=on_step,
            )
        finally:
            self.inner_model, self.conds = None, {}

    def _denoiser(self, model: DiffusionModel, clean: Latents, pair: bool, seed: int) -> Denoiser | GuidedPair:
        """How the network is asked: by our own guidance, unless a pack says otherwise."""
        if type(self).predict_noise is CFGGuider.predict_noise and type(self).__call__ is CFGGuider.__call__:
            positive, negative = (unprepared(self.conds.get(name)) for name in ("positive", "negative"))
            return (guided_pair if pair else guided)(model, positive, negative, self.cfg, clean)
        if pair:
            raise NotGiven(
                f"CFG++ samplers see the negative's own prediction, which {type(self).__name__} does not tell; "
                "choose another sampler."
            )

        def denoise(x: Latents, sigma: Sigma) -> Latents:
            return self(x, level_rows(x, sigma), model_options=self.model_options, seed=seed)

        return denoise

    def _sampled_by(
        self,
        sampler: Sampler,
        model: DiffusionModel,
        noise: Tensor,
        latent_image: Tensor,
        sigmas: Tensor,
        mask: Tensor | None,
        on_step: OnStep,
        seed: int,
    ) -> Tensor:
        """A sampler that a pack derived: latents and noise in network scale, on the model's device."""
        clean = latent_image.to(model.device, torch.float32) * model.latent_scale
        extra = {"model_options": self.model_options, "seed": seed}

        def told(step: int, x0: Tensor, x: Tensor, total: int) -> None:
            on_step(step, x0, x)

        with torch.no_grad():
            found = sampler.sample(self, sigmas, extra, told, noise.to(clean), clean, mask, True)
        return (found / model.latent_scale).cpu()


def _told(callback: StepCallback | None, total: int) -> OnStep:
    def on_step(step: int, x0: Latents, x: Latents) -> None:
        stop_if_interrupted()
        if callback is not None:
            callback(step, x0, x, total)

    return on_step


def sample(
    model: object,
    noise: Tensor,
    positive: Sequence[object],
    negative: Sequence[object],
    cfg: float,
    device: object,
    sampler: Sampler | str,
    sigmas: Tensor,
    model_options: Options | None = None,
    latent_image: Tensor | None = None,
    denoise_mask: Tensor | None = None,
    callback: StepCallback | None = None,
    disable_pbar: bool = False,
    seed: int | None = None,
) -> Tensor:
    """Denoise latents with classifier-free guidance."""
    guider = CFGGuider(model)
    if model_options:
        guider.model_options = model_options
    guider.set_conds(positive, negative)
    guider.set_cfg(cfg)
    latents = torch.zeros_like(noise) if latent_image is None else latent_image
    chosen = sampler_object(sampler) if isinstance(sampler, str) else sampler
    return guider.sample(noise, latents, chosen, sigmas, denoise_mask, callback, disable_pbar, seed)
