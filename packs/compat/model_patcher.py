"""A MODEL as packs know it: our frozen model behind methods that seem to change it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor, nn

from diffusion.guidance import applied
from diffusion.hooks import NO_HOOKS
from diffusion.model import DiffusionModel
from diffusion.preview import fit_linear
from packs.compat.model_levels import ModelSamplingDiscrete, levels_of, with_levels
from packs.compat.patch_functions import (
    ASK_BOTH,
    CFG,
    INSIDE,
    POST_CFG,
    PRE_CFG,
    WRAPPER,
    Function,
    Options,
    applier,
    cfg_function,
    copied,
    hooks_of,
    new_options,
    same,
)
from packs.compat.refusing import NotGiven, Refused

WEIGHTS: Final = (
    "Weights are not patched here: there is no LoRA yet; load a checkpoint into which it was merged, or change what "
    "the network says with set_model_unet_function_wrapper."
)
WRAPPERS: Final = "Wrappers, callbacks and injections are not here; use set_model_unet_function_wrapper."


class LatentFormat:
    """Scale and channels of a model's latents, and their colours."""

    scale_factor: float = 1.0
    latent_channels: int = 4
    latent_dimensions: int = 2
    spacial_downscale_ratio: int = 8
    taesd_decoder_name: str | None = None
    latent_rgb_factors: Any = None
    latent_rgb_factors_bias: Any = None

    def process_in(self, latent: Tensor) -> Tensor:
        """From VAE scale to network scale."""
        return latent * self.scale_factor

    def process_out(self, latent: Tensor) -> Tensor:
        """From network scale to VAE scale."""
        return latent / self.scale_factor


class FormatOfModel(LatentFormat):
    """The latents of a model at hand; colours are fitted to its first stage when they are asked for."""

    def __init__(self, model: DiffusionModel) -> None:
        self.scale_factor = model.latent_scale
        self.latent_channels = model.latent_channels
        self.diffusion_model = model
        self._colours: tuple[list[list[float]], list[float]] | None = None

    @property
    def latent_rgb_factors(self) -> list[list[float]] | None:
        """For each channel, red, green and blue in -1..1; None for a model without a first stage."""
        fitted = self._fitted()
        return None if fitted is None else fitted[0]

    @property
    def latent_rgb_factors_bias(self) -> list[float] | None:
        """What is added to red, green and blue."""
        fitted = self._fitted()
        return None if fitted is None else fitted[1]

    def _fitted(self) -> tuple[list[list[float]], list[float]] | None:
        codec = self.diffusion_model.first_stage
        if self._colours is None and codec is not None:
            fit = fit_linear(codec)
            self._colours = (fit.weights * (2 / self.scale_factor)).tolist(), (fit.bias * 2 - 1).tolist()
        return self._colours


