"""Whole runs, from files and words to pictures, against the pipelines of diffusers at tiny size.

Both sides read the same weights, the same words and the same noise. One convention differs on purpose: how large the
first noise is (`first_noise` says what ours is, and hands it to the pipeline in the pipeline's own scale).
"""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import StableDiffusionImg2ImgPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_inpaint import StableDiffusionInpaintPipeline
from safetensors.torch import load_file
from torch import Tensor

from diffusion.checkpoints import Checkpoint, load_checkpoint
from diffusion.checkpoints.placement import Placement
from diffusion.sampling import ksample
from tests.diffusion.checkpoint_files import write
from tests.diffusion.tiny_pipeline import BETAS, PREDICTIONS, TinyPipeline, tiny_pipeline

diffusers: Any = importlib.import_module("diffusers")  # it builds its names as they are asked for, untyped

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

PROMPT = "a watercolor of a lighthouse by the sea, 4k"
NEGATIVE = "blurry, dark"
SEED, CFG, STEPS = 41, 7.0, 4
CELLS = (10, 7)  # height and width of latents; odd, so that halves round
HEIGHT, WIDTH = 8 * CELLS[0], 8 * CELLS[1]
SCALE = 0.18215
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyPipeline:
    return tiny_pipeline(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture(scope="module")
def loaded(tiny: TinyPipeline) -> dict[str, Checkpoint]:
    """The folders as our own checkpoints, by kind of prediction."""
    return {prediction: load_checkpoint(folder) for prediction, folder in tiny.folders.items()}


@dataclass(frozen=True)
class Result:
    """latents: (b, 4, h, w) in VAE scale. pictures: (b, H, W, 3) in 0..1."""

    latents: Tensor
    pictures: Tensor


def ours(checkpoint: Checkpoint, latents: Tensor | None = None, **changes: Any) -> Result:
    """A whole run through the public interface."""
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    options: dict[str, Any] = {"seed": SEED, "steps": STEPS, "cfg": CFG, "sampler": "euler", "scheduler": "simple"}
    found = ksample(
        checkpoint.model,
        (checkpoint.clip.encode(PROMPT),),
        (checkpoint.clip.encode(NEGATIVE),),
        torch.zeros(1, 4, *CELLS) if latents is None else latents,
        **(options | changes),
    )
    return Result(found, checkpoint.vae.decode(found))


def theirs(pipeline: Any, scheduler: Any, **options: Any) -> Result:
    """A whole run of one of diffusers' pipelines, with this scheduler in place of its own."""
    pipeline.scheduler = scheduler
    pipeline.set_progress_bar_config(disable=True)
    seen: list[Tensor] = []

    def keep(pipeline: object, step: int, timestep: Tensor, state: dict[str, Tensor]) -> dict[str, Tensor]:
        seen.append(state["latents"])
        return state

    settings: dict[str, Any] = {"num_inference_steps": STEPS, "guidance_scale": CFG, "output_type": "np"}
    if not isinstance(pipeline, StableDiffusionImg2ImgPipeline):  # which takes the picture's size
        settings |= {"height": HEIGHT, "width": WIDTH}
    settings |= {"prompt": PROMPT, "negative_prompt": NEGATIVE, "callback_on_step_end": keep}
    answer: Any = pipeline(**(settings | options))
    return Result(seen[-1] / SCALE, torch.from_numpy(answer.images))


def assert_agree(found: Result, wanted: Result, tolerance: float = TOLERANCE) -> None:
    """Latents and pictures equal within a share of the largest number, and are worth comparing."""
    assert ((wanted.pictures > 0) & (wanted.pictures < 1)).float().mean() > 0.5, "most pixels are not cut off"
    assert wanted.pictures.std() > 0.05
    for mine, other in ((found.latents, wanted.latents), (found.pictures, wanted.pictures)):
        assert mine.shape == other.shape
        assert mine.dtype == torch.float32
        assert (mine - other).abs().max() <= tolerance * other.abs().max()


def drawn(count: int = 1) -> Tensor:
    """Unit noise (count, 4, h, w) as a pipeline draws it from a generator of the run's seed."""
    return torch.randn(count, 4, *CELLS, generator=torch.Generator().manual_seed(SEED))


def training_sigmas() -> Tensor:
    """(1000,) rising, computed here once more."""
    betas = torch.linspace(BETAS["beta_start"] ** 0.5, BETAS["beta_end"] ** 0.5, 1000, dtype=torch.float64) ** 2
    abar = (1 - betas).cumprod(0)
    return ((1 - abar) / abar).sqrt()


def first_noise(sigma: float) -> Tensor:
    """What an empty picture starts from: noise * sigma, at the model's largest level noise * sqrt(1 + sigma²)."""
    largest = math.isclose(sigma, float(training_sigmas()[-1]), rel_tol=1e-5)
    return drawn() * (math.sqrt(1 + sigma**2) if largest else sigma)


@dataclass(frozen=True)
class Pair:
    """The same method under two names.

    scheduler: makes diffusers' scheduler. first: the training step at which its run of 4 begins. scaled: whether its
    samples are x / sqrt(1 + sigma²) of ours.
    """

    sampler: str
    schedule: str
    scheduler: Callable[..., Any]
    settings: dict[str, Any]
    scaled: bool
    first: int = 999

    def made(self, prediction: str) -> Any:
        return self.scheduler(**BETAS, **self.settings, prediction_type=prediction)

    def start(self) -> Tensor:
        """Our first noise as the pipeline takes it: before it multiplies by the scheduler's own factor."""
        sigma = float(training_sigmas()[self.first])
        x = first_noise(sigma)
        if self.scaled:
            return x / math.sqrt(1 + sigma**2)
        scheduler = self.made("epsilon")
        scheduler.set_timesteps(STEPS)
        return x / float(scheduler.init_noise_sigma)


TRAILING, LINSPACE = {"timestep_spacing": "trailing"}, {"timestep_spacing": "linspace"}
LEADING = {"timestep_spacing": "leading", "steps_offset": 1}
UNCUT = {"clip_sample": False, "set_alpha_to_one": True}
KARRAS = {"algorithm_type": "dpmsolver++", "solver_order": 2, "use_karras_sigmas": True, "final_sigmas_type": "zero"}

EULER = Pair("euler", "simple", diffusers.EulerDiscreteScheduler, TRAILING, scaled=False)
DDIM = Pair("ddim", "simple", diffusers.DDIMScheduler, TRAILING | UNCUT, scaled=True)
PAIRS = (
    EULER,
    Pair("euler", "normal", diffusers.EulerDiscreteScheduler, LINSPACE, scaled=False),
    Pair("euler", "ddim_uniform", diffusers.EulerDiscreteScheduler, LEADING, scaled=False, first=751),
    Pair("heun", "normal", diffusers.HeunDiscreteScheduler, LINSPACE, scaled=False),
    Pair("lms", "normal", diffusers.LMSDiscreteScheduler, LINSPACE, scaled=False),
    DDIM,
    Pair("ddim", "ddim_uniform", diffusers.DDIMScheduler, LEADING | UNCUT, scaled=True, first=751),
    Pair("dpmpp_2m", "karras", diffusers.DPMSolverMultistepScheduler, KARRAS, scaled=True),
)


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.sampler}-{pair.schedule}")
def test_text_to_image_is_that_of_diffusers(
    pair: Pair, prediction: str, tiny: TinyPipeline, loaded: dict[str, Checkpoint]
) -> None:
    found = ours(loaded[prediction], sampler=pair.sampler, scheduler=pair.schedule)
    wanted = theirs(tiny.pipeline, pair.made(prediction), latents=pair.start())
    assert_agree(found, wanted)


