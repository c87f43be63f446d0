"""Where everything that happens is told to those who listen, and how many runs are open."""

from collections.abc import Callable, Sequence

from runs.records import OPEN, Message, QueueChanged, State, Told

Hear = Callable[[Told], None]


class Board:
    """Listeners hear in the event loop, in order, and must not wait."""

    def __init__(self) -> None:
        self.position = 0
        self.counts: dict[State, int] = dict.fromkeys(OPEN, 0)
        self._listeners: dict[object, Hear] = {}

    def listen(self, hear: Hear) -> Callable[[], None]:
        """Hear all that is told from now on; the answer ends it."""
        key = object()
        self._listeners[key] = hear

        def leave() -> None:
            self._listeners.pop(key, None)

        return leave

    def tell(self, told: Told) -> None:
        """Tell one thing."""
        for hear in tuple(self._listeners.values()):
            hear(told)

    def tell_all(self, messages: Sequence[Message]) -> None:
        """Tell messages that have been written, and remember how far the log goes."""
        for message in messages:
            self.position = max(self.position, message.position)
            self.tell(message)

    def moved(self, came_from: State | None, went_to: State | None, number: int = 1) -> None:
        """Count runs that went from one state to another, and tell how many are open."""
        for state, change in ((came_from, -number), (went_to, number)):
            if state in self.counts:
                self.counts[state] += change
        self.tell(QueueChanged(self.remaining))

    @property
    def remaining(self) -> int:
        """How many runs are queued or running."""
        return sum(self.counts.values())
