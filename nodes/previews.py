"""Pictures of a sampling while it runs: every step may be shown, and showing costs a fiftieth of the time at most.

After each step the sampling leaves its x0 in a slot and goes on. One thread takes what lies there, the newest, paints
and encodes it, and tells the run. Before both, a budget is asked: what was spent on drawing, and what the next picture
will cost, must fit into a share of the time that the sampling has taken so far.

Three ways of painting: the linear map of `diffusion.preview` (well under a millisecond), a small decoder
(`diffusion.tiny_decoder`), the whole first stage. "auto" begins with the first, measures the others, and changes over
at most once, so that pictures do not flicker between soft and sharp.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple

import torch

from diffusion.model import DiffusionModel
from diffusion.shapes import Latents
from graph.errors import GraphError
from graph.handle import Run
from nodes.preview_pictures import PreviewPicture, encoded
from nodes.preview_ways import Way, Ways, meter
from storage import Folders, StorageError

__all__ = ["Budget", "Method", "Painter", "PreviewPicture", "Previews", "painting"]

Method = Literal["auto", "rgb", "tiny", "vae", "none"]

FOLDER: Final = "previews"
SHARE: Final = 0.02
"""Of the time of a sampling, the part that drawing may take."""

LEAST_INTERVAL: Final = 1 / 60
"""Seconds between two pictures: nobody sees more."""

EVERY: Final = 8
"""A sharper way is chosen if the budget gives a picture in this many steps."""

CHOICE_STEP: Final = 3
"""The step at which "auto" chooses: the first ones are slower than the rest."""

LEAST_FRAMES: Final = 3
"""Pictures, spread over the sampling, that a network asked for by name shows at least, even beyond the budget."""

# What painting is known to raise: damaged files, too little memory, latents that no decoder takes.
DRAWING_ERRORS: Final = (StorageError, RuntimeError, ValueError, OSError, MemoryError, ArithmeticError)

_LOG: Final = logging.getLogger(__name__)


@dataclass
class Budget:
    """Drawing time that goes with the time passed: never more than a share of it is spent.

    Costs are the seconds by which drawing delays a sampling that works on all cores (`preview_ways.meter`); one that
    leaves cores free is delayed by less.
    """

    share: float = SHARE
    clock: Callable[[], float] = time.perf_counter
    spent: float = 0.0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the sampling began."""
        return self.clock() - self.started

    def allows(self, cost: float) -> bool:
        """Whether a picture of this cost (seconds) still fits."""
        return self.spent + cost <= self.share * self.elapsed


class Offer(NamedTuple):
    """What lies in the slot: x0 (b, c, h, w) in network scale on the model's device, of a step of a sampling."""

    painter: "Painter"
    step: int
    x0: Latents


class Previews:
    """The service that shows samplings. It has one thread, made at first use, which is idle between samplings."""

    def __init__(
        self,
        folders: Folders,
        method: Method = "auto",
        *,
        fits: Path | None = None,
        most_side: int = 512,
        share: float = SHARE,
    ) -> None:
        """folders: where small decoders lie (vae_approx). fits: where linear maps are kept; None: in the user folder.
        most_side: pixels along the longer side of a picture, at most. share: see `SHARE`."""
        self.method: Method = method
        self.share = share
        self.ways = Ways(folders, folders.user / FOLDER if fits is None else fits, most_side)
        self._slot: Offer | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ending = False
        self.warm = False

    def offer(self, offer: Offer) -> None:
        """Leave something to be drawn, in place of what lies there. Does not wait.

        The tensor is kept as it is, not copied: samplers and denoisers make a new x0 in every step and change none.
        """
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._thread = self._started()
            self._slot = offer
            self._changed.notify()

    def withdraw(self, painter: "Painter") -> None:
        """Take back what a painter has left in the slot."""
        with self._changed:
            if self._slot is not None and self._slot.painter is painter:
                self._slot = None

    def close(self) -> None:
        """End the thread, after the picture it may be drawing. A later sampling starts another."""
        with self._changed:
            thread, self._ending, self._slot = self._thread, True, None
            self._changed.notify()
        if thread is not None:
            thread.join()
        self._ending = False

    def _started(self) -> threading.Thread:
        # A second thread that computes in parallel would bring a second team of workers, which get in the way of the
        # sampling's own even when idle. The number of workers belongs to each thread, but torch also hands the last one
        # set to threads that begin later: so it is set back for those.
        workers, ready = torch.get_num_threads(), threading.Event()
        thread = threading.Thread(target=self._draw_on, args=(ready,), name="previews", daemon=True)
        thread.start()
        ready.wait()
        torch.set_num_threads(workers)
        return thread

    def _draw_on(self, ready: threading.Event) -> None:
        torch.get_num_threads()  # a thread takes over the common number at its first question: have that behind us
        torch.set_num_threads(1)
        ready.set()
        while (offer := self._next()) is not None:
            offer.painter.draw(offer.step, offer.x0)
            del offer  # an idle thread keeps no model in memory

    def _next(self) -> Offer | None:
        with self._changed:
            self._changed.wait_for(lambda: self._slot is not None or self._ending)
            offer, self._slot = self._slot, None
            return None if self._ending else offer


