"""What packs put into a model's options, as hooks of ours: guidance functions and the wrapper of the network."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import Tensor

from diffusion.hooks import NO_HOOKS, AfterGuidance, Apply, BeforeGuidance, GuidanceStep, Hooks, NetworkCall
from diffusion.shapes import Latents
from packs.compat.conditions import entries_of
from packs.compat.refusing import NotGiven

CFG: Final = "sampler_cfg_function"
POST_CFG: Final = "sampler_post_cfg_function"
PRE_CFG: Final = "sampler_pre_cfg_function"
WRAPPER: Final = "model_function_wrapper"
ASK_BOTH: Final = "disable_cfg1_optimization"
TRANSFORMER: Final = "transformer_options"

INSIDE: Final = (
    "Functions inside the network (attention and block patches) are not here yet; use set_model_sampler_cfg_function, "
    "set_model_sampler_post_cfg_function or set_model_unet_function_wrapper"
)
UNSUPPORTED: Final[Mapping[str, str]] = {
    "denoise_mask_function": "Masks are the same in every step here; pass denoise_mask",
    "sampler_calc_cond_batch_function": "Use set_model_unet_function_wrapper",
}

Options = dict[str, Any]
Function = Callable[..., Any]


def new_options() -> Options:
    """The options of a model that nobody has changed."""
    return {TRANSFORMER: {}}


def copied(options: Mapping[str, Any]) -> Options:
    """Options whose lists and dictionaries can be changed without changing these."""
    return {key: _copied(value) for key, value in options.items()}


def _copied(value: Any) -> Any:
    if type(value) is dict:
        return {key: _copied(each) for key, each in value.items()}
    return list(value) if type(value) is list else value


def same(one: Any, other: Any) -> bool:
    """Whether two options hold the same objects."""
    if type(one) is dict and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if type(one) is list and type(other) is list:
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    return one is other or (isinstance(one, str | int | float | bool) and one == other)


def cfg_function(function: Function) -> Function:
    """A guidance function as it is called; one of three parameters is of the older kind."""
    if len(inspect.signature(function).parameters) == 3:
        return lambda told: function(told["cond"], told["uncond"], told["cond_scale"])
    return function


def hooks_of(options: Options, model: object) -> Hooks:
    """The hooks that options ask for; `model` is what their functions are told of it. Raises NotGiven."""
    for name, instead in UNSUPPORTED.items():
        if options.get(name) is not None:
            raise NotGiven(f"{name} in model_options is not given to packs here. {instead}.")
    inside = options.get(TRANSFORMER) or {}
    if any(inside.get(name) for name in ("patches", "patches_replace", "wrappers", "callbacks")):
        raise NotGiven(f"{INSIDE}.")
    if options.keys() <= {TRANSFORMER} and not inside:
        return NO_HOOKS
    formula, wrapper = options.get(CFG), options.get(WRAPPER)
    return Hooks(
        around=None if wrapper is None else _around(wrapper, options),
        before=tuple(_before(function, options, model) for function in options.get(PRE_CFG) or ()),
        formula=None if formula is None else lambda step: step.x - formula(_cfg_told(step, options, model)),
        after=tuple(_after(function, options, model) for function in options.get(POST_CFG) or ()),
        asks_both=bool(options.get(ASK_BOTH)),
        extra=copied(options),
    )


def _level(step: GuidanceStep) -> Tensor:
    return step.sigma.to(step.x).expand(step.x.shape[0])


def _cfg_told(step: GuidanceStep, options: Options, model: object) -> dict[str, Any]:
    level = _level(step)
    return {
        "cond": step.x - step.positive,
        "uncond": step.x - step.negative,
        "cond_scale": step.cfg,
        "timestep": level,
        "sigma": level,
        "input": step.x,
        "cond_denoised": step.positive,
        "uncond_denoised": step.negative,
        "model": model,
        "model_options": options,
    }


def _before(function: Function, options: Options, model: object) -> BeforeGuidance:
    def before(step: GuidanceStep) -> tuple[Latents, Latents]:
        level = _level(step)
        told = {
            "conds": [entries_of(each) for each in step.conditions],
            "conds_out": [step.positive, step.negative],
            "cond_scale": step.cfg,
            "timestep": level,
            "sigma": level,
            "input": step.x,
            "model": model,
            "model_options": options,
        }
        positive, negative = list(function(told))[:2]
        return positive, negative

    return before


def _after(function: Function, options: Options, model: object) -> AfterGuidance:
    def after(step: GuidanceStep, x0: Latents) -> Latents:
        return function(
            {
                "denoised": x0,
                "cond": entries_of(step.conditions[0]),
                "uncond": entries_of(step.conditions[1]),
                "cond_scale": step.cfg,
                "model": model,
                "uncond_denoised": step.negative,
                "cond_denoised": step.positive,
                "sigma": _level(step),
                "model_options": options,
                "input": step.x,
            }
        )

    return after


def _around(wrapper: Function, options: Options) -> Callable[[Apply, NetworkCall], Latents]:
    def around(apply: Apply, call: NetworkCall) -> Latents:
        sides = list(call.sides)
        inside = {**options.get(TRANSFORMER, {}), "cond_or_uncond": sides, "sigmas": call.sigma}
        c: dict[str, Any] = {"c_crossattn": call.context, "transformer_options": inside}
        if call.vector is not None:
            c["y"] = call.vector
        if call.concat is not None:
            c["c_concat"] = call.concat
        told = {"input": call.x, "timestep": call.sigma, "c": c, "cond_or_uncond": sides}
        return wrapper(applier(apply, call.sides), told)

    return around


def applier(apply: Apply, sides: tuple[int, ...] = (0,)) -> Function:
    """`apply_model` as packs call it: x at levels t and what the network takes beside, to x0."""

    def apply_model(
        x: Tensor,
        t: Any,
        c_concat: Tensor | None = None,
        c_crossattn: Tensor | None = None,
        control: object = None,
        transformer_options: object = None,
        **further: Any,
    ) -> Tensor:
        if control is not None:
            raise NotGiven("There is no ControlNet here yet; leave out control.")
        if c_crossattn is None:
            raise ValueError("apply_model needs c_crossattn: the embedding of a prompt for every row of x")
        level = torch.as_tensor(t, dtype=torch.float32, device=x.device)
        level = level.expand(x.shape[0]) if level.ndim == 0 else level
        return apply(NetworkCall(x.float(), level, c_crossattn, further.get("y"), c_concat, sides))

    return apply_model
