"""What packs import as `comfy.samplers`."""

from packs.compat import guider, samplers
from packs.compat.context import Context
from packs.compat.ksampler import Samplings
from packs.compat.samplers import SamplerNames


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    known = context.part(SamplerNames)
    return {
        "CFGGuider": guider.CFGGuider,
        "KSAMPLER": samplers.KSAMPLER,
        "KSAMPLER_NAMES": known.samplers,
        "KSampler": context.part(Samplings).KSampler,
        "SAMPLER_NAMES": known.samplers,
        "SCHEDULER_HANDLERS": known.handlers,
        "SCHEDULER_NAMES": known.schedulers,
        "Sampler": samplers.Sampler,
        "SchedulerHandler": samplers.SchedulerHandler,
        "beta_scheduler": samplers.beta_scheduler,
        "calc_cond_batch": guider.calc_cond_batch,
        "calculate_sigmas": known.calculate_sigmas,
        "cfg_function": guider.cfg_function,
        "ddim_scheduler": samplers.ddim_scheduler,
        "kl_optimal_scheduler": samplers.kl_optimal_scheduler,
        "ksampler": samplers.ksampler,
        "linear_quadratic_schedule": samplers.linear_quadratic_schedule,
        "normal_scheduler": samplers.normal_scheduler,
        "sample": guider.sample,
        "sampler_object": samplers.sampler_object,
        "sampling_function": guider.sampling_function,
        "simple_scheduler": samplers.simple_scheduler,
    }
