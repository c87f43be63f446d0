"""Pictures of a sampling as packs ask for them, painted in the ways of our own previews."""

from collections.abc import Callable
from typing import Any, Final

from PIL import Image
from torch import Tensor

from diffusion.model import DiffusionModel
from graph.errors import GraphError, Interrupted
from graph.handle import Run, current_run
from nodes.previews import Painter, Previews
from packs.compat.guider import patcher_of
from packs.compat.progress import MOST_SIDE, Bar

JPEG: Final = "JPEG"


class LatentPreviewer:
    """Paints latents; packs may derive one and say how in `decode_latent_to_preview`."""

    def decode_latent_to_preview(self, x0: Tensor) -> Image.Image:
        """The picture of x0 (b, c, h, w), network scale."""
        raise NotImplementedError(f"{type(self).__name__} has no method decode_latent_to_preview of its own")

    def decode_latent_to_preview_image(self, preview_format: str, x0: Tensor) -> tuple[str, Image.Image, int]:
        """A preview as a progress bar takes it."""
        return preview_format, self.decode_latent_to_preview(x0), MOST_SIDE


class LinearPreviewer(LatentPreviewer):
    """Paints by the linear map of a model."""

    def __init__(self, paint: Callable[[Tensor], Image.Image]) -> None:
        self._paint = paint

    def decode_latent_to_preview(self, x0: Tensor) -> Image.Image:
        """The picture of x0."""
        return self._paint(x0[:1].detach().float().cpu())


def previews_of(run: Run | None) -> Previews | None:
    """The previews of a run, None where nobody looks on."""
    if run is None:
        return None
    try:
        previews = run.service(Previews)
    except GraphError:
        return None
    return None if previews.method == "none" else previews


def get_previewer(device: object, latent_format: Any) -> LatentPreviewer | None:
    """A previewer for `model.model.latent_format`, None where nobody looks on or nothing is known of its colours."""
    previews, model = previews_of(current_run.get()), getattr(latent_format, "diffusion_model", None)
    if previews is None or not isinstance(model, DiffusionModel):
        return None
    way = previews.ways.linear(model)
    return None if way is None else LinearPreviewer(way.paint)


class SamplingCallback:
    """What a sampling calls after every step: it tells the progress and offers x0 to be painted."""

    def __init__(self, model: object, steps: int, x0_output_dict: dict[str, Any] | None = None) -> None:
        self._bar = Bar(steps)
        self._output = x0_output_dict
        run = current_run.get()
        previews = previews_of(run)
        of = patcher_of(model).diffusion_model()
        self._painter = None if run is None or previews is None else Painter(previews, run, of, steps)

    def __call__(self, step: int, x0: Tensor, x: Tensor, total_steps: int) -> None:
        """Tell of a step. Raises Interrupted."""
        if self._output is not None:
            self._output["x0"] = x0
        try:
            if self._painter is not None:
                self._painter.show(step, x0)
            self._bar.update_absolute(step + 1, max(total_steps, step + 1))
        except Interrupted:
            self._close()
            raise
        if step + 1 >= total_steps:
            self._close()

    def _close(self) -> None:
        if self._painter is not None:
            self._painter.close()


def prepare_callback(model: object, steps: int, x0_output_dict: dict[str, Any] | None = None) -> SamplingCallback:
    """What to hand to a sampling as its callback. x0_output_dict: gets the newest x0 under `x0`."""
    return SamplingCallback(model, steps, x0_output_dict)
