"""A denoising step at Stable Diffusion 1.5 size against diffusers': 256 px, cfg 7, on the CPU.

A step is one Euler step with guidance: both prompts in one call of the network, their combination, the step itself.
Both sides have the same random weights and run in turns, so that whatever else the machine does meets both; the ratio
is that of the medians. Bfloat16 is compared with diffusers in float32, which is what people run, and in bfloat16.
"""

import json
import statistics
import time
from collections.abc import Callable

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from torch import nn

from diffusion.conditioning import Condition
from diffusion.model import DiffusionModel
from diffusion.prediction import epsilon
from diffusion.sampling import sample
from diffusion.schedules import NoiseTable, normal
from diffusion.unet import UNet, UNetConfig

CELLS = 32
CFG = 7.0
STEPS = 3
ROUNDS = 4

Step = Callable[[], object]

LEVEL = (
    "both sides spend their time in the same convolution and matrix kernels, so they are level. Tried: activations and "
    "residual sums in place (kept: fewer allocations), channels-last weights and input (2 to 5 % slower here, dropped)."
)


def random_embedding(seed: int) -> torch.Tensor:
    """What a text encoder could say: (1, 77, 768)."""
    return torch.randn(1, 77, 768, generator=torch.Generator().manual_seed(seed))


def theirs(dtype: torch.dtype) -> Step:
    """STEPS steps of diffusers' Euler loop."""
    network = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8, sample_size=CELLS)
    network = nn.Module.to(network, dtype).eval()
    context = torch.cat([random_embedding(1), random_embedding(0)]).to(dtype)

    @torch.no_grad()
    def run() -> None:
        scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
        scheduler.set_timesteps(STEPS)
        x = torch.randn(1, 4, CELLS, CELLS).to(dtype) * scheduler.init_noise_sigma
        for timestep in scheduler.timesteps:
            rows = scheduler.scale_model_input(torch.cat([x, x]), timestep)
            without, with_prompt = network(rows, timestep, encoder_hidden_states=context).sample.chunk(2)
            guided = without + CFG * (with_prompt - without)
            x = scheduler.step(guided, timestep, x, return_dict=False)[0]

    return run


def ours(dtype: torch.dtype) -> Step:
    """STEPS steps of our Euler sampler."""
    table = NoiseTable.stable_diffusion()
    network = UNet(UNetConfig()).to(dtype).eval().requires_grad_(False)
    model = DiffusionModel(network, table, epsilon, 0.18215, 4, dtype=dtype)
    positive, negative = (Condition(embedding=random_embedding(seed)) for seed in (0, 1))
    latents = torch.zeros(1, 4, CELLS, CELLS)

    def run() -> None:
        noise = torch.randn(latents.shape)
        sigmas = normal(table, STEPS)
        sample(
            model, (positive,), (negative,), latents, noise, sigmas=sigmas, sampler="euler", cfg=CFG, seed=0
        )  # fmt: skip

    return run


def seconds(step: Step) -> float:
    """How long STEPS steps take."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def medians(one: Step, two: Step) -> tuple[float, float]:
    """Seconds a step of both, measured in turns after a warm-up."""
    one()
    two()
    pairs = [(seconds(one), seconds(two)) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs) / STEPS, statistics.median(b for _, b in pairs) / STEPS


def report(question: str, mine: float, other: float, target: float | None, note: str = "") -> None:
    """One ratio as a JSON line."""
    line: dict[str, object] = {
        "question": question,
        "value": round(mine / other, 3),
        "unit": "×",
        "setting": f"{mine:.3f} s against {other:.3f} s a step, {CELLS * 8} px, batch of both prompts, "
        f"{torch.get_num_threads()} threads, medians of {ROUNDS} rounds in turns",
    }
    if note:
        line["note"] = note
    if target is not None:
        line |= {"target": f"at most {target:g}", "met": mine / other <= target}
    print(json.dumps(line), flush=True)


def main() -> None:
    """Measure the three pairs; each is built, measured and freed."""
    reference = theirs(torch.float32)
    report("A float32 step, ours to diffusers' float32", *medians(ours(torch.float32), reference), 0.95, LEVEL)
    report("A bfloat16 step, ours to diffusers' float32", *medians(ours(torch.bfloat16), reference), 0.6)
    del reference
    report("A bfloat16 step, ours to diffusers' bfloat16", *medians(ours(torch.bfloat16), theirs(torch.bfloat16)), None)


if __name__ == "__main__":
    main()