class ModelView:
    """The network with its levels and its latents: `model` of a patcher."""

    def __init__(self, model: DiffusionModel, levels: Any = None) -> None:
        self.of = model
        self.model_sampling: Any = levels_of(model) if levels is None else levels
        self.latent_format = FormatOfModel(model)
        self.diffusion_model: nn.Module = model.network
        self.device = model.device
        self.model_config = Refused("Hyper-parameters of the network are not given to packs here; ask its modules.")
        self.manual_cast_dtype = None
        self.prepared: dict[object, Any] = {}
        """What was prepared during one sampling."""

    def anew(self) -> "ModelView":
        """The same for another sampling, for which nothing is prepared yet."""
        return ModelView(self.of, self.model_sampling)

    def apply_model(self, x: Tensor, t: Any, *given: Any, **named: Any) -> Tensor:
        """x (b, c, h, w) at levels t to x0, past all guidance."""
        return applier(lambda call: applied(self.of, call))(x, t, *given, **named)

    def process_latent_in(self, latent: Tensor) -> Tensor:
        """From VAE scale to network scale."""
        return self.latent_format.process_in(latent)

    def process_latent_out(self, latent: Tensor) -> Tensor:
        """From network scale to VAE scale."""
        return self.latent_format.process_out(latent)

    def get_dtype(self) -> torch.dtype:
        """How precisely the network works."""
        return self.of.dtype

    def memory_required(self, input_shape: Any, **named: object) -> int:
        """Bytes that a call may need, roughly."""
        return int(torch.Size(input_shape).numel()) * self.of.dtype.itemsize * 512

    def __getattr__(self, name: str) -> Any:
        """Say what is not there."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"model.model.{name} is not given to packs here. There are model_sampling, latent_format, "
            "diffusion_model, apply_model, process_latent_in and process_latent_out."
        )


class ModelPatcher:
    """A model with options of its own; `clone` it before changing it."""

    def __init__(
        self,
        model: "DiffusionModel | ModelView",
        load_device: object = None,
        offload_device: object = None,
        size: int = 0,
        weight_inplace_update: bool = False,
    ) -> None:
        self._of = model.of if isinstance(model, ModelView) else model
        self._levels: Any = None
        self._view: ModelView | None = None
        self.model_options: Options = copied(self._of.hooks.extra) or new_options()
        self.attachments: dict[str, Any] = {}
        self._built: tuple[Options, DiffusionModel] | None = None

    def diffusion_model(self) -> DiffusionModel:
        """The model as it travels on our wires: the same one as long as nothing was changed. Raises NotGiven."""
        if self._built is None or not same(self._built[0], self.model_options):
            if same(self.model_options, self._of.hooks.extra or new_options()):
                built = self._of
            else:
                hooks = hooks_of(self.model_options, self.model)
                unchanged = hooks is NO_HOOKS and self._of.hooks is NO_HOOKS
                built = self._of if unchanged else replace(self._of, hooks=hooks)
            self._built = copied(self.model_options), built
        return self._built[1]

    @property
    def model(self) -> ModelView:
        """The network with its levels and its latents."""
        if self._view is None:
            self._view = ModelView(self._of, self._levels)
        return self._view

    def clone(self, *given: object, **named: object) -> "ModelPatcher":
        """A copy with options of its own, of the same weights."""
        other = type(self)(self._of)
        other._levels = self._levels
        other.model_options = copied(self.model_options)
        other.attachments = dict(self.attachments)
        return other

    def is_clone(self, other: object) -> bool:
        """Whether both are of the same weights."""
        return isinstance(other, ModelPatcher) and other._of.network is self._of.network

    def clone_has_same_weights(self, clone: object) -> bool:
        """Whether both are of the same weights, none of which is ever patched."""
        return self.is_clone(clone)

    @property
    def load_device(self) -> torch.device:
        """Where the network works."""
        return self._of.device

    @property
    def offload_device(self) -> torch.device:
        """Where it is while it does not work: in the same place."""
        return self._of.device

    def current_loaded_device(self) -> torch.device:
        """Where the weights are."""
        return self._of.device

    def model_dtype(self) -> torch.dtype:
        """How precisely the network works."""
        return self._of.dtype

    def model_size(self) -> int:
        """Bytes of its weights."""
        return sum(each.numel() * each.element_size() for each in self._of.network.state_dict().values())

    def loaded_size(self) -> int:
        """Bytes of weights where the network works: all of them."""
        return self.model_size()

    def memory_required(self, input_shape: Any) -> int:
        """Bytes that a call may need, roughly."""
        return self.model.memory_required(input_shape)

    def model_state_dict(self, filter_prefix: str | None = None) -> Mapping[str, Tensor]:
        """The weights by the names that packs know."""
        named = {f"diffusion_model.{name}": each for name, each in self._of.network.state_dict().items()}
        return {name: each for name, each in named.items() if name.startswith(filter_prefix or "")}

    def get_model_object(self, name: str) -> Any:
        """A part of the model, such as `model_sampling` or `diffusion_model.input_blocks`. Raises AttributeError."""
        found: Any = self.model
        for part in name.split("."):
            found = found[int(part)] if part.isdigit() else getattr(found, part)
        return found

    def add_object_patch(self, name: str, obj: Any) -> None:
        """Take another `model_sampling`; raises NotGiven for any other part."""
        if name != "model_sampling" or not hasattr(obj, "sigmas"):
            raise NotGiven(
                f"add_object_patch({name!r}, ...) is not given to packs here. 'model_sampling' can be replaced, by an "
                "object with sigmas and calculate_denoised; for the rest use set_model_unet_function_wrapper."
            )
        self._of, self._levels, self._view, self._built = with_levels(self._of, obj), obj, None, None

    # Functions of packs

    def set_model_sampler_cfg_function(self, function: Function, disable_cfg1_optimization: bool = False) -> None:
        """Put a function in the place of classifier-free guidance."""
        self.model_options[CFG] = cfg_function(function)
        self.model_options[ASK_BOTH] = self.model_options.get(ASK_BOTH, False) or disable_cfg1_optimization

    def set_model_sampler_post_cfg_function(self, function: Function, disable_cfg1_optimization: bool = False) -> None:
        """Add a function that changes the guided x0."""
        self._add(POST_CFG, function, disable_cfg1_optimization)

    def set_model_sampler_pre_cfg_function(self, function: Function, disable_cfg1_optimization: bool = False) -> None:
        """Add a function that changes what both sides say before they are combined."""
        self._add(PRE_CFG, function, disable_cfg1_optimization)

    def set_model_unet_function_wrapper(self, function: Function) -> None:
        """Put a function around the network's calls."""
        self.model_options[WRAPPER] = function

    def _add(self, name: str, function: Function, asks_both: bool) -> None:
        self.model_options[name] = [*self.model_options.get(name, []), function]
        self.model_options[ASK_BOTH] = self.model_options.get(ASK_BOTH, False) or asks_both

    # Weights stay where they are

    def patch_model(self, *given: object, **named: object) -> ModelView:
        """The network; nothing has to be loaded."""
        return self.model

    def unpatch_model(self, *given: object, **named: object) -> None:
        """Nothing has to be undone."""

    def detach(self, *given: object, **named: object) -> ModelView:
        """The network; nothing has to be unloaded."""
        return self.model

    def model_patches_to(self, device: object) -> None:
        """Nothing has to be moved."""

    def get_attachment(self, key: str) -> Any:
        """What a pack keeps at this model."""
        return self.attachments.get(key)

    def set_attachments(self, key: str, attachment: Any) -> None:
        """Keep something at this model; it is not on our wires."""
        self.attachments[key] = attachment

    def __getattr__(self, name: str) -> Any:
        """Say what is not there: a function that refuses with a sentence, where packs expect a method."""
        sentence = _sentence(name)
        if sentence is None:
            raise AttributeError(f"a MODEL has no {name} here. docs/plugins.md lists what it has.")
        return _refuser(name, sentence)


def _sentence(name: str) -> str | None:
    if name.startswith("__"):
        return None
    if name in {"add_patches", "get_key_patches", "patch_weight_to_device", "add_weight_wrapper", "get_patches"}:
        return WEIGHTS
    if name.startswith("set_model_") or name == "set_model_patch":
        return f"{INSIDE}."
    if name.startswith(("add_wrapper", "add_callback", "set_injections", "set_additional_models", "add_hook")):
        return WRAPPERS
    return None


def _refuser(name: str, sentence: str) -> Callable[..., Any]:
    def refuse(*given: object, **named: object) -> Any:
        raise NotGiven(f"MODEL.{name} is not given to packs here. {sentence}")

    return refuse


__all__ = ["FormatOfModel", "LatentFormat", "ModelPatcher", "ModelSamplingDiscrete", "ModelView"]
