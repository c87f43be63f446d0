"""What the words of packs need of whoever knows pictures, sounds and folders; handed in as a service of the run."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from graph.handle import Run, current_run

File = Mapping[str, str]
"""A file as the editor finds it: `filename`, `subfolder` and `type`."""


class Pictures(ABC):
    """Draws previews and writes files. The assembler hands one in among the services of a run, under this type."""

    @abstractmethod
    def preview(self, image: object, largest: int | None) -> object:
        """A picture (PIL, or a tensor (B, H, W, C) or (H, W, C)) as `Run.preview` takes it.

        largest: pixels of the longer side, None for any size.
        """

    @abstractmethod
    def save(self, images: object, prefix: str, folder: str, run: Run, options: Mapping[str, object]) -> Sequence[File]:
        """Write pictures (B, H, W, C) as files numbered after a prefix, the run's workflow in each, and say where.

        folder: `output`, `temp` or `input`. options: `compress_level`; of moving pictures `format` (`png`, `webp`),
        `fps`, `lossless`, `quality`, `method`: all pictures become one file then. `metadata` False leaves the
        workflow out.
        """

    @abstractmethod
    def save_sound(
        self, audio: object, prefix: str, folder: str, run: Run, options: Mapping[str, object]
    ) -> Sequence[File]:
        """Write a sound, a dictionary of `waveform` and `sample_rate`; options: `format`, `quality`."""


def running() -> Run:
    """The handle of the node that runs here. Raises RuntimeError where none does."""
    run = current_run.get()
    if run is None:
        raise RuntimeError(
            "no node is running here; call this from a node's own function, or from a thread that was started with a "
            "copy of its context (asyncio.to_thread makes one)"
        )
    return run
