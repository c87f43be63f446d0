"""Samplings that packs write give, to the last bit, what our own nodes give; what they hang in has its say."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

House = Any
Toy = Callable[..., str]
Graph = Callable[..., dict[str, Any]]

SETTINGS = {"seed": 7, "steps": 3, "cfg": 3.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
LINKS = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
SOCKETS = {"model": "MODEL", "positive": "CONDITIONING", "negative": "CONDITIONING", "latent": "LATENT"}
TOY_LINKS = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent": ["4", 0]}


def ours(house: House, graph: Graph, **changes: object) -> torch.Tensor:
    last = {"class_type": "KSampler", "inputs": {**LINKS, **SETTINGS, **changes}}
    [latent] = house.values(graph(**{"5": last}), "5")
    return latent.samples


def theirs(house: House, graph: Graph, source: str) -> torch.Tensor:
    house.load({"samples": source})
    [latent] = house.values(graph(**{"5": {"class_type": "ToySample", "inputs": TOY_LINKS}}), "5")
    return latent.samples


@pytest.mark.parametrize(
    "body",
    [
        """
        import nodes
        return nodes.common_ksampler(model, 7, 3, 3.0, "{name}", "normal", positive, negative, latent)
        """,
        """
        import nodes
        return nodes.KSampler().sample(model, 7, 3, 3.0, "{name}", "normal", positive, negative, latent, denoise=1.0)
        """,
        """
        import comfy.sample
        noise = comfy.sample.prepare_noise(latent["samples"], 7)
        samples = comfy.sample.sample(model, noise, 3, 3.0, "{name}", "normal", positive, negative, latent["samples"],
                                      denoise=1.0, seed=7)
        return ({{**latent, "samples": samples}},)
        """,
        """
        import comfy.sample, comfy.samplers
        noise = comfy.sample.prepare_noise(latent["samples"], 7, None)
        sampling = model.get_model_object("model_sampling")
        sigmas = comfy.samplers.calculate_sigmas(sampling, "normal", 3)
        sampler = comfy.samplers.sampler_object("{name}")
        samples = comfy.sample.sample_custom(model, noise, 3.0, sampler, sigmas, positive, negative, latent["samples"],
                                             seed=7)
        return ({{**latent, "samples": samples}},)
        """,
        """
        import comfy.sample, comfy.samplers
        guider = comfy.samplers.CFGGuider(model)
        guider.set_conds(positive, negative)
        guider.set_cfg(3.0)
        sigmas = comfy.samplers.KSampler(model, 3, "cpu", "{name}", "normal", 1.0).sigmas
        noise = comfy.sample.prepare_noise(latent["samples"], 7)
        samples = guider.sample(noise, latent["samples"], comfy.samplers.ksampler("{name}"), sigmas, seed=7)
        return ({{**latent, "samples": samples}},)
        """,
    ],
    ids=["common_ksampler", "node", "sample", "sample_custom", "guider"],
)
@pytest.mark.parametrize("name", ["euler", "dpmpp_2m_sde", "euler_cfg_pp"])
def test_a_sampler_node_of_a_pack_gives_bit_for_bit_what_ours_gives(
    house: House, graph: Graph, toy_pack: Toy, body: str, name: str
) -> None:
    source = toy_pack("ToySample", SOCKETS, "LATENT", body.format(name=name))
    assert torch.equal(theirs(house, graph, source), ours(house, graph, sampler_name=name))


@pytest.mark.parametrize("name", ["dpm_2", "uni_pc"])
def test_steps_below_a_whole_denoise_are_those_of_ours(house: House, graph: Graph, toy_pack: Toy, name: str) -> None:
    body = f"""
    import nodes
    return nodes.common_ksampler(model, 7, 3, 3.0, "{name}", "karras", positive, negative, latent, denoise=0.6)
    """
    source = toy_pack("ToySample", SOCKETS, "LATENT", body)
    wanted = ours(house, graph, sampler_name=name, scheduler="karras", denoise=0.6)
    assert torch.equal(theirs(house, graph, source), wanted)


PATCHES = {
    "the plain formula": """
        patched = model.clone()
        def formula(args):
            return args["uncond"] + (args["cond"] - args["uncond"]) * args["cond_scale"]
        patched.set_model_sampler_cfg_function(formula)
        """,
    "the plain formula in three arguments": """
        patched = model.clone()
        patched.set_model_sampler_cfg_function(lambda cond, uncond, scale: uncond + (cond - uncond) * scale)
        """,
    "the guided x0 as it is": """
        patched = model.clone()
        patched.set_model_sampler_post_cfg_function(lambda args: args["denoised"])
        """,
    "both sides as they are": """
        patched = model.clone()
        patched.set_model_sampler_pre_cfg_function(lambda args: args["conds_out"])
        """,
    "a wrapper that only calls": """
        patched = model.clone()
        def wrapper(apply_model, args):
            assert args["cond_or_uncond"] == [0, 1] and args["input"].shape[0] == 2
            return apply_model(args["input"], args["timestep"], **args["c"])
        patched.set_model_unet_function_wrapper(wrapper)
        """,
    "the same levels": """
        import comfy.model_sampling
        class Levels(comfy.model_sampling.ModelSamplingDiscrete, comfy.model_sampling.V_PREDICTION):
            pass
        patched = model.clone()
        patched.add_object_patch("model_sampling", Levels(model.model.model_config))
        """,
}
EXACT = {"the guided x0 as it is", "both sides as they are", "a wrapper that only calls"}
END = """
import nodes
return nodes.common_ksampler(patched, 7, 3, 3.0, "euler", "normal", positive, negative, latent)
"""


@pytest.mark.parametrize("what", PATCHES)
def test_a_patch_that_changes_nothing_changes_nothing(house: House, graph: Graph, toy_pack: Toy, what: str) -> None:
    from textwrap import dedent

    source = toy_pack("ToySample", SOCKETS, "LATENT", dedent(PATCHES[what]) + END)
    found, wanted = theirs(house, graph, source), ours(house, graph)
    if what in EXACT:
        assert torch.equal(found, wanted)
    torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4)


def test_a_patched_model_goes_on_to_our_own_sampler(house: House, graph: Graph, toy_pack: Toy) -> None:
    body = """
    patched = model.clone()
    patched.set_model_sampler_post_cfg_function(lambda args: args["denoised"] * 0)
    patched.set_model_sampler_cfg_function(lambda args: args["cond"])
    assert "sampler_cfg_function" not in model.model_options
    return (patched,)
    """
    house.load({"patches": toy_pack("ToyPatch", {"model": "MODEL"}, "MODEL", body)})
    sampler = {"class_type": "KSampler", "inputs": {**LINKS, **SETTINGS, "model": ["5", 0]}}
    steps = graph(**{"5": {"class_type": "ToyPatch", "inputs": {"model": ["1", 0]}}, "6": sampler})
    [latent] = house.values(steps, "6")
    assert float(latent.samples.abs().max()) < 1e-5


def test_a_model_that_goes_through_a_pack_unchanged_is_the_same_model(
    house: House, graph: Graph, toy_pack: Toy
) -> None:
    body = """
    assert model.model_options == {"transformer_options": {}}
    assert model.is_clone(model.clone()) and model.model_size() > 0
    return model.clone(), clip.clone(), vae
    """
    sockets = {"model": "MODEL", "clip": "CLIP", "vae": "VAE"}
    house.load({"passes": toy_pack("ToyPass", sockets, "MODEL,CLIP,VAE", body)})
    inputs = {"model": ["1", 0], "clip": ["1", 1], "vae": ["1", 2]}
    outcome = house.outcome(graph(**{"5": {"class_type": "ToyPass", "inputs": inputs}}), "5")
    before = house.values(graph(), "1")
    assert [type(each) for each in outcome.results["5"]] == [type(each) for each in before]


def test_without_guidance_the_negative_is_asked_only_where_a_patch_wants_it(
    house: House, graph: Graph, toy_pack: Toy
) -> None:
    body = """
    import nodes
    sizes = {}
    for asks in (False, True):
        patched = model.clone()
        patched.set_model_sampler_post_cfg_function(lambda args: args["denoised"], disable_cfg1_optimization=asks)
        def wrapper(apply_model, args, asks=asks):
            sizes[asks] = args["input"].shape[0]
            return apply_model(args["input"], args["timestep"], **args["c"])
        patched.set_model_unet_function_wrapper(wrapper)
        result = nodes.common_ksampler(patched, 7, 1, 1.0, "euler", "normal", positive, negative, latent)
    assert sizes == {False: 1, True: 2}, sizes
    return result
    """
    theirs(house, graph, toy_pack("ToySample", SOCKETS, "LATENT", body))


def test_what_cannot_be_patched_refuses_with_a_sentence(house: House, graph: Graph, toy_pack: Toy) -> None:
    body = """
    model.set_model_attn1_patch(print)
    return (latent,)
    """
    house.load({"samples": toy_pack("ToySample", SOCKETS, "LATENT", body)})
    outcome = house.outcome(graph(**{"5": {"class_type": "ToySample", "inputs": TOY_LINKS}}), "5")
    assert outcome.status == "error"
    assert "use set_model_sampler_cfg_function" in outcome.error.message


OWN_GUIDER = """
import comfy.samplers

