"""The server as packs know it: what they say goes to whoever looks at their run, their routes are only written down."""

import asyncio
import base64
import binascii
import logging
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from aiohttp import web

from graph.handle import current_run
from nodes.preview_pictures import PreviewPicture
from packs.compat.context import Context
from packs.compat.progress import picture_of, run_at
from packs.compat.refusing import Refused
from packs.compat.routes import RouteRecord, file_of
from packs.convention.plain import plain

LOG: Final = logging.getLogger("nodeloom.packs")

OWN_WORDS: Final = frozenset(
    {
        "status", "feature_flags", "logs", "progress", "progress_state", "executing", "executed", "execution_start",
        "execution_cached", "execution_success", "execution_error", "execution_interrupted",
    }
)  # fmt: skip
"""What the host itself says of runs; a pack that says it as well is not heard."""

TEXT: Final = "progress_text"
IMAGE_KINDS: Final[Mapping[int, str]] = {1: "image/jpeg", 2: "image/png"}


class BinaryEventTypes:
    """Kinds of binary messages."""

    PREVIEW_IMAGE = 1
    UNENCODED_PREVIEW_IMAGE = 2
    TEXT = 3
    PREVIEW_IMAGE_WITH_METADATA = 4


class PromptServer:
    """`PromptServer.instance`: the one way of packs to whoever looks on."""

    instance: "PromptServer"

    def __init__(self, context: Context) -> None:
        self._context = context
        self.routes = web.RouteTableDef()
        context.part(RouteRecord).tables.append(self.routes)
        self.supports: list[str] = ["custom_nodes_from_web"]
        self.on_prompt_handlers: list[Callable[..., Any]] = []
        self.sockets: dict[str, Any] = {}
        self.prompt_queue: Any = Refused(
            "The queue is the server's, and nodes run beside it; ask GET /api/queue, or see /api/v1/runs."
        )
        self.app: Any = Refused(
            "The server runs in another process than the nodes; add routes with PromptServer.instance.routes."
        )
        self.user_manager: Any = Refused("There is one user; keep files below folder_paths.get_user_directory().")
        self.number = 0

    @property
    def client_id(self) -> str | None:
        """Who asked for the run of the node that runs here: not known to nodes, so a name that stands for them."""
        return None if current_run.get() is None else "client"

    @property
    def last_node_id(self) -> str | None:
        """The node that runs here."""
        run = current_run.get()
        return None if run is None else run.node_id

    @property
    def last_prompt_id(self) -> str | None:
        """None: nodes do not know the number of their run."""
        return None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of whoever asks; a new one where there is none."""
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            return self._context.part(_new_loop)

    def send_sync(self, event: Any, data: Any, sid: str | None = None) -> None:
        """Say something to whoever looks at the run: JSON under a name of the pack's own, a text, or a picture."""
        run = current_run.get()
        if run is None:
            LOG.debug("a pack said %r outside any run, which nobody hears", event)
            return
        if isinstance(event, int):
            picture = _picture(event, data)
            if picture is not None:
                run.preview(picture)
            elif event == BinaryEventTypes.TEXT:
                self.send_progress_text(data, run.node_id)
            return
        kind = str(event)
        if kind in OWN_WORDS:
            return
        told = plain(data)
        run.say(kind, cast(Mapping[str, object], told) if isinstance(told, dict) else {"data": told})

    async def send(self, event: Any, data: Any, sid: str | None = None) -> None:
        """The same."""
        self.send_sync(event, data, sid)

    async def send_json(self, event: str, data: Any, sid: str | None = None) -> None:
        """The same."""
        self.send_sync(event, data, sid)

    def send_progress_text(self, text: Any, node_id: str | None = None, sid: str | None = None) -> None:
        """Say in words what the node is at."""
        run = run_at(node_id)
        if run is not None:
            run.text(text.decode("utf-8", "replace") if isinstance(text, bytes | bytearray) else str(text))

    def queue_updated(self) -> None:
        """The host tells of the queue by itself."""

    def add_on_prompt_handler(self, handler: Callable[..., Any]) -> None:
        """Written down, and told in the log: nobody changes a workflow between its check and its run."""
        self.on_prompt_handlers.append(handler)
        LOG.warning(
            "a pack wants to change every workflow before it runs (add_on_prompt_handler in %s), which is not done; "
            "its part of the editor can",
            file_of(handler),
        )

    def add_routes(self) -> None:
        """Routes are served by the host, where its operator allowed them."""


def server_class(context: Context) -> type[PromptServer]:
    """The class whose `instance` is the server of these packs."""
    kind = type("PromptServer", (PromptServer,), {"__module__": "server"})
    kind.instance = kind(context)
    return kind


def _new_loop(context: Context) -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def _picture(event: int, data: Any) -> PreviewPicture | None:
    """The picture of a binary message: with its kind in four bytes before it, or (format, PIL image, most pixels)."""
    if event == BinaryEventTypes.UNENCODED_PREVIEW_IMAGE:
        return picture_of(data)
    if event == BinaryEventTypes.PREVIEW_IMAGE_WITH_METADATA and isinstance(data, tuple | list):
        return picture_of(cast(tuple[Any, ...], data)[0])
    if event != BinaryEventTypes.PREVIEW_IMAGE:
        return None
    if isinstance(data, str):
        try:
            data = base64.b64decode(data, validate=True)
        except binascii.Error as error:
            raise ValueError("a preview is bytes: its kind in four bytes, 1 JPEG or 2 PNG, and the picture") from error
    raw = bytes(data)
    (kind,) = struct.unpack(">I", raw[:4]) if len(raw) > 4 else (0,)
    if kind not in IMAGE_KINDS:
        raise ValueError("a preview is bytes: its kind in four bytes, 1 JPEG or 2 PNG, and the picture")
    return PreviewPicture(IMAGE_KINDS[kind], raw[4:])
