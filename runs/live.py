"""A run while a worker carries it out: who does, what was told, and when it has to end."""

import asyncio
from dataclasses import dataclass

from runs.process import WorkerProcess
from runs.records import Record
from runs.telling import Teller


@dataclass(eq=False)
class Live:
    """One run at one worker. The timers are cancelled when it ends.

    asked_to_stop: somebody wants it to end; over_deadline: it was its own deadline.
    """

    record: Record
    worker: WorkerProcess
    teller: Teller
    asked_to_stop: bool = False
    over_deadline: bool = False
    held_back: asyncio.TimerHandle | None = None
    deadline: asyncio.TimerHandle | None = None
    patience: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Cancel what was to come later."""
        for timer in (self.held_back, self.deadline, self.patience):
            if timer is not None:
                timer.cancel()
        self.held_back = self.deadline = self.patience = None
