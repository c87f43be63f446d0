"""Samplers."""
import torch

import comfy.sample
import comfy.samplers
import comfy.utils
import latent_preview
import nodes

try:
    from tqdm.auto import trange
except ImportError:
    trange = lambda n, disable=None: range(n)

MAX_RESOLUTION = nodes.MAX_RESOLUTION


@torch.no_grad()
def sample_half_euler(model, x, sigmas, extra_args=None, callback=None, disable=None, strength=0.5):
    extra_args = {} if extra_args is None else extra_args
    s_in = x.new_ones([x.shape[0]])
    for i in range(len(sigmas) - 1):
        denoised = model(x, sigmas[i] * s_in, **extra_args)
        d = (x - denoised) / sigmas[i]
        if callback is not None:
            callback({"x": x, "i": i, "sigma": sigmas[i], "sigma_hat": sigmas[i], "denoised": denoised})
        x = x + d * (sigmas[i + 1] - sigmas[i]) * (strength * 2)
    return x


class HalfEulerSampler:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"strength": ("FLOAT", {"default": 0.5, "min": 0.1, "max": 1.0, "step": 0.01, "round": False})}}

    RETURN_TYPES = ("SAMPLER",)
    CATEGORY = "sampling/extras"
    FUNCTION = "get_sampler"

    def get_sampler(self, strength):
        return (comfy.samplers.KSAMPLER(sample_half_euler, {"strength": strength}),)


class Img2ImgSigmas:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {
            "model": ("MODEL",),
            "scheduler": (comfy.samplers.KSampler.SCHEDULERS,),
            "steps": ("INT", {"default": 20, "min": 1, "max": 10000}),
            "start_at": ("FLOAT", {"default": 0.5, "min": 0.0, "max": 1.0}),
        }}

    RETURN_TYPES = ("SIGMAS",)
    CATEGORY = "sampling/extras"
    FUNCTION = "get_sigmas"

    def get_sigmas(self, model, scheduler, steps, start_at):
        sigmas = comfy.samplers.calculate_sigmas(model.get_model_object("model_sampling"), scheduler, steps).cpu()
        return (sigmas[int(steps * start_at):],)


class KSamplerWithSigmas:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {
            "model": ("MODEL",),
            "noise_seed": ("INT", {"default": 0, "min": 0, "max": 0xffffffffffffffff, "control_after_generate": True}),
            "cfg": ("FLOAT", {"default": 8.0}),
            "positive": ("CONDITIONING",),
            "negative": ("CONDITIONING",),
            "sampler": ("SAMPLER",),
            "sigmas": ("SIGMAS",),
            "latent_image": ("LATENT",),
        }}

    RETURN_TYPES = ("LATENT", "LATENT")
    RETURN_NAMES = ("output", "denoised_output")
    FUNCTION = "sample"
    CATEGORY = "sampling/extras"

    def sample(self, model, noise_seed, cfg, positive, negative, sampler, sigmas, latent_image):
        latent = latent_image.copy()
        samples = comfy.sample.fix_empty_latent_channels(model, latent["samples"])
        noise = comfy.sample.prepare_noise(samples, noise_seed, latent.get("batch_index"))
        x0_output = {}
        callback = latent_preview.prepare_callback(model, sigmas.shape[-1] - 1, x0_output)
        disable_pbar = not comfy.utils.PROGRESS_BAR_ENABLED
        out = comfy.sample.sample_custom(
            model, noise, cfg, sampler, sigmas, positive, negative, samples,
            noise_mask=latent.get("noise_mask"), callback=callback, disable_pbar=disable_pbar, seed=noise_seed)
        latent["samples"] = out
        denoised = latent.copy()
        if "x0" in x0_output:
            denoised["samples"] = model.model.process_latent_out(x0_output["x0"].cpu())
        return (latent, denoised)


class KSamplerTwice(nodes.KSampler):
    """Derived from a node of the host."""

    FUNCTION = "sample_twice"
    CATEGORY = "sampling/extras"

    def sample_twice(self, **kwargs):
        (first,) = self.sample(**kwargs)
        kwargs.update(latent_image=first, denoise=0.5)
        return self.sample(**kwargs)


NODE_CLASS_MAPPINGS = {c.__name__: c for c in [HalfEulerSampler, Img2ImgSigmas, KSamplerWithSigmas, KSamplerTwice]}