class Painter:
    """Shows one sampling. `show` belongs to the sampling's thread, `draw` to that of the previews."""

    def __init__(
        self,
        previews: Previews,
        run: Run,
        model: DiffusionModel,
        total: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._previews, self._run, self._model, self._total = previews, run, model, total
        self.budget = Budget(previews.share, clock)
        self._clock = clock
        self._told = threading.Lock()
        self._closed = False
        self._steps = 0
        self._frames = 0
        self._last = -math.inf
        self._prepared = False
        self._way: Way | None = None
        self._expected = 0.0
        self._choosing = previews.method == "auto"
        self._by_name = False

    def show(self, step: int, x0: Latents) -> None:
        """Offer the x0 (b, c, h, w; network scale, any device) of a step to be drawn; only the first item is shown."""
        self._steps += 1
        if not self._closed and x0.ndim == 4 and x0.shape[1] == self._model.latent_channels and self._is_due(step):
            self._previews.offer(Offer(self, step, x0))

    def close(self) -> None:
        """Show nothing from here on. Does not wait for a picture that is being painted: it is thrown away."""
        with self._told:
            self._closed = True
        self._previews.withdraw(self)

    def draw(self, step: int, x0: Latents) -> None:
        """Paint, encode and tell, if that is still due."""
        try:
            latents = x0[:1].detach().float().cpu()
            self._prepare(latents)
            if self._closed:
                return
            if self._choosing and self._steps >= CHOICE_STEP:
                self._choose(latents)
            if self._way is not None and self._is_due(step):
                self._draw(self._way, latents)
        except DRAWING_ERRORS as error:
            self._do_without(self._way, error)

    def _draw(self, way: Way, latents: Latents) -> None:
        spent = meter(way.device)
        picture = encoded(way.paint(latents))
        with self._told:
            if not self._closed:
                self._run.preview(picture)
        self._expected = spent()
        self.budget.spent += self._expected
        self._previews.ways.learn_cost(way, latents, self._expected)
        self._frames += 1
        self._last = self._clock()

    def _is_due(self, step: int) -> bool:
        """Whether the step is to be drawn: the first one, one that was promised, or one that the budget allows."""
        if not self._prepared:
            return True
        if self._way is None:
            return self._choosing and self._steps >= CHOICE_STEP
        if self._by_name:
            promised = self._total * (self._frames + 1) / (LEAST_FRAMES + 1)
            if self._frames < LEAST_FRAMES and step + 1 >= promised:
                return True
        elif self._frames == 0:
            return True
        return self._clock() - self._last >= LEAST_INTERVAL and self.budget.allows(self._expected)

    def _prepare(self, latents: Latents) -> None:
        """Find the way to begin with. What is done once for a model, a fit or the opening of a file, is not charged."""
        if self._prepared:
            return
        ways = self._previews.ways
        named = {"tiny": ways.tiny, "vae": ways.codec}.get(self._previews.method)
        self._way = named(self._model) if named else None
        if self._way is not None:
            self._by_name = True
            known = ways.known_cost(self._way, latents)
            self._expected = math.inf if known is None else known
        else:
            self._way = ways.linear(self._model)
            if self._way is not None and not self._previews.warm:
                encoded(self._way.paint(latents))  # loads what paints and encodes, once a process, as fitting is once
                self._previews.warm = True
        self._prepared = True

    def _choose(self, latents: Latents) -> None:
        """Change over to the small decoder or the first stage for the rest, if one gives pictures often enough."""
        self._choosing = False
        ways = self._previews.ways
        limit = self.budget.share * EVERY * self.budget.elapsed / self._steps
        for find in (ways.tiny, ways.spare_codec):
            way = find(self._model)
            if way is None:
                continue
            if ways.known_cost(way, latents) is None:
                ways.probe(way, latents)  # once a network, as fitting is; charged, it would leave short samplings blank
            cost = ways.known_cost(way, latents)
            if cost is not None and cost <= limit:
                self._way, self._expected = way, cost
                return

    def _do_without(self, way: Way | None, error: Exception) -> None:
        """Go on with the linear map where a network failed, else with nothing."""
        _LOG.warning("a preview of this sampling failed: %s: %s", type(error).__name__, error)
        self._prepared, self._choosing, self._by_name = True, False, False
        self._way, self._expected = None, 0.0
        if way is not None and way.network is not None:
            try:
                self._way = self._previews.ways.linear(self._model)
            except DRAWING_ERRORS as further:
                _LOG.warning("there is no linear map either: %s: %s", type(further).__name__, further)


class Unseen:
    """The painter of a run that nobody looks at."""

    def show(self, step: int, x0: Latents) -> None:
        """Do nothing."""


@contextmanager
def painting(run: Run, model: DiffusionModel, total: int) -> Iterator[Painter | Unseen]:
    """The painter of a sampling of about `total` steps, for as long as it runs. Without the service it does nothing."""
    try:
        previews = run.service(Previews)
    except GraphError:
        yield Unseen()
        return
    if previews.method == "none":
        yield Unseen()
        return
    painter = Painter(previews, run, model, total)
    try:
        yield painter
    finally:
        painter.close()
