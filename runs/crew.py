"""The workers: one process a device, begun in the background, and begun again when one dies."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from runs.process import WorkerProcess
from runs.words import FromWorker

AUTO: Final = "auto"
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 30.0
"""Seconds before a worker that died without ever being ready is begun again: doubled each time."""

Command = Callable[[str], Sequence[str]]
Hear = Callable[[WorkerProcess, FromWorker], Awaitable[None]]
Died = Callable[[WorkerProcess, str], Awaitable[None]]

_log = logging.getLogger("nodeloom.runs")


@dataclass(frozen=True)
class Staffing:
    """How workers are begun.

    devices: one worker each; ("auto",) is one on the best device, and one more on each further accelerator the first
    one finds. command: the command line for a device. environment: of the processes, None for that of this one.
    line: hears each line they print. hang_seconds: without a sign of life after which one is ended.
    """

    command: Command
    devices: tuple[str, ...] = (AUTO,)
    environment: Mapping[str, str] | None = None
    line: Callable[[str], None] = field(default=_log.info)
    hang_seconds: float = 60.0


class Crew:
    """Keeps a worker process at work for each device until it is closed."""

    def __init__(self, staffing: Staffing, hear: Hear, died: Died) -> None:
        self._staffing = staffing
        self._hear = hear
        self._died = died
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._workers: dict[str, WorkerProcess] = {}
        self._closing = False
        self.last_reason: str | None = None
        self.restarts = 0

    def open(self) -> None:
        """Begin the workers; returns at once."""
        for device in self._staffing.devices:
            self._keep(device)

    def grow(self, accelerators: int) -> None:
        """Begin workers on the further accelerators that the first worker has found."""
        if self._staffing.devices == (AUTO,) and not self._closing:
            for index in range(1, accelerators):
                self._keep(f"cuda:{index}")

    def _keep(self, device: str) -> None:
        if device not in self._keepers:
            self._keepers[device] = asyncio.create_task(self._keep_alive(device), name=f"worker {device}")

    @property
    def workers(self) -> tuple[WorkerProcess, ...]:
        """The workers there are now, ready or not."""
        return tuple(self._workers.values())

    @property
    def ready(self) -> tuple[WorkerProcess, ...]:
        """The workers that have said they are ready, and live."""
        return tuple(worker for worker in self._workers.values() if worker.ready is not None and worker.alive)

    async def close(self, grace: float = 5.0) -> None:
        """End all workers, and begin no more."""
        self._closing = True
        await asyncio.gather(*(worker.stop(grace) for worker in self._workers.values()))
        for keeper in self._keepers.values():
            keeper.cancel()
        for keeper in self._keepers.values():
            with suppress(asyncio.CancelledError):
                await keeper

    async def _keep_alive(self, device: str) -> None:
        pause = FIRST_PAUSE
        staffing = self._staffing
        while not self._closing:
            worker = WorkerProcess(
                device,
                staffing.command(device),
                self._hear,
                environment=staffing.environment,
                log=staffing.line,
                hang_seconds=staffing.hang_seconds,
            )
            self._workers[device] = worker
            try:
                await worker.start()
                reason = await worker.died()
            except OSError as error:
                reason = f"could not be begun: {error.strerror or error}"
            if self._closing:
                return
            del self._workers[device]
            self.last_reason = reason
            self.restarts += 1
            _log.warning("worker %s %s; another one takes over", device, reason)
            await self._died(worker, reason)
            pause = FIRST_PAUSE if worker.ready is not None else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause if worker.ready is None else 0)
