"""`serve --dev`: sees that source files of packs have changed, and has the workers read these packs anew."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packs.watching import source_state

if TYPE_CHECKING:
    from runs.desk import Desk

EVERY_SECONDS: Final = 1.0

_log = logging.getLogger("nodeloom.packs")


async def follow_packs(folders: Sequence[Path], desk: "Desk", every: float = EVERY_SECONDS) -> None:
    """Look every second for as long as the server runs. A change counts once nothing has changed for a whole look, so
    that what is saved file by file is read once."""
    known = await asyncio.to_thread(source_state, folders)
    seen = known
    while True:
        await asyncio.sleep(every)
        now = await asyncio.to_thread(source_state, folders)
        if now != known and now == seen:
            known = now
            _log.info("source files of packs have changed; workers read them anew when they are idle")
            await desk.reload_packs()
        seen = now