def test_the_scheduler_that_came_with_stable_diffusion_1_is_plms(
    tiny: TinyPipeline, loaded: dict[str, Checkpoint]
) -> None:
    settings = LEADING | {"skip_prk_steps": True, "set_alpha_to_one": True}
    pair = Pair("plms", "ddim_uniform", diffusers.PNDMScheduler, settings, scaled=True, first=751)
    found = ours(loaded["epsilon"], sampler="plms", scheduler="ddim_uniform")
    assert_agree(found, theirs(tiny.pipeline, pair.made("epsilon"), latents=pair.start()))


def test_a_batch_from_one_seed_is_the_batch_of_diffusers(tiny: TinyPipeline, loaded: dict[str, Checkpoint]) -> None:
    # From the model's largest level a seed alone gives the same pictures: here both scale the first noise alike.
    batch = ours(loaded["epsilon"], torch.zeros(2, 4, *CELLS), sampler="ddim")
    generator = torch.Generator().manual_seed(SEED)
    assert_agree(batch, theirs(tiny.pipeline, DDIM.made("epsilon"), generator=generator, num_images_per_prompt=2))
    alone = ours(loaded["epsilon"], sampler="ddim", batch_index=[1])
    assert_agree(alone, Result(batch.latents[1:], batch.pictures[1:]))
    assert (batch.pictures[0] - batch.pictures[1]).abs().max() > 0.1


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_without_guidance_the_negative_says_nothing(
    prediction: str, tiny: TinyPipeline, loaded: dict[str, Checkpoint]
) -> None:
    found = ours(loaded[prediction], sampler="ddim", cfg=1.0)
    generator = torch.Generator().manual_seed(SEED)
    assert_agree(found, theirs(tiny.pipeline, DDIM.made(prediction), generator=generator, guidance_scale=1.0))