class Guider(comfy.samplers.CFGGuider):
    def predict_noise(self, x, timestep, model_options={}, seed=None):
        out = comfy.samplers.calc_cond_batch(
            self.inner_model, [self.conds.get("positive"), self.conds.get("negative")], x, timestep, model_options)
        return comfy.samplers.cfg_function(
            self.inner_model, out[0], out[1], self.cfg, x, timestep, model_options=model_options)
"""


def test_a_guider_and_a_sampler_that_a_pack_wrote_run_on_our_denoiser(
    house: House, graph: Graph, toy_pack: Toy
) -> None:
    body = """
    import comfy.sample
    guider = Guider(model)
    guider.set_conds(positive, negative)
    guider.set_cfg(3.0)
    heard = []
    def euler(model, x, sigmas, extra_args=None, callback=None, disable=None, gain=1.0):
        assert float(model.inner_model.inner_model.model_sampling.sigma_max) > 1
        for i in range(len(sigmas) - 1):
            denoised = model(x, sigmas[i] * x.new_ones([x.shape[0]]), **extra_args)
            callback({"x": x, "i": i, "sigma": sigmas[i], "sigma_hat": sigmas[i], "denoised": denoised})
            x = x + (x - denoised) / sigmas[i] * (sigmas[i + 1] - sigmas[i]) * gain
        return x
    sampler = comfy.samplers.KSAMPLER(euler, extra_options={"gain": 1.0})
    sigmas = comfy.samplers.KSampler(model, 3, "cpu", "euler", "normal").sigmas
    noise = comfy.sample.prepare_noise(latent["samples"], 7)
    samples = guider.sample(noise, latent["samples"], sampler, sigmas, seed=7,
                            callback=lambda step, x0, x, total: heard.append((step, total)))
    assert heard == [(0, 3), (1, 3), (2, 3)], heard
    return ({"samples": samples},)
    """
    found = theirs(house, graph, toy_pack("ToySample", SOCKETS, "LATENT", body, OWN_GUIDER))
    torch.testing.assert_close(found, ours(house, graph), rtol=1e-4, atol=1e-5)


def test_a_sampler_class_that_a_pack_derived_is_asked(house: House, graph: Graph, toy_pack: Toy) -> None:
    before = """
    import comfy.samplers

    class Twice(comfy.samplers.Sampler):
        def sample(self, model_wrap, sigmas, extra_args, callback, noise, latent_image=None, denoise_mask=None,
                   disable_pbar=False):
            inner = comfy.samplers.sampler_object("euler")
            return inner.sample(model_wrap, sigmas, extra_args, callback, noise, latent_image, denoise_mask)
    """
    body = """
    import comfy.sample
    noise = comfy.sample.prepare_noise(latent["samples"], 7)
    sigmas = comfy.samplers.KSampler(model, 3, "cpu", "euler", "normal").sigmas
    samples = comfy.sample.sample_custom(model, noise, 3.0, Twice(), sigmas, positive, negative, latent["samples"],
                                         seed=7)
    return ({"samples": samples},)
    """
    found = theirs(house, graph, toy_pack("ToySample", SOCKETS, "LATENT", body, before))
    assert torch.equal(found, ours(house, graph))


def test_a_scheduler_that_a_pack_adds_is_known_to_all_packs(house: House, graph: Graph, toy_pack: Toy) -> None:
    body = """
    import torch, nodes, comfy.samplers
    def half(model_sampling, steps):
        return torch.cat([torch.linspace(float(model_sampling.sigma_max), 0.1, steps), torch.zeros(1)])
    comfy.samplers.SCHEDULER_HANDLERS["half"] = comfy.samplers.SchedulerHandler(half)
    comfy.samplers.SCHEDULER_NAMES.append("half")
    assert "half" in comfy.samplers.KSampler.SCHEDULERS
    return nodes.common_ksampler(model, 7, 3, 3.0, "euler", "half", positive, negative, latent)
    """
    assert theirs(house, graph, toy_pack("ToySample", SOCKETS, "LATENT", body)).isfinite().all()


def test_schedules_are_ours_under_every_name(house: House) -> None:
    module = house.module(
        """
        import comfy.samplers as s, comfy.model_sampling as m
        levels = m.ModelSamplingDiscrete()
        found = {name: s.calculate_sigmas(levels, name, 10) for name in s.SCHEDULER_NAMES}
        functions = {
            "simple": s.simple_scheduler(levels, 10), "normal": s.normal_scheduler(levels, 10),
            "sgm_uniform": s.normal_scheduler(levels, 10, sgm=True), "beta": s.beta_scheduler(levels, 10),
            "ddim_uniform": s.ddim_scheduler(levels, 10),
            "kl_optimal": s.kl_optimal_scheduler(10, levels.sigma_min, levels.sigma_max),
        }
        percents = [levels.percent_to_sigma(each) for each in (0.0, 0.5, 1.0)]
        back = levels.timestep(levels.sigma(17.0))
        """
    )
    from diffusion.schedules import SCHEDULES, NoiseTable

    table = NoiseTable.stable_diffusion()
    assert set(module.found) == set(SCHEDULES)
    for name, sigmas in {**module.found, **module.functions}.items():
        torch.testing.assert_close(sigmas, SCHEDULES[name](table, 10))
    assert module.percents[0] > 1e8
    assert module.percents[2] == 0
    assert int(module.back) == 17
