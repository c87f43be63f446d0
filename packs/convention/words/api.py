"""What a node may ask of the host while it runs: to tell how far it is."""

from packs.convention.words.pictures import Pictures, running

LARGEST_PREVIEW = 512
"""Pixels of the longer side of a preview, where its size has a limit."""


def tell_progress(
    value: float, max_value: float, node_id: str | None, preview_image: object, ignore_size_limit: bool
) -> None:
    """Tell that `value` of `max_value` is done, with a picture where there is one.

    node_id: another node than the one that runs here. Raises Interrupted where the run was asked to stop, RuntimeError
    where no node runs here.
    """
    here = running()
    run = here if node_id is None or str(node_id) == here.node_id else here.at(str(node_id))
    run.progress(value, max_value)
    if preview_image is not None:
        run.preview(run.service(Pictures).preview(preview_image, None if ignore_size_limit else LARGEST_PREVIEW))
    run.check_stop()


class Execution:
    """The run, for asynchronous code."""

    async def set_progress(
        self,
        value: float,
        max_value: float,
        node_id: str | None = None,
        preview_image: object = None,
        ignore_size_limit: bool = False,
    ) -> None:
        """Tell how far the node is."""
        tell_progress(value, max_value, node_id, preview_image, ignore_size_limit)


class ExecutionSync:
    """The run, for ordinary code."""

    def set_progress(
        self,
        value: float,
        max_value: float,
        node_id: str | None = None,
        preview_image: object = None,
        ignore_size_limit: bool = False,
    ) -> None:
        """Tell how far the node is."""
        tell_progress(value, max_value, node_id, preview_image, ignore_size_limit)


class ComfyAPI:
    """The host, for asynchronous code."""

    VERSION = "latest"
    STABLE = False

    def __init__(self) -> None:
        self.execution = Execution()


class ComfyAPISync:
    """The host, for ordinary code."""

    VERSION = "latest"
    STABLE = False

    def __init__(self) -> None:
        self.execution = ExecutionSync()