def picture() -> Tensor:
    """(1, H, W, 3): a wave of colours."""
    y, x = torch.meshgrid(torch.linspace(0, 3, HEIGHT), torch.linspace(0, 5, WIDTH), indexing="ij")
    return torch.stack([(x + y).sin(), (2 * x - y).cos(), (x * y).sin()], dim=-1)[None] * 0.5 + 0.5


@torch.no_grad()
def encoded(tiny: TinyPipeline) -> Tensor:
    """The picture's latent in network scale, by diffusers' own first stage; the mode, where pipelines would draw."""
    vae: Any = tiny.pipeline.vae
    return vae.encode(picture().movedim(-1, 1) * 2 - 1).latent_dist.mode() * SCALE


IMAGE_STEPS, DENOISE = 3, 0.6  # the last 3 of the 5 steps that diffusers counts


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("pair", (EULER, DDIM), ids=lambda pair: f"{pair.sampler}-{pair.schedule}")
def test_image_to_image_is_that_of_diffusers(
    pair: Pair, prediction: str, tiny: TinyPipeline, loaded: dict[str, Checkpoint]
) -> None:
    checkpoint = loaded[prediction]
    assert checkpoint.vae is not None
    found = ours(
        checkpoint,
        checkpoint.vae.encode(picture()),
        steps=IMAGE_STEPS,
        denoise=DENOISE,
        sampler=pair.sampler,
        scheduler=pair.schedule,
    )
    pipeline = StableDiffusionImg2ImgPipeline(**tiny.pipeline.components, requires_safety_checker=False)
    wanted = theirs(
        pipeline,
        pair.made(prediction),
        image=encoded(tiny),
        strength=DENOISE,
        num_inference_steps=5,
        generator=torch.Generator().manual_seed(SEED),
    )
    assert_agree(found, wanted)


