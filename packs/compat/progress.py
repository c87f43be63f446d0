"""Progress, previews and stopping as packs tell and ask of them: whatever the node that runs here can tell its run."""

import io
from collections.abc import Callable
from typing import Any, Final

from PIL import Image

from graph.handle import Run, current_run
from nodes.preview_pictures import PreviewPicture, encoded
from packs.compat.context import Context

MOST_SIDE: Final = 512
"""Pixels along the longer side of a preview, where a pack does not say."""

Hook = Callable[..., Any]


def run_at(node_id: object = None) -> Run | None:
    """The handle of the node that runs here, or of another of its run that a pack names; None outside any run."""
    run = current_run.get()
    if run is None or node_id is None or str(node_id) == run.node_id or run.step(str(node_id)) is None:
        return run
    return run.at(str(node_id))


class ProgressState:
    """What packs set for all bars: whether they tell anything, and a function that hears every step."""

    def __init__(self, context: Context | None = None) -> None:
        self.enabled = True
        self.hook: Hook | None = None

    def set_progress_bar_enabled(self, enabled: bool) -> None:
        """Let bars tell something, or nothing."""
        self.enabled = bool(enabled)

    def set_progress_bar_global_hook(self, function: Hook | None) -> None:
        """Let a function hear (value, total, preview) of every step as well."""
        self.hook = function


class Bar:
    """How far the node is that makes it. It ends the node where the run was asked to stop."""

    def __init__(self, total: float, node_id: str | None = None, state: ProgressState | None = None) -> None:
        self.total = total
        self.current: float = 0
        self.node_id = node_id
        self.state = state or ProgressState()
        self._run = run_at(node_id)

    @property
    def hook(self) -> Hook | None:
        """The function that hears every step as well."""
        return self.state.hook

    def update_absolute(self, value: float, total: float | None = None, preview: Any = None) -> None:
        """Tell that so much is done. preview: (format, PIL image, most pixels along a side). Raises Interrupted."""
        if total is not None:
            self.total = total
        self.current = min(value, self.total)
        if self.state.hook is not None:
            self.state.hook(self.current, self.total, preview)
        run = self._run
        if run is None:
            return
        run.check_stop()
        if self.state.enabled:
            run.progress(self.current, self.total)
            if preview is not None:
                run.preview(picture_of(preview))

    def update(self, value: float) -> None:
        """Tell that so much more is done. Raises Interrupted."""
        self.update_absolute(self.current + value)


def bar_class(context: Context) -> type[Bar]:
    """The bars whose state is that of these packs."""
    state = context.part(ProgressState)

    class ProgressBar(Bar):
        """How far a node is."""

        def __init__(self, total: float, node_id: str | None = None) -> None:
            super().__init__(total, node_id, state)

    return ProgressBar


def picture_of(preview: Any) -> PreviewPicture:
    """A preview of a pack, a picture or (format, picture, most pixels along a side), as our runs tell it."""
    if isinstance(preview, PreviewPicture):
        return preview
    kind, picture, most = preview if isinstance(preview, tuple | list) else ("JPEG", preview, MOST_SIDE)
    if not isinstance(picture, Image.Image):
        raise TypeError(f"a preview is (format, PIL image, most pixels), found {type(picture).__name__} as its picture")
    side = int(most or MOST_SIDE)
    if max(picture.size) > side:
        picture = picture.copy()
        picture.thumbnail((side, side), Image.Resampling.BILINEAR)
    if str(kind).upper() == "PNG":
        out = io.BytesIO()
        picture.save(out, "PNG")
        return PreviewPicture("image/png", out.getvalue())
    return encoded(picture.convert("RGB"))


def interrupt(value: bool = True) -> None:
    """Ask the run of the node that runs here to stop."""
    run = current_run.get()
    if value and run is not None:
        run.request_stop()


def interrupted() -> bool:
    """Whether the run of the node that runs here was asked to stop."""
    run = current_run.get()
    return run is not None and run.stop_requested()


def stop_if_interrupted(*given: object) -> None:
    """Raise Interrupted where the run was asked to stop."""
    run = current_run.get()
    if run is not None:
        run.check_stop()