def test_inpainting_by_a_hard_mask_is_that_of_diffusers(tiny: TinyPipeline, loaded: dict[str, Checkpoint]) -> None:
    checkpoint = loaded["epsilon"]
    assert checkpoint.vae is not None
    mask = torch.zeros(1, 1, HEIGHT, WIDTH)
    mask[..., 16:56, 24:] = 1
    found = ours(
        checkpoint, checkpoint.vae.encode(picture()), steps=IMAGE_STEPS, denoise=DENOISE, noise_mask=mask[:, 0]
    )
    pipeline = StableDiffusionInpaintPipeline(**tiny.pipeline.components, requires_safety_checker=False)
    wanted = theirs(
        pipeline,
        EULER.made("epsilon"),
        image=encoded(tiny),
        mask_image=mask,
        masked_image_latents=torch.zeros(1, 4, *CELLS),  # only read by networks with channels for it
        strength=DENOISE,
        num_inference_steps=5,
        generator=torch.Generator().manual_seed(SEED),
    )
    assert_agree(found, wanted)
    kept = encoded(tiny)[..., :2, :] / SCALE
    torch.testing.assert_close(found.latents[..., :2, :], kept, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_inpainting_by_a_soft_mask_is_its_formula(tiny: TinyPipeline, loaded: dict[str, Checkpoint]) -> None:
    checkpoint, pipeline = loaded["epsilon"], tiny.pipeline
    assert checkpoint.vae is not None
    mask = torch.rand(1, 1, *CELLS, generator=torch.Generator().manual_seed(2))
    found = ours(checkpoint, checkpoint.vae.encode(picture()), steps=IMAGE_STEPS, denoise=DENOISE, noise_mask=mask)
    # diffusers' networks, in a loop written from the definition.
    words: Any = pipeline.encode_prompt(PROMPT, torch.device("cpu"), 1, True, NEGATIVE)
    context = torch.cat([words[1], words[0]])  # negative, positive
    levels = {int(t): float(training_sigmas()[t]) for t in (599, 399, 199)}
    clean, noise = encoded(tiny), drawn()
    x = clean + noise * levels[599]
    for (t, sigma), following in pairwise([*levels.items(), (0, 0.0)]):
        seen = mask * x + (1 - mask) * (clean + noise * sigma)
        unet: Any = pipeline.unet
        negative, positive = unet(
            (seen / math.sqrt(1 + sigma**2)).repeat(2, 1, 1, 1), t, encoder_hidden_states=context
        ).sample.chunk(2)
        guided = seen - sigma * (negative + CFG * (positive - negative))
        x0 = mask * guided + (1 - mask) * clean
        x = x0 + (x - x0) / sigma * following[1]
    wanted: Any = pipeline.vae.decode(x / SCALE).sample
    assert_agree(found, Result(x / SCALE, (wanted / 2 + 0.5).clamp(0, 1).movedim(1, -1)))


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_the_single_file_gives_the_bits_of_the_folder(
    prediction: str, tiny: TinyPipeline, loaded: dict[str, Checkpoint]
) -> None:
    single = ours(load_checkpoint(tiny.files[prediction]))
    folder = ours(loaded[prediction])
    assert torch.equal(single.latents, folder.latents)
    assert torch.equal(single.pictures, folder.pictures)


def test_the_same_seed_gives_the_same_bits_after_loading_again(
    tiny: TinyPipeline, loaded: dict[str, Checkpoint]
) -> None:
    first = ours(loaded["epsilon"])
    again = ours(load_checkpoint(tiny.folders["epsilon"]))
    assert torch.equal(first.latents, again.latents)
    assert torch.equal(first.pictures, again.pictures)
    other = ours(loaded["epsilon"], seed=SEED + 1)
    assert (other.pictures - first.pictures).abs().max() > 0.1


def test_a_run_changes_nothing_of_the_checkpoint(tiny: TinyPipeline) -> None:
    file = tiny.files["epsilon"]
    before = file.read_bytes()
    checkpoint = load_checkpoint(file)
    assert checkpoint.clip is not None
    assert checkpoint.vae is not None
    networks = (checkpoint.model.network, checkpoint.clip.network, checkpoint.vae.network)
    tensors = [tensor for network in networks for tensor in (*network.parameters(), *network.buffers())]
    kept = [tensor.clone() for tensor in tensors]
    ours(checkpoint, checkpoint.vae.encode(picture()), denoise=0.5, noise_mask=torch.ones(1, 8, 8))
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(tensors, kept, strict=True))
    assert not any(network.training for network in networks)
    assert file.read_bytes() == before


def test_half_precision_files_make_on_the_cpu_the_picture_of_their_numbers_in_float32(
    tiny: TinyPipeline, tmp_path: Path
) -> None:
    halves = {name: tensor.half() for name, tensor in load_file(tiny.files["epsilon"]).items()}
    wholes = {name: tensor.float() for name, tensor in halves.items()}
    half = load_checkpoint(write(tmp_path / "half.safetensors", halves), dtype=None)
    whole = load_checkpoint(write(tmp_path / "whole.safetensors", wholes), dtype=torch.float32)
    assert half.clip is not None
    assert half.vae is not None
    assert (half.model.dtype, half.clip.dtype, half.vae.dtype) == (torch.float32,) * 3
    for network in (half.model.network, half.clip.network, half.vae.network):
        assert {weight.dtype for weight in network.parameters()} == {torch.float32}
    first, second = ours(half), ours(whole)
    assert torch.equal(first.latents, second.latents)
    assert torch.equal(first.pictures, second.pictures)


@pytest.mark.parametrize(
    ("told", "device", "stored", "chosen"),
    [
        (None, "cpu", torch.float16, torch.float32),
        (None, "cpu", torch.bfloat16, torch.float32),
        (None, "cuda", torch.float16, torch.float16),
        (None, "cuda", torch.bfloat16, torch.bfloat16),
        (None, "cuda", torch.float32, torch.float32),
        (None, "cuda", torch.float64, torch.float32),
        (None, "cuda", torch.float8_e4m3fn, torch.float32),
        (torch.bfloat16, "cpu", torch.float16, torch.bfloat16),
        (torch.float16, "cuda", torch.float32, torch.float16),
    ],
)
def test_a_network_works_in_the_precision_told_else_its_files_own_but_float32_on_the_cpu(
    told: torch.dtype | None, device: str, stored: torch.dtype, chosen: torch.dtype
) -> None:
    assert Placement(told, torch.device(device)).dtype_for(stored) == chosen
